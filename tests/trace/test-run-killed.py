"""test-run-killed.py: what is left of a run of the command after kill -9, at any moment.

SPDX-License-Identifier: BSD-3-Clause

    test-run-killed.py [--measure N]

Truth that does not come from the file: the clock at the kill, and the times of files that tasks
wrote. --measure kills N runs of each kind and prints how old the last frame was, at most.
"""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from traced import Folder, agree, graph, ref, seeded, start, task

import run_check
import run_file
from run_check import ENDED, end_of
from tap import equal, main, test

TASK, PARKED = 1, 12  # kinds of records
NOW, SEGMENT = 7, 4   # of frames
LAST = 2              # a segment's flag: this piece is its last
RANDOM = seeded()

# Many tiny tasks; two that never end; one that waits to be tried again; a program that talks.
TINY = graph({f'tiny-{i}': task('busy', 0.00001) for i in range(300000)}, ['tiny-0'])
LONG = graph({'nap-0': task('sleep', 600), 'nap-1': task('busy', 600)})
IDLE = graph({'flaky': task('fail', 1, 1, 'no', retries=1, retry_delay=600)})
TALK = graph({'talk': task('exec', ['sh', '-c', 'while true; do echo again; sleep 0.01; done'])})


def marks(folder):
    return graph({f'mark-{i}': task('file.write', folder.path(f'mark-{i}'), ref(f'nap-{i}'))
                  for i in range(20000)}
                 | {f'nap-{i}': task('sleep', 0.0005, 'x') for i in range(20000)})


class Killed(run_check.RunFile):
    """The file, and by how much it falls short of the kill."""

    def __init__(self, path, killed_ns):
        super().__init__(path)
        run_check.check(self)
        self.path = path
        stamps = [frame['watermark'] for frame in self.frames if frame['kind'] != 'records']
        self.last = max(stamps, default=None)
        self.back_ms = 1e3 * (killed_ns * 1e-9 - self.time(self.last)) if stamps else None

    def now(self):
        """What each lane was doing at the last frame, as the NOW entries and records say."""
        entries = {}
        for frame in self.kind('now'):
            entries.update({entry['lane']: entry for entry in frame['entries']})
        ended = {(r['lane'], r['record'], r['task'], r['start']) for r in self.records}
        return [entry for lane, entry in entries.items() if entry['watermark'] != ENDED
                and (lane, run_file.RECORDS.get(entry['kind']), entry['task'],
                     entry['start']) not in ended]

    def running(self):
        return {(self.keys()[e['task']], e['attempt']) for e in self.now() if e['kind'] == TASK}


def has_now(path, n):
    """The graph, whose pieces come one a round, and so many looks at what runs."""
    try:
        with open(path, 'rb') as source:
            frames = run_file.read_frames(source.read())
            graph_is_there = any(frame.kind == SEGMENT and frame.payload[8] & LAST
                                 for frame in frames)
            return graph_is_there and sum(frame.kind == NOW for frame in frames) >= n
    except FileNotFoundError:
        return False


def killed(folder, text, *arguments, after_now=2):
    """Kills a run at a moment between two ticks, any ticks."""
    with start(folder, text, '--no-optimize', '--workers', '2', *arguments) as process:
        while not has_now(folder.path('run.weft'), after_now):
            equal(process.poll(), None)
        time.sleep(RANDOM.random() * 0.12)  # where in a tick the kill falls
        equal(process.poll(), None)
        killed_ns = time.monotonic_ns()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return Killed(folder.path('run.weft'), killed_ns)


def whole(run):
    """It opens up to its last whole frame, in both readers, and was not complete."""
    equal((run.complete, run.back_ms > -1), (False, True))
    agree(run, complete=False)


@test('/weft/trace/run-killed/under-load')
def load():
    for _ in range(3):
        with Folder() as folder:
            run = killed(folder, TINY, '--trace-buffer', '1M', after_now=3)
            whole(run)
            equal((len(run.of('worker-start')), len(run.of('task')) > 100), (2, True))


@test('/weft/trace/run-killed/nothing-that-ended-earlier-is-missing')
def nothing_missing():
    for _ in range(3):
        with Folder() as folder:
            run = killed(folder, marks(folder))
            whole(run)
            keys = run.keys()
            known = {keys[r['task']] for r in run.of('task')} | {key for key, _ in run.running()}
            # The kernel's times of files stand still between its ticks.
            until = run.wall(run.last) - 0.02
            made = [name for name in os.listdir(folder.name) if name.startswith('mark')
                    and os.stat(folder.path(name)).st_mtime < until]
            equal(([name for name in made if name not in known], len(made) > 0), ([], True))
            equal(max(map(end_of, run.of('task'))) <= run.last + 1e6, True)


@test('/weft/trace/run-killed/the-last-now-says-what-was-running')
def running():
    for _ in range(2):
        with Folder() as folder:
            run = killed(folder, LONG, after_now=4)
            whole(run)
            equal((run.running(), run.of('task')), ({('nap-0', 1), ('nap-1', 1)}, []))


@test('/weft/trace/run-killed/idle')
def idle():
    with Folder() as folder:
        run = killed(folder, IDLE, after_now=6)
        whole(run)
        equal((run.running(), len(run.of('task'))), (set(), 1))
        lanes = {record['lane'] for record in run.of('worker-start')}
        equal({entry['kind'] for entry in run.now() if entry['lane'] in lanes}, {PARKED})


@test('/weft/trace/run-killed/while-a-program-talks')
def talking():
    with Folder() as folder:
        run = killed(folder, TALK, after_now=4)
        whole(run)
        said = ''.join(frame['text'] for frame in run.kind('log'))
        equal((said.replace('again\n', ''), len(said) > 0), ('', True))
        equal(run.running(), {('talk', 1)})


def measure(n):
    kinds = {'load': TINY, 'idle': IDLE, 'long tasks': LONG}
    for name, text in kinds.items():
        found = []
        for _ in range(n):
            with Folder() as folder:
                found.append(killed(folder, text, after_now=RANDOM.randrange(1, 6)).back_ms)
        print(f'{name}: last frame at most {max(found):.1f} ms before the kill, '
              f'median {sorted(found)[n // 2]:.1f} ms, {n} kills')


if __name__ == '__main__':
    if len(sys.argv) > 2:
        measure(int(sys.argv[2]))
    else:
        main()
