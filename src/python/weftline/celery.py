"""celery.py: what the workers of a Celery broker run, from their events.

SPDX-License-Identifier: BSD-3-Clause

    python3 -m weftline attach celery BROKER_URL

Workers are asked to send their events, as `celery worker -E` does unasked. Times are
those of the workers' own clocks. A task that reads the result of another one, as in a chain, is
known by its parent, whose function had returned when it was sent.
"""
import socket
import threading
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from ._run import Run, add_lines, phase_after
from ._wire import key_text, kind_of, line, say_once, shorten

WAIT_S = 0.5
REACH_S = 5.0
# As much of a task's number as tells it from others, most likely.
SHORT = 8
ASK_S = 1.0
# Two processes of a worker tell when it began, and for how long it ran.
ALMOST_S = 0.001
# What it takes to send a task, which is part of that.
SENDING_S = 0.05


class Translator:
    """Events of Celery → lines of a run."""

    def __init__(self, run: Run, app: Any = None) -> None:
        self._run = run
        self._app = app
        self._keys: Dict[str, str] = {}
        self._started: Dict[str, float] = {}
        self._taken: Set[str] = set()
        self._succeeded: Set[str] = set()
        # of tasks that go on: key, when it was sent, arguments
        self._children: Dict[str, List[Tuple[str, float, str]]] = {}
        self._workers: Set[str] = set()
        self._take: Dict[str, Callable[[Dict[str, Any]], None]] = {
            'worker-online': self._nothing, 'worker-heartbeat': self._nothing,
            'worker-offline': self._gone, 'task-sent': self._task, 'task-received': self._task,
            'task-started': self._start, 'task-succeeded': self._end, 'task-failed': self._fail,
            'task-retried': self._fail, 'task-revoked': self._cancel}

    def take(self, event: Dict[str, Any]) -> None:
        what = event.get('type', '')
        take = self._take.get(what)
        try:
            if take is not None:
                if what not in ('task-sent', 'worker-offline'):  # the first is not of a worker
                    self._worker(event)
                take(event)
        except Exception as error:
            say_once('an event of Celery cannot be shown: %s %r', event.get('type'), error)

    def _worker(self, event: Dict[str, Any]) -> None:
        if event['hostname'] not in self._workers:
            self._workers.add(event['hostname'])
            self._run.worker(event['hostname'], event.get('pid'), self._threads(event['hostname']))

    def _threads(self, worker: str) -> Optional[int]:
        """How many tasks it runs at once; asked of itself."""
        if self._app is None:
            return None
        asked = self._app.control.inspect([worker], timeout=ASK_S, limit=1).stats() or {}
        return (asked.get(worker) or {}).get('pool', {}).get('max-concurrency')

    def _nothing(self, event: Dict[str, Any]) -> None:
        """All that it says is that the worker is there."""

    def _gone(self, event: Dict[str, Any]) -> None:
        self._workers.discard(event['hostname'])
        self._run.gone(event['hostname'], event['timestamp'])

    def _key(self, event: Dict[str, Any]) -> str:
        """Of a task that was sent before we listened only its number is known."""
        return self._keys.get(event['uuid'], event['uuid'])

    def _task(self, event: Dict[str, Any]) -> None:
        if event['uuid'] in self._keys or event['uuid'] in self._started:
            return
        key = key_text(f'{event["name"]}-{event["uuid"][:SHORT]}')
        if key in self._taken:
            key = key_text(f'{event["name"]}-{event["uuid"]}')
        self._taken.add(key)
        self._keys[event['uuid']] = key
        parent = event.get('parent_id')
        inputs = [self._keys[parent]] if parent in self._succeeded else []
        if not inputs and parent in self._keys and parent != event['uuid']:
            self._children.setdefault(parent, []).append(
                (key, event['timestamp'], event.get('args') or ''))
        self._run.say(''.join(add_lines(key, inputs, event['name'])))

    def _start(self, event: Dict[str, Any]) -> None:
        self._started[event['uuid']] = event['timestamp']
        self._run.start(self._key(event), event['hostname'], event['timestamp'])

    def _end(self, event: Dict[str, Any]) -> None:
        if event['uuid'] in self._keys:
            self._succeeded.add(event['uuid'])
        took = event.get('runtime')  # of the process that ran it; the start was told by another
        if took is None and event['uuid'] in self._started:
            self._run.end(self._key(event), event['timestamp'])
        else:
            took = took or 0.0
            self._run.task(self._key(event), event['hostname'], event['timestamp'] - took, took)
        self._give(event, took or 0.0)

    def _give(self, event: Dict[str, Any], took: float) -> None:
        """What comes next in a chain or chord is sent when the function has returned, but before
        that is told, and has the result among its arguments. What was sent while it ran has not."""
        ended = self._started.get(event['uuid'], event['timestamp'] - took) + took
        result = event.get('result') or ''
        for child, sent, arguments in self._children.pop(event['uuid'], ()):
            if sent >= ended - (SENDING_S if result and result in arguments else ALMOST_S):
                self._run.say(''.join(add_lines(child, [self._key(event)])))

    def _fail(self, event: Dict[str, Any]) -> None:
        text = event.get('exception') or ''
        again = event['type'] == 'task-retried' and 'spans' in self._run.can
        self._run.say(line({'e': 'fail', 'k': self._key(event), 't': event['timestamp'],
                            'kind': kind_of(text), 'message': shorten(text),
                            'traceback': shorten(event.get('traceback') or '') or None,
                            'again': True if again else None}))

    def _cancel(self, event: Dict[str, Any]) -> None:
        self._run.point('cancel', self._key(event), event['timestamp'])


