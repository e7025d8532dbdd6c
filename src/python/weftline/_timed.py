"""_timed.py: calls that are tasks of a run, here or in another process.

SPDX-License-Identifier: BSD-3-Clause

They can be pickled: on the other side they report through the run's relay.
"""
import threading
from threading import get_native_id
from typing import Any, Callable, Tuple

from . import _relay
from ._run import Key, Run, now
from ._sizes import size_of
from ._wire import key_text

_relays_lock = threading.Lock()


def relay_path(run: Run) -> str:
    """Where other processes report to; made when it is first asked for."""
    if run.relay is None:
        with _relays_lock:
            if run.relay is None:
                relay = _relay.Relay(run)
                run.at_finish(relay.close)
                run.relay = relay
    return run.relay.path


class Timed:
    """A function; its one call is the task `key`."""

    __slots__ = ('run', 'key', 'function', 'sizes')

    def __init__(self, run: Run, key: Key, function: Callable[..., Any],
                 sizes: bool = True) -> None:
        self.run = run
        self.key = key
        self.function = function
        self.sizes = sizes

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Written out, not in parts: each call of a function would be felt."""
        run = self.run
        if not run.live:
            return self.function(*args, **kwargs)
        running = run.running
        thread = get_native_id()
        outer = running.get(thread)
        running[thread] = slot = [self.key, thread, now(), 0, None, False]
        try:
            result = self.function(*args, **kwargs)
            slot[3] = now()
        except BaseException as error:
            run.failed(slot, error)
            raise
        finally:
            if outer is None:
                del running[thread]
            else:
                running[thread] = outer
        try:
            if self.sizes:
                slot[4] = size_of(result)
        finally:  # Ctrl-C may come while it is asked
            run.ended(slot)
        return result

    def __reduce__(self) -> Tuple[Any, ...]:
        if not self.run.live:
            return _same, (self.function,)
        return elsewhere, (relay_path(self.run), key_text(self.key), self.function, self.sizes)


def _same(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


class _Elsewhere:
    """What becomes of a Timed in another process."""

    __slots__ = ('path', 'key', 'function', 'sizes')

    def __init__(self, path: str, key: str, function: Callable[..., Any], sizes: bool) -> None:
        self.path = path
        self.key = key
        self.function = function
        self.sizes = sizes

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _relay.call(self.path, self.key, self.function, args, kwargs,
                           size_of if self.sizes else None)

    def __reduce__(self) -> Tuple[Any, ...]:
        return elsewhere, (self.path, self.key, self.function, self.sizes)


class _Maker:
    """The class above, called by a name: cloudpickle looks at classes and functions for long, and
    at an object whose reduction is a name not at all."""

    def __call__(self, *args: Any) -> _Elsewhere:
        return _Elsewhere(*args)

    def __reduce__(self) -> str:
        return 'elsewhere'


elsewhere = _Maker()
