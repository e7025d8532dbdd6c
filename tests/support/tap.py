"""tap.py: test functions written in Python, their results printed as TAP.

SPDX-License-Identifier: BSD-3-Clause

A test is a function marked @test('/weft/module/unit/behaviour'); it fails by raising, and passes
otherwise. main() runs all of them in the order of their definition.
"""
import signal
import sys
import traceback

_tests = []


class Skip(Exception):
    """Raised by a test that cannot run here; its text says why."""


def test(path):
    def add(function):
        _tests.append((path, function))
        return function
    return add


def equal(found, expected):
    if found != expected:
        raise AssertionError(f'found {found!r}, expected {expected!r}')


def contains(text, part):
    if part not in text:
        raise AssertionError(f'{part!r} is not in {text!r}')


def _diagnose(path, text):
    print(f'{path}:\n{text.rstrip()}', file=sys.stderr)


def main():
    # Who is started in the background may have Ctrl-C ignored, and its children, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failed = 0
    print(f'1..{len(_tests)}')
    for number, (path, function) in enumerate(_tests, 1):
        try:
            function()
        except Skip as reason:
            print(f'ok {number} {path} # SKIP {reason}')
        except AssertionError as error:
            failed += 1
            print(f'not ok {number} {path}')
            _diagnose(path, str(error) or traceback.format_exc())
        except Exception:
            failed += 1
            print(f'not ok {number} {path}')
            _diagnose(path, traceback.format_exc())
        else:
            print(f'ok {number} {path}')
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
