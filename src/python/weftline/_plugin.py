"""_plugin.py: what a Dask scheduler says of its cluster.

SPDX-License-Identifier: BSD-3-Clause

This file is sent to the scheduler as it stands, and runs there: so it may use nothing of this
package, which need not be installed on that machine. It runs between the scheduler's own work, so
an event is one append to a list; what has gathered is handed on ten times a second, and becomes
lines where it arrives (_cluster.py).

What only the workers know (what their loggers write, how many bytes a transfer had) they say to the
scheduler over the connection that they have with it: a plugin in each of them looks twice a second.

Events: ('add', key, inputs, group), ('ran', key, worker, thread, bytes, startstops, victim),
('failed', key, worker, thread, startstops, text, traceback, time, victim),
('running', key, worker, time, victim), ('again', key, time),
('release' | 'cancel', key, time), ('worker', worker, pid, threads, limit), ('gone', worker, time),
('memory', worker, time, managed, spilled, resident, limit),
('count', worker or None, time, {name: value}), ('between', receiver, sender, time, bytes a second),
('type', name, time, bytes a second), ('said', topic, time, words, level, worker),
('log', worker or None, time, level, text), ('tells', worker, time, thread of its event loop): it
tells of its transfers from then on, as ('transfers', worker, [(start, stop, sender, bytes, key or
None)]).
A victim is the worker from which the task was stolen, or None.
Times are seconds since 1970, by the scheduler's clock; workers have set theirs by it.
"""
import asyncio
import threading
import time

from distributed.diagnostics.plugin import SchedulerPlugin, WorkerPlugin
from tornado.ioloop import PeriodicCallback

FLUSH_MS = 100
LOOK_MS = 500
LEAVE_S = 1.0
SAMPLE_S = 0.5
MOST_SAID = 50  # words between two flushes; others are counted
MOST_WORDS = 2000
BY_STEALING = 'stealing'

# What is told anyway, or what each look of ours makes.
UNTOLD = {'add-client', 'remove-client', 'run-function', 'worker-status-change'}
WARNINGS = {'remove-worker', 'worker-ttl-timed-out', 'could-not-retire', 'missing-data', 'restart',
            'restart-workers', 'no-workers-timeout-exceeded', 'scheduler-transition-failed'}
OF_CLIENTS = {'cancel', 'retry', 'restart-workers'}  # others are told to all as well


def level_of(number):
    """syslog's, of one of Python's."""
    return 7 if number < 20 else 6 if number < 30 else 4 if number < 40 else 3 if number < 50 else 2


def words_of(message):
    """In short: of what is long, how much it is."""
    if not isinstance(message, dict):
        return str(message)[:MOST_WORDS]
    told = [str(message['action'])] if 'action' in message else []
    for name, value in message.items():
        if name in ('action', 'stimulus_id', 'stimulus-id') or value is None:
            continue
        if isinstance(value, (list, tuple, set, dict)):
            if value:
                told.append(f'{name}: {len(value)}')
        else:
            told.append(f'{name}: {str(value)[:200]}')
    return ', '.join(told)[:MOST_WORDS]


def new_records(handler, since):
    """(time, level, text) of what was logged after then."""
    found = []
    for record in reversed(list(handler.deque)):
        if record.created <= since or len(found) == MOST_SAID:
            break
        text = record.getMessage()[:MOST_WORDS]
        if 'weftline-' not in text:  # that we have come
            found.append((record.created, level_of(record.levelno), text))
    return found[::-1]


class WeftlineWorker(WorkerPlugin):
    """In each worker."""

    def __init__(self, topic):
        self.name = topic
        self.topic = topic

    def setup(self, worker):
        self.worker = worker
        self.logged = time.time()
        self.received = self.logged + worker.scheduler_delay
        worker.log_event(self.topic, {'worker': worker.address, 'since': self.received,
                                      'loop': threading.get_ident()})
        self.callback = PeriodicCallback(self.look, LOOK_MS)
        self.callback.start()

    def teardown(self, worker):
        self.callback.stop()
        self.look()
        worker.log_event(self.topic, {'worker': worker.address, 'last': True})

    def look(self):
        delay = self.worker.scheduler_delay
        logs = new_records(self.worker._deque_handler, self.logged)
        if logs:
            self.logged = logs[-1][0]
        received = self._received()
        if logs or received:
            self.worker.log_event(self.topic, {
                'worker': self.worker.address, 'transfers': received,
                'logs': [(when + delay, level, text) for when, level, text in logs]})

    def _received(self):
        found = []
        newest = self.received
        log = getattr(self.worker, 'transfer_incoming_log', None)
        for each in reversed(self.worker.incoming_transfer_log if log is None else log):
            if each['stop'] <= self.received:
                break
            newest = max(newest, each['stop'])
            keys = list(each['keys'])
            found.append((each['start'], each['stop'], each['who'], int(each['total'] or 0),
                          keys[0] if len(keys) == 1 else None))
        self.received = newest
        return found[::-1]


