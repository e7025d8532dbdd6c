"""ui_harness.py: where the window's tests find things.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import subprocess
import sys

SOURCE_ROOT = os.environ.get('WEFT_SOURCE_ROOT') or os.path.abspath(
    os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD_ROOT = os.environ.get('WEFT_BUILD_ROOT') or os.path.join(SOURCE_ROOT, 'build', 'release')
WITH_DISPLAY = os.path.join(SOURCE_ROOT, 'tests', 'support', 'with_display.py')
COMMAND = os.path.join(BUILD_ROOT, 'src', 'cli', 'weftline')
GUI = os.path.join(BUILD_ROOT, 'ui', 'weftline-gui')

sys.path.insert(0, os.path.join(SOURCE_ROOT, 'tests', 'support'))


def in_a_session(script, **more):
    """Runs the script once more, on a display and message buses of its own: the second time this
    returns, and the first time what the script prints is printed and its status ends the program.
    What the buses' services write there is left out, as it is no TAP. Warnings do not end the
    script itself: AT-SPI's library has one wherever a program is asked that just begins."""
    if 'WEFT_IN_A_SESSION' in os.environ:
        return
    command = [WITH_DISPLAY, '--size', '1600x1000', sys.executable, script]
    env = dict(os.environ, WEFT_IN_A_SESSION='1', **more)
    env.pop('G_DEBUG', None)
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith(('1..', 'ok ', 'not ok ', '#')):
                print(line, end='', flush=True)
    sys.exit(process.returncode)
