"""test-run-records.py: what runs of the command leave in their run files, kind by kind.

SPDX-License-Identifier: BSD-3-Clause

Each file is also held to all that run_check.py knows. What the command cannot do (pause, step,
futures) is tested from C, in tests/sched/test-records.c.
"""
import array
import fcntl
import json
import os
import signal
import sys
import termios
import time
from statistics import median

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from traced import Folder, Traced, graph, ref, start, task, traced

import run_check
from run_check import CONTINUED, SHARED, end_of
from tap import contains, equal, main, test

CHAIN = graph({'inc-0': task('add', 0, 1),
               **{f'inc-{i}': task('add', ref(f'inc-{i - 1}'), 1) for i in range(1, 20000)}})
NUMBERS = graph({f'inc-{i}': task('add', i, 1) for i in range(100000)}, ['inc-0'])
RETRIED, FAILED, TIMED_OUT, CANCELLED = 2, 1, 3, 4


def text_of(run):
    return {stream: ''.join(frame['text'] for frame in run.kind('log')
                            if frame['stream'] == stream) for stream in (1, 2)}


def share(records, flag):
    return sum(record['flags'] & flag != 0 for record in records) / len(records)


# ---- spans ---------------------------------------------------------------------------------------

@test('/weft/trace/run-records/each-task-once-with-shared-stamps')
def shared():
    with Folder() as folder:
        run = traced(folder, CHAIN, '--no-optimize', '--workers', '1')
        spans = run.of('task')
        equal([record['task'] for record in spans], list(range(20000)))
        # In a build that is slow by its checks the operation may be one of the long ones: one span
        # that was held up is enough, if its mean does not stay well below an eighth of 2 us again.
        equal(share(spans, SHARED) > 0.9 or median(map(run.seconds, spans)) > 1e-7, True)
        equal({record['how'] & 15 for record in spans[1:]} <= {0, 1, 2}, True)


@test('/weft/trace/run-records/long-operations-get-stamps-of-their-own')
def separate():
    text = graph({f'nap-{i}': task('busy', 0.0001) for i in range(200)})
    with Folder() as folder:
        run = traced(folder, text, '--workers', '1')
        spans = run.of('task')
        equal((len(spans), sum(record['flags'] & SHARED != 0 for record in spans) <= 1),
              (200, True))
        for before, record in zip(spans, spans[1:]):
            equal(record['flags'] & SHARED or record['start'] > end_of(before), True)


@test('/weft/trace/run-records/results-count-as-they-are-charged')
def amounts():
    text = graph({'a': task('alloc', 300000), 'b': task('alloc', 5 << 20), 'n': task('const', 1)},
                 ['a', 'b', 'n'])
    with Folder() as folder:
        run = traced(folder, text)
        found = {run.keys()[r['task']]: r['amount'] for r in run.of('task')}
        equal(found['n'], 0)
        equal(300000 <= found['a'] < 2 * 300000, True)
        equal(5 << 20 <= found['b'] < 6 << 20, True)


@test('/weft/trace/run-records/what-others-hold-counts-once')
def views():
    """A value that is passed on is nothing new; a list of it is a view."""
    text = graph({'made': task('alloc', 5 << 20), 'passed': task('identity', ref('made')),
                  'listed': task('identity', [ref('made'), 1]),
                  'n': task('count', [ref('passed'), ref('listed'), ref('made')])})
    with Folder() as folder:
        run = traced(folder, text, '--no-optimize')
        found = {run.keys()[r['task']]: r for r in run.of('task')}
        equal([found[key]['flags'] & run_check.VIEW != 0 for key in ('made', 'passed', 'listed')],
              [False, True, True])
        equal(found['passed']['amount'], 0)
        equal(found['listed']['amount'] < 4096, True)


@test('/weft/trace/run-records/fused-units-are-marked')
def units():
    text = graph({f'c{k}-{i}': task('add', ref(f'c{k}-{i - 1}') if i else k, 1)
                  for k in range(20) for i in range(10)})
    with Folder() as folder:
        run = traced(folder, text, '--passes', 'fuse,order', '--workers', '2')
        flags = {one['key']: one['unit'] & 1 for one in run.graph().tasks}
        equal(sum(flags.values()) > 0, True)
        marked = {run.keys()[r['task']]: int(r['flags'] & run_check.UNIT != 0)
                  for r in run.of('task')}
        equal(marked, flags)


