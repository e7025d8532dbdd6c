"""_dask.py: watch(): computations of Dask's local schedulers.

SPDX-License-Identifier: BSD-3-Clause

Dask's callbacks say what is submitted and what has come back, which is not when it ran. So the
function that all local schedulers share, dask.local.get_async(), is called through one of ours,
which sees what goes to the pool and puts in its place what notes the times (_batch.py). The graph
comes from a callback that is added to those of the computation.

Callbacks that Dask keeps in `Callback.active` are taken away while a computation runs: a second
one in another thread would not be seen, and might lose them for good. So ours are never there.
"""
import functools
import inspect
import itertools
import os
import sys
import threading
from types import ModuleType
from typing import (Any, Callable, Collection, Dict, FrozenSet, Iterator, List, Optional, Set,
                    Tuple, TypeVar, Union)

from ._columns import Columns, Key
from ._run import AT_ONCE, Run, now, phase_after, program_name
from ._wire import LINES, message, quote_key, say_once

Function = TypeVar('Function', bound=Callable[..., Any])

_active: List['watch'] = []
_lock = threading.Lock()
_hooked = False


# ---- the graph -----------------------------------------------------------------------------------

def _group(name: Key, known: Dict[Key, str]) -> str:
    """Dask's own group of a name; of tuples, which all chunks of an array have, it is told."""
    group = known.get(name)
    if group is None:
        from dask.utils import key_split
        group = known[name] = key_split(name)
    return group


def _graph(columns: Columns, tasks: List[Key], reads: Dict[Key, Collection[Key]],
           given: FrozenSet[Key], wanted: Iterator[Key]) -> Iterator[bytes]:
    """given: keys of values, which nobody computes. wanted: what the program gets."""
    known: Dict[Key, str] = {}

    def reads_but_given(key: Key) -> Collection[Key]:
        return [read for read in reads[key] if read not in given]

    def group_of(key: Key) -> Optional[str]:
        return _group(key[0], known) if type(key) is tuple and key else None

    return columns.graph(tasks, reads_but_given if given else reads.__getitem__, group_of, wanted)


def _flat(wanted: Any) -> Iterator[Key]:
    if isinstance(wanted, list):
        for each in wanted:
            yield from _flat(each)
    else:
        yield wanted


def _released(keys: Iterator[Key], t: int) -> Iterator[bytes]:
    """A run of many computations goes on, and what the program does with their results nobody
    tells: with the end of each its results are the program's."""
    while True:
        some = [f'{{"e":"release","k":{quote_key(key)},"t":{t}}}\n'
                for key in itertools.islice(keys, AT_ONCE)]
        if not some:
            return
        yield message(LINES, ''.join(some).encode())


def _describe(tasks: List[Key], dependents: Dict[Key, Any]) -> str:
    """A name for a computation: the groups of what nothing else reads."""
    from dask.utils import key_split
    groups: Dict[str, None] = {}
    for key in tasks:
        if not dependents.get(key):
            groups[key_split(key)] = None
            if len(groups) > 3:
                break
    names = list(groups)
    return ', '.join(names[:3]) + ('…' if len(names) > 3 else '')


# ---- computations --------------------------------------------------------------------------------

class _Computation:
    """One call of a scheduler, under one watch."""

    def __init__(self, owner: 'watch', wanted: Any) -> None:
        """wanted: keys, in lists of lists."""
        self.owner = owner
        self._wanted = wanted
        self._given: FrozenSet[Key] = frozenset()
        self._own_run: Optional[Run] = None
        self.run: Optional[Run] = None

    def callbacks(self) -> Tuple[Any, ...]:
        return None, self._start, None, None, self._finish

    def _start(self, graph: Dict[Key, Any], state: Dict[str, Any]) -> None:
        try:
            self._take(state)
        except Exception as error:
            say_once('this computation of Dask cannot be followed: %r', error)

    def _take(self, state: Dict[str, Any]) -> None:
        """Next to nothing is done here, as the computation waits: it is for the sender."""
        tasks = [*state['ready'], *state['waiting']]
        run = self.owner.run
        if run is None:
            what = _describe(tasks, state['dependents'])
            run = self._own_run = Run(f'{self.owner.name or program_name()}: {what}',
                                      source='dask')
        if not run.live:
            return
        self._given = frozenset(state['cache'])
        run.say(_graph(run.columns, self.owner.new_of(tasks), state['dependencies'],
                       self._given, _flat(self._wanted)))
        self.run = run

    def _finish(self, graph: Dict[Key, Any], state: Dict[str, Any], failed: bool) -> None:
        """What other processes ran is gathered before their pool ends, as most do with what they
        were made for."""
        if self._own_run is not None:
            self._own_run.finish(phase_after(sys.exc_info()[1]) if failed else 'done', wait=0)
        elif self.run is not None:
            self.run.gather()
            if not failed:
                results = (key for key in _flat(self._wanted) if key not in self._given)
                self.run.say(_released(results, now()))


