"""server.py: a server that takes reports, and complains of all that protocol.md does not allow.

SPDX-License-Identifier: BSD-3-Clause

It is written from data/doc/protocol.md alone and keeps what came, so that tests can compare it with
what really happened: packed events as the lines that would say the same; of these those that
tell of many tasks by columns.
"""
import json
import os
import socket
import struct
import tempfile
import threading
import time

# event → (what it has, what it may have), of section 3
EVENTS = {
    'task': ('kwsd', 'h b peer'),
    'start': ('kwt', 'h peer'),
    'end': ('kt', 'b'),
    'fail': ('kt', 'kind message traceback again'),
    'add': ('k', 'inputs group t wanted'),
    'ready': ('kt', ''),
    'release': ('kt', ''),
    'cancel': ('kt', ''),
    'worker': ('w', 'pid threads limit'),
    'gone': ('wt', ''),
    'memory': ('wt', 'managed spilled resident limit'),
    'span': ('w what s d', 'k h b peer'),
    'count': ('name t v', 'w unit'),
    'annotation': ('t message', 'w k'),
    'log': ('t message', 'w k level'),
}
WHOLE = {'h', 'b', 'pid', 'threads', 'limit', 'managed', 'spilled', 'resident', 'level'}
TEXTS = {'k', 'w', 'group', 'kind', 'message', 'traceback', 'what', 'peer', 'name', 'unit'}
TIMES = {'s', 't', 'd'}
REPORT = {'id', 'do', 'name', 'source', 'program', 'clock', 'host', 'pid', 'can', 'notes', 'keeps'}
MAX_LINE = 1 << 20
MAX_MESSAGE = 16 << 20
JSON, LINES, TASKS, INPUTS, GROUP, SPANS, WANTED = 256, 257, 263, 264, 265, 267, 268


class Wrong(Exception):
    """What the protocol does not allow."""


def need(condition, text, said=''):
    if not condition:
        raise Wrong(f'{text}: {said}'[:1000])


def check_event(event, in_seconds):
    need(event.get('e') in EVENTS, 'no such event', event)
    has, may = EVENTS[event['e']]
    has = set(has.split()) if ' ' in has else set(has)
    members = set(event) - {'e'}
    need(has <= members, 'a member is missing', event)
    need(members <= has | set(may.split()), 'unknown members', event)
    for name in members:
        value = event[name]
        if name in WHOLE:
            need(type(value) is int and value >= 0, f'{name} is no whole number', event)
        elif name in TEXTS:
            need(type(value) is str, f'{name} is no text', event)
        elif name in TIMES:
            need(type(value) is int or in_seconds and type(value) is float,
                 f'{name} is no time', event)
            need(value >= 0, f'{name} is negative', event)
    for key in event.get('inputs', ()):
        need(type(key) is str, 'an input is no key', event)


