"""snakemake.py: follows the log file of a Snakemake that runs in a folder.

SPDX-License-Identifier: BSD-3-Clause

    python3 -m weftline attach snakemake [FOLDER]

Nothing has to be changed for that, also in a run that goes on already. The log has whole seconds:
of what it says while it is followed the moment of reading tells the rest. What a job reads is known
from the files that earlier jobs have made. snakemake_handler.py hears more than the log has.
"""
import glob
import os
import re
import time
from typing import Any, Dict, List, Optional, Tuple

from ._follow import Follower
from ._run import Run
from ._snakemake import Job, Workflow, end_of_log

LOGS = os.path.join('.snakemake', 'log', '*.snakemake.log')
CHUNK = 1 << 20
# How often it is seen whether a quiet log is still being written.
ALIVE_S = 2.0

TIME = re.compile(r'\[(\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4})\](?: (.*))?$')
RULE = re.compile(r'(local)?(?:rule|checkpoint) (.+):$')
MESSAGE = re.compile(r'Job (\d+): (.*)$')
FINISHED = re.compile(r'Finished job(?:id:)? (\d+)\b')
ERROR = re.compile(r'Error in (?:rule|group) (.+):$')
AGAIN = re.compile(r'Trying to restart job (\d+)\.')
PROVIDED = re.compile(r'Provided (cores|cluster nodes|cloud nodes): (\d+)')
INCOMPLETE = re.compile(r'Job (?:id: )?(\d+) +completed successfully, but some output files')
# An item of an announcement; what is no item belongs to the one before.
ITEM = re.compile(r'([a-z-]+):(?: (.*))?$')
ITEMS = {'input', 'output', 'log', 'jobid', 'benchmark', 'reason', 'wildcards', 'priority',
         'threads', 'resources', 'message', 'conda-env', 'shell', 'jobs'}
EXITING = 'Exiting because a job execution failed'
KILLED = 'Terminating processes on user request'
COMPLETE = 'Complete log'
SELECTING = 'Select jobs to execute'
NON_ZERO = 'one of its commands exited with a status that is not zero'


def split(text: Optional[str]) -> List[str]:
    return text.split(', ') if text else []


class Reader:
    """Lines of a log → what the workflow tells."""

    def __init__(self, workflow: Workflow, folder: str) -> None:
        self._workflow = workflow
        self._folder = folder
        self._t = 0.0
        self._headed = False  # the line before said when
        self._what = ''
        self._block: Dict[str, str] = {}
        self._lines: List[str] = []
        self._item = ''
        self._explained: Optional[int] = None  # the job whose error was told last
        self._failing = False
        self._killed = False
        self.is_over = False

    def take(self, raw: str, now: float) -> None:
        text = raw.strip()
        said = TIME.match(text)
        if said is not None:
            self._close_block()
            self._set_time(said.group(1), now)
            self._headed = True
            self._explained = None
            text = (said.group(2) or '').strip()
            if not text:
                return
        if self._what:
            self._take_item(text)
        elif self._headed and self._take_head(text):
            self._headed = False
        elif text:
            self._take_bare(text, now)

    def close(self, now: float) -> None:
        """Nothing has come for a while."""
        if self._what == 'start' and 'jobid' in self._block:
            self._close_block()
        self._workflow.settle(now)

    def end(self, died: bool) -> None:
        self._close_block()
        phase = 'cancelled' if self._killed else 'failed' if self._failing or died else 'done'
        self._workflow.end(self._t, phase)

    def _set_time(self, text: str, now: float) -> None:
        """A second, and within it, if it is this one, when it was read."""
        second = time.mktime(time.strptime(text, '%a %b %d %H:%M:%S %Y'))
        t = min(max(now, second), second + 0.999) if now - second < 2.0 else second
        self._t = max(self._t, t)

    # ---- announcements of several lines ----------------------------------------------------------

    def _take_head(self, text: str) -> bool:
        """What follows a time."""
        self._block, self._lines, self._item = {}, [], ''
        rule, message, finished = RULE.match(text), MESSAGE.match(text), FINISHED.match(text)
        if rule is not None:
            self._what = 'start'
            self._block = {'rule': rule.group(2), 'local': rule.group(1) or ''}
        elif message is not None:  # its own message stands instead of its rule
            self._what = 'start'
            self._block = {'rule': 'job', 'wildcards': message.group(1), 'jobid': message.group(1),
                           'message': message.group(2), 'local': ''}
        elif ERROR.match(text) is not None:
            self._what = 'error'
        elif finished is not None:
            self._workflow.finish(self._t, int(finished.group(1)))
        else:
            return False
        return True

    def _take_item(self, text: str) -> None:
        if not text:
            self._close_block()
            return
        if self._what == 'error':
            self._lines.append(text)
        item = ITEM.match(text[0].lower() + text[1:])
        if item is not None and item.group(1) in ITEMS:
            self._item = item.group(1)
            if self._item == 'jobid' and 'jobid' in self._block:  # of a group: the next one
                self._fail()
            self._block[self._item] = item.group(2) or ''
        elif self._item:
            self._block[self._item] += f'\n{text}'

    def _close_block(self) -> None:
        what, self._what = self._what, ''
        if 'jobid' not in self._block:
            pass
        elif what == 'start':
            self._start()
        elif what == 'error':
            self._fail()
        self._block = {}

    def _start(self) -> None:
        block = self._block
        number = int(block['jobid'])
        reason = '. '.join(filter(None, (block.get('message'), block.get('reason'))))
        self._workflow.start(self._t, Job(
            number, block['rule'], block.get('wildcards', ''), split(block.get('input')),
            split(block.get('output')), int(block.get('threads', 1)), reason,
            bool(block['local'])))

    def _fail(self) -> None:
        number = int(self._block['jobid'])
        message = self._block.get('message')
        if message in (None, 'None'):
            message = NON_ZERO if 'shell' in self._block else 'the job failed'
        text = '\n'.join(self._lines) + '\n'
        for path in split(self._block.get('log', '').partition(' (check log')[0]):
            text += end_of_log(os.path.join(self._folder, path))
        self._workflow.fail(self._t, number, message, text)
        self._explained = number
        self._lines = []

    # ---- lines by themselves ---------------------------------------------------------------------

    def _take_bare(self, text: str, now: float) -> None:
        self._headed = False
        again, provided = AGAIN.match(text), PROVIDED.match(text)
        incomplete = INCOMPLETE.match(text)
        if again is not None:
            self._workflow.again(self._t, int(again.group(1)))
        elif provided is not None:
            self._workflow.provided(int(provided.group(2)), provided.group(1) != 'cores')
        elif incomplete is not None:
            self._explained = int(incomplete.group(1))
            self._workflow.fail(self._t, self._explained, 'some of its output files are missing',
                                f'{text}\n')
        elif text.startswith(EXITING):
            self._failing = True
        elif text.startswith(KILLED):
            self._killed = True
        elif text.startswith(COMPLETE):
            self.is_over = True
        elif text.startswith(SELECTING):
            self._explained = None
            self._workflow.selecting()
        elif self._explained is not None:
            self._workflow.more(self._explained, text)
        self._workflow.settle(now)


