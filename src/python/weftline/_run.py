"""_run.py: a run that this program reports.

SPDX-License-Identifier: BSD-3-Clause

Whoever computes only appends to a queue, and says what its thread runs by a slot of a table. A
thread of the run's own, the sender, wakes every 50 ms and sends what came. Tasks that follow one
another in a thread have a lane (_lane.py), and what is of many is packed at once (_columns.py): the
sender and who computes share one interpreter, and each microsecond of the one is the other's too.
So:

- a task costs two clock reads and a few appends, and never a call into the system;
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
from types import TracebackType
from typing import (TYPE_CHECKING, Any, Callable, Deque, Dict, Iterable, Iterator, List,
                    NamedTuple, Optional, Tuple, Union)

from . import _columns, _wire
from ._columns import Columns, Ended, Key
from ._lane import AT_ONCE, Lane, Lanes
from ._sink import FileSink, ServerSink
from ._usage import Usage
from ._wire import key_text, line, message, name_text, quote, quote_key, say_once, shorten

if TYPE_CHECKING:
    from ._relay import Relay

INTERVAL_S = 0.05
# Above this the server is slower than the computation: further events are counted and left out.
MAX_WAITING = 1 << 20
MAX_WAITING_BYTES = 1 << 28
# How much is gathered before it is written.
CHUNK = 1 << 18
# How long a block that ends waits for what was said to be taken.
FINISH_S = 2.0
USUAL_S = -1.0  # that, or until a run file is there, whole
# Senders that wait for that at once: each has a thread and an open file. With sixteen threads that
# compute, one run after the other, a busy machine has fifty of them.
MOST_CLOSING = 64
PATIENCE_S = 0.1

_FOLDER = os.path.dirname(os.path.abspath(__file__))
# By which of its files Dask calls a task.
_SCHEDULERS = ('/dask/local.py', '/dask/core.py', '/dask/_task_spec.py')

now = time.monotonic_ns


class _Failed(NamedTuple):
    slot: 'Slot'
    fail: str
    lane: Optional[Lane] = None


# What a thread runs, and what is left of it: [key, thread, start, end, bytes or None, whether it
# was told as running].
Slot = List[Any]
# lines, messages, or what becomes lines or messages
Event = Union[str, bytes, List[bytes], _Failed, Iterator[bytes]]

# By id(). What other threads add meanwhile does not disturb who asks for all of it.
_runs: 'weakref.WeakValueDictionary[int, Run]' = weakref.WeakValueDictionary()


def program_name() -> str:
    """What people call this program."""
    name = os.path.basename(sys.argv[0]) if sys.argv and sys.argv[0] else ''
    return name if name not in ('', '-c', '-m') else 'python'


def process_name(pid: Optional[int] = None) -> str:
    return f'process {os.getpid() if pid is None else pid}'


def phase_after(error: Optional[BaseException]) -> str:
    """Of a run that ended with this. What is no Exception (Ctrl-C, the end of the program or of a
    coroutine) comes from outside and is no failure; Dask makes one of a Ctrl-C elsewhere."""
    if error is None:
        return 'done'
    is_failure = isinstance(error, Exception) and not isinstance(error, KeyboardInterrupt)
    return 'failed' if is_failure else 'cancelled'


def _is_of_caller(trace: TracebackType) -> bool:
    path = trace.tb_frame.f_code.co_filename
    return os.path.dirname(path) == _FOLDER or path.endswith(_SCHEDULERS)


def failure_event(key: str, error: BaseException, t: int) -> Dict[str, Any]:
    """`fail` of an exception; at the head of its traceback, frames of ours and of the scheduler
    are left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and _is_of_caller(trace):
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
        head += ',"group":' + quote(name_text(group))
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


def _bytes_of(event: Event) -> int:
    """What one that is no text takes while it waits. A graph's tasks are there anyway."""
    kind = type(event)
    if kind is bytes:
        return len(event)  # type: ignore[arg-type]
    if kind is _Failed:
        return len(event.fail)  # type: ignore[union-attr]
    return sum(map(len, event)) if kind is list else 0  # type: ignore[arg-type]


def _request(said: Dict[str, Any]) -> bytes:
    return message(_wire.JSON, line(said).encode(), channel=0)


