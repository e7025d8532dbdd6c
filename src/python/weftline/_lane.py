"""_lane.py: what one thread of this process runs, one after the other.

SPDX-License-Identifier: BSD-3-Clause

The thread only appends: a task's key and when it began, then when it ended; so an odd number of
times says that something runs. The sender only takes away from the front what has ended. Each of
these is one step of the interpreter, so neither waits for the other.
"""
import threading
from array import array
from itertools import compress
from operator import not_
from threading import get_native_id
from typing import List, Optional, Set, Tuple

from ._columns import Key


class Lane:
    """inner: of tasks that run within one of these, in the same thread."""

    __slots__ = ('thread', 'keys', 'times', 'sizes', 'failed', 'told', 'inner')

    def __init__(self) -> None:
        self.thread = get_native_id()
        self.keys: List[Key] = []
        self.times: List[int] = []
        self.sizes: List[Optional[int]] = []  # none at all where nobody looks
        self.failed: Set[int] = set()  # when those began; added before their end
        self.told = 0  # the sender's: when what was told as running began
        self.inner: Optional['Lane'] = None

    # ---- the thread ------------------------------------------------------------------------------

    def fail(self, start: int, end: int, sizes: bool) -> None:
        """What runs has failed: it is told otherwise."""
        self.failed.add(start)
        if sizes:
            self.sizes.append(None)
        self.times.append(end)

    # ---- the sender ------------------------------------------------------------------------------

    def n_ended(self) -> int:
        return len(self.times) // 2

    def running(self) -> Optional[Tuple[Key, int]]:
        """What runs now, and since when. Asked by nobody else: who takes moves what this reads."""
        n = len(self.times)
        return (self.keys[n // 2], self.times[n - 1]) if n % 2 else None

    def take(self, n: int) -> Tuple[List[Key], bytes, List[Optional[int]]]:
        """Of the first n that ended: keys, when they began and then when they ended, sizes."""
        keys, times, sizes = self.keys[:n], self.times[:2 * n], self.sizes[:n]
        del self.keys[:n], self.times[:2 * n], self.sizes[:n]
        starts, ends = times[::2], times[1::2]
        if self.failed:
            failed = [start in self.failed for start in starts]
            self.failed.difference_update(starts)
            keys, starts, ends, sizes = [list(compress(some, map(not_, failed)))
                                         for some in (keys, starts, ends, sizes)]
        return keys, array('q', starts + ends).tobytes(), sizes


class Here(threading.local):
    """The lane of the thread that asks."""

    lane: Optional[Lane] = None