def writes(pid: str, path: str) -> bool:
    """Whether the process has the file open."""
    try:
        folder = f'/proc/{pid}/fd'
        return any(os.readlink(os.path.join(folder, each)) == path for each in os.listdir(folder))
    except OSError:
        return False


def writer_of(path: str) -> Optional[str]:
    """The process of this machine that writes there, as far as we may see it."""
    own = str(os.getpid())
    for pid in os.listdir('/proc') if os.path.isdir('/proc') else ():
        if pid.isdigit() and pid != own and writes(pid, path):
            return pid
    return None


def newest(logs: List[str]) -> str:
    """Of what runs; else with jobs in it: `snakemake --dag` leaves an empty one."""
    logs = sorted(logs, reverse=True)
    for path in logs:
        if writer_of(os.path.realpath(path)) is not None:
            return path
        with open(path, encoding='utf-8', errors='replace') as file:
            if any(TIME.match(line.strip()) for line in file):
                return path
    return logs[0]


def find_log(place: str) -> Tuple[str, str]:
    """The newest log and the folder of its run. place: that folder, or a log file."""
    if os.path.isdir(place):
        logs = glob.glob(os.path.join(glob.escape(place), LOGS))
        if not logs:
            raise FileNotFoundError(
                f'{place}: no log of Snakemake is there: “{LOGS}” was expected, in the folder in '
                'which Snakemake runs')
        return newest(logs), place
    if not os.path.exists(place):
        raise FileNotFoundError(f'{place}: there is no such folder, and no such log file')
    return place, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(place))))


class watch_snakemake(Follower):
    """Shows the run of Snakemake whose log is the newest of a folder, from its beginning on.

    place: the folder in which it runs, or a log file. file, name: as of weftline.watch().
    FileNotFoundError: there is no log.
    """

    def __init__(self, place: str = '.', *, file: Any = None, name: Optional[str] = None) -> None:
        path, folder = find_log(place)
        self._path = os.path.realpath(path)
        self._log = open(path, encoding='utf-8', errors='replace')
        title = os.path.basename(os.path.abspath(folder))
        super().__init__(Run(name or f'Snakemake in {title}', source='snakemake', file=file,
                             clock='wall'), file is not None)
        self._workflow = Workflow(self.run)
        self._reader = Reader(self._workflow, folder)
        self._rest = ''
        self._writer: Optional[str] = None
        self._seen = 0.0
        self._died = False
        self.follow()

    def look(self) -> bool:
        while not self._reader.is_over:
            now = time.time()
            if self._read(now):
                self.wait_for_room()
                continue
            self._reader.close(now)
            if self._is_alive(now):
                return True
            if not self._read(now):  # its last words may have come since we looked
                self._died = True
                return False
        return False

    def _read(self, now: float) -> bool:
        """Whether there was something."""
        text = self._log.read(CHUNK)
        *lines, self._rest = (self._rest + text).split('\n')
        for each in lines:
            self._reader.take(each, now)
        return text != ''

    def _is_alive(self, now: float) -> bool:
        """A Snakemake that is killed writes no last word. Of another machine nothing is known."""
        if now - self._seen < ALIVE_S:
            return True
        self._seen = now
        if self._writer is None:
            self._writer = writer_of(self._path)
            return True
        return writes(self._writer, self._path)

    def end(self) -> None:
        self._log.close()
        if self._died or self._reader.is_over:
            self._reader.end(self._died)
            self.phase = self._workflow.phase
        if self._died:
            self._workflow.log(time.time(), 'Snakemake ended without a last word', 3)
