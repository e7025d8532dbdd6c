"""dask_key_split.py: the groups that Dask gives to keys.

SPDX-License-Identifier: BSD-3-Clause

Reads keys from standard input and writes their groups, each followed by a zero byte. Started by
test-keys.c.
"""
import sys

from dask.utils import key_split

for key in sys.stdin.buffer.read().decode().split('\0')[:-1]:
    sys.stdout.buffer.write(key_split(key).encode() + b'\0')
