"""_cluster.py: watch_cluster(): what a Dask cluster computes.

SPDX-License-Identifier: BSD-3-Clause

A plugin in the scheduler (_plugin.py) gathers what happens; it comes over the client's own
connection, so nothing else need be reachable, and becomes lines here.
"""
import inspect
import threading
import uuid
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from ._run import Run, add_lines, phase_after
from ._wire import key_text, kind_of, line, say_once, shorten

CLOSE_S = 5.0
SPANS = {'transfer': 'transfer', 'deserialize': 'deserialize', 'disk-read': 'spill-read',
         'disk-write': 'spill-write'}
STEP_S = 0.02  # by which a worker's clock is set, mostly
MOST_STEP_S = 5.0  # at most
MOST_VALUE = 9.2e18  # that a counter takes
UNITS = {'cpu': 'cores', 'network-read': 'B/s', 'network-written': 'B/s', 'disk-read': 'B/s',
         'disk-written': 'B/s', 'processing': 'tasks', 'ready': 'tasks', 'executing': 'tasks',
         'waiting': 'tasks', 'fetching': 'tasks', 'in-memory': 'tasks', 'queued': 'tasks',
         'unrunnable': 'tasks', 'stolen': 'tasks', 'given': 'tasks', 'occupancy': 's',
         'event-loop': 's', 'bandwidth': 'B/s', 'unmanaged-old': 'B', 'gpu-memory': 'B',
         'gil': 'share', 'gpu': 'share', 'memory': 'B'}  # of others: none


def unit_of(name: str) -> str:
    return UNITS.get(name[len('scheduler-'):] if name.startswith('scheduler-') else name, '')


