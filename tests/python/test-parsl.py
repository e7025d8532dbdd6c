"""test-parsl.py: monitoring databases of Parsl that grow while they are followed.

SPDX-License-Identifier: BSD-3-Clause

Parsl is not packaged: its part is played by a writer that inserts and updates the same rows in the
same order as Parsl's database manager does. What was shown is compared with what the database says
in the end, by queries of its own. The recorded one was written by Parsl.
"""
import contextlib
import datetime
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import place
from server import Server
from tap import Skip, contains, equal, main, test

from weftline.parsl import watch_parsl

RECORDED = os.path.join(place.SOURCE, '..', 'shared', 'data', 'runs', 'parsl', 'monitoring.db')
TABLES = ('workflow', 'task', 'try', 'node', 'block', 'status', 'resource')
# As of parsl/monitoring/db_manager.py; of what is not followed, some columns.
SCHEMA = '''
CREATE TABLE workflow (run_id TEXT NOT NULL, workflow_name TEXT, workflow_version TEXT,
  time_began DATETIME NOT NULL, time_completed DATETIME, host TEXT NOT NULL, user TEXT NOT NULL,
  rundir TEXT NOT NULL, tasks_failed_count INTEGER NOT NULL, tasks_completed_count INTEGER NOT NULL,
  PRIMARY KEY (run_id));
CREATE TABLE task (task_id INTEGER NOT NULL, run_id TEXT NOT NULL, task_depends TEXT,
  task_func_name TEXT NOT NULL, task_time_invoked DATETIME, task_time_returned DATETIME,
  task_fail_count INTEGER NOT NULL, PRIMARY KEY (task_id, run_id));
CREATE TABLE try (try_id INTEGER NOT NULL, task_id INTEGER NOT NULL, run_id TEXT NOT NULL,
  block_id TEXT, hostname TEXT, task_executor TEXT NOT NULL, task_try_time_launched DATETIME,
  task_try_time_running DATETIME, task_try_time_returned DATETIME, task_fail_history TEXT,
  task_joins TEXT, PRIMARY KEY (try_id, task_id, run_id));
CREATE TABLE node (id INTEGER NOT NULL, run_id TEXT NOT NULL, hostname TEXT NOT NULL,
  uid TEXT NOT NULL, block_id TEXT NOT NULL, cpu_count INTEGER NOT NULL,
  total_memory BIGINT NOT NULL, active BOOLEAN NOT NULL, worker_count INTEGER NOT NULL,
  python_v TEXT NOT NULL, timestamp DATETIME NOT NULL, last_heartbeat DATETIME NOT NULL,
  PRIMARY KEY (id));
CREATE TABLE block (run_id TEXT NOT NULL, executor_label TEXT NOT NULL, block_id TEXT NOT NULL,
  job_id TEXT, timestamp DATETIME NOT NULL, status TEXT NOT NULL,
  PRIMARY KEY (run_id, block_id, executor_label, timestamp));
CREATE TABLE status (task_id INTEGER NOT NULL, task_status_name TEXT NOT NULL,
  timestamp DATETIME NOT NULL, run_id TEXT NOT NULL, try_id INTEGER NOT NULL,
  PRIMARY KEY (task_id, run_id, task_status_name, timestamp));
CREATE TABLE resource (try_id INTEGER NOT NULL, task_id INTEGER NOT NULL, run_id TEXT NOT NULL,
  timestamp DATETIME NOT NULL, resource_monitoring_interval FLOAT, psutil_process_pid INTEGER,
  psutil_process_time_user FLOAT, psutil_process_time_system FLOAT,
  psutil_process_memory_resident FLOAT, psutil_process_disk_read FLOAT,
  psutil_process_disk_write FLOAT, PRIMARY KEY (try_id, task_id, run_id, timestamp));
'''


