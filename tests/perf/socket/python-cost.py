#!/usr/bin/python3
"""python-cost.py: what it costs a task of Python to be shown.

SPDX-License-Identifier: BSD-3-Clause

Usage: python-cost.py [--rounds N] [--tasks N] [--server drain|weftline] [--limit-us L] [CASE ...]

The same program is run with and without the adapter in turn, in one process, and each pair gives
one difference; its distribution over the pairs is printed, in microseconds a task. Opening and
closing count: the clock stops when all that was said has been taken. Processor time is that of the
program and its worker processes, the mean of all pairs. The server is a process of its own: “drain”
reads and forgets, “weftline” is `weftline serve` on PATH. With --limit-us the status is 1 if a
median is above it.

Cases: sync, threads, processes (Dask's schedulers, tasks that do nothing: the worst there is),
executor (concurrent.futures, threads), cluster (a Dask cluster: what the plugin takes of the
scheduler's time for an event). Sizes are not looked at, but in threads-sizes.
"""
import argparse
import contextlib
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'python'))

import place  # noqa: E402,F401

DRAIN = '''
import os, socket, struct, sys, threading
def serve(made):
    hello = b'{"hello":"weftline","version":1,"can":["report"]}   '
    made.sendall(b'WEFTSOCK' + struct.pack('<IHHII', len(hello), 256, 0, 0, 0) + hello)
    while made.recv(1 << 20):
        pass
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(64)
print('ready', flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
'''


def nothing(*inputs):
    return None


class Clock:
    """Seconds since it was made: by the clock, and of the processor for this process and those of
    a pool. Of other processes the system counts in hundredths, so only sums are of use."""

    def __init__(self, pool=None):
        self._pids = list(getattr(pool, '_processes', None) or ())
        self._start = self._now()

    def _now(self):
        ticks = 0
        for pid in self._pids:
            with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
                ticks += sum(map(int, file.read().rpartition(')')[2].split()[11:13]))
        return time.perf_counter(), time.process_time() + ticks / os.sysconf('SC_CLK_TCK')

    def read(self):
        return tuple(now - start for now, start in zip(self._now(), self._start))


