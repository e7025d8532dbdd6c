#!/usr/bin/python3
"""dashboard.py: what the window costs, as `./dev bench dashboard`.

SPDX-License-Identifier: BSD-3-Clause

Pictures are laid out and painted at 1920 × 1080 on image surfaces of cairo, their times are CPU
times of the thread that draws, and each stands beside a drawing that never changes, made in the
same process between them: 20,000 rectangles in seven colours. The window runs on a virtual
display with GTK's cairo renderer.
"""
import argparse
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
WITH_DISPLAY = os.path.join(ROOT, 'tests', 'support', 'with_display.py')
WINDOW = os.path.join(ROOT, 'tests', 'perf', 'dashboard', 'window.py')
N = r'([0-9.]+)'
N_OPENINGS = 15
N_IN_WINDOW = 10  # as window.py does
N_STARTS = 40  # likewise
TIMES = rf': median {N} ms, p99 {N} ms; of calibration {N}, p99 {N}'


class Figures:
    """Rows of (name, value, unit, most it may be or None, conditions)."""

    def __init__(self):
        self.rows = []

    def add(self, name, value, unit, aim=None, note='', least=False):
        self.rows.append({'name': name, 'value': value, 'unit': unit, 'aim': aim, 'note': note,
                          'least': least})

    def add_times(self, name, found, unit, aim, n, note=''):
        """found: what TIMES finds, in ms. Of 100 times and fewer the p99 is the largest."""
        scale = 1e3 if unit == 's' else 1
        half, high, share, high_share = found
        last = 'p99' if n > 100 else f'largest of {n}'
        self.add(f'{name}, median', half / scale, unit, aim,
                 f'{share:.2f} of the calibration' + (f'; {note}' if note else ''))
        self.add(f'{name}, {last}', high / scale, unit, aim,
                 f'{high_share:.2f} of the calibration')

    def print(self, first):
        for row in self.rows[first:]:
            aim = ''
            if row['aim'] is not None:
                good = row['value'] >= row['aim'] if row['least'] else row['value'] <= row['aim']
                aim = f'{"≥" if row["least"] else "≤"} {row["aim"]:g} ' \
                    + ('holds' if good else 'falls short')
            value = f'{row["value"]:,.2f}' if row['value'] < 100 else f'{row["value"]:,.0f}'
            print(f'{row["name"]:57} {value:>9} {row["unit"]:13} {aim:20} {row["note"]}'.rstrip(),
                  flush=True)


def call(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f'dashboard: {" ".join(command)}: exit status {done.returncode}')
    return done.stdout


def numbers(expression, output):
    found = re.search(expression, output, re.MULTILINE)
    if not found:
        sys.exit(f'dashboard: “{expression}” is not in: {output}')
    return [float(text) for text in found.groups()]


# ---- the parts ----------------------------------------------------------------------------------

def stream(figures, options):
    output = call(os.path.join(options.build, 'tests', 'ui-timeline', 'timeline-bench'),
                  str(options.spans), '16', '200')
    titles = {'zooms': 'random zooms', 'whole run': 'full view',
              'arriving': 'full view while spans arrive',
              'zooms then': 'random zooms while spans arrive'}
    rate = numbers(rf'spans arrived meanwhile, {N} a second', output)[0]
    for phase, title in titles.items():
        median, high, share, high_share = numbers(
            rf'^{phase} +least +{N} ms +median +{N} ms +p99 +{N} ms +max.*of calibration +{N}, '
            rf'p99 +{N}'.replace(f'least +{N}', 'least +[0-9.]+'), output)
        note = f'; {rate:,.0f} came a second' if title.endswith('arrive') else ''
        figures.add(f'task stream, {title}, median', median, 'ms', 5,
                    f'{share:.3f} of the calibration{note}')
        figures.add(f'task stream, {title}, p99', high, 'ms', 8,
                    f'{high_share:.3f} of the calibration')


MEMORY = rf'^memory: {N} bytes a span, of files {N}, at most {N}'


def opening(figures, options):
    program = os.path.join(options.build, 'tests', 'perf', 'dashboard', 'open-bench')
    output = call(program, str(options.spans), '16', options.folder, '0', str(N_OPENINGS))
    spans, lanes, file_bytes = numbers(rf'^(\d+) spans in (\d+) lanes; file {N}', output)
    note = f'{spans:,.0f} spans in {lanes:.0f} lanes'
    figures.add_times('opening a run file until the first picture',
                      numbers(f'^opened{TIMES}', output), 's', 1.5, N_OPENINGS, note)
    figures.add_times('  CPU time of its feed and picture',
                      numbers(f'^one after the other{TIMES}', output), 's', 1.5, N_OPENINGS,
                      f'{numbers(f"^CPU: median {N} ms", output)[0] / 1e3:.2f} s with the thread '
                      'that decodes beside')
    grown, mapped, most = numbers(MEMORY, output)
    figures.add('memory grown a span, mapped file included', grown, 'bytes', 64,
                f'{mapped:.1f} of files; at most {most:.1f}; the file has {file_bytes:.1f}')
    output = call(program, str(options.spans), '16', options.folder, '2')
    figures.add('  if each task reads two others', numbers(MEMORY, output)[0], 'bytes', None,
                'the graph in memory takes 8 for each input')