def stamp(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def near(found, expected):
    if abs(found - expected) > 1e-5:
        raise AssertionError(f'found {found}, expected {expected}')


class Writer:
    """Plays Parsl: a workflow of tasks on two nodes, in a database that others may be reading."""

    def __init__(self, path, mode, seed):
        self.base = sqlite3.connect(path, timeout=30, isolation_level=None,
                                    check_same_thread=False)
        self.base.execute(f'PRAGMA journal_mode = {mode}')
        self.base.execute('PRAGMA synchronous = OFF')
        self.base.executescript(SCHEMA)
        self.rng = random.Random(seed)
        self.n_failed = 0
        self._last = datetime.datetime.now()

    def now(self):
        """Each moment is another one."""
        self._last = max(self._last + datetime.timedelta(microseconds=1), datetime.datetime.now())
        return self._last.isoformat(' ', 'microseconds')

    def insert(self, table, **values):
        names = ', '.join(values)
        marks = ', '.join('?' * len(values))
        self.base.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})',
                          tuple(values.values()))

    def begin(self, run='run-1'):
        self.run = run
        self.insert('workflow', run_id=run, workflow_name='flow.py', time_began=self.now(),
                    host='here', user='me', rundir='runinfo/000', tasks_failed_count=0,
                    tasks_completed_count=0)
        self.insert('block', run_id=run, executor_label='htex', block_id='0', job_id='4711',
                    timestamp=self.now(), status='PENDING')
        for i in range(2):
            self.insert('block', run_id=run, executor_label='htex', block_id='0', job_id='4711',
                        timestamp=self.now(), status='RUNNING')
            self.insert('node', run_id=run, hostname=f'node{i}', uid=f'm{i}', block_id='0',
                        cpu_count=2, total_memory=1 << 33, active=True, worker_count=2,
                        python_v='3.11', timestamp=self.now(), last_heartbeat=self.now())

    def submit(self, task, depends, name):
        self.insert('task', task_id=task, run_id=self.run,
                    task_depends=','.join(map(str, depends)), task_func_name=name,
                    task_time_invoked=self.now(), task_fail_count=0)
        self.status(task, 0, 'pending')
        self.insert('try', try_id=0, task_id=task, run_id=self.run, task_executor='htex',
                    task_fail_history='')

    def status(self, task, number, name, t=None):
        self.insert('status', task_id=task, task_status_name=name, timestamp=t or self.now(),
                    run_id=self.run, try_id=number)

    def update(self, task, number, **values):
        names = ', '.join(f'{name} = ?' for name in values)
        self.base.execute(f'UPDATE try SET {names} WHERE task_id = ? AND try_id = ? AND run_id = ?',
                          (*values.values(), task, number, self.run))

    def attempt(self, task, number, state, history=''):
        """One try; the ways of its messages are of different lengths."""
        launched, running = self.now(), self.now()
        if number:
            self.status(task, number, 'pending')
            self.insert('try', try_id=number, task_id=task, run_id=self.run, task_executor='htex',
                        task_fail_history='')
        self.status(task, number, 'launched', launched)
        self.update(task, number, task_try_time_launched=launched)
        where = {'block_id': '0', 'hostname': f'node{task % 2}'}
        time.sleep(0.002)
        ended, returned = self.now(), self.now()
        told = [lambda: self.status(task, number, 'running', running),
                lambda: self.update(task, number, task_try_time_running=running, **where),
                lambda: self.status(task, number, 'running_ended', ended)]
        final = [lambda: self.status(task, number, state, returned),
                 lambda: self.update(task, number, task_try_time_returned=returned,
                                     task_fail_history=history)]
        for tell in told + final if self.rng.random() < 0.5 else final + told:
            tell()
        if state in ('failed', 'dep_fail'):
            self.n_failed += 1

    def finish(self, task):
        self.base.execute('UPDATE task SET task_time_returned = ? WHERE task_id = ?',
                          (self.now(), task))

    def end(self):
        for i in range(2):
            self.insert('node', run_id=self.run, hostname=f'node{i}', uid=f'm{i}', block_id='0',
                        cpu_count=2, total_memory=1 << 33, active=False, worker_count=2,
                        python_v='3.11', timestamp=self.now(), last_heartbeat=self.now())
        self.base.execute('UPDATE workflow SET time_completed = ?, tasks_failed_count = ? '
                          'WHERE run_id = ?', (self.now(), self.n_failed, self.run))

    def play(self, n=60, seen=None):
        """Every seventh task is tried again, every eleventh fails for good, and what needs it.
        seen: is waited for in the middle."""
        failed = set()
        for task in range(n):
            if seen is not None and task == n // 2:
                equal(seen.wait(30), True)
            depends = self.rng.sample(range(task), min(task, self.rng.randrange(3)))
            self.submit(task, depends, 'load' if not depends else 'merge')
            if failed & set(depends):
                failed.add(task)
                self.status(task, 0, 'dep_fail')
                self.update(task, 0, task_fail_history='DependencyError(...)',
                            task_try_time_returned=self.now())
                self.n_failed += 1
            elif task % 13 == 12:
                self.status(task, 0, 'memo_done')
            elif task % 11 == 10:
                failed.add(task)
                self.attempt(task, 0, 'fail_retryable', "LookupError('the shelf is empty')")
                self.attempt(task, 1, 'failed', "LookupError('it is empty, still')")
            elif task % 7 == 6:
                self.attempt(task, 0, 'fail_retryable', "OSError('not yet')")
                self.attempt(task, 1, 'exec_done')
            else:
                self.attempt(task, 0, 'exec_done')
            self.finish(task)


