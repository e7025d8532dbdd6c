#!/usr/bin/python3
"""table.py: Weftline and other schedulers on the same graphs, in one table.

SPDX-License-Identifier: BSD-3-Clause

In each round every driver runs once on every shape, in a process of its own, so that what the
machine does meanwhile falls on all alike; there, the graph is built and run twice: cold and warm.
"""
import argparse
import json
import math
import os
import platform
import statistics
import sys

import drivers as drive
import figures

SHAPES = ('independent', 'chain', 'tree', 'stencil', 'fan')
PLACES = {'file': 'in a file', 'memory': 'in memory'}
PARTS = ('shapes', 'large', 'memory', 'metg')
N_WORKERS = 2
N_PAIRS = 24  # looks at what two processors do together, at most
N_MEMORY_GIB = 6  # what the peers may need for 10 million tasks
COLUMNS = ('off', 'memory', 'file')
TITLES = {'int': 'Weftline, int64', 'heap': 'Weftline, heap'}

TIMING = """\
Each task adds its inputs and one; passes off. Weftline keeps the results as int64 or as values of
64 bytes on the heap. Timed from the start (of a run whose state is allocated) until all tasks are
done, values are stored and freed and the run file is closed. Cold is the first run of a process,
warm the second. Before that the graph is built and its state allocated; bytes are those of both
and the run."""
PEERS = """\
What the others do not do: Taskflow, oneTBB, OpenMP, StarPU, GLib and libuv keep no records and no
results (the task writes a number to an array of the caller); GLib's and libuv's pools know no
dependencies; OpenMP makes its tasks while it runs them, so its time includes building. Dask keeps
results, no records. StarPU and Dask get fewer tasks, as theirs take long, and none of the 10
million; there OpenMP cannot have the fan, as its dependencies would not fit on the stack."""


def machine():
    cpu = 'unknown processor'
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as lines:
            cpu = next((line.split(':')[1].strip() for line in lines
                        if line.startswith('model name')), cpu)
    except OSError:
        pass
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    cores = len(os.sched_getaffinity(0))
    return f'{cpu}, {cores} usable cores, {memory:.0f} GiB, {platform.system()} ' \
           f'{platform.release()}'


def available_gib():
    with open('/proc/meminfo', encoding='ascii') as lines:
        kib = next(int(line.split()[1]) for line in lines if line.startswith('MemAvailable'))
    return kib / 2**20


def tell(text):
    """What is being done, on a terminal only."""
    if sys.stderr.isatty():
        print(f'\r\033[K{text}', end='', file=sys.stderr, flush=True)


# ---- measuring ----------------------------------------------------------------------------------

class Results:
    """What was measured, by shape and driver."""

    def __init__(self):
        self.rounds = {}  # (shape, driver) → [(cold run, warm run)]
        self.large = {}   # (shape, driver) → (run, peak bytes of the process)
        self.memory = {}  # shape → (bytes of the graph, of the state) a task
        self.metg = {}    # driver → [(duration, granularity), or None: half was not reached]
        self.pairs = []   # speed of one busy processor beside another, as a share of it alone

    def median(self, shape, driver):
        warm = [runs[1] for runs in self.rounds.get((shape, driver), ())]
        return warm and figures.per_task(warm, figures.RUN)[1]


