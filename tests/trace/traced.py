"""traced.py: runs of the real command, recorded, for the tests of what is recorded.

SPDX-License-Identifier: BSD-3-Clause
"""
import itertools
import json
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'cli')]

import command
import run_check
import run_file
from command import EXAMPLES, SOURCE, environment, graph, ref, task, weftline
from tap import equal

PROGRAM = os.path.abspath(command.PROGRAM)

__all__ = ['EXAMPLES', 'PROGRAM', 'SOURCE', 'Folder', 'Traced', 'environment', 'graph', 'ref',
           'agree', 'dumped', 'seeded', 'start', 'task', 'traced', 'weftline']


class Folder(command.Folder):
    def __enter__(self):
        return self


class Traced(run_check.RunFile):
    """A run file, checked, with how its run ended."""

    def __init__(self, path, done=None):
        super().__init__(path)
        run_check.check(self)
        self.path = path
        self.done = done


def traced(folder, what, *arguments, stdin=''):
    """Runs a graph (its text, or its path) and reads what was recorded."""
    path = what if os.path.exists(what) else folder.write('graph.json', what)
    trace = folder.path('run.weft')
    done = weftline('run', '--trace', trace, '--progress', 'none', *arguments, path, stdin=stdin)
    return Traced(trace, done)


def start(folder, what, *arguments):
    """The same, going on: its process."""
    path = what if os.path.exists(what) else folder.write('graph.json', what)
    return subprocess.Popen([PROGRAM, 'run', '--trace', folder.path('run.weft'), '--progress',
                             'none', *arguments, path], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            cwd=folder.name, env=environment())


def seeded():
    """Random numbers; the seed is told, and can be given."""
    seed = os.environ.get('WEFT_TEST_SEED') or str(int.from_bytes(os.urandom(4), 'little'))
    print(f'# WEFT_TEST_SEED={seed}')
    return random.Random(seed)


def dumped(path):
    done = weftline('dump', path)
    return done, [run_file.normal(json.loads(line)) for line in done.out.splitlines()]


def agree(run, complete=True):
    """Both readers say the same, line by line."""
    done, theirs = dumped(run.path)
    equal((done.status, 'not complete' in done.err), (0, not complete))
    for number, (mine, other) in enumerate(itertools.zip_longest(run.lines, theirs), 1):
        if mine != other:
            raise AssertionError(f'{run.path}, line {number}:\n{mine}\n{other}')
