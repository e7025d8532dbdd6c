"""parsl.py: follows the monitoring database of Parsl.

SPDX-License-Identifier: BSD-3-Clause

    python3 -m weftline attach parsl runinfo/monitoring.db

Nothing is to be changed in the program but that its configuration has monitoring.
"""
import time
from typing import Any, Callable, List, Optional

from ._database import PAGE, Busy, Database, seconds
from ._follow import Follower
from ._parsl import GRACE_S, Translator
from ._run import Run
from ._wire import say_once

TABLES = {'workflow', 'task', 'try', 'status'}
WHAT = 'a monitoring database of Parsl (“runinfo/monitoring.db”, if not said otherwise)'


class watch_parsl(Follower):
    """Shows the newest workflow of a monitoring database, from its beginning until it is over.

    path: the database's file. file, name: as of weftline.watch(). FileNotFoundError, ValueError:
    there is none.
    """

    def __init__(self, path: str, *, file: Any = None, name: Optional[str] = None) -> None:
        self._base = Database(path, TABLES, WHAT)
        flows = self._base.ask('SELECT * FROM workflow ORDER BY time_began DESC LIMIT 1')
        if not flows:
            self._base.close()
            raise ValueError(f'{path}: no workflow is in it yet; Parsl writes one when its '
                             'configuration is loaded')
        super().__init__(Run(name or flows[0]['workflow_name'] or 'Parsl', source='parsl',
                             file=file, clock='wall'), file is not None)
        self._flow = flows[0]
        self._id = self._flow['run_id']
        self._version = -1
        self._changed_at = 0.0
        self._translator = Translator(self.run)
        self._states: List[Any] = []  # rows whose tasks are not read yet
        self.follow()

    def look(self) -> bool:
        now = time.time()
        try:
            version = self._base.version()
            if version != self._version:
                self._take_all(now)
                self._version, self._changed_at = version, now
            for attempt in self._translator.asks():
                for row in self._base.ask(
                        'SELECT * FROM try WHERE try_id = ? AND task_id = ? AND run_id = ?',
                        attempt.number, attempt.task, self._id):
                    self._translator.take_try(attempt, row)
        except Busy as error:  # Parsl is writing; nothing is lost
            say_once('the database of Parsl cannot be read now, and is asked again: %s', error)
            return True
        is_over = self._is_over(now)
        self._translator.tell(now, is_over)
        return not is_over

    def _is_over(self, now: float) -> bool:
        """What comes by other ways may be written after that the workflow is completed."""
        completed = seconds(self._flow['time_completed'])
        if completed is None:
            return False
        return now - completed > 10 * GRACE_S or now - max(completed, self._changed_at) > GRACE_S

    def _take_all(self, now: float) -> None:
        self._flow, = self._base.ask('SELECT * FROM workflow WHERE run_id = ?', self._id)
        translator = self._translator
        there = self._base.tables()
        self._take('status', self._states.append)  # before their tasks, which are written first
        self._take('task', translator.take_task)
        for row in self._states:
            translator.take_status(row, now)
        self._states.clear()
        if 'block' in there:
            self._take('block', translator.take_block)
        if 'node' in there:
            self._take('node', translator.take_node)
        if 'resource' in there:
            self._take('resource', translator.take_resource)

    def _take(self, table: str, take: Callable[[Any], None]) -> None:
        rows = self._base.new(table, self._id)
        while rows:
            for row in rows:
                take(row)
            self.wait_for_room()
            rows = self._base.new(table, self._id) if len(rows) == PAGE else []

    def end(self) -> None:
        if self._flow['time_completed'] is not None:
            self.phase = 'failed' if self._flow['tasks_failed_count'] else 'done'
        self._base.close()