def unreachable(broker: str) -> str:
    """Why nothing of Celery can be heard there; empty if it can."""
    from celery import Celery
    try:
        with Celery(broker=broker).connection() as connection:
            connection.ensure_connection(max_retries=1, timeout=REACH_S)
        return ''
    except Exception as error:
        return f'{error}' or type(error).__name__


class watch_celery:
    """Shows what the workers of a broker run, until close(), or the end of a `with` block.

    broker: its URL, or a Celery application. file, name: as of weftline.watch().
    """

    def __init__(self, broker: Any, *, file: Any = None, name: Optional[str] = None) -> None:
        from celery import Celery
        self._app = Celery(broker=broker) if isinstance(broker, str) else broker
        self._stopping = threading.Event()
        self.listening = threading.Event()
        self.run = Run(name or f'Celery at {self._app.connection().as_uri()}', source='celery',
                       file=file, clock='wall')
        self._thread: Optional[threading.Thread] = None
        if self.run.live:
            self.run.greeted.wait(1.0)
            self._thread = threading.Thread(target=self._listen, name='weftline-celery',
                                            daemon=True)
            self._thread.start()

    def _listen(self) -> None:
        translator = Translator(self.run, self._app)
        while not self._stopping.is_set():
            try:
                with self._app.connection() as connection:
                    receiver = self._app.events.Receiver(connection,
                                                         handlers={'*': translator.take})
                    with receiver.consumer_context() as (heard, _, _):
                        self._app.control.enable_events()
                        self.listening.set()
                        self._drain(heard)
            except Exception as error:
                say_once('the broker of Celery is not heard, and asked again each second: %s',
                         error)
                self._stopping.wait(1.0)

    def _drain(self, connection: Any) -> None:
        while not self._stopping.is_set():
            try:
                connection.drain_events(timeout=WAIT_S)
            except socket.timeout:
                pass

    def close(self, phase: str = 'done') -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(WAIT_S * 4)
        self.run.finish(phase)

    def __enter__(self) -> 'watch_celery':
        return self

    def __exit__(self, kind: object, error: Optional[BaseException], trace: object) -> None:
        self.close(phase_after(error))
