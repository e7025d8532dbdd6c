"""test-cluster.py: a real Dask cluster, compared with what its scheduler says itself.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

import place
from server import Server, wait_for_socket  # noqa: F401
from tap import contains, equal, main, test

import weftline
from weftline._cluster import Translator
from distributed import Client, LocalCluster, get_task_stream


def inc(x):
    time.sleep(0.001)
    return x + 1


def sleep(x):
    time.sleep(0.02)
    return x


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


def fail_twice(path):
    with open(path, 'a', encoding='utf-8') as file:
        file.write('.')
    if os.path.getsize(path) < 3:
        raise LookupError('not yet')
    return 'at last'


def received_by(dask_worker):
    """What the worker itself says: from whom, when, how many bytes."""
    return [(each['who'], each['start'], each['total'])
            for each in dask_worker.transfer_incoming_log]


def is_teller(dask_worker):
    return any('weftline' in name for name in dask_worker.plugins)


def wait_for_tellers(client, seconds=20):
    """Until workers tell of transfers themselves: of those before, the bytes are not known."""
    deadline = time.monotonic() + seconds
    while not all(client.run(is_teller).values()):
        if time.monotonic() > deadline:
            raise TimeoutError('not all workers have the plugin')
        time.sleep(0.02)


def warn(name, text):
    logging.getLogger(name).warning(text)


def cluster(**more):
    return LocalCluster(**{'n_workers': 2, 'threads_per_worker': 1, 'dashboard_address': None,
                           'silence_logs': 50, **more})


class Said:
    """A run that nobody listens to."""

    def __init__(self):
        self.can = ['spans']
        self.lines = []

    def say(self, text):
        self.lines += map(json.loads, text.splitlines())


def compute(start, stop):
    return [{'action': 'compute', 'start': start, 'stop': stop}]


def random_run(rng, loop):
    """What a worker tells whose clock is set now and then: (events, how long each task took, by
    key)."""
    begun = 1.7e9
    events, took, at = [('tells', 'w', begun, loop)], {}, {1: begun, 2: begun}
    offset, next_set = 0., begun
    for i in range(400):
        thread = min(at, key=at.get)
        start = at[thread] + rng.choice((0., 0.0001, 0.01, 0.2))
        stop = start + rng.choice((0.0005, 0.002, 0.05))
        if start > next_set:
            offset += rng.uniform(-0.3, 0.3)
            next_set = start + rng.uniform(0.3, 1.)
        at[thread] = stop
        took[f'k-{i}'] = stop - start
        told = start + offset, stop + offset
        events.append(('failed', f'k-{i}', 'w', thread, compute(*told), 'E()', None, told[1], None)
                      if i % 7 == 0 else
                      ('ran', f'k-{i}', 'w', thread, 1, compute(*told), None))
    return events, took


@test('/weft/python/cluster/clocks-that-are-set')
def clocks():
    """However far: a thread runs one after the other, each as long as it did."""
    rng = random.Random(7)
    for _ in range(20):
        run = Said()
        events, took = random_run(rng, loop=3)
        Translator(run).take(events)
        spans, begun, last = [], {}, {}
        for each in run.lines:
            if each['e'] == 'start':
                begun[each['k']] = each['h'], each['t']
            elif each['e'] == 'fail':
                spans.append((each['k'], *begun[each['k']], each['t']))
            else:
                spans.append((each['k'], each['h'], each['s'], each['s'] + each['d']))
        equal(len(spans), len(took))
        for key, thread, start, stop in spans:
            equal(last.get(thread, 0.) <= start, True)
            equal(abs(stop - start - took[key]) < 5e-6, True)
            last[thread] = stop


@test('/weft/python/cluster/coroutines-overlap')
def coroutines():
    """In the thread of the event loop nothing is moved by more than a moment."""
    run = Said()
    starts = [1.7e9 + 0.1 * i for i in range(20)]
    Translator(run).take([('tells', 'w', 1.7e9, 1)] + [
        ('ran', f'k-{i}', 'w', 1, 1, compute(start, start + 0.5), None)
        for i, start in enumerate(starts)])
    equal([each['s'] for each in run.lines if each['e'] == 'task'], starts)


@test('/weft/python/cluster/rates-that-are-no-numbers')
def no_numbers():
    """Before the first transfer, maybe."""
    run, of = Said(), (('type', 'ndarray'), ('between', 'v', 'w'))
    Translator(run).take([
        (kind, *names, 1.7e9, value) for kind, *names in of
        for value in (float('nan'), -1., 5.)] + [
        ('count', 'w', 1.7e9, {'fds': float('nan'), 'cpu': float('inf'), 'ready': 3})])
    equal([(each['name'], each['v']) for each in run.lines],
          [('bandwidth-of ndarray', 5.), ('bandwidth-from w', 5.), ('cpu', 9.2e18), ('ready', 3)])


@test('/weft/python/cluster/tasks-and-times-as-the-scheduler-has-them')
def tasks():
    with Server() as server, cluster() as local, Client(local) as client:
        with weftline.watch_cluster(client, name='watched'):
            wait_for_tellers(client)
            with get_task_stream(client) as stream:
                parts = client.map(inc, range(30))
                whole = client.submit(total, *parts)
                equal(whole.result(), sum(range(1, 31)))
            inputs = {whole.key: {part.key for part in parts}, **{p.key: set() for p in parts}}
            workers = {address: (each['nthreads'], each['memory_limit'])
                       for address, each in client.scheduler_info()['workers'].items()}
            received = client.run(received_by)
            server.wait(lambda: {event['w'] for event in server.runs[0].of('memory')}
                        == set(workers))
        run = server.run()
        equal(client.submit(inc, 1).result(), 2)
    equal((run.request['name'], run.request['source'], run.request['clock'], run.request['keeps'],
           run.phase),
          ('watched', 'dask', 'wall', True, 'done'))
    equal(run.inputs(), inputs)
    equal({event['w']: (event['threads'], event['limit']) for event in run.of('worker')}, workers)
    spans = run.spans()
    n_as_told = 0  # others began while the thread ran another: its clock was set back
    threads = set()
    for each in stream.data:
        compute, = [part for part in each['startstops'] if part['action'] == 'compute']
        start, end, worker, thread = spans.pop(each['key'])
        equal((worker, thread), (each['worker'], each['thread']))
        later = start - compute['start']
        if (min(abs(end - compute['stop']), abs(end - compute['stop'] - later)) > 2e-6
                or not 0 <= later < 5):
            raise AssertionError(f'{start} {end} {compute}')
        n_as_told += start == compute['start']
        threads.add((worker, thread))
    equal(spans, {})
    equal(n_as_told >= len(threads), True)  # the first of each
    equal(overlaps(run), [])
    equal(sorted((event['w'], event['peer'], event['s'], event['b'])
                 for event in run.of('span') if event['what'] == 'transfer'),
          sorted((to, *each) for to in received for each in received[to]))
    equal(sum(map(len, received.values())) > 0, True)
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
    equal([(event['k'], type(event['h'])) for event in run.of('start')], [(keys[0], int)])


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


@test('/weft/python/cluster/stolen-tasks-as-the-scheduler-says')
def stealing():
    with Server() as server, cluster(n_workers=3) as local, Client(local) as client:
        first = list(client.scheduler_info()['workers'])[0]
        with weftline.watch_cluster(client):
            client.gather(client.map(sleep, range(60), workers=[first], allow_other_workers=True))
            confirmed = [msg for _, msg in client.get_events('stealing') if msg[0] == 'confirm']
            server.wait(lambda: sum(last(server.runs[0], 'stolen').values()) == len(confirmed))
        run = server.run()
    victims = {msg[1]: msg[3] for msg in confirmed}
    thieves = {msg[1]: msg[4] for msg in confirmed}
    equal(len(victims) > 0, True)
    tasks = {event['k']: event for event in run.of('task')}
    equal({key: event['peer'] for key, event in tasks.items() if 'peer' in event}, victims)
    equal({key: tasks[key]['w'] for key in thieves}, thieves)
    equal(last(run, 'given')[first], len(confirmed))


@test('/weft/python/cluster/what-is-measured')
def measured():
    with Server() as server, cluster() as local, Client(local) as client:
        with weftline.watch_cluster(client):
            kept = client.map(inc, range(10))
            client.gather(kept)
            server.wait(lambda: sum(last(server.runs[0], 'in-memory').values()) == 10)
            held = {worker: len(keys) for worker, keys in client.has_what().items()}
        run = server.run()
    of_worker = ('cpu cores, network-read B/s, network-written B/s, disk-read B/s, '
                 'disk-written B/s, fds, processing tasks, ready tasks, executing tasks, '
                 'waiting tasks, fetching tasks, in-memory tasks, occupancy s, transfers-in, '
                 'transfers-out, event-loop s, bandwidth B/s, unmanaged-old B, paused, '
                 'stolen tasks, given tasks')
    of_all = ('workers, clients, queued tasks, unrunnable tasks, bandwidth B/s, scheduler-cpu '
              'cores, scheduler-memory B, scheduler-fds, scheduler-network-read B/s, '
              'scheduler-network-written B/s, scheduler-disk-read B/s, scheduler-disk-written '
              'B/s, scheduler-event-loop s')
    for worker in held:
        contains_all(units(run, worker), of_worker)
    contains_all(units(run, None), of_all)
    equal(last(run, 'in-memory'), held)
    equal(last(run, 'workers'), {None: 2})
    equal(all(value > 1 for value in last(run, 'fds').values()), True)


@test('/weft/python/cluster/what-workers-and-scheduler-say')
def words():
    with Server() as server, cluster() as local, Client(local) as client:
        worker = list(client.scheduler_info()['workers'])[0]
        with weftline.watch_cluster(client):
            server.wait(lambda: any(run.of('count') for run in server.runs))
            client.run(warn, 'distributed.worker', 'a shelf is full', workers=[worker])
            client.run_on_scheduler(warn, 'distributed.scheduler', 'all shelves are full')
            client.log_event('mine', {'action': 'tidy', 'shelves': [1, 2, 3]})
            server.wait(lambda: len(said(server.runs[0]) & {'a shelf is full', 'mine: tidy, '
                                                            'shelves: 3'}) == 2)
            client.retire_workers([worker])
            server.wait(lambda: any(run.of('gone') for run in server.runs))
        run = server.run()
    logs = {event['message']: (event.get('w'), event['level']) for event in run.of('log')}
    equal(logs['a shelf is full'], (worker, 4))
    equal(logs['all shelves are full'], (None, 4))
    equal(logs['mine: tidy, shelves: 3'], (None, 6))
    contains(' '.join(logs), 'retire-workers')
    equal([text for text in logs if 'weftline-' in text], [])


@test('/weft/python/cluster/a-task-that-is-tried-again')
def again():
    with Server() as server, cluster(n_workers=1) as local, Client(local) as client, \
            tempfile.TemporaryDirectory() as folder:
        with weftline.watch_cluster(client):
            task = client.submit(fail_twice, os.path.join(folder, 'tries'), retries=2)
            equal(task.result(), 'at last')
        run = server.run()
    equal([(event['k'], event['again']) for event in run.of('fail')], [(task.key, True)] * 2)
    equal([event['k'] for event in run.of('task')], [task.key])


@test('/weft/python/cluster/a-server-without-spans')
def without_spans():
    with Server(can=['report']) as server, cluster() as local, Client(local) as client:
        with weftline.watch_cluster(client):
            client.submit(total, *client.map(inc, range(4))).result()
        run = server.run()
    equal(run.of('span', 'count', 'log'), [])
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
        clean = {**os.environ, 'PYTHONPATH': place.OTHERS}
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
        with subprocess.Popen(command, env={**os.environ, 'PYTHONPATH': place.PATH}, cwd=folder,
                              stderr=subprocess.DEVNULL) as child:
            try:
                address_in(file)
                server.wait(lambda: server.runs)
            finally:
                child.send_signal(signal.SIGINT)
        equal(server.run().request['source'], 'dask')


def overlaps(run):
    """Tasks that began before the one before them in their thread had ended."""
    found, ends = [], {}
    for event in sorted(run.of('task'), key=lambda event: event['s']):
        place = event['w'], event['h']
        if event['s'] < ends.get(place, 0) - 1e-6:
            found.append(event)
        ends[place] = event['s'] + event['d']
    return found


def last(run, name):
    """worker → the counter's last value"""
    return {event.get('w'): event['v'] for event in run.of('count') if event['name'] == name}


def units(run, worker):
    return {f"{event['name']} {event['unit']}".strip() for event in run.of('count')
            if event.get('w') == worker}


def contains_all(found, names):
    equal(set(names.split(', ')) - found, set())


def said(run):
    return {event['message'] for event in run.of('log')}


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