def opening_in_window(figures, options):
    output = window(options, 'open', options.spans)
    for start, name in {'told': 'window told to open a run', 'started': 'window started with a run'
                        }.items():
        for what, aim in {'first picture': 1.5, 'all spans': None}.items():
            figures.add_times(f'{name}, {what}', numbers(f'^{start}, {what}{TIMES}', output), 's',
                              aim if start == 'told' else None, N_IN_WINDOW,
                              f'{options.spans:,} spans')


def past(figures, options):
    output = call(os.path.join(options.build, 'tests', 'perf', 'dashboard', 'past-bench'),
                  '1000000', '4', '200', options.folder)
    tasks, made = numbers(rf'^past of (\d+) tasks: {N} ms', output)
    median, high = numbers(rf'^moments: median {N} ms, p99 {N} ms', output)
    figures.add('a moment of a run of 1 million tasks, median', median, 'ms CPU', 50)
    figures.add('a moment of a run of 1 million tasks, p99', high, 'ms CPU', 50,
                f'200 moments anywhere, {tasks:,.0f} tasks')
    curve, most = numbers(rf'^curve: median {N} ms, p99 {N} ms', output)
    figures.add('the curve behind the scrubber, median', curve, 'ms CPU', 5, f'p99 {most:.2f}')
    figures.add('  once before the first of them', made, 'ms CPU', None, 'on a thread beside')


def graph(name, spec, aim, n_layouts):
    def measure(figures, options):
        output = call(os.path.join(options.build, 'tests', 'perf', 'dashboard', 'graph-bench'),
                      spec, str(n_layouts), '200')
        figures.add_times(f'task graph, {name}, layout', numbers(f'^layout{TIMES}', output),
                          'ms CPU', aim, n_layouts, spec)
        figures.add_times(f'task graph, {name}, frame', numbers(f'^frames{TIMES}', output), 'ms',
                          16, 1000)
    return measure


def table(figures, options):
    output = call(os.path.join(options.build, 'tests', 'perf', 'dashboard', 'table-bench'),
                  '1000000', options.folder)
    rows = re.findall(rf'^(\w+): median {N} ms, (\d+) rows', output, re.MULTILINE)
    if len(rows) != 20:
        sys.exit(f'dashboard: ten figures of now and ten of a moment are not in: {output}')
    for title, part in {'filtered or sorted, most': rows[:10],
                        'of a moment, most': rows[10:]}.items():
        note = ', '.join(f'{name} {float(took):.0f}' for name, took, _ in part)
        figures.add(f'table of 1 million tasks, {title}', max(float(took) for _, took, _ in part),
                    'ms CPU', 1000, note)
    taken, median, most, workers = numbers(
        rf'^strips: taken in {N} ms, laid out median {N} ms, most {N} ms, {N} workers', output)
    figures.add('occupancy of 1 million tasks, laid out, median', median, 'ms CPU', None,
                f'most {most:.1f}; {workers:.0f} workers; taken in once in {taken:.0f} ms')


def window(options, what, *number):
    return call(sys.executable, WITH_DISPLAY, sys.executable, WINDOW, options.build, what,
                *(str(n) for n in number))


def start(figures, options):
    output = window(options, 'start')
    figures.add_times('start to first frame, warm cache', numbers(f'^start{TIMES}', output), 'ms',
                      700, N_STARTS)
    figures.add_times('  CPU time of it', numbers(f'^start, CPU{TIMES}', output), 'ms', None,
                      N_STARTS)


def idle(figures, options):
    output = window(options, 'idle')
    # of what is idle nothing at all is a clock's tick or two of what wakes by itself; the time of
    # a run that is paused goes on, once a second, in all views that go with it
    for what, most_drawn, most_cpu in (('start page', 0, 0.1), ('a run that is over', 0, 0.1),
                                       ('a run that is paused', 10, 3)):
        cpu, seconds, drawn, before, tasks = numbers(
            rf'^idle, {what}: {N} ms CPU in {N} s, {N} frames drawn, {N} before; {N} tasks', output)
        figures.add(f'idle window, {what}, frames drawn', drawn, f'in {seconds:.0f} s', most_drawn,
                    f'{before:.0f} before; {tasks:.0f} tasks in the stream')
        figures.add(f'idle window, {what}, CPU', cpu / seconds / 10, '% of a core', most_cpu)