def asked(path, question):
    with contextlib.closing(sqlite3.connect(path)) as base:
        return base.execute(question).fetchall()


def check(run, path):
    """Against what the database says in the end."""
    names = dict(asked(path, 'SELECT task_id, task_func_name FROM task'))
    keys = {task: f'{name}-{task}' for task, name in names.items()}
    reads = dict(asked(path, 'SELECT task_id, task_depends FROM task'))
    equal(run.inputs(), {keys[task]: {keys[int(each)] for each in depends.split(',') if each}
                         for task, depends in reads.items()})
    equal({event['k']: event['group'] for event in run.of('add')},
          {keys[task]: name for task, name in names.items()})
    tries = {}
    for task, number, launched, running, ended, state, at, host in asked(path, '''
        SELECT y.task_id, y.try_id, y.task_try_time_launched, r.timestamp, e.timestamp,
               f.task_status_name, f.timestamp, y.hostname
        FROM try y JOIN status f ON f.task_id = y.task_id AND f.try_id = y.try_id
             AND f.task_status_name IN ('exec_done', 'failed', 'fail_retryable')
        LEFT JOIN status r ON r.task_id = y.task_id AND r.try_id = y.try_id
             AND r.task_status_name = 'running'
        LEFT JOIN status e ON e.task_id = y.task_id AND e.try_id = y.try_id
             AND e.task_status_name = 'running_ended' ORDER BY y.task_id, y.try_id'''):
        tries.setdefault(keys[task], []).append((running or launched, ended or at, state, host))
    spans, fails, starts = run.spans(), {}, {}
    for event in run.of('start'):
        starts.setdefault(event['k'], set()).add((event['t'], event['w']))
    for event in run.of('fail'):
        fails.setdefault(event['k'], []).append(event)
    for key, attempts in tries.items():
        for began, ended, state, host in attempts:
            if state == 'exec_done':
                near(spans[key][0], stamp(began))
                near(spans[key][1], stamp(ended))
                equal(spans[key][2], f'htex/0 at {host}')
                continue
            event = fails[key].pop(0)
            near(event['t'], stamp(ended))
            equal(event.get('again'), True if state == 'fail_retryable' else None)
            equal(min(abs(t - stamp(began)) for t, _ in starts[key]) < 1e-5, True)
    done = {keys[task] for task, in asked(path, 'SELECT task_id FROM status WHERE task_status_name '
                                          "IN ('exec_done', 'memo_done')")}
    equal(set(spans), done)
    lost = [keys[task] for task, in asked(path, 'SELECT task_id FROM status WHERE '
                                          "task_status_name = 'dep_fail' ORDER BY task_id")]
    equal(sorted(key for key, left in fails.items() if left), sorted(lost))
    return fails


def followed(mode):
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'monitoring.db')
        writer = Writer(path, mode, 7)
        writer.begin()
        with watch_parsl(path) as watched:
            seen = threading.Event()
            thread = threading.Thread(target=writer.play, args=(60, seen))
            thread.start()
            server.wait(lambda: server.runs and server.runs[0].of('task'))
            seen.set()  # it is shown while it goes on
            thread.join()
            writer.end()
            equal(watched.over.wait(30), True)
        run = server.run()
        check(run, path)
        messages = {event.get('message') for event in run.of('fail')}
        equal(messages, {"OSError('not yet')", "LookupError('the shelf is empty')",
                         "LookupError('it is empty, still')", 'DependencyError(...)'})
        equal({event.get('kind') for event in run.of('fail')},
              {'OSError', 'LookupError', 'DependencyError'})
        writer.base.close()
    equal((run.request['name'], run.request['source'], run.request['clock'], run.phase),
          ('flow.py', 'parsl', 'wall', 'failed'))
    workers = {f'htex/0 at node{i}' for i in range(2)}
    equal({event['w']: event['threads'] for event in run.of('worker')}, dict.fromkeys(workers, 2))
    equal({event['w'] for event in run.of('gone')}, workers)
    equal([event['message'] for event in run.of('log')],
          ['block htex/0 (job 4711): PENDING', 'block htex/0 (job 4711): RUNNING'])


