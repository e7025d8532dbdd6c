"""test-run-file.py: two readers of run files agree on real runs, whole, cut off, and growing.

SPDX-License-Identifier: BSD-3-Clause

One reader is the library's, through `weftline dump`; the other is tests/support/run_file.py,
written from data/doc/run-file.md alone.
"""
import glob
import itertools
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from traced import (EXAMPLES, SOURCE, Folder, agree, dumped, graph, ref, seeded, start, task,
                    traced, weftline)

import run_check
import run_file
from tap import equal, main, test

RANDOM = seeded()
RECORDED = sorted(glob.glob(os.path.join(SOURCE, '..', 'shared', 'data', 'graphs', 'wfcommons',
                                         '*-0*.json'))
                  + glob.glob(os.path.join(SOURCE, 'tests', 'fuzz', 'corpus', 'wfcommons',
                                           '*.json')))
NOISY = 'printf "one\\n\\377\\303\\050 \\342\\202"; echo two >&2; printf "\\001\\t\\"\\\\"'
FAILING = graph({
    'good': task('const', 1),
    'flaky': task('fail', 2, 40, 'not yet', retries=3, retry_delay=0.001),
    'bad': task('fail', message='broken thread', retries=1, retry_delay=0.001),
    'dead': task('exec', ['sh', '-c', NOISY + '; exit 3']),
    'after': task('add', ref('bad'), 1), 'later': task('const', 1, after=['dead']),
    'sum': task('add', ref('flaky'), ref('good'))}, ['sum', 'after', 'later'])
SPILLING = graph({**{f'big-{i}': task('alloc', 4 << 20) for i in range(12)},
                  'all': task('sum', [ref(f'size-{i}') for i in range(12)]),
                  **{f'size-{i}': task('len', ref(f'big-{i}'),
                                       after=[f'big-{j}' for j in range(12)])
                     for i in range(12)}}, ['all'])
RESOURCES = graph({f'use-{i}': task('sleep', 0.01, resources={'gpu': 1}) for i in range(6)})
WIDE = graph({**{f'inc-{i}': task('add', i, 1) for i in range(30000)},
              'sum': task('sum', [ref(f'inc-{i}') for i in range(30000)])}, ['sum'])


def read_alike(folder, what, *arguments, status=0):
    run = traced(folder, what, *arguments)
    equal((run.done.status, run.complete), (status, True))
    agree(run)
    return run


@test('/weft/trace/run-file/examples')
def examples():
    for path in sorted(glob.glob(os.path.join(EXAMPLES, '*.json'))):
        with Folder() as folder, open(path, encoding='utf-8') as source:
            text = source.read().replace('weftline-build', folder.path('build'))
            text = text.replace('"text/', f'"{EXAMPLES}/text/')
            read_alike(folder, text)


@test('/weft/trace/run-file/recorded-workflows')
def recorded():
    equal(len(RECORDED) >= 3, True)
    for path in RECORDED:
        with Folder() as folder:
            run = read_alike(folder, path, '--no-optimize', '--replay-speed', '1e6',
                             '--replay-bytes', '0.001')
            equal(len(run.of('task')), len(run.graph().tasks))


@test('/weft/trace/run-file/failures-and-retries')
def failures():
    with Folder() as folder:
        run = read_alike(folder, FAILING, '--on-error', 'continue', status=1)
        equal([len(run.of(name)) for name in ('erred', 'culprit', 'retry-wait')], [2, 2, 3])
        equal(len(run.kind('error')), 5)
        equal(len(run.kind('log')) >= 2, True)


@test('/weft/trace/run-file/spilling-and-resources')
def spilling():
    with Folder() as folder:
        run = read_alike(folder, SPILLING, '--memory-limit', '20M', '--workers', '2')
        equal(len(run.of('spill-write')) > 0 and len(run.of('spill-read')) > 0, True)
        run = read_alike(folder, RESOURCES, '--resource', 'gpu=1', '--workers', '3')
        equal(len(run.of('resource-wait')) > 0, True)


@test('/weft/trace/run-file/thirty-thousand-tasks')
def wide():
    with Folder() as folder:
        run = read_alike(folder, WIDE, '--no-optimize')
        equal(sorted(record['task'] for record in run.of('task')), list(range(30001)))
        pieces = [frame['piece'] for frame in run.kind('segment')]
        equal((pieces, len(pieces) > 3), (list(range(len(pieces))), True))
        equal(run.keys(), [f'inc-{i}' for i in range(30000)] + ['sum'])


