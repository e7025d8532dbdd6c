"""dask_key_split.py: the groups that Dask gives to keys.

SPDX-License-Identifier: BSD-3-Clause

Reads keys from standard input and writes their groups, each followed by a zero byte. Started by
test-keys.c. The environment variable DASK_SRC may name a folder with other sources of Dask than
those installed.
"""
import importlib.metadata
import os
import sys
import types

if os.environ.get('DASK_SRC'):
    # without the package's own start-up, which wants modules that need not be installed
    sys.modules['dask'] = types.ModuleType('dask')
    sys.modules['dask'].__path__ = [os.path.join(os.environ['DASK_SRC'], 'dask')]
    sys.modules.setdefault('importlib_metadata', importlib.metadata)

from dask.utils import key_split

for key in sys.stdin.buffer.read().decode().split('\0')[:-1]:
    sys.stdout.buffer.write(key_split(key).encode() + b'\0')
