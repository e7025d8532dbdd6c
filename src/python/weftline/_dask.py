"""_dask.py: watch(): computations of Dask's local schedulers.

SPDX-License-Identifier: BSD-3-Clause

Dask's callbacks say what is submitted and what has come back, which is not when it ran. So when a
computation starts, each of its tasks is replaced, in the scheduler's own copy of the graph, by a
call that does the same and notes when: in its thread, or in its process. What the graph reads, and
what tasks return, is as before.

Callbacks that Dask keeps in `Callback.active` are taken away while a computation runs: a second
one in another thread would not be seen, and might lose them for good. So ours are added where the
scheduler asks for those of its computation.
"""
import functools
import itertools
import os
import threading
from contextlib import contextmanager
from typing import (Any, Callable, Dict, Iterable, Iterator, List, Optional, Set, Tuple, TypeVar,
                    Union)

from ._run import Key, Run, add_lines, program_name
from ._timed import Timed
from ._wire import key_text, quote, say_once

try:
    from dask.core import _execute_task
except ImportError:  # a Dask without tasks that are tuples
    _execute_task = None

# Inputs of which a line is surely short enough.
FEW = 64

Function = TypeVar('Function', bound=Callable[..., Any])

_active: List['watch'] = []
_lock = threading.Lock()
_hooked = False


# ---- tasks ---------------------------------------------------------------------------------------

class _Legacy:
    """Evaluates a task that is a tuple, of values in the order of `names`."""

    __slots__ = ('task', 'names')

    def __init__(self, task: Any, names: List[Key]) -> None:
        self.task = task
        self.names = names

    def __call__(self, values: List[Any]) -> Any:
        return _execute_task(self.task, dict(zip(self.names, values)))

    def __reduce__(self) -> Tuple[Any, ...]:
        return _Legacy, (self.task, self.names)


def _is_node(task: Any) -> bool:
    """Of the task specification (Dask 2024.12 and later), which is called with its values."""
    return callable(task) and hasattr(task, 'dependencies')


def _is_call(task: Any) -> bool:
    return type(task) is tuple and bool(task) and callable(task[0])


def _is_flat(task: Any) -> bool:
    """Whether all that a task (tuple) computes is in its one call: what is within its arguments
    are keys and values, to be looked up."""
    for argument in task:
        kind = type(argument)
        if kind is list:
            for each in argument:
                if type(each) is list or _is_call(each):
                    return False
        elif kind is tuple and _is_call(argument):
            return False
    return True


def _replace(graph: Dict[Key, Any], key: Key, reads: Iterable[Key], run: Run, sizes: bool) -> None:
    task = graph[key]
    if type(task) is tuple and _is_call(task) and _is_flat(task):
        graph[key] = (Timed(run, key, task[0], sizes), *task[1:])
    elif _is_node(task):
        graph[key] = Timed(run, key, task, sizes)
    else:
        names = list(reads)
        graph[key] = (Timed(run, key, _Legacy(task, names), sizes), names)


# ---- the graph -----------------------------------------------------------------------------------

def _group(name: Key, known: Dict[Key, str]) -> str:
    """Dask's own group of a name; of tuples, which all chunks of an array have, it is told."""
    group = known.get(name)
    if group is None:
        from dask.utils import key_split
        group = known[name] = key_split(name)
    return group


def _graph_lines(tasks: Dict[Key, List[Key]]) -> Iterator[str]:
    known: Dict[Key, str] = {}
    for key, reads in tasks.items():
        if type(key) is str and len(reads) < FEW:
            inputs = ','.join([quote(key_text(read)) for read in reads])
            yield f'{{"e":"add","k":{quote(key_text(key))},"inputs":[{inputs}]}}\n'
        else:
            group = _group(key[0], known) if type(key) is tuple and key else None
            yield from add_lines(key_text(key), map(key_text, reads), group)


def _describe(tasks: Dict[Key, List[Key]]) -> str:
    """A name for a computation: the groups of what nothing else reads."""
    from dask.utils import key_split
    read = set(itertools.chain.from_iterable(tasks.values()))
    groups: Dict[str, None] = {}
    for key in tasks:
        if key not in read:
            groups[key_split(key)] = None
            if len(groups) > 3:
                break
    names = list(groups)
    return ', '.join(names[:3]) + ('…' if len(names) > 3 else '')


