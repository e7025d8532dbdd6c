#!/usr/bin/python3
"""peer-dask.py: Dask's threaded scheduler, measured as the other peers are.

SPDX-License-Identifier: BSD-3-Clause

Usage and output as of peer-main.c. It has a smaller usual size, since a task takes it a thousand
times as long as the others.
"""
import gc
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import dask
import dask.threaded

N_WORKERS = 2


def total(*values):
    return (sum(values) + 1) & 0xffffffff


def total_of(values):
    return total(*values)


def independent(size):
    graph = {f'i-{i}': (total,) for i in range(size or 1000)}
    return graph, list(graph)


def chain(size):
    size = size or 1000
    graph = {'c-0': (total,)}
    for i in range(1, size):
        graph[f'c-{i}'] = (total, f'c-{i - 1}')
    return graph, f'c-{size - 1}'


def tree(size):
    leaves = size or 512
    graph = {f't-{i}': (total,) for i in range(leaves)}
    for i in range(leaves, 2 * leaves - 1):
        left = 2 * (i - leaves)
        graph[f't-{i}'] = (total, f't-{left}', f't-{left + 1}')
    return graph, f't-{2 * leaves - 2}'


def stencil(size):
    steps = size or 16
    graph = {}
    for step in range(steps):
        for cell in range(64):
            before = [f's-{step - 1}-{x}' for x in (cell - 1, cell, cell + 1)
                      if step and 0 <= x < 64]
            graph[f's-{step}-{cell}'] = (total, *before)
    return graph, [f's-{steps - 1}-{cell}' for cell in range(64)]


def fan(size):
    width = size or 1000
    graph = {'root': (total,)}
    for i in range(width):
        graph[f'f-{i}'] = (total, 'root')
    graph['end'] = (total_of, [f'f-{i}' for i in range(width)])
    return graph, 'end'


SHAPES = {'independent': independent, 'chain': chain, 'tree': tree, 'stencil': stencil, 'fan': fan}


def expected(graph, keys):
    """The right answers, computed one after the other."""
    values = {}

    def value(of):
        return [value(key) for key in of] if isinstance(of, list) else values[of]

    for key, (function, *arguments) in graph.items():
        values[key] = function(*map(value, arguments))
    return value(keys)


def status_bytes(field):
    with open('/proc/self/status', encoding='ascii') as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0


def reset_peak():
    try:
        with open('/proc/self/clear_refs', 'w', encoding='ascii') as refs:
            refs.write('5')
    except OSError:
        pass


def measure(shape, size, rounds):
    n_wrong = 0
    with ThreadPoolExecutor(N_WORKERS) as pool:
        for _ in range(rounds):
            gc.collect()
            reset_peak()
            before = status_bytes('VmRSS')
            start = time.perf_counter_ns()
            graph, keys = SHAPES[shape](size)
            built = time.perf_counter_ns()
            values = dask.threaded.get(graph, keys, pool=pool, num_workers=N_WORKERS)
            done = time.perf_counter_ns()
            peak = status_bytes('VmHWM')
            if isinstance(keys, list):
                values = list(values)
            n_wrong += values != expected(graph, keys)
            print(len(graph), built - start, done - built, 0, peak - before, sep='\t', flush=True)
    if n_wrong:
        print(f'Dask threaded, {shape}: wrong values', file=sys.stderr)
    return 1 if n_wrong else 0


def main(arguments):
    if arguments == ['shapes']:
        print('Dask threaded', ' '.join(SHAPES), dask.__version__, sep='\t')
        return 0
    if not arguments or arguments[0] not in SHAPES:
        print('Usage: peer-dask.py shapes | SHAPE [SIZE [ROUNDS]]', file=sys.stderr)
        return 2
    numbers = [int(text) for text in arguments[1:3]] + [0, 1][len(arguments) - 1:]
    return measure(arguments[0], *numbers)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
