"""_sink.py: where what is said of a run goes: to the server, or into a run file.

SPDX-License-Identifier: BSD-3-Clause

A sink is used by the sending thread of one run only, so it may wait. What it raises is OSError.
"""
import io
import os
import shutil
import socket
import subprocess
from typing import Any, Dict, List, Optional, cast

from . import _wire

# How long the last answers are waited for, once all is said.
CLOSING_S = 5.0


class Refused(OSError):
    """The server does not want what we say."""


class ServerSink:
    """A connection to the server."""

    def __init__(self, made: socket.socket) -> None:
        made.settimeout(None)
        self._socket = made
        self._reader = _wire.Reader()

    @classmethod
    def open(cls) -> Optional['ServerSink']:
        """None where nobody listens."""
        made = _wire.connect()
        return cls(made) if made is not None else None

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def _take(self, data: bytes) -> List[Dict[str, Any]]:
        return _wire.objects(self._reader.take(data))

    def answers(self) -> List[Dict[str, Any]]:
        """What the server has said since the last time; does not wait. By a flag, not by the
        socket: each call into the system lets the interpreter go, which may take long to return."""
        said: List[Dict[str, Any]] = []
        try:
            while True:
                data = self._socket.recv(1 << 16, socket.MSG_DONTWAIT)
                if not data:
                    raise ConnectionResetError('the server closed the connection')
                said += self._take(data)
        except BlockingIOError:
            return said
        except ValueError as error:
            raise Refused(f'the server does not speak this protocol: {error}') from error

    def close(self) -> List[Dict[str, Any]]:
        """Says no more, and waits until the server has taken all of it."""
        said: List[Dict[str, Any]] = []
        try:
            self._socket.settimeout(CLOSING_S)
            self._socket.shutdown(socket.SHUT_WR)
            while True:
                data = self._socket.recv(1 << 16)
                if not data:
                    return said
                said += self._take(data)
        except (OSError, ValueError):
            return said
        finally:
            self._socket.close()

    def abandon(self) -> None:
        self._socket.close()


def find_command() -> Optional[str]:
    """The command `weftline`: as WEFTLINE says, beside this package, or on PATH."""
    chosen = os.environ.get('WEFTLINE')
    if chosen:
        return chosen if os.access(chosen, os.X_OK) else None
    folder = os.path.dirname(os.path.abspath(__file__))
    for _ in range(5):
        folder = os.path.dirname(folder)
        for below in ('bin', 'build/release/src/cli', 'build/head/src/cli'):
            path = os.path.join(folder, below, 'weftline')
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return shutil.which('weftline')


class FileSink:
    """`weftline record` as a child: run files are made in one place only."""

    def __init__(self, path: str) -> None:
        command = find_command()
        if command is None:
            raise FileNotFoundError(
                f'weftline: {path} cannot be recorded, as the command “weftline” is not found: put'
                ' it on PATH, or its path into the environment variable WEFTLINE')
        # A session of its own: Ctrl+C ends the computation, and what ran is recorded still.
        self._child = subprocess.Popen([command, 'record', os.fspath(path)],
                                       stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE, start_new_session=True)
        self._path = path

    def write(self, data: bytes) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(data)
            self._child.stdin.flush()
        except BrokenPipeError:
            raise OSError(self._why()) from None

    def _why(self) -> str:
        """What the child complained of."""
        assert self._child.stderr is not None
        text = self._child.stderr.read().decode('utf-8', 'replace').strip()
        text = text[len('weftline: '):] if text.startswith('weftline: ') else text
        return text or f'{self._path}: its recording ended'

    def answers(self) -> List[Dict[str, Any]]:
        return []

    def close(self) -> List[Dict[str, Any]]:
        assert self._child.stdin is not None and self._child.stderr is not None
        self._child.stdin.close()
        text = self._why() if self._child.wait() != 0 else ''
        self._child.stderr.close()
        if text:
            return [{'error': {'code': 'failed', 'message': text}}]
        return []

    def abandon(self) -> None:
        """In a process that was forked: the pipe is the parent's, and so is what waits in it."""
        cast(io.BufferedWriter, self._child.stdin).raw.close()