class Translator:
    """Events of the plugin → lines of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._ends: Dict[Tuple[str, int], float] = {}  # of a thread's last task
        self._loops: Dict[str, int] = {}  # the thread in which coroutines of a worker run
        self._tells: Dict[str, float] = {}  # workers that tell of transfers themselves: since when
        self._take: Dict[str, Callable[..., Iterable[str]]] = {
            'add': self._add, 'ran': self._ran, 'failed': self._failed, 'running': self._running,
            'again': self._again, 'release': self._release, 'cancel': self._cancel,
            'worker': self._worker, 'gone': self._gone, 'memory': self._memory,
            'count': self._count, 'between': self._between, 'type': self._type,
            'said': self._said, 'log': self._log, 'tells': self._hear_of_teller,
            'transfers': self._transfers}

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

    def _times(self, worker: str, thread: Optional[int], start: float,
               stop: float) -> Tuple[float, float]:
        """When it ran: a worker sets its clock by the scheduler's between tasks, and where it was
        set back a thread would seem to run two at once. Only the thread of its event loop really
        does (coroutines). Once it is known which that is, what others run comes after what they
        ran before, and takes as long as it did, until the clock has come after. Before, what
        overlaps by little is taken for that."""
        if thread is None:
            return start, stop
        last = self._ends.get((worker, thread), 0.)
        is_one_by_one = self._loops.get(worker, thread) != thread
        most = MOST_STEP_S if is_one_by_one else STEP_S
        late = last + 1e-6 - start  # a float of so many seconds is good for 0.24 us
        if 0 < late <= most + 1e-6 and (is_one_by_one or last <= stop):
            stop = stop + late if is_one_by_one else stop
            start = last + 1e-6
        self._ends[worker, thread] = float('inf') if late > most + 1e-6 else max(stop, last)
        return start, stop

    def _running(self, key: Any, worker: str, t: float,
                 victim: Optional[str]) -> Iterable[str]:
        return [line({'e': 'start', 'k': key_text(key), 'w': worker, 't': t, 'peer': victim})]

    def _ran(self, key: Any, worker: str, thread: Optional[int], size: Optional[int],
             startstops: List[Dict[str, Any]], victim: Optional[str]) -> List[str]:
        text = key_text(key)
        lines = self._others(text, worker, startstops)
        for each in startstops:
            if each['action'] == 'compute':
                start, stop = self._times(worker, thread, each['start'], each['stop'])
                lines.append(line({'e': 'task', 'k': text, 'w': worker, 'h': thread, 's': start,
                                   'd': max(stop - start, 0.), 'b': size, 'peer': victim}))
        return lines

    def _others(self, key: str, worker: str, startstops: List[Dict[str, Any]]) -> List[str]:
        if not self._spans():
            return []
        told = self._tells.get(worker, float('inf'))
        return [line({'e': 'span', 'k': key, 'w': worker, 'what': SPANS[each['action']],
                      's': each['start'], 'd': max(each['stop'] - each['start'], 0.),
                      'peer': each.get('source'), 'b': each.get('nbytes')})
                for each in startstops if each['action'] in SPANS
                and (each['action'] != 'transfer' or each['stop'] <= told)]

    def _hear_of_teller(self, worker: str, since: float, loop: Optional[int]) -> List[str]:
        self._tells[worker] = since
        if loop is not None:
            self._loops[worker] = loop
        return []

    def _transfers(self, worker: str, transfers: List[Any]) -> List[str]:
        if not self._spans():
            return []
        return [line({'e': 'span', 'k': None if key is None else key_text(key), 'w': worker,
                      'what': 'transfer', 's': start, 'd': max(stop - start, 0.), 'peer': sender,
                      'b': size})
                for start, stop, sender, size, key in transfers]

    def _failed(self, key: Any, worker: Optional[str], thread: Optional[int],
                startstops: Optional[List[Dict[str, Any]]], message: Optional[str],
                trace: Optional[str], t: float, victim: Optional[str]) -> List[str]:
        text = key_text(key)
        ran = [each for each in startstops or () if each['action'] == 'compute']
        lines = self._others(text, worker, startstops or []) if worker else []
        if worker and ran:
            start, t = self._times(worker, thread, ran[-1]['start'], ran[-1]['stop'])
            lines.append(line({'e': 'start', 'k': text, 'w': worker, 'h': thread, 'peer': victim,
                               't': start}))
        if message is None:
            message = 'a task whose result it needs failed'
        lines.append(line({'e': 'fail', 'k': text, 't': t, 'kind': kind_of(message),
                           'message': shorten(message), 'traceback': trace and shorten(trace)}))
        return lines

    def _again(self, key: Any, t: float) -> Iterable[str]:
        return [line({'e': 'fail', 'k': key_text(key), 't': t, 'again': True,
                      'message': 'it failed, and is tried again'})]

    def _release(self, key: Any, t: float) -> Iterable[str]:
        return [line({'e': 'release', 'k': key_text(key), 't': t})]

    def _cancel(self, key: Any, t: float) -> Iterable[str]:
        return [line({'e': 'cancel', 'k': key_text(key), 't': t})]

    def _worker(self, worker: str, pid: int, threads: int, limit: int) -> Iterable[str]:
        return [line({'e': 'worker', 'w': worker, 'pid': pid or None, 'threads': threads,
                      'limit': limit or None})]

    def _gone(self, worker: str, t: float) -> Iterable[str]:
        self._tells.pop(worker, None)
        self._loops.pop(worker, None)
        for place in [place for place in self._ends if place[0] == worker]:
            del self._ends[place]
        return [line({'e': 'gone', 'w': worker, 't': t})]

    def _memory(self, worker: str, t: float, managed: int, spilled: int, resident: int,
                limit: int) -> Iterable[str]:
        return [line({'e': 'memory', 'w': worker, 't': t, 'managed': managed, 'spilled': spilled,
                      'resident': resident, 'limit': limit or None})]

    def _count(self, worker: Optional[str], t: float, values: Dict[str, Any]) -> List[str]:
        if not self._spans():
            return []
        return [line({'e': 'count', 'name': name, 'w': worker, 't': t,
                      'v': min(value, MOST_VALUE), 'unit': unit_of(name)})
                for name, value in values.items() if value is not None and value >= 0]

    def _between(self, receiver: str, sender: str, t: float, value: float) -> List[str]:
        return self._rate(f'bandwidth-from {sender}', receiver, t, value)

    def _type(self, kind: str, t: float, value: float) -> List[str]:
        return self._rate(f'bandwidth-of {kind}', None, t, value)

    def _rate(self, name: str, worker: Optional[str], t: float, value: float) -> List[str]:
        if not self._spans() or not value >= 0:  # nor NaN
            return []
        return [line({'e': 'count', 'name': name, 'w': worker, 't': t,
                      'v': min(value, MOST_VALUE), 'unit': 'B/s'})]

    def _said(self, topic: str, t: float, words: str, level: int,
              worker: Optional[str]) -> List[str]:
        return self._log(worker, t, level,
                         words if topic in ('all', 'scheduler', worker) else f'{topic}: {words}')

    def _log(self, worker: Optional[str], t: float, level: int, text: str) -> List[str]:
        if not self._spans():
            return []
        return [line({'e': 'log', 'w': worker, 't': t, 'level': level, 'message': shorten(text)})]


def plugin_namespace() -> Dict[str, Any]:
    """The plugin, so that it is sent by value: as if the main program had defined it."""
    from . import _plugin
    names: Dict[str, Any] = {'__name__': '__main__'}
    exec(compile(inspect.getsource(_plugin), 'weftline-plugin', 'exec'), names)
    return names


def worker_plugin(names: Dict[str, Any], name: str) -> bytes:
    """What is sent on to the workers."""
    from distributed.protocol.pickle import dumps
    pickled: bytes = dumps(names['WeftlineWorker'](f'{name}-worker'))
    return pickled


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
        self._last = threading.Event()
        self._name = f'weftline-{uuid.uuid4().hex[:12]}'
        self.run = Run(name or f'Dask at {client.scheduler.address}', source='dask', file=file,
                       clock='wall', keeps=True)
        if not self.run.live:
            return
        self.run.greeted.wait(1.0)
        self._translator = Translator(self.run)
        client.subscribe_topic(self._name, self._hear)
        names = plugin_namespace()
        self._stop = names['stop_plugin']
        plugin = names['WeftlinePlugin'](self._name, topic=self._name, client=client.id,
                                         worker_plugin=worker_plugin(names, self._name))
        register = getattr(client, 'register_scheduler_plugin', None) or client.register_plugin
        register(plugin, name=self._name)

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
        self.run.finish(phase)
        if self._own_client is not None:
            self._own_client.close()

    def __enter__(self) -> 'watch_cluster':
        return self

    def __exit__(self, kind: object, error: Optional[BaseException], trace: object) -> None:
        self.close(phase_after(error))
