"""_run.py: a run that this program reports.

SPDX-License-Identifier: BSD-3-Clause

Whoever computes only appends to a queue, and says what its thread runs by a slot of a table. A
thread of the run's own, the sender, wakes every 50 ms and makes lines of both. So:

- a task costs two clock reads and one append, and never a call into the system;
- what runs longer than 50 ms is told as running, what is shorter only once it has ended;
- nothing here can block the computation or make it fail. If the server vanishes or is too slow,
  it is said once, and the rest is left out.

The adapters know this interface only: worker, add, start, end, task, fail, release, finish …
"""
import atexit
import collections
import os
import socket
import sys
import threading
import time
import traceback
import weakref
from threading import get_native_id
from types import TracebackType
from typing import (Any, Callable, Deque, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set,
                    Tuple, Union)

from . import _wire
from ._sink import FileSink, ServerSink
from ._wire import MAX_KEY, key_text, line, quote, say_once, shorten

INTERVAL_S = 0.05
# Above this the server is slower than the computation: further events are counted and left out.
MAX_WAITING = 1 << 20
# How much is gathered before it is written.
CHUNK = 1 << 18
# How long a block that ends waits for what was said to be taken.
FINISH_S = 2.0

_FOLDER = os.path.dirname(os.path.abspath(__file__))

now = time.monotonic_ns

Key = object


class _Failed(NamedTuple):
    key: Key
    thread: int
    start: int
    fail: str


# lines, or what becomes lines; a plain tuple is (key, thread, start, end, bytes or None)
Event = Union[str, bytes, tuple, Iterator[str]]

_runs: 'weakref.WeakSet[Run]' = weakref.WeakSet()


def program_name() -> str:
    """What people call this program."""
    name = os.path.basename(sys.argv[0]) if sys.argv and sys.argv[0] else ''
    return name if name not in ('', '-c', '-m') else 'python'


def process_name(pid: Optional[int] = None) -> str:
    return f'process {os.getpid() if pid is None else pid}'


def _is_ours(trace: TracebackType) -> bool:
    return os.path.dirname(trace.tb_frame.f_code.co_filename) == _FOLDER


