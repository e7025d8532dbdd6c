"""figures.py: the arithmetic of the benchmark table.

SPDX-License-Identifier: BSD-3-Clause

A run is (tasks, ns to build, ns to run, ns to free, bytes of memory), as the drivers print it.
"""
import statistics

BUILD, RUN, FREE, MEMORY = 1, 2, 3, 4
AIMS = {'ns': 60, 'records_ns': 20, 'bytes': 120, 'metg_ns': 180, 'gib': 2}


def per_task(runs, column):
    """(minimum, median) a task, or None without runs."""
    values = [run[column] / run[0] for run in runs]
    return (min(values), statistics.median(values)) if values else None


def number(value):
    """The digits that matter: 9.5, 62.3, 131, 1,234, 24.4k."""
    if value < 99.95:
        return f'{value:.1f}'
    return f'{value:,.0f}' if value < 9999.5 else f'{value / 1000:,.1f}k'


def spread(pair):
    return '/'.join(map(number, pair)) if pair else '–'


def efficiency(point, workers):
    """The share of the peak rate that tasks of a size reach.

    A point is (steps of the busy loop a task, ns of a step at the peak rate, tasks, ns of the run).
    """
    steps, step_ns, tasks, run_ns = point
    return tasks * steps * step_ns / workers / run_ns


def metg(points, workers):
    """METG(50 %) of a sweep from small to large tasks: (duration, granularity) in ns, or None.

    The duration is the task's own, the granularity Task Bench's: wall time × workers / tasks. At
    the first point with half the peak rate or more; between it and the one before the line counts.
    """
    before = None
    for point in points:
        steps, step_ns, tasks, run_ns = point
        now = efficiency(point, workers), steps * step_ns, run_ns * workers / tasks
        if now[0] >= 0.5:
            if before is None:
                return now[1:]
            part = (0.5 - before[0]) / (now[0] - before[0])
            return tuple(old + part * (new - old) for old, new in zip(before[1:], now[1:]))
        before = now
    return None


def rotated(items, n):
    """The same items, begun with another one in each round."""
    n %= max(len(items), 1)
    return items[n:] + items[:n]


def rival(medians):
    """Whom a shape is compared with: Taskflow, without it the faster of oneTBB and OpenMP.

    medians: driver's name → ns a task. Returns (name, ns) or None.
    """
    for names in (('Taskflow',), ('oneTBB flow graph', 'OpenMP depend')):
        there = [(medians[name], name) for name in names if name in medians]
        if there:
            ns, name = min(there)
            return name, ns
    return None


def verdict(name, value):
    """A figure and whether it reaches the aim of that name."""
    text = f'{value:.2f}' if name == 'gib' else f'{value:.1f}'
    return f'{text} {"holds" if value <= AIMS[name] else "falls short"}'