def measure_rounds(results, drivers, options):
    ours = next((driver for driver in drivers if not driver.is_peer), None)
    for n in range(options.rounds):
        if ours and n % (1 + options.rounds // N_PAIRS) == 0:
            measure_pair(results, ours)
        for shape in options.shapes:
            tell(f'round {n + 1} of {options.rounds}: {shape}')
            for driver in figures.rotated([d for d in drivers if shape in d.shapes], n):
                if driver.complaint:
                    continue
                runs = driver.runs(shape, driver.size(shape, options.size), 2)
                if runs:
                    results.rounds.setdefault((shape, driver), []).append(runs)


def measure_pair(results, ours):
    lines = ours.call('pair')
    if lines:
        results.pairs.append(float(lines[0][0]))


def measure_large(results, drivers, options):
    """The peers only where there is memory for them."""
    roomy = available_gib() >= N_MEMORY_GIB
    for shape in options.shapes:
        for driver in drivers:
            if shape not in driver.shapes or driver.name in drive.SMALL or driver.complaint \
                    or (driver.name, shape) in drive.TOO_LARGE or driver.is_peer and not roomy:
                continue
            tell(f'10 million tasks: {shape}, {driver.name}')
            runs = driver.runs(shape, drive.LARGE[shape], 1)
            if runs:
                results.large[shape, driver] = runs[0], driver.peak_bytes


def measure_memory(results, ours, options):
    for shape in options.shapes:
        tell(f'memory: {shape}')
        lines = ours.call('bytes', shape)
        if lines:
            results.memory[shape] = tuple(map(float, lines[0]))


def measure_metg(results, drivers, options):
    for n in range(options.rounds):
        for driver in figures.rotated(drivers, n):
            tell(f'METG, round {n + 1} of {options.rounds}: {driver.name}')
            points = None if driver.complaint else driver.metg()
            if points:
                results.metg.setdefault(driver, []).append(figures.metg(points, N_WORKERS))


def measure(drivers, options):
    results = Results()
    ours = {(driver.values, driver.records): driver for driver in drivers if not driver.is_peer}
    with_records = [ours.get(('int', records)) for records in ('file', 'memory')]
    for_metg = [driver for driver in drivers if driver in with_records
                or driver.name in ('Taskflow', 'oneTBB flow graph')]
    try:
        if 'shapes' in options.parts:
            measure_rounds(results, drivers, options)
        if 'metg' in options.parts:
            measure_metg(results, for_metg, options)
        if 'memory' in options.parts and ours:
            measure_memory(results, next(iter(ours.values())), options)
        if 'large' in options.parts and not options.size:
            measure_large(results, drivers, options)
    except KeyboardInterrupt:
        print('stopped; this is what was measured so far', file=sys.stderr)
    tell('')
    return results


# ---- the table ----------------------------------------------------------------------------------

def row_of(results, shape, row):
    """The cells of one line. row: the drivers by column."""
    cells = []
    for run in (1, 0):
        for column in COLUMNS:
            taken = results.rounds.get((shape, row.get(column)), ())
            cells.append(figures.spread(figures.per_task([runs[run] for runs in taken],
                                                         figures.RUN)))
    last = [row[column] for column in COLUMNS if (shape, row.get(column)) in results.rounds]
    build = figures.per_task([runs[1] for runs in results.rounds[shape, last[-1]]], figures.BUILD)
    used = [runs[0][figures.MEMORY] / runs[0][0] for runs in results.rounds[shape, last[0]]]
    return cells, f'{build[1]:,.0f}', f'{statistics.median(used):,.0f}'


def rows(drivers):
    """(title, column → driver): Weftline's three ways to keep records in one line."""
    found = {}
    for driver in drivers:
        title = driver.name if driver.is_peer else TITLES[driver.values]
        found.setdefault(title, {})['off' if driver.is_peer else driver.records] = driver
    return found.items()


def print_shape(results, shape, drivers):
    there = [(title, row) for title, row in rows(drivers)
             if any((shape, driver) in results.rounds for driver in row.values())]
    if not there:
        return
    heads = (('warm,', 'records', 'records', 'cold,', 'records', 'records'),
             ('no records', 'in memory', 'in a file') * 2)
    for before, columns, after in zip(('before, ns', '(median)'), heads, ('bytes', 'a task')):
        print(f'{"":19} {before:>10} ' + ' '.join(f'{column:>11}' for column in columns)
              + f' {after:>6}')
    for title, row in there:
        cells, build, used = row_of(results, shape, row)
        print(f'{title:19} {build:>10} ' + ' '.join(f'{cell:>11}' for cell in cells)
              + f' {used:>6}')


def print_shapes(results, drivers, options):
    for shape in options.shapes:
        tasks = max((runs[0][0][0] for (of, _), runs in results.rounds.items() if of == shape),
                    default=None)
        if tasks:
            print(f'\n── {shape}, {tasks:,} tasks: ns a task, minimum/median ──')
            print_shape(results, shape, drivers)


def print_large(results, drivers, options):
    print('\n── 10 million tasks, once, cold: ns a task, and GiB that the process took at most ──')
    print(f'{"":30} ' + ' '.join(f'{shape:>13}' for shape in options.shapes))
    for driver in drivers:
        if not any((shape, driver) in results.large for shape in options.shapes):
            continue
        title = driver.name if driver.is_peer else \
            f'Weftline, {driver.values}, records {driver.records}'
        cells = []
        for shape in options.shapes:
            run, peak = results.large.get((shape, driver), (None, 0))
            cells.append(f'{figures.number(run[figures.RUN] / run[0])}, {peak / 2**30:.2f}'
                         if run else '–')
        print(f'{title:30} ' + ' '.join(f'{cell:>13}' for cell in cells))


def print_metg(results):
    print('\n── METG(50 %): the smallest task with which half of the peak rate is reached; '
          'stencil, 64 wide ──')
    print(f'{"ns, minimum/median":29} {"its duration":>13} {"and scheduling (Task Bench)":>28}')
    for driver, found in results.metg.items():
        title = driver.name if driver.is_peer else f'Weftline, records {PLACES[driver.records]}'
        own, wall = ([pair[i] for pair in found if pair] for i in (0, 1))
        cells = [figures.spread((min(ns), statistics.median(ns))) if ns else '–'
                 for ns in (own, wall)]
        print(f'{title:29} {cells[0]:>13} {cells[1]:>28}{not_reached(found)}')


def not_reached(found):
    """What to say of rounds in which no size of task came to half of the peak rate."""
    n = found.count(None)
    return f'  (not reached in {n} of {len(found)} rounds)' if n else ''


def median_metg(found):
    """A round that did not get there is worse than any that did: None when the median is such."""
    reached = [pair[0] if pair else math.inf for pair in found]
    median = statistics.median(reached)
    return None if math.isinf(median) else median


# ---- the aims -----------------------------------------------------------------------------------

def aims_of_shape(results, shape, drivers):
    """The figures of a shape that an aim exists for, by name."""
    ours = {d.records: d for d in drivers if d.values == 'int'}
    medians = {d.name: results.median(shape, d) for d in drivers
               if d.is_peer and (shape, d) in results.rounds}
    found = {}
    if (shape, ours.get('file')) in results.rounds:
        found['ns'] = results.median(shape, ours['file'])
        if (shape, ours.get('off')) in results.rounds:
            found['records_ns'] = found['ns'] - results.median(shape, ours['off'])
        found['rival'] = figures.rival(medians)
    if shape in results.memory:
        found['bytes'] = sum(results.memory[shape])
    if (shape, ours.get('file')) in results.large:
        found['gib'] = results.large[shape, ours['file']][1] / 2**30
    return found


def aims_row(found):
    """The cells of a shape: its figures, each with whether it reaches its aim."""
    cells = [figures.verdict(name, found[name]) if name in found else '–'
             for name in ('ns', 'records_ns', 'bytes', 'gib')]
    rival = '–'
    if found.get('rival'):
        name, ns = found['rival']
        rival = f'{name.split()[0]} {figures.number(ns)} ' \
                + ('holds' if found['ns'] <= ns else 'falls short')
    return [cells[0], rival, *cells[1:]]


def print_aims(results, drivers, options):
    aims = figures.AIMS
    print('\n── the aims: int64 values, records in a file, warm, medians ──')
    lines = [('', f'≤ {aims["ns"]} ns a task', 'not behind', f'records ≤ {aims["records_ns"]} ns',
              f'≤ {aims["bytes"]} bytes a task', f'10 million ≤ {aims["gib"]} GiB')]
    lines += [(shape, *aims_row(aims_of_shape(results, shape, drivers)))
              for shape in options.shapes]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print('  '.join(f'{cell:{width}}' for cell, width in zip(line, widths)).rstrip())
    for driver, found in results.metg.items():
        if driver.is_peer:
            continue
        others = [f'; {peer.name} {metg_text(theirs)}' for peer, theirs in results.metg.items()
                  if peer.is_peer]
        median = median_metg(found)
        verdict = figures.verdict('metg_ns', median) if median is not None else 'falls short'
        print(f'METG(50 %), records {PLACES[driver.records]}, ≤ {aims["metg_ns"]} ns: {verdict}'
              + not_reached(found) + ''.join(others))


def metg_text(found):
    median = median_metg(found)
    return ('–' if median is None else f'{median:.0f}') + not_reached(found)


# ---- the whole ----------------------------------------------------------------------------------

def as_json(results, drivers, options):
    def name(driver):
        return driver.name if driver.is_peer else f'{driver.name} {driver.values} {driver.records}'

    def runs(run):
        return dict(zip(('tasks', 'build_ns', 'run_ns', 'free_ns', 'bytes'), run))

    shapes = {}
    for shape in options.shapes:
        shapes[shape] = {'aims': aims_of_shape(results, shape, drivers)}
        for driver in drivers:
            entry = {}
            taken = results.rounds.get((shape, driver))
            if taken:
                for i, kind in enumerate(('cold', 'warm')):
                    pair = figures.per_task([pair[i] for pair in taken], figures.RUN)
                    entry[kind] = {'min_ns': pair[0], 'median_ns': pair[1],
                                   'runs': [runs(pair[i]) for pair in taken]}
            if (shape, driver) in results.large:
                run, peak = results.large[shape, driver]
                entry['large'] = {**runs(run), 'peak_bytes': peak}
            if entry:
                shapes[shape][name(driver)] = entry
    return {'machine': machine(), 'workers': N_WORKERS, 'rounds': options.rounds,
            'versions': {driver.name: driver.version for driver in drivers},
            'beside_another': results.pairs,
            'complaints': {name(d): d.complaint for d in drivers if d.complaint},
            'shapes': shapes,
            'metg': {name(driver): [pair and dict(zip(('duration_ns', 'granularity_ns'), pair))
                                    for pair in found] for driver, found in results.metg.items()}}


def pair_text(pairs):
    """Two processors of a guest may be one core for a while: then what needs both takes longer."""
    low, middle, high = (round(100 * share) for share in
                         (min(pairs), statistics.median(pairs), max(pairs)))
    why = '; two thirds mean that both are one core' if low < 80 else ''
    return f'A busy processor beside another one: {middle} % of its speed alone ' \
           f'({low} to {high} %{why})'


def print_head(results, drivers, missing, options):
    print(f'{machine()}\n{N_WORKERS} workers; {options.rounds} interleaved rounds')
    if results.pairs:
        print(pair_text(results.pairs))
    if options.load > 0.5:
        print(f'The machine was not idle at the start (load {options.load:.1f}): times are too '
              'long.')
    versions = {driver.name: driver.version for driver in drivers}
    print('; '.join(f'{name} {version}' for name, version in versions.items()))
    for name in missing:
        print(f'({name} does not start: its library is missing)')
    if 'peer-taskflow' not in missing and 'Taskflow' not in versions and not options.only:
        print('(no Taskflow: set TASKFLOW_DIR to a folder with its headers)')


def print_table(results, drivers, missing, options):
    print_head(results, drivers, missing, options)
    if not options.aims:
        print('\n' + TIMING + '\n' + PEERS)
        if results.rounds:
            print_shapes(results, drivers, options)
        if results.large:
            print_large(results, drivers, options)
        if results.metg:
            print_metg(results)
    print_aims(results, drivers, options)
    for driver in drivers:
        if driver.complaint:
            print(f'{driver.name}: {driver.complaint}', file=sys.stderr)


def words(allowed):
    def parse(text):
        chosen = text.split(',')
        for word in chosen:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f'“{word}” is none of {", ".join(allowed)}')
        return chosen
    return parse


