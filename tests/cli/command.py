"""command.py: runs the `weftline` command, for the tests of it.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import subprocess
import tempfile

SOURCE = os.environ.get('WEFT_SOURCE_ROOT',
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
PROGRAM = os.environ.get('WEFTLINE') or os.path.join(
    os.environ.get('WEFT_BUILD_ROOT', 'build'), 'src', 'cli', 'weftline')
EXAMPLES = os.path.join(SOURCE, 'data', 'examples')


class Done:
    def __init__(self, process, out, err):
        self.status = process.returncode
        self.out = out
        self.err = err

    def json(self):
        return json.loads(self.out)


def environment(**changes):
    known = {key: value for key, value in os.environ.items() if key not in ('TERM', 'NO_COLOR')}
    known.pop('G_DEBUG', None)
    return {**known, **changes}


def weftline(*arguments, stdin='', cwd=None, timeout=60):
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], text=True, cwd=cwd,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment())
    with process:
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Done(process, out, err)


def graph(tasks, outputs=None, **more):
    """A graph's text."""
    whole = {'weftline': 1, 'tasks': tasks, **more}
    if outputs is not None:
        whole['outputs'] = outputs
    return json.dumps(whole)


def ref(key):
    return {'ref': key}


def task(op, *args, **more):
    kwargs = {name: more.pop(name) for name in list(more)
              if name in ('message', 'cwd', 'inputs', 'outputs', 'value')}
    made = {'op': op, 'args': list(args), **more}
    if kwargs:
        made['kwargs'] = kwargs
    return made


class Folder(tempfile.TemporaryDirectory):
    def write(self, name, text):
        path = os.path.join(self.name, name)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        return path

    def path(self, name):
        return os.path.join(self.name, name)
