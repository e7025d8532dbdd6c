"""computations.py: what tests of watched computations compute, on each of Dask's local schedulers.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import threading
import time

import place  # noqa: F401  (finds the package and the support)
from tap import test

import dask
import dask.local
import dask.multiprocessing
import dask.threaded

GETS = {'sync': dask.local.get_sync, 'threads': dask.threaded.get,
        'processes': dask.multiprocessing.get}


# ---- what is computed ----------------------------------------------------------------------------

def seen(*inputs):
    """(start, end, process, thread)"""
    start = time.monotonic_ns()
    for _ in range(1000):
        pass
    return start, time.monotonic_ns(), os.getpid(), threading.get_native_id()


def broken(*inputs):
    raise LookupError('the shelf is empty')


def wait_for(path, value):
    """Until the file is there."""
    deadline = time.monotonic() + 20
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(0.001)
    return value


def graph_of(n, rng):
    """Tasks that read some of those before them."""
    graph = {}
    for i in range(n):
        known = list(graph)
        reads = rng.sample(known, min(len(known), rng.randrange(4)))
        name = rng.choice(['load', 'sum-part', ('chunk-of', i), ('x', i, 0)])
        graph[name if type(name) is tuple else f'{name}-{i}'] = (seen, *reads)
    return graph


def compute(scheduler, graph, keys, **more):
    if scheduler == 'processes':
        more = {'num_workers': 2, 'optimize_graph': False, **more}
    elif scheduler == 'threads':
        more = {'num_workers': 3, **more}
    return GETS[scheduler](graph, keys, **more)


def key_of(key):
    return key if type(key) is str else str(key)


def starts_of(run):
    return {event['k']: event['t'] for event in run.of('start')}


# ---- tests ---------------------------------------------------------------------------------------

def for_each_scheduler(path):
    """A test of each scheduler."""
    def add(function):
        for scheduler in GETS:
            test(f'/weft/python/watch/{path}/{scheduler}')(
                lambda scheduler=scheduler: function(scheduler))
        return function
    return add