# ---- graphs --------------------------------------------------------------------------------------

def value(arg, keys, inputs):
    """An argument of a call, as the native graph file writes it."""
    kind, *rest = arg
    if kind == 4:
        return bytes.fromhex(rest[0]).decode()
    if kind == 6:
        return list(itertools.chain.from_iterable(
            [reference(keys, i) for i in inputs[item[1]:item[1] + item[2]]] if item[0] == 9
            else [value(item, keys, inputs)] for item in rest))
    if kind == 7:
        return {value(name, keys, inputs): value(item, keys, inputs)
                for name, item in zip(rest[::2], rest[1::2])}
    if kind == 8:
        return reference(keys, inputs[rest[0]])
    return bool(rest[0]) if kind == 1 else rest[0]


def reference(keys, source):
    task_id, output = source
    return {'ref': keys[task_id], **({'output': output} if output > 0 else {})}


def attributes(found):
    """Those that say something."""
    if found is None:
        return {}
    said = {'priority': found['priority'], 'retries': found['retries'], 'label': found['label'],
            'retry_delay': found['retry_delay_ns'] / 1e9, 'timeout': found['timeout_ns'] / 1e9,
            'resources': dict(found['resources']),
            'metadata': found['metadata'] and json.loads(found['metadata'])}
    return {name: what for name, what in said.items() if what}


def decoded(found):
    """A segment as the tasks of a native graph file, in its order."""
    keys = [one['key'] for one in found.tasks]
    tasks = {}
    for one in found.tasks:
        call = found.calls[one['call']]
        n_bytes = [None if n < 0 else n for n in one['output_bytes']]
        said = {'op': call['op'], 'group': one['group'], 'machine': one['machine'],
                'args': [value(arg, keys, one['inputs']) for arg in call['args']],
                'kwargs': {value(name, keys, []): value(arg, keys, one['inputs'])
                           for name, arg in call['kwargs']},
                'after': sorted(keys[i] for i in one['after']),
                'runtime': one['runtime_ns'] / 1e9 if one['runtime_ns'] >= 0 else None,
                'bytes': n_bytes if any(n is not None for n in n_bytes) else None,
                'outputs': call['n_outputs'] if call['n_outputs'] != 1 else None}
        tasks[one['key']] = {**{name: what for name, what in said.items() if what},
                             **attributes(one['attributes'])}
    return tasks


def converted(path, groups, ops=True):
    """The same from `weftline convert`, groups filled in where they follow from the key."""
    tasks = json.loads(weftline('convert', '--to', 'native', path, '-').out)['tasks']
    for key, said in tasks.items():
        said.pop('version', None)
        said.setdefault('group', groups[key])
        said['after'] = sorted(said.get('after', []))
        if 'bytes' in said and not isinstance(said['bytes'], list):
            said['bytes'] = [said['bytes']]
        if not ops:
            said.pop('args', None)
        tasks[key] = {name: what for name, what in said.items() if what}
    return tasks


@test('/weft/trace/run-file/graphs-are-in-the-file')
def graphs():
    for what in (FAILING, RESOURCES, *glob.glob(os.path.join(EXAMPLES, '0[12357]*.json'))):
        with Folder() as folder:
            run = traced(folder, what, '--no-optimize', '--on-error', 'continue')
            path = what if os.path.exists(what) else folder.path('graph.json')
            found = decoded(run.graph())
            equal(found, converted(path, {key: said['group'] for key, said in found.items()}))


@test('/weft/trace/run-file/recorded-hints-are-in-the-file')
def hints():
    for path in RECORDED:
        with Folder() as folder:
            run = traced(folder, path, '--no-optimize', '--replay-speed', '1e6', '--replay-bytes',
                         '0.001')
            found = decoded(run.graph())
            edges = {key: {ref['ref'] for ref in said.get('args', [])
                           if isinstance(ref, dict)} for key, said in found.items()}
            theirs = json.loads(weftline('convert', '--to', 'native', path, '-').out)['tasks']
            equal(edges, {key: {ref['ref'] for ref in said.get('args', [])}
                          for key, said in theirs.items()})
            for said in found.values():
                equal(said.pop('op'), 'replay')
                said.pop('args', None)
                said.pop('kwargs', None)
            equal(found, converted(path, {key: said['group'] for key, said in found.items()},
                                   ops=False))


