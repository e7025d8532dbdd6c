"""test-agree.py: the model says of a run file what the independent reader says.

SPDX-License-Identifier: BSD-3-Clause

Every span, task and group of real runs, and of the same files cut off, against
tests/support/run_file.py. Times are compared to the nanosecond, in whole numbers.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'trace'))

from traced import EXAMPLES, Folder, environment, graph, ref, seeded, task, traced

import run_file
from run_check import CONTINUED, DETAIL, LATE, RunFile
from tap import equal, main, test

DUMP = os.path.join(os.environ.get('WEFT_BUILD_ROOT', 'build'), 'tests', 'model', 'dump-model')
NONE = run_file.NONE
NUMBERS = {name: number for number, name in run_file.RECORDS.items()}
OF_TASK = {'task', 'transfer', 'memory-paused', 'resource-wait', 'retry-wait', 'annotation',
           'blocked', 'timed-out', 'phase', 'admitted', 'break', 'stepped'}
OF_SLOT = {'spill-write', 'spill-read', 'spill-failed'}
SPANS = {'task', 'spill-write', 'spill-read', 'transfer', 'paused', 'memory-paused',
         'resource-wait', 'retry-wait', 'recorder-wait', 'dropped', 'parked', 'steal-miss',
         'annotation', 'blocked', 'timed-out', 'elsewhere', 'phase', 'slowed'}
EVENTS = {'run-state', 'admitted', 'spill-failed', 'worker-lost', 'break', 'stepped'}
CONTROL = 3
OUTCOMES = ('ok', 'failed', 'retried', 'timed-out', 'cancelled', 'replaced')


def dumped(path):
    done = subprocess.run([DUMP, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment(), check=False, timeout=120)
    equal((done.returncode, done.stderr), (0, ''))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {what: [line for line in lines if line['what'] == what]
            for what in ('run', 'group', 'task', 'lane', 'span')}


FINAL = 8


def pieces(run, domain):
    """Of the clock's map, but for its last word, which comes when all was shown by the first."""
    clocks = [frame for frame in run.kind('clock') if frame['domain'] == domain]
    return [clock for at, clock in enumerate(clocks)
            if at == 0 or clock['clock_flags'] & FINAL == 0]


