"""test-crash.py: a run whose process dies of a signal says in which task.

SPDX-License-Identifier: BSD-3-Clause
"""
import ctypes
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import PROGRAM, Folder, environment, graph, task, weftline
from tap import contains, equal, main, test

LIBC = ctypes.CDLL(None)
BUSY = graph({'nap': task('sleep', 600), 'k': task('sleep', 601)})


def lines(path):
    done = weftline('dump', path)
    return [json.loads(line) for line in done.out.splitlines()]


def running(path):
    """Thread by task: who is in which, as the last look of the recorder has it."""
    threads, found = {}, {}
    for line in lines(path):
        if line.get('kind') == 'lane':
            threads[line['lane']] = line['os_thread']
        elif line.get('kind') == 'now':
            found.update({entry['task']: threads[entry['lane']] for entry in line['entries']
                          if entry['kind'] == 1})
    return found


def crash(number, thread_of):
    """Lets a thread of a run die. Returns: the process, what it said, and its run file's lines."""
    folder = Folder()
    with folder:
        path = folder.path('run.weft')
        process = subprocess.Popen(
            [PROGRAM, 'run', '--no-optimize', '--workers', '2', '--progress', 'none', '--trace',
             path, folder.write('graph.json', BUSY)],
            text=True, stderr=subprocess.PIPE, env=environment())
        found = {}
        while len(found) < 2:
            equal(process.poll(), None)
            if os.path.exists(path) and os.path.getsize(path) > 64:
                found = running(path)
        LIBC.tgkill(process.pid, thread_of(process, found), number)
        said = process.communicate(timeout=60)[1]
        return process, said, lines(path)


@test('/weft/cli/crash/the-task-is-named')
def named():
    for number in (signal.SIGSEGV, signal.SIGABRT):
        process, said, records = crash(number, lambda process, found: found[1])
        equal(process.returncode, -number)
        contains(said, f'weftline: signal {number.value} (')
        contains(said, ') in task k\n')
        errors = [line for line in records if line.get('kind') == 'error']
        equal([(e['task'], e['segment'], e['attempt']) for e in errors], [(1, 0, 1)])
        contains(json.dumps(errors[0]), f'signal {number.value} (')
        equal([line for line in records if line.get('kind') == 'end'], [])


@test('/weft/cli/crash/main-thread')
def main_thread():
    """Nobody is left who could note it; it dies all the same, and at once."""
    process, _, records = crash(signal.SIGSEGV, lambda process, found: process.pid)
    equal(process.returncode, -signal.SIGSEGV)
    equal([line for line in records if line.get('kind') in ('error', 'end')], [])


main()
