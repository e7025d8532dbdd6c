"""_usage.py: what a process takes of the machine, twice a second.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import time
from typing import Tuple

from ._wire import quote

INTERVAL_NS = 500_000_000
APART_NS = 1_000_000
TRIES = 3
STATM = '/proc/self/statm'


def _resident() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say. Not with a file
    object: it calls the system nine times, and each time the interpreter has to be waited for."""
    try:
        file = os.open(STATM, os.O_RDONLY)
        try:
            return int(os.read(file, 256).split()[1]) * os.sysconf('SC_PAGE_SIZE')
        finally:
            os.close(file)
    except (OSError, ValueError, IndexError):
        return 0


class Usage:
    """Memory and processor time of this process. Whoever has a thread that wakes now and then
    asks; no task is touched."""

    def __init__(self, worker: str) -> None:
        self._worker = quote(worker)
        self._next = 0
        self._last = 0, 0

    @staticmethod
    def _clocks() -> Tuple[int, int, int]:
        """The time, what was used until then, and how far apart the two may be: the interpreter
        may have run other threads in between, for as long as these hold it."""
        tries = []
        for _ in range(TRIES):
            t = time.monotonic_ns()
            used = time.process_time_ns()
            tries.append((time.monotonic_ns() - t, t, used))
            if tries[-1][0] <= APART_NS:
                break
        apart, t, used = min(tries)
        return t, used, apart

    def lines(self, counts: bool = True) -> str:
        """Events since the last time; mostly none, as it is too early. counts: whether those who
        listen take counters."""
        if time.monotonic_ns() < self._next:
            return ''
        resident = _resident()
        t, used, apart = self._clocks()
        self._next = t + INTERVAL_NS
        said = ''
        if resident:
            said = f'{{"e":"memory","w":{self._worker},"t":{t},"resident":{resident}}}\n'
        if apart > APART_NS:  # of another moment: the next is told of both intervals
            return said
        (before, used_before), self._last = self._last, (t, used)
        if counts and before:
            said += (f'{{"e":"count","name":"cpu","unit":"cores","w":{self._worker},"t":{t}'
                     f',"v":{(used - used_before) / (t - before):.3f}}}\n')
        return said
