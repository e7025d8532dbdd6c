#!/usr/bin/python3
"""tally.py: counts what meson's test logs say, down to the single tests of each program.

SPDX-License-Identifier: BSD-3-Clause

Usage: tally.py LABEL=testlog.json ...

Names each failure and what it said of the reason, then prints "N passed, N failed" (and
", N skipped" where some were) as the last line. A program that ended badly counts as at least one
failure, whatever its tests said; a log that is missing or without a single test counts as one too.
The exit status is 1 after a failure.
"""
import json
import re
import sys

RESULT = re.compile(r'^(not )?ok\b(?:\s+\d+)?\s*-?\s*([^#]*?)\s*(?:#\s*(skip|todo)\b.*)?$',
                    re.IGNORECASE)
REASON = re.compile(r'Bail out!|\bERROR\b|CRITICAL|WARNING|Sanitizer|runtime error|^\w*Error\b')
GOOD = ('OK', 'EXPECTEDFAIL')


def read_tap(text):
    """(passed, failed names, skipped) of a program's output."""
    passed, skipped, failed = 0, 0, []
    for line in text.splitlines():
        found = RESULT.match(line)
        if not found:
            continue
        bad, name, mark = found.groups()
        mark = (mark or '').lower()
        if mark == 'skip':
            skipped += 1
        elif bad and mark != 'todo':
            failed.append(name)
        elif not bad:
            passed += 1
    return passed, failed, skipped


def count_program(entry):
    passed, failed, skipped = read_tap(entry.get('stdout', ''))
    result = entry['result']
    if result == 'SKIP':
        return passed, failed, skipped or 1
    if result in GOOD:
        if passed + len(failed) + skipped == 0:
            passed = 1
        return passed, failed, skipped
    return passed, failed or [f'the program itself ({result.lower()})'], skipped


def why(entry):
    """What a failed program said last of the reason, and which test had gone well before."""
    output = entry.get('stdout', '').splitlines()
    lines = output + (entry.get('stderr') or '').splitlines()
    reasons = [line.strip() for line in lines if REASON.search(line)] or [
        line.strip() for line in lines if line.strip() and not line.startswith(('ok', '#'))]
    done = [line.strip() for line in output if line.startswith('ok')]
    return [line[:300] for line in [*reasons[-2:], *(f'last: {line}' for line in done[-1:])]]


def count_log(path):
    """(passed, failures as (name, what they said), skipped)"""
    passed, failed, skipped = 0, [], 0
    try:
        with open(path, encoding='utf-8') as lines:
            entries = [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        return 0, [(f'no results: {error.strerror}', [])], 0
    if not entries:
        return 0, [('no results: not one test ran', [])], 0
    for entry in entries:
        p, f, s = count_program(entry)
        passed += p
        skipped += s
        said = why(entry) if f else []
        failed += [(f'{entry["name"]}: {name}', said) for name in f]
    return passed, failed, skipped


def line_of(passed, failed, skipped):
    line = f'{passed} passed, {failed} failed'
    return line + f', {skipped} skipped' if skipped else line


def main(arguments):
    passed, failed, skipped = 0, 0, 0
    for argument in arguments:
        label, _, path = argument.partition('=')
        p, names, s = count_log(path)
        for name, said in names:
            print(f'failed  {label}  {name}')
            for line in said:
                print(f'        {line}')
        passed += p
        failed += len(names)
        skipped += s
    print(line_of(passed, failed, skipped))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
