#!/usr/bin/python3
"""table.py: Weftline and other schedulers on the same graphs, in one table.

SPDX-License-Identifier: BSD-3-Clause

Usage: table.py --build FOLDER [--rounds N] [--shapes SHAPE,...] [--size N] [--only NAME,...]
                [--no-metg]

Every driver speaks the protocol described in peer-main.c. Weftline's own is
`weftline bench --driver RECORDS SHAPE [SIZE [ROUNDS]]`, RECORDS being none, memory or file.

In each round every driver runs once, in a process of its own, so that what the machine does
meanwhile falls on all alike; there, the graph runs twice, cold and warm. The table gives minimum
and median of the rounds in ns per task, of the warm runs unless said otherwise.
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys

SHAPES = ('independent', 'chain', 'tree', 'stencil', 'fan')
RECORDS = {'none': 'no records', 'memory': 'records in memory', 'file': 'records in a file'}
TIMEOUT_S = 180


class Driver:
    def __init__(self, name, command, shapes):
        self.name = name
        self.command = command
        self.shapes = shapes
        self.complaint = None

    def call(self, *arguments):
        """The lines of a run, or None after a failure, which is kept."""
        try:
            done = subprocess.run([*self.command, *map(str, arguments)], text=True, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=TIMEOUT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.complaint = str(error)
            return None
        if done.returncode != 0:
            self.complaint = (done.stderr.strip() or f'status {done.returncode}').splitlines()[-1]
            return None
        return done.stdout.splitlines()


def ask(command):
    """A driver, if the command speaks the protocol."""
    driver = Driver('', command, ())
    lines = driver.call('shapes')
    if not lines or '\t' not in lines[0]:
        return None
    driver.name, shapes = lines[0].split('\t')
    driver.shapes = shapes.split()
    return driver


def weftline_drivers(build):
    program = os.path.join(build, 'src', 'cli', 'weftline')
    for records, text in RECORDS.items():
        driver = ask([program, 'bench', '--driver', records])
        if driver:
            driver.name += f', {text}'
            yield driver


def peer_drivers(build):
    folder = os.path.join(build, 'tests', 'perf', 'peers')
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for name in names:
        path = os.path.join(folder, name)
        if not name.startswith('peer-') or not os.path.isfile(path):
            continue
        driver = ask(['/usr/bin/python3', path] if name == 'peer-dask' else [path])
        if driver:
            yield driver
        else:
            print(f'(no {name}: its library is missing or does not start)')


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


def run_shape(drivers, shape, size, rounds):
    """driver → [(tasks, build, run, free, bytes) cold, the same warm], for each round."""
    results = {driver: [] for driver in drivers if shape in driver.shapes}
    for _ in range(rounds):
        for driver, taken in results.items():
            lines = driver.call(shape, size, 2)
            if lines:
                taken.append([tuple(map(int, line.split('\t'))) for line in lines])
    return results


def per_task(runs, column):
    """Minimum and median in ns per task."""
    values = [run[column] / run[0] for run in runs]
    return f'{min(values):.0f}/{statistics.median(values):.0f}'


def print_shape(shape, results):
    print(f'\n{shape:34}{"tasks":>10}{"build":>16}{"run":>16}{"cold run":>16}{"free":>12}'
          f'{"B/task":>8}')
    for driver, taken in results.items():
        if not taken:
            print(f'  {driver.name:32}  {driver.complaint}')
            continue
        cold, warm = [runs[0] for runs in taken], [runs[-1] for runs in taken]
        memory = statistics.median(run[4] / run[0] for run in cold)
        print(f'  {driver.name:32}{warm[0][0]:>10}{per_task(warm, 1):>16}{per_task(warm, 2):>16}'
              f'{per_task(cold, 2):>16}{per_task(warm, 3):>12}{memory:>8.0f}', flush=True)


def print_metg(drivers):
    print('\nMETG(50 %), stencil 64 wide: the smallest task with which half of the time is useful')
    for driver in drivers:
        if 'stencil' not in driver.shapes or 'dask' in driver.command[-1]:
            continue
        lines = driver.call('metg')
        print(f'  {driver.name:32}{lines[0] + " ns" if lines else driver.complaint:>16}',
              flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(description='Weftline and other schedulers side by side.')
    parser.add_argument('--build', required=True, help='the build folder')
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('--shapes', default=','.join(SHAPES))
    parser.add_argument('--size', type=int, default=0, help='tasks, leaves or steps')
    parser.add_argument('--only', default='', help='drivers whose name contains one of these')
    parser.add_argument('--no-metg', action='store_true')
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    wanted = options.only.lower().split(',')
    print(f'{machine()}\n2 workers; ns per task, minimum/median of {options.rounds} interleaved '
          'rounds; tasks add one integer')
    drivers = [driver for driver in [*weftline_drivers(options.build), *peer_drivers(options.build)]
               if any(part in driver.name.lower() for part in wanted)]
    if not drivers:
        print('no driver was built', file=sys.stderr)
        return 1
    for shape in options.shapes.split(','):
        print_shape(shape, run_shape(drivers, shape, options.size, options.rounds))
    if not options.no_metg:
        print_metg(drivers)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