@test('/weft/trace/run-records/longer-tasks-tell-their-cpu-time')
def cpu_times():
    """Those that burn tell what they burned, also where others have the processor meanwhile. Of one
    that starts a program it is its thread's; the program's is told beside."""
    text = graph({**{f'burn-{i}': task('busy', 0.02) for i in range(8)},
                  **{f'nap-{i}': task('sleep', 0.02, timeout=60) for i in range(8)},
                  **{f'n-{i}': task('add', i, 1) for i in range(100)},
                  'program': task('exec', ['sh', '-c',
                                           'i=0; while [ $i -lt 40000 ]; do i=$((i+1)); done'])})
    with Folder() as folder:
        run = traced(folder, text, '--workers', '2')
        took = {record['task']: run.seconds(record) for record in run.of('task')}
        told = {record['task']: record['amount'] / 1e9 for record in run.of('task-cpu')}
        keys = {task: run.keys()[task] for task in told}
        for number, key in keys.items():
            equal(took[number] >= 0.0001 and told[number] <= took[number] * 1.001, True)
            if key == 'program':
                child = json.loads(run.kind('facts')[0]['text'])['child']
                equal(told[number] < child['cpu_ns'] / 1e9 <= took[number], True)
            if key.startswith('burn'):
                equal(told[number] >= 0.019, True)
            if key.startswith('nap'):
                equal(told[number] < 0.01, True)
        equal(sum(key.startswith('burn') for key in keys.values()) >= 6, True)
        equal(sum(key.startswith('nap') for key in keys.values()) >= 6, True)
        equal('program' in keys.values(), True)


# ---- waits ---------------------------------------------------------------------------------------

@test('/weft/trace/run-records/retries')
def retries():
    text = graph({'flaky': task('fail', 2, 40, 'not yet', retries=3, retry_delay=0.02)})
    with Folder() as folder:
        run = traced(folder, text)
        equal([record['how'] >> 4 for record in run.of('task')], [RETRIED, RETRIED, 0])
        equal([record['amount'] for record in run.of('attempt')], [2, 3])
        waits = run.of('retry-wait')
        equal([record['amount'] for record in waits], [1, 2])
        # at least that long: where others want the processor, either may take longer
        equal([run.seconds(wait) >= delay for wait, delay in zip(waits, (0.0199, 0.0399))],
              [True, True])
        equal([(error['attempt'], error['message']) for error in run.kind('error')],
              [(1, 'not yet'), (2, 'not yet')])
        equal(len(run.of('ready')), 2)


@test('/weft/trace/run-records/resource-waits')
def resources():
    text = graph({f'use-{i}': task('sleep', 0.03, resources={'gpu': 1}) for i in range(4)})
    with Folder() as folder:
        run = traced(folder, text, '--resource', 'gpu=1', '--workers', '3')
        waits = run.of('resource-wait')
        equal({run.strings[wait['amount']] for wait in waits}, {'gpu'})
        equal(len({wait['task'] for wait in waits}), len(waits))
        starts = {r['task']: r['start'] for r in run.of('task')}
        for wait in waits:
            equal(end_of(wait) <= starts[wait['task']], True)
        equal(max(run.seconds(wait) for wait in waits) > 0.025, True)


@test('/weft/trace/run-records/workers-start-park-and-stop')
def workers():
    text = graph({'nap': task('sleep', 0.1), 'end': task('const', 1, after=['nap'])})
    with Folder() as folder:
        run = traced(folder, text, '--workers', '3')
        starts, stops = run.of('worker-start'), run.of('worker-stop')
        equal({record['lane'] for record in starts}, {record['lane'] for record in stops})
        for record in starts + stops:
            lane = run.lanes[record['lane']]
            equal((lane['worker'], lane['os_thread']), (record['segment'], record['task']))
        equal(len({record['task'] for record in starts}), len(starts))
        nap = next(r for r in run.of('task') if run.keys()[r['task']] == 'nap')
        idle = [lane for lane in run.workers() if lane != nap['lane']]
        equal(len(idle) > 0, True)
        begun = {record['lane']: record['start'] for record in starts}
        for lane in idle:
            parked = sum(map(run.seconds, run.of('parked', lane=lane)))
            late = max(begun[lane] - nap['start'], 0)  # a loaded machine starts threads later
            there = run.seconds(nap) * (1 - min(late / nap['duration'], 1))
            equal(parked > there - 0.5 * run.seconds(nap), True)


