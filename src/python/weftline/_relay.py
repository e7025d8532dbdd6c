"""_relay.py: how other processes report what they run into a run of this one.

SPDX-License-Identifier: BSD-3-Clause

The process that has the run listens on a socket of its own, in a private folder; a call that is
sent to another process takes the socket's path along. What is said there are lines, and messages
(_wire.py), each behind a line “#” and its length in bytes. All of it is handed on as it is.

A single call is told when it has ended, at once: so little is lost with a process that is killed,
and when a result has come back what was said of it has, too. It is never held up: what the socket
does not take waits for the next event. Of a batch (_batch.py), which is many calls in one, the
threads only note the times, and a thread that looks every 100 ms tells them as messages: with each
result, the program would have to take them apart while it has the computation to lead. Who asks for
what has not been told (Relay.gather) is answered at once, by an empty message behind it. That
thread also tells what runs for longer, and what memory the process takes.
"""
import collections
import os
import select
import selectors
import shutil
import socket
import tempfile
import threading
import time
import weakref
from multiprocessing import util
from threading import get_native_id
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Set, Tuple, Union

from ._lane import Lane, Lanes
from ._run import INTERVAL_S, Slot, failure_event, now, process_name
from ._usage import Usage
from ._wire import key_text, line, quote, quote_key, say_once

if TYPE_CHECKING:
    from ._run import Run

# What waits in another process, before events are left out.
MAX_PENDING = 1 << 22
# Runs that another process has the way to; each takes it a file and a thread.
MAX_PORTS = 32
DRAIN_S = 1.0
# How long a computation that ends waits for processes that do not answer: one may be deep in C.
GATHER_S = 0.25
# A socket's path has 103 bytes at most on some systems.
MAX_FOLDER = 95
COUNT = b'{"e":"count"'

# The head of a message, without its length; and the message that is none.
HEAD = b'#'
ANSWER = b'#0\n'
# What the relay's thread is told.
ASK, CLOSE = b'?', b'.'
INTERVAL_MS = INTERVAL_S * 1000
# How often another process tells: to wake takes it a tenth of a millisecond and more.
PORT_INTERVAL_MS = 100


def _split(data: bytes) -> Tuple[List[Union[bytes, List[bytes]]], bytes]:
    """Lines, and messages in lists; and what is not whole. Raises ValueError."""
    parts: List[Union[bytes, List[bytes]]] = []
    at = 0
    while at < len(data):
        if data.startswith(HEAD, at):
            begin = data.find(b'\n', at) + 1
            end = begin + int(data[at + 1:begin]) if begin else 0
            if not begin or end > len(data):
                break
            parts.append([data[begin:end]])
        else:
            end = data.find(b'\n' + HEAD, at) + 1 or data.rfind(b'\n', at) + 1
            if not end:
                break
            parts.append(data[at:end])
        at = end
    return parts, data[at:]


def _make_folder() -> str:
    """A private one, whose path is short enough for that of a socket."""
    folder = tempfile.mkdtemp(prefix='weftline-')
    if len(os.fsencode(folder)) <= MAX_FOLDER:
        return folder
    os.rmdir(folder)
    return tempfile.mkdtemp(prefix='weftline-', dir='/tmp')


