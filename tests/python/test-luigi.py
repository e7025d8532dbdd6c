"""test-luigi.py: Luigi's events, and a history that its scheduler writes.

SPDX-License-Identifier: BSD-3-Clause

Luigi is not packaged: its part is played by a stand-in that has its events and their handlers as
Luigi has them, and forks a process for each task as Luigi's workers do. It replays a run that was
recorded of Luigi itself, and is compared with the graph that Luigi's scheduler had. Where LUIGI_SRC
names a copy of Luigi's sources, they are run, too.
"""
import contextlib
import datetime
import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import types

import place
from server import Server
from tap import Skip, contains, equal, main, test

import weftline.luigi

RUNS = os.path.join(place.SOURCE, '..', 'shared', 'data', 'runs', 'luigi')
LUIGI = os.environ.get('LUIGI_SRC')
fork = multiprocessing.get_context('fork')


class Event:
    """As of luigi/event.py."""
    DEPENDENCY_DISCOVERED = 'event.core.dependency.discovered'
    DEPENDENCY_MISSING = 'event.core.dependency.missing'
    DEPENDENCY_PRESENT = 'event.core.dependency.present'
    BROKEN_TASK = 'event.core.task.broken'
    START = 'event.core.start'
    PROGRESS = 'event.core.progress'
    FAILURE = 'event.core.failure'
    SUCCESS = 'event.core.success'
    PROCESSING_TIME = 'event.core.processing_time'
    TIMEOUT = 'event.core.timeout'
    PROCESS_FAILURE = 'event.core.process_failure'


class Task:
    """As of luigi/task.py, as far as events are concerned."""
    _event_callbacks = {}

    def __init__(self, family, params):
        self.task_family = family
        self.params = params

    def to_str_params(self, only_significant=False, only_public=False):
        return self.params

    @classmethod
    def event_handler(cls, event):
        def wrapped(callback):
            cls._event_callbacks.setdefault(cls, {}).setdefault(event, set()).add(callback)
            return callback
        return wrapped

    @classmethod
    def remove_event_handler(cls, event, callback):
        cls._event_callbacks[cls][event].remove(callback)

    def trigger_event(self, event, *args, **kwargs):
        for event_class, callbacks in self._event_callbacks.items():
            for callback in callbacks.get(event, []) if isinstance(self, event_class) else ():
                callback(*args, **kwargs)


@contextlib.contextmanager
def stand_in():
    sys.modules['luigi'], before = types.SimpleNamespace(Event=Event, Task=Task), \
        sys.modules.get('luigi')
    try:
        yield
        equal(any(any(each.values()) for each in Task._event_callbacks.values()), False)
    finally:
        del sys.modules['luigi']
        if before is not None:
            sys.modules['luigi'] = before


def work(task, begin, seconds):
    """What the process of a task does."""
    if begin:
        task.trigger_event(Event.START, task)
    time.sleep(seconds)
    task.trigger_event(Event.PROCESSING_TIME, task, seconds)
    task.trigger_event(Event.SUCCESS, task)


def fail(task, error):
    task.trigger_event(Event.START, task)
    try:
        raise error
    except Exception as raised:
        task.trigger_event(Event.FAILURE, task, raised)


def in_process(function, *args):
    child = fork.Process(target=function, args=args)
    child.start()
    return child


def keys_of(run, *kinds):
    return {event['k'] for event in run.of(*kinds)}


