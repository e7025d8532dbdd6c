"""_parsl.py: rows of Parsl's monitoring database, as tasks of a run.

SPDX-License-Identifier: BSD-3-Clause

Parsl's messages come by several ways: that a try ended may be written before that it began, and
where it ran later still. So a try is told as running when it is known where it runs, and as ended
when all is there, or nothing more came for a while.
"""
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from ._database import seconds
from ._run import Run, add_lines
from ._wire import key_text, kind_of, line, shorten

# How long the rest of what is said of a try is waited for.
GRACE_S = 1.5

DONE = {'exec_done', 'joining'}
FAILED = {'failed': False, 'fail_retryable': True}  # whether it is tried again
NEVER_RAN = {'memo_done', 'dep_fail'}
FINAL = DONE | set(FAILED) | NEVER_RAN
# A sample of a process is of now for so many intervals.
FRESH = 2.5


class Attempt:
    """A try of a task, as far as it is known."""

    def __init__(self, task: int, number: int) -> None:
        self.task = task
        self.number = number
        self.executor = ''
        self.block: Optional[str] = None
        self.host: Optional[str] = None
        self.launched: Optional[float] = None
        self.running: Optional[float] = None
        self.stopped: Optional[float] = None
        self.has_returned = False  # why it failed is written then
        self.state = ''
        self.at: Optional[float] = None  # when it came to its last state
        self.history = ''
        self.changed_at = 0.0
        self.is_told = False

    def began(self) -> Optional[float]:
        return self.running if self.running is not None else self.launched

    def ended(self) -> float:
        end = self.stopped if self.stopped is not None else self.at
        return max(end or 0.0, self.began() or 0.0)

    def is_whole(self) -> bool:
        if self.state == 'memo_done':
            return True
        if self.state not in DONE and not self.has_returned:
            return False
        return self.state == 'dep_fail' or None not in (self.running, self.stopped, self.host)


class Sample(NamedTuple):
    t: float
    resident: float
    cpu: float
    read: float
    written: float
    interval: float


