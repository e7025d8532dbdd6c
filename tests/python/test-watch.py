"""test-watch.py: what is shown of Dask's local schedulers, against what really happened.

SPDX-License-Identifier: BSD-3-Clause

Tasks return when and where they ran, as they saw it themselves.
"""
import asyncio
import concurrent.futures
import contextlib
import decimal
import fractions
import multiprocessing.pool
import os
import pickle
import random
import signal
import sys
import tempfile
import threading
import time
from unittest import mock

import place  # noqa: F401  (finds the package and the support)
from computations import (broken, compute, for_each_scheduler, graph_of, key_of, seen, wait_for,
                          starts_of)
from server import Server
from tap import contains, equal, main, test

import weftline
from dask.core import get_dependencies
from dask.utils import key_split
from weftline import _batch, _run, _sizes, _wire


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


@for_each_scheduler('what-the-program-gets-is-wanted')
def wanted(scheduler):
    """Of values that were given nobody computes anything, so they are no tasks."""
    graph = {'a': (int, '1'), ('x', 0): (sum, ['a', 2]), 'b': (abs, ('x', 0)), 'given': 7}
    with Server() as server:
        with weftline.watch():
            equal(compute(scheduler, graph, ['a', ['b', 'given']]), (1, (3, 7)))
        run = server.run()
    equal({event['k']: event.get('wanted', False) for event in run.of('add')},
          {'a': True, "('x', 0)": False, 'b': True})
    last = max(event['s'] + event['d'] for event in run.of('task'))
    equal([(event['k'], event['t'] > last) for event in run.of('release')],
          [('a', True), ('b', True)])


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


@for_each_scheduler('errors-are-the-same')
def same_errors(scheduler):
    """Raised by a task, and by what cannot be sent back from a process."""
    graphs = [{'good': (seen,), 'bad': (broken, 'good')},
              {'lock': (threading.Lock,), 'bad': (str.upper, 'lock')}]
    for graph in graphs:
        raised, kinds = [], []
        with Server() as server:
            for watched in (False, True):
                try:
                    with weftline.watch() if watched else contextlib.nullcontext():
                        compute(scheduler, graph, 'bad')
                except Exception as error:
                    raised.append((type(error).__mro__[-4:], str(error).partition('\n')[0]))
                    kinds.append(type(error).__name__)
            run = server.run()
        equal(raised[1], raised[0])
        fail, = run.of('fail')
        equal((fail['kind'], run.phase), (kinds[0], 'failed'))


def all_but_the_first_wait(path, value):
    try:
        with open(f'{path}-first', 'x', encoding='utf-8'):
            return value
    except FileExistsError:
        return wait_for(path, value)


