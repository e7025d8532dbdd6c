"""test-faults.py: what the command does where the machine gives no more.

SPDX-License-Identifier: BSD-3-Clause

Limits of memory and file size are set for the child alone. Not among the suites for sanitizers,
which need more address space than there is.
"""
import json
import os
import resource
import signal
import subprocess
import tempfile

import harness
from tap import contains, equal, main, test

PROGRAM = os.path.join(harness.BUILD_ROOT, 'src', 'cli', 'weftline')
MIB = 1 << 20


def limited(limit, most, *arguments, stdin='', **more):
    def set_limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(limit, (most, most))
    return subprocess.run([PROGRAM, *arguments], input=stdin, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, preexec_fn=set_limit, timeout=60,
                          **more)


def wide_graph(n_tasks):
    return json.dumps({'weftline': 1, 'tasks': {
        f'task-{i}': {'op': 'add', 'args': [i, i]} for i in range(n_tasks)}})


ONE = json.dumps({'weftline': 1, 'tasks': {'one': {'op': 'add', 'args': [1, 0]}}})


@test('/weft/project/faults/out-of-memory-is-status-3')
def out_of_memory():
    done = limited(resource.RLIMIT_AS, 40 * MIB, 'run', '-', stdin=wide_graph(300000))
    equal((done.returncode, done.stdout), (3, ''))
    contains(done.stderr, 'weftline: out of memory')
    equal(done.stderr.count('\n'), 1)


@test('/weft/project/faults/no-threads-is-status-3')
def no_threads():
    done = limited(resource.RLIMIT_AS, 600 * MIB, 'run', '--workers', '1024', '-', stdin=ONE)
    equal((done.returncode, done.stdout), (3, ''))
    contains(done.stderr, 'cannot start worker thread')
    equal(done.stderr.count('\n'), 1)


@test('/weft/project/faults/a-result-too-big-is-a-failed-task')
def big_result():
    text = json.dumps({'weftline': 1, 'tasks': {'big': {'op': 'alloc', 'args': [1 << 40]},
                                                'one': {'op': 'add', 'args': [1, 0]}}})
    done = limited(resource.RLIMIT_AS, 600 * MIB, 'run', '--on-error', 'continue', '-', stdin=text)
    equal((done.returncode, done.stdout), (1, 'one: 1\n'))
    contains(done.stderr, 'there is no memory for 1099511627776 bytes')


@test('/weft/project/faults/a-run-file-that-ends-too-early-is-status-3')
def short_run_file():
    with tempfile.TemporaryDirectory() as folder:
        done = limited(resource.RLIMIT_FSIZE, 8192, 'run', '--trace', 'r.weft', '--no-optimize',
                       '--output', 'task-7', '-', stdin=wide_graph(20000), cwd=folder)
        equal((done.returncode, done.stdout), (3, 'task-7: 14\n'))  # the run itself went on
        contains(done.stderr, 'r.weft: cannot write the run file')
        equal(os.path.getsize(os.path.join(folder, 'r.weft')) <= 8192, True)


@test('/weft/project/faults/results-that-cannot-be-kept-are-status-3')
def not_kept():
    text = json.dumps({'weftline': 1, 'tasks': {'big': {'op': 'alloc', 'args': [100000, 7]},
                                                'n': {'op': 'len', 'args': [{'ref': 'big'}]}}})
    with tempfile.TemporaryDirectory() as folder:
        done = limited(resource.RLIMIT_FSIZE, 64, 'run', '--keep', 'kept', '-', stdin=text,
                       cwd=folder)
        equal((done.returncode, done.stdout), (3, 'n: 100000\n'))
        contains(done.stderr, 'a result could not be kept: ')
        left = [name for _, _, names in os.walk(folder) for name in names]
        equal([name for name in left if not name.endswith('.value')], [])
        done = subprocess.run([PROGRAM, 'run', '--keep', os.path.join('/proc', 'kept'), '-'],
                              input=text, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        equal((done.returncode, done.stdout), (3, ''))


@test('/weft/project/faults/a-picture-without-room-is-status-3')
def no_room_for_a_picture():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([PROGRAM, 'run', '--progress', 'none', '--trace', 'r.weft', '-'], input=ONE,
                       text=True, stdout=subprocess.DEVNULL, check=True, cwd=folder)
        for limit, most, size, reason in ((resource.RLIMIT_AS, 1500 * MIB, '16000x16000', 'memory'),
                                          (resource.RLIMIT_FSIZE, 512, '640x360', 'large')):
            done = limited(limit, most, 'export', '--size', size, '-o', 'r.png', 'r.weft',
                           cwd=folder)
            equal((done.returncode, done.stdout, len(done.stderr.splitlines())), (3, '', 1))
            contains(done.stderr, reason)


main()
