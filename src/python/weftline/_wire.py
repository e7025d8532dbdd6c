"""_wire.py: where the server listens, and how things are said to it.

SPDX-License-Identifier: BSD-3-Clause

Everything is said in the form of lines (data/doc/protocol.md): JSON objects, a line each. It needs
no packing, one connection carries one run, and what is written to a server can be written to
`weftline record` as it is.
"""
import json
import logging
import os
import socket
import tempfile
from json.encoder import encode_basestring_ascii as _quote
from typing import Any, Dict, Optional, Set

log = logging.getLogger('weftline')

VERSION = 1
MAX_LINE = 1 << 20
# Room for names and numbers beside a long text; a list of inputs is cut into lines of this size.
LONG = MAX_LINE // 2
MAX_KEY = 4096
MAX_TEXT = 1 << 16

_said: Set[str] = set()


def say_once(text: str, *values: object) -> None:
    """Logs a warning, the first time that it is of this kind.

    Not with `warnings`: where these are errors they would end the computation that is watched.
    """
    if text not in _said:
        _said.add(text)
        log.warning('weftline: ' + text, *values)


def address() -> str:
    """Where the server is, as it finds its place itself."""
    chosen = os.environ.get('WEFTLINE_ADDRESS')
    if chosen:
        return chosen
    runtime = os.environ.get('XDG_RUNTIME_DIR')
    if runtime:
        return os.path.join(runtime, 'weftline', 'socket')
    return os.path.join(tempfile.gettempdir(), f'weftline-{os.getuid()}', 'socket')


def _is_ours(path: str) -> bool:
    """Whether the socket is our own user's: in a shared folder anybody could have made it."""
    try:
        return os.stat(path).st_uid == os.getuid()
    except OSError:
        return False


def connect(seconds: float = 1.0) -> Optional[socket.socket]:
    """A connection to the server, or None where nobody listens."""
    where = address()
    made = None
    try:
        if where.startswith('tcp:'):
            host, _, port = where[len('tcp:'):].strip('/').rpartition(':')
            return socket.create_connection((host or '127.0.0.1', int(port)), seconds)
        if not _is_ours(where):
            return None
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(seconds)
        made.connect(where)
        return made
    except (OSError, ValueError):
        if made is not None:
            made.close()
        return None


def greeting(name: str) -> Dict[str, Any]:
    """What a client says first."""
    said: Dict[str, Any] = {'hello': 'weftline', 'versions': [VERSION], 'name': name,
                            'pid': os.getpid()}
    token = os.environ.get('WEFTLINE_TOKEN')
    if token:
        said['token'] = token
    return said


def quote(text: str) -> str:
    """The text as JSON; what is no character (half of a pair, NUL) is written as U+FFFD."""
    quoted = _quote(text)
    if '\\u' in quoted and ('\\ud' in quoted or '\\u0000' in quoted):
        clean = text.encode('utf-8', 'replace').decode('utf-8').replace('\0', '\ufffd')
        return _quote(clean)
    return quoted


def key_text(key: object) -> str:
    """The text by which a task is known; of a key that is too long to be read, its beginning."""
    text = key if type(key) is str else _text_of(key)
    return text if len(text) <= MAX_KEY else f'{text[:MAX_KEY - 24]}…{hash(text) & (1 << 64) - 1:x}'


def _text_of(key: object) -> str:
    return key.decode('utf-8', 'replace') if isinstance(key, bytes) else str(key)


def line(event: Dict[str, Any]) -> str:
    """A line; members that are None are left out."""
    said = ','.join(f'"{name}":{quote(value) if type(value) is str else json.dumps(value)}'
                    for name, value in event.items() if value is not None)
    return f'{{{said}}}\n'


def shorten(text: str) -> str:
    """A text of bounded length: its beginning and, where most is said, its end."""
    if len(text) <= MAX_TEXT:
        return text
    return f'{text[:MAX_TEXT // 4]}\n…\n{text[-MAX_TEXT // 2:]}'