@test('/weft/python/parsl/grows-while-it-is-followed/rollback-journal')
def rollback():
    followed('DELETE')


@test('/weft/python/parsl/grows-while-it-is-followed/write-ahead-log')
def ahead():
    followed('WAL')


@test('/weft/python/parsl/what-runs-now-and-what-it-uses')
def running():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'monitoring.db')
        writer = Writer(path, 'DELETE', 1)
        writer.begin()
        writer.submit(0, [], 'work')
        with watch_parsl(path) as watched:
            began = writer.now()
            writer.status(0, 0, 'running', began)
            writer.update(0, 0, task_try_time_running=began, block_id='0', hostname='node1')
            server.wait(lambda: server.runs[0].of('start'))
            first = datetime.datetime.now()
            for i in range(3):
                writer.insert('resource', try_id=0, task_id=0, run_id='run-1',
                              timestamp=(first + datetime.timedelta(seconds=i)).isoformat(' '),
                              resource_monitoring_interval=1.0, psutil_process_pid=77,
                              psutil_process_time_user=4.0 + 0.5 * i,
                              psutil_process_time_system=1.0 + 0.25 * i,
                              psutil_process_memory_resident=1e8 + i,
                              psutil_process_disk_read=100.0 * i, psutil_process_disk_write=0.0)
            server.wait(lambda: len(server.runs[0].of('memory')) == 5)
            equal(server.runs[0].of('task', 'end'), [])
            writer.status(0, 0, 'running_ended')
            writer.status(0, 0, 'exec_done')
            server.wait(lambda: server.runs[0].of('task'))
            equal(watched.over.is_set(), False)
        run = server.run()
        equal(run.phase, 'interrupted')  # nobody has seen its end
        writer.base.close()
    start, = run.of('start')
    equal((start['k'], start['w']), ('work-0', 'htex/0 at node1'))
    equal([event['resident'] for event in run.of('memory') if 'resident' in event],
          [100000000, 100000001, 100000002])
    equal({event['limit'] for event in run.of('memory') if 'limit' in event}, {1 << 33})
    values = {}
    for event in run.of('count'):
        values.setdefault((event['name'], event['unit']), []).append(event['v'])
    equal(values, {('cpu', 'cores'): [0.75, 0.75], ('disk-read', 'B/s'): [100, 100],
                   ('disk-written', 'B/s'): [0, 0]})