class Reported:
    """A run as it came."""

    def __init__(self, request):
        self.request = request
        self.events = []
        self.phase = None
        self.keys = []  # by number
        self._told = {}  # key → `add` of what was said in columns

    def take(self, event):
        check_event(event, self.request.get('clock') == 'wall')
        self.events.append(event)

    def take_packed(self, kind, flags, data):
        """Of section 6."""
        need(flags in ((0, 1) if kind == SPANS else (0, 2)), 'flags', flags)
        {TASKS: self._take_tasks, INPUTS: self._take_inputs, GROUP: self._take_group,
         WANTED: self._take_wanted}.get(kind, lambda data: self._take_spans(data, flags))(data)

    def _take_tasks(self, data):
        first, n = struct.unpack_from('<II', data)
        *keys, rest = data[8:].split(b'\0')
        need(first == len(self.keys), 'the first task has another number', first)
        need(len(keys) == n and not rest, 'another number of keys', (n, len(keys), rest))
        need(all(0 < len(key) < 1 << 16 for key in keys), 'a key that is empty or too long')
        self.keys += [key.decode() for key in keys]
        for key in self.keys[first:]:
            self._told[key] = {'e': 'add', 'k': key}
            self.take(self._told[key])

    def _tell(self, key, member, value):
        """More of a task that was said: the same event, as long as it lacks that."""
        if member in self._told[key]:
            self.take({'e': 'add', 'k': key, member: value})
        else:
            self._told[key][member] = value
            check_event(self._told[key], False)

    def _take_inputs(self, data):
        first, n, *numbers = struct.unpack(f'<{len(data) // 4}I', data)
        counts, inputs = numbers[:n], iter(numbers[n:])
        need(sum(counts) == len(numbers) - n, 'another number of inputs', numbers)
        for key, count in zip(self.keys[first:first + n], counts):
            reads = [self.keys[next(inputs)] for _ in range(count)]
            need(key not in reads, 'a task that reads itself', key)
            self._tell(key, 'inputs', reads)

    def _take_group(self, data):
        n, = struct.unpack_from('<I', data)
        at = 4 + n + -n % 4
        need(not data[4 + n:at].strip(b'\0') and 0 < n <= 4096, 'a group', data[:at])
        for number in struct.unpack(f'<{(len(data) - at) // 4}I', data[at:]):
            self._tell(self.keys[number], 'group', data[4:4 + n].decode())

    def _take_wanted(self, data):
        for number in struct.unpack(f'<{len(data) // 4}I', data):
            self._tell(self.keys[number], 'wanted', True)

    def _take_spans(self, data, flags):
        n, n_name, thread = struct.unpack_from('<IIQ', data)
        worker = data[16:16 + n_name].decode()
        at = 16 + n_name + -n_name % 8
        columns = struct.unpack_from(f'<{(2 + flags) * n}Q', data, at)
        *keys, rest = data[at + 8 * len(columns):].split(b'\0')
        need(len(keys) == n and not rest and all(keys), 'another number of keys', (n, keys, rest))
        for i, key in enumerate(keys):
            event = {'e': 'task', 'k': key.decode(), 'w': worker, 's': columns[i],
                     'd': columns[n + i] - columns[i], 'h': thread}
            if flags:
                event['b'] = columns[2 * n + i]
            self.take(event)

    def of(self, *kinds):
        return [event for event in self.events if event['e'] in kinds]

    def inputs(self):
        """key → what it reads"""
        found = {}
        for event in self.of('add'):
            found.setdefault(event['k'], set()).update(event.get('inputs', ()))
        return found

    def spans(self):
        """key → (start, end, worker, thread) of its last one"""
        return {event['k']: (event['s'], event['s'] + event['d'], event['w'], event.get('h'))
                for event in self.of('task')}


