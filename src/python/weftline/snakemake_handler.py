"""snakemake_handler.py: a log handler for Snakemake; it is told what happens when it does.

SPDX-License-Identifier: BSD-3-Clause

    snakemake --log-handler-script "$(python3 -m weftline snakemake-handler)" …

Snakemake loads this file by its path. Beside what the log has, the whole graph is known before the
first job begins, times are exact, and so is how a command ended. With WEFTLINE_FILE=run.weft in the
environment it is recorded.
"""
import atexit
import os
import re
import sys
import threading
import time
from typing import Any, Dict, Iterator, Optional, Set

try:
    import weftline
except ImportError:  # Snakemake's Python does not know where this file lies
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    import weftline

from weftline._snakemake import HOLD_S, UNKNOWN, Job, Workflow, end_of_log, job_key
from weftline._wire import say_once
from weftline.snakemake import (AGAIN, COMPLETE, EXITING, INCOMPLETE, KILLED, NON_ZERO, PROVIDED,
                                SELECTING)

# The first line behind the frames of a traceback, and what follows it.
RAISED = re.compile(r'^([A-Za-z_][\w.]*)(?:: (.*))?\Z', re.M | re.S)
# How Python says it; what matters stands at the end there.
EXITED = re.compile(r"^Command '(?:set -euo pipefail; *)?(.*)' returned non-zero exit status "
                    r'(\d+)\.', re.S)


def wildcards_text(wildcards: Any) -> str:
    return ', '.join(f'{name}={value}' for name, value in (wildcards or {}).items())