class _Senders:
    """Those of runs that are over, until the server has taken what they said."""

    def __init__(self) -> None:
        self._closing: List[threading.Thread] = []
        self._waits = True

    def add(self, sender: threading.Thread) -> None:
        self._closing.append(sender)

    def has_room(self) -> bool:
        """Waits a moment for that, but not again before there was some."""
        if not self._are_few() and self._waits:
            self._closing[0].join(PATIENCE_S)
        self._waits = self._are_few()
        return self._waits

    def _are_few(self) -> bool:
        if len(self._closing) >= MOST_CLOSING:
            self._closing = [each for each in self._closing if each.is_alive()]
        return len(self._closing) < MOST_CLOSING


_senders = _Senders()


def _open_sink() -> Optional[ServerSink]:
    """None, and why is said, where a run cannot be shown."""
    if not _senders.has_room():
        say_once('the server does not take what is said of runs; until it does, new ones are not'
                 ' shown')
        return None
    sink = ServerSink.open()
    if sink is None:
        say_once('no window and no server listens (%s), so nothing is shown; `weftline serve`'
                 ' starts one', _wire.address())
    return sink


class _Out:
    """What is to be written, in its order: lines that come one after the other are one message."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.messages: List[bytes] = []
        self._write = write
        self._lines: List[bytes] = []
        self._n_bytes = 0

    def line(self, text: Union[str, bytes]) -> None:
        """One, more, or none."""
        data = text if type(text) is bytes else text.encode()  # type: ignore[union-attr]
        if len(data) > CHUNK:
            data = self._cut(data)
        if data:
            self._lines.append(data)
        self._n_bytes += len(data)
        if self._n_bytes > CHUNK:
            self.flush()

    def _cut(self, data: bytes) -> bytes:
        """Lines of more than one message: the last of them, as the others are written. What is
        above the server's limit would end the connection."""
        at = 0
        while len(data) - at > CHUNK:
            end = (data.rfind(b'\n', at, at + CHUNK) + 1 or data.find(b'\n', at + CHUNK) + 1
                   or len(data))
            if end - at <= _wire.MAX_LINE:
                self._lines.append(data[at:end])
            else:
                say_once('an event of more than a megabyte is left out')
            self.flush()
            at = end
        return data[at:]

    def packed(self, some: Iterable[bytes]) -> None:
        """Messages."""
        self._end_lines()
        for each in some:
            if len(each) > _wire.MAX_MESSAGE:
                say_once('a message of more than 16 megabytes is left out')
                continue
            self.messages.append(each)
            self._n_bytes += len(each)
            if self._n_bytes > CHUNK:
                self.flush()

    def _end_lines(self) -> None:
        if self._lines:
            self.messages.append(message(_wire.LINES, b''.join(self._lines)))
            self._lines = []

    def flush(self) -> None:
        self._end_lines()
        if self.messages:
            self._write(b''.join(self.messages))
        self.messages = []
        self._n_bytes = 0