@test('/weft/trace/run-records/spilling-and-memory')
def spilling():
    n = 20
    text = graph({**{f'big-{i}': task('alloc', 2 << 20, i) for i in range(n)},
                  **{f'len-{i}': task('len', ref(f'big-{i}'),
                                      after=[f'big-{j}' for j in range(n)]) for i in range(n)}})
    with Folder() as folder:
        run = traced(folder, text, '--memory-limit', '10M', '--workers', '2')
        wrote, read = run.of('spill-write'), run.of('spill-read')
        equal((len(read) > 0, len(wrote) >= len(read)), (True, True))
        equal({record['amount'] >= 2 << 20 for record in wrote + read}, {True})
        keys = run.keys()
        equal({keys[record['task']].startswith('big') for record in wrote + read}, {True})
        for record in read:
            equal(any(w['task'] == record['task'] and end_of(w) <= record['start']
                      for w in wrote), True)
        limits = run.of('memory', task=3)
        equal([record['amount'] for record in limits], [10 << 20])


# ---- the recorder's limit ------------------------------------------------------------------------

def is_still(pid):
    """All of its threads sleep, and none has run between two looks."""
    def look():
        found = {}
        for thread in os.listdir(f'/proc/{pid}/task'):
            try:
                with open(f'/proc/{pid}/task/{thread}/stat', encoding='utf-8') as stat:
                    fields = stat.read().rpartition(')')[2].split()
                with open(f'/proc/{pid}/task/{thread}/status', encoding='utf-8') as status:
                    switches = [line for line in status if 'ctxt_switches' in line]
            except OSError:
                return None
            found[thread] = (fields[0], switches)
        return found
    before = look()
    time.sleep(0.15)  # longer than the recorder's tick
    return before is not None and look() == before and {s for s, _ in before.values()} <= {'S'}


def is_full(pipe):
    waiting = array.array('i', [0])
    fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    return waiting[0] > fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) // 2


def held_up(folder, *arguments):
    """A run whose file is a pipe that nobody reads until it is full and everything stands still."""
    os.mkfifo(folder.path('run.weft'))
    process = start(folder, NUMBERS, '--no-optimize', '--trace-buffer', '256k', '--workers', '2',
                    '--progress', 'plain', *arguments)
    with open(folder.path('run.weft'), 'rb') as pipe:
        while not (is_full(pipe) and is_still(process.pid)):
            pass
        data = pipe.read()
    _, errors = process.communicate()
    equal(process.returncode, 0)
    return run_check.check(run_check.RunFile(data)), errors


@test('/weft/trace/run-records/at-the-limit-workers-wait')
def waits():
    with Folder() as folder:
        run, errors = held_up(folder)
        waits = run.of('recorder-wait')
        equal(len(waits) > 0, True)
        equal(sorted(r['task'] for r in run.of('task')), list(range(100000)))
        equal(run.kind('end')[0]['n_dropped'], 0)
        times = f'{len(waits)} time' + ('s' if len(waits) > 1 else '')
        contains(errors, f'workers waited {times} for it')
        equal(max(map(run.seconds, waits)) > 0.1, True)


@test('/weft/trace/run-records/or-spans-are-dropped-counted-and-shown')
def drops():
    with Folder() as folder:
        run, errors = held_up(folder, '--trace-drop')
        end, = run.kind('end')
        equal(end['n_dropped'] > 0, True)
        kept = [record['task'] for record in run.of('task')]
        equal((len(kept) + end['n_dropped'], len(set(kept))), (100000, len(kept)))
        equal((end['n_waits'], len(run.of('recorder-wait'))), (0, 0))
        digits = ''.join(c for c in errors.partition('record: ')[2].partition('task spans')[0]
                         .partition('; ')[2] if c.isdigit())
        equal(digits, str(end['n_dropped']))