class Relay:
    """Listens, for one run."""

    def __init__(self, run: 'Run') -> None:
        """path: '' where there can be none: what other processes say is lost then."""
        self._run = run
        self.path = ''
        self._rests: Dict[socket.socket, bytes] = {}
        self._answering: Set[socket.socket] = set()  # those that can be asked
        self._asked: Set[socket.socket] = set()
        self._gathering = threading.Lock()
        self._gathered = threading.Event()
        self._drained = threading.Event()
        _relays.add(self)
        try:
            self._listen()
        except (OSError, RuntimeError) as error:  # no room, no file, no thread
            say_once('not all that other processes run can be shown: %s', error)

    def _listen(self) -> None:
        self._folder = _make_folder()
        path = os.path.join(self._folder, 'socket')
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(128)
        self._listener.setblocking(False)
        self._wake, self._waker = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        threading.Thread(target=self._work, name='weftline-relay', daemon=True).start()
        self.path = path

    def close(self) -> None:
        """Takes what was said, and what has not been told, and ends."""
        if self.path:
            self._waker.send(CLOSE)
            self._drained.wait(DRAIN_S)
            shutil.rmtree(self._folder, ignore_errors=True)

    def gather(self) -> None:
        """Returns when what other processes have run so far was said."""
        with self._gathering:
            if not self.path:
                return
            self._gathered.clear()
            try:
                self._waker.send(ASK)
            except OSError:  # it is closed
                return
            self._gathered.wait(2 * GATHER_S)

    def abandon(self) -> None:
        """In a forked process, which would keep connections open that the parent has closed. What
        is registered stays so: the parent's selector is the same."""
        if self.path:
            self.path = ''
            self._close_all()

    def _close_all(self) -> None:
        for each in (*self._rests, self._listener, self._wake, self._waker):
            each.close()
        self._selector.close()

    def _work(self) -> None:
        """Waits for something to be said, then takes what comes every 50 ms: to be woken by each
        event would cost the computation more than all else."""
        wake = select.poll()  # not select(), which takes no more than 1,024 files
        wake.register(self._wake, select.POLLIN)
        said = b''
        while CLOSE not in said:
            self._serve_all(None)
            said = self._wake.recv(256) if wake.poll(INTERVAL_MS) else b''
            if said:
                self._ask()
        while self._serve_all(0):
            pass
        self._drained.set()
        self._gathered.set()
        self._close_all()

    def _serve_all(self, wait: Optional[float]) -> bool:
        """Whether there was something."""
        return any([self._serve(key.fileobj) for key, _ in self._selector.select(wait)])

    def _ask(self) -> None:
        """Who connects has told whether it answers before it has a result."""
        until = time.monotonic() + GATHER_S
        while self._serve_all(0) and time.monotonic() < until:
            pass
        self._asked = set(self._answering)
        for each in self._answering:
            try:
                each.send(ASK)
            except OSError:  # it is gone, or was asked too often already
                self._asked.discard(each)
        while self._asked and time.monotonic() < until:
            self._serve_all(until - time.monotonic())
        self._gathered.set()

    def _serve(self, ready: Any) -> bool:
        """Whether there was something."""
        if ready is self._wake:
            return False
        if ready is self._listener:
            return self._accept()
        try:
            data = ready.recv(1 << 18)
        except BlockingIOError:
            return False
        except OSError:
            data = b''
        try:
            parts, self._rests[ready] = _split(self._rests[ready] + data)
        except ValueError:  # nothing of ours
            data = b''
        if not data:
            self._leave(ready)
            return True
        for part in parts:
            if type(part) is bytes:
                self._run.say(self._taken(part))
            elif part[0]:
                self._run.say(part)
            else:
                self._answering.add(ready)
                self._asked.discard(ready)
        return True

    def _leave(self, ready: socket.socket) -> None:
        self._selector.unregister(ready)
        del self._rests[ready]
        self._answering.discard(ready)
        self._asked.discard(ready)
        ready.close()

    def _accept(self) -> bool:
        """All that wait: there may be a process for each core."""
        n_before = len(self._rests)
        try:
            while True:
                made, _ = self._listener.accept()
                made.setblocking(False)
                self._rests[made] = b''
                self._selector.register(made, selectors.EVENT_READ)
        except OSError:  # nobody is left; or too many files are open, and it is tried again
            return len(self._rests) > n_before

    def _taken(self, lines: bytes) -> bytes:
        """What the server takes of these lines: other processes do not know what it can, nor is it
        known here before its greeting."""
        if 'spans' in self._run.can or COUNT not in lines:
            return lines
        return b''.join([each for each in lines.splitlines(True) if not each.startswith(COUNT)])


_relays: 'weakref.WeakSet[Relay]' = weakref.WeakSet()