@test('/weft/python/luigi/recorded-by-luigi')
def recorded():
    if not os.path.exists(RUNS):
        raise Skip('no recorded runs in ../shared/data/runs beside the project')
    with open(os.path.join(RUNS, 'graph.json'), encoding='utf-8') as file:
        graph = json.load(file)['response']
    with open(os.path.join(RUNS, 'luigi-events.jsonl'), encoding='utf-8') as file:
        events = [json.loads(line) for line in file]
    tasks = {number: Task(told['name'], told['params']) for number, told in graph.items()}
    names = {number: f'{told["name"]}({", ".join("=".join(p) for p in told["params"].items())})'
             for number, told in graph.items()}
    seconds = {event['task_id']: event['seconds'] for event in events
               if event['event'] == 'PROCESSING_TIME'}
    errors = {event['task_id']: event['error'] for event in events if event['event'] == 'FAILURE'}
    with stand_in(), Server() as server:
        with weftline.luigi.watch(name='pairs'):
            children = []
            for event in events:
                task = tasks[event['task_id']]
                if event['event'] == 'DEPENDENCY_DISCOVERED':
                    task.trigger_event(Event.DEPENDENCY_DISCOVERED, task, tasks[event['dep']])
                elif event['event'] == 'START' and event['task_id'] in errors:
                    children.append(in_process(fail, task, ValueError('bad part 5')))
                elif event['event'] == 'START':
                    children.append(in_process(work, task, True, seconds[event['task_id']]))
                if len(children) == 2:  # as many as Luigi had
                    children.pop(0).join()
            for child in children:
                child.join()
        run = server.run()
    equal((run.request['name'], run.request['source'], run.phase), ('pairs', 'luigi', 'done'))
    equal(run.inputs(), {names[number]: {names[each] for each in told['deps']}
                         for number, told in graph.items()})
    equal({event['k']: event['group'] for event in run.of('add') if 'group' in event},
          {names[number]: told['name'] for number, told in graph.items()})
    done = {number for number, told in graph.items() if told['status'] == 'DONE'}
    spans = run.spans()
    equal(set(spans), {names[number] for number in done})
    for number in done:
        start, end, *_ = spans[names[number]]
        if not seconds[number] * 1e9 <= end - start <= seconds[number] * 1e9 + 1e9:
            raise AssertionError(f'{number}: {end - start} ns, it took {seconds[number]} s')
    failed, = run.of('fail')
    equal(failed['k'], names[next(number for number, told in graph.items()
                                  if told['status'] == 'FAILED')])
    equal(f"{failed['kind']}({failed['message']!r})", next(iter(errors.values())))
    contains(failed['traceback'], 'raise error')
    equal(keys_of(run, 'start'), set(spans) | {failed['k']})
    equal({event['w'] for event in run.of('worker', 'start', 'task')}, {f'process {os.getpid()}'})


@test('/weft/python/luigi/in-the-program-itself')
def single():
    """One worker: tasks run in the process that has the run; one that asks for others is put off
    and begins anew."""
    asking, asked, there = Task('Ask', {}), Task('Part', {'i': '1'}), Task('Old', {})
    with stand_in(), Server() as server:
        with weftline.luigi.watch():
            asking.trigger_event(Event.DEPENDENCY_DISCOVERED, asking, there)
            there.trigger_event(Event.DEPENDENCY_PRESENT, there)
            asking.trigger_event(Event.START, asking)
            work(asked, True, 0.01)
            work(asking, True, 0.01)
            fail(Task('Bad', {}), KeyError('door'))
            external = Task('External', {})
            external.trigger_event(Event.DEPENDENCY_MISSING, external)
            broken = Task('Broken', {})
            broken.trigger_event(Event.BROKEN_TASK, broken, TypeError('no requires()'))
        run = server.run()
    equal(run.inputs(), {'Ask()': {'Old()'}, 'Old()': set(), 'Part(i=1)': set(), 'Bad()': set(),
                         'External()': set(), 'Broken()': set()})
    spans = run.spans()
    equal(set(spans), {'Ask()', 'Part(i=1)', 'Old()'})
    equal(spans['Old()'][0], spans['Old()'][1])
    equal(spans['Ask()'][0] >= spans['Part(i=1)'][1], True)
    equal([(event['k'], event.get('kind'), event.get('again')) for event in run.of('fail')],
          [('Ask()', None, True), ('Bad()', 'KeyError', None), ('Broken()', 'TypeError', None)])
    equal([event['k'] for event in run.of('log')], ['External()'])


@test('/weft/python/luigi/a-process-that-is-killed-or-put-off')
def lost():
    task, asking = Task('Part', {'i': '4'}), Task('Ask', {})
    with stand_in(), Server() as server:
        with weftline.luigi.watch():
            child = in_process(work, task, True, 60)
            server.wait(lambda: server.runs and server.runs[0].of('start'))
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            for _ in range(2):  # Luigi says it until it has noted it
                task.trigger_event(Event.PROCESS_FAILURE, task, 'died with exit code -9')
            in_process(asking.trigger_event, Event.START, asking).join()
            in_process(work, asking, True, 0).join()
        run = server.run()
    equal([(event['k'], event['message'][:20], event.get('again')) for event in run.of('fail')],
          [('Part(i=4)', 'died with exit code ', None), ('Ask()', 'put off until the ta', True)])
    equal(set(run.spans()), {'Ask()'})


@test('/weft/python/luigi/nobody-listens')
def nobody():
    with stand_in(), tempfile.TemporaryDirectory() as folder:
        before = os.environ.get('XDG_RUNTIME_DIR')
        os.environ['XDG_RUNTIME_DIR'] = folder
        try:
            with weftline.luigi.watch():
                work(Task('Part', {}), True, 0)
                equal(Task._event_callbacks.get(Task, {}).get(Event.START, set()), set())
        finally:
            os.environ.pop('XDG_RUNTIME_DIR')
            if before is not None:
                os.environ['XDG_RUNTIME_DIR'] = before


# ---- the task history ----------------------------------------------------------------------------

