"""test-executor.py: calls of concurrent.futures, in threads and in processes.

SPDX-License-Identifier: BSD-3-Clause
"""
import operator
import os
import signal
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import place  # noqa: F401
from server import Server
from tap import contains, equal, main, test

import weftline


def seen(x):
    return x * x, time.monotonic_ns(), os.getpid(), threading.get_native_id()


def broken(x):
    raise KeyError(x)


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
