"""_columns.py: what is said of many tasks at once: packed events (data/doc/protocol.md, section 6).

SPDX-License-Identifier: BSD-3-Clause

The sender and who computes share one interpreter, so nothing here loops over tasks but what is
written in C: joining texts, arrays, map() over a table. Tasks have numbers, in the order in which
they were said; a key that is said again has one more, which is the same task to the server.
"""
import itertools
from array import array
from operator import itemgetter
from struct import Struct
from typing import (Any, Callable, Collection, Dict, Iterable, Iterator, List, Optional, Sequence,
                    Set)

from . import _wire
from ._wire import MAX_KEY, MORE, SIZES, key_text, message, name_text

Key = object
# What a thread ran, beside others: [key, thread, start, end, bytes or None, …].
Ended = Sequence[Any]
# Tasks, and what they read, of one message: nobody else runs while it is made.
AT_ONCE = 256
MOST_INPUTS = 1 << 20

_two = Struct('<II').pack
_place = Struct('<IIQ').pack
_keys, _threads, _starts, _ends, _sizes = map(itemgetter, range(5))


def _told(key: Key) -> str:
    """The text by which a task is known, without what is no character, and not empty."""
    text = key_text(key)
    clean = text.encode('utf-8', 'replace').decode('utf-8').replace('\0', '\ufffd')
    return clean or "''"


def _packed_keys(keys: List[Key]) -> bytes:
    """Each with a zero byte behind it."""
    if not keys:
        return b''
    try:
        data = b'%b\0' % '\0'.join(keys).encode()  # type: ignore[arg-type]
        if (data.count(b'\0') == len(keys) and b'\0\0' not in data and data[0]
                and (len(data) <= MAX_KEY or len(max(keys, key=len)) <= MAX_KEY)):  # type: ignore
            return data
    except (TypeError, UnicodeEncodeError):  # of other types; half of a pair
        pass
    return b'%b\0' % '\0'.join(map(_told, keys)).encode()


def _of_others(key: Key, inputs: Collection[Key]) -> List[Key]:
    """Without those that are the same task to who reads texts, as 1 and '1' are."""
    text = _told(key)
    return [each for each in inputs if _told(each) != text]


def _packed_sizes(sizes: Sequence[Optional[int]]) -> bytes:
    """None is 0; nothing where none is known."""
    if not any(sizes):
        return b''
    return array('Q', [size or 0 for size in sizes]).tobytes()


class Columns:
    """Graphs of one run. Not for several threads."""

    def __init__(self) -> None:
        self._numbers: Dict[Key, int] = {}
        self._n = 0

    def _tasks(self, keys: List[Key], flags: int = 0) -> bytes:
        """There are these tasks; they have the next numbers."""
        first = self._n
        self._n += len(keys)
        self._numbers.update(zip(keys, range(first, self._n)))
        return message(_wire.TASKS, _two(first, len(keys)) + _packed_keys(keys), flags=flags)

    def _numbers_of(self, keys: List[Key], out: List[bytes]) -> List[int]:
        """out: what has to be said before."""
        numbers = self._numbers
        try:
            return list(map(numbers.__getitem__, keys))
        except KeyError:
            new = list(dict.fromkeys(key for key in keys if key not in numbers))
        for i in range(0, len(new), AT_ONCE):
            out.append(self._tasks(new[i:i + AT_ONCE], MORE))
        return list(map(numbers.__getitem__, keys))

    # ---- graphs ----------------------------------------------------------------------------------

    def graph(self, tasks: Iterable[Key], reads: Callable[[Key], Collection[Key]],
              group_of: Callable[[Key], Optional[str]],
              wanted: Iterable[Key] = ()) -> Iterator[bytes]:
        """All that the tasks are, which were not said before. reads: what each reads. group_of: its
        group, if that is another than its key's text says; of tuples only. wanted: those of them
        whose results are kept, whoever reads them.

        Of a part, what it reads is perhaps in another one, and said with both. All is marked as one
        that belongs together: what is said of a task once it was written is no part of the graph.
        """
        rest = iter(tasks)
        while True:
            part = list(itertools.islice(rest, AT_ONCE))
            if not part:
                break
            first = self._n
            types = set(map(type, part))
            yield self._tasks(part, MORE)
            yield from self._inputs(first, part, list(map(reads, part)), types)
            if tuple in types:
                yield from self._groups(range(first, first + len(part)), map(group_of, part))
        known = self._numbers
        numbers = array('I', [known[key] for key in wanted if key in known])
        if numbers:
            yield message(_wire.WANTED, numbers.tobytes(), flags=MORE)
        yield self._tasks([])
        self._numbers = {}

    def _inputs(self, first: int, part: List[Key], inputs: List[Collection[Key]],
                types: Set[type]) -> Iterator[bytes]:
        """types: of the part's keys."""
        flat = list(itertools.chain.from_iterable(inputs))
        if len(types.union(map(type, flat))) > 1:
            inputs = [_of_others(key, its) for key, its in zip(part, inputs)]
            flat = list(itertools.chain.from_iterable(inputs))
        if len(part) > 1 and len(flat) > MOST_INPUTS:
            for i, (key, its) in enumerate(zip(part, inputs)):
                yield from self._inputs(first + i, [key], [its], types)
            return
        out: List[bytes] = []
        numbers = self._numbers_of(flat, out)
        yield from out
        if len(part) > 1:
            yield self._inputs_message(first, list(map(len, inputs)), numbers)
            return
        for i in range(0, len(numbers), MOST_INPUTS):
            some = numbers[i:i + MOST_INPUTS]
            yield self._inputs_message(first, [len(some)], some)

    @staticmethod
    def _inputs_message(first: int, counts: List[int], numbers: List[int]) -> bytes:
        return message(_wire.INPUTS, b''.join((
            _two(first, len(counts)), array('I', counts).tobytes(), array('I', numbers).tobytes())),
            flags=MORE)

    def _groups(self, numbers: Iterable[int],
                groups: Iterable[Optional[str]]) -> Iterator[bytes]:
        members: Dict[str, List[int]] = {}
        for number, group in zip(numbers, groups):
            if group is not None:
                members.setdefault(group, []).append(number)
        for group, some in members.items():
            text = name_text(group).encode('utf-8', 'replace').replace(b'\0', b'?')
            yield message(_wire.GROUP, b''.join((
                Struct('<I').pack(len(text)), text, bytes(-len(text) % 4),
                array('I', some).tobytes())), flags=MORE)


# ---- what ran ------------------------------------------------------------------------------------

def spans(worker: bytes, thread: int, keys: List[Key], times: bytes,
          sizes: Sequence[Optional[int]]) -> bytes:
    """What a thread ran. times: when they began, then when they ended. sizes: none, or of each."""
    column = _packed_sizes(sizes)
    return message(_wire.SPANS, b''.join((
        _place(len(keys), len(worker), thread), worker, bytes(-len(worker) % 8), times, column,
        _packed_keys(keys))), flags=SIZES if column else 0)


def ended(worker: bytes, some: List[Ended]) -> Iterator[bytes]:
    """What threads of one process ran."""
    threads = set(map(_threads, some))
    for thread in threads:
        its = some if len(threads) == 1 else [each for each in some if each[1] == thread]
        times = array('q', map(_starts, its))
        times.extend(map(_ends, its))
        yield spans(worker, thread, list(map(_keys, its)), times.tobytes(),
                    list(map(_sizes, its)))