# ---- programs ------------------------------------------------------------------------------------

@test('/weft/trace/run-records/output-of-programs-is-there-while-they-run')
def live():
    script = 'echo begun; echo trouble >&2; read line; echo "ended by $line"'
    with Folder() as folder:
        os.mkfifo(folder.path('door'))
        text = graph({'talk': task('exec', ['sh', '-c', f'{{ {script}; }} <door'])})
        with start(folder, text) as process:
            with open(folder.path('door'), 'wb') as door:
                while True:
                    with open(folder.path('run.weft'), 'rb') as source:
                        run = run_check.check(run_check.RunFile(source.read()))
                    said = text_of(run)
                    if said == {1: 'begun\n', 2: 'trouble\n'}:
                        break
                    equal(process.poll(), None)
                    time.sleep(0.01)  # between two looks
                equal((run.complete, run.of('task')), (False, []))
                door.write(b'us\n')
            out, _ = process.communicate()
        equal((process.returncode, 'ended by us' in out), (0, True))
        run = Traced(folder.path('run.weft'))
        equal(text_of(run), {1: 'begun\nended by us\n', 2: 'trouble\n'})
        span, = run.of('task')
        stamps = [frame['stamp'] for frame in run.kind('log')]
        equal(span['start'] <= min(stamps) and max(stamps) <= end_of(span), True)
        equal({(f['task'], f['segment'], f['attempt'], f['lane']) for f in run.kind('log')},
              {(0, 0, 1, span['lane'])})


@test('/weft/trace/run-records/the-process-is-sampled')
def process_samples():
    text = graph({'burn': task('busy', 0.4), 'hold': task('alloc', 64 << 20, after=['burn']),
                  'write': task('file.write', 'FILE', ref('hold')),
                  'rest': task('sleep', 0.25, after=['write']),
                  'size': task('len', ref('hold'), after=['rest'])}, ['size'])
    with Folder() as folder:
        run = traced(folder, text.replace('FILE', folder.path('out')), '--workers', '1')
        equal(run.done.status, 0)
        cpu = sum(record['amount'] for record in run.of('cpu', task=0))
        equal(0.4e9 <= cpu < 3e9, True)
        resident = [record['amount'] for record in run.of('memory', task=2)]
        equal(max(resident) - resident[0] > 60 << 20, True)
        managed = [record['amount'] for record in run.of('memory', task=0)]
        equal(max(managed, default=0) >= 64 << 20, True)
        equal(sum(record['amount'] for record in run.of('io', task=1)) > 0, True)
        samples = run.of('cpu', task=0)
        equal({end_of(before) <= record['start'] for before, record in zip(samples, samples[1:])},
              {True})


@test('/weft/trace/run-records/children-are-sampled')
def child_samples():
    burn = ('import time\nb = bytearray(40 << 20)\nfor i in range(0, len(b), 4096): b[i] = 1\n'
            'while time.process_time() < 0.5: pass')
    text = graph({'child': task('exec', ['/usr/bin/python3', '-S', '-c', burn]),
                  'grandchild': task('exec', ['sh', '-c', '/usr/bin/python3 -S -c "$0"; true',
                                              burn], after=['child'])})
    with Folder() as folder:
        run = traced(folder, text, '--workers', '1')
        cpu = sum(record['amount'] for record in run.of('cpu', task=1))
        equal(0.95e9 <= cpu < 2e9, True)
        spans = run.of('task')
        for span in spans:
            there = [record['amount'] for record in run.of('memory', task=4)
                     if span['start'] <= record['start'] <= end_of(span)]
            equal(max(there) > 40 << 20, True)
        equal(run.of('memory', task=4)[-1]['amount'], 0)
        facts = {f['task']: json.loads(f['text'])['child'] for f in run.kind('facts')}
        equal({task: child['cpu_ns'] >= 0.48e9 and child['max_rss_bytes'] > 40 << 20
               for task, child in facts.items()}, {0: True, 1: True})


# ---- the run -------------------------------------------------------------------------------------

