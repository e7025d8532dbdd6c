"""test-gui.py: the program `weftline-gui` as a whole, on a virtual display.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import struct
import subprocess
import tempfile
import zlib

import ui_harness as harness
from tap import contains, equal, main, test

EXAMPLES = os.path.join(harness.SOURCE_ROOT, 'data', 'examples')
FOLDER = tempfile.TemporaryDirectory()


def whole_stacks(env):
    """With sanitizers: who allocates through GLib is seen only by whole stacks (lsan.supp)."""
    if env.get('WEFT_SANITIZED'):
        options = [env.get('ASAN_OPTIONS'), 'fast_unwind_on_malloc=0:malloc_context_size=10']
        env['ASAN_OPTIONS'] = ':'.join(filter(None, options))
    return env


def gui(*arguments, **more):
    env = whole_stacks(dict(os.environ, G_DEBUG='fatal-warnings', **more))
    return subprocess.run([harness.WITH_DISPLAY, '--size', '3840x2160', harness.GUI, *arguments],
                          env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60, check=False)


def chunks(path):
    with open(path, 'rb') as picture:
        data = picture.read()
    equal(data[:8], b'\x89PNG\r\n\x1a\n')
    at = 8
    while at < len(data):
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        yield kind, data[at + 8:at + 8 + size]
        at += 12 + size


def picture_of(name, *arguments, **more):
    """Returns its width, height, and how many different bytes it has."""
    path = os.path.join(FOLDER.name, name)
    done = gui('--screenshot', path, *arguments, **more)
    if done.returncode != 0:
        raise AssertionError(done.stdout)
    pixels = b''.join(content for kind, content in chunks(path) if kind == b'IDAT')
    head = next(content for kind, content in chunks(path) if kind == b'IHDR')
    return struct.unpack('>II', head[:8]) + (len(set(zlib.decompress(pixels))),)


def shows_something(size, picture):
    equal(picture[:2], size)
    if picture[2] < 30:
        raise AssertionError(f'only {picture[2]} different bytes: nothing was drawn')


@test('/weft/ui-app/gui/start-page')
def start_page():
    shows_something((1000, 700), picture_of('start.png', '--window-size', '1000x700'))


@test('/weft/ui-app/gui/no-settings')
def no_settings():
    env = dict(os.environ, GSETTINGS_SCHEMA_DIR=FOLDER.name, XDG_DATA_DIRS=FOLDER.name,
               LC_ALL='C.UTF-8')
    done = subprocess.run([harness.GUI], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    equal(done.returncode, 3)
    contains(done.stdout, 'weftline-gui: the schema of the settings, org.weftline.Weftline, ')
    contains(done.stdout, 'GSETTINGS_SCHEMA_DIR')


@test('/weft/ui-app/gui/speaks-the-user-s-language')
def language():
    done = gui('--help', LC_ALL='C.UTF-8', LANGUAGE='de')
    contains(done.stdout, 'Größe des Fensters')


@test('/weft/ui-app/gui/example-runs')
def example():
    shows_something((3000, 1800), picture_of('run.png', '--window-size', '3000x1800', '--example',
                                             'loop', '--size', '20', '--duration', '0.001'))


@test('/weft/ui-app/gui/dark')
def dark():
    shows_something((900, 700), picture_of(
        'dark.png', '--window-size', '900x700', os.path.join(EXAMPLES, '06-exec-build.json'),
        ADW_DEBUG_COLOR_SCHEME='prefer-dark'))


@test('/weft/ui-app/gui/bad-size')
def bad_size():
    done = gui('--window-size', 'wide')
    equal(done.returncode, 2)
    contains(done.stdout, 'window-size')


@test('/weft/ui-app/gui/bad-names')
def bad_names():
    """What there is instead is named."""
    for option, there in (('example', 'fork-join'), ('layout', 'teaching')):
        done = gui(f'--{option}', 'knitting')
        equal(done.returncode, 2)
        contains(done.stdout, 'knitting')
        contains(done.stdout, there)


@test('/weft/ui-app/gui/unwritable-picture')
def unwritable():
    done = gui('--screenshot', os.path.join(FOLDER.name, 'nowhere', 'x.png'))
    equal(done.returncode, 3)
    contains(done.stdout, 'nowhere')


@test('/weft/ui-app/gui/help')
def help_text():
    done = gui('--help')
    equal(done.returncode, 0)
    contains(done.stdout, '--screenshot')


main()
