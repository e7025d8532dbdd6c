"""_relay.py: how other processes report what they run into a run of this one.

SPDX-License-Identifier: BSD-3-Clause

The process that has the run listens on a socket of its own, in a private folder; a call that is
sent to another process takes the socket's path along. There, each end is written at once: so little
is lost with a process that is killed, and when a result has come back what was said of it has, too.
Lines are handed on as they are.

A call is told when it has ended, and by a thread that looks every 50 ms as running. It is never
held up: what the socket does not take waits for the next event.
"""
import collections
import os
import select
import selectors
import shutil
import socket
import tempfile
import threading
from multiprocessing import util
from threading import get_native_id
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple

from ._run import INTERVAL_S, failure_event, now, process_name
from ._wire import line, quote

if TYPE_CHECKING:
    from ._run import Run

# What waits in another process, before events are left out.
MAX_PENDING = 1 << 22
# Runs that another process remembers the way to.
MAX_PORTS = 8
DRAIN_S = 1.0


class Relay:
    """Listens, for one run."""

    def __init__(self, run: 'Run') -> None:
        self._run = run
        self._folder = tempfile.mkdtemp(prefix='weftline-')
        self.path = os.path.join(self._folder, 'socket')
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(128)
        self._listener.setblocking(False)
        self._wake, self._waker = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._rests: Dict[socket.socket, bytes] = {}
        self._drained = threading.Event()
        self._thread = threading.Thread(target=self._work, name='weftline-relay', daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Takes what has been said so far, and ends."""
        self._waker.send(b'.')
        self._drained.wait(DRAIN_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _work(self) -> None:
        """Waits for something to be said, then takes what comes every 50 ms: to be woken by each
        event would cost the computation more than all else."""
        closing = False
        while not closing:
            for key, _ in self._selector.select():
                if key.fileobj is not self._wake:
                    self._serve(key.fileobj)
            closing = bool(select.select([self._wake], [], [], INTERVAL_S)[0])
        while any([self._serve(key.fileobj) for key, _ in self._selector.select(0)]):
            pass
        self._drained.set()
        for each in list(self._rests):
            each.close()
        for each in (self._listener, self._wake, self._waker):
            each.close()
        self._selector.close()

    def _serve(self, ready: Any) -> bool:
        """Whether there was something."""
        if ready is self._wake:
            return False
        try:
            if ready is self._listener:
                made, _ = ready.accept()
                made.setblocking(False)
                self._rests[made] = b''
                self._selector.register(made, selectors.EVENT_READ)
                return True
            data = ready.recv(1 << 18)
        except BlockingIOError:
            return False
        except OSError:
            data = b''
        if data:
            whole, end, rest = (self._rests[ready] + data).rpartition(b'\n')
            self._rests[ready] = rest
            if end:
                self._run.say(whole + end)
            return True
        self._selector.unregister(ready)
        del self._rests[ready]
        ready.close()
        return True


# ---- in the other process ------------------------------------------------------------------------

class _Port:
    """The way to one run."""

    def __init__(self, path: str) -> None:
        self.worker = process_name()
        self.quoted = quote(self.worker)
        self.running: Dict[int, Tuple[str, int]] = {}
        self._told: Dict[int, int] = {}
        self._pending = b''
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._socket: Optional[socket.socket] = None
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.connect(path)
            made.setblocking(False)
            self._socket = made
        except OSError:  # the run is over, or of another machine
            made.close()
            return
        self.say(line({'e': 'worker', 'w': self.worker, 'pid': os.getpid()}))
        # Programs of multiprocessing end without atexit.
        util.Finalize(self, self._close, exitpriority=10)
        threading.Thread(target=self._watch, name='weftline-port', daemon=True).start()

    def start_line(self, key: str, thread: int, start: int) -> str:
        return (f'{{"e":"start","k":{quote(key)},"w":{self.quoted},"h":{thread},"t":{start}}}\n')

    def _watch(self) -> None:
        """Tells what runs for longer than the interval."""
        while self._socket is not None and not self._closing.wait(INTERVAL_S):
            with self._lock:
                for thread, (key, start) in dict(self.running).items():
                    if self._told.get(thread) != start:
                        self._told[thread] = start
                        self._add(self.start_line(key, thread, start))
                if self._pending and self._socket is not None:
                    self._push()

    def say(self, text: str) -> None:
        with self._lock:
            self._add(text)
            if self._socket is not None:
                self._push()

    def _add(self, text: str) -> None:
        if len(self._pending) < MAX_PENDING:
            self._pending += text.encode()

    def _push(self) -> None:
        assert self._socket is not None
        try:
            while self._pending:
                self._pending = self._pending[self._socket.send(self._pending):]
        except BlockingIOError:
            pass
        except OSError:
            self._socket.close()
            self._socket = None

    def _close(self) -> None:
        self._closing.set()
        with self._lock:
            if self._socket is not None:
                self._socket.settimeout(DRAIN_S)
                self._push()
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def forget(self) -> None:
        """Of a run that is over, most likely: its thread may end."""
        self._closing.set()

    def fail(self, thread: int, start: int, key: str, error: BaseException) -> None:
        text = line(failure_event(key, error, now()))
        with self._lock:
            self.running.pop(thread, None)
            if self._told.get(thread) != start:
                text = self.start_line(key, thread, start) + text
        self.say(text)

    def end(self, thread: int, key: str, start: int, end: int, size: Optional[int]) -> None:
        tail = '}\n' if size is None else f',"b":{size}}}\n'
        text = (f'{{"e":"task","k":{quote(key)},"w":{self.quoted},"h":{thread},"s":{start}'
                f',"d":{end - start}{tail}')
        with self._lock:  # what is told as running must not be told again behind this
            self.running.pop(thread, None)
            self._add(text)
            if self._socket is not None:
                self._push()


_ports: 'collections.OrderedDict[Tuple[int, str], _Port]' = collections.OrderedDict()
_ports_lock = threading.Lock()


def _port(path: str) -> _Port:
    where = (os.getpid(), path)  # a forked process has ports of its parent, which are not its own
    port = _ports.get(where)
    if port is None:
        with _ports_lock:
            port = _ports.get(where)
            if port is None:
                port = _ports[where] = _Port(path)
                while len(_ports) > MAX_PORTS:
                    _ports.popitem(last=False)[1].forget()
    return port


def call(path: str, key: str, function: Callable[..., Any], args: Tuple[Any, ...],
         kwargs: Dict[str, Any], size_of: Optional[Callable[[Any], Optional[int]]]) -> Any:
    """Calls the function as the task, in this thread of another process."""
    port = _port(path)
    thread = get_native_id()
    outer = port.running.get(thread)
    start = now()
    port.running[thread] = (key, start)
    try:
        result = function(*args, **kwargs)
        end = now()
    except BaseException as error:
        port.fail(thread, start, key, error)
        raise
    else:
        port.end(thread, key, start, end, size_of(result) if size_of is not None else None)
        return result
    finally:
        if outer is not None:
            port.running[thread] = outer
