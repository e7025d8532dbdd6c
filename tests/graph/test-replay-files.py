"""test-replay-files.py: real graph files are checked, run and judged by what the run recorded.

SPDX-License-Identifier: BSD-3-Clause

Recorded workflows: each task is run once, takes at least its recorded time divided by
--replay-speed, and holds its recorded bytes times --replay-bytes. Other graphs: each task takes
--replay-default, and the output says so. What the files say is read here by Python's json.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'cli')]

from command import SOURCE, Folder, weftline
from tap import Skip, contains, equal, main, test

REAL = os.path.join(SOURCE, '..', 'shared', 'data', 'graphs')
SPEED, BYTES, DEFAULT_S = 10000, 0.01, 0.002
BLIND_S = 5e-6  # what is shorter is burnt without looking at the clock


def real_files(folder, ending, n_at_least):
    path = os.path.join(REAL, folder)
    if not os.path.isdir(path):
        raise Skip('no real graph files in ../shared/data/graphs beside the project')
    names = sorted(os.path.join(path, name) for name in os.listdir(path)
                   if name.endswith(ending) and 'schema' not in name)
    equal(len(names) >= n_at_least, True)
    return names


def workflow_of(path):
    """Seconds and bytes of each task, and the names of all machines."""
    with open(path, encoding='utf-8') as file:
        workflow = json.load(file)['workflow']
    sizes = {file['id']: file['sizeInBytes'] for file in workflow['specification'].get('files', [])}
    executed = {task['id']: task for task in workflow['execution']['tasks']}
    tasks = workflow['specification']['tasks']
    return ([executed[task['id']]['runtimeInSeconds'] for task in tasks],
            [sum(sizes[file] for file in task.get('outputFiles', [])) for task in tasks],
            {machine for task in executed.values() for machine in task.get('machines', [])[:1]})


def replayed(path, *options):
    """What the run said, and for each task's only span its seconds and bytes."""
    with Folder() as folder:
        trace = os.path.join(folder, 'run.weft')
        done = weftline('run', '--progress', 'plain', '--trace', trace, *options, path)
        equal((path, done.status), (path, 0))
        lines = [json.loads(line) for line in weftline('dump', trace).out.splitlines()]
    ticks = next(line['ticks_per_second'] for line in lines if line.get('kind') == 'clock')
    spans = [line for line in lines if line.get('record') == 'task']
    equal(sorted(span['task'] for span in spans), list(range(len(spans))))
    took = [span['duration'] / ticks for span in spans]
    return done.err, took, [span['amount'] for span in spans]


def assert_at_least(found, wanted):
    """Who is who does not matter: if each is long enough, so are they in order of length."""
    equal(len(found), len(wanted))
    for one, other in zip(sorted(found), sorted(wanted)):
        if one < other * 0.999 - BLIND_S:
            raise AssertionError(f'a task took {one} s, expected at least {other} s')


@test('/weft/graph/replay-files/workflows-are-checked-and-replayed')
def workflows():
    for path in real_files('wfcommons', '.json', 8):
        seconds, sizes, _ = workflow_of(path)
        contains(weftline('check', path).out, f'good: {len(seconds):,} tasks')
        said, took, held = replayed(path, '--replay-speed', SPEED, '--replay-bytes', BYTES)
        contains(said, f'done: {len(seconds)} tasks')
        assert_at_least(took, [second / SPEED for second in seconds])
        # a result's own head counts too; each output, a file or several, is rounded by itself
        more = sum(held) - BYTES * sum(sizes)
        equal((path, more, -len(sizes) <= more <= 256 * len(sizes)), (path, more, True))


@test('/weft/graph/replay-files/machines-are-kept')
def machines():
    for path in real_files('wfcommons', '.json', 8):
        with Folder() as folder:
            copy = os.path.join(folder, 'copy.json')
            equal(weftline('convert', path, copy).status, 0)
            with open(copy, encoding='utf-8') as file:
                tasks = json.load(file)['tasks'].values()
        seconds, _, names = workflow_of(path)
        equal({task['machine'] for task in tasks if 'machine' in task}, names)
        equal(round(sum(task['runtime'] for task in tasks), 3), round(sum(seconds), 3))


def assert_default_replay(path):
    said, took, _ = replayed(path, '--replay-default', DEFAULT_S)
    n = len(took)
    contains(said, f'times: {n} of {n} tasks had no recorded runtime; 2.00 ms each stand in')
    assert_at_least(took, [DEFAULT_S] * n)


@test('/weft/graph/replay-files/dot-files-are-replayed')
def dot():
    for path in real_files('dot', '.dot', 2):
        assert_default_replay(path)


@test('/weft/graph/replay-files/dagman-files-are-replayed-but-the-cycle')
def dagman():
    for path in real_files('dagman', '.dag', 5):
        if 'cycle' not in path:
            assert_default_replay(path)
            continue
        for command in ('check', 'run'):
            done = weftline(command, path)
            equal((done.status, done.out), (2, ''))
            contains(done.err, '.dag:4:5: found a cycle, in which each task needs the one before: '
                               'B -> C -> B\n')


main()
