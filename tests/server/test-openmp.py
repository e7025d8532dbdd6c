"""test-openmp.py: a program of OpenMP's, not changed, reports what it does.

SPDX-License-Identifier: BSD-3-Clause

Really compiled, by clang, and really run, by LLVM's runtime.
"""
import collections
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))

import run_file
from tap import contains, equal, main, test

TOOL = os.path.join(os.environ.get('WEFT_BUILD_ROOT', 'build'), 'src', 'libweftline-ompt.so')
STAGE = tempfile.TemporaryDirectory()
PROGRAM = os.path.join(STAGE.name, 'tasks')
THREADS = 3
DIAMONDS = 10
YIELDS = 64
FIB_TASKS = 176  # of fibonacci(10): two for each call above 1


def build(compiler='clang', flags=(), program=PROGRAM):
    subprocess.run([compiler, '-O1', *flags, '-fopenmp', os.path.join(HERE, 'openmp', 'tasks.c'),
                    '-o', program], check=True)
    return program


def environment(**changes):
    known = {key: value for key, value in os.environ.items()
             if not key.startswith(('OMP_', 'WEFTLINE_', 'PMI', 'SLURM_'))}
    return {**known, 'OMP_NUM_THREADS': str(THREADS), 'OMP_MAX_ACTIVE_LEVELS': '2',
            'WEFTLINE_ADDRESS': os.path.join(STAGE.name, 'nobody'), **changes}


