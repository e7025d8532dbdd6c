#!/usr/bin/python3
"""openmp-bench.py: what the tool of OpenMP costs a program.

SPDX-License-Identifier: BSD-3-Clause

Usage: openmp-bench.py [--build BUILD] [--rounds N] [--threads N]

The same program by itself, with the tool where nobody listens, and with the tool and a server, one
after the other, again and again; the medians, and the median of the differences within a round. A
task here does nothing, is made by one thread and run by all; a region is a loop of nothing.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WAYS = ('without the tool', 'the tool, nobody listens', 'the tool, a server listens')


def run(program, tool, address, threads):
    known = {key: value for key, value in os.environ.items() if not key.startswith('OMP_')}
    env = {**known, 'OMP_NUM_THREADS': str(threads), 'WEFTLINE_ADDRESS': address}
    if tool is not None:
        env['OMP_TOOL_LIBRARIES'] = tool
    done = subprocess.run([program], env=env, stdout=subprocess.PIPE, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def measure(options, folder):
    program, address = os.path.join(folder, 'bench'), os.path.join(folder, 's', 'socket')
    tool = os.path.abspath(os.path.join(options.build, 'src', 'libweftline-ompt.so'))
    subprocess.run(['clang', '-O2', '-fopenmp', os.path.join(HERE, 'openmp-bench.c'), '-o',
                    program], check=True)
    command = [os.path.join(options.build, 'src', 'cli', 'weftline'), 'serve', '--address',
               address, '--folder', os.path.join(folder, 'runs')]
    times = {way: [] for way in WAYS}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            server.stdout.readline()  # it listens
            for _ in range(options.rounds):
                times[WAYS[0]].append(run(program, None, address, options.threads))
                times[WAYS[1]].append(run(program, tool, address + '-nobody', options.threads))
                times[WAYS[2]].append(run(program, tool, address, options.threads))
        finally:
            server.terminate()
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default=os.environ.get('WEFT_BUILD_ROOT', 'build/release'))
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = measure(options, folder)
    for at, what in enumerate(('task', 'region')):
        base = [times_of[at] for times_of in times[WAYS[0]]]
        for way in WAYS:
            found = [times_of[at] for times_of in times[way]]
            more = statistics.median(a - b for a, b in zip(found, base))
            print(f'openmp, a {what}, {way}: {statistics.median(found):.0f} ns, '
                  f'{more:+.0f} ns of {options.threads} threads, {options.rounds} rounds')


if __name__ == '__main__':
    sys.exit(main())
