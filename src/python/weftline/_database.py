"""_database.py: an SQLite database that another program writes, as it is followed.

SPDX-License-Identifier: BSD-3-Clause

It is opened for reading only, and what is asked is read at once, so that its writer never waits
long. Moments have no time zone there; they are taken to be in that of this machine.
"""
import datetime
import os
import sqlite3
import urllib.request
from typing import Any, Dict, List, Optional, Set

PAGE = 4096
BUSY_S = 2.0

Busy = sqlite3.OperationalError


def seconds(text: Optional[str]) -> Optional[float]:
    """Since 1970, of a moment as a database has it."""
    return datetime.datetime.fromisoformat(text).timestamp() if text else None


class Database:
    """FileNotFoundError, ValueError: why it cannot be followed.

    tables: which it must have. what: what it is, in words.
    """

    def __init__(self, path: str, tables: Set[str], what: str) -> None:
        if not os.path.isfile(path):
            raise FileNotFoundError(f'{path}: there is no such file; {what} was expected')
        where = 'file:' + urllib.request.pathname2url(os.path.abspath(path)) + '?mode=ro'
        try:
            self._base = sqlite3.connect(where, uri=True, timeout=BUSY_S, isolation_level=None,
                                         check_same_thread=False)
            self._base.row_factory = sqlite3.Row
            missing = tables - self.tables()
        except sqlite3.Error as error:
            raise ValueError(f'{path}: no SQLite database can be read there, {what} was expected:'
                             f' {error}') from error
        if missing:
            self._base.close()
            raise ValueError(f'{path}: this is not {what}: it has no table “{min(missing)}”')
        self._read: Dict[str, int] = {}

    def tables(self) -> Set[str]:
        return {row['name'] for row in self.ask('SELECT name FROM sqlite_master')}

    def ask(self, question: str, *values: Any) -> List[Any]:
        return self._base.execute(question, values).fetchall()

    def version(self) -> int:
        """Another one when something was written."""
        return self.ask('PRAGMA data_version')[0][0]

    def new(self, table: str, run: Optional[str] = None) -> List[Any]:
        """Rows that were not there before, at most PAGE. run: only of this run_id."""
        of_run, values = ('AND run_id = ?', (run,)) if run is not None else ('', ())
        rows = self.ask(f'SELECT rowid AS number, * FROM "{table}" WHERE rowid > ? {of_run} '
                        'ORDER BY rowid LIMIT ?', self._read.get(table, 0), *values, PAGE)
        if rows:
            self._read[table] = rows[-1]['number']
        return rows

    def close(self) -> None:
        self._base.close()
