"""luigi.py: the tasks of a program that uses Luigi, by its events.

SPDX-License-Identifier: BSD-3-Clause

    import weftline.luigi

    with weftline.luigi.watch():
        luigi.build([Report()], workers=4, local_scheduler=True)

With several workers Luigi forks a process for each task, and its events are triggered there. Such
a process connects to the relay of the run's own and says in lines what it runs.
"""
import os
import socket
import sys
import threading
from multiprocessing import util
from threading import get_native_id
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from ._run import Run, add_lines, failure_event, now, phase_after
from ._timed import relay_path
from ._wire import line, say_once

# How long a process of a task waits for what it says to be taken; it is written to a local socket.
SAY_S = 1.0
# Of the same process that is lost Luigi tells for so long.
LOST_NS = 1_000_000_000
PUT_OFF = 'put off until the tasks that it asked for while it ran are there'


def key_of(task: Any) -> str:
    """As Luigi shows it, “Part(i=4)”; a task's own __str__ may say less."""
    params = task.to_str_params(only_significant=True)
    return f'{task.task_family}({", ".join(f"{name}={value}" for name, value in params.items())})'


def n_processes() -> Optional[int]:
    """How many tasks run at once: the worker of Luigi whose event it is knows."""
    frame = sys._getframe(1)
    while frame is not None:
        found = getattr(frame.f_locals.get('self'), 'worker_processes', None)
        if isinstance(found, int):
            return max(found, 1)
        frame = frame.f_back
    return None


class Started(NamedTuple):
    key: str
    at: int


class Place:
    """This process, or one that was forked from it, and what its threads run.

    Luigi's processes run a task each: all of them are one worker, and tasks stand in its rows as
    these are free.
    """

    def __init__(self, run: Run, path: str, is_own: bool) -> None:
        self.pid = os.getpid()
        self.running: Dict[int, Started] = {}
        self._run = run
        self._socket: Optional[socket.socket] = None
        if not is_own:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.settimeout(SAY_S)
            self._socket.connect(path)
            util.Finalize(self, self._leave, exitpriority=10)  # it ends without atexit

    def say(self, text: str) -> None:
        if self._socket is None:
            self._run.say(text)
        else:
            self._socket.sendall(text.encode())

    def _leave(self) -> None:
        """The end of a task's process."""
        for thread in list(self.running):
            self.put_off(thread)
        if self._socket is not None:
            self._socket.close()

    # ---- tasks -----------------------------------------------------------------------------------

    def start(self, key: str) -> None:
        thread, start = get_native_id(), now()
        self.put_off(thread)
        self.running[thread] = Started(key, start)
        self.say(line({'e': 'start', 'k': key, 'w': self._run.worker_name, 't': start}))

    def end(self, key: str) -> None:
        end = now()
        start = self._take(get_native_id(), key) or end
        self.say(line({'e': 'task', 'k': key, 'w': self._run.worker_name, 's': start,
                       'd': end - start}))

    def fail(self, key: str, error: BaseException) -> None:
        self._take(get_native_id(), key)
        self.say(line(failure_event(key, error, now())))

    def _take(self, thread: int, key: str) -> Optional[int]:
        """When it began, if it is what runs there."""
        started = self.running.get(thread)
        if started is None or started.key != key:
            return None
        del self.running[thread]
        return started.at

    def put_off(self, thread: int) -> None:
        """What began there without an end waits for tasks that it asked for."""
        started = self.running.pop(thread, None)
        if started is not None:
            again = True if 'spans' in self._run.can else None
            self.say(line({'e': 'fail', 'k': started.key, 't': now(), 'message': PUT_OFF,
                           'again': again}))


class watch:
    """Shows the tasks that this program runs by Luigi, until close(), or the end of a `with` block,
    or of the program. file, name: as of weftline.watch().
    """

    def __init__(self, *, file: Any = None, name: Optional[str] = None) -> None:
        import luigi
        self._task = luigi.Task
        self._added: Dict[str, bool] = {}
        self._lost_at: Dict[str, int] = {}
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self.run = Run(name, source='luigi', file=file)
        self._handlers: List[Tuple[str, Callable[..., None]]] = []
        if not self.run.live:
            return
        self.run.greeted.wait(1.0 if file is None else 0.0)
        self._path = relay_path(self.run)  # made before there are other processes
        self._place = Place(self.run, self._path, True)
        events = luigi.Event
        for event, handler in (
                (events.DEPENDENCY_DISCOVERED, self._discovered),
                (events.DEPENDENCY_PRESENT, self._present),
                (events.DEPENDENCY_MISSING, self._missing), (events.START, self._start),
                (events.SUCCESS, self._success), (events.FAILURE, self._failure),
                (events.BROKEN_TASK, self._failure), (events.TIMEOUT, self._lost),
                (events.PROCESS_FAILURE, self._lost)):
            self._listen(event, handler)

    def _listen(self, event: str, handler: Callable[..., None]) -> None:
        def heard(*args: Any) -> None:
            try:
                with self._lock:
                    handler(*args)
            except Exception as error:
                say_once('an event of Luigi cannot be shown: %s %r', event, error)
        self._handlers.append((event, self._task.event_handler(event)(heard)))

    def _here(self) -> Place:
        """In a process that was forked, a place of its own."""
        if self._place.pid != os.getpid():
            self._place = Place(self.run, self._path, False)
        return self._place

    # ---- the graph -------------------------------------------------------------------------------

    def _add(self, task: Any) -> str:
        if not self._added and self._here().pid == self._pid:
            self.run.worker(self.run.worker_name, self._pid, n_processes())
        key = key_of(task)
        if key not in self._added:
            self._added[key] = True
            self._here().say(''.join(add_lines(key, (), task.task_family)))
        return key

    def _discovered(self, task: Any, dependency: Any) -> None:
        key, read = self._add(task), self._add(dependency)
        self._here().say(''.join(add_lines(key, [read])))

    def _present(self, task: Any) -> None:
        """It need not run: it is done already."""
        self._here().end(self._add(task))

    def _missing(self, task: Any) -> None:
        """It cannot be made here, or it cannot be known whether it is there."""
        self._here().say(line({'e': 'log', 'k': self._add(task), 't': now(), 'level': 4,
                               'message': 'it is not there, and cannot be made by this program'}))

    # ---- tasks -----------------------------------------------------------------------------------

    def _start(self, task: Any) -> None:
        self._here().start(self._add(task))

    def _success(self, task: Any) -> None:
        self._here().end(self._add(task))

    def _failure(self, task: Any, error: BaseException) -> None:
        self._here().fail(self._add(task), error)

    def _lost(self, task: Any, message: str) -> None:
        """Its process was killed, or ended by itself: told by the one that started it, perhaps
        more than once."""
        key, t = self._add(task), now()
        before, self._lost_at[key] = self._lost_at.get(key), t
        if before is not None and t - before < LOST_NS:
            return
        self._here().say(line({'e': 'fail', 'k': key, 't': t, 'message': str(message)}))

    # ---- the end ---------------------------------------------------------------------------------

    def close(self, phase: str = 'done') -> None:
        for event, handler in self._handlers:
            self._task.remove_event_handler(event, handler)
        self._handlers = []
        self.run.finish(phase)

    def __enter__(self) -> 'watch':
        return self

    def __exit__(self, kind: object, error: Optional[BaseException], trace: object) -> None:
        self.close(phase_after(error))