@test('/weft/trace/run-records/what-the-run-was-begun-with')
def settings():
    with Folder() as folder:
        run = traced(folder, graph({'a': task('const', 1)}), '--workers', '3', '--seed', '77',
                     '--memory-limit', '1G', '--on-error', 'continue')
        found = {record['low']: record['high'] for record in run.of('setting')}
        equal({n: found[n] for n in (0, 1, 3, 4)}, {0: 3, 1: 1 << 30, 3: 1, 4: 77})
        meta = json.loads(run.kind('meta')[0]['text'])
        equal((meta['program'], meta['graph']), ('weftline run', folder.path('graph.json')))
        equal([record['how'] for record in run.of('run-state')], [0, 1, 3])
        equal(json.loads(run.kind('end')[0]['text'])['tasks'], 1)


@test('/weft/trace/run-records/cancelled-by-ctrl-c')
def cancelled():
    text = graph({'long': task('sleep', 60), 'next': task('const', 1, after=['long'])})
    with Folder() as folder, start(folder, text) as process:
        while True:
            try:
                run = run_check.RunFile(folder.path('run.weft'))
                entries = [e for frame in run.kind('now') for e in frame['entries']]
                if any(e['kind'] == 1 and e['task'] == 0 for e in entries):
                    break
            except FileNotFoundError:
                pass
            time.sleep(0.01)  # between two looks
        process.send_signal(signal.SIGINT)
        process.communicate()
        equal(process.returncode, 130)
        run = Traced(folder.path('run.weft'))
        equal([(record['task'], record['how'] >> 4) for record in run.of('task')], [(0, CANCELLED)])
        equal([record['how'] for record in run.of('run-state')], [0, 1, 5])


@test('/weft/trace/run-records/a-timeout')
def timed_out():
    text = graph({'stuck': task('exec', ['sleep', '60'], timeout=0.2),
                  'fine': task('const', 1)})
    with Folder() as folder:
        run = traced(folder, text, '--on-error', 'continue')
        ended = {run.keys()[r['task']]: r['how'] >> 4 for r in run.of('task')}
        equal(ended, {'stuck': TIMED_OUT, 'fine': 0})
        equal([error['attempt'] for error in run.kind('error')], [1])
        late = run.of('timed-out') or [r for r in run.of('task') if r['duration']]
        equal(max(map(run.seconds, late)) > 0.19, True)


@test('/weft/trace/run-records/kept-results-are-reused')
def reused():
    text = graph({'a': task('add', 1, 1), 'b': task('add', ref('a'), 1)})
    with Folder() as folder:
        traced(folder, text, '--keep', folder.path('kept'))
        run = traced(folder, text, '--resume', folder.path('kept'))
        equal([run.keys()[record['task']] for record in run.of('reused')], ['b'])


@test('/weft/trace/run-records/span-times-are-wall-times')
def clock():
    with Folder() as folder:
        before = time.time()
        run = traced(folder, graph({'nap': task('sleep', 0.3)}))
        after = time.time()
        span, = run.of('task')
        begin, end = run.wall(span['start']), run.wall(end_of(span))
        equal(before - 0.001 <= begin and end <= after + 0.001, True)
        equal(0.3 <= run.seconds(span) and end - begin >= 0.2999, True)
        final = run.kind('clock')[-1]
        equal((final['clock_flags'] & 8, final['valid_from_ticks']), (8, 0))
        equal(span['flags'] & CONTINUED, 0)


def measure_clock():
    """How far times in the file are from the truth."""
    tell = 'import time\nfor i in range(20): print(time.time_ns(), flush=True); time.sleep(0.01)'
    with Folder() as folder:
        run = traced(folder, graph({'nap': task('sleep', 1), 'tell': task(
            'exec', ['/usr/bin/python3', '-c', tell], after=['nap'])}))
        nap = next(r for r in run.of('task') if run.keys()[r['task']] == 'nap')
        print(f'sleep of 1 s: {1e6 * (run.seconds(nap) - 1):.0f} us longer')
        late = [run.wall(frame['stamp']) - int(frame['text'].split()[0]) * 1e-9
                for frame in run.kind('log') if frame['text'].strip()]
        print(f'what a program says ends {1e6 * min(late):.0f} us from the wall clock')


if __name__ == '__main__':
    if '--measure-clock' in sys.argv:
        measure_clock()
    else:
        main()
