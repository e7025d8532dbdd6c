#!/usr/bin/python3
"""with_display.py: runs a program on a virtual display and a message bus of its own.

SPDX-License-Identifier: BSD-3-Clause

with_display.py [--size WIDTHxHEIGHT] PROGRAM [ARGUMENT...]

The X server chooses its number itself (-displayfd), so any number of these may run at once. Caches,
data and configuration go to a folder that goes with them. The status is the program's. GL stays
off: nothing draws with it there, and what it loads takes time and leaks. The server does not start
anew when its last client has gone, which would turn away who comes just then.
"""
import os
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def start_display(size):
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ['Xvfb', '-displayfd', str(writing), '-screen', '0', f'{size}x24', '-nolisten', 'tcp',
         '-noreset'],
        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as numbers:
        number = numbers.readline().strip()
    if not number:
        sys.exit('with_display: Xvfb did not start')
    return server, f':{number}'


def write_settings(folder):
    """GTK lists recent files whatever their age: where it looks at that it leaks the date."""
    os.makedirs(os.path.join(folder, 'config', 'gtk-4.0'))
    with open(os.path.join(folder, 'config', 'gtk-4.0', 'settings.ini'), 'w',
              encoding='utf-8') as out:
        out.write('[Settings]\ngtk-recent-files-max-age=-1\n')


def environment(display, folder):
    env = dict(os.environ, DISPLAY=display, GDK_BACKEND='x11', GDK_DEBUG='gl-disable',
               GSK_RENDERER='cairo', GSETTINGS_BACKEND='memory', NO_AT_BRIDGE='1', HOME=folder)
    env.setdefault('GTK_A11Y', 'test')
    env.pop('WAYLAND_DISPLAY', None)
    for name in ('CACHE', 'CONFIG', 'DATA', 'STATE'):
        env[f'XDG_{name}_HOME'] = os.path.join(folder, name.lower())
    env['XDG_RUNTIME_DIR'] = folder
    build = os.environ.get('WEFT_BUILD_ROOT') or os.path.join(ROOT, 'build', 'release')
    env['GSETTINGS_SCHEMA_DIR'] = os.path.join(build, 'data')
    env['WEFTLINE_EXAMPLES'] = os.path.join(ROOT, 'data', 'examples')
    return env


def main(arguments):
    size = '1920x1080'
    if arguments[:1] == ['--size']:
        size, arguments = arguments[1], arguments[2:]
    with tempfile.TemporaryDirectory() as folder:
        write_settings(folder)
        server, display = start_display(size)
        try:
            return subprocess.run(['dbus-run-session', '--', *arguments], check=False,
                                  env=dict(environment(display, folder),
                                           WEFT_DISPLAY_PID=str(server.pid))).returncode
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
