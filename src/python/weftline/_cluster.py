"""_cluster.py: watch_cluster(): what a Dask cluster computes.

SPDX-License-Identifier: BSD-3-Clause

A plugin in the scheduler (_plugin.py) gathers what happens; it comes over the client's own
connection, so nothing else need be reachable, and becomes lines here.
"""
import inspect
import threading
import uuid
from typing import Any, Callable, Dict, Iterable, List, Optional

from ._run import Run, add_lines
from ._wire import key_text, line, say_once, shorten

CLOSE_S = 5.0
SPANS = {'transfer': 'transfer', 'deserialize': 'deserialize', 'disk-read': 'spill-read',
         'disk-write': 'spill-write'}
UNITS = {'cpu': 'cores', 'network-read': 'B/s', 'network-written': 'B/s', 'disk-read': 'B/s',
         'disk-written': 'B/s', 'fds': '', 'processing': 'tasks', 'occupancy': 's'}


class Translator:
    """Events of the plugin → lines of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._take: Dict[str, Callable[..., Iterable[str]]] = {
            'add': self._add, 'ran': self._ran, 'failed': self._failed, 'running': self._running,
            'release': self._release, 'cancel': self._cancel, 'worker': self._worker,
            'gone': self._gone, 'memory': self._memory, 'count': self._count}

    def take(self, events: Iterable[Any]) -> None:
        lines: List[str] = []
        for kind, *values in events:
            try:
                lines += self._take[kind](*values)
            except Exception as error:
                say_once('an event of Dask cannot be shown: %s %r', kind, error)
        if lines:
            self._run.say(''.join(lines))

    def _spans(self) -> bool:
        """Whether the server takes more than what happens to tasks."""
        return 'spans' in self._run.can

    def _add(self, key: Any, inputs: List[Any], group: Optional[str]) -> Iterable[str]:
        return add_lines(key_text(key), map(key_text, inputs), group)

    def _running(self, key: Any, worker: str, t: float) -> Iterable[str]:
        return [line({'e': 'start', 'k': key_text(key), 'w': worker, 't': t})]

    def _ran(self, key: Any, worker: str, thread: Optional[int], size: Optional[int],
             startstops: List[Dict[str, Any]]) -> List[str]:
        text = key_text(key)
        lines = self._others(text, worker, startstops)
        for each in startstops:
            if each['action'] == 'compute':
                lines.append(line({'e': 'task', 'k': text, 'w': worker, 'h': thread,
                                   's': each['start'], 'd': max(each['stop'] - each['start'], 0.),
                                   'b': size}))
        return lines

    def _others(self, key: str, worker: str, startstops: List[Dict[str, Any]]) -> List[str]:
        if not self._spans():
            return []
        return [line({'e': 'span', 'k': key, 'w': worker, 'what': SPANS[each['action']],
                      's': each['start'], 'd': max(each['stop'] - each['start'], 0.),
                      'peer': each.get('source'), 'b': each.get('nbytes')})
                for each in startstops if each['action'] in SPANS]

    def _failed(self, key: Any, worker: Optional[str], startstops: Optional[List[Dict[str, Any]]],
                message: Optional[str], trace: Optional[str], t: float) -> List[str]:
        text = key_text(key)
        ran = [each for each in startstops or () if each['action'] == 'compute']
        lines = self._others(text, worker, startstops or []) if worker else []
        if worker and ran:
            lines.append(line({'e': 'start', 'k': text, 'w': worker, 't': ran[-1]['start']}))
            t = ran[-1]['stop']
        if message is None:
            message = 'a task whose result it needs failed'
        kind, _, rest = message.partition('(')  # as repr() has it
        lines.append(line({'e': 'fail', 'k': text, 't': t,
                           'kind': kind if rest and kind.isidentifier() else None,
                           'message': shorten(message), 'traceback': trace and shorten(trace)}))
        return lines

    def _release(self, key: Any, t: float) -> Iterable[str]:
        return [line({'e': 'release', 'k': key_text(key), 't': t})]

    def _cancel(self, key: Any, t: float) -> Iterable[str]:
        return [line({'e': 'cancel', 'k': key_text(key), 't': t})]

    def _worker(self, worker: str, pid: int, threads: int, limit: int) -> Iterable[str]:
        return [line({'e': 'worker', 'w': worker, 'pid': pid or None, 'threads': threads,
                      'limit': limit or None})]

    def _gone(self, worker: str, t: float) -> Iterable[str]:
        return [line({'e': 'gone', 'w': worker, 't': t})]

    def _memory(self, worker: str, t: float, managed: int, spilled: int, resident: int,
                limit: int) -> Iterable[str]:
        return [line({'e': 'memory', 'w': worker, 't': t, 'managed': managed, 'spilled': spilled,
                      'resident': resident, 'limit': limit or None})]

    def _count(self, worker: str, t: float, values: Dict[str, Any]) -> Iterable[str]:
        if not self._spans():
            return []
        return [line({'e': 'count', 'name': name, 'w': worker, 't': t, 'v': value,
                      'unit': UNITS[name]})
                for name, value in values.items() if value is not None]


def plugin_namespace() -> Dict[str, Any]:
    """The plugin, so that it is sent by value: as if the main program had defined it."""
    from . import _plugin
    names: Dict[str, Any] = {'__name__': '__main__'}
    exec(compile(inspect.getsource(_plugin), 'weftline-plugin', 'exec'), names)
    return names


class watch_cluster:
    """Shows what a Dask cluster computes, until close(), or the end of a `with` block.

        weftline.watch_cluster(client)
        weftline.watch_cluster('tcp://scheduler:8786')

    file, name: as of weftline.watch(). The scheduler needs nothing installed. It costs it some
    microseconds an event, and nothing when nobody listens here.
    """

    def __init__(self, client: Any, *, file: Any = None, name: Optional[str] = None) -> None:
        self._own_client = None
        if isinstance(client, str):
            from distributed import Client
            client = self._own_client = Client(client, set_as_default=False)
        self._client = client
        self._waits = file is not None
        self._last = threading.Event()
        self._name = f'weftline-{uuid.uuid4().hex[:12]}'
        self.run = Run(name or f'Dask at {client.scheduler.address}', source='dask', file=file,
                       clock='wall')
        if not self.run.live:
            return
        self.run.greeted.wait(1.0)
        self._translator = Translator(self.run)
        client.subscribe_topic(self._name, self._hear)
        names = plugin_namespace()
        self._stop = names['stop_plugin']
        plugin = names['WeftlinePlugin'](self._name, topic=self._name)
        client.register_scheduler_plugin(plugin, name=self._name)

    def _hear(self, event: Any) -> None:
        """In the client's thread."""
        said = event[1]
        self._translator.take(said['events'])
        if said['last']:
            self._last.set()

    def close(self, phase: str = 'done') -> None:
        if self.run.live and self._client.status == 'running':
            try:
                self._client.run_on_scheduler(self._stop, self._name)
                self._last.wait(CLOSE_S)
                self._client.unsubscribe_topic(self._name)
            except Exception as error:
                say_once('the plugin in the scheduler could not be taken away: %r', error)
        self.run.finish(phase, **({'wait': None} if self._waits else {}))
        if self._own_client is not None:
            self._own_client.close()

    def __enter__(self) -> 'watch_cluster':
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close('done' if kind is None else 'failed')
