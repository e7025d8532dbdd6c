"""test-watch.py: what is shown of Dask's local schedulers, against what really happened.

SPDX-License-Identifier: BSD-3-Clause

Tasks return when and where they ran, as they saw it themselves.
"""
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import place  # noqa: F401  (finds the package and the support)
from server import Server
from tap import contains, equal, main, test

import dask
import dask.local
import dask.multiprocessing
import dask.threaded
import weftline
from dask.core import get_dependencies
from dask.utils import key_split
from weftline import _run, _wire

GETS = {'sync': dask.local.get_sync, 'threads': dask.threaded.get,
        'processes': dask.multiprocessing.get}


# ---- what is computed ----------------------------------------------------------------------------

def seen(*inputs):
    """(start, end, process, thread)"""
    start = time.monotonic_ns()
    for _ in range(1000):
        pass
    return start, time.monotonic_ns(), os.getpid(), threading.get_native_id()


def broken(*inputs):
    raise LookupError('the shelf is empty')


def wait_for(path, value):
    """Until the file is there."""
    deadline = time.monotonic() + 20
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(0.001)
    return value


def graph_of(n, rng):
    """Tasks that read some of those before them."""
    graph = {}
    for i in range(n):
        known = list(graph)
        reads = rng.sample(known, min(len(known), rng.randrange(4)))
        name = rng.choice(['load', 'sum-part', ('chunk-of', i), ('x', i, 0)])
        graph[name if type(name) is tuple else f'{name}-{i}'] = (seen, *reads)
    return graph


def compute(scheduler, graph, keys, **more):
    if scheduler == 'processes':
        more = {'num_workers': 2, 'optimize_graph': False, **more}
    elif scheduler == 'threads':
        more = {'num_workers': 3, **more}
    return GETS[scheduler](graph, keys, **more)


def key_of(key):
    return key if type(key) is str else str(key)


# ---- tests ---------------------------------------------------------------------------------------

def for_each_scheduler(path):
    """A test of each scheduler."""
    def add(function):
        for scheduler in GETS:
            test(f'/weft/python/watch/{path}/{scheduler}')(
                lambda scheduler=scheduler: function(scheduler))
        return function
    return add


@for_each_scheduler('graph-and-true-times')
def graph_and_times(scheduler):
    graph = graph_of(60, random.Random(7))
    with Server() as server:
        with weftline.watch(name='shown'):
            results = dict(zip(graph, compute(scheduler, graph, list(graph))))
        run = server.run()
    equal((run.request['name'], run.request['source'], run.phase), ('shown', 'dask', 'done'))
    equal(run.inputs(), {key_of(key): {key_of(read) for read in get_dependencies(graph, key)}
                         for key in graph})
    spans = run.spans()
    equal(set(spans), set(map(key_of, graph)))
    equal(len(run.of('task')), len(graph))
    pids = {event['w']: event['pid'] for event in run.of('worker')}
    for key, (start, end, pid, thread) in results.items():
        first, last, worker, where = spans[key_of(key)]
        if not (first <= start <= end <= last):
            raise AssertionError(f'{key}: {first} {start} {end} {last}')
        equal((pids[worker], where), (pid, thread))
    by_thread = {}
    for first, last, worker, where in spans.values():
        by_thread.setdefault((worker, where), []).append((first, last))
    for each in by_thread.values():
        each.sort()
        for (_, end), (start, _) in zip(each, each[1:]):
            if start < end:
                raise AssertionError(f'two tasks at once in one thread: {start} {end}')


@for_each_scheduler('results-are-the-same')
def same_results(scheduler):
    graph = {'a': 1, 'b': (sum, ['a', 2]), 'c': (sorted, (range, 'b')), 'd': 'c',
             ('e', 0): (dict, [['k', 'd'], ['b', ('e', 1)]]), ('e', 1): (str.upper, 'a-text')}
    keys = ['c', ['d', ('e', 0)], 'a']
    plain = compute(scheduler, graph, keys)
    before = dict(graph)
    with Server() as server:
        with weftline.watch():
            equal(compute(scheduler, graph, keys), plain)
        run = server.run()
    equal(graph, before)
    equal('a' in {event['k'] for event in run.of('add', 'task')}, False)


@for_each_scheduler('a-failing-task')
def failing(scheduler):
    graph = {'good': (seen,), 'bad': (broken, 'good'), 'never': (seen, 'bad')}
    texts = []
    with Server() as server:
        try:
            with weftline.watch():
                compute(scheduler, graph, 'never')
        except LookupError as error:
            texts.append(str(error))
        run = server.run()
    contains(texts[0], 'the shelf is empty')
    equal(run.phase, 'failed')
    fail, = run.of('fail')
    equal((fail['k'], fail['kind'], fail['message']), ('bad', 'LookupError', 'the shelf is empty'))
    contains(fail['traceback'], 'in broken')
    equal('weftline' in fail['traceback'], False)
    start, = [event for event in run.of('start') if event['k'] == 'bad']
    if start['t'] > fail['t']:
        raise AssertionError('it failed before it began')
    equal('never' in run.spans(), False)