def chains(n):
    """Chains of ten tasks, as many as make n."""
    graph = {}
    for chain in range(n // 10):
        graph[f'load-{chain}'] = (nothing,)
        for step in range(1, 10):
            before = f'load-{chain}' if step == 1 else f'step{step - 1}-{chain}'
            graph[f'step{step}-{chain}'] = (nothing, before)
    graph['all'] = (nothing, [f'step9-{chain}' for chain in range(n // 10)])
    return graph


def of_dask(get, sizes=False, **more):
    import weftline

    def make(n):
        graph = chains(n)

        def run(watched):
            gc.collect()  # graphs of earlier runs are not this one's
            clock = Clock(more.get('pool'))
            with weftline.watch(sizes=sizes) if watched else contextlib.nullcontext():
                get(graph, 'all', **more)
            return clock.read()
        return run
    return make


def of_executor(n):
    from concurrent.futures import ThreadPoolExecutor
    import weftline

    def run(watched):
        gc.collect()
        clock = Clock()
        pool = ThreadPoolExecutor(2)
        with weftline.Executor(pool, sizes=False) if watched else pool as used:
            for future in [used.submit(nothing, i) for i in range(n)]:
                future.result()
        return clock.read()
    return run


@contextlib.contextmanager
def processes(n):
    """One pool for all rounds: what starting it takes is not the adapter's."""
    from concurrent.futures import ProcessPoolExecutor
    import dask.multiprocessing
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(nothing, range(8)))
        yield of_dask(dask.multiprocessing.get, pool=pool, optimize_graph=False)(n)


def case(name, n):
    import dask.local
    import dask.threaded
    if name == 'processes':
        return processes(n)
    makes = {'sync': of_dask(dask.local.get_sync),
             'threads': of_dask(dask.threaded.get, num_workers=2),
             'threads-sizes': of_dask(dask.threaded.get, num_workers=2, sizes=True),
             'executor': of_executor}
    return contextlib.nullcontext(makes[name](n))


def time_plugin(dask_scheduler=None):
    """Run on the scheduler: from now on, what it spends in the plugin is counted."""
    plugin, = [each for name, each in dask_scheduler.plugins.items() if name.startswith('weftline')]
    import time as clock
    plugin.spent = 0

    def timed(method):
        def call(*args, **kwargs):
            start = clock.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                plugin.spent += clock.perf_counter() - start
        return call
    for name in ('transition', 'flush', 'add_worker', 'remove_worker', 'log_event'):
        setattr(plugin, name, timed(getattr(plugin, name)))
    plugin.callback.callback = plugin.flush
    plugin.n_events = 0
    deliver = plugin._deliver

    def count(is_last):
        plugin.n_events += len(plugin.events)
        deliver(is_last)
    plugin._deliver = count


def spent_in_plugin(dask_scheduler=None):
    plugin, = [each for name, each in dask_scheduler.plugins.items() if name.startswith('weftline')]
    return plugin.spent, plugin.n_events + len(plugin.events)


def measure_cluster(n, rounds):
    """us of the scheduler's thread an event, by the clock, handing on included; and how much longer
    the same program takes, in us a task."""
    import weftline
    from distributed import Client, LocalCluster
    inside, wall, plain = [], [], []
    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None,
                      silence_logs=50) as local, Client(local) as client:
        def run():
            start = time.perf_counter()
            client.gather(client.map(nothing, [(time.time(), i) for i in range(n)], pure=False))
            return time.perf_counter() - start
        run()
        for i in range(rounds):
            took = {}
            for watched in ((False, True) if i % 2 else (True, False)):
                with weftline.watch_cluster(client) if watched else contextlib.nullcontext():
                    if watched:
                        client.run_on_scheduler(time_plugin)
                    took[watched] = run()
                    if watched:
                        spent, n_events = client.run_on_scheduler(spent_in_plugin)
                        inside.append(spent / n_events * 1e6)
            wall.append((took[True] - took[False]) / n * 1e6)
            plain.append(took[False] / n * 1e6)
    return inside, wall, plain


def report_cluster(n, rounds):
    inside, wall, plain = measure_cluster(n, rounds)
    spread = ' '.join(f'{quantile(inside, share):6.2f}' for share in (.1, .25, .5, .75, .9))
    print(f'cluster        {quantile(inside, .5):6.2f} us an event in the scheduler  (10 25 50 75'
          f' 90 %: {spread}; the program takes {quantile(wall, .5):.1f} us a task longer, of'
          f' {quantile(plain, .5):.1f}; {rounds} pairs of {n} tasks)', flush=True)
    return quantile(inside, .5)


def quantile(values, share):
    values = sorted(values)
    return values[min(int(share * len(values)), len(values) - 1)]


def measure(name, n, rounds):
    """Differences of wall and processor time in us a task, and the plain program's."""
    wall, cpu, plain = [], [], []
    with case(name, n) as run:
        run(True), run(False)
        for i in range(rounds):
            order = (False, True) if i % 2 else (True, False)
            took = {watched: run(watched) for watched in order}
            wall.append((took[True][0] - took[False][0]) / n * 1e6)
            cpu.append((took[True][1] - took[False][1]) / n * 1e6)
            plain.append(took[False][0] / n * 1e6)
    return wall, cpu, plain


@contextlib.contextmanager
def server(kind):
    with tempfile.TemporaryDirectory() as folder:
        os.environ['XDG_RUNTIME_DIR'] = folder
        os.environ['XDG_CACHE_HOME'] = os.path.join(folder, 'cache')
        os.environ.pop('WEFTLINE_ADDRESS', None)
        os.mkdir(os.path.join(folder, 'weftline'), 0o700)
        socket = os.path.join(folder, 'weftline', 'socket')
        command = {'drain': [sys.executable, '-c', DRAIN, socket],
                   'weftline': ['weftline', 'serve']}[kind]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            try:
                if kind == 'drain':
                    child.stdout.readline()
                while not os.path.exists(socket):
                    time.sleep(0.01)
                yield
            finally:
                child.terminate()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--rounds', type=int, default=21)
    parser.add_argument('--tasks', type=int, default=5000)
    parser.add_argument('--server', choices=['drain', 'weftline'], default='drain')
    parser.add_argument('--limit-us', type=float)
    parser.add_argument('cases', nargs='*', default=['sync', 'threads', 'processes', 'executor'])
    chosen = parser.parse_args()
    above = False
    with server(chosen.server):
        for name in chosen.cases:
            if name == 'cluster':
                median = report_cluster(chosen.tasks, chosen.rounds)
                above |= chosen.limit_us is not None and median > chosen.limit_us
                continue
            wall, cpu, plain = measure(name, chosen.tasks, chosen.rounds)
            spread = ' '.join(f'{quantile(wall, share):6.2f}' for share in (.1, .25, .5, .75, .9))
            print(f'{name:14} {quantile(wall, .5):6.2f} us a task  (10 25 50 75 90 %: {spread};'
                  f' processor {statistics.mean(cpu):.2f}; of {quantile(plain, .5):.1f} without it;'
                  f' {chosen.rounds} pairs of {chosen.tasks} tasks)', flush=True)
            above |= chosen.limit_us is not None and quantile(wall, .5) > chosen.limit_us
    return 1 if above else 0


if __name__ == '__main__':
    sys.exit(main())