class _Computation:
    """One call of a scheduler, under one watch."""

    def __init__(self, owner: 'watch') -> None:
        self._owner = owner
        self._own_run: Optional[Run] = None

    def callbacks(self) -> Tuple[Any, ...]:
        return None, self._start, None, None, self._finish

    def _start(self, graph: Dict[Key, Any], state: Dict[str, Any]) -> None:
        try:
            self._take(graph, state)
        except Exception as error:
            say_once('this computation of Dask cannot be followed: %r', error)

    def _take(self, graph: Dict[Key, Any], state: Dict[str, Any]) -> None:
        reads = state['dependencies']
        given = set(state['cache'])  # values, which nobody computes
        tasks = {key: [read for read in reads[key] if read not in given]
                 for key in itertools.chain(state['ready'], state['waiting'])}
        run = self._owner.run
        if run is None:
            run = self._own_run = Run(f'{self._owner.name or program_name()}: {_describe(tasks)}',
                                      source='dask')
        if not run.live:
            return
        run.say(_graph_lines({key: tasks[key] for key in tasks if self._owner.is_new(key)}))
        for key in tasks:
            _replace(graph, key, reads[key], run, self._owner.sizes)

    def _finish(self, graph: Dict[Key, Any], state: Dict[str, Any], failed: bool) -> None:
        if self._own_run is not None:
            self._own_run.finish('failed' if failed else 'done', wait=0)


def _hook() -> None:
    """Adds the watches that are active to the callbacks of each computation."""
    global _hooked
    import dask.local
    with _lock:
        if _hooked:
            return
        _hooked = True
        ask = dask.local.local_callbacks

        @contextmanager
        def local_callbacks(callbacks: Any = None) -> Iterator[Any]:
            with ask(callbacks) as given:
                ours = [_Computation(each).callbacks() for each in tuple(_active)]
                yield [*given, *ours] if ours else given

        dask.local.local_callbacks = local_callbacks


# ---- the interface -------------------------------------------------------------------------------

class watch:
    """Shows what Dask's local schedulers compute (threads, processes, synchronous).

    As a context manager or decorator, what is computed within is one run; all threads count:

        with weftline.watch():
            total.compute()

    With `register=True` it goes on until `close()`, and each computation is a run of its own:

        weftline.watch(register=True)

    file: records into this run file, all as one run, whether anybody listens or not.
    name: what people see; else the program's name.
    sizes: whether to look how large results are.

    Nothing here can make a computation fail, or change what it returns. If nobody listens it says
    so once and does nothing.
    """

    def __init__(self, file: Union[str, 'os.PathLike[str]', None] = None, *,
                 name: Optional[str] = None, register: bool = False, sizes: bool = True) -> None:
        self.file = file
        self.name = name
        self.sizes = sizes
        self.run: Optional[Run] = None
        self._known: Set[Key] = set()
        if register:
            if file is not None:
                self.run = self._make()
            self._begin()

    def _make(self) -> Run:
        return Run(self.name, source='dask', file=self.file)

    def is_new(self, key: Key) -> bool:
        """Whether the key has not been told in the run: what is computed twice is one task."""
        if self.run is None:
            return True
        before = len(self._known)
        self._known.add(key)
        return len(self._known) > before

    def _begin(self) -> None:
        _hook()
        _active.append(self)

    def close(self, phase: str = 'done') -> None:
        """No more is watched."""
        if self in _active:
            _active.remove(self)
        if self.run is not None:
            # a file is there, whole, when the block is left
            self.run.finish(phase, **({'wait': None} if self.file is not None else {}))

    def __enter__(self) -> 'watch':
        self.run = self._make()
        self._begin()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close('done' if kind is None else 'failed')

    def __call__(self, function: Function) -> Function:
        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            with watch(self.file, name=self.name or function.__name__, sizes=self.sizes):
                return function(*args, **kwargs)
        return watched  # type: ignore[return-value]