@test('/weft/python/parsl/the-newest-workflow-without-monitoring-of-resources')
def plain():
    """Threads of the program itself: that a try runs is not written, only launched and done."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'monitoring.db')
        writer = Writer(path, 'DELETE', 1)
        for run in ('run-1', 'run-2'):
            writer.begin(run)
            writer.submit(0, [], run.replace('-', '_'))
            launched, returned = writer.now(), writer.now()
            writer.status(0, 0, 'launched', launched)
            writer.status(0, 0, 'exec_done', returned)
            writer.update(0, 0, task_try_time_launched=launched, task_try_time_returned=returned)
        for table in ('resource', 'node', 'block'):
            writer.base.execute(f'DROP TABLE {table}')
        writer.base.execute('UPDATE workflow SET time_completed = ?', (writer.now(),))
        with watch_parsl(path) as watched:
            equal(watched.over.wait(20), True)
        run = server.run()
        writer.base.close()
    equal(run.phase, 'done')
    (key, (start, end, worker, _)), = run.spans().items()
    equal((key, worker), ('run_2-0', 'htex'))
    near(start, stamp(launched))
    near(end, stamp(returned))


@test('/weft/python/parsl/recorded-by-parsl')
def recorded():
    """Its rows again, in the order of their times."""
    if not os.path.exists(RECORDED):
        raise Skip('no recorded runs in ../shared/data/runs beside the project')
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'monitoring.db')
        there = sqlite3.connect(f'file:{RECORDED}?mode=ro', uri=True)
        there.row_factory = sqlite3.Row
        base = sqlite3.connect(path, timeout=30, isolation_level=None)
        for sql, in there.execute('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL'):
            base.execute(sql)
        moment = {'workflow': 'time_began', 'task': 'task_time_invoked',
                  'try': 'task_try_time_launched'}
        rows = [(row[moment.get(table, 'timestamp')], order, table, row)
                for order, table in enumerate(TABLES)
                for row in there.execute(f'SELECT * FROM "{table}"')]
        watched = None
        for _, _, table, row in sorted(rows, key=lambda each: each[:2]):
            values = dict(row)
            if table == 'workflow':
                values['time_completed'] = None
            base.execute(f'INSERT INTO "{table}" ({", ".join(values)}) VALUES '
                         f'({", ".join("?" * len(values))})', tuple(values.values()))
            if watched is None:
                watched = watch_parsl(path)
        with watched:
            server.wait(lambda: server.runs[0].of('task'))
            base.execute('UPDATE workflow SET time_completed = ?',
                         (asked(RECORDED, 'SELECT time_completed FROM workflow')[0][0],))
            equal(watched.over.wait(20), True)
        run = server.run()
        base.close()
        there.close()
    (began, ended, host, executor, block), = asked(RECORDED, '''
        SELECT task_try_time_running, (SELECT timestamp FROM status WHERE task_status_name =
        'running_ended'), hostname, task_executor, block_id FROM try''')
    start, end, worker, _ = run.spans()['this_app-0']
    near(start, stamp(began))
    near(end, stamp(ended))
    equal((worker, run.phase), (f'{executor}/{block} at {host}', 'done'))
    sample, = [event['resident'] for event in run.of('memory') if 'resident' in event]
    equal(sample, asked(RECORDED, 'SELECT psutil_process_memory_resident FROM resource')[0][0])
    equal([event['message'].rpartition(' ')[2] for event in run.of('log')],
          [status for status, in asked(RECORDED, 'SELECT status FROM block ORDER BY timestamp')])
    equal([event['w'] for event in run.of('gone')], [worker])


@test('/weft/python/parsl/a-writer-is-never-held-up')
def unlocked():
    """While the follower asks all the time, each of many commits gets through without waiting."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'monitoring.db')
        writer = Writer(path, 'DELETE', 3)
        writer.begin()
        with watch_parsl(path):
            writer.base.execute('PRAGMA busy_timeout = 1000')
            writer.play(40)
            writer.end()
            server.wait(lambda: server.runs[0].of('gone'))
        writer.base.close()


@test('/weft/python/parsl/a-row-that-cannot-be-read')
def unreadable():
    """What was said before stands; the run is interrupted, and the database is closed."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'monitoring.db')
        writer = Writer(path, 'DELETE', 9)
        writer.begin()
        writer.play(10)
        with watch_parsl(path) as watched:
            server.wait(lambda: server.runs and server.runs[0].of('task'))
            writer.insert('status', run_id='run-1', task_id=0, try_id=0,
                          task_status_name='running', timestamp='yesterday')
            equal(watched.over.wait(30), True)
            equal(type(watched.error), ValueError)
            try:
                watched._base.tables()
                raise AssertionError('it is open')
            except sqlite3.ProgrammingError as error:
                contains(str(error), 'closed')
        equal(server.run().phase, 'interrupted')
        writer.base.close()


@test('/weft/python/parsl/attached-from-a-shell')
def attached():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'monitoring.db')
        writer = Writer(path, 'DELETE', 5)
        writer.begin()
        writer.play(20)
        with subprocess.Popen([sys.executable, '-m', 'weftline', 'attach', 'parsl', path],
                              env={**os.environ, 'PYTHONPATH': place.PACKAGE},
                              stdout=subprocess.PIPE) as child:
            contains(child.stdout.readline().decode(), 'watching flow.py')
            writer.end()
            equal(child.wait(30), 0)
        check(server.run(), path)
        writer.base.close()


if __name__ == '__main__':
    main()
