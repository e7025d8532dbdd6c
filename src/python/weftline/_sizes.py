"""_sizes.py: how large results are, without spending much on it.

SPDX-License-Identifier: BSD-3-Clause

dask.sizeof() knows most types, where Dask is there. Of some it is costly (a table of texts, a long
list). So each type has a share of the time: after a call that took t, results of that type are
asked again when 20 t are over. What is cheap is always asked, and no type costs more than a
twentieth of the time.
"""
import sys
import time
from typing import Any, Callable, Dict, Optional

SHARE = 20
CHEAP_NS = 2000

_PLAIN = frozenset({bool, bytearray, bytes, complex, float, int, str, type(None)})

_next: Dict[type, int] = {}
_sizeof: Optional[Callable[[Any], int]] = None


def _find() -> Callable[[Any], int]:
    """dask.sizeof if Dask is in use here; it is not imported for this alone."""
    global _sizeof
    if _sizeof is None:
        if 'dask' in sys.modules:
            try:
                from dask.sizeof import sizeof
                _sizeof = sizeof
                return sizeof
            except ImportError:
                pass
        return sys.getsizeof
    return _sizeof


def _ask(result: Any) -> int:
    try:
        return int(_find()(result))
    except Exception:  # somebody's type; what it says of its size is not worth a computation
        return -1


def size_of(result: Any) -> Optional[int]:
    """Bytes of the result; None if that was not looked at, or cannot be said."""
    try:
        kind = type(result)
        if kind in _PLAIN:
            return sys.getsizeof(result)
        start = time.monotonic_ns()
        if start < _next.get(kind, 0):
            return None
        size = _ask(result)
        end = time.monotonic_ns()
        if end - start > CHEAP_NS:
            _next[kind] = end + SHARE * (end - start)
        return size if size >= 0 else None
    except Exception:  # a type that cannot be looked up: not even that is sure
        return None