def memory(figures, options):
    for n_tasks in (6000000, 10000000):
        grown, mapped, above, tasks, empty, shared = numbers(
            rf'^memory: {N} bytes a task, of files {N}, above a window that shows 16 tasks {N}; '
            rf'(\d+) tasks, empty {N} MB, pictures shared with the display {N} MB',
            window(options, 'memory', n_tasks))
        figures.add(f'window with {tasks / 1e6:.0f} million tasks, memory a task', grown, 'bytes',
                    64, f'above an empty one of {empty:.0f} MB; {mapped:.1f} of files; '
                    f'{above:.1f} above one that shows 16 tasks; {shared:.0f} MB of pictures '
                    'shared with the display left out')


def run(figures, options):
    output = window(options, 'run', options.tasks)
    machine, own, rate, gap, least, display = numbers(
        rf'^run: {N}% of the machine, {N}% of what the process got; {N} frames a second, longest '
        rf'gap {N} ms, at least {N} in any second; display server {N}%', output)
    ours, theirs, ratio = numbers(rf'^loss: {N} s in the window, {N} s beside.*ratio {N}', output)
    figures.add('window and recorder, share of the machine', machine, '%', 15,
                f'tasks of 10 µs on every core, all views visible; the display server {display} %')
    figures.add('  share of what the process got', own, '%', 15)
    figures.add('  frames, in the second with fewest', least, '', 10,
                f'{rate:.1f} a second on average, longest gap {gap:.0f} ms', least=True)
    figures.add('run, against one beside a program using as much', ratio, 'times', 1.05,
                f'{ours:.2f} s and {theirs:.2f} s, medians of 3; as much as window and display '
                'server')


def eta(figures, options):
    output = call(os.path.join(options.build, 'tests', 'perf', 'dashboard', 'eta-bench'),
                  os.path.join(ROOT, '..', 'shared', 'data', 'graphs'), '--rounds', '3')
    for name, title in {'chosen with': 'graphs the method was chosen with',
                        'held out': 'graphs held out', 'all': 'all test graphs'}.items():
        held, moments, early, late, width, off, silent = numbers(
            rf'^{name}: {N} % of {N} moments in the band, {N} % ended before it, {N} % after; '
            rf'band median {N} of what was left, middle off by {N}; nothing said at {N}', output)
        note = f'{moments:.0f} moments; {early:.0f} % ended earlier, {late:.0f} % later; ' \
            f'median width {width:.2f} of what was left, nothing said at {silent:.0f}'
        figures.add(f'ETA, {title}, in the 80 % band', held, '%', 70, note, least=True)
        figures.add('  at most', held, '%', 90, f'middle off by {off:.2f} (median)')


PARTS = {
    'stream': stream,
    'open': opening,
    'open-window': opening_in_window,
    'past': past,
    'graph': graph('100,000 nodes', 'stencil:100,1000', 150, 200),
    'large-graph': graph('1 million nodes', 'stencil:1000,1000', 1000, 20),
    'random-graph': graph('1 million nodes, at random', 'random-layered:7,1000,1000,3', 1000, 20),
    'table': table,
    'start': start,
    'idle': idle,
    'memory': memory,
    'run': run,
    'eta': eta,
}


def parse(arguments):
    parser = argparse.ArgumentParser(prog='./dev bench dashboard',
                                     description='What the window costs.')
    parser.add_argument('--build', required=True, help=argparse.SUPPRESS)
    parser.add_argument('parts', nargs='*', metavar='PART', help=f'some of {" ".join(PARTS)}')
    parser.add_argument('--spans', type=int, default=10000000, help='of the task stream (10000000)')
    parser.add_argument('--tasks', type=int, default=800000, help='of the run (800000)')
    parser.add_argument('--folder', default='/tmp', help='where the run file is written (/tmp)')
    parser.add_argument('--json', action='store_true', help='everything measured, as JSON')
    options = parser.parse_args(arguments)
    for part in options.parts:
        if part not in PARTS:
            parser.error(f'“{part}” is none of {", ".join(PARTS)}')
    return options


def main(arguments):
    options = parse(arguments)
    figures = Figures()
    if not options.json:
        print(f'1920 × 1080; load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} '
              'cores at the start: wall times (opening, start, frames, loss) want a quiet machine')
    for part in options.parts or PARTS:
        first = len(figures.rows)
        PARTS[part](figures, options)
        if not options.json:
            figures.print(first)
    if options.json:
        json.dump({'load': os.getloadavg()[0], 'figures': figures.rows}, sys.stdout, indent=1)
        print()


if __name__ == '__main__':
    main(sys.argv[1:])
