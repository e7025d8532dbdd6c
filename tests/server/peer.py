"""peer.py: speaks the protocol of the socket, from data/doc/protocol.md alone; and starts servers.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

PROGRAM = os.environ.get('WEFTLINE') or os.path.join(
    os.environ.get('WEFT_BUILD_ROOT', 'build'), 'src', 'cli', 'weftline')
HELLO = {'hello': 'weftline', 'versions': [1], 'name': 'peer'}
PATIENCE = 60
JSON, LINES, BYTES = 256, 257, 258
HEAD = struct.Struct('<IHHII')


class Server:
    """`weftline serve` in a folder of its own."""

    def __init__(self, *arguments, limit_file=None, folder=None, wrap=None, environment=None):
        self.temporary = None if folder else tempfile.TemporaryDirectory(prefix='weft-')
        self.folder = folder or self.temporary.name
        self.address = os.path.join(self.folder, 'weftline', 'socket')
        self.runs = os.path.join(self.folder, 'runs')

        def limit():
            if limit_file:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit_file, limit_file))
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)

        known = {key: value for key, value in os.environ.items() if key != 'G_DEBUG'}
        command = [os.path.abspath(PROGRAM), 'serve', '--folder', self.runs, *arguments]
        self.process = subprocess.Popen(
            (wrap or []) + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=limit, close_fds=wrap is None,
            env={**known, 'XDG_RUNTIME_DIR': self.folder, **(environment or {})})
        self.said = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, number=signal.SIGTERM):
        """Its exit status, and what it said on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            _, errors = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        if self.temporary:
            self.temporary.cleanup()
        return self.process.returncode, errors

    def memory(self, field='VmRSS'):
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as status:
            for line in status:
                if line.startswith(field + ':'):
                    return int(line.split()[1]) * 1024
        raise AssertionError(field)

    def n_descriptors(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))


class Ended(Exception):
    """The server has closed the connection."""


class Client:
    """A connection in one of the two forms; objects go in and come out."""

    def __init__(self, server, messages=False, greet=True, address=None):
        if address is None:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(server.address)
        else:
            self.socket = socket.create_connection(address)
        self.socket.settimeout(PATIENCE)
        self.messages = messages
        self.received = b''
        self.n_sent = 0
        self.n_asked = 0
        self.notices = []
        if messages:
            self.send(b'WEFTSOCK')
        if greet:
            self.say(HELLO)
            self.greeting = self.hear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        self.n_sent += len(data)

    def message(self, kind, payload, channel=0, flags=0, lane=0):
        self.send(HEAD.pack(len(payload), kind, flags, channel, lane) + payload
                  + bytes(-len(payload) % 8))

    def say(self, what):
        text = what if isinstance(what, bytes) else json.dumps(what).encode()
        if self.messages:
            self.message(JSON, text)
        else:
            self.send(text + b'\n')

    def events(self, events, channel=0):
        text = b'\n'.join(json.dumps(event).encode() for event in events)
        if self.messages:
            self.message(LINES, text, channel)
        else:
            self.send(text + b'\n')

    def take(self, n_bytes):
        while len(self.received) < n_bytes:
            self.more()
        taken, self.received = self.received[:n_bytes], self.received[n_bytes:]
        return taken

    def more(self):
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionResetError:
            data = b''
        if not data:
            raise Ended
        self.received += data

    def hear_message(self):
        """(kind, channel, payload)"""
        kind, flags, channel, lane, payload = self.hear_frame()
        assert flags == lane == 0
        return kind, channel, payload

    def hear_frame(self):
        """(kind, flags, channel, lane, payload)"""
        if not hasattr(self, 'begun'):
            self.begun = self.take(8)
            assert self.begun == b'WEFTSOCK', self.begun
        n_bytes, kind, flags, channel, lane = HEAD.unpack(self.take(HEAD.size))
        payload = self.take(n_bytes)
        assert self.take(-n_bytes % 8) == bytes(-n_bytes % 8)
        return kind, flags, channel, lane, payload

    def hear(self):
        if self.messages:
            kind, channel, payload = self.hear_message()
            assert (kind, channel) == (JSON, 0), (kind, channel)
            return json.loads(payload)
        while b'\n' not in self.received:
            self.more()
        line, self.received = self.received.split(b'\n', 1)
        return json.loads(line)

    def has_ended(self):
        try:
            return self.hear() and False
        except Ended:
            return True

    def ask(self, do, **members):
        """The answer; other things that come before it are kept."""
        self.n_asked += 1
        self.say({'id': self.n_asked, 'do': do, **members})
        while True:
            heard = self.hear()
            if heard.get('id') == self.n_asked:
                return heard
            self.notices.append(heard)

    def report(self, **members):
        """channel, run, path"""
        answer = self.ask('report', **{'name': 'reported', **members})
        return answer['ok']

    def is_writable(self, seconds):
        return bool(select.select([], [self.socket], [], seconds)[1])


def packed(table, *values):
    """A payload by the rows of its kind's table in the document; None: a row is left out."""
    payload, values = b'', list(values)
    for _, form, what in table:
        if not form:
            payload += bytes(-len(payload) % int(re.search(r'a multiple of (\d+)', what)[1]))
            continue
        value = values.pop(0)
        if form == 'n × (bytes, u8)':
            payload += b''.join(key.encode() + b'\0' for key in value)
        elif form == 'm bytes':
            payload += value.encode()
        elif value is not None:
            numbers = [value] if isinstance(value, int) else value
            letter = {'u32': 'I', 'u64': 'Q'}[re.search(r'u\d+', form)[0]]
            payload += struct.pack(f'<{len(numbers)}{letter}', *numbers)
    assert not values
    return payload


def runs_of(server):
    with Client(server) as client:
        return {run['run']: run for run in client.ask('runs')['ok']['runs']}


def dump(path):
    """The run file's frames and records, as `weftline dump` has them."""
    done = subprocess.run([PROGRAM, 'dump', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr
