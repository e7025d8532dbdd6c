#!/usr/bin/python3
"""graph-file.py: writes a large native graph file, for measurements of its reader.

SPDX-License-Identifier: BSD-3-Clause

Usage: graph-file.py TASKS >FILE

A stencil 64 wide: each task adds three results of the row above (the first row: a number). Every
tenth task has a list in its arguments, every hundredth a label and retries; the last row is wanted.
"""
import json
import sys

WIDTH = 64


def task(at):
    column = at % WIDTH
    if at < WIDTH:
        return {'op': 'add', 'args': [column, 1]}
    above = [at - WIDTH + step for step in (-1, 0, 1) if 0 <= column + step < WIDTH]
    refs = [{'ref': f'cell-{above_at}'} for above_at in above]
    text = {'op': 'sum', 'args': [refs]}
    if at % 10 == 0:
        text = {'op': 'max', 'args': [[*refs, at, 0.5]]}
    if at % 100 == 0:
        text |= {'label': f'cell {at}', 'retries': 1}
    return text


def main():
    n_tasks = int(sys.argv[1])
    write = sys.stdout.write
    write('{"weftline": 1, "name": "stencil", "tasks": {\n')
    for at in range(n_tasks):
        write(f'"cell-{at}": {json.dumps(task(at))}{"," if at < n_tasks - 1 else "}"}\n')
    wanted = [f'cell-{at}' for at in range(max(0, n_tasks - WIDTH), n_tasks)]
    write(f', "outputs": {json.dumps(wanted)}}}\n')


main()
