"""test-peers.py: tests of the drivers of other schedulers, on small graphs.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'support'))
sys.path.insert(0, HERE)

import drivers  # noqa: E402
import figures  # noqa: E402
from tap import equal, main, test  # noqa: E402

BUILD = os.environ['WEFT_BUILD_ROOT']
SIZES = {'independent': (300, 300), 'chain': (300, 300), 'tree': (64, 127), 'stencil': (7, 448),
         'fan': (200, 202)}
PEERS, MISSING = drivers.peer_drivers(BUILD)
OURS = list(drivers.weftline_drivers(BUILD))


@test('/weft/perf/peers/those-built-start')
def start():
    equal(MISSING, [])
    names = {peer.name for peer in PEERS}
    equal({'GLib GThreadPool', 'OpenMP depend', 'Dask threaded'} - names, set())
    equal(len(OURS), 6)
    equal([driver.version for driver in [*PEERS, *OURS] if not driver.version], [])


@test('/weft/perf/peers/each-shape-gives-right-values')
def right_values():
    for driver in [*PEERS, *OURS]:
        for shape in driver.shapes:
            size, n_tasks = SIZES[shape]
            runs = driver.runs(shape, size, 3)
            equal((driver.name, shape, driver.complaint), (driver.name, shape, None))
            equal([run[0] for run in runs], [n_tasks] * 3)
            equal(all(len(run) == 5 and run[figures.RUN] > 0 for run in runs), True)


@test('/weft/perf/peers/pools-offer-no-dependencies')
def pools():
    for peer in PEERS:
        alone = peer.name in ('GLib GThreadPool', 'libuv uv_queue_work')
        equal((peer.name, peer.shapes),
              (peer.name, ['independent'] if alone else list(SIZES)))


@test('/weft/perf/peers/sweeps-grow')
def sweeps():
    sweeping = [driver for driver in [*PEERS, OURS[0]]
                if 'stencil' in driver.shapes and driver.name not in drivers.SMALL]
    for driver in sweeping:
        points = [tuple(map(float, line)) for line in driver.call('metg', 10)]
        equal((driver.name, [point[2] for point in points]), (driver.name, [640] * len(points)))
        equal(sorted(points, key=lambda point: point[0]), points)
        equal(1 <= len(points) <= 12, True)
        below = [point for point in points[:-1] if figures.efficiency(point, 2) >= 0.5]
        equal((driver.name, below), (driver.name, []))


@test('/weft/perf/peers/memory-is-told-by-shape')
def memory():
    graph, state = map(float, OURS[0].call('bytes', 'chain')[0])
    equal(8 <= graph <= 120 and 8 <= state <= 120, True)


@test('/weft/perf/peers/mistakes-are-told')
def mistakes():
    for driver in [*PEERS, OURS[0]]:
        equal((driver.name, driver.call('square')), (driver.name, None))
        equal(bool(driver.complaint), True)


main()