class Run:
    """A run as it is reported: to the server, or with `file` into a run file.

    Where nobody listens `live` is false from the start, and all else does nothing.

    name: what people see. source: who runs it (“dask”). clock: “monotonic”, times are
    time.monotonic_ns(); or “wall”, they are seconds since 1970. keeps: results are there until it
    is told that they are released; else until the last that reads them has ended.
    """

    def __init__(self, name: Optional[str] = None, *, source: str = 'python',
                 file: Union[str, 'os.PathLike[str]', None] = None,
                 clock: str = 'monotonic', keeps: bool = False) -> None:
        self.name = name or program_name()
        self.live = False
        self._is_wall = clock == 'wall'
        self.worker_name = process_name()
        self._pid = os.getpid()
        self.events: Deque[Event] = collections.deque()
        self.ends: Deque[Slot] = collections.deque()
        self.running: Dict[int, Slot] = {}
        self.lanes = Lanes()
        self.columns = Columns()
        self.n_dropped = 0
        self.max_waiting = MAX_WAITING
        # Not exact, as several threads count, but anew when nothing waits.
        self._n_waiting_bytes = 0
        self.can: Tuple[str, ...] = ()
        self.greeted = threading.Event()
        self.relay: Optional['Relay'] = None  # where other processes report to
        self._worker_told = b''
        self._usage = Usage(self.worker_name)
        self._wake = threading.Event()
        self._closing = False
        self._phase: Optional[str] = None
        self._finish_lock = threading.RLock()  # a signal's handler may finish it, too
        self._at_finish: List[Callable[[], None]] = []
        self._thread: Optional[threading.Thread] = None
        self._sink: Union[ServerSink, FileSink, None]
        if file is not None:
            self._sink = FileSink(os.fspath(file))
            self.can = ('report', 'spans')
            self.greeted.set()
        else:
            self._sink = _open_sink()
        if self._sink is None:
            return
        self.live = True
        self._opening = _wire.PREAMBLE + _request(_wire.greeting(program_name())) + _request({
            'id': 1, 'do': 'report', 'name': self.name, 'source': source,
            'program': ' '.join(sys.argv)[:1000] or None, 'host': socket.gethostname(),
            'pid': os.getpid(), 'clock': None if clock == 'monotonic' else clock,
            'keeps': keeps or None})
        _runs[id(self)] = self
        self._thread = threading.Thread(target=self._send, name='weftline', daemon=True)
        self._thread.start()

    # ---- what is said ----------------------------------------------------------------------------

    def say(self, event: Event) -> None:
        """Any event, as lines or what becomes lines or messages."""
        if not self.live:
            return
        if len(self.events) < self.max_waiting and self._n_waiting_bytes < MAX_WAITING_BYTES:
            self._n_waiting_bytes += len(event) if type(event) is str else _bytes_of(event)
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

    def annotate(self, text: str, t: Optional[float] = None, *, worker: Optional[str] = None,
                 key: Optional[Key] = None) -> None:
        """A mark at a moment, of the run, a worker or a task; without t: now."""
        if t is None:
            t = time.time() if self._is_wall else now()
        self.say(line({'e': 'annotation', 't': t, 'message': shorten(text), 'w': worker,
                       'k': None if key is None else key_text(key)}))

    # ---- what this process runs ------------------------------------------------------------------

    def ended(self, slot: Slot) -> None:
        """A task of this process ended; its slot is free."""
        if self.live and len(self.ends) < self.max_waiting:
            self.ends.append(slot)
        else:
            self.n_dropped += 1

    def failed(self, slot: Slot, error: BaseException) -> None:
        """A task of this process raised, and its slot is free. Its traceback is made now: it may
        change on its way."""
        self.say(_Failed(slot, line(failure_event(key_text(slot[0]), error, now()))))

    def failed_in(self, lane: Lane, key: Key, start: int, error: BaseException) -> None:
        """A task of a lane raised, which knows it."""
        self.say(_Failed([key, lane.thread, start, 0, None, False],
                         line(failure_event(key_text(key), error, now())), lane))

    # ---- the end ---------------------------------------------------------------------------------

    def gather(self) -> None:
        """What other processes have run so far is among what was said."""
        if self.relay is not None:
            self.relay.gather()

    def at_finish(self, function: Callable[[], None]) -> None:
        """Called before the last events are sent: those of other processes are gathered then."""
        self._at_finish.append(function)

    def finish(self, phase: Optional[str] = 'done', wait: Optional[float] = USUAL_S) -> None:
        """The run is over. phase: “done”, “failed”, “cancelled”; None where it goes on, but is not
        followed any more: it is shown as interrupted. wait: seconds for what was said to be taken;
        None: as long as it takes, which is usual where it is recorded."""
        with self._finish_lock:
            if self._closing:
                return
            try:
                self._end_others()
            finally:
                self._phase = phase if self.live else None
                self._closing = True
                self._wake.set()
                if self._thread is not None and isinstance(self._sink, ServerSink):
                    _senders.add(self._thread)
        if self.n_dropped:
            say_once('%d events came faster than they could be sent, and are left out',
                     self.n_dropped)
        if wait == USUAL_S:
            wait = None if isinstance(self._sink, FileSink) else FINISH_S
        self.join(wait)

    def _end_others(self) -> None:
        """Each once, also when one fails or is interrupted."""
        if self._at_finish:
            function = self._at_finish.pop(0)
            try:
                function()
            except Exception as error:
                say_once('not all of this run is shown or recorded: %r', error)
            finally:
                self._end_others()

    def join(self, wait: Optional[float]) -> None:
        """Waits so many seconds for what was said to be taken."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(wait)

    def __enter__(self) -> 'Run':
        return self

    def __exit__(self, kind: object, error: Optional[BaseException], trace: object) -> None:
        self.finish(phase_after(error))

    # ---- the sender ------------------------------------------------------------------------------

    def _send(self) -> None:
        try:
            assert self._sink is not None
            closing = False
            self._sink.write(self._opening)
            self._out = _Out(self._sink.write)
            while not closing:
                self._wake.wait(INTERVAL_S)
                closing = self._closing
                self._flush()
                if not closing:
                    self._listen(self._sink.answers())
            self.live = False
            if self._phase is not None:
                self._sink.write(_request({'id': 2, 'do': 'finish', 'phase': self._phase}))
            self._listen(self._sink.close())
        except Exception as error:
            self._quiet(error)

    def _quiet(self, error: Exception) -> None:
        self.live = False
        self.events.clear()
        self.ends.clear()
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

        What has ended is counted first: all that was said before it, such as what it reads, is in
        the other queue then. What runs is looked at last: so it is not among what has been sent.
        """
        out = self._out
        n_ended = len(self.ends)
        in_lanes = self.lanes.ended()
        self._drain()
        while n_ended > 0:
            take = self.ends.popleft
            some: List[Ended] = [take() for _ in range(min(n_ended, AT_ONCE))]
            n_ended -= len(some)
            out.packed(_columns.ended(self._worker(), some))
        for lane, n in in_lanes:
            if n > 0:
                out.packed(lane.spans(self._worker(), n))
        for slot in list(self.running.values()):
            if not slot[5]:
                slot[5] = True
                self._start(*slot[:3])
        for lane, key, start in self.lanes.begun():
            self._start(key, lane.thread, start)
        if self._worker_told:
            out.line(self._usage.lines('spans' in self.can))
        out.flush()

    def _worker(self) -> bytes:
        """The name of this process; the first time, it is told."""
        if not self._worker_told:
            self._out.line(line({'e': 'worker', 'w': self.worker_name, 'pid': self._pid}))
            self._worker_told = self.worker_name.encode()
        return self._worker_told

    def _start(self, key: Key, thread: int, start: int) -> None:
        self._out.line(f'{{"e":"start","k":{quote_key(key)}'
                       f',"w":{quote(self._worker().decode())}'
                       f',"h":{thread},"t":{start}}}\n')

    def _fail(self, failed: _Failed) -> None:
        slot, text, lane = failed
        if not slot[5] and (lane is None or lane.told != slot[2]):
            self._start(*slot[:3])
        self._out.line(text)

    def _drain(self) -> None:
        """Sends what waits, but for what has ended."""
        events = self.events
        out = self._out
        n_bytes = 0
        while events:
            event = events.popleft()
            kind = type(event)
            if kind is str or kind is bytes:
                out.line(event)  # type: ignore[arg-type]
                n_bytes += len(event)  # type: ignore[arg-type]
                if n_bytes > CHUNK:
                    self._n_waiting_bytes -= n_bytes
                    n_bytes = 0
            elif kind is _Failed:
                self._fail(event)  # type: ignore[arg-type]
            else:
                out.packed(event)  # type: ignore[arg-type]
        self._n_waiting_bytes = 0


# ---- the process ---------------------------------------------------------------------------------

def _all_runs() -> 'List[Run]':
    return [run for run in [each() for each in _runs.valuerefs()] if run is not None]


def _finish_all() -> None:
    """A program that ends without a word about its runs, or in the middle of their end: what was
    said gets out still."""
    runs = _all_runs()
    for run in runs:
        try:
            run.finish(wait=0)
        except Exception as error:  # what is recorded of the others is whole still
            say_once('the end of a run is not told: %r', error)
    until = time.monotonic() + FINISH_S
    for run in runs:
        run.join(max(until - time.monotonic(), 0))


def _forget_all() -> None:
    """In a forked process: connections and threads are the parent's."""
    for run in _all_runs():
        run.live = False
        run._closing = True
        run._thread = None
        run._finish_lock = threading.RLock()
        try:
            if run._sink is not None:
                run._sink.abandon()
        except Exception:  # the others are to be left still
            pass
    _runs.clear()


def annotate(text: str) -> None:
    """A mark at this moment in all runs that this process shows or records."""
    for run in _all_runs():
        run.annotate(text)


atexit.register(_finish_all)
if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_forget_all)
