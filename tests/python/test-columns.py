"""test-columns.py: what is said of many tasks at once, as a reader of the document takes it.

SPDX-License-Identifier: BSD-3-Clause

Nothing runs here but threads that append: graphs and spans are random, and what is packed is read
by what knows protocol.md only (server.py).
"""
import random
import struct
import sys
import threading
import time

import place  # noqa: F401
from server import Reported
from tap import equal, main, test

from weftline import _columns
from weftline._columns import Columns
from weftline._lane import Lane
from weftline._wire import key_text

KEYS = [lambda i: f'load-{i}', lambda i: ('row-sum', i), lambda i: i, lambda i: f'größe-{i}',
        lambda i: f'half-\ud800-{i}', lambda i: f'with\0zero-{i}', lambda i: b'bytes-%d' % i,
        lambda i: f'long-{i}-' + 'x' * 5000, lambda i: 'größe' * 900 + str(i), lambda i: f'"{i}"\n']


def text_of(key):
    """As lines have it."""
    text = key_text(key).encode('utf-8', 'replace').decode('utf-8').replace('\0', '\ufffd')
    return text or "''"


def reported(messages):
    run = Reported({'name': 'test'})
    for each in messages:
        at = 0
        while at < len(each):
            n, kind, flags, channel, lane = struct.unpack_from('<IHHII', each, at)
            equal((channel, lane, len(each) % 8), (1, 0, 0))
            run.take_packed(kind, flags, each[at + 16:at + 16 + n])
            at += 16 + n + -n % 8
    return run


@test('/weft/python/columns/random-graphs')
def graphs():
    """Keys of all kinds, in any order; some are only read, some tasks read very many."""
    rng = random.Random()
    for _ in range(40):
        kinds = rng.sample(KEYS, rng.randrange(1, len(KEYS)))
        keys = [rng.choice(kinds)(i) for i in range(rng.choice([0, 1, 5, 300, 1000]))]
        others = [f'other-{i}' for i in range(3)]
        reads = {key: {read for read in rng.sample(keys + others, min(
            len(keys), rng.choice([0, 1, 2, 2, 5, 300]))) if read != key} for key in keys}
        groups = {key: rng.choice(['mine', 'größe', None]) for key in keys if type(key) is tuple}
        rng.shuffle(keys)
        run = reported(Columns().graph(keys, reads.__getitem__, groups.get))
        equal({key: found for key, found in run.inputs().items() if found or key[:5] != 'other'},
              {text_of(key): {text_of(read) for read in reads[key]} for key in keys})
        equal({event['k']: event['group'] for event in run.of('add') if 'group' in event},
              {text_of(key): group for key, group in groups.items() if group is not None})


@test('/weft/python/columns/a-group-whose-name-is-long')
def long_group():
    keys = [('a', 0), ('a', 1)]
    run = reported(Columns().graph(keys, lambda key: (), lambda key: 'größe' * 1000))
    group, = {event['group'] for event in run.of('add') if 'group' in event}
    equal((group.startswith('größe' * 500), len(group.encode()) <= 4096), (True, True))


@test('/weft/python/columns/keys-that-are-one-to-a-reader')
def same_text():
    """A number and its text; a task that would read itself reads nothing."""
    keys = [1, '1', 2, '', "''"]
    reads = {1: ['1'], '1': [2], 2: [1, ''], '': [2, "''"], "''": ['']}
    run = reported(Columns().graph(keys, reads.__getitem__, lambda key: None))
    equal(run.inputs(), {'1': {'2'}, '2': {'1', "''"}, "''": {'2'}})


@test('/weft/python/columns/several-graphs-of-one-run')
def several():
    columns = Columns()
    messages = [*columns.graph(['a', 'b'], {'a': [], 'b': ['a']}.get, lambda key: None),
                *columns.graph(['c'], {'c': ['b', 'a']}.get, lambda key: None)]
    equal(reported(messages).inputs(), {'a': set(), 'b': {'a'}, 'c': {'a', 'b'}})


@test('/weft/python/columns/what-processes-ran')
def processes():
    """What threads ran, with and without sizes, comes out as it went in."""
    rng = random.Random()
    for _ in range(50):
        expected, said = [], []
        for i in range(rng.randrange(1, 30)):
            n, worker, thread = rng.randrange(1, 9), f'process {rng.randrange(2)}', i % 3
            keys = [rng.choice(KEYS)(100 * i + k) for k in range(n)]
            starts = [rng.randrange(1 << 62) for _ in range(n)]
            ends = [start + rng.randrange(1 << 40) for start in starts]
            sizes = rng.choice([[], [rng.choice([None, 0, 7, 1 << 50]) for _ in range(n)]])
            said.append(_columns.spans(worker.encode(), thread, keys,
                                       struct.pack(f'<{2 * n}q', *starts, *ends), sizes))
            expected += zip(map(text_of, keys), starts, ends, [worker] * n, [thread] * n,
                            [size or 0 for size in sizes or [0] * n])
        run = reported(said)
        equal(sorted((event['k'], event['s'], event['s'] + event['d'], event['w'], event['h'],
                      event.get('b', 0)) for event in run.events), sorted(expected))


@test('/weft/python/columns/a-lane-is-emptied-while-it-fills')
def lane():
    """A thread appends as fast as it can, some of it fails; another takes. Each is told once, and
    what is told as running has not been taken."""
    made = Lane()
    expected, failed, taken, over = {}, [], [], threading.Event()

    def work():
        rng = random.Random()
        for i in range(60000):
            start = time.monotonic_ns()
            made.keys.append(i)
            made.times.append(start)
            if rng.random() < 0.05:
                failed.append(i)
                made.fail(start, time.monotonic_ns(), True)
                continue
            made.sizes.append(i % 7)
            made.times.append(time.monotonic_ns())
            expected[i] = start
        over.set()

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        seen = set()
        while not over.is_set() or made.n_ended():
            n = made.n_ended()
            keys, times, sizes = made.take(n)
            half = len(times) // 2
            starts = struct.unpack(f'={len(keys)}q', times[:half])
            taken += zip(keys, starts, sizes)
            seen.update(keys)
            running = made.running()
            if running is not None and running[0] in seen:
                raise AssertionError(f'{running} was taken already')
        thread.join()
    finally:
        sys.setswitchinterval(before)
    equal(len(failed) > 0, True)
    equal([(key, start) for key, start, _ in taken], sorted(expected.items()))
    equal(all(size == key % 7 for key, _, size in taken), True)
    equal((made.keys, made.times, made.sizes, made.failed), ([], [], [], set()))


if __name__ == '__main__':
    main()