# ---- in the other process ------------------------------------------------------------------------

class Port:
    """The way to one run."""

    def __init__(self, path: str) -> None:
        self.pid = os.getpid()
        self.worker = process_name()
        self.quoted = quote(self.worker)
        self.running: Dict[int, Slot] = {}
        self.lanes = Lanes()
        self._usage = Usage(self.worker)
        self._pending = b''
        self._lock = threading.Lock()
        self._is_forgotten = False
        self.is_used = True
        self._socket: Optional[socket.socket] = None
        try:
            self._connect(path)
            self._pending = ANSWER + line({'e': 'worker', 'w': self.worker,
                                           'pid': self.pid}).encode()
            self._push()
            threading.Thread(target=self._watch, name='weftline-port', daemon=True).start()
        except (OSError, RuntimeError):  # it is over, or of another machine; no file, no thread
            self.close()

    def _connect(self, path: str) -> None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.connect(path)
            made.setblocking(False)
        except OSError:
            made.close()
            raise
        self._socket = made

    def _start_line(self, key: Any, thread: int, start: int) -> str:
        return (f'{{"e":"start","k":{quote_key(key)},"w":{self.quoted},"h":{thread}'
                f',"t":{start}}}\n')

    def _task_line(self, thread: int, key: Any, start: int, end: int, size: Optional[int]) -> str:
        tail = '}\n' if size is None else f',"b":{size}}}\n'
        return (f'{{"e":"task","k":{quote_key(key)},"w":{self.quoted},"h":{thread},"s":{start}'
                f',"d":{end - start}{tail}')

    # ---- the thread ------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Tells what the threads noted, what runs for longer than the interval, and what the
        process takes; every 100 ms, and when it is asked."""
        made = self._socket
        if made is None:
            return
        wake, file = select.poll(), made.fileno()
        while True:
            wake.register(file, select.POLLIN | (select.POLLOUT if self._pending else 0))
            ready = wake.poll(PORT_INTERVAL_MS)
            with self._lock:
                if self._socket is None:
                    return
                asked = bool(ready and ready[0][1] & ~select.POLLOUT)
                if asked and not self._is_asked(made):
                    self._drop()
                    return
                if asked or not ready:
                    self._look()
                    self._pending += ANSWER if asked else b''
                self._push()
            if self._is_forgotten and not self.running and self.lanes.are_idle():
                self.close()

    def _is_asked(self, made: socket.socket) -> bool:
        """False: nobody listens any more."""
        try:
            return bool(made.recv(64))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _look(self) -> None:
        for lane, n in self.lanes.ended():
            for message in lane.spans(self.worker.encode(), n):
                self._add_bytes(b'%b%d\n%b' % (HEAD, len(message), message))
        for lane, key, start in self.lanes.begun():
            self._add(self._start_line(key, lane.thread, start))
        for slot in list(self.running.values()):
            if not slot[5]:
                slot[5] = True
                self._add(self._start_line(*slot[:3]))
        self._add(self._usage.lines())

    # ---- what is sent ----------------------------------------------------------------------------

    def _add(self, text: str) -> None:
        self._add_bytes(text.encode())

    def _add_bytes(self, data: bytes) -> None:
        if self._socket is None:
            return
        if len(self._pending) < MAX_PENDING:
            self._pending += data
        else:
            say_once('process %d runs faster than can be told; not all of it is shown', self.pid)

    def _push(self) -> None:
        try:
            while self._pending and self._socket is not None:
                self._pending = self._pending[self._socket.send(self._pending):]
        except BlockingIOError:
            pass
        except OSError:
            self._drop()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def is_open(self) -> bool:
        return self._socket is not None

    def close(self) -> None:
        """All that was noted is told."""
        with self._lock:
            if self._socket is not None:
                self._socket.settimeout(DRAIN_S)
                self._look()
                self._push()
            self._drop()

    def forget(self) -> None:
        """Nobody asks for it any more. Its thread closes it, once nothing runs: what has just asked
        for it says so until the thread looks."""
        self._is_forgotten = True

    def abandon(self) -> None:
        """In a forked process: what it has is the parent's."""
        made, self._socket = self._socket, None
        if made is not None:
            made.close()

    # ---- calls -----------------------------------------------------------------------------------

    def fail(self, slot: Slot, error: BaseException) -> None:
        text = line(failure_event(key_text(slot[0]), error, now()))
        with self._lock:
            self.running.pop(slot[1], None)
            if not slot[5]:
                text = self._start_line(*slot[:3]) + text
            self._add(text)
            self._push()

    def end(self, slot: Slot) -> None:
        with self._lock:  # what is told as running must not be told again behind this
            self.running.pop(slot[1], None)
            self._add(self._task_line(slot[1], slot[0], *slot[2:5]))
            self._push()

    # ---- batches ---------------------------------------------------------------------------------

    def fail_in_lane(self, lane: Lane, key: Any, start: int, error: BaseException,
                     sizes: bool) -> None:
        """The task of a batch raised, which is what the lane runs; or before it came to run, start
        is 0 then; or behind its end, as its result cannot be packed. sizes: whether they are looked
        at."""
        text = line(failure_event(key_text(key), error, now()))
        with self._lock:
            times = lane.times
            began = start != 0
            if not began:
                start = now()
                times.append(start)
            is_there = len(times) % 2 == 1 or times[-2:-1] == [start]
            if began and is_there and lane.told != start:
                text = self._start_line(key, lane.thread, start) + text
            if len(times) % 2:
                lane.fail(start, now(), sizes)
            elif is_there:
                lane.failed.add(start)
            self._add(text)
            self._push()

    def end_lane(self, lane: Lane, sizes: bool) -> None:
        with self._lock:
            lane.end(now(), sizes)
        self.lanes.leave()