def _batch_of(watched: List[_Computation]) -> Any:
    """What runs the tasks, once the computation has been taken; None: as without us."""
    from ._batch import Batch
    made = None
    for each in watched:
        if each.run is not None:
            made = Batch(each.run, each.owner.sizes, made)
    return made


def _watching(given: Callable[..., Any]) -> Callable[..., Any]:
    """get_async() with those watches that are active."""
    from dask.callbacks import local_callbacks

    from ._batch import submit_to

    @functools.wraps(given)
    def get_async(submit: Callable[..., Any], num_workers: int, dsk: Any, result: Any,
                  *more: Any, **kwargs: Any) -> Any:
        watched = [_Computation(each, result) for each in tuple(_active)]
        if not watched or more:  # callbacks may be among these; nobody does this
            return given(submit, num_workers, dsk, result, *more, **kwargs)
        with local_callbacks(kwargs.pop('callbacks', None)) as others:
            return given(submit_to(submit, lambda: _batch_of(watched)), num_workers, dsk, result,
                         callbacks=[*others, *[each.callbacks() for each in watched]], **kwargs)
    return get_async


def _hook() -> None:
    """Puts ours in the place of get_async(), wherever that has been imported to."""
    global _hooked
    with _lock:
        if _hooked:
            return
        _hooked = True
        try:
            from dask.local import get_async as given
            ours = _watching(given)
        except (ImportError, AttributeError) as error:
            say_once('this version of Dask cannot be followed: %s', error)
            return
        for module in list(sys.modules.values()):
            if type(module) is ModuleType and vars(module).get('get_async') is given:
                vars(module)['get_async'] = ours


# ---- functions that are watched ------------------------------------------------------------------

def _plain(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        with block():
            return function(*args, **kwargs)
    return watched


def _coroutine(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    async def watched(*args: Any, **kwargs: Any) -> Any:
        with block():
            return await function(*args, **kwargs)
    return watched


def _generator(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        with block():
            return (yield from function(*args, **kwargs))
    return watched


def _async_generator(block: Callable[[], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """For these there is no `yield from`."""
    async def watched(*args: Any, **kwargs: Any) -> Any:
        with block():
            inner = function(*args, **kwargs)
            step = inner.asend(None)
            while True:
                try:
                    value = await step
                except StopAsyncIteration:
                    return
                try:
                    step = inner.asend((yield value))
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as error:
                    step = inner.athrow(error)
    return watched


_KINDS = [(inspect.iscoroutinefunction, _coroutine), (inspect.isgeneratorfunction, _generator),
          (inspect.isasyncgenfunction, _async_generator), (callable, _plain)]


# ---- the interface -------------------------------------------------------------------------------

class watch:
    """Shows what Dask's local schedulers compute (threads, processes, synchronous).

    As a context manager or decorator (also of coroutines and generators) what is computed within
    is one run; all threads count:

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

    def new_of(self, tasks: List[Key]) -> List[Key]:
        """Those that have not been told in the run: what is computed twice is one task."""
        if self.run is None:
            return tasks
        if not self._known.isdisjoint(tasks):
            tasks = [key for key in tasks if key not in self._known]
        self._known.update(tasks)
        return tasks

    def _begin(self) -> None:
        _hook()
        _active.append(self)

    def close(self, phase: str = 'done') -> None:
        """No more is watched."""
        if self in _active:
            _active.remove(self)
        if self.run is not None:
            self.run.finish(phase)

    def __enter__(self) -> 'watch':
        self.run = self._make()
        self._begin()
        return self

    def __exit__(self, kind: object, error: Optional[BaseException], trace: object) -> None:
        self.close(phase_after(error))

    def __call__(self, function: Function) -> Function:
        """What runs in steps is within its block from the first to the last."""
        def block() -> watch:
            return watch(self.file, name=self.name or getattr(function, '__name__', None),
                         sizes=self.sizes)
        make = next(make for is_such, make in _KINDS if is_such(function))
        return functools.wraps(function)(make(block, function))  # type: ignore[return-value]
