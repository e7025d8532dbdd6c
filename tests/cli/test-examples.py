"""test-examples.py: every example runs, and gives what Python says it must.

SPDX-License-Identifier: BSD-3-Clause
"""
import collections
import glob
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import EXAMPLES, SOURCE, weftline
from tap import equal, main, test


def run(name, cwd=None):
    done = weftline('run', '--json', os.path.join(EXAMPLES, name), cwd=cwd)
    equal((name, done.status), (name, 0))
    return done.json()


@test('/weft/cli/examples/all-are-tested')
def all_tested():
    with open(os.path.abspath(__file__), encoding='utf-8') as file:
        text = file.read()
    names = sorted(os.path.basename(path) for path in glob.glob(os.path.join(EXAMPLES, '*.json')))
    equal([name for name in names if f"'{name}'" not in text], [])


@test('/weft/cli/examples/numbers')
def numbers():
    equal(run('01-two-increments.json'), {'total': 5})
    equal(run('02-parallel-loop.json'), {'total': sum(i * i for i in range(8))})
    equal(run('03-tree-reduction.json'), {'level4-0': sum(range(17))})
    equal(run('07-retries.json'), {'sum': 42})
    squares = sum(i * i for i in range(1, 25))
    equal(run('08-pipeline.json'), {'report': f'the squares of 1 to 24 add up to {squares}'})


@test('/weft/cli/examples/fork-join')
def fork_join():
    value = 1
    for _ in range(3):
        value = sum(value + i for i in range(4))
    equal(run('05-fork-join.json'), {'join-3': value})


@test('/weft/cli/examples/word-count')
def word_count():
    counts = collections.Counter()
    for path in glob.glob(os.path.join(EXAMPLES, 'text', '*.txt')):
        with open(path, encoding='utf-8') as file:
            counts.update(re.findall(r'\w+', file.read().lower()))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(EXAMPLES, os.path.join(folder, 'copied'))
        copied = os.path.join(folder, 'copied', '04-word-count.json')
        for path, cwd in (('04-word-count.json', EXAMPLES), ('04-word-count.json', SOURCE),
                          ('04-word-count.json', '/'), (copied, folder)):
            found = run(path, cwd=cwd)['commonest']
            equal(len(found), 5)
            equal([count for _, count in found], [count for _, count in counts.most_common(5)])
            equal(all(counts[word] == count for word, count in found), True)


@test('/weft/cli/examples/build-with-programs')
def build():
    with tempfile.TemporaryDirectory() as folder:
        shown = run('06-exec-build.json', cwd=folder)['show']
        equal(re.findall(r'[a-z]+', shown), ['warp', 'weft', 'shed', 'pick'])
        equal(sorted(os.listdir(os.path.join(folder, 'weftline-build'))),
              ['all.txt', 'one.txt', 'two.txt'])


main()
