"""_relay.py: how other processes report what they run into a run of this one.

SPDX-License-Identifier: BSD-3-Clause

The process that has the run listens on a socket of its own, in a private folder; a call that is
sent to another process takes the socket's path along. There, each end is written at once: so little
is lost with a process that is killed, and when a result has come back what was said of it has, too.
Lines are handed on as they are.

A call is told when it has ended, and by a thread that looks every 50 ms as running. It is never
held up: what the socket does not take waits for the next event.

A batch (_batch.py), which is many calls in one, need not write: the times of its tasks go back with
their results. Only what takes longer than the thread waits is told here, and then all of it, as
what goes two ways may arrive in any order. That thread also says what memory the process takes.
"""
import collections
import os
import select
import selectors
import shutil
import socket
import tempfile
import threading
import weakref
from multiprocessing import util
from threading import get_native_id
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Tuple

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
# A socket's path has 103 bytes at most on some systems.
MAX_FOLDER = 95
COUNT = b'{"e":"count"'

# A batch that began since is left alone: most are over before anybody could see them.
YOUNG_NS = 25_000_000


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
        """Takes what has been said so far, and ends."""
        if self.path:
            self._waker.send(b'.')
            self._drained.wait(DRAIN_S)
            shutil.rmtree(self._folder, ignore_errors=True)

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
        closing = False
        wake = select.poll()  # not select(), which takes no more than 1,024 files
        wake.register(self._wake, select.POLLIN)
        while not closing:
            for key, _ in self._selector.select():
                if key.fileobj is not self._wake:
                    self._serve(key.fileobj)
            closing = bool(wake.poll(INTERVAL_S * 1000))
        while any([self._serve(key.fileobj) for key, _ in self._selector.select(0)]):
            pass
        self._drained.set()
        self._close_all()

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
        if data:
            whole, end, rest = (self._rests[ready] + data).rpartition(b'\n')
            self._rests[ready] = rest
            if end:
                self._run.say(self._taken(whole + end))
            return True
        self._selector.unregister(ready)
        del self._rests[ready]
        ready.close()
        return True

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

class Chunk:
    """Tasks that one thread runs one after the other, and when each began and ended. Lists are only
    appended to, by that thread: what runs is what has begun and not ended. Sizes, where they are
    looked at, come last: what has one has ended."""

    __slots__ = ('thread', 'tasks', 'starts', 'ends', 'sizes', 'n_told', 'n_begun', 'is_told',
                 'outer')

    def __init__(self, thread: int, tasks: Sequence[Any], sizes: bool, is_told: bool,
                 outer: Optional['Chunk']) -> None:
        self.thread = thread
        self.tasks = tasks  # tuples, whose first is the key
        self.starts: List[int] = []
        self.ends: List[int] = []
        self.sizes: Optional[List[Optional[int]]] = [] if sizes else None
        self.n_told = 0  # of those that ended
        self.n_begun = 0  # of those that began: what is told as running
        self.is_told = is_told
        self.outer = outer


class Port:
    """The way to one run."""

    def __init__(self, path: str) -> None:
        self.pid = os.getpid()
        self.worker = process_name()
        self.quoted = quote(self.worker)
        self.running: Dict[int, Slot] = {}
        self._chunks: Dict[int, Chunk] = {}
        self._usage = Usage(self.worker)
        self._pending = b''
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._is_forgotten = False
        self.is_used = True
        self._socket: Optional[socket.socket] = None
        try:
            self._connect(path)
            self._say(line({'e': 'worker', 'w': self.worker, 'pid': self.pid}))
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
        """Tells what runs for longer than the interval, and what the process takes."""
        while self._socket is not None and not self._closing.wait(INTERVAL_S):
            with self._lock:
                self._look()
                if self._pending:
                    self._push()
            if self._is_forgotten and not self.running and not self._chunks:
                self.close()

    def _look(self) -> None:
        for chunk in list(self._chunks.values()):
            if chunk.starts and now() - chunk.starts[0] >= YOUNG_NS:
                self._look_at(chunk)
        for slot in list(self.running.values()):
            if not slot[5]:
                slot[5] = True
                self._add(self._start_line(*slot[:3]))
        self._add(self._usage.lines())

    def _look_at(self, chunk: Chunk) -> None:
        """What had begun is counted first: so it has not ended when it is not among what has."""
        n_started = len(chunk.starts)
        self._tell(chunk)
        if n_started > max(chunk.n_told, chunk.n_begun):
            self._begin(chunk, n_started - 1)

    def _begin(self, chunk: Chunk, i: int) -> None:
        chunk.n_begun = i + 1
        self._add(self._start_line(chunk.tasks[i][0], chunk.thread, chunk.starts[i]))

    def _tell(self, chunk: Chunk) -> None:
        """What has ended of it; from now on all of it is told here."""
        chunk.is_told = True
        n_ended = len(chunk.ends if chunk.sizes is None else chunk.sizes)
        for i in range(chunk.n_told, n_ended):
            self._add(self._task_line(chunk.thread, chunk.tasks[i][0], chunk.starts[i],
                                      chunk.ends[i], chunk.sizes[i] if chunk.sizes else None))
        chunk.n_told = n_ended

    # ---- what is sent ----------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        with self._lock:
            self._add(text)
            self._push()

    def _add(self, text: str) -> None:
        if self._socket is not None and len(self._pending) < MAX_PENDING:
            self._pending += text.encode()

    def _push(self) -> None:
        try:
            while self._pending and self._socket is not None:
                self._pending = self._pending[self._socket.send(self._pending):]
        except BlockingIOError:
            pass
        except OSError:
            self._socket.close()
            self._socket = None

    def close(self) -> None:
        self._closing.set()
        with self._lock:
            if self._socket is not None:
                self._socket.settimeout(DRAIN_S)
                self._push()
            if self._socket is not None:
                self._socket.close()
                self._socket = None

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

    def open_chunk(self, thread: int, tasks: Sequence[Any], sizes: bool, is_told: bool) -> Chunk:
        """is_told: whether all of it is to be told here."""
        chunks = self._chunks
        chunk = chunks[thread] = Chunk(thread, tasks, sizes, is_told, chunks.get(thread))
        return chunk

    def fail_in_chunk(self, chunk: Chunk, i: int, error: BaseException) -> None:
        """The chunk's task i failed: maybe before it came to run, or behind its end, as its result
        cannot be packed."""
        text = line(failure_event(key_text(chunk.tasks[i][0]), error, now()))
        with self._lock:
            if chunk.n_told <= i:
                del chunk.ends[i:]
                self._tell(chunk)
                if len(chunk.starts) == i:
                    chunk.starts.append(0)
                elif chunk.n_begun <= i:
                    self._begin(chunk, i)
                chunk.ends.append(0)
                chunk.n_told = i + 1
            self._add(text)
            if chunk.sizes is not None:
                chunk.sizes[i:] = [None]
            self._push()

    def close_chunk(self, chunk: Chunk) -> bool:
        """Whether all was told here. Else whoever gets the results is to tell it."""
        with self._lock:
            if chunk.outer is None:
                del self._chunks[chunk.thread]
            else:
                self._chunks[chunk.thread] = chunk.outer
            if chunk.is_told:
                self._tell(chunk)
                self._push()
            return chunk.is_told


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
