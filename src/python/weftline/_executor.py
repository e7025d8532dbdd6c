"""_executor.py: any executor of concurrent.futures, with its calls shown.

SPDX-License-Identifier: BSD-3-Clause
"""
import functools
import itertools
import operator
import os
from concurrent.futures import Executor as _Executor, Future
from typing import Any, Callable, Iterable, Iterator, List, Optional, Union

from . import _relay
from ._run import Run, failure_event, now, phase_after, program_name
from ._timed import Timed
from ._wire import line, quote


def _text_of(name: str, function: Any) -> Optional[str]:
    """Asked with care: some objects answer for every name, with what is no text."""
    try:
        text = operator.attrgetter(name)(function)
    except Exception:
        return None
    return text if type(text) is str else None


def name_of(function: Any) -> str:
    """What a call's group is named by: the function, not what it is wrapped in."""
    while isinstance(function, (functools.partial, _EachOf)):
        function = function.func
    name = (_text_of('__qualname__', function) or _text_of('func.__qualname__', function)
            or type(function).__qualname__)
    name = name.rpartition('<locals>.')[2]
    return 'lambda' if name == '<lambda>' else name.replace('-', '_')


def _is_told(error: BaseException) -> bool:
    """Whether it was raised within the call, which has said so. In doubt it is said again."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is Timed.__call__.__code__:
            return True
        trace = trace.tb_next
    text = getattr(error.__cause__, 'tb', None)  # of another process: its traceback
    return type(text) is str and f'"{_relay.call.__code__.co_filename}"' in text


class Executor(_Executor):
    """Wraps an executor; each call is a task, in threads or in processes.

        with weftline.Executor(ThreadPoolExecutor()) as pool:
            pool.submit(work, 1)

    A call that is given a future of this executor as an argument is shown to read its result (the
    future itself is handed on, as without us; a process cannot be given one). file, name, sizes: as
    of weftline.watch().
    """

    def __init__(self, executor: _Executor, *,
                 file: Union[str, 'os.PathLike[str]', None] = None,
                 name: Optional[str] = None, sizes: bool = True,
                 source: str = 'concurrent.futures') -> None:
        self._executor = executor
        self._sizes = sizes
        self._phase = 'done'
        self._numbers = itertools.count()
        self.run = Run(name or program_name(), source=source, file=file)
        workers = getattr(executor, '_max_workers', None)
        if workers is not None:
            self._max_workers = workers

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> 'Future[Any]':
        if not self.run.live:
            return self._executor.submit(fn, *args, **kwargs)
        key = f'{name_of(fn)}-{next(self._numbers)}'
        reads: List[str] = []
        for value in itertools.chain(args, kwargs.values()):
            if isinstance(value, Future):
                read = getattr(value, '_weftline_key', None)
                if type(read) is str:
                    reads.append(read)
        inputs = f',"inputs":[{",".join(map(quote, reads))}]' if reads else ''
        self.run.say(f'{{"e":"add","k":{quote(key)}{inputs}}}\n')
        try:
            future = self._executor.submit(Timed(self.run, key, fn, self._sizes), *args, **kwargs)
        except BaseException:
            self.run.point('cancel', key, now())
            raise
        future._weftline_key = key  # type: ignore[attr-defined]
        future.add_done_callback(functools.partial(self._done, key))
        return future

    def _done(self, key: str, future: 'Future[Any]') -> None:
        """What the call itself cannot say: that it was never made, that its process died, that
        what it returned could not be sent back."""
        if future.cancelled():
            self.run.point('cancel', key, now())
            return
        error = future.exception()
        if error is not None and not _is_told(error):
            self.run.say(line(failure_event(key, error, now())))

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any],
            timeout: Optional[float] = None, chunksize: int = 1) -> Iterator[Any]:
        """As without us; a process gets `chunksize` calls at once, which are then one task."""
        if chunksize > 1 and not self.run.live:
            return self._executor.map(fn, *iterables, timeout=timeout, chunksize=chunksize)
        if chunksize > 1:
            chunks = _chunks(zip(*iterables), chunksize)
            results = super().map(_EachOf(fn), chunks, timeout=timeout)
            return itertools.chain.from_iterable(results)
        return super().map(fn, *iterables, timeout=timeout)

    def shutdown(self, wait: bool = True, **more: Any) -> None:
        try:
            self._executor.shutdown(wait=wait, **more)
        except BaseException as error:
            self.run.finish(phase_after(error))
            raise
        if wait:
            self.run.finish(self._phase)

    def __exit__(self, kind: object, error: Optional[BaseException], trace: object) -> None:
        self._phase = phase_after(error)
        self.shutdown()


class _EachOf:
    """Calls a function for each item of a chunk, and is named by it."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self.func = func

    def __call__(self, chunk: List[Any]) -> List[Any]:
        return [self.func(*args) for args in chunk]


def _chunks(items: Iterable[Any], n: int) -> Iterator[List[Any]]:
    items = iter(items)
    chunk = list(itertools.islice(items, n))
    while chunk:
        yield chunk
        chunk = list(itertools.islice(items, n))
