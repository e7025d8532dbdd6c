"""_snakemake.py: the jobs of a workflow of Snakemake, as tasks of a run.

SPDX-License-Identifier: BSD-3-Clause

The log handler and the follower of log files tell it what they hear, in the order in which they
hear it. Jobs have numbers there; as a task, a job is known by its rule and wildcards. A failure is
held for a moment: only afterwards does Snakemake say whether the job is tried again.
"""
import os
import socket
from typing import Dict, Iterable, NamedTuple, Optional, Set

from ._run import Run, add_lines
from ._wire import line, shorten

HOLD_S = 0.4
CLUSTER = 'cluster'
# How much of a job's own log is shown when it fails.
LOG_BYTES = 4096
UNKNOWN = ('the job failed in a process of its own, and why is told only by what Snakemake prints '
           'on the terminal')


def job_key(rule: str, wildcards: str) -> str:
    """wildcards: “i=3, j=x”"""
    return f'{rule} {wildcards}' if wildcards else rule


def end_of_log(path: str) -> str:
    """The end of a log file that a job has written, if there is one."""
    try:
        with open(path, 'rb') as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LOG_BYTES))
            text = file.read().decode('utf-8', 'replace').strip()
    except OSError:
        return ''
    return f'{path}:\n{text}\n' if text else ''


class Job(NamedTuple):
    """A job that begins, as it is announced."""
    number: int
    rule: str
    wildcards: str = ''
    inputs: Iterable[str] = ()
    outputs: Iterable[str] = ()
    threads: int = 1
    reason: str = ''
    local: bool = False


class Failure(NamedTuple):
    at: float
    kind: Optional[str]
    message: str
    text: str


class Workflow:
    """Tells of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.phase = 'done'
        self._host = socket.gethostname()
        self._cluster = False
        self._keys: Dict[int, str] = {}
        self._makers: Dict[str, str] = {}
        self._waiting: Dict[str, bool] = {}  # key → whether it has not begun
        self._running: Dict[int, Job] = {}
        self._held: Dict[int, Failure] = {}
        self._dealt: Set[int] = set()

    # ---- the whole -------------------------------------------------------------------------------

    def provided(self, cores: Optional[int], cluster: bool = False) -> None:
        self._cluster = self._cluster or cluster
        self.run.worker(CLUSTER if cluster else self._host, threads=cores)

    def log(self, t: float, message: str, level: int = 6, number: Optional[int] = None) -> None:
        key = self._keys.get(number) if number is not None else None
        self.run.say(line({'e': 'log', 't': t, 'message': shorten(message), 'level': level,
                           'k': key}))

    def knows(self, rule: str, wildcards: str) -> bool:
        return job_key(rule, wildcards) in self._waiting

    def add(self, rule: str, wildcards: str, inputs: Iterable[str]) -> None:
        """A job that will run. inputs: keys of those it waits for."""
        key = job_key(rule, wildcards)
        self._waiting[key] = True
        self.run.say(''.join(add_lines(key, inputs, rule)))

    # ---- jobs ------------------------------------------------------------------------------------

    def start(self, t: float, job: Job) -> None:
        self._settle(self._dealt & set(self._held))  # its cores may be those of what failed
        key = self._keys[job.number] = job_key(job.rule, job.wildcards)
        if key not in self._waiting:
            makers = (self._makers.get(path) for path in job.inputs)
            self.add(job.rule, job.wildcards,
                     dict.fromkeys(maker for maker in makers if maker not in (None, key)))
        self._makers.update(dict.fromkeys(job.outputs, key))
        self._running[job.number] = job
        self._waiting[key] = False
        self.run.start(key, self._worker(job), t)
        if job.reason or job.threads > 1:
            threads = f'{job.threads} threads' if job.threads > 1 else ''
            self.log(t, '. '.join(filter(None, (threads, job.reason))), number=job.number)
        self._claim(t, job)

    def _worker(self, job: Job) -> str:
        return CLUSTER if self._cluster and not job.local else self._host

    def _claim(self, t: float, job: Job) -> None:
        """How many cores the jobs that run there may use."""
        worker = self._worker(job)
        claimed = sum(each.threads for each in self._running.values()
                      if self._worker(each) == worker)
        self.run.say(line({'e': 'count', 'name': 'cores-claimed', 'unit': 'cores', 't': t,
                           'v': claimed, 'w': worker}))

    def finish(self, t: float, number: int) -> None:
        if number in self._keys:
            self._held.pop(number, None)
            self.run.end(self._keys[number], t)
            self._stopped(t, number)

    def _stopped(self, t: float, number: int) -> None:
        job = self._running.pop(number, None)
        if job is not None:
            self._claim(t, job)

    def fail(self, t: float, number: int, message: str, text: str = '',
             kind: Optional[str] = None, again: Optional[bool] = None) -> None:
        """again: whether it will be tried again; None: that is not known yet."""
        failure = Failure(t, kind, message, text)
        if again is None:
            self._held[number] = failure
        else:
            self._tell(number, failure, again)

    def has_failed(self, number: int) -> bool:
        return number in self._held or number not in self._running

    def more(self, number: int, text: str) -> None:
        """Something more is said of a failure."""
        if number in self._held:
            held = self._held[number]
            self._held[number] = held._replace(text=f'{held.text}{text}\n')

    def again(self, t: float, number: int) -> None:
        """The job is tried again, says Snakemake; perhaps it has not said why."""
        if number in self._running:
            self._tell(number, self._held.pop(number, Failure(t, None, UNKNOWN, '')), True)

    def selecting(self) -> None:
        """Snakemake chooses what runs next, and has dealt with all that failed before."""
        self._dealt = set(self._held)

    def settle(self, now: float) -> None:
        """Tells of failures after which nothing more was said."""
        self._settle({number for number, held in self._held.items() if now - held.at > HOLD_S})

    def _settle(self, numbers: Set[int]) -> None:
        for number in sorted(numbers):
            self._tell(number, self._held.pop(number), False)

    def _tell(self, number: int, failure: Failure, again: bool) -> None:
        if number not in self._keys:
            self.log(failure.at, f'{failure.message}\n{failure.text}', 3)
            return
        again = again and 'spans' in self.run.can
        self.run.say(line({'e': 'fail', 'k': self._keys[number], 't': failure.at,
                           'kind': failure.kind, 'message': shorten(failure.message),
                           'traceback': shorten(failure.text) or None,
                           'again': True if again else None}))
        self._stopped(failure.at, number)

    # ---- the end ---------------------------------------------------------------------------------

    def end(self, t: float, phase: str) -> None:
        """phase: “failed”: jobs that began and were not heard of again have failed, too."""
        self.phase = phase
        self.settle(float('inf'))
        for number in sorted(self._running):
            if phase == 'failed':
                self._tell(number, Failure(t, None, UNKNOWN, ''), False)
            elif phase == 'cancelled':
                self.run.point('cancel', self._keys[number], t)
        if phase != 'done':
            for key in [key for key, waits in self._waiting.items() if waits]:
                self.run.point('cancel', key, t)