class Handler:
    """Snakemake's messages → what the workflow tells."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workflow: Optional[Workflow] = None
        self._dag: Any = None
        self._provided = ''
        self._failing = False
        self._killed = False
        self._last_error = ''
        self._told_failed: Set[Any] = set()
        self._raised: Dict[int, str] = {}  # thread → traceback of what a job raised
        self._number: Optional[int] = None
        self._take = {'run_info': self._begin, 'job_info': self._start,
                      'shellcmd': self._shell, 'job_finished': self._finish,
                      'job_error': self._fail, 'group_error': self._fail_group,
                      'info': self._info, 'error': self._error, 'debug': self._debug,
                      'dag_debug': self._dag_debug, 'resources_info': self._resources}

    def take(self, message: Dict[str, Any]) -> None:
        take = self._take.get(message.get('level', ''))
        try:
            if take is not None:
                with self._lock:
                    take(message, message.get('timestamp') or time.time())
                    self._ask_scheduler()
        except Exception as error:
            say_once('a message of Snakemake cannot be shown: %s %r', message.get('level'), error)

    # ---- the whole -------------------------------------------------------------------------------

    def _dag_debug(self, message: Dict[str, Any], t: float) -> None:
        found = getattr(message.get('job'), 'dag', None)
        if found is not None:  # which is false as long as it is empty
            self._dag = found

    def _resources(self, message: Dict[str, Any], t: float) -> None:
        if PROVIDED.match(message['msg']):
            self._provided = message['msg']

    def _begin(self, message: Dict[str, Any], t: float) -> None:
        """The counts of jobs: they are about to begin, if it is not only tried."""
        from snakemake.logging import Mode, logger
        if self._workflow is not None or logger.dryrun or logger.mode != Mode.default:
            return
        folder = os.path.basename(os.getcwd())
        run = weftline.Run(f'Snakemake in {folder}', source='snakemake', clock='wall',
                           file=os.environ.get('WEFTLINE_FILE') or None)
        self._workflow = Workflow(run)
        if not run.live:
            return
        run.greeted.wait(1.0)
        atexit.register(self._end)
        provided = PROVIDED.match(self._provided)
        if provided is not None:
            self._workflow.provided(int(provided.group(2)), provided.group(1) != 'cores')
        scheduler = self._scheduler()
        if scheduler is not None:  # what ends is told to us also where it is not to be printed
            scheduler.print_progress = True
        self._add_jobs()
        self._workflow.log(t, message['msg'])

    def _add_jobs(self) -> None:
        """What is going to run, and what waits for what; where Snakemake is built otherwise, jobs
        are known as they begin."""
        try:
            jobs = {job: (job.rule.name, wildcards_text(job.wildcards_dict))
                    for job in self._dag.needrun_jobs()}
            reads = {job: [each for each in self._dag.dependencies.get(job, ()) if each in jobs]
                     for job in jobs}
        except Exception as error:
            say_once('the graph of Snakemake cannot be read: %r', error)
            return
        assert self._workflow is not None
        for job, (rule, wildcards) in jobs.items():
            if not self._workflow.knows(rule, wildcards):
                self._workflow.add(rule, wildcards, [job_key(*jobs[each]) for each in reads[job]])

    def _scheduler(self) -> Any:
        return getattr(getattr(self._dag, 'workflow', None), 'scheduler', None)

    def _ask_scheduler(self) -> None:
        """What fails in a process of its own (`run:`) is told to nobody but the scheduler."""
        failed = getattr(self._scheduler(), 'failed', None)
        if not failed or self._workflow is None:
            return
        for job in set(failed) - self._told_failed:
            self._told_failed.add(job)
            for number in self._numbers(job):
                if not self._workflow.has_failed(number):
                    self._workflow.fail(time.time(), number, *self._why(), again=False)

    @staticmethod
    def _numbers(job: Any) -> Iterator[int]:
        if job.is_group():
            yield from (each.jobid for each in job)
        else:
            yield job.jobid

    def _why(self) -> Any:
        text, self._last_error = self._last_error, ''
        return (text.partition('\n')[0], f'{text}\n') if text else (UNKNOWN, '')

    def _end(self) -> None:
        if self._workflow is not None:
            phase = 'cancelled' if self._killed else 'failed' if self._failing else 'done'
            self._workflow.end(time.time(), phase)
            self._workflow.run.finish(phase)
            self._workflow = None

    # ---- jobs ------------------------------------------------------------------------------------

    def _start(self, message: Dict[str, Any], t: float) -> None:
        if self._workflow is None or not self._workflow.run.live:
            return
        rule, wildcards = message['name'], wildcards_text(message['wildcards'])
        if not self._workflow.knows(rule, wildcards) and self._dag is not None:
            self._add_jobs()  # a checkpoint has made others
        self._number = message['jobid']
        reason = '. '.join(filter(None, (message['msg'], message['reason'])))
        self._workflow.start(t, Job(self._number, rule, wildcards, message['input'],
                                    message['output'], message['threads'], reason,
                                    message['local']))

    def _shell(self, message: Dict[str, Any], t: float) -> None:
        if self._workflow is not None and self._number is not None:
            self._workflow.log(t, message['msg'], 7, self._number)

    def _finish(self, message: Dict[str, Any], t: float) -> None:
        if self._workflow is not None:
            self._workflow.finish(t, message['jobid'])

    def _debug(self, message: Dict[str, Any], t: float) -> None:
        if message['msg'].startswith('Full Traceback'):
            self._raised[threading.get_ident()] = message['msg'].partition('\n')[2]

    def _fail(self, message: Dict[str, Any], t: float) -> None:
        if self._workflow is None:
            return
        trace = self._trace_of(message)
        again = self._again(message['jobid'])
        raised = RAISED.search(trace.strip(), trace.rfind('\n  File') + 1) if trace else None
        text = f'{message["shellcmd"]}\n' if message['shellcmd'] else ''
        text += ''.join(map(end_of_log, message['log'])) + trace
        if raised is not None:
            kind = raised.group(1).rpartition('.')[2]
            why = EXITED.sub(r'exit status \2: \1', raised.group(2) or kind)
            self._workflow.fail(t, message['jobid'], why, text, kind, again)
        else:
            self._workflow.fail(t, message['jobid'], message['msg'] or NON_ZERO, text, None, again)
        self._hold(again)

    def _trace_of(self, message: Dict[str, Any]) -> str:
        """Told before the error, by its thread or by the one that started the job."""
        for thread, trace in self._raised.items():
            if f'in __rule_{message["name"]}\n' in trace and (message['shellcmd'] or '') in trace:
                return self._raised.pop(thread)
        return ''

    def _again(self, number: int) -> Optional[bool]:
        """Whether the job will be tried again; None if only Snakemake's next word tells."""
        try:
            job, = (job for job in self._dag.jobs if self._dag.jobid(job) == number)
            return None if job.group else job.restart_times > job.attempt - 1
        except Exception:  # it is built otherwise
            return None

    def _fail_group(self, message: Dict[str, Any], t: float) -> None:
        for each in message['job_error_info']:
            self._fail({**each, 'msg': message['msg'] or each['msg']}, t)

    # ---- words -----------------------------------------------------------------------------------

    def _info(self, message: Dict[str, Any], t: float) -> None:
        if self._workflow is None:
            return
        again = AGAIN.match(message['msg'])
        if again is not None:
            self._workflow.again(t, int(again.group(1)))
        elif message['msg'].startswith(KILLED):
            self._killed = True
        elif message['msg'].startswith(SELECTING):
            self._workflow.selecting()
        elif message['msg'].startswith(COMPLETE):
            self._end()

    def _error(self, message: Dict[str, Any], t: float) -> None:
        if self._workflow is None:
            return
        text = message['msg']
        incomplete = INCOMPLETE.search(text)
        if text.startswith(EXITING):
            self._failing = True
        elif incomplete is not None:
            number = int(incomplete.group(1))
            again = self._again(number)
            self._workflow.fail(t, number, 'some of its output files are missing', f'{text}\n',
                                again=again)
            self._hold(again)
        else:
            self._failing = True
            self._last_error = text
            self._workflow.log(t, text, 3)

    def _hold(self, again: Optional[bool]) -> None:
        """Where it is not known: whether it is tried again is said in a moment, or nothing is."""
        if again is not None:
            return
        timer = threading.Timer(HOLD_S * 1.1, self._settle)
        timer.daemon = True
        timer.start()

    def _settle(self) -> None:
        with self._lock:
            if self._workflow is not None:
                self._workflow.settle(time.time())


log_handler = Handler().take
