"""test-executor.py: calls of concurrent.futures, in threads and in processes.

SPDX-License-Identifier: BSD-3-Clause
"""
import functools
import logging
import multiprocessing
import operator
import os
import resource
import signal
import tempfile
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from unittest import mock

import place  # noqa: F401
from server import Server
from tap import contains, equal, main, test

import weftline
from weftline import _relay, _timed


def seen(x):
    return x * x, time.monotonic_ns(), os.getpid(), threading.get_native_id()


def broken(x):
    raise KeyError(x)


def a_lock():
    return threading.Lock()


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def for_both(path):
    def add(function):
        for make in (ThreadPoolExecutor, ProcessPoolExecutor):
            test(f'/weft/python/executor/{path}/{make.__name__.lower()}')(
                lambda make=make: function(make))
        return function
    return add


@for_both('what-ran-where-and-when')
def where_and_when(make):
    with Server() as server:
        with weftline.Executor(make(2), name='squares') as pool:
            results = [future.result() for future in [pool.submit(seen, i) for i in range(20)]]
            results += pool.map(seen, range(20, 30))
            results += pool.map(seen, range(30, 50), chunksize=5)
        run = server.run()
    equal([result[0] for result in results], [i * i for i in range(50)])
    equal((run.request['name'], run.request['source'], run.phase),
          ('squares', 'concurrent.futures', 'done'))
    spans = run.spans()
    equal(sorted(spans), sorted(f'seen-{i}' for i in range(34)))
    pids = {event['w']: event['pid'] for event in run.of('worker')}
    for i, (_, when, pid, thread) in enumerate(results[:30]):
        start, end, worker, where = spans[f'seen-{i}']
        equal(start <= when <= end, True)
        equal((pids[worker], where), (pid, thread))


def no_size(result):
    raise KeyboardInterrupt


@for_both('interrupted-while-a-size-is-asked')
def interrupted(make):
    """The call has ended."""
    more = {} if make is ThreadPoolExecutor else {'mp_context': multiprocessing.get_context('fork')}
    with mock.patch.object(_timed, 'size_of', no_size), Server() as server:
        with weftline.Executor(make(1, **more)) as pool:
            equal(type(pool.submit(abs, -1).exception()), KeyboardInterrupt)
        run = server.run()
    equal([event['k'] for event in run.of('task')], ['abs-0'])


@for_both('a-failing-call')
def failing(make):
    with Server() as server:
        with weftline.Executor(make(1)) as pool:
            error = pool.submit(broken, 'door').exception()
        run = server.run()
    equal((type(error), error.args), (KeyError, ('door',)))
    fail, = run.of('fail')
    equal((fail['k'], fail['kind'], fail['message']), ('broken-0', 'KeyError', "'door'"))
    contains(fail['traceback'], 'in broken')


@test('/weft/python/executor/a-process-that-dies')
def dies():
    with Server() as server:
        with weftline.Executor(ProcessPoolExecutor(1)) as pool:
            error = pool.submit(die, 0).exception()
        run = server.run()
    equal(type(error), BrokenProcessPool)
    equal([(event['k'], event['kind']) for event in run.of('fail')],
          [('die-0', 'BrokenProcessPool')])


def failed(make, *calls):
    """(run, what the run says that failed, and what their futures have: (key, kind)) of one pool"""
    with Server() as server:
        with weftline.Executor(make()) as pool:
            futures = [pool.submit(*call) for call in calls]
            errors = [future.exception() for future in futures]
        run = server.run()
    return run, [(event['k'], event['kind']) for event in run.of('fail')], [
        (future._weftline_key, type(error).__name__)
        for future, error in zip(futures, errors) if error is not None]


@test('/weft/python/executor/what-fails-outside-the-call')
def outside():
    """What cannot be sent, or sent back; what the call itself has said is not said again."""
    run, told, found = failed(lambda: ProcessPoolExecutor(1), (lambda: 1,), (a_lock,),
                              (broken, 'door'), (abs, -1))
    equal(sorted(told), sorted(found))
    equal([key for key, _ in found], ['lambda-0', 'a_lock-1', 'broken-2'])
    contains([each['traceback'] for each in run.of('fail') if each['k'] == 'lambda-0'][0], 'pickle')
    _, told, found = failed(lambda: ThreadPoolExecutor(1), (broken, 'door'), (abs, -1))
    equal(told, [('broken-0', 'KeyError')])
    logging.disable()  # the pool's own words on it
    try:
        _, told, found = failed(lambda: ThreadPoolExecutor(1, initializer=broken, initargs='x'),
                                (abs, -1))
    finally:
        logging.disable(logging.NOTSET)
    equal((told, found), ([('abs-0', 'BrokenThreadPool')],) * 2)


@test('/weft/python/executor/a-pool-that-takes-no-more')
def takes_no_more():
    with Server() as server:
        inner = ThreadPoolExecutor(1)
        with weftline.Executor(inner) as pool:
            inner.shutdown()
            try:
                pool.submit(abs, -1)
            except RuntimeError as error:
                contains(str(error), 'after shutdown')
        run = server.run()
    equal([(event['e'], event['k']) for event in run.of('add', 'cancel')],
          [('add', 'abs-0'), ('cancel', 'abs-0')])


