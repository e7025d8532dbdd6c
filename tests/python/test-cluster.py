"""test-cluster.py: a real Dask cluster, compared with what its scheduler says itself.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import place
from server import Server, wait_for_socket  # noqa: F401
from tap import contains, equal, main, test

import weftline
from distributed import Client, LocalCluster, get_task_stream


def inc(x):
    time.sleep(0.001)
    return x + 1


def total(*values):
    return sum(values)


def broken(x):
    raise LookupError('the shelf is empty')


def wait_for(path, x):
    deadline = time.monotonic() + 20
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(0.01)
    return x


def die_once(path):
    """Kills its worker the first time."""
    if not os.path.exists(path):
        with open(path, 'w', encoding='utf-8'):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return 'alive'


def cluster(**more):
    return LocalCluster(**{'n_workers': 2, 'threads_per_worker': 1, 'dashboard_address': None,
                           'silence_logs': 50, **more})


@test('/weft/python/cluster/tasks-and-times-as-the-scheduler-has-them')
def tasks():
    with Server() as server, cluster() as local, Client(local) as client:
        with weftline.watch_cluster(client, name='watched'):
            with get_task_stream(client) as stream:
                parts = client.map(inc, range(30))
                whole = client.submit(total, *parts)
                equal(whole.result(), sum(range(1, 31)))
            inputs = {whole.key: {part.key for part in parts}, **{p.key: set() for p in parts}}
            workers = {address: (each['nthreads'], each['memory_limit'])
                       for address, each in client.scheduler_info()['workers'].items()}
        run = server.run()
        equal(client.submit(inc, 1).result(), 2)
    equal((run.request['name'], run.request['source'], run.request['clock'], run.phase),
          ('watched', 'dask', 'wall', 'done'))
    equal(run.inputs(), inputs)
    equal({event['w']: (event['threads'], event['limit']) for event in run.of('worker')}, workers)
    spans = run.spans()
    for each in stream.data:
        compute, = [part for part in each['startstops'] if part['action'] == 'compute']
        start, end, worker, thread = spans.pop(each['key'])
        equal((start, worker, thread), (compute['start'], each['worker'], each['thread']))
        if abs(end - compute['stop']) > 1e-6:
            raise AssertionError(f'{end} {compute}')
    equal(spans, {})
    others = [(event['what'], event['k']) for event in run.of('span')]
    expected = [('transfer', each['key']) for each in stream.data for part in each['startstops']
                if part['action'] == 'transfer']
    equal(sorted(other for other in others if other[0] == 'transfer'), sorted(expected))
    memory = run.of('memory')
    equal({event['w'] for event in memory}, set(workers))
    equal(all(event['resident'] > 1 << 20 for event in memory[-2:]), True)


@test('/weft/python/cluster/what-failed-and-what-needed-it')
def failing():
    with Server() as server, cluster(n_workers=1) as local, Client(local) as client:
        with weftline.watch_cluster(client):
            bad = client.submit(broken, 1)
            after = client.submit(inc, bad)
            equal(type(after.exception()), LookupError)
            keys = bad.key, after.key
        run = server.run()
    fails = {event['k']: event for event in run.of('fail')}
    equal(set(fails), set(keys))
    equal(fails[keys[0]]['kind'], 'LookupError')
    contains(fails[keys[0]]['message'], 'the shelf is empty')
    contains(fails[keys[0]]['traceback'], 'in broken')
    contains(fails[keys[1]]['message'], keys[0])
    equal([event['k'] for event in run.of('start')], [keys[0]])


@test('/weft/python/cluster/what-runs-now-and-a-worker-that-dies')
def running_and_lost():
    with Server() as server, cluster(n_workers=1) as local, Client(local) as client, \
            tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')
        with weftline.watch_cluster(client):
            slow = client.submit(wait_for, gate, 7)
            server.wait(lambda: any(run.of('start') for run in server.runs))
            equal([event['k'] for event in server.runs[0].of('start')], [slow.key])
            equal(server.runs[0].of('task'), [])
            with open(gate, 'w', encoding='utf-8'):
                pass
            equal(slow.result(), 7)
            equal(client.submit(die_once, os.path.join(folder, 'died')).result(), 'alive')
        run = server.run()
    first = run.of('worker')[0]['w']
    equal([event['w'] for event in run.of('gone')], [first])
    equal(len({event['w'] for event in run.of('worker')}), 2)


@test('/weft/python/cluster/results-let-go-and-tasks-that-will-not-run')
def released():
    with Server() as server, cluster(n_workers=1) as local, Client(local) as client, \
            tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')
        with weftline.watch_cluster(client):
            kept = client.submit(inc, 1)
            kept.result()
            key = kept.key
            del kept
            server.wait(lambda: any(run.of('release') for run in server.runs))
            blocking = client.submit(wait_for, gate, 7)
            waiting = client.submit(inc, blocking)
            unwanted = waiting.key
            waiting.cancel()
            server.wait(lambda: any(run.of('cancel') for run in server.runs))
            with open(gate, 'w', encoding='utf-8'):
                pass
            blocking.result()
        run = server.run()
    equal(run.of('release')[0]['k'], key)
    equal([event['k'] for event in run.of('cancel')], [unwanted])


@test('/weft/python/cluster/a-server-without-spans')
def without_spans():
    with Server(can=['report']) as server, cluster() as local, Client(local) as client:
        with weftline.watch_cluster(client):
            client.submit(total, *client.map(inc, range(4))).result()
        run = server.run()
    equal(run.of('span', 'count'), [])
    equal(len(run.of('task')), 5)


@test('/weft/python/cluster/nobody-listens')
def nobody():
    with tempfile.TemporaryDirectory() as folder:
        os.environ['XDG_RUNTIME_DIR'] = folder
        try:
            with cluster(n_workers=1, processes=False) as local, Client(local) as client:
                with weftline.watch_cluster(client):
                    equal(client.submit(inc, 1).result(), 2)
                    equal([name for name in local.scheduler.plugins if 'weft' in name], [])
        finally:
            os.environ.pop('XDG_RUNTIME_DIR')


@test('/weft/python/cluster/by-address-a-scheduler-without-the-package')
def by_address():
    """The scheduler's process cannot import weftline."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'scheduler.json')
        clean = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'}
        command = [sys.executable, '-m', 'distributed.cli.dask_scheduler', '--port', '0',
                   '--no-dashboard', '--host', '127.0.0.1', '--scheduler-file', file]
        with subprocess.Popen(command, env=clean, cwd=folder, stderr=subprocess.DEVNULL) as child:
            try:
                address = address_in(file)
                with Client(address) as client:
                    equal(client.run_on_scheduler(can_import), False)
                with weftline.watch_cluster(address) as watching:
                    contains(watching.run.name, address)
            finally:
                child.terminate()
        run = server.run()
    equal(run.phase, 'done')


@test('/weft/python/cluster/preloaded-by-the-scheduler')
def preloaded():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'scheduler.json')
        command = [sys.executable, '-m', 'distributed.cli.dask_scheduler', '--port', '0',
                   '--no-dashboard', '--host', '127.0.0.1', '--scheduler-file', file,
                   '--preload', 'weftline.dask_preload']
        with subprocess.Popen(command, env={**os.environ, 'PYTHONPATH': place.PACKAGE}, cwd=folder,
                              stderr=subprocess.DEVNULL) as child:
            try:
                address_in(file)
                server.wait(lambda: server.runs)
            finally:
                child.send_signal(signal.SIGINT)
        equal(server.run().request['source'], 'dask')


def can_import():
    import importlib.util
    return importlib.util.find_spec('weftline') is not None


def address_in(file, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        try:
            with open(file, encoding='utf-8') as text:
                return json.load(text)['address']
        except (OSError, ValueError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


if __name__ == '__main__':
    main()
