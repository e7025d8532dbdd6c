"""test-celery.py: a real broker, a real worker.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import signal
import subprocess
import sys
import tempfile

import place
from server import Server, wait_for_socket
from tap import Skip, contains, equal, main, test

from celery import Celery, chain
from weftline._run import Run
from weftline.celery import Translator, watch_celery

RECORDED = os.path.join(place.SOURCE, '..', 'shared', 'data', 'runs', 'celery',
                        'celery-events.jsonl')

TASKS = '''
import os, time
from celery import Celery
app = Celery('tapp', broker=os.environ['BROKER'], backend=os.environ['BACKEND'])
@app.task
def add(a, b):
    time.sleep(0.01)
    return a + b
@app.task
def spread(n):
    # a task that sends others and goes on does not give them its result
    for i in range(n):
        add.delay(i, i)
    time.sleep(0.1)
@app.task
def broken():
    raise LookupError('the shelf is empty')
@app.task(bind=True, max_retries=1, default_retry_delay=0)
def again(self):
    if self.request.retries == 0:
        raise self.retry(exc=OSError('not yet'))
    return 'now'
'''


class Farm:
    """A broker and a worker with two processes, in a folder of their own."""

    def __enter__(self):
        self._sent = []
        self._folder = tempfile.TemporaryDirectory()
        folder = self._folder.name
        path = os.path.join(folder, 'redis')
        self.broker = f'redis+socket://{path}'
        with open(os.path.join(folder, 'tapp.py'), 'w', encoding='utf-8') as file:
            file.write(TASKS)
        self._redis = subprocess.Popen(
            ['redis-server', '--port', '0', '--unixsocket', path, '--save', '', '--dir', folder],
            stdout=subprocess.DEVNULL)
        wait_for_socket(path)
        env = {**os.environ, 'BROKER': self.broker, 'BACKEND': self.broker}
        self._worker = subprocess.Popen(
            [sys.executable, '-m', 'celery', '-A', 'tapp', 'worker', '-c', '2', '-n', 'w1@test',
             '--without-gossip', '--without-mingle'], cwd=folder, env=env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.app = Celery(broker=self.broker, backend=self.broker)
        return self

    def send(self, name, *args):
        self._sent.append(self.app.send_task(f'tapp.{name}', args))
        return self._sent[-1]

    def __exit__(self, *error):
        for result in self._sent:
            result.backend = None  # which they would ask once more when they are freed
        self._worker.send_signal(signal.SIGTERM)
        self._worker.wait(20)
        self._redis.terminate()
        self._redis.wait()
        self.app.close()
        self._folder.cleanup()


def tell(run):
    return {'ended': len(run.of('task')), 'failed': len(run.of('fail'))}


@test('/weft/python/celery/tasks-failures-and-retries')
def tasks():
    with Server() as server, Farm() as farm:
        farm.send('add', 0, 0).get(30)  # the worker is there
        with watch_celery(farm.broker) as watching:
            equal(watching.listening.wait(20), True)
            server.wait(lambda: any(run.of('worker') for run in server.runs))
            results = [farm.send('add', i, 1) for i in range(5)]
            equal([result.get(30) for result in results], [1, 2, 3, 4, 5])
            bad = farm.send('broken')
            equal(type(bad.get(30, propagate=False)).__name__, 'LookupError')
            retried = farm.send('again')
            equal(retried.get(30), 'now')
            server.wait(lambda: tell(server.runs[0]) == {'ended': 6, 'failed': 2})
        run = server.run()
    equal((run.request['source'], run.request['clock'], run.phase), ('celery', 'wall', 'done'))
    equal([(event['w'], event['threads']) for event in run.of('worker')], [('w1@test', 2)])
    added = {f'tapp.add-{result.id[:8]}' for result in results}
    starts = {event['k']: event for event in run.of('start')}
    ends = {event['k']: event for event in run.of('task')}
    equal(added <= set(starts) and added <= set(ends), True)
    for key in added:
        if ends[key]['d'] < 0.01:
            raise AssertionError(f'{key}: shorter than it slept')
    equal({event['group'] for event in run.of('add')}, {'tapp.add', 'tapp.broken', 'tapp.again'})
    fails = {event['k']: event for event in run.of('fail')}
    equal(set(fails), {f'tapp.broken-{bad.id[:8]}', f'tapp.again-{retried.id[:8]}'})
    equal(fails[f'tapp.broken-{bad.id[:8]}'].get('again'), None)
    equal(fails[f'tapp.again-{retried.id[:8]}']['again'], True)
    contains(fails[f'tapp.broken-{bad.id[:8]}']['traceback'], 'in broken')
    equal(fails[f'tapp.broken-{bad.id[:8]}']['kind'], 'LookupError')


@test('/weft/python/celery/what-reads-what-in-a-chain')
def chained():
    with Server() as server, Farm() as farm:
        farm.send('add', 0, 0).get(30)
        with watch_celery(farm.broker) as watching:
            equal(watching.listening.wait(20), True)
            server.wait(lambda: any(run.of('worker') for run in server.runs))
            app = Celery(broker=farm.broker)  # whose results nobody asks for
            last = chain(*(app.signature('tapp.add', args)
                           for args in ((1, 2), (3,), (4,)))).apply_async()
            results = [last, last.parent, last.parent.parent]
            spread = farm.send('spread', 2)
            server.wait(lambda: len(server.runs[0].of('task')) == 6)
            app.close()
        run = server.run()
    third, second, first = (f'tapp.add-{result.id[:8]}' for result in results)
    inputs = run.inputs()
    equal({key: inputs.pop(key) for key in (first, second, third)},
          {first: set(), second: {first}, third: {second}})
    equal(inputs.pop(f'tapp.spread-{spread.id[:8]}'), set())
    equal(list(inputs.values()), [set(), set()])


@test('/weft/python/celery/recorded-of-a-chord')
def recorded():
    """Eight products and their sum, of which Celery names the one that was done last."""
    if not os.path.exists(RECORDED):
        raise Skip('no recorded runs in ../shared/data/runs beside the project')
    with open(RECORDED, encoding='utf-8') as file:
        events = [json.loads(line) for line in file]
    with Server() as server:
        with Run('chord', source='celery', clock='wall') as run:
            run.greeted.wait(5)
            translator = Translator(run)
            for event in events:
                translator.take(event)
        run = server.run()
    ids = {event['uuid']: event['name'] for event in events if 'name' in event}
    equal(set(run.inputs()), {f'{name}-{uuid[:8]}' for uuid, name in ids.items()})
    total, = [event for event in events
              if event.get('name') == 'tapp.tsum' and event['type'] == 'task-received']
    parent = total['parent_id']
    equal({key: reads for key, reads in run.inputs().items() if reads},
          {f'tapp.tsum-{total["uuid"][:8]}': {f'{ids[parent]}-{parent[:8]}'}})
    succeeded = [event for event in events if event['type'] == 'task-succeeded']
    equal(sorted(event['d'] for event in run.of('task')),
          sorted(event['runtime'] for event in succeeded))
    equal([event.get('again') for event in run.of('fail')],
          [True if event['type'] == 'task-retried' else None for event in events
           if event['type'] in ('task-retried', 'task-failed')])


@test('/weft/python/celery/attached-from-a-shell')
def attached():
    with Server() as server, Farm() as farm:
        farm.send('add', 0, 0).get(30)
        with subprocess.Popen([sys.executable, '-m', 'weftline', 'attach', 'celery', farm.broker],
                              env={**os.environ, 'PYTHONPATH': place.PACKAGE},
                              stdout=subprocess.PIPE) as child:
            contains(child.stdout.readline().decode(), 'watching Celery at redis+socket')
            server.wait(lambda: any(run.of('worker') for run in server.runs))
            farm.send('add', 1, 1).get(30)
            server.wait(lambda: server.runs[0].of('task'))
            child.send_signal(signal.SIGINT)
            equal(child.wait(20), 0)
        equal(server.run().phase, 'done')


@test('/weft/python/celery/long-names-and-errors')
def long_names():
    """Each is one task; of errors, the kind is what stands before the bracket."""
    common = {'hostname': 'w1', 'timestamp': 1.7e9}
    with Server() as server:
        with Run('long', clock='wall') as run:
            translator = Translator(run)
            for i, error in enumerate(("LookupError('empty')", "billiard.Terminated(15)",
                                       'no (error)')):
                of = {**common, 'uuid': f'{i}-uuid', 'name': 'long' * 2000}
                translator.take({**of, 'type': 'task-received'})
                translator.take({**of, 'type': 'task-started'})
                translator.take({**of, 'type': 'task-failed', 'exception': error})
        run = server.run()
    keys = [event['k'] for event in run.of('add')]
    equal(len(set(keys)), 3)
    equal([event['k'] for event in run.of('start')], keys)
    equal([(event['k'], event.get('kind')) for event in run.of('fail')],
          list(zip(keys, ('LookupError', 'billiard.Terminated', None))))


if __name__ == '__main__':
    main()