def _memory(state):
    """(managed in memory, spilled, of the process); their names have changed with time."""
    managed = getattr(state, 'managed_in_memory', None)
    spilled = getattr(state, 'managed_spilled', None)
    return (state.managed if managed is None else managed,
            state.spilled if spilled is None else spilled, state.process)


def system_counts(said):
    """Of what a SystemMonitor says; groups of it have been flat, and with other names."""
    net = said.get('host_net_io') or {}
    disk = said.get('host_disk_io') or {}
    take = said.get
    return {'cpu': take('cpu', 0) / 100,
            'network-read': net.get('read_bps', take('host_net_io.read_bps', take('read_bytes'))),
            'network-written': net.get('write_bps',
                                       take('host_net_io.write_bps', take('write_bytes'))),
            'disk-read': disk.get('read_bps',
                                  take('host_disk_io.read_bps', take('read_bytes_disk'))),
            'disk-written': disk.get('write_bps',
                                     take('host_disk_io.write_bps', take('write_bytes_disk'))),
            'fds': take('num_fds'), 'gil': take('gil_contention')}


class WeftlinePlugin(SchedulerPlugin):
    """Gathers events; deliver(events, is_last) hands them on."""

    name = 'weftline'

    def __init__(self, name='weftline', topic=None, deliver=None, worker_plugin=None, client=None):
        self.name = name
        self.topic = topic
        self.deliver = deliver
        self.worker_plugin = worker_plugin  # pickled
        self.worker_topic = f'{name}-worker'
        self.client = client  # for whom it gathers
        self.events = []
        self.known = set()
        self.told = {}
        self.victims = {}  # key → worker from which it was stolen
        self.retries = {}  # of tasks that are tried again when they fail
        self.stolen = {}
        self.given = {}
        self.bandwidths = {}
        self.tellers = set()  # workers that have our plugin
        self.left = None  # asyncio.Event: none has it any more
        self.n_said = 0
        self.sampled = 0.0
        self.logged = time.time()
        self.scheduler = None
        self.callback = None

    # ---- life ------------------------------------------------------------------------------------

    async def start(self, scheduler):
        """What is there already is told first."""
        self.scheduler = scheduler
        self.left = asyncio.Event()
        for worker in list(scheduler.workers):
            self.add_worker(scheduler, worker)
        for key, task in list(scheduler.tasks.items()):
            if task.state in ('waiting', 'processing', 'no-worker', 'queued'):
                self._add(key, task)
        self.callback = PeriodicCallback(self.flush, FLUSH_MS)
        self.callback.start()
        if self.worker_plugin is not None:
            asyncio.ensure_future(self._join_workers())

    async def _join_workers(self):
        register = self.scheduler.register_worker_plugin
        try:
            try:
                await register(None, plugin=self.worker_plugin, name=self.worker_topic)
            except TypeError:  # since 2023
                await register(None, plugin=self.worker_plugin, name=self.worker_topic,
                               idempotent=False)
        except Exception as error:
            self.events.append(('log', None, time.time(), 4,
                                f'workers cannot be asked what they know themselves: {error!r}'))

    async def leave_workers(self):
        """Until they have said what they had to say."""
        pickled, self.worker_plugin = self.worker_plugin, None
        if pickled is None:
            return
        try:
            await self.scheduler.unregister_worker_plugin(None, name=self.worker_topic)
            if self.tellers:
                await asyncio.wait_for(self.left.wait(), LEAVE_S)
        except Exception:  # a worker hangs, or the cluster is being closed
            pass

    def stop(self):
        """The last that is said."""
        if self.callback is not None:
            self.callback.stop()
            self.callback = None
            self._sample(time.time())
            self._deliver(True)

    async def close(self):
        self.stop()

    def _lose_teller(self, worker):
        self.tellers.discard(worker)
        if not self.tellers:
            self.left.set()

    def flush(self):
        now = time.time()
        if now - self.sampled >= SAMPLE_S:
            self.sampled = now
            self._sample(now)
        if self.n_said > MOST_SAID:
            self.events.append(('log', None, now, 4,
                                f'{self.n_said - MOST_SAID} more was said at that time'))
        self.n_said = 0
        if self.events:
            self._deliver(False)

    def _deliver(self, is_last):
        events, self.events = self.events, []
        if self.deliver is not None:
            self.deliver(events, is_last)
            return
        self.scheduler.log_event(self.topic, {'events': events, 'last': is_last})
        self._forget(self.topic)

    def _forget(self, topic):
        """The scheduler keeps what is logged, for those who ask later: nobody will."""
        try:
            broker = getattr(self.scheduler, '_broker', None)
            if broker is not None:
                broker.truncate(topic)
            else:
                self.scheduler.events[topic].clear()
        except (AttributeError, KeyError, TypeError):
            pass

    # ---- samples ---------------------------------------------------------------------------------

    def _sample(self, now):
        for address, worker in self.scheduler.workers.items():
            try:
                self._sample_worker(now, address, worker)
                self._look_at_running(address, worker)
            except Exception:  # another version's worker: what it lacks is not told
                continue
        try:
            self._sample_scheduler(now)
        except Exception:
            pass

    def _sample_worker(self, now, address, worker):
        if worker.metrics:  # not before the first word of it
            memory = worker.memory
            self.events.append(('memory', address, now, *_memory(memory), worker.memory_limit))
            self.events.append(('count', address, now,
                                self._worker_counts(address, worker, memory)))

    def _worker_counts(self, address, worker, memory):
        metrics = worker.metrics
        counts = system_counts(metrics)
        tasks = metrics.get('task_counts')
        going = metrics.get('transfer') or {}
        bandwidth = metrics.get('bandwidth')
        counts.update({
            'processing': len(worker.processing),
            'occupancy': getattr(worker, 'occupancy', None),
            'in-memory': len(worker.has_what) if hasattr(worker, 'has_what') else None,
            'transfers-in': going.get('incoming_count'),
            'transfers-out': going.get('outgoing_count'),
            'event-loop': metrics.get('event_loop_interval'),
            'bandwidth': bandwidth.get('total') if isinstance(bandwidth, dict) else bandwidth,
            'unmanaged-old': getattr(memory, 'unmanaged_old', None),
            'paused': int(getattr(worker.status, 'name', worker.status) == 'paused'),
            'gpu': metrics['gpu_utilization'] / 100 if 'gpu_utilization' in metrics else None,
            'gpu-memory': metrics.get('gpu_memory_used'),
            'stolen': self.stolen.get(address, 0), 'given': self.given.get(address, 0)})
        if tasks is None:  # before 2022.12
            counts.update({'ready': metrics.get('ready'), 'executing': metrics.get('executing')})
        else:
            take = tasks.get  # states of which there are none may be left out
            counts.update({'ready': take('ready', 0), 'executing': take('executing', 0),
                           'waiting': take('waiting', 0),
                           'fetching': take('fetch', 0) + take('flight', 0)})
        return counts

    def _look_at_running(self, address, worker):
        for task, seconds in worker.executing.items():
            if task.state != 'processing' or task.processing_on is not worker:
                continue  # as it was when the worker was last heard of: it has ended since
            if task.key not in self.told and task.key in self.known:
                began = worker.last_seen - seconds  # as it was when it was last heard of
                self.told[task.key] = began
                self.events.append(('running', task.key, address, began,
                                    self.victims.get(task.key)))

    def _sample_scheduler(self, now):
        scheduler = self.scheduler
        counts = {'workers': len(scheduler.workers), 'clients': len(scheduler.clients),
                  'queued': len(getattr(scheduler, 'queued', ())),
                  'unrunnable': len(scheduler.unrunnable), 'bandwidth': scheduler.bandwidth,
                  'scheduler-event-loop': getattr(scheduler, '_tick_interval_observed', None)}
        monitor = getattr(scheduler, 'monitor', None)
        if monitor is not None:
            recent = monitor.recent()
            counts['scheduler-memory'] = recent.get('memory')
            for name, value in system_counts(recent).items():
                counts[f'scheduler-{name}'] = value
        self.events.append(('count', None, now, counts))
        for (receiver, sender), value in scheduler.bandwidth_workers.items():
            if self.bandwidths.get((receiver, sender)) != value:
                self.bandwidths[receiver, sender] = value
                self.events.append(('between', receiver, sender, now, value))
        for kind, value in scheduler.bandwidth_types.items():
            if self.bandwidths.get(kind) != value:
                self.bandwidths[kind] = value
                self.events.append(('type', str(kind), now, value))
        logs = new_records(scheduler._deque_handler, self.logged)
        if logs:
            self.logged = logs[-1][0]
            self.events.extend(('log', None, *each) for each in logs)

    # ---- words -----------------------------------------------------------------------------------

    def log_event(self, topic, msg):
        if topic == self.topic:
            return
        if topic == self.worker_topic:
            self._hear_worker(msg)
        elif topic == BY_STEALING:
            self._hear_stealing(msg)
        elif not topic.startswith('weftline-'):  # of others who watch
            self._hear(topic, msg)

    def _hear(self, topic, msg):
        action = msg.get('action') if isinstance(msg, dict) else None
        if action == 'worker-status-change':
            is_bad = msg.get('status') in ('paused', 'closing_gracefully')
            self._say(topic, msg, 4 if is_bad else 6, topic)
            return
        if action in UNTOLD or topic == 'all' and action in ('add-worker', 'remove-worker') \
                or topic in self.scheduler.clients and action not in OF_CLIENTS:
            return
        level = 3 if topic in ('worker-fail-hard', 'error') else \
            4 if topic == 'warn' or action in WARNINGS else 6
        self._say(topic, msg, level,
                  topic if topic in self.scheduler.workers or action == 'remove-worker' else None)

    def _say(self, topic, msg, level, worker):
        self.n_said += 1
        if self.n_said <= MOST_SAID:
            self.events.append(('said', str(topic), time.time(), words_of(msg), level, worker))

    def _hear_worker(self, msg):
        worker = msg['worker']
        if msg.get('last'):
            self._lose_teller(worker)
        if 'since' in msg:
            self.tellers.add(worker)
            self.events.append(('tells', worker, msg['since'], msg.get('loop')))
        if msg.get('transfers'):
            self.events.append(('transfers', worker, msg['transfers']))
        for when, level, text in msg.get('logs', ()):
            self.events.append(('log', worker, when, level, text))
        self._forget(self.worker_topic)

    def _hear_stealing(self, msg):
        """Of a task that another worker has taken: (what, key, state, victim, thief, id)."""
        if not isinstance(msg, (list, tuple)) or not msg or msg[0] == 'request':
            return
        if msg[0] != 'confirm':
            self._say(BY_STEALING, ', '.join(map(str, msg)), 6, None)
            return
        _, key, _, victim, thief = msg[:5]
        self.victims[key] = victim
        self.stolen[thief] = self.stolen.get(thief, 0) + 1
        self.given[victim] = self.given.get(victim, 0) + 1

    def add_client(self, scheduler, client):
        self._say('client', f'{client} has come', 6, None)

    def remove_client(self, scheduler, client):
        if client == self.client:  # without a word: nobody hears any more
            self.stop()
            scheduler.remove_plugin(name=self.name)
            asyncio.ensure_future(self.leave_workers())
        else:
            self._say('client', f'{client} has gone', 6, None)

    # ---- what the scheduler calls ----------------------------------------------------------------

    def add_worker(self, scheduler, worker):
        state = scheduler.workers[worker]
        self.events.append(('worker', worker, getattr(state, 'pid', 0), state.nthreads,
                            state.memory_limit))

    def remove_worker(self, scheduler, worker, **more):
        self.events.append(('gone', worker, time.time()))
        self._lose_teller(worker)
        self.stolen.pop(worker, None)
        self.given.pop(worker, None)

    def _add(self, key, task):
        self.known.add(key)
        if task.retries:
            self.retries[key] = task.retries
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
                                    kwargs.get('nbytes'), startstops,
                                    self.victims.pop(key, None)))
        elif finish == 'erred':
            self._erred(key, start == 'processing', kwargs)
        elif start == 'memory':
            self.events.append(('release', key, time.time()))
        elif start in ('waiting', 'processing', 'queued', 'no-worker') \
                and finish in ('released', 'forgotten'):
            if not self._is_wanted(key):
                self.events.append(('cancel', key, time.time()))
            elif start == 'processing':
                self._left(key)
        if finish == 'forgotten':
            self.known.discard(key)
            self.told.pop(key, None)
            self.victims.pop(key, None)
            self.retries.pop(key, None)

    def _left(self, key):
        """It ran, and will again: it failed, or its worker was lost."""
        self.told.pop(key, None)
        self.victims.pop(key, None)
        before = self.retries.get(key)
        if before is not None and self.scheduler.tasks[key].retries < before:
            self.retries[key] = self.scheduler.tasks[key].retries
            self.events.append(('again', key, time.time()))

    def _erred(self, key, ran, said):
        """Itself, or what it reads did: then it is told which."""
        self.told.pop(key, None)
        victim = self.victims.pop(key, None)
        if ran:
            self.events.append(('failed', key, said.get('worker'), said.get('thread'),
                                said.get('startstops'), said.get('exception_text'),
                                said.get('traceback_text'), time.time(), victim))
            return
        blame = getattr(self.scheduler.tasks.get(key), 'exception_blame', None)
        text = None if blame is None else f'it needs {blame.key}, which failed'
        self.events.append(('failed', key, None, None, None, text, None, time.time(), None))

    def _is_wanted(self, key):
        task = self.scheduler.tasks.get(key)
        return task is not None and bool(task.who_wants or task.waiters)


async def stop_plugin(name, dask_scheduler=None):
    """Run on the scheduler: takes the plugin away."""
    plugin = dask_scheduler.plugins.get(name)
    if plugin is not None:
        await plugin.leave_workers()
        plugin.stop()
        dask_scheduler.remove_plugin(name=name)
