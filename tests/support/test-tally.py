"""test-tally.py: tests of the count at the end of ./dev test.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import subprocess
import sys
import tempfile

import tally
from tap import contains, equal, main, test


def program(result, stdout, name='unit'):
    return {'name': name, 'result': result, 'stdout': stdout}


def run(*logs):
    """The lines and the status of a run over logs, each a list of programs or None (no file)."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = []
        for number, log in enumerate(logs):
            path = os.path.join(folder, f'{number}.json')
            arguments.append(f'log{number}={path}')
            if log is not None:
                with open(path, 'w', encoding='utf-8') as out:
                    out.writelines(json.dumps(entry) + '\n' for entry in log)
        done = subprocess.run([sys.executable, tally.__file__, *arguments],
                              stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.splitlines(), done.returncode


@test('/weft/support/tally/single-tests-are-counted')
def single_tests():
    equal(run([program('OK', '1..2\nok 1 /a\nok 2 - /b\n# ok 3 comment\n')]),
          (['2 passed, 0 failed'], 0))


@test('/weft/support/tally/logs-are-added')
def logs_are_added():
    log = [program('OK', 'ok 1 /a\n')]
    equal(run(log, log, log), (['3 passed, 0 failed'], 0))


@test('/weft/support/tally/a-failed-test-is-named')
def failed_test():
    lines, status = run([program('FAIL', 'ok 1 /a\nnot ok 2 /b\nok 3 /c\n')])
    contains(lines[0], '/b')
    equal((lines[-1], status), ('2 passed, 1 failed', 1))


@test('/weft/support/tally/a-crash-is-a-failure')
def crash():
    for result in ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS'):
        lines, status = run([program(result, '1..2\nok 1 /a\n')])
        contains(lines[0], result.lower())
        equal((lines[-1], status), ('1 passed, 1 failed', 1))


@test('/weft/support/tally/a-failure-says-why')
def failure_says_why():
    entry = program('ERROR', '1..2\nok 1 /a\nBail out! Weft:ERROR:t.c:1:f: assertion failed (x)\n')
    lines, _ = run([entry])
    contains(lines[1], 'assertion failed (x)')
    contains(lines[2], '/a')
    entry['stdout'], entry['stderr'] = 'ok 1 /a\n', 'before\nERROR: LeakSanitizer: leaks\nafter\n'
    contains(run([entry])[0][1], 'LeakSanitizer')
    entry['stderr'] = 'Segmentation fault\n\n'
    contains(run([entry])[0][1], 'Segmentation fault')


@test('/weft/support/tally/skipped-tests-are-said')
def skips():
    equal(run([program('OK', 'ok 1 /a\nok 2 /b # SKIP no data\n'), program('SKIP', '')]),
          (['1 passed, 0 failed, 2 skipped'], 0))


@test('/weft/support/tally/a-program-without-tap-counts-once')
def without_tap():
    equal(run([program('OK', 'all fine\n')]), (['1 passed, 0 failed'], 0))


@test('/weft/support/tally/a-missing-log-is-a-failure')
def missing():
    equal(run(None)[0][-1], '0 passed, 1 failed')
    equal(run([])[0][-1], '0 passed, 1 failed')
    equal(run([program('OK', 'ok 1 /a\n')], None)[1], 1)


main()