def failure_event(key: str, error: BaseException, t: int) -> Dict[str, Any]:
    """`fail` of an exception; frames of ours at the head of its traceback are left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and _is_ours(trace):
        trace = trace.tb_next
    try:
        message = str(error)
        lines = traceback.format_exception(type(error), error, trace)
    except Exception as other:  # of an exception that cannot say what it is
        message, lines = f'(its text could not be made: {type(other).__name__})', []
    return {'e': 'fail', 'k': key, 't': t, 'kind': type(error).__name__,
            'message': shorten(message), 'traceback': shorten(''.join(lines)) or None}


def add_lines(key: str, inputs: Iterable[str], group: Optional[str] = None) -> Iterator[str]:
    """`add` of a task; of one that reads very many in several lines."""
    head = '{"e":"add","k":' + quote(key)
    if group is not None:
        head += ',"group":' + quote(group)
    part: List[str] = []
    size = 0
    for text in inputs:
        quoted = quote(text)
        part.append(quoted)
        size += len(quoted)
        if size > _wire.LONG:
            yield f'{head},"inputs":[{",".join(part)}]}}\n'
            part, size = [], 0
    yield f'{head},"inputs":[{",".join(part)}]}}\n' if part else head + '}\n'


class Run:
    """A run as it is reported: to the server, or with `file` into a run file.

    Where nobody listens `live` is false from the start, and all else does nothing.

    name: what people see. source: who runs it (“dask”). clock: “monotonic”, times are
    time.monotonic_ns(); or “wall”, they are seconds since 1970.
    """

    def __init__(self, name: Optional[str] = None, *, source: str = 'python',
                 file: Union[str, 'os.PathLike[str]', None] = None,
                 clock: str = 'monotonic') -> None:
        self.name = name or program_name()
        self.live = False
        self.worker_name = process_name()
        self.events: Deque[Event] = collections.deque()
        self.running: Dict[int, Tuple[Key, int]] = {}
        self.n_dropped = 0
        self.can: Tuple[str, ...] = ()
        self.greeted = threading.Event()
        self.relay_path: Optional[str] = None
        self._told: Set[Tuple[int, int]] = set()
        self._places: Dict[int, str] = {}
        self._wake = threading.Event()
        self._closing = False
        self._finish_lock = threading.Lock()
        self._at_finish: List[Callable[[], None]] = []
        self._thread: Optional[threading.Thread] = None
        self._sink: Union[ServerSink, FileSink, None]
        if file is not None:
            self._sink = FileSink(os.fspath(file))
        else:
            self._sink = ServerSink.open()
        if self._sink is None:
            say_once('no window and no server listens (%s), so nothing is shown; `weftline serve`'
                     ' starts one', _wire.address())
            return
        self.live = True
        self._opening = line(_wire.greeting(program_name())) + line({
            'id': 1, 'do': 'report', 'name': self.name, 'source': source,
            'program': ' '.join(sys.argv)[:1000] or None, 'host': socket.gethostname(),
            'pid': os.getpid(), 'clock': None if clock == 'monotonic' else clock})
        _runs.add(self)
        self._thread = threading.Thread(target=self._send, name='weftline', daemon=True)
        self._thread.start()

    # ---- what is said ----------------------------------------------------------------------------

    def say(self, event: Event) -> None:
        """Any event, as a line or what becomes lines."""
        if not self.live:
            return
        if len(self.events) < MAX_WAITING:
            self.events.append(event)
        else:
            self.n_dropped += 1

    def worker(self, name: str, pid: Optional[int] = None, threads: Optional[int] = None,
               limit: Optional[int] = None) -> None:
        self.say(line({'e': 'worker', 'w': name, 'pid': pid, 'threads': threads, 'limit': limit}))

    def gone(self, worker: str, t: float) -> None:
        self.say(line({'e': 'gone', 'w': worker, 't': t}))

    def add(self, key: Key, inputs: Iterable[Key] = (), group: Optional[str] = None) -> None:
        self.say(''.join(add_lines(key_text(key), map(key_text, inputs), group)))

    def start(self, key: Key, worker: str, t: float, thread: Optional[int] = None) -> None:
        self.say(line({'e': 'start', 'k': key_text(key), 'w': worker, 't': t, 'h': thread}))

    def end(self, key: Key, t: float, size: Optional[int] = None) -> None:
        self.say(line({'e': 'end', 'k': key_text(key), 't': t, 'b': size}))

    def task(self, key: Key, worker: str, start: float, duration: float,
             thread: Optional[int] = None, size: Optional[int] = None) -> None:
        self.say(line({'e': 'task', 'k': key_text(key), 'w': worker, 's': start, 'd': duration,
                       'h': thread, 'b': size}))

    def fail(self, key: Key, t: float, kind: Optional[str] = None, message: Optional[str] = None,
             trace: Optional[str] = None) -> None:
        self.say(line({'e': 'fail', 'k': key_text(key), 't': t, 'kind': kind,
                       'message': None if message is None else shorten(message),
                       'traceback': None if trace is None else shorten(trace)}))

    def point(self, what: str, key: Key, t: float) -> None:
        """what: “ready”, “release”, “cancel”."""
        self.say(line({'e': what, 'k': key_text(key), 't': t}))

    def memory(self, worker: str, t: float, **amounts: Optional[int]) -> None:
        """amounts: bytes: managed, spilled, resident, limit."""
        self.say(line({'e': 'memory', 'w': worker, 't': t, **amounts}))

    # ---- what this process runs ------------------------------------------------------------------

    def ended(self, key: Key, thread: int, start: int, end: int, size: Optional[int]) -> None:
        """A task of this process ended. thread: from get_native_id()."""
        if self.live and len(self.events) < MAX_WAITING:
            self.events.append((key, thread, start, end, size))
        else:
            self.n_dropped += 1

    def failed(self, key: Key, thread: int, start: int, error: BaseException) -> None:
        """A task of this process raised. Its traceback is made now: it may change on its way."""
        end = now()
        self.say(_Failed(key, thread, start, line(failure_event(key_text(key), error, end))))

    # ---- the end ---------------------------------------------------------------------------------

    def at_finish(self, function: Callable[[], None]) -> None:
        """Called before the last events are sent: those of other processes are gathered then."""
        self._at_finish.append(function)

    def finish(self, phase: str = 'done', wait: Optional[float] = FINISH_S) -> None:
        """The run is over. phase: “done”, “failed”, “cancelled”. wait: seconds for what was said
        to be taken; None: as long as it takes."""
        with self._finish_lock:
            if self._closing:
                return
            for function in self._at_finish:
                function()
            if self.n_dropped:
                say_once('%d events came faster than they could be sent, and are left out',
                         self.n_dropped)
            if self.live:
                self.events.append(line({'id': 2, 'do': 'finish', 'phase': phase}))
            self._closing = True
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(wait)

    def __enter__(self) -> 'Run':
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.finish('done' if kind is None else 'failed')

    # ---- the sender ------------------------------------------------------------------------------

    def _send(self) -> None:
        try:
            assert self._sink is not None
            closing = False
            self._write([self._opening])
            while not closing:
                self._wake.wait(INTERVAL_S)
                closing = self._closing
                self._flush()
                if not closing:
                    self._listen(self._sink.answers())
            self.live = False
            self._listen(self._sink.close())
        except Exception as error:
            self._quiet(error)

    def _quiet(self, error: Exception) -> None:
        self.live = False
        self.events.clear()
        say_once('nothing more of this run is shown or recorded; the computation is not touched:'
                 ' %s', error)
        assert self._sink is not None
        try:
            self._sink.close()
        except Exception:  # it is broken, as was said
            pass

    def _listen(self, answers: List[Dict[str, Any]]) -> None:
        for answer in answers:
            error = answer.get('error')
            if isinstance(error, dict):
                say_once('%s', error.get('message', error))
                if error.get('code') in ('malformed', 'version', 'refused'):
                    raise OSError(error.get('message', error))
            elif 'hello' in answer:
                self.can = tuple(answer.get('can', ()))
                self.greeted.set()

    def _flush(self) -> None:
        """What was said since the last time, then what runs now.

        The slots are read before the queue is emptied: what has ended in between is in the queue
        then, and what is not in it runs still. An attempt is known by its thread and start, but as
        starts are nanoseconds, looking at these alone says of most that nobody asks.
        """
        slots = dict(self.running)
        asked = {start for _, start in slots.values()}
        asked.update(start for _, start in self._told)
        ended: Set[Tuple[int, int]] = set()
        out: List[str] = []
        size = 0
        for text in self._drain(asked, ended):
            out.append(text)
            size += len(text)
            if size > CHUNK:
                self._write(out)
                out, size = [], 0
        for thread, (key, start) in slots.items():
            attempt = (thread, start)
            if attempt not in ended and attempt not in self._told:
                out.append(self._begin(key, attempt))
        self._write(out)

    def _write(self, texts: List[str]) -> None:
        assert self._sink is not None
        if texts:
            self._sink.write(''.join(texts).encode())

    def _where(self, thread: int) -> str:
        """The members of an event that say where; the first time, the worker is told."""
        made = f'"w":{quote(self.worker_name)},"h":{thread}'
        if not self._places:
            self._write([line({'e': 'worker', 'w': self.worker_name, 'pid': os.getpid()})])
        self._places[thread] = made
        return made

    def _begin(self, key: Key, attempt: Tuple[int, int]) -> str:
        thread, start = attempt
        self._told.add(attempt)
        where = self._places.get(thread) or self._where(thread)
        return f'{{"e":"start","k":{quote(key_text(key))},{where},"t":{start}}}\n'

    def _drain(self, asked: Set[int], ended: Set[Tuple[int, int]]) -> Iterator[str]:
        """Lines of what waits. asked: starts of attempts that go into `ended` if they have ended
        and are not told as running any more."""
        events = self.events
        places = self._places
        while events:
            event = events.popleft()
            kind = type(event)
            if kind is tuple:
                key, thread, start, end, size = event
                if start in asked:
                    self._told.discard((thread, start))
                    ended.add((thread, start))
                quoted = quote(key if type(key) is str and len(key) <= MAX_KEY else key_text(key))
                where = places.get(thread) or self._where(thread)
                tail = '}\n' if size is None else f',"b":{size}}}\n'
                yield (f'{{"e":"task","k":{quoted},{where},"s":{start},"d":{end - start}{tail}')
            elif kind is str:
                yield event
            elif kind is bytes:
                yield event.decode()
            elif kind is _Failed:
                attempt = (event.thread, event.start)
                if attempt not in self._told:
                    yield self._begin(event.key, attempt)
                self._told.discard(attempt)
                ended.add(attempt)
                yield event.fail
            else:
                yield from event


# ---- the process ---------------------------------------------------------------------------------

def _finish_all() -> None:
    """A program that ends without a word about its runs: what was said gets out still."""
    for run in list(_runs):
        run.finish()


def _forget_all() -> None:
    """In a forked process: connections and threads are the parent's."""
    for run in list(_runs):
        run.live = False
        run._closing = True
        run._thread = None
        if run._sink is not None:
            run._sink.abandon()
    _runs.clear()


atexit.register(_finish_all)
if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_forget_all)
