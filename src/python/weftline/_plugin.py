"""_plugin.py: what a Dask scheduler says of its cluster.

SPDX-License-Identifier: BSD-3-Clause

This file is sent to the scheduler as it stands, and runs there: so it may use nothing of this
package, which need not be installed on that machine. It runs between the scheduler's own work, so
an event is one append to a list; what has gathered is handed on ten times a second, and becomes
lines where it arrives (_cluster.py).

Events: ('add', key, inputs, group), ('ran', key, worker, thread, bytes, startstops),
('failed', key, worker, startstops, text, traceback, time), ('running', key, worker, time),
('release' | 'cancel', key, time), ('worker', worker, pid, threads, limit), ('gone', worker, time),
('memory', worker, time, managed, spilled, resident, limit), ('count', worker, time, {name: value}).
Times are seconds since 1970, by the scheduler's clock; workers have set theirs by it.
"""
import time

from distributed.diagnostics.plugin import SchedulerPlugin
from tornado.ioloop import PeriodicCallback

FLUSH_MS = 100
SAMPLE_S = 0.5


def _memory(state):
    """(managed in memory, spilled, of the process); their names have changed with time."""
    managed = getattr(state, 'managed_in_memory', None)
    spilled = getattr(state, 'managed_spilled', None)
    return (state.managed if managed is None else managed,
            state.spilled if spilled is None else spilled, state.process)


class WeftlinePlugin(SchedulerPlugin):
    """Gathers events; deliver(events, is_last) hands them on."""

    name = 'weftline'

    def __init__(self, name='weftline', topic=None, deliver=None):
        self.name = name
        self.topic = topic
        self.deliver = deliver
        self.events = []
        self.known = set()
        self.told = {}
        self.sampled = 0.0
        self.scheduler = None
        self.callback = None

    # ---- life ------------------------------------------------------------------------------------

    async def start(self, scheduler):
        """What is there already is told first."""
        self.scheduler = scheduler
        for worker in list(scheduler.workers):
            self.add_worker(scheduler, worker)
        for key, task in list(scheduler.tasks.items()):
            if task.state in ('waiting', 'processing', 'no-worker', 'queued'):
                self._add(key, task)
        self.callback = PeriodicCallback(self.flush, FLUSH_MS)
        self.callback.start()

    def stop(self):
        """The last that is said."""
        if self.callback is not None:
            self.callback.stop()
            self.callback = None
            self._deliver(True)

    async def close(self):
        self.stop()

    def flush(self):
        now = time.time()
        if now - self.sampled >= SAMPLE_S:
            self.sampled = now
            self._sample(now)
        if self.events:
            self._deliver(False)

    def _deliver(self, is_last):
        events, self.events = self.events, []
        if self.deliver is not None:
            self.deliver(events, is_last)
            return
        self.scheduler.log_event(self.topic, {'events': events, 'last': is_last})
        try:  # the scheduler keeps what is logged, for those who ask later: nobody will
            self.scheduler.events[self.topic].clear()
        except (AttributeError, KeyError, TypeError):
            pass

    def _sample(self, now):
        for address, worker in self.scheduler.workers.items():
            try:
                managed, spilled, resident = _memory(worker.memory)
                limit = worker.memory_limit
                self.events.append(('memory', address, now, managed, spilled, resident, limit))
                metrics = worker.metrics
                self.events.append(('count', address, now, {
                    'cpu': metrics.get('cpu', 0) / 100,
                    'network-read': metrics.get('read_bytes', metrics.get('host_net_io.read_bps')),
                    'network-written': metrics.get('write_bytes',
                                                   metrics.get('host_net_io.write_bps')),
                    'disk-read': metrics.get('read_bytes_disk',
                                             metrics.get('host_disk_io.read_bps')),
                    'disk-written': metrics.get('write_bytes_disk',
                                                metrics.get('host_disk_io.write_bps')),
                    'fds': metrics.get('num_fds'),
                    'processing': len(worker.processing),
                    'occupancy': getattr(worker, 'occupancy', None)}))
                for task, seconds in worker.executing.items():
                    if task.state != 'processing' or task.processing_on is not worker:
                        continue  # as it was when the worker was last heard of: it has ended since
                    start = self.told.get(task.key)
                    if start is None and task.key in self.known:
                        began = worker.last_seen - seconds  # as it was when it was last heard of
                        self.told[task.key] = began
                        self.events.append(('running', task.key, address, began))
            except Exception:  # another version's worker: what it lacks is not told
                continue

    # ---- what the scheduler calls ----------------------------------------------------------------

    def add_worker(self, scheduler, worker):
        state = scheduler.workers[worker]
        self.events.append(('worker', worker, getattr(state, 'pid', 0), state.nthreads,
                            state.memory_limit))

    def remove_worker(self, scheduler, worker, **more):
        self.events.append(('gone', worker, time.time()))

    def _add(self, key, task):
        self.known.add(key)
        self.events.append(('add', key, [each.key for each in task.dependencies],
                            task.prefix.name if type(key) is not str else None))

    def transition(self, key, start, finish, *args, **kwargs):
        if start == 'released' and key not in self.known and finish != 'forgotten':
            self._add(key, self.scheduler.tasks[key])
        if finish == 'memory':
            startstops = kwargs.get('startstops')
            if start == 'processing' and startstops:
                self.told.pop(key, None)
                self.events.append(('ran', key, kwargs.get('worker'), kwargs.get('thread'),
                                    kwargs.get('nbytes'), startstops))
        elif finish == 'erred':
            self._erred(key, start == 'processing', kwargs)
        elif start == 'memory':
            self.events.append(('release', key, time.time()))
        elif start in ('waiting', 'processing', 'queued', 'no-worker') \
                and finish in ('released', 'forgotten') and not self._is_wanted(key):
            self.events.append(('cancel', key, time.time()))
        if finish == 'forgotten':
            self.known.discard(key)
            self.told.pop(key, None)

    def _erred(self, key, ran, said):
        """Itself, or what it reads did: then it is told which."""
        self.told.pop(key, None)
        if ran:
            self.events.append(('failed', key, said.get('worker'), said.get('startstops'),
                                said.get('exception_text'), said.get('traceback_text'),
                                time.time()))
            return
        blame = getattr(self.scheduler.tasks.get(key), 'exception_blame', None)
        text = None if blame is None else f'it needs {blame.key}, which failed'
        self.events.append(('failed', key, None, None, text, None, time.time()))

    def _is_wanted(self, key):
        task = self.scheduler.tasks.get(key)
        return task is not None and bool(task.who_wants or task.waiters)


def stop_plugin(name, dask_scheduler=None):
    """Run on the scheduler: takes the plugin away."""
    plugin = dask_scheduler.plugins.get(name)
    if plugin is not None:
        plugin.stop()
        dask_scheduler.remove_plugin(name=name)
