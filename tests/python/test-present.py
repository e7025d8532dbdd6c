"""test-present.py: the adapters with present sources of Dask, beside those that are installed.

SPDX-License-Identifier: BSD-3-Clause

The environment variables DASK_SRC and DISTRIBUTED_SRC name folders with copies of these projects;
what these need is installed, but may be given as further folders, after colons. Each part is
skipped where its variable is not set.
"""
import os
import subprocess
import sys

import place
from tap import Skip, contains, main, test

REPORTED = '''
import dask, dask.local, sys
print(dask.__file__, hasattr(dask.local, 'convert_legacy_graph'))
'''


def folders(*names):
    found = []
    for name in names:
        if not os.environ.get(name):
            raise Skip(f'{name} names no sources to be tried')
        found += os.environ[name].split(os.pathsep)
    return found


def environment(path):
    return {**os.environ, 'PYTHONPATH': os.pathsep.join(path)}


def passes(script, path):
    """All tests of a script, none skipped."""
    done = subprocess.run([sys.executable, os.path.join(place.HERE, script)], env=environment(path),
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    wrong = [line for line in done.stdout.splitlines()
             if line.startswith('not ok') or '# SKIP' in line]
    if done.returncode != 0 or wrong:
        raise AssertionError(f'{wrong}, status {done.returncode}:\n{done.stdout}')
    contains(done.stdout, '\nok 1 ')


@test('/weft/python/present/local-schedulers')
def local():
    path = folders('DASK_SRC')
    said = subprocess.run([sys.executable, '-c', REPORTED], env=environment(path), text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    contains(said, f'{os.path.abspath(path[0])}/dask/__init__.py True')
    passes('test-watch.py', path)
    passes('test-watch-faults.py', path)


@test('/weft/python/present/cluster')
def cluster():
    passes('test-cluster.py', folders('DASK_SRC', 'DISTRIBUTED_SRC'))


if __name__ == '__main__':
    main()
