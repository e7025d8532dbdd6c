"""_follow.py: a thread that looks, again and again, at what another program writes.

SPDX-License-Identifier: BSD-3-Clause

What it follows is only read. Where it looks at a run of long ago it says no more at once than the
server takes.
"""
import threading
import time
from typing import Any, Callable, Optional

from ._run import INTERVAL_S, MAX_WAITING, Run
from ._wire import say_once

LOOK_S = 0.1
# What may wait to be sent before more is read.
MANY = MAX_WAITING // 8
FINISH_S = 10.0


class Follower:
    """Follows until what it follows is over, or close(), or the end of a `with` block.

    run: the run that it reports; if what it follows goes on then, it is one that was interrupted.
    over: set when there is nothing more to come. error: why that is not all there was.
    """

    def __init__(self, run: Run, waits: bool) -> None:
        self.run = run
        self.over = threading.Event()
        self.error: Optional[Exception] = None
        self.phase = 'done'
        self._goes_on = True
        self._waits = waits
        self._stopping = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def follow(self) -> None:
        if self.run.live:
            self.run.greeted.wait(1.0)
            self._thread = threading.Thread(target=self._work, name='weftline-follow', daemon=True)
            self._thread.start()
        else:
            self.over.set()

    def look(self) -> bool:
        """Reads what is new, and says it. Whether there may be more."""
        raise NotImplementedError

    def end(self) -> None:
        """The last words, before the run is finished."""

    def wait_for_room(self) -> None:
        while len(self.run.events) > MANY and self.run.live and not self._stopping.is_set():
            time.sleep(INTERVAL_S)

    def _work(self) -> None:
        self._try(self._look_again)
        self._try(self.end)
        self.over.set()

    def _look_again(self) -> None:
        while self.run.live and self._goes_on and not self._stopping.is_set():
            self._goes_on = self.look()
            self._stopping.wait(LOOK_S if self._goes_on else 0)

    def _try(self, function: Callable[[], None]) -> None:
        try:
            function()
        except Exception as error:
            say_once('%s cannot be followed any further: %r', self.run.name, error)
            self.error = self.error or error
            self._goes_on = True

    def close(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(FINISH_S)
        self.run.finish(None if self._goes_on else self.phase,
                        wait=None if self._waits else FINISH_S)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()