@test('/weft/python/watch/a-batch-is-told-while-it-runs')
def while_it_runs():
    """A process gets several tasks at once."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')
        graph = {key: (all_but_the_first_wait, gate, 5) for key in ('a', 'b', 'c')}

        def work():
            with weftline.watch():
                compute('processes', graph, list(graph), num_workers=1, chunksize=3)
        thread = threading.Thread(target=work)
        thread.start()
        server.wait(lambda: any(run.of('task') and set(starts_of(run)) - set(run.spans())
                                for run in server.runs))
        equal(len(server.runs[0].of('task')), 1)
        with open(gate, 'w', encoding='utf-8'):
            pass
        thread.join()
        run = server.run()
    equal(sorted(event['k'] for event in run.of('task')), sorted(graph))
    equal(len({(event['w'], event['h']) for event in run.of('task', 'start')}), 1)
    for key, start in starts_of(run).items():
        equal(start, run.spans()[key][0])


@test('/weft/python/watch/a-failing-task-among-others-in-a-batch')
def among_others():
    graph = {'a': (seen,), 'b': (broken,), 'c': (seen,)}
    with Server() as server:
        try:
            with weftline.watch():
                compute('processes', graph, list(graph), num_workers=1, chunksize=3)
        except LookupError:
            pass
        run = server.run()
    equal([sorted(event['k'] for event in run.of(kind)) for kind in ('task', 'fail')],
          [['a', 'c'], ['b']])


@for_each_scheduler('two-that-watch')
def two_that_watch(scheduler):
    graph = graph_of(20, random.Random(3))
    graph['bad'] = (broken, *graph)
    with Server() as server:
        try:
            with weftline.watch(name='outer'), weftline.watch(name='inner'):
                compute(scheduler, graph, list(graph), chunksize=1)
        except LookupError:
            pass
        spans = [run.spans() for run in server.ended(2)]
        fails = [[event['k'] for event in run.of('fail')] for run in server.runs]
    equal(sorted(run.request['name'] for run in server.runs), ['inner', 'outer'])
    equal(fails, [['bad'], ['bad']])
    equal([set(each) for each in spans], [set(map(key_of, graph)) - {'bad'}] * 2)


class PacksCallsOnly(concurrent.futures.ThreadPoolExecutor):
    """As pools do that send functions somewhere, and hand on what these return as it is."""

    def submit(self, function, *args):
        return super().submit(pickle.loads(pickle.dumps(function)), *args)


@test('/weft/python/watch/pools-of-all-kinds')
def pools():
    spawn = multiprocessing.get_context('spawn')
    kinds = [('threads', lambda: multiprocessing.pool.ThreadPool(2)),
             ('threads', lambda: concurrent.futures.ThreadPoolExecutor(2)),
             ('processes', lambda: multiprocessing.pool.ThreadPool(2)),
             ('processes', lambda: PacksCallsOnly(2)),
             ('processes', lambda: spawn.Pool(2)),
             ('processes', lambda: concurrent.futures.ProcessPoolExecutor(2, mp_context=spawn))]
    graph = graph_of(30, random.Random(5))
    for scheduler, make in kinds:
        with make() as pool, Server() as server:
            with weftline.watch():
                results = dict(zip(graph, compute(scheduler, graph, list(graph), pool=pool)))
            run = server.run()
        pids = {event['w']: event['pid'] for event in run.of('worker')}
        equal({key: (pids[worker], thread) for key, (_, _, worker, thread) in run.spans().items()},
              {key_of(key): (pid, thread) for key, (_, _, pid, thread) in results.items()})


def spin_until(path):
    """Keeps a processor busy until the file is there: (process, bytes in memory at its end).

    The interpreter is let go of rarely. CPython hands it over to who has waited for 5 ms; each call
    into the system in between begins that anew, and is over before another thread has woken.
    """
    while not os.path.exists(path):
        until = time.monotonic() + 0.02
        while time.monotonic() < until:
            pass
    with open('/proc/self/statm', encoding='utf-8') as file:
        return os.getpid(), int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


@for_each_scheduler('memory-of-the-processes-that-work')
def memory(scheduler):
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')
        graph = {f'spin-{i}': (spin_until, gate) for i in range(2)}
        results = []

        def work():
            with weftline.watch():
                results.extend(compute(scheduler, graph, list(graph), chunksize=1))

        def told():
            """Of each process that has said something of itself, how often."""
            said = [event['w'] for run in server.runs for event in run.of('count')]
            return [said.count(worker) for worker in set(said)]
        thread = threading.Thread(target=work)
        thread.start()
        n_processes = 2 if scheduler == 'processes' else 1
        try:
            server.wait(lambda: len(told()) == n_processes and min(told()) >= 3)
        finally:
            with open(gate, 'w', encoding='utf-8'):
                pass
            thread.join()
        run = server.run()
    resident = {event['w']: event['resident'] for event in run.of('memory')}
    pids = {event['w']: event['pid'] for event in run.of('worker')}
    equal({pids[worker] for worker in resident}, {pid for pid, _ in results})
    for worker, found in resident.items():
        expected = max(size for pid, size in results if pid == pids[worker])
        if not expected / 1.5 < found < expected * 1.5:
            raise AssertionError(f'{found} bytes, the process itself says {expected}')
    equal({(event['name'], event['unit']) for event in run.of('count')}, {('cpu', 'cores')})
    for worker in resident:
        cores = [event['v'] for event in run.of('count') if event['w'] == worker]
        if not (0 < max(cores) and max(cores) < os.cpu_count() + 0.5):
            raise AssertionError(f'{cores} cores')
        times = [event['t'] for event in run.of('memory') if event['w'] == worker]
        if min(b - a for a, b in zip(times, times[1:])) < 450_000_000:
            raise AssertionError(f'told more often than twice a second: {times}')


@test('/weft/python/watch/counters-only-where-they-are-taken')
def no_counters():
    with Server(can=['report']) as server, tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')

        def work():
            with weftline.watch():
                compute('processes', {'spin': (spin_until, gate)}, 'spin')
        thread = threading.Thread(target=work)
        thread.start()
        try:
            server.wait(lambda: any(len(run.of('memory')) >= 2 for run in server.runs))
        finally:
            with open(gate, 'w', encoding='utf-8'):
                pass
            thread.join()
        run = server.run()
    equal(run.of('count'), [])


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
        equal({(run.request['name'], run.phase) for run in server.ended(2)},
              {('session: total', 'done'), ('session: worse', 'failed')})


ENDS = {ValueError: 'failed', KeyboardInterrupt: 'cancelled', SystemExit: 'cancelled',
        GeneratorExit: 'cancelled', asyncio.CancelledError: 'cancelled'}


@test('/weft/python/watch/a-block-that-is-interrupted')
def interrupted_block():
    for kind, phase in ENDS.items():
        with Server() as server:
            try:
                with weftline.watch():
                    raise kind
            except kind:
                pass
            equal((kind, server.run().phase), (kind, phase))


def interrupt(*inputs):
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


@for_each_scheduler('a-computation-that-is-interrupted')
def interrupted(scheduler):
    """Ctrl-C, which the program gets, and perhaps those that work for it."""
    with Server() as server:
        watching = weftline.watch(register=True)
        try:
            compute(scheduler, {'last': (interrupt,), 'never': (seen, 'last')}, 'never')
        except KeyboardInterrupt:
            pass
        finally:
            watching.close()
        equal(server.run().phase, 'cancelled')


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
        try:
            analysis('three')
        except TypeError as error:
            contains(str(error), 'unsupported operand')
        equal([(run.request['name'], run.phase) for run in server.ended(3)],
              [('analysis', 'done'), ('analysis', 'done'), ('analysis', 'failed')])
        fail, = server.runs[2].of('fail')
        equal((fail['k'], fail['kind']), ('x', 'TypeError'))


def one_more(n):
    return compute('sync', {f'more-{n}': (sum, [n, 1])}, f'more-{n}')


@weftline.watch()
async def coroutine(n):
    for _ in range(2):
        await asyncio.sleep(0)
        n = one_more(n)
    return n


@weftline.watch()
def generator(n):
    """Yields what is one more than what it was sent."""
    try:
        while n is not None:
            n = yield one_more(n)
    except LookupError:
        yield 'mended'
    return 'ended'


@weftline.watch()
async def async_generator(n):
    try:
        while n is not None:
            await asyncio.sleep(0)
            n = yield one_more(n)
    except LookupError:
        yield 'mended'


async def cancelled():
    task = asyncio.ensure_future(forever())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])


@weftline.watch(name='for ever')
async def forever():
    one_more(1)
    await asyncio.get_running_loop().create_future()


async def steps():
    """All that one can do with an asynchronous generator."""
    made = async_generator(1)
    found = [await made.__anext__(), await made.asend(5), await made.athrow(LookupError())]
    found += [each async for each in made]
    made = async_generator(7)
    found.append(await made.__anext__())
    await made.aclose()
    return found


def runs_of(n, work):
    """(what work() returns, name, phase and tasks of its n runs)"""
    with Server() as server:
        result = work()
        return result, [(run.request['name'], run.phase, set(run.spans()))
                        for run in server.ended(n)]


@test('/weft/python/watch/decorated-coroutines')
def decorated_coroutines():
    equal(runs_of(1, lambda: asyncio.run(coroutine(1))),
          (3, [('coroutine', 'done', {'more-1', 'more-2'})]))
    equal(runs_of(1, lambda: asyncio.run(cancelled())),
          (None, [('for ever', 'cancelled', {'more-1'})]))


@test('/weft/python/watch/decorated-generators')
def decorated_generators():
    def work():
        made = generator(1)
        found = [next(made), made.send(5), made.throw(LookupError()), next(made, 'no more')]
        made = generator(7)
        found.append(next(made))
        made.close()
        return found
    runs = [('done', {'more-1', 'more-5'}), ('cancelled', {'more-7'})]
    equal(runs_of(2, work), ([2, 6, 'mended', 'no more', 8], [('generator', *run) for run in runs]))
    equal(runs_of(2, lambda: asyncio.run(steps())),
          ([2, 6, 'mended', 8], [('async_generator', *run) for run in runs]))


@test('/weft/python/watch/groups-are-those-of-dask')
def groups():
    graph = {('sum-aggregate-0123abcd', 1, 2): (seen,), ('x', 3): (seen,), ('a-b', 0): (seen,)}
    with Server() as server:
        with weftline.watch():
            compute('sync', graph, list(graph))
        run = server.run()
    equal({event['k']: event['group'] for event in run.of('add')},
          {str(key): key_split(key) for key in graph})


@test('/weft/python/watch/a-mark-while-runs-are-made')
def mark_meanwhile():
    """By another thread, at any moment: here whenever a function is called."""
    runs = []

    def make(frame, what, argument):
        if len(runs) < 20:
            sys.setprofile(None)
            runs.append(_run.Run('another'))
            sys.setprofile(make)
    with Server() as server:
        with _run.Run('first'):
            sys.setprofile(make)
            try:
                weftline.annotate('here')
            finally:
                sys.setprofile(None)
        for run in runs:
            run.finish()
        first, = [run for run in server.ended(len(runs) + 1) if run.request['name'] == 'first']
    equal((len(runs) > 3, [event['message'] for event in first.of('annotation')]),
          (True, ['here']))


@test('/weft/python/watch/a-long-key-is-one-task-in-all-processes')
def long_key():
    """Also in those that are not forked; keys that begin alike are several."""
    keys = [f'{"long" * 2000}-{i}' for i in range(2)]
    spawn = multiprocessing.get_context('spawn')
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as pool, Server() as server:
        for key in keys:
            try:
                with weftline.watch():
                    compute('processes', {key: (broken,)}, key, pool=pool)
            except LookupError:
                pass
        known = [{event['k'] for event in run.of('add', 'start', 'fail')}
                 for run in server.ended(2)]
    equal(list(map(len, known)), [1, 1])
    equal(known[0] == known[1], False)


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


def failing_line(key, kind, text):
    return _run.failure_event(key, type(kind, (Exception,), {})(text), 1)


@test('/weft/python/watch/nothing-is-above-a-limit-of-the-server')
def limits():
    """Lines of many megabytes at once, and names and texts of which one is larger than a line."""
    long = 'long' * 500_000
    inputs = [f'{"i" * 400}-{i}' for i in range(50_000)]
    wide = '\U0001f40c'
    _wire._said.clear()
    with Server() as server:
        with _run.Run(long) as run:
            equal(run.greeted.wait(20), True)
            run.add('all', inputs)
            run.add(long, [f'{long}-1'], group=long)
            run.worker(long)
            run.task(wide * 4096, long, 1, 2)
            run.memory(long, 1, resident=4)
            run.annotate(wide * 100_000, worker=long, key=long)
            run.fail(long, 1, long, wide * 70_000, wide * 65_536)
            run.say(_wire.line(failing_line('bad', long, wide * 60_000)))
            run.say(_wire.line(failing_line('worse', 'Error', '\x01' * 65_536)))
            run.say(f'{{"e":"add","k":"{long}"}}\n{{"e":"add","k":"last"}}\n')
        run = server.run()
    equal(run.phase, 'done')
    equal(run.inputs()['all'], set(inputs))
    names = {event[member] for event in run.events for member in ('k', 'w', 'group', 'kind')
             if member in event} | {run.request['name'], *run.of('add')[-2]['inputs']}
    equal(len({name for name in names if name.startswith('longlong')}), 2)
    equal(max(map(len, names)) <= _wire.MAX_KEY, True)
    equal([event['k'] for event in run.of('add')][-1], 'last')
    equal([len(event['message']) for event in run.of('fail')], [24_579, 24_579, 65_536])
    equal(list(_wire._said), ['an event of more than a megabyte is left out'])


class Whole:
    """A number as NumPy has them."""

    def __index__(self):
        return 28


class Broken:
    def __float__(self):
        raise LookupError('the shelf is empty')


@test('/weft/python/watch/numbers-of-all-kinds')
def numbers():
    """An event with one that is none is left out, and the run goes on."""
    _wire._said.clear()
    with Server() as server:
        with _run.Run('numbers', clock='wall') as run:
            for worse in (float('nan'), float('inf'), Broken(), 1j):
                run.task('worse', 'w', worse, 1)
            run.task('good', 'w', fractions.Fraction(3, 2), Whole(), size=Whole())
            run.end('good', decimal.Decimal('0.5'))
        run = server.run()
    task, = run.of('task')
    equal((run.phase, task), ('done', {'e': 'task', 'k': 'good', 'w': 'w', 's': 1.5, 'd': 28,
                                       'b': 28}))
    equal([event['t'] for event in run.of('end')], [0.5])
    equal(list(_wire._said), ['an event that cannot be told is left out: %r'])


@test('/weft/python/watch/a-lane-of-any-size')
def large_lane():
    n = 5000
    keys = [f'{"k" * 4000}-{i}' for i in range(n)]
    with Server() as server:
        with _run.Run('large') as run:
            lane = run.lanes.make()
            lane.keys += keys
            lane.sizes += [i % 3 + 1 for i in range(n)]
            lane.times += [t for i in range(n) for t in (i, n + i)]
        run = server.run()
    equal([(event['k'], event['s'], event['d'], event['b']) for event in run.of('task')]
          == [(keys[i], i, n, i % 3 + 1) for i in range(n)], True)


@test('/weft/python/watch/a-pool-that-ends-with-its-computation')
def pool_ends():
    """Its processes are killed as soon as the results are there: all that they ran is shown, of two
    computations in one run, and what the first returned is released behind its end."""
    with Server() as server:
        with weftline.watch():
            for name in 'xy':
                with multiprocessing.get_context('spawn').Pool(2) as pool:
                    graph = {f'{name}-{i}': (seen,) for i in range(9)}
                    compute('processes', graph, list(graph), pool=pool)
        run = server.run()
    spans = run.spans()
    equal(set(spans), {f'{name}-{i}' for name in 'xy' for i in range(9)})
    releases = {event['k']: event['t'] for event in run.of('release')}
    equal(set(releases), set(spans))
    equal([key for key, t in releases.items() if t < spans[key][1]], [])
    places = {(event['e'], event['k']): i for i, event in enumerate(run.events) if 'k' in event}
    equal([key for key in releases if places['release', key] < places['task', key]], [])


@test('/weft/python/watch/sizes-cost-a-bounded-share')
def sizes():
    """By a clock of its own: how long something takes here is not for the test to say."""
    class Clock:
        now = 1

        @staticmethod
        def monotonic_ns():
            return Clock.now

    class Large:
        asked = 0

        def __sizeof__(self):
            Large.asked += 1
            Clock.now += 2_000_000
            return 4711

    real, _sizes.time = _sizes.time, Clock
    try:
        found = []
        while Clock.now < 1_000_000_000:
            found.append(_sizes.size_of(Large()))
            Clock.now += 10_000
        share = Large.asked * 2_000_000 / Clock.now
        if not 0.04 < share < 0.06:
            raise AssertionError(f'{share:.3f} of the time')
        equal(found[0] is not None and None in found, True)
        equal([_sizes.size_of('x') is not None for _ in range(100)], [True] * 100)
    finally:
        _sizes.time = real


class NotHashable(type):
    def __eq__(cls, other):
        raise RuntimeError('nobody may ask')


class Strange(metaclass=NotHashable):
    pass


@test('/weft/python/watch/a-result-whose-type-cannot-be-looked-up')
def strange_results():
    """No process could be sent it."""
    for scheduler in ('sync', 'threads'):
        with Server() as server:
            with weftline.watch():
                equal(compute(scheduler, {'a': (Strange,), 'b': (callable, 'a')}, 'b'), False)
            with weftline.Executor(concurrent.futures.ThreadPoolExecutor(1)) as pool:
                equal(type(pool.submit(Strange).result()) is Strange, True)
            equal([set(run.spans()) for run in server.ended(2)], [{'a', 'b'}, {'Strange-0'}])


@test('/weft/python/watch/interrupted-while-a-size-is-asked')
def interrupted_size():
    """The task has ended, and none of those after it has its size or time."""
    def size_of(result):
        if result == 'no size':
            raise KeyboardInterrupt
        return 100 + result
    graph = {'a': (int, '1'), 'b': (str, 'no size')}
    with Server() as server:
        with mock.patch.object(_batch, 'size_of', size_of), weftline.watch():
            for key, after in (('a', 'c'), ('b', 'd'), ('a', 'e')):
                try:
                    compute('sync', {**graph, after: (int, '7')}, [key, after])
                except KeyboardInterrupt:
                    compute('sync', {after: (int, '7')}, after)
        run = server.run()
    equal({event['k']: event.get('b', 0) for event in run.of('task')},
          {'a': 101, 'b': 0, 'c': 107, 'd': 107, 'e': 107})


if __name__ == '__main__':
    main()
