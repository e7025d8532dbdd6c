#!/usr/bin/python3
"""peak_memory.py: runs a command and says what it took of memory at most.

SPDX-License-Identifier: BSD-3-Clause

Usage: peak_memory.py COMMAND [ARGUMENT ...]

The command's output comes first, then "VmHWM 123.4 MiB" as the kernel counts it. The exit status is
the command's.
"""
import os
import subprocess
import sys


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ('-h', '--help'):
        print(__doc__.strip())
        return 0 if len(sys.argv) > 1 else 2
    with subprocess.Popen(sys.argv[1:]) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    print(f'VmHWM {usage.ru_maxrss / 1024:.1f} MiB')
    return child.returncode


if __name__ == '__main__':
    sys.exit(main())