def parse(arguments):
    parser = argparse.ArgumentParser(prog='./dev bench', description='Weftline and other '
                                     'schedulers on the same graphs, in one table.')
    parser.add_argument('--build', required=True, help=argparse.SUPPRESS)
    parser.add_argument('--rounds', type=int, default=9, help='rounds (9)')
    parser.add_argument('--shapes', type=words(SHAPES), default=list(SHAPES),
                        help=f'some of {",".join(SHAPES)}')
    parser.add_argument('--parts', type=words(PARTS), default=list(PARTS),
                        help=f'some of {",".join(PARTS)}')
    parser.add_argument('--size', type=int, default=0,
                        help='tasks, leaves or steps; then there are no 10 million')
    parser.add_argument('--only', default='', help='schedulers whose names contain one of these')
    parser.add_argument('--aims', action='store_true', help='only what the aims need')
    parser.add_argument('--json', action='store_true', help='everything measured, as JSON')
    options = parser.parse_args(arguments)
    options.load = os.getloadavg()[0]
    if options.rounds < 1 or options.size < 0:
        parser.error('--rounds and --size are positive')
    return options


def is_wanted(driver, options):
    if options.aims and driver.is_peer:
        return driver.name in ('Taskflow', 'oneTBB flow graph', 'OpenMP depend') \
            and options.parts != ['large']
    if options.aims:
        return driver.values == 'int' and (driver.records != 'memory' or options.parts == ['metg'])
    return any(part in driver.name.lower() for part in options.only.lower().split(','))


def main(arguments):
    options = parse(arguments)
    peers, missing = drive.peer_drivers(options.build)
    drivers = [driver for driver in [*drive.weftline_drivers(options.build), *peers]
               if is_wanted(driver, options)]
    if not drivers:
        print('no driver was built', file=sys.stderr)
        return 1
    results = measure(drivers, options)
    if options.json:
        json.dump(as_json(results, drivers, options), sys.stdout, indent=1)
        print()
    else:
        print_table(results, drivers, missing, options)
    return 1 if any(driver.complaint for driver in drivers) else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