class Expected:
    """The same from the records, by the document."""

    def __init__(self, run):
        self.run = run
        self.graphs = {frame['segment']: run.graph(frame['segment'])
                       for frame in run.kind('segment')}
        self.pieces = {lane['domain']: pieces(run, lane['domain'])
                       for lane in run.lanes.values()}
        first = next(frame for frame in run.kind('records') if frame['n_records'] > 0)
        self.origin = 0
        self.origin = self.ns(first['min_start'], self.domain(first['lane']))

    def domain(self, lane):
        return self.run.lanes[lane]['domain']

    def ns(self, stamp, domain):
        piece = [p for p in self.pieces[domain] if p['valid_from_ticks'] <= stamp][-1]
        scaled, over = (stamp - piece['anchor_ticks']) * 10**9, piece['ticks_per_second']
        rounded = (abs(scaled) + over // 2) // over
        return piece['anchor_mono_ns'] + piece['offset_ns'] - self.origin \
            + (rounded if scaled >= 0 else -rounded)

    def task_of(self, record):
        segment, number = record['segment'], record['task']
        if number == NONE or segment == NONE or record['record'] not in OF_TASK | OF_SLOT:
            return NONE, NONE, None
        tasks = self.graphs[segment].tasks
        if record['record'] in OF_SLOT:
            slot = number
            for number, one in enumerate(tasks):
                n_outputs = self.graphs[segment].calls[one['call']]['n_outputs']
                if slot < n_outputs:
                    break
                slot -= n_outputs
        return segment, number, tasks[number]['group']

    def spans(self):
        found = {lane: [] for lane in self.run.lanes}
        for record in self.run.records:
            lane = record['lane']
            kind = record['record']
            if record['flags'] & DETAIL or not (
                    kind in SPANS or kind in EVENTS and self.run.lanes[lane]['role'] == CONTROL):
                continue
            segment, number, group = self.task_of(record)
            domain = self.domain(lane)
            found[lane].append({
                'what': 'span', 'lane': lane, 'kind': NUMBERS[kind], 'flags': record['flags'],
                'how': record['how'], 'depth': record['depth'], 'segment': segment,
                'task': number, 'group': group, 'start': self.ns(record['start'], domain),
                'end': self.ns(record['start'] + record['duration'], domain),
                'amount': record['amount']})
        return [span for lane in sorted(found) for span in found[lane]]

    def groups(self):
        found = {}
        for segment in sorted(self.graphs):
            for name, n in self.graphs[segment].groups:
                group = found.setdefault(name, {'what': 'group', 'name': name, 'n_tasks': 0,
                                                'busy': 0, 'longest': 0, 'n_ended': 0})
                group['n_tasks'] += n
        for span in self.spans():
            if span['kind'] not in (NUMBERS['task'], NUMBERS['timed-out']):
                continue
            group = found[span['group']]
            group['busy'] += span['end'] - span['start']
            group['longest'] = max(group['longest'], span['end'] - span['start'])
            group['n_ended'] += span['kind'] == 1 and not span['flags'] & CONTINUED \
                and OUTCOMES[span['how'] >> 4] in ('ok', 'replaced')
        return list(found.values())

    def readers(self, segment):
        """Which tasks of the segment read a task's first result."""
        readers = {}
        for number, one in enumerate(self.graphs[segment].tasks):
            for source, output in one['inputs']:
                if not isinstance(source, dict) and output == 0:
                    readers.setdefault(source, set()).add(number)
        return readers

    def states(self):
        """Of one segment's tasks, when the run is over and its results are read by key only."""
        ended = {}
        for record in self.run.records:
            if record['record'] in ('erred', 'cancelled'):
                ended[record['segment'], record['task']] = record['record']
            elif record['record'] == 'task' and not record['flags'] & (CONTINUED | LATE):
                outcome = OUTCOMES[record['how'] >> 4]
                if outcome != 'retried':
                    ended[record['segment'], record['task']] = {
                        'ok': 'memory', 'cancelled': 'cancelled'}.get(outcome, 'erred')
        readers = {segment: self.readers(segment) for segment in self.graphs}
        for (segment, number), state in list(ended.items()):
            if state == 'memory' and [number, 0] not in self.graphs[segment].wanted \
                    and all((segment, reader) in ended
                            for reader in readers[segment].get(number, ())):
                ended[segment, number] = 'released'
        return ended


def shown(lines):
    return '\n'.join(map(json.dumps, lines))


def compare(found, expected):
    for number, (one, other) in enumerate(zip(found, expected)):
        if one != other:
            raise AssertionError(f'number {number}:\n{shown([one, other])}')
    equal(len(found), len(expected))


def agree(run, path, states=True):
    found, expected = dumped(path), Expected(run)
    compare(found['span'], expected.spans())
    compare(found['group'], expected.groups())
    equal([(lane['lane'], lane['name'], lane['role'], lane['worker']) for lane in found['lane']],
          [(lane['lane'], lane['name'], lane['role'], lane['worker'])
           for lane in run.lanes.values()])
    equal([(one['key'], one['group']) for one in found['task']],
          [(one['key'], one['group']) for segment in sorted(expected.graphs)
           for one in expected.graphs[segment].tasks])
    equal((found['run'][0]['n_errors'], found['run'][0]['n_logs']),
          (len(run.kind('error')), len(run.kind('log'))))
    if states:
        known = expected.states()
        for one in found['task']:
            equal((one['key'], one['state']),
                  (one['key'], known.get((one['segment'], one['task']), 'cancelled')))
    return found


# ---- tests ---------------------------------------------------------------------------------------

@test('/weft/model/agree/examples')
def examples():
    for name in sorted(os.listdir(EXAMPLES)):
        if not name.endswith('.json') or name.startswith('06'):
            continue
        with Folder() as folder:
            run = traced(folder, os.path.join(EXAMPLES, name))
            found = agree(run, run.path)
            equal(found['run'][0]['state'], 2)


@test('/weft/model/agree/failures')
def failures():
    text = graph({**{f'bad-{i}': task('fail', 2, i, f'no {i}', retries=i % 3)
                     for i in range(9)},
                  **{f'read-{i}': task('add', ref(f'bad-{i}'), 1) for i in range(9)},
                  **{f'good-{i}': task('add', i, 1) for i in range(40)}})
    with Folder() as folder:
        run = traced(folder, text, '--no-optimize', '--on-error', 'continue')
        found = agree(run, run.path)
        attempts = {one['key']: one['attempts'] for one in found['task']}
        for i in range(9):
            equal((attempts[f'bad-{i}'], attempts[f'read-{i}'], attempts[f'good-{i}']),
                  (i % 3 + 1, 1 if i % 3 == 2 else 0, 1))


@test('/weft/model/agree/twenty-thousand-tasks')
def many():
    text = graph({'inc-0': task('add', 0, 1),
                  **{f'inc-{i}': task('add', ref(f'inc-{i // 2}'), 1) for i in range(1, 20000)}})
    with Folder() as folder:
        run = traced(folder, text, '--no-optimize')
        agree(run, run.path)


@test('/weft/model/agree/cut-files')
def cut():
    numbers = seeded()
    text = graph({f'nap-{i}': task('busy', 0.0001) for i in range(500)})
    with Folder() as folder:
        whole = traced(folder, text, '--workers', '2')
        for _ in range(10):
            data = whole.data[:numbers.randrange(len(whole.data))]
            path = folder.path('cut.weft')
            with open(path, 'wb') as file:
                file.write(data)
            run = RunFile(data)
            # The graph has to be whole; the recorder's own records stand before it.
            parts = run.kind('segment')
            if run.complete or not run.records or not parts or parts[-1]['segment_flags'] & 2 == 0:
                continue
            agree(run, path, states=False)


main()