def told(path):
    """What `weftline info` says, as a dictionary."""
    rows = [line.split(None, 1) for line in weftline('info', path).out.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 2}


@test('/weft/trace/run-file/graphs-are-what-info-says')
def figures():
    for path in RECORDED:
        with Folder() as folder:
            run = traced(folder, path, '--no-optimize', '--replay-speed', '1e6', '--replay-bytes',
                         '0.001')
            found, info = run.graph(), told(path)
            n_edges = sum(len(one['inputs']) + len(one['after']) for one in found.tasks)
            equal([str(len(found.tasks)), str(n_edges), str(len(found.groups))],
                  [info['tasks'], info['edges'], info['groups']])
            equal([found.n_tasks, found.n_edges], [len(found.tasks), n_edges])
            members = [one['group'] for one in found.tasks]
            equal([members.count(name) for name, _ in found.groups], [n for _, n in found.groups])


# ---- cut off, damaged, growing -------------------------------------------------------------------

def places(run, n):
    """Where to cut: anywhere, and around the boundaries of frames."""
    ends = [frame['offset'] for frame in run.frames] + [len(run.data) - 16]
    near = [place + d for place in RANDOM.sample(ends, min(n, len(ends))) for d in (-1, 0, 1, 48)]
    some = [RANDOM.randrange(len(run.data)) for _ in range(n)] + [0, 7, 8, 63, 64]
    return [place for place in near + some if 0 <= place <= len(run.data)]


@test('/weft/trace/run-file/cut-off-anywhere')
def cut_off():
    with Folder() as folder:
        run = read_alike(folder, FAILING, '--on-error', 'continue', status=1)
        for place in places(run, 15):
            with open(folder.path('cut.weft'), 'wb') as cut:
                cut.write(run.data[:place])
            ours = list(run_file.lines(run.data[:place]))
            done, theirs = dumped(folder.path('cut.weft'))
            equal((done.status, ours == theirs, ours == run.lines[:len(ours)]), (0, True, True))
            whole = [frame for frame in run.frames
                     if frame['offset'] + 48 + -(-frame['payload_bytes'] // 16) * 16 <= place]
            equal(len([line for line in ours if 'frame' in line]), len(whole))


def frames_of(data):
    """Lines up to where it is damaged, and whether it is."""
    found = []
    try:
        for line in run_file.lines(data):
            found.append(line)
    except run_file.Damaged:
        return found, True
    return found, False


@test('/weft/trace/run-file/damaged-anywhere')
def damaged():
    with Folder() as folder:
        run = read_alike(folder, FAILING, '--on-error', 'continue', status=1)
        for _ in range(40):
            data = bytearray(run.data)
            data[RANDOM.randrange(64, len(data) - 16)] ^= 1 << RANDOM.randrange(8)
            with open(folder.path('bad.weft'), 'wb') as bad:
                bad.write(data)
            ours, broken = frames_of(bytes(data))
            done, theirs = dumped(folder.path('bad.weft'))
            equal((ours == theirs, done.status), (True, 2 if broken else 0))


@test('/weft/trace/run-file/read-while-it-is-written')
def growing():
    script = 'i=0; while [ $i -lt 12 ]; do echo line $i; i=$((i + 1)); sleep 0.05; done'
    text = graph({'talk': task('exec', ['sh', '-c', script]),
                  **{f'nap-{i}': task('sleep', 0.02) for i in range(60)}})
    with Folder() as folder, start(folder, text, '--workers', '2') as process:
        seen = []
        while process.poll() is None:
            if os.path.exists(folder.path('run.weft')):
                with open(folder.path('run.weft'), 'rb') as source:
                    data = source.read()
                done, theirs = dumped(folder.path('run.weft'))
                equal(done.status, 0)
                seen.append((list(run_file.lines(data)), theirs))
            time.sleep(0.01)  # between two looks
        process.communicate()
        run = run_check.check(run_check.RunFile(folder.path('run.weft')))
        equal((process.returncode, run.complete), (0, True))
        lengths = [len(lines) for pair in seen for lines in pair]
        equal(len(set(lengths)) > 3, True)
        for pair in seen:
            for lines in pair:
                equal(lines == run.lines[:len(lines)], True)


if __name__ == '__main__':
    main()
