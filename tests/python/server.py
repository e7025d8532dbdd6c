"""server.py: a server that takes reports, and complains of all that protocol.md does not allow.

SPDX-License-Identifier: BSD-3-Clause

It is written from data/doc/protocol.md alone and keeps what came, so that tests can compare it with
what really happened. Only the form of lines.
"""
import json
import os
import socket
import tempfile
import threading
import time

# event → (what it has, what it may have), of section 3
EVENTS = {
    'task': ('kwsd', 'h b'),
    'start': ('kwt', 'h'),
    'end': ('kt', 'b'),
    'fail': ('kt', 'kind message traceback again'),
    'add': ('k', 'inputs group t'),
    'ready': ('kt', ''),
    'release': ('kt', ''),
    'cancel': ('kt', ''),
    'worker': ('w', 'pid threads limit'),
    'gone': ('wt', ''),
    'memory': ('wt', 'managed spilled resident limit'),
    'span': ('w what s d', 'k h b peer'),
    'count': ('name t v', 'w unit'),
    'log': ('t message', 'w k level'),
}
WHOLE = {'h', 'b', 'pid', 'threads', 'limit', 'managed', 'spilled', 'resident', 'level'}
TEXTS = {'k', 'w', 'group', 'kind', 'message', 'traceback', 'what', 'peer', 'name', 'unit'}
TIMES = {'s', 't', 'd'}
REPORT = {'id', 'do', 'name', 'source', 'program', 'clock', 'host', 'pid', 'can'}
MAX_LINE = 1 << 20


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

    def __init__(self, can=('report', 'spans')):
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
        """Until holds() is true."""
        with self._changed:
            if not self._changed.wait_for(holds, seconds):
                raise AssertionError(f'not after {seconds} s: {[r.events[-3:] for r in self.runs]}')

    def run(self, number=-1):
        """A run that is over."""
        self.wait(lambda: self.runs and all(run.phase for run in self.runs))
        return self.runs[number]

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
            with made, made.makefile('rb') as lines:
                for data in lines:
                    need(len(data) <= MAX_LINE, f'a line of {len(data)} bytes')
                    need(data.endswith(b'\n'), 'a line that was cut off')
                    with self._changed:
                        answer = self._take(json.loads(data), state)
                        self._changed.notify_all()
                    if answer is not None:
                        made.sendall(json.dumps(answer).encode() + b'\n')
        except (Wrong, ValueError) as error:
            self.wrong.append(str(error))
        except OSError:
            pass
        with self._changed:
            if state['run'] is not None and state['run'].phase is None:
                state['run'].phase = 'interrupted'
            self._changed.notify_all()

    def _take(self, said, state):
        if not state['greeted']:
            need(said.get('hello') == 'weftline' and 1 in said['versions'], 'no greeting', said)
            need(set(said) <= {'hello', 'versions', 'name', 'pid', 'token'}, 'members', said)
            state['greeted'] = True
            return {'hello': 'weftline', 'version': 1, 'server': 'test', 'pid': os.getpid(),
                    'boot': '', 'now': time.monotonic_ns(), 'limits': {}, 'can': self.can}
        if 'do' in said:
            return self._request(said, state)
        need(state['run'] is not None, 'an event without a run', said)
        check_event(said, state['run'].request.get('clock') == 'wall')
        state['run'].events.append(said)
        return None

    def _request(self, said, state):
        if said['do'] == 'report':
            need(state['run'] is None, 'a second run is open')
            need(set(said) <= REPORT and type(said.get('name')) is str, 'members', said)
            need(said.get('clock', 'monotonic') in ('monotonic', 'wall'), 'members', said)
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