def copy_tables(source, path):
    """The tables without their rows; a connection to the copy."""
    base = sqlite3.connect(path, timeout=30, isolation_level=None)
    for sql, in source.execute('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL'):
        base.execute(sql)
    return base


@test('/weft/python/luigi/a-history-that-grows-while-it-is-followed')
def history():
    if not os.path.exists(RUNS):
        raise Skip('no recorded runs in ../shared/data/runs beside the project')
    recording = os.path.join(RUNS, 'luigi-task-hist.db')
    with contextlib.closing(sqlite3.connect(f'file:{recording}?mode=ro', uri=True)) as source, \
            Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'history.db')
        base = copy_tables(source, path)
        with subprocess.Popen([sys.executable, '-m', 'weftline', 'attach', 'luigi', path],
                              env={**os.environ, 'PYTHONPATH': place.PACKAGE},
                              stdout=subprocess.PIPE) as child:
            contains(child.stdout.readline().decode(), 'watching Luigi: history.db')
            for row in source.execute('SELECT * FROM task_parameters'):
                base.execute('INSERT INTO task_parameters VALUES (?, ?, ?)', row)
            for row in source.execute('SELECT * FROM tasks'):
                base.execute('INSERT INTO tasks VALUES (?, ?, ?, ?)', row)
            for n, row in enumerate(source.execute('SELECT * FROM task_events ORDER BY id')):
                base.execute('INSERT INTO task_events VALUES (?, ?, ?, ?)', row)
                if n == 14:  # one runs
                    server.wait(lambda: server.runs and server.runs[0].of('end'))
            server.wait(lambda: len(server.runs[0].of('end')) == 9)
            child.send_signal(signal.SIGTERM)
            equal(child.wait(20), 0)
        base.close()
        run = server.run()
        rows = source.execute('SELECT t.name, p.value, e.event_name, e.ts FROM task_events e '
                              'JOIN tasks t ON t.id = e.task_id LEFT JOIN task_parameters p '
                              'ON p.task_id = t.id ORDER BY e.id').fetchall()
    equal(run.phase, 'interrupted')  # it has no end
    moments = {}
    for name, value, what, t in rows:
        key = f'{name}({"" if value is None else f"i={value}"})'
        moments.setdefault(what, {})[key] = datetime.datetime.fromisoformat(t).timestamp()
    for what, kind in (('RUNNING', 'start'), ('DONE', 'end'), ('FAILED', 'fail')):
        equal({event['k']: round(event['t'], 5) for event in run.of(kind)},
              {key: round(t, 5) for key, t in moments[what].items()})
    equal(set(run.inputs()), set(moments['PENDING']))
    equal({event['w'] for event in run.of('start')}, {'vm'})


# ---- Luigi itself --------------------------------------------------------------------------------

PROGRAM = '''
import os, sys, time
import luigi, weftline.luigi
folder, workers = sys.argv[1], int(sys.argv[2])
class Made(luigi.Task):
    def output(self):
        return luigi.LocalTarget(os.path.join(folder, self.task_id))
    def make(self):
        time.sleep(0.02)
        with self.output().open('w') as file:
            file.write('made')
class Part(Made):
    i = luigi.IntParameter()
    def run(self):
        if self.i == 3:
            raise ValueError('bad part 3')
        self.make()
class Pair(Made):
    i = luigi.IntParameter()
    def requires(self):
        return [Part(self.i), Part(self.i + 1)]
    def run(self):
        self.make()
class Ask(Made):
    def run(self):
        yield Part(7)
        self.make()
class All(luigi.WrapperTask):
    def requires(self):
        return [Ask(), *(Pair(i) for i in range(3))]
with weftline.luigi.watch():
    luigi.build([All()], workers=workers, local_scheduler=True, log_level='CRITICAL')
'''


def itself(workers):
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, '-c', PROGRAM, folder, str(workers)], check=True,
                       env={**os.environ, 'PYTHONPATH': f'{place.PACKAGE}:{LUIGI}'},
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        made = {name.split('_')[0] + name.split('_')[1].join('()') for name in os.listdir(folder)}
        run = server.run()
    made = {key.replace('(', '(i=') if key.startswith('Pa') else 'Ask()' for key in made}
    equal(set(run.spans()), made)
    equal(len(made), 3 + 1 + 2 + 1)
    equal([event['threads'] for event in run.of('worker')], [workers])
    equal(run.inputs()['Pair(i=1)'], {'Part(i=1)', 'Part(i=2)'})
    equal({(event['k'], event.get('kind'), event.get('again')) for event in run.of('fail')},
          {('Ask()', None, True), ('Part(i=3)', 'ValueError', None)})


if LUIGI:
    test('/weft/python/luigi/itself/one-worker')(lambda: itself(1))
    test('/weft/python/luigi/itself/three-workers')(lambda: itself(3))

if __name__ == '__main__':
    main()
