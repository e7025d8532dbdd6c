"""test-attach.py: `weftline attach tcp://…`, as a user would, to a cluster of its own.

SPDX-License-Identifier: BSD-3-Clause
"""
import contextlib
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import place
import run_file
from server import Server, wait_for_socket
from tap import contains, equal, main, test

from distributed import Client, get_task_stream

COMMAND = os.path.join(os.environ.get('WEFT_BUILD_ROOT', os.path.join(place.SOURCE, 'build/head')),
                       'src', 'cli', 'weftline')
os.environ['WEFTLINE_PYTHON'] = sys.executable
N_WORKERS, N_THREADS = 3, 2
THREAD, UNPLACED = 0, 4  # lanes, as run-file.md has them


def inc(x):
    time.sleep(0.002)
    return x + 1


def broken(x):
    raise LookupError('the shelf is empty')


class Cluster:
    """A scheduler and workers, processes of their own."""

    def __init__(self, n_workers=N_WORKERS):
        self.folder = tempfile.TemporaryDirectory()
        self.children = []
        file = os.path.join(self.folder.name, 'scheduler.json')
        self._start('dask_scheduler', '--port', '0', '--host', '127.0.0.1', '--scheduler-file',
                    file)
        self.scheduler, = self.children
        self.address = address_in(file)
        for _ in range(n_workers):
            self._start('dask_worker', self.address, '--nthreads', str(N_THREADS), '--no-nanny')
        if n_workers:
            with Client(self.address, set_as_default=False) as client:
                client.wait_for_workers(n_workers, timeout=30)

    def _start(self, program, *arguments):
        self.children.append(subprocess.Popen(
            [sys.executable, '-m', f'distributed.cli.{program}', *arguments, '--no-dashboard'],
            cwd=self.folder.name, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for child in reversed(self.children):
            child.kill()
            child.wait()
        self.folder.cleanup()


def address_in(file, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        try:
            with open(file, encoding='utf-8') as text:
                return json.load(text)['address']
        except (OSError, ValueError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextlib.contextmanager
def attach(address):
    """The command; it watches already."""
    with subprocess.Popen([COMMAND, 'attach', address], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as child:
        try:
            equal(child.stdout.readline(), f'watching {address}\n')
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def ended(child, seconds=30):
    """(status, what it said)"""
    out, err = child.communicate(timeout=seconds)
    return child.returncode, out, err


def ours_in(dask_scheduler=None):
    return [name for name in (*dask_scheduler.plugins, *dask_scheduler.worker_plugins)
            if name.startswith('weftline')]


def ours_at(dask_worker=None):
    return [name for name in dask_worker.plugins if name.startswith('weftline')]


def wait_until_clean(client, seconds=20):
    deadline = time.monotonic() + seconds
    while client.run_on_scheduler(ours_in) or any(client.run(ours_at).values()):
        if time.monotonic() > deadline:
            raise TimeoutError('the plugins are still there')
        time.sleep(0.05)


@test('/weft/python/attach/a-cluster-and-a-failing-task')
def watched():
    with Server() as server, Client(cluster.address, set_as_default=False) as client, \
            attach(cluster.address) as child:
        equal(client.gather(client.map(inc, range(20), key='inc')), list(range(1, 21)))
        bad = client.submit(broken, 1, key='bad')
        equal(type(bad.exception()), LookupError)
        server.wait(lambda: server.runs[0].of('fail'))
        child.send_signal(signal.SIGINT)
        equal(ended(child), (0, '', ''))
        run = server.run()
        equal(run.phase, 'done')
        equal(run.request['source'], 'dask')
        equal(len(run.of('task')), 20)
        fail, = run.of('fail')
        equal((fail['k'], fail['kind']), ('bad', 'LookupError'))
        contains(fail['traceback'], 'in broken')
        wait_until_clean(client)


STEP_S = 0.02  # an overlap up to here is a clock that was set


def n_overlapping(stream):
    """How many rows more than threads there must be, by what the scheduler has itself: where
    workers' clocks were set by more than a step, tasks of a thread overlap."""
    n = 0
    for place in {(task['worker'], task['thread']) for task in stream}:
        spans = sorted((each['start'], each['stop']) for task in stream
                       if (task['worker'], task['thread']) == place
                       for each in task['startstops'] if each['action'] == 'compute')
        n += any(later[0] < max(span[1] for span in spans[:i + 1]) - STEP_S
                 for i, later in enumerate(spans[1:]))
    return n


@test('/weft/python/attach/a-row-for-each-thread')
def rows():
    """By way of the real server: what the window takes for workers."""
    with serving() as runs, Client(cluster.address, set_as_default=False) as client, \
            get_task_stream(client) as stream:
        with attach(cluster.address) as child:
            for _ in range(3):
                parts = client.map(inc, range(60), pure=False)
                client.submit(sum, parts).result()
            bad = [client.submit(broken, i, pure=False) for i in range(20)]
            equal({type(each.exception()) for each in bad}, {LookupError})
            child.send_signal(signal.SIGTERM)
            equal(ended(child)[0], 0)
        path, = glob.glob(os.path.join(runs, '*.weft'))
        with open(path, 'rb') as file:
            lines = list(run_file.lines(file.read()))
    lanes = {line['lane']: line for line in lines if line.get('kind') == 'lane'}
    of_tasks = {line['lane'] for line in lines if line.get('record') == 'task'}
    n_rows = len([lane for lane in lanes.values() if lane['role'] == THREAD])
    n_more = n_overlapping(stream.data)
    equal(N_WORKERS * N_THREADS <= n_rows <= N_WORKERS * N_THREADS + n_more, True)
    print(f'# {n_rows} rows, {n_more} threads whose tasks overlap by their clocks')
    equal({lanes[lane]['role'] for lane in of_tasks}, {THREAD})
    equal({lane['name'].partition('/data ')[1] for lane in lanes.values()
           if lane['role'] == UNPLACED} <= {'/data '}, True)


@test('/weft/python/attach/killed-the-scheduler-forgets-it')
def killed():
    with Server(), Client(cluster.address, set_as_default=False) as client, \
            attach(cluster.address) as child:
        equal(len(client.run_on_scheduler(ours_in)) > 0, True)
        child.kill()
        wait_until_clean(client)


@test('/weft/python/attach/the-server-ends')
def server_ends():
    with Server() as server, attach(cluster.address) as child:
        server.vanish()
        with Client(cluster.address, set_as_default=False) as client:
            client.submit(inc, 1).result()
        status, out, err = ended(child)
    equal((status, out), (3, ''))
    contains(err, 'nobody listens any more')


@test('/weft/python/attach/the-scheduler-ends')
def scheduler_ends():
    with Server() as server, Cluster(n_workers=0) as other, attach(other.address) as child:
        other.scheduler.terminate()
        status, out, err = ended(child)
        equal((status, out), (0, f'the scheduler at {other.address} has ended\n'))
        equal(server.run().phase, 'done')


@test('/weft/python/attach/nobody-there')
def nobody_there():
    with Server():
        tried = subprocess.run([COMMAND, 'attach', 'tcp://127.0.0.1:1'], capture_output=True,
                               text=True, timeout=60)
    equal((tried.returncode, tried.stdout), (3, ''))
    contains(tried.stderr, 'tcp://127.0.0.1:1: no Dask scheduler can be reached there')


@test('/weft/python/attach/no-address')
def no_address():
    tried = subprocess.run([COMMAND, 'attach', 'udp://here'], capture_output=True, text=True,
                           timeout=60)
    equal(tried.returncode, 2)
    contains(tried.stderr, 'udp://here')


@test('/weft/python/attach/nobody-listens')
def nobody_listens():
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run([COMMAND, 'attach', cluster.address], capture_output=True, text=True,
                               timeout=60, env={**os.environ, 'XDG_RUNTIME_DIR': folder})
    equal((tried.returncode, tried.stdout), (3, ''))
    contains(tried.stderr, 'weftline serve')


@contextlib.contextmanager
def serving():
    """Its folder of run files; XDG_RUNTIME_DIR is its."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get('XDG_RUNTIME_DIR')
        os.environ['XDG_RUNTIME_DIR'] = folder
        runs = os.path.join(folder, 'runs')
        child = subprocess.Popen([COMMAND, 'serve', '--folder', runs], stdout=subprocess.DEVNULL)
        try:
            wait_for_socket(os.path.join(folder, 'weftline', 'socket'))
            yield runs
        finally:
            child.terminate()
            child.wait()
            os.environ.pop('XDG_RUNTIME_DIR')
            if before is not None:
                os.environ['XDG_RUNTIME_DIR'] = before


if __name__ == '__main__':
    with Cluster() as cluster:
        main()
