"""celery.py: what the workers of a Celery broker run, from their events.

SPDX-License-Identifier: BSD-3-Clause

    python3 -m weftline attach celery BROKER_URL

Workers are asked to send their events, as `celery worker -E` does unasked. Times are
those of the workers' own clocks. A task that reads the result of another one, as in a chain, is
known by its parent, which had ended when it was sent.
"""
import socket
import threading
from typing import Any, Callable, Dict, Optional, Set

from ._run import Run, add_lines
from ._wire import line, say_once, shorten

WAIT_S = 0.5


class Translator:
    """Events of Celery → lines of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._keys: Dict[str, str] = {}
        self._started: Set[str] = set()
        self._succeeded: Set[str] = set()
        self._workers: Set[str] = set()
        self._take: Dict[str, Callable[[Dict[str, Any]], None]] = {
            'worker-online': self._worker, 'worker-heartbeat': self._worker,
            'worker-offline': self._gone, 'task-sent': self._task, 'task-received': self._task,
            'task-started': self._start, 'task-succeeded': self._end, 'task-failed': self._fail,
            'task-retried': self._fail, 'task-revoked': self._cancel}

    def take(self, event: Dict[str, Any]) -> None:
        take = self._take.get(event.get('type', ''))
        try:
            if take is not None:
                take(event)
        except Exception as error:
            say_once('an event of Celery cannot be shown: %s %r', event.get('type'), error)

    def _worker(self, event: Dict[str, Any]) -> None:
        if event['hostname'] not in self._workers:
            self._workers.add(event['hostname'])
            self._run.worker(event['hostname'], event.get('pid'))

    def _gone(self, event: Dict[str, Any]) -> None:
        self._workers.discard(event['hostname'])
        self._run.gone(event['hostname'], event['timestamp'])

    def _key(self, event: Dict[str, Any]) -> str:
        """Of a task that was sent before we listened only its number is known."""
        return self._keys.get(event['uuid'], event['uuid'])

    def _task(self, event: Dict[str, Any]) -> None:
        if event['uuid'] in self._keys or event['uuid'] in self._started:
            return
        key = self._keys[event['uuid']] = f'{event["name"]}-{event["uuid"]}'
        parent = event.get('parent_id')
        inputs = [self._keys[parent]] if parent in self._succeeded else []
        self._run.say(''.join(add_lines(key, inputs, event['name'])))

    def _start(self, event: Dict[str, Any]) -> None:
        self._started.add(event['uuid'])
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

    def _fail(self, event: Dict[str, Any]) -> None:
        text = event.get('exception') or ''
        kind, _, rest = text.partition('(')
        again = event['type'] == 'task-retried' and 'spans' in self._run.can
        self._run.say(line({'e': 'fail', 'k': self._key(event), 't': event['timestamp'],
                            'kind': kind if rest and kind.isidentifier() else None,
                            'message': shorten(text),
                            'traceback': shorten(event.get('traceback') or '') or None,
                            'again': True if again else None}))

    def _cancel(self, event: Dict[str, Any]) -> None:
        self._run.point('cancel', self._key(event), event['timestamp'])


class watch_celery:
    """Shows what the workers of a broker run, until close(), or the end of a `with` block.

    broker: its URL, or a Celery application. file, name: as of weftline.watch().
    """

    def __init__(self, broker: Any, *, file: Any = None, name: Optional[str] = None) -> None:
        from celery import Celery
        self._app = Celery(broker=broker) if isinstance(broker, str) else broker
        self._waits = file is not None
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
        translator = Translator(self.run)
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
        self.run.finish(phase, **({'wait': None} if self._waits else {}))

    def __enter__(self) -> 'watch_celery':
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close('done' if kind is None else 'failed')
