"""_wire.py: where the server listens, and how things are said to it.

SPDX-License-Identifier: BSD-3-Clause

A connection has the form of messages (data/doc/protocol.md) and carries one run. What is said of
many tasks goes in columns (_columns.py), all else as lines: JSON objects, each on a line. What is
written to a server can be written to `weftline record` as it is.
"""
import hashlib
import json
import logging
import operator
import os
import re
import socket
import struct
import tempfile
from json.encoder import encode_basestring_ascii as _quote
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple, Union

log = logging.getLogger('weftline')

VERSION = 1
MAX_LINE = 1 << 20
# Room for names and numbers beside a long text; a list of inputs is cut into lines of this size.
LONG = MAX_LINE // 2
MAX_KEY = 4096
MAX_TEXT = 1 << 16
# As JSON, where a character may take twelve bytes; an event has two of these.
MAX_QUOTED = 6 * MAX_TEXT + 2
MAX_MESSAGE = 16 << 20

PREAMBLE = b'WEFTSOCK'
# Of a connection's first report, which is the only one here.
CHANNEL = 1
# Kinds of messages, of section 2.
JSON, LINES = 256, 257
TASKS, INPUTS, GROUP, SPANS, WANTED = 263, 264, 265, 267, 268
# Flags of these: spans have sizes; the next message says more of these tasks.
SIZES, MORE = 1, 2

_head = struct.Struct('<IHHII')
# Messages begin at multiples of 8.
_ZEROS = tuple(bytes(-n % 8) for n in range(8))

_KIND = re.compile(r'([^\W\d][\w.]*)\(')

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


def message(kind: int, payload: bytes, channel: int = CHANNEL, flags: int = 0) -> bytes:
    n = len(payload)
    return b''.join((_head.pack(n, kind, flags, channel, 0), payload, _ZEROS[n % 8]))


class Reader:
    """Messages of the other side, however they are cut."""

    def __init__(self) -> None:
        self._rest = b''
        self._begun = False

    def take(self, data: bytes) -> Iterator[Tuple[int, bytes]]:
        """(kind, payload) of those that are whole now. Raises ValueError."""
        data = self._rest + data
        at = 0
        if not self._begun:
            if not PREAMBLE.startswith(data[:8]):
                raise ValueError(f'it begins with {data[:8]!r}')
            self._begun = len(data) >= 8
            at = 8 if self._begun else 0
        while self._begun and len(data) - at >= _head.size:
            n, kind, _, _, _ = _head.unpack_from(data, at)
            if n > MAX_MESSAGE:
                raise ValueError(f'a message of {n} bytes')
            end = at + _head.size + n + -n % 8
            if end > len(data):
                break
            yield kind, data[at + _head.size:at + _head.size + n]
            at = end
        self._rest = data[at:]


def objects(said: Iterator[Tuple[int, bytes]]) -> List[Dict[str, Any]]:
    """The JSON among these messages. Raises ValueError."""
    return [json.loads(payload) for kind, payload in said if kind == JSON]


def quote(text: str) -> str:
    """The text as JSON; what is no character (half of a pair, NUL) is written as U+FFFD."""
    quoted = _quote(text)
    if '\\u' in quoted and ('\\ud' in quoted or '\\u0000' in quoted):
        clean = text.encode('utf-8', 'replace').decode('utf-8').replace('\0', '\ufffd')
        return _quote(clean)
    return quoted


def quote_key(key: object) -> str:
    """A key as JSON: quote(key_text(key)), the usual case in short."""
    if type(key) is str and len(key) <= MAX_KEY:
        quoted = _quote(key)
        if '\\u' not in quoted:
            return quoted
    return quote(key_text(key))


def key_text(key: object) -> str:
    """The text by which a task is known; of a key that is too long to be read, its beginning."""
    text = key if type(key) is str else _text_of(key)
    return text if len(text) <= MAX_KEY else _beginning(text)


def name_text(name: str) -> str:
    """A name of what is no task: at most MAX_KEY bytes of it."""
    if 4 * len(name) <= MAX_KEY or len(name.encode('utf-8', 'replace')) <= MAX_KEY:
        return name
    return _beginning(name)


def _beginning(text: str) -> str:
    """And what tells it from others that begin so, which is the same in all processes."""
    data = text.encode('utf-8', 'replace')
    digest = hashlib.sha256(data).hexdigest()[:16]
    return f'{data[:MAX_KEY - 24].decode("utf-8", "ignore")}…{digest}'


def _text_of(key: object) -> str:
    return key.decode('utf-8', 'replace') if isinstance(key, bytes) else str(key)


def line(event: Dict[str, Any]) -> str:
    """A line; members that are None are left out. Nothing at all where one cannot be told, as NaN:
    it would be malformed, and end the run."""
    try:
        said = ','.join([f'"{name}":{_value(name, value)}'
                         for name, value in event.items() if value is not None])
    except Exception as error:  # a number of any library may raise any
        say_once('an event that cannot be told is left out: %r', error)
        return ''
    return f'{{{said}}}\n'


def _value(name: str, value: object) -> str:
    """As JSON. Long texts are what was said of a failure and the like; all else is a name."""
    if type(value) is int:
        return repr(value)
    if not isinstance(value, str):
        return _encode(value)
    if 4 * len(value) <= MAX_KEY:
        return quote(value)
    return quote({'k': key_text, 'message': shorten, 'traceback': shorten}.get(name, name_text)(
        value))


def _plain(number: Any) -> Union[int, float]:
    """Of another library's number, as NumPy's."""
    try:
        return operator.index(number)
    except TypeError:
        return float(number)


_encode = json.JSONEncoder(allow_nan=False, default=_plain).encode


def _ends(text: str, most: int) -> str:
    return text if len(text) <= most else f'{text[:most // 4]}\n…\n{text[-most // 2:]}'


def kind_of(text: str) -> Optional[str]:
    """Of an exception, as repr() has it: what stands before the bracket."""
    found = _KIND.match(text)
    return found.group(1) if found else None


def shorten(text: str) -> str:
    """A text of bounded length: its beginning and, where most is said, its end."""
    if len(text) <= MAX_TEXT // 2:
        return text
    text = _ends(text, MAX_TEXT)
    return text if len(quote(text)) <= MAX_QUOTED else _ends(text, MAX_TEXT // 2)
