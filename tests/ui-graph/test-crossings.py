"""test-crossings.py: graphs of up to a thousand tasks cross about as little as with dot.

SPDX-License-Identifier: BSD-3-Clause

dot tells its own count (dot-crossings); the layout's is checked against a count by pairs elsewhere.
"""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))

from tap import main, test

BOUND = 1.5
SHAPES = [
    'tree:64,2', 'tree:300,3@2', 'stencil:10,10', 'stencil:30,30', 'stencil:30,30@7',
    'shuffle:5,5', 'shuffle:12,12', 'shuffle:10,10@3', 'matmul:4,4,4', 'matmul:6,6,6',
    'matmul:5,5,5@3', 'matmul:3,20,3', 'matmul:2,30,2@5', 'matmul:8,8,8', 'fork-join:5,20',
    'fork-join:10,50@1', 'grid:20,20', 'bipartite:15,15', 'chains:10,10', 'rechunk:8,8,4',
    'map-overlap:5,7', 'map-overlap:8,8', 'random-layered:1,10,20,2', 'random-layered:2,20,40,3',
    'random-layered:3,6,100,2', 'random-layered:4,30,10,2', 'random:15,900,2', 'random:1,200,2',
    'random:2,500,2', 'random:6,1000,2',
]


def tool(name, *arguments):
    path = os.path.join(os.environ['WEFT_BUILD_ROOT'], 'tests', 'ui-graph', name)
    done = subprocess.run([path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=True, timeout=100)
    return done.stdout, done.stderr


def check(graph):
    of_dot = [int(n) for n in re.findall(r'^mincross \S+: (\d+) crossings',
                                         tool('dot-crossings', graph)[1], re.MULTILINE)]
    if not of_dot:
        raise AssertionError(f'{graph}: dot told no count')
    ours = re.search(r'(\d+) crossings', tool('layout-bench', '--repeat', '1', graph)[0])
    if ours is None:
        raise AssertionError(f'{graph}: not counted')
    ratio = int(ours.group(1)) / max(1, sum(of_dot))
    print(f'# {os.path.basename(graph)}: {ours.group(1)} crossings, dot {sum(of_dot)}')
    if int(ours.group(1)) > BOUND * sum(of_dot):
        raise AssertionError(f'{graph}: {ratio:.2f} times as many crossings as dot')


@test('/weft/ui-graph/crossings/shapes-cross-like-dot')
def shapes():
    for shape in SHAPES:
        check(shape)


@test('/weft/ui-graph/crossings/graph-files-cross-like-dot')
def files():
    for place in [('fuzz', 'corpus', 'dot', '*.dot'), ('..', 'data', 'examples', '*.json')]:
        found = sorted(glob.glob(os.path.join(HERE, '..', *place)))
        if not found:
            raise AssertionError(f'no graph files in {place}')
        for path in found:
            check(path)


main()
