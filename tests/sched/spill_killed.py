#!/usr/bin/python3
"""spill_killed.py: kills a run that has spilled results, and starts another.

SPDX-License-Identifier: BSD-3-Clause

Usage: spill_killed.py WEFTLINE

Says how many spilled values the killed run left behind, and how many are there once the next run,
which spills too, has ended. The exit status is 1 if that is not none.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

RESULTS = 30
BYTES = 1000000


def graph(seconds):
    tasks = {f'part-{i}': {'op': 'alloc', 'args': [BYTES, i]} for i in range(RESULTS)}
    parts = list(tasks)
    tasks['wait'] = {'op': 'sleep', 'args': [seconds], 'after': parts}
    tasks['all'] = {'op': 'count', 'args': [[{'ref': part} for part in parts]], 'after': ['wait']}
    return {'weftline': 1, 'tasks': tasks, 'outputs': ['all']}


def start(weftline, folder, seconds):
    path = folder / f'{seconds}.json'
    path.write_text(json.dumps(graph(seconds)), encoding='utf-8')
    return subprocess.Popen([weftline, 'run', path, '--memory-limit', str(10 * BYTES),
                             '--progress', 'none'], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, 'TMPDIR': str(folder)})


def spilled(folder):
    return len(list(folder.glob('weftline-*/*.wval')))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with start(sys.argv[1], folder, 600) as killed:
            until = time.monotonic() + 60
            while spilled(folder) < RESULTS - 10 and time.monotonic() < until:
                time.sleep(0.01)
            killed.send_signal(signal.SIGKILL)
        n_left = spilled(folder)
        with start(sys.argv[1], folder, 0) as following:
            output = following.communicate()[0].strip()
        n_after = len(list(folder.glob('weftline-*')))
        print(f'{n_left} spilled values left by a killed run, {n_after} folders after the next, '
              f'whose result is {output}')
        good = output.split()[-1:] == [str(RESULTS)]
        return 0 if good and n_left >= RESULTS - 10 and n_after == 0 else 1


if __name__ == '__main__':
    sys.exit(main())
