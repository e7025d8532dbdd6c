"""test-terminal.py: progress bars on a terminal of some size, also while the size changes.

SPDX-License-Identifier: BSD-3-Clause
"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import PROGRAM, Folder, environment, graph, task
from tap import contains, equal, main, test

NAMES = ('load', 'größe', '数据处理', 'a-name-that-is-much-longer-than-any-terminal-has-room-for')


def columns_of(text):
    """Columns a text takes on a terminal."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in 'WF')
               for c in text)


class Terminal:
    """Runs a graph on a pseudo-terminal and keeps the frames that were drawn."""

    def __init__(self, text, columns, rows=24, resize=None, **changes):
        with Folder() as name:
            path = os.path.join(name, 'g.json')
            with open(path, 'w', encoding='utf-8') as out:
                out.write(text)
            self.ours, theirs = pty.openpty()
            self.set_size(theirs, columns, rows)
            with subprocess.Popen([PROGRAM, 'run', '--workers', '2', path], stderr=theirs,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  env=environment(TERM='xterm', **changes)) as process:
                self.seen = self.read_all(theirs, resize)
            os.close(theirs)
            os.close(self.ours)
        equal(process.returncode, 0)

    @staticmethod
    def set_size(fd, columns, rows):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def read_all(self, theirs, resize):
        """Until the summary; after the first frame the size changes."""
        seen = ''
        while 'longest' not in seen:
            seen += os.read(self.ours, 65536).decode(errors='replace')
            if resize is not None and '\033[J' in seen:
                self.set_size(theirs, *resize)
                resize = None
        return seen

    def frames(self):
        """(rows the cursor went up before it, lines without colours)"""
        made = []
        for drawn in self.seen.split('\033[J')[:-1]:
            up = re.match(r'\033\[(\d+)A', drawn)
            lines = re.sub(r'\033\[[0-9;]*[mKA]', '', drawn).replace('\r', '').split('\n')[:-1]
            made.append((int(up.group(1)) if up else 0, lines))
        return made


def naps(n_each, seconds, names=NAMES):
    return graph({f'{name}-{i}': task('sleep', seconds) for name in names for i in range(n_each)},
                 name='naps')


@test('/weft/cli/terminal/bars-are-drawn-over-one-another')
def bars():
    terminal = Terminal(naps(2, 0.15, NAMES[:2]), 80)
    frames = terminal.frames()
    equal(len(frames) > 2, True)
    for (_, before), (up, lines) in zip(frames, frames[1:]):
        equal(up, len(before))
        contains(lines[0], 'naps: ')
        contains(lines[0], ' of 4 tasks')
    contains(terminal.seen, '\033[32m█')
    last = frames[-1][1]
    contains(last[0], '4 of 4 tasks')
    contains(last[1], 'done')
    equal([re.sub(r' +', ' ', line).split('█')[0] for line in last[2:]], ['load ', 'größe '])
    contains(last[2], '2/2')


@test('/weft/cli/terminal/no-line-is-too-long')
def widths():
    for columns in (10, 40, 80, 200):
        for _, lines in Terminal(naps(1, 0.06), columns).frames():
            for line in lines:
                equal((columns, line, columns_of(line) < columns), (columns, line, True))
            contains(lines[0][:columns], ' of 4' if columns > 10 else '')


@test('/weft/cli/terminal/many-groups-leave-the-terminal-its-rows')
def many_groups():
    names = [f'group{chr(97 + i)}' for i in range(26)]
    for rows, shown in ((10, 6), (40, 26)):
        frames = Terminal(naps(1, 0.01, names), 80, rows).frames()
        for _, lines in frames:
            equal((rows, len(lines) < rows), (rows, True))
        equal(sum('group' in line and '/' in line for line in frames[-1][1]), shown)
        equal('6 of 26 groups shown' in frames[-1][1], rows == 10)


@test('/weft/cli/terminal/a-terminal-made-narrower-is-cleared')
def narrower():
    frames = Terminal(naps(2, 0.2, NAMES[:3]), 80, resize=(40, 24)).frames()
    widest = [max(columns_of(line) for line in lines) for _, lines in frames]
    first = next(i for i, columns in enumerate(widest) if columns < 40)
    equal(first > 0, True)
    # the terminal has broken the longer lines in two, so the cursor goes further up
    broken = sum(-(-max(columns_of(line), 1) // 40) for line in frames[first - 1][1])
    equal(broken > len(frames[first - 1][1]), True)
    equal(frames[first][0], broken)


@test('/weft/cli/terminal/colours-can-be-turned-off')
def no_colours():
    equal('\033[32m' in Terminal(naps(1, 0.05, NAMES[:1]), 80, NO_COLOR='1').seen, False)


main()