_ports: 'collections.OrderedDict[str, Port]' = collections.OrderedDict()
_ports_lock = threading.Lock()
_closes_ports = False


def port_to(path: str) -> Port:
    port = _ports.get(path)
    if port is None:
        port = _make_port(path)
    port.is_used = True
    return port


def _make_port(path: str) -> Port:
    global _closes_ports
    with _ports_lock:
        port = _ports.get(path)
        if port is None:
            if not _closes_ports:  # programs of multiprocessing end without atexit
                _closes_ports = True
                util.Finalize(None, _close_ports, exitpriority=10)
            if len(_ports) >= MAX_PORTS:
                _forget_one()
            port = _ports[path] = Port(path)
    return port


def _forget_one() -> None:
    """The oldest that was not asked for since the last time: each has a second chance."""
    for path in list(_ports):
        if not _ports[path].is_used:
            break
        _ports[path].is_used = False
        _ports.move_to_end(path)
    _ports.popitem(last=False)[1].forget()


def _close_ports() -> None:
    for port in list(_ports.values()):
        port.close()


def _abandon_all() -> None:
    """In a forked process: files and threads are the parent's."""
    global _ports_lock, _closes_ports
    for each in (*_relays, *_ports.values()):
        each.abandon()
    _ports.clear()
    _ports_lock = threading.Lock()
    _closes_ports = False


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_abandon_all)


def call(path: str, key: str, function: Callable[..., Any], args: Tuple[Any, ...],
         kwargs: Dict[str, Any], size_of: Optional[Callable[[Any], Optional[int]]]) -> Any:
    """Calls the function as the task, in this thread of another process."""
    port = port_to(path)
    thread = get_native_id()
    outer = port.running.get(thread)
    port.running[thread] = slot = [key, thread, now(), 0, None, False]
    try:
        result = function(*args, **kwargs)
        slot[3] = now()
    except BaseException as error:
        port.fail(slot, error)
        raise
    else:
        try:
            if size_of is not None:
                slot[4] = size_of(result)
        finally:  # Ctrl-C may come while it is asked
            port.end(slot)
        return result
    finally:
        if outer is not None:
            port.running[thread] = outer