@for_each_scheduler('what-runs-now-is-told')
def runs_now(scheduler):
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')
        done = []

        def work():
            with weftline.watch():
                done.append(compute(scheduler, {'long': (wait_for, gate, 5)}, 'long'))
        thread = threading.Thread(target=work)
        thread.start()
        server.wait(lambda: any(run.of('start') for run in server.runs))
        equal([run.of('task') for run in server.runs], [[]])
        with open(gate, 'w', encoding='utf-8'):
            pass
        thread.join()
        run = server.run()
    equal(done, [5])
    start, = run.of('start')
    end, = run.of('task')
    equal((start['k'], start['t'], start['h']), (end['k'], end['s'], end['h']))


@test('/weft/python/watch/each-computation-is-a-run-when-registered')
def registered():
    with Server() as server:
        watching = weftline.watch(register=True, name='session')
        try:
            compute('threads', {'total-1': (seen,)}, 'total-1')
            try:
                compute('threads', {'worse-1': (broken,)}, 'worse-1')
            except LookupError:
                pass
        finally:
            watching.close()
        compute('threads', {'unseen': (seen,)}, 'unseen')
        server.wait(lambda: len([run for run in server.runs if run.phase]) == 2)
        equal({(run.request['name'], run.phase) for run in server.runs},
              {('session: total', 'done'), ('session: worse', 'failed')})


@test('/weft/python/watch/computations-of-several-threads')
def several_threads():
    with Server() as server:
        barrier = threading.Barrier(3)

        def work(number):
            graph = {f'meet-{number}': (lambda: barrier.wait(20),),
                     f'then-{number}': (seen, f'meet-{number}')}
            for _ in range(2):
                compute('threads', graph, f'then-{number}')
        with weftline.watch():
            threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        run = server.run()
    equal({key: len([event for event in run.of('task') if event['k'] == key])
           for key in run.inputs()},
          {f'{name}-{number}': 2 for name in ('meet', 'then') for number in range(3)})
    equal(len(run.of('add')), 6)


@test('/weft/python/watch/other-callbacks-are-called-as-before')
def other_callbacks():
    from dask.callbacks import Callback
    heard = []
    with Server() as server:
        with Callback(posttask=lambda key, value, *rest: heard.append((key, value))):
            with weftline.watch():
                compute('threads', {'a': (sum, [1, 2])}, 'a')
        server.run()
    equal(heard, [('a', 3)])


@test('/weft/python/watch/a-decorated-function')
def decorated():
    @weftline.watch()
    def analysis(n):
        return compute('sync', {'x': (sum, [n, n])}, 'x')
    with Server() as server:
        equal([analysis(1), analysis(2)], [2, 4])
        server.wait(lambda: len([run for run in server.runs if run.phase]) == 2)
        equal([run.request['name'] for run in server.runs], ['analysis', 'analysis'])


@test('/weft/python/watch/groups-are-those-of-dask')
def groups():
    graph = {('sum-aggregate-0123abcd', 1, 2): (seen,), ('x', 3): (seen,), ('a-b', 0): (seen,)}
    with Server() as server:
        with weftline.watch():
            compute('sync', graph, list(graph))
        run = server.run()
    equal({event['k']: event['group'] for event in run.of('add')},
          {str(key): key_split(key) for key in graph})


@test('/weft/python/watch/strange-keys')
def strange_keys():
    graph = {b'bytes': (seen,), 12: (seen,), 'half \ud83d': (seen,), 'nothing\0': (seen,),
             'quote " and \\': (seen,), 'Größe 漢字': (seen,), 'long' * 5000: (seen,)}
    wide = [f'{"w" * 200}-{i}' for i in range(12000)]
    graph.update({key: (int,) for key in wide})
    graph['all'] = (len, wide)
    with Server() as server:
        with weftline.watch():
            compute('sync', graph, list(graph))
        run = server.run()
    known = run.inputs()
    equal(len(known), len(graph))
    equal(known['all'], set(wide))
    equal({key for key in known if not key.startswith(('w', 'long', 'all'))},
          {'bytes', '12', 'half ?', 'nothing\ufffd', 'quote " and \\', 'Größe 漢字'})
    equal(max(map(len, known)) <= _wire.MAX_KEY, True)