def run(program=PROGRAM, **changes):
    done = subprocess.run([program], env=environment(**changes), text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    equal(done.stderr, '')
    equal(done.returncode, 3)
    return done.stdout


Span = collections.namedtuple('Span', 'lane depth start end key group inputs')


class Run:
    """What a run file has: spans, with their keys and inputs, and the names of lanes."""

    def __init__(self, path):
        with open(path, 'rb') as source:
            data = source.read()
        self.lanes, self.spans, graphs = {}, [], {}
        self.meta = self.end = None
        for line in run_file.lines(data):
            if line.get('kind') == 'lane':
                self.lanes[line['lane']] = line['name']
            elif line.get('kind') == 'segment':
                graphs.setdefault(line['segment'], None)
            elif line.get('kind') in ('meta', 'end'):
                setattr(self, line['kind'], line)
            elif line.get('record') == 'task':
                self.spans.append(line)
        graphs = {number: run_file.read_graph(data, number) for number in graphs}
        self.spans = [self.span(line, graphs) for line in self.spans]

    @staticmethod
    def span(line, graphs):
        graph = graphs[line['segment']]
        task = graph.tasks[line['task']]
        inputs = {Run.key_of(graph, graphs, at) for at, _ in task['inputs']}
        return Span(line['lane'], line['depth'], line['start'], line['start'] + line['duration'],
                    task['key'], task['group'], inputs)

    @staticmethod
    def key_of(graph, graphs, at):
        if isinstance(at, int):
            return graph.tasks[at]['key']
        _, segment, task, _ = graph.imports[at['import']]
        return graphs[segment].tasks[task]['key']

    def of(self, kind, function):
        """Spans of constructs of that kind in the function, by construct, in order of the file."""
        found = collections.defaultdict(list)
        for span in self.spans:
            if re.fullmatch(rf'{kind} {function}@0x[0-9a-f]+', span.group):
                found[int(span.group.split('@')[1], 16)].append(span)
        return [found[at] for at in sorted(found)]


def record(**changes):
    path = os.path.join(STAGE.name, 'run.weft')
    out = run(OMP_TOOL_LIBRARIES=TOOL, WEFTLINE_FILE=path, **changes)
    equal(out, PLAIN)
    return Run(path)


PLAIN = run(build())


@test('/weft/server/openmp/nobody-listens')
def nobody():
    """The tool says no, and the program is as it was."""
    equal(run(OMP_TOOL_LIBRARIES=TOOL), PLAIN)


@test('/weft/server/openmp/loops')
def loops():
    found = record()
    (parts,) = found.of('parallel', 'loops')
    (shares,) = found.of('loop', 'loops')
    equal(len(shares), THREADS)
    equal(len({span.lane for span in shares}), THREADS)
    equal({span.depth for span in shares}, {1})
    for span in shares:
        around = [part for part in parts if part.lane == span.lane and part.depth == 0
                  and part.start <= span.start and span.end <= part.end]
        equal(len(around), 1)


@test('/weft/server/openmp/dependences')
def dependences():
    """As the program has them, whichever tasks had ended when another was made."""
    for threads in ('1', '2', '3'):
        found = record(OMP_NUM_THREADS=threads)
        constructs = found.of('task', 'diamond')
        equal([len(spans) for spans in constructs], [DIAMONDS] * 4)
        for spans in constructs:
            spans.sort(key=lambda span: int(span.key.split('-')[-1]))
        for left, right, join, last in zip(*constructs):
            equal(left.inputs, set())
            equal(right.inputs, set())
            equal(join.inputs, {left.key, right.key})
            equal(last.inputs, {join.key})
            equal(join.start >= max(left.end, right.end), True)
            equal(last.start >= join.end, True)


@test('/weft/server/openmp/tasks-in-tasks')
def tasks_in_tasks():
    found = record()
    constructs = found.of('task', '(?:fibonacci|tree)')
    equal([len(spans) for spans in constructs], [FIB_TASKS // 2] * 2)
    equal(len({span.key for span in sum(constructs, [])}), FIB_TASKS)


@test('/weft/server/openmp/untied-tasks')
def untied_tasks():
    """What is put aside and goes on later may be in pieces."""
    found = record()
    (pieces,) = found.of('task', 'yields')
    equal(len(pieces) >= YIELDS, True)


@test('/weft/server/openmp/regions-in-regions')
def regions():
    found = record()
    outer, inner = found.of('parallel', 'nested')
    equal(len(outer) >= 2, True)
    equal(len(inner), 4)
    equal(max(span.depth for span in inner), 1)


@test('/weft/server/openmp/lanes')
def lanes():
    """A lane for each thread; spans of a depth never overlap, and the others lie within."""
    found = record()
    names = set(found.lanes.values())
    contains(names, 'initial thread')
    contains(names, 'worker 1')
    equal('rank' in ' '.join(names), False)
    for lane in found.lanes:
        spans = sorted((span for span in found.spans if span.lane == lane),
                       key=lambda span: (span.start, span.depth))
        open_until = []
        for span in spans:
            while open_until and open_until[-1][0] <= span.depth:
                depth, until = open_until.pop()
                if depth == span.depth:
                    equal(until <= span.start, True)
            for _, until in open_until:
                equal(span.start >= until or span.end <= until, True)
            open_until.append((span.depth, span.end))


@test('/weft/server/openmp/file-is-whole')
def whole():
    found = record(WEFTLINE_NAME='by hand')
    contains(found.meta['text'], '"by hand"')
    contains(found.meta['text'], '"openmp"')
    contains(found.end['text'], '"dropped": 0')


@test('/weft/server/openmp/rank')
def rank():
    found = record(OMPI_COMM_WORLD_RANK='3')
    contains(set(found.lanes.values()), 'rank 3')


@test('/weft/server/openmp/stripped')
def stripped():
    """Where a program has no names, its file's stands for them."""
    subprocess.run(['strip', PROGRAM], check=True)
    found = record()
    equal({span.group.split('@')[0].split(' ')[1] for span in found.spans}, {'tasks'})


@test('/weft/server/openmp/compiled-by-gcc')
def compiled_by_gcc():
    """gcc's own runtime has no such interface: the variable does nothing. LLVM's runs the program
    too, and tells of it."""
    other = build('gcc', program=os.path.join(STAGE.name, 'tasks-gcc'))
    path = os.path.join(STAGE.name, 'gcc.weft')
    equal(run(other, OMP_TOOL_LIBRARIES=TOOL, WEFTLINE_FILE=path), PLAIN)
    equal(os.path.exists(path), False)
    out = run(other, OMP_TOOL_LIBRARIES=TOOL, WEFTLINE_FILE=path, LD_PRELOAD='libomp.so.5')
    equal(out, PLAIN)
    equal([len(spans) for spans in Run(path).of('task', 'diamond')], [DIAMONDS] * 4)


main()