class Resources:
    """What the processes of the workers use: sums of each worker."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._last: Dict[str, Dict[int, Sample]] = {}
        self._rates: Dict[str, Dict[int, Tuple[float, ...]]] = {}

    def take(self, worker: str, pid: int, sample: Sample) -> None:
        last = self._last.setdefault(worker, {})
        rates = self._rates.setdefault(worker, {})
        before = last.get(pid)
        last[pid] = sample
        if before is not None and sample.t > before.t:
            rates[pid] = tuple(max(now - then, 0.0) / (sample.t - before.t)
                               for now, then in zip(sample[2:5], before[2:5]))
        self._run.memory(worker, sample.t,
                         resident=int(sum(each.resident for each in last.values())))
        fresh = [rates[each] for each in rates
                 if sample.t - last[each].t <= FRESH * max(sample.interval, 1.0)]
        if fresh:
            cpu, read, written = map(sum, zip(*fresh))
            for name, unit, value in (('cpu', 'cores', cpu), ('disk-read', 'B/s', read),
                                      ('disk-written', 'B/s', written)):
                self._run.say(line({'e': 'count', 'name': name, 'unit': unit, 't': sample.t,
                                    'v': round(value, 3), 'w': worker}))

    def forget(self, worker: str) -> None:
        self._last.pop(worker, None)
        self._rates.pop(worker, None)


class Translator:
    """Takes the rows of one workflow, in the order in which they were written."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._keys: Dict[int, str] = {}
        self._open: Dict[Tuple[int, int], Attempt] = {}
        self._due: Set[Tuple[int, int]] = set()
        self._histories: Dict[int, str] = {}
        self._executors: Dict[str, str] = {}  # block → the executor that asked for it
        self._blocks: Dict[Tuple[str, str], str] = {}
        self._nodes: List[Any] = []
        self._managers: Dict[str, Set[str]] = {}
        self._places: Dict[Tuple[int, int], str] = {}
        self._samples: List[Any] = []
        self._resources = Resources(run)

    # ---- the graph and the workers ---------------------------------------------------------------

    def _key(self, task: int) -> str:
        return self._keys.get(task, f'task-{task}')

    def take_task(self, row: Any) -> None:
        name = row['task_func_name']
        key = self._keys[row['task_id']] = key_text(f'{name}-{row["task_id"]}')
        reads = [self._key(int(each)) for each in (row['task_depends'] or '').split(',') if each]
        self._run.say(''.join(add_lines(key, dict.fromkeys(reads), name)))

    @staticmethod
    def _worker(executor: str, block: Optional[str], host: Optional[str]) -> str:
        """“htex/0 at node17”"""
        where = executor if block in (None, '') else f'{executor}/{block}'
        return f'{where} at {host}' if host else where

    def take_block(self, row: Any) -> None:
        executor, block, status = row['executor_label'], row['block_id'], row['status']
        self._executors[block] = executor
        if self._blocks.get((executor, block)) == status:
            return
        self._blocks[executor, block] = status
        job = f' (job {row["job_id"]})' if row['job_id'] else ''
        self._run.say(line({'e': 'log', 't': seconds(row['timestamp']),
                            'message': f'block {executor}/{block}{job}: {status}'}))

    def take_node(self, row: Any) -> None:
        """A manager of workers comes or goes. Of its executor it has the block's number only, of
        which perhaps is written later."""
        self._nodes.append(row)

    def _tell_nodes(self, active: bool) -> None:
        rows, self._nodes = self._nodes, []
        for row in rows:
            executor = self._executors.get(row['block_id'])
            if executor is None or bool(row['active']) != active:
                self._nodes.append(row)
            else:
                self._tell_node(row, executor)

    def _tell_node(self, row: Any, executor: str) -> None:
        worker = self._worker(executor, row['block_id'], row['hostname'])
        managers = self._managers.setdefault(worker, set())
        t = seconds(row['timestamp']) or 0.0
        if row['active']:
            managers.add(row['uid'])
            self._run.worker(worker, threads=row['worker_count'])
            self._run.memory(worker, t, limit=row['total_memory'])
        elif row['uid'] in managers:
            managers.remove(row['uid'])
            if not managers:
                self._run.gone(worker, t)
                self._resources.forget(worker)

    # ---- tries -----------------------------------------------------------------------------------

    def take_status(self, row: Any, now: float) -> None:
        key = (row['task_id'], row['try_id'])
        state, t = row['task_status_name'], seconds(row['timestamp'])
        if key in self._places and key not in self._open:
            return  # told already, and only now heard of again
        attempt = self._open.get(key)
        if attempt is None:
            attempt = self._open[key] = Attempt(*key)
        attempt.changed_at = now
        if state == 'launched':
            attempt.launched = t
        elif state == 'running':
            attempt.running = t
        elif state == 'running_ended':
            attempt.stopped = t
        elif state in FINAL and not attempt.state:
            attempt.state, attempt.at = state, t
        self._due.add(key)

    def asks(self) -> List[Attempt]:
        """Of which tries the row is wanted."""
        return [self._open[key] for key in self._due]

    @staticmethod
    def take_try(attempt: Attempt, row: Any) -> None:
        attempt.executor = row['task_executor']
        attempt.block, attempt.host = row['block_id'], row['hostname']
        attempt.history = row['task_fail_history'] or ''
        attempt.has_returned = row['task_try_time_returned'] is not None
        attempt.launched = attempt.launched or seconds(row['task_try_time_launched'])
        attempt.running = attempt.running or seconds(row['task_try_time_running'])

    def tell(self, now: float, is_over: bool) -> bool:
        """Says what is known well enough. Whether all was. is_over: nothing more will come."""
        self._tell_nodes(True)
        due = sorted(((key, self._open[key]) for key in self._due),
                     key=lambda item: (item[1].began() or item[1].at or 0.0, item[0]))
        for key, attempt in due:
            waited = is_over or now - attempt.changed_at > GRACE_S
            if attempt.state:
                if attempt.is_whole() or waited:
                    self._conclude(key, attempt)
            elif attempt.running is None or attempt.is_told:
                self._due.discard(key)
            elif attempt.host or waited:
                self._begin(key, attempt)
                self._due.discard(key)
        self._tell_samples()
        if is_over or not self._due:  # they go with what they ran
            self._tell_nodes(False)
        return not self._due

    def _begin(self, key: Tuple[int, int], attempt: Attempt) -> None:
        worker = self._places[key] = self._worker(attempt.executor, attempt.block, attempt.host)
        began = attempt.began()
        assert began is not None
        self._run.start(self._key(attempt.task), worker, began)
        attempt.is_told = True

    def _conclude(self, key: Tuple[int, int], attempt: Attempt) -> None:
        began, ended = attempt.began(), attempt.ended()
        if attempt.state in DONE or attempt.state == 'memo_done':
            start = ended if began is None or attempt.state == 'memo_done' else began
            worker = self._places.get(key) or self._worker(attempt.executor, attempt.block,
                                                           attempt.host)
            self._places[key] = worker
            self._run.task(self._key(attempt.task), worker, start, ended - start)
        else:
            if not attempt.is_told and began is not None and attempt.state in FAILED:
                self._begin(key, attempt)
            self._places.setdefault(key, '')
            self._fail(attempt, ended)
        del self._open[key]
        self._due.discard(key)

    def _fail(self, attempt: Attempt, t: float) -> None:
        """The history may have the errors of tries before this one, too."""
        before = self._histories.get(attempt.task, '')
        text = attempt.history
        self._histories[attempt.task] = text
        if before and text.startswith(f'{before},'):
            text = text[len(before) + 1:]
        if attempt.state == 'dep_fail':
            text = text or 'a task that it depends on has failed'
        again = FAILED.get(attempt.state, False) and 'spans' in self._run.can
        self._run.say(line({'e': 'fail', 'k': self._key(attempt.task), 't': t,
                            'kind': kind_of(text), 'message': shorten(text),
                            'again': True if again else None}))

    # ---- what they use ---------------------------------------------------------------------------

    def take_resource(self, row: Any) -> None:
        self._samples.append(row)

    def _tell_samples(self) -> None:
        """Of tries of which it is known where they run."""
        rows, self._samples = self._samples, []
        for row in sorted(rows, key=lambda row: row['timestamp']):
            key = (row['task_id'], row['try_id'])
            worker = self._places.get(key)
            if worker is None:
                self._samples.append(row)
            elif worker and row['psutil_process_pid'] is not None:
                self._resources.take(worker, row['psutil_process_pid'], self._sample(row))

    @staticmethod
    def _sample(row: Any) -> Sample:
        def value(name: str) -> float:
            return row[f'psutil_process_{name}'] or 0.0
        return Sample(seconds(row['timestamp']) or 0.0, value('memory_resident'),
                      value('time_user') + value('time_system'), value('disk_read'),
                      value('disk_write'), row['resource_monitoring_interval'] or 0.0)