@test('/weft/python/watch/sizes-cost-a-bounded-share')
def sizes():
    from weftline import _sizes

    class Large:
        asked = 0

        def __sizeof__(self):
            Large.asked += 1
            deadline = time.monotonic_ns() + 2_000_000
            while time.monotonic_ns() < deadline:
                pass
            return 4711

    start = time.monotonic()
    found = []
    while time.monotonic() - start < 0.3:
        found.append(_sizes.size_of(Large()))
    share = Large.asked * 0.002 / (time.monotonic() - start)
    equal(Large.asked >= 2, True)
    if share > 0.08:
        raise AssertionError(f'{share:.3f} of the time')
    equal(found[0] is not None and None in found, True)
    equal([_sizes.size_of('x') is not None for _ in range(100)], [True] * 100)


def logged(code, **environment):
    """What a program says on stderr, and prints."""
    known = {key: value for key, value in os.environ.items() if not key.startswith('WEFTLINE')}
    done = subprocess.run([sys.executable, '-c', code], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=True,
                          env={**known, 'PYTHONPATH': place.PACKAGE, **environment})
    return done.stderr, done.stdout


@test('/weft/python/watch/nobody-listens')
def nobody():
    with tempfile.TemporaryDirectory() as folder:
        err, out = logged('''
import threading, weftline, dask.threaded
for _ in range(3):
    with weftline.watch():
        print(dask.threaded.get({'a': (sum, [1, 2])}, 'a'))
print([t.name for t in threading.enumerate() if 'weft' in t.name])
''', XDG_RUNTIME_DIR=folder)
    equal(out, '3\n3\n3\n[]\n')
    equal(err.count('\n'), 1)
    contains(err, 'no server listens')
    contains(err, os.path.join(folder, 'weftline', 'socket'))


@test('/weft/python/watch/the-server-vanishes')
def vanishes():
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        gate = os.path.join(folder, 'gate')
        graph = {'long': (wait_for, gate, 5), 'after': (seen, 'long')}
        graph.update({f'many-{i}': (seen, 'after') for i in range(500)})
        graph['all'] = (len, [f'many-{i}' for i in range(500)])
        done = []

        def work():
            with weftline.watch():
                done.append(compute('threads', graph, 'all'))
        _wire._said.clear()
        thread = threading.Thread(target=work)
        thread.start()
        server.wait(lambda: any(run.of('start') for run in server.runs))
        server.vanish()
        with open(gate, 'w', encoding='utf-8'):
            pass
        thread.join(30)
    equal(done, [500])
    equal(len([text for text in _wire._said if 'nothing more of this run' in text]), 1)


@test('/weft/python/watch/a-server-that-does-not-read')
def does_not_read():
    import socket
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, 'weftline'))
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(os.path.join(folder, 'weftline', 'socket'))
        listener.listen(1)
        before = os.environ.get('XDG_RUNTIME_DIR')
        limit = _run.MAX_WAITING
        os.environ['XDG_RUNTIME_DIR'] = folder
        _run.MAX_WAITING = 200
        try:
            graph = {f'{"k" * 500}-{i}': (seen,) for i in range(3000)}
            watching = weftline.watch()
            with watching:
                equal(len(compute('sync', graph, list(graph))), 3000)
                run = watching.run
                start = time.monotonic()
            if time.monotonic() - start > _run.FINISH_S + 1:
                raise AssertionError('the end was held up')
            equal(len(run.events) <= 202, True)
            equal(run.n_dropped > 0, True)
        finally:
            _run.MAX_WAITING = limit
            listener.close()
            os.environ.pop('XDG_RUNTIME_DIR')
            if before is not None:
                os.environ['XDG_RUNTIME_DIR'] = before


def wait_and_die(path, _):
    wait_for(path, None)
    os.kill(os.getpid(), signal.SIGKILL)


@test('/weft/python/watch/a-worker-that-is-killed')
def killed():
    import concurrent.futures
    broken_pools = []
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')

        def work():
            try:
                with weftline.watch():
                    compute('processes', {'first': (seen,), 'fatal': (wait_and_die, gate, 'first')},
                            'fatal')
            except concurrent.futures.process.BrokenProcessPool as error:
                broken_pools.append(error)
        thread = threading.Thread(target=work)
        thread.start()
        server.wait(lambda: any(run.of('start') for run in server.runs))
        with open(gate, 'w', encoding='utf-8'):
            pass
        thread.join()
        run = server.run()
    equal((len(broken_pools), run.phase), (1, 'failed'))
    equal(set(run.spans()), {'first'})
    equal({event['k'] for event in run.of('start')}, {'fatal'})


@test('/weft/python/watch/a-forked-process-says-nothing')
def forked():
    with Server() as server:
        with weftline.watch():
            compute('sync', {'before': (seen,)}, 'before')
            child = os.fork()
            if child == 0:
                try:
                    compute('sync', {'within': (seen,)}, 'within')
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            compute('sync', {'after': (seen,)}, 'after')
        run = server.run()
    equal(set(run.spans()), {'before', 'after'})
    equal(server.n_connections, 1)


if __name__ == '__main__':
    main()
