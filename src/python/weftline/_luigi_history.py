"""_luigi_history.py: follows the task history of a central scheduler of Luigi.

SPDX-License-Identifier: BSD-3-Clause

    python3 -m weftline attach luigi luigi-task-hist.db

`luigid` writes it where its configuration has `record_task_history`. It has what ran when and where
and whether it failed, but not why, and not what waits for what: these are told by weftline.luigi.
It has no end.
"""
import os
from typing import Any, Dict, Optional

from ._database import Busy, Database, seconds
from ._follow import Follower
from ._run import Run, add_lines
from ._wire import line, say_once

TABLES = {'tasks', 'task_parameters', 'task_events'}
WHAT = 'a task history of Luigi (“luigi-task-hist.db”, if not said otherwise)'
SCHEDULER = 'luigi'


class watch_history(Follower):
    """Shows what a task history has, and what is added, until close().

    path: the database's file. file, name: as of weftline.watch(). FileNotFoundError, ValueError:
    there is none.
    """

    def __init__(self, path: str, *, file: Any = None, name: Optional[str] = None) -> None:
        self._base = Database(path, TABLES, WHAT)
        super().__init__(Run(name or f'Luigi: {os.path.basename(path)}', source='luigi', file=file,
                             clock='wall'), file is not None)
        self._keys: Dict[str, str] = {}
        self._version = -1
        self.follow()

    def look(self) -> bool:
        try:
            version = self._base.version()
            if version != self._version:
                rows = self._base.new('task_events')
                while rows:
                    for row in rows:
                        self._take(row)
                    self.wait_for_room()
                    rows = self._base.new('task_events')
                self._version = version
        except Busy as error:  # the scheduler is writing; nothing is lost
            say_once('the history of Luigi cannot be read now, and is asked again: %s', error)
        return True

    def _task(self, number: int) -> Any:
        return self._base.ask('SELECT * FROM tasks WHERE id = ?', number)[0]

    def _key(self, task: Any) -> str:
        """“Part(i=4)”. A task that is asked for again has another row, and the same name."""
        key = self._keys.get(task['task_id'])
        if key is None:
            params = self._base.ask('SELECT name, value FROM task_parameters WHERE task_id = ? '
                                    'ORDER BY rowid', task['id'])
            text = ', '.join(f'{row["name"]}={row["value"]}' for row in params)
            key = self._keys[task['task_id']] = f'{task["name"]}({text})'
            self.run.say(''.join(add_lines(key, (), task['name'])))
        return key

    def _take(self, row: Any) -> None:
        task, t = self._task(row['task_id']), seconds(row['ts']) or 0.0
        key, what = self._key(task), row['event_name']
        if what == 'RUNNING':
            self.run.start(key, task['host'] or SCHEDULER, t)
        elif what == 'DONE':
            self.run.end(key, t)
        elif what == 'FAILED':
            self.run.say(line({'e': 'fail', 'k': key, 't': t, 'message':
                               'the history of Luigi does not have why it failed'}))

    def end(self) -> None:
        self._base.close()
