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
from typing import Any, Callable, Iterator, List, Optional, Set, Tuple

from . import _columns
from ._columns import Key

# Of what ended, how many are packed at once.
AT_ONCE = 512


class Lane:
    """inner: of tasks that run within one of these, in the same thread. runner: _batch.py's."""

    __slots__ = ('thread', 'keys', 'times', 'sizes', 'failed', 'told', 'inner', 'runner')

    def __init__(self) -> None:
        self.thread = get_native_id()
        self.keys: List[Key] = []
        self.times: List[int] = []
        self.sizes: List[Optional[int]] = []  # none at all where nobody looks
        self.failed: Set[int] = set()  # when those began; added before their end
        self.told = 0  # the sender's: when what was told as running began
        self.inner: Optional['Lane'] = None
        self.runner: Optional[Callable[..., Any]] = None

    # ---- the thread ------------------------------------------------------------------------------

    def fail(self, start: int, end: int, sizes: bool) -> None:
        """What runs has failed: it is told otherwise."""
        self.failed.add(start)
        if sizes:
            self.sizes.append(None)
        self.times.append(end)

    def end(self, end: int, sizes: bool) -> None:
        """Nothing more comes: what is half said has failed. The sender must not look meanwhile."""
        if len(self.times) % 2:
            self.fail(self.times[-1], end, sizes)
        del self.keys[len(self.times) // 2:]

    # ---- the sender ------------------------------------------------------------------------------

    def is_busy(self) -> bool:
        """Also where what it was given has not begun yet."""
        return 2 * len(self.keys) > len(self.times)

    def n_ended(self) -> int:
        return len(self.times) // 2

    def running(self) -> Optional[Tuple[Key, int]]:
        """What runs now, and since when. Asked by nobody else: who takes moves what this reads."""
        n = len(self.times)
        return (self.keys[n // 2], self.times[n - 1]) if n % 2 else None

    def spans(self, worker: bytes, n: int) -> Iterator[bytes]:
        """The first n, which have ended, are taken away and told as messages."""
        while n > 0:
            yield _columns.spans(worker, self.thread, *self.take(min(n, AT_ONCE)))
            n -= AT_ONCE

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


class _Here(threading.local):
    lane: Optional[Lane] = None


class Lanes:
    """Those of all threads of this process, for one run."""

    def __init__(self) -> None:
        self.here = _Here()  # the lane of the thread that asks
        self._all: List[Lane] = []

    def make(self) -> Lane:
        """For this thread, which has none, or runs something in those it has."""
        lane, outer = self.here.lane, None
        while lane is not None and len(lane.times) % 2:
            outer, lane = lane, lane.inner
        if lane is None:
            lane = Lane()
            if outer is None:
                self.here.lane = lane
            else:
                outer.inner = lane
            self._all.append(lane)
        return lane

    def leave(self) -> None:
        """The lane of this thread is of no more use."""
        self.here.lane = None

    # ---- the sender ------------------------------------------------------------------------------

    def ended(self) -> List[Tuple[Lane, int]]:
        """How many have ended in each."""
        return [(lane, lane.n_ended()) for lane in list(self._all)]

    def begun(self) -> Iterator[Tuple[Lane, Key, int]]:
        """What runs, and since when, if it was not told before."""
        for lane in list(self._all):
            running = lane.running()
            if running is not None and running[1] != lane.told:
                lane.told = running[1]
                yield (lane, *running)

    def are_idle(self) -> bool:
        return not any(lane.is_busy() for lane in list(self._all))