class Server:
    """Listens in a folder of its own, to which XDG_RUNTIME_DIR is set while it is entered."""

    def __init__(self, can=('report', 'spans', 'notes')):
        self.runs = []
        self.wrong = []
        self.n_connections = 0
        self.can = list(can)
        self._changed = threading.Condition()
        self._folder = tempfile.TemporaryDirectory()
        self._made = []
        os.mkdir(os.path.join(self._folder.name, 'weftline'), 0o700)
        self.path = os.path.join(self._folder.name, 'weftline', 'socket')
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(64)

    def __enter__(self):
        self._before = {name: os.environ.pop(name, None)
                        for name in ('XDG_RUNTIME_DIR', 'WEFTLINE_ADDRESS')}
        os.environ['XDG_RUNTIME_DIR'] = self._folder.name
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.vanish()
        os.environ.pop('XDG_RUNTIME_DIR')
        os.environ.update({name: value for name, value in self._before.items()
                           if value is not None})
        self._folder.cleanup()
        if error[0] is None and self.wrong:
            raise AssertionError('\n'.join(self.wrong[:5]))

    def vanish(self):
        """As if it was killed: all connections are cut."""
        for made in (self._listener, *self._made):
            try:
                made.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            made.close()

    def wait(self, holds, seconds=20):
        """Until holds() is true; not any longer once something wrong has been said."""
        with self._changed:
            found = self._changed.wait_for(lambda: holds() or self.wrong, seconds)
            if self.wrong:
                raise AssertionError('\n'.join(self.wrong[:5]))
            if not found:
                raise AssertionError(f'not after {seconds} s: {[r.events[-3:] for r in self.runs]}')

    def run(self, number=-1):
        """A run that is over."""
        self.wait(lambda: self.runs and all(run.phase for run in self.runs))
        return self.runs[number]

    def ended(self, n):
        """Runs, as many as there are to be: a program need not wait until all are announced."""
        self.wait(lambda: len(self.runs) >= n and all(run.phase for run in self.runs))
        need(len(self.runs) == n, f'not {n} runs', len(self.runs))
        return self.runs

    def _accept(self):
        while True:
            try:
                made, _ = self._listener.accept()
            except OSError:
                return
            self._made.append(made)
            self.n_connections += 1
            threading.Thread(target=self._serve, args=(made,), daemon=True).start()

    def _serve(self, made):
        state = {'greeted': False, 'run': None}
        try:
            with made, made.makefile('rb') as stream:
                first = stream.peek(1)[:1]
                need(first in (b'', b'{', b'W'), 'another protocol', first)
                if first == b'{':
                    self._serve_lines(made, stream, state)
                elif first:
                    self._serve_messages(made, stream, state)
        except (Wrong, ValueError, IndexError, struct.error) as error:
            self.wrong.append(repr(error))
        except OSError:
            pass
        with self._changed:
            if state['run'] is not None and state['run'].phase is None:
                state['run'].phase = 'interrupted'
            self._changed.notify_all()

    def _serve_lines(self, made, stream, state):
        for data in stream:
            need(data.endswith(b'\n'), 'a line that was cut off')
            with self._changed:
                answer = self._take_line(data, state)
                self._changed.notify_all()
            if answer is not None:
                made.sendall(json.dumps(answer).encode() + b'\n')

    def _serve_messages(self, made, stream, state):
        need(stream.read(8) == b'WEFTSOCK', 'no messages')
        made.sendall(b'WEFTSOCK')
        while True:
            head = stream.read(16)
            if not head:
                return
            need(len(head) == 16, 'a head that was cut off')
            n, kind, flags, channel, lane = struct.unpack('<IHHII', head)
            need(n <= MAX_MESSAGE and lane == 0, 'a head', head)
            data = stream.read(n + -n % 8)
            need(len(data) == n + -n % 8, 'a message that was cut off')
            with self._changed:
                answer = self._take(kind, flags, channel, data[:n], state)
                self._changed.notify_all()
            if answer is not None:
                said = json.dumps(answer).encode()
                made.sendall(struct.pack('<IHHII', len(said), JSON, 0, 0, 0) + said
                             + bytes(-len(said) % 8))

    def _take_line(self, line, state):
        need(len(line) <= MAX_LINE, f'a line of {len(line)} bytes')
        said = json.loads(line)
        if 'e' not in said:
            return self._said(said, state)
        need(state['run'] is not None, 'an event without a run', line)
        state['run'].take(said)
        return None

    def _take(self, kind, flags, channel, data, state):
        if kind == JSON:
            need(flags == 0 and channel == 0, 'a head')
            return self._said(json.loads(data), state)
        need(state['run'] is not None and channel == 1, 'an event without a run', data[:100])
        if kind != LINES:
            need(kind in (TASKS, INPUTS, GROUP, SPANS, WANTED), 'a kind of message', kind)
            state['run'].take_packed(kind, flags, data)
            return None
        need(data.endswith(b'\n') and flags == 0, 'lines', data[-100:])
        for line in data.splitlines():
            self._take_line(line, state)
        return None

    def _said(self, said, state):
        if not state['greeted']:
            need(said.get('hello') == 'weftline' and 1 in said['versions'], 'no greeting', said)
            need(set(said) <= {'hello', 'versions', 'name', 'pid', 'token'}, 'members', said)
            state['greeted'] = True
            return {'hello': 'weftline', 'version': 1, 'server': 'test', 'pid': os.getpid(),
                    'boot': '', 'now': time.monotonic_ns(), 'limits': {}, 'can': self.can}
        need('do' in said, 'no request', said)
        return self._request(said, state)

    def _request(self, said, state):
        if said['do'] == 'report':
            need(state['run'] is None, 'a second run is open')
            need(set(said) <= REPORT and type(said.get('name')) is str, 'members', said)
            need(said.get('clock', 'monotonic') in ('monotonic', 'wall'), 'members', said)
            need(all(type(note) is str for note in said.get('notes', ())), 'members', said)
            need(type(said.get('keeps', False)) is bool, 'members', said)
            state['run'] = Reported(said)
            self.runs.append(state['run'])
            return {'id': said['id'], 'ok': {'channel': 1, 'run': len(self.runs), 'path': '-'}}
        need(said['do'] == 'finish' and set(said) <= {'id', 'do', 'channel', 'phase', 'summary'},
             'members', said)
        need(said.get('phase', 'done') in ('done', 'failed', 'cancelled'), 'members', said)
        state['run'].phase = said.get('phase', 'done')
        state['run'] = None
        return {'id': said['id'], 'ok': {'run': len(self.runs)}}


def wait_for_socket(path, seconds=20):
    """Until somebody listens there."""
    deadline = time.monotonic() + seconds
    while True:
        with socket.socket(socket.AF_UNIX) as made:
            if made.connect_ex(path) == 0:
                return
        if time.monotonic() > deadline:
            raise AssertionError(f'{path}: nobody listens after {seconds} s')
        time.sleep(0.01)