@test('/weft/python/executor/how-a-block-ends')
def block_ends():
    def block(kind):
        with weftline.Executor(ThreadPoolExecutor(1)) as pool:
            pool.submit(abs, -1)
            raise kind
    for kind, phase in ((ValueError, 'failed'), (KeyboardInterrupt, 'cancelled')):
        with Server() as server:
            try:
                block(kind)
            except kind:
                pass
            equal(server.run().phase, phase)


@test('/weft/python/executor/a-pool-whose-end-is-interrupted')
def end_interrupted():
    class Interrupted(ThreadPoolExecutor):
        def shutdown(self, **how):
            super().shutdown(**how)
            raise KeyboardInterrupt
    with Server() as server:
        try:
            weftline.Executor(Interrupted(1)).shutdown()
        except KeyboardInterrupt:
            pass
        equal(server.run().phase, 'cancelled')


@test('/weft/python/executor/cancelled-before-it-ran')
def cancelled():
    gate = threading.Event()
    with Server() as server:
        with weftline.Executor(ThreadPoolExecutor(1)) as pool:
            pool.submit(gate.wait)
            equal(pool.submit(abs, -1).cancel(), True)
            gate.set()
        run = server.run()
    equal([event['k'] for event in run.of('cancel')], ['abs-1'])
    equal(set(run.spans()), {'Event.wait-0'})


@test('/weft/python/executor/a-future-as-an-argument-is-an-input')
def futures():
    with Server() as server:
        with weftline.Executor(ThreadPoolExecutor(2)) as pool:
            first = pool.submit(abs, -2)
            second = pool.submit(operator.methodcaller('result'), first)
            equal(second.result(), 2)
        run = server.run()
    equal(run.inputs(), {'abs-0': set(), 'methodcaller-1': {'abs-0'}})


class Answers:
    """Answers for every attribute, as proxies and mocks do."""

    def __getattr__(self, name):
        return Answers()

    def __call__(self, *args):
        return len(args)


class Complains:
    def __getattr__(self, name):
        raise RuntimeError('nobody may ask')

    def __call__(self):
        return 1


@test('/weft/python/executor/what-calls-are-named-by')
def names():
    functions = [Answers(), Complains(), functools.partial(functools.partial(abs), -1), Answers().x,
                 mock.Mock(return_value=1)]
    with Server() as server:
        with weftline.Executor(ThreadPoolExecutor(1)) as pool:
            equal([pool.submit(each).result() for each in functions], [0, 1, 1, 0, 1])
            equal(pool.submit(abs, -1).result(), 1)
            equal(pool.submit(Answers(), mock.Mock(spec=Future)).result(), 1)
        run = server.run()
    equal(list(run.inputs()), ['Answers-0', 'Complains-1', 'abs-2', 'Answers-3', 'Mock-4', 'abs-5',
                               'Answers-6'])


def n_files(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def wait_for(holds):
    deadline = time.monotonic() + 20
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError('not after 20 s')
        time.sleep(0.01)


def a_process():
    """A pool of one that was forked, and its process."""
    pool = ProcessPoolExecutor(1, multiprocessing.get_context('fork'))
    return pool, pool.submit(os.getpid).result()


@test('/weft/python/executor/more-runs-than-a-process-has-the-way-to')
def many_runs():
    """What it has no way to any more it finds again, and files are given back."""
    known, _relay.MAX_PORTS = _relay.MAX_PORTS, 4
    try:
        with Server() as server:
            pool, pid = a_process()
            with pool:
                before = n_files(pid)
                pools = [weftline.Executor(pool) for _ in range(10)]
                for _ in range(3):
                    for each in pools:
                        equal(each.submit(abs, -1).result(), 1)
                wait_for(lambda: n_files(pid) <= before + 4)
                for each in pools:
                    each.run.finish()
            equal([set(run.spans()) for run in server.ended(10)],
                  [{'abs-0', 'abs-1', 'abs-2'}] * 10)
    finally:
        _relay.MAX_PORTS = known


@test('/weft/python/executor/a-process-without-files-to-spare')
def no_files():
    """Its calls go well, whatever can be told of them."""
    with Server() as server:
        pool, pid = a_process()
        with weftline.Executor(pool) as watched:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, 0))
            equal(watched.submit(abs, -1).result(), 1)
        server.run()


@test('/weft/python/executor/a-run-that-is-over-leaves-nothing-in-a-process')
def nothing_left():
    """Also where another was forked while it went on, and lives."""
    with Server() as server:
        pool, pid = a_process()
        with pool:
            before = n_files(pid)
            watched = weftline.Executor(pool)
            equal(watched.submit(abs, -1).result(), 1)
            other, _ = a_process()
            with other:
                watched.run.finish()
                server.run()
                wait_for(lambda: n_files(pid) <= before)


@test('/weft/python/executor/nobody-listens')
def nobody():
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get('XDG_RUNTIME_DIR')
        os.environ['XDG_RUNTIME_DIR'] = folder
        try:
            with weftline.Executor(ThreadPoolExecutor(1)) as pool:
                equal(pool.submit(abs, -3).result(), 3)
                equal(list(pool.map(abs, [-1, -2], chunksize=2)), [1, 2])
        finally:
            os.environ.pop('XDG_RUNTIME_DIR')
            if before is not None:
                os.environ['XDG_RUNTIME_DIR'] = before


if __name__ == '__main__':
    main()
