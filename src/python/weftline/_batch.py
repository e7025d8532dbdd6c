"""_batch.py: tasks of Dask's local schedulers, timed where they run.

SPDX-License-Identifier: BSD-3-Clause

A scheduler hands batches of tasks to its pool: dask.local.batch_execute_tasks() calls each of them
and packs what it returns. In its place goes an object of this file, which has that done by Dask's
own function, and notes when. So tasks stay as they are, of whatever kind, and neither graph nor
results are touched.

In this process (threads) the times are appended to a lane. In another one they go back with the
results of the batch: that costs less than anything a process could be sent beside. They are taken
off when the results arrive, before Dask sees these. What takes long, or fails, is told from
there at once; see _relay.py.
"""
from array import array
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.pool import Pool
from threading import get_native_id
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple, Union

from dask.local import (MultiprocessingPoolExecutor, batch_execute_tasks, execute_task,
                        identity)

from . import _relay
from ._run import Run, now, runs_by_path
from ._sizes import size_of
from ._timed import relay_path

# Tasks of a batch whose times go back with the results: these are one message to the server.
MOST_BACK = 4096

# (key, packed task and data, dumps, loads, get_id, pack_exception)
Task = Tuple[Any, ...]
# (key, packed result, whether it failed)
Made = Tuple[Any, Any, bool]


class Batch:
    """Runs tasks for `run`. inner: of another run that shows the same computation."""

    __slots__ = ('run', 'sizes', 'inner')

    def __init__(self, run: Run, sizes: bool, inner: Optional['Batch'] = None) -> None:
        self.run = run
        self.sizes = sizes
        self.inner = inner

    def __call__(self, tasks: Sequence[Task]) -> List[Made]:
        """Written out, not in parts: each call of a function would be felt."""
        run = self.run
        execute = execute_task if self.inner is None else self.inner.one
        if not run.live:
            return [execute(*task) for task in tasks]
        lane = run.here.lane
        if lane is None or len(lane.times) % 2:
            lane = run.make_lane()
        keys, times, sizes = lane.keys, lane.times, lane.sizes
        if len(keys) >= run.max_waiting:
            run.n_dropped += len(tasks)
            return [execute(*task) for task in tasks]
        made: List[Made] = []
        for task in tasks:
            keys.append(task[0])
            start = now()
            times.append(start)
            try:
                result = execute(*task)
                end = now()
            except BaseException as error:  # the synchronous scheduler does not pack it
                lane.fail(start, now(), self.sizes)
                run.failed_in(lane, task[0], start, error)
                raise
            made.append(result)
            if result[2]:
                lane.fail(start, end, self.sizes)
                run.failed_in(lane, task[0], start, _error_in(result[1], task[3]))
                continue
            if not self.sizes:
                times.append(end)
                continue
            size = None
            try:
                if task[2] is identity:
                    size = size_of(result[1][0])
            finally:  # Ctrl-C may come while it is asked
                sizes.append(size)
                times.append(end)
        return made

    def one(self, *task: Any) -> Made:
        return self([task])[0]

    def __reduce__(self) -> Tuple[Any, ...]:
        """Times of the outermost go back with the results, the others' are told."""
        inner = self.inner
        if not self.run.live:
            return _as_given, (inner,)
        return _Elsewhere, (relay_path(self.run), self.sizes, inner)

    def submit_to(self, submit: Callable[..., Any], tasks: Sequence[Task]) -> Any:
        """To a pool of processes, as a function and plain values, which return as plain values: to
        pack and unpack an object, its class and what makes it are looked for each time, and that
        takes longer than all else."""
        if not self.run.live:
            return submit(_as_given(self.inner), tasks)
        future = submit(run_elsewhere, relay_path(self.run), self.sizes, self.inner, tasks)
        future.add_done_callback(self.take_off)  # before Dask's own
        return future

    def take_off(self, future: Any) -> None:
        """What run_elsewhere() has put behind the results."""
        if not future.cancelled() and future.exception() is None:
            made = future.result()
            lane = made.pop()
            if lane is not None:
                self.run.say((*lane, [each[0] for each in made]))


def _error_in(packed: Any, loads: Callable[[Any], Any]) -> BaseException:
    try:
        return loads(packed)[0]
    except Exception as error:  # it cannot be unpacked; Dask will say so itself
        return error


def _as_given(inner: Any) -> Any:
    return batch_execute_tasks if inner is None else inner


class Back:
    """What a batch made in another process, and when: packed as a call that tells the run, and
    leaves what was made."""

    __slots__ = ('call',)

    def __init__(self, path: str, lane: Tuple[Any, ...], made: List[Made]) -> None:
        self.call = arrived, (path, lane, made)

    def __reduce__(self) -> Tuple[Any, ...]:
        return self.call

    def __iter__(self) -> Iterator[Made]:
        """Of a pool that has packed the call, but not what it returned."""
        function, args = self.call
        return iter(function(*args))


def arrived(path: str, lane: Tuple[Any, ...], made: List[Made]) -> List[Made]:
    run = runs_by_path.get(path)
    if run is not None:
        run.say((*lane, [each[0] for each in made]))
    return made


class _Elsewhere:
    """What becomes of a Batch in another process."""

    __slots__ = ('path', 'sizes', 'inner')

    def __init__(self, path: str, sizes: bool, inner: Optional['_Elsewhere']) -> None:
        self.path = path
        self.sizes = sizes
        self.inner = inner

    def __call__(self, tasks: Sequence[Task]) -> Union[Back, List[Made]]:
        """In a pool that is not known."""
        made: List[Any] = run_elsewhere(self.path, self.sizes, self.inner, tasks)
        lane = made.pop()
        return made if lane is None else Back(self.path, lane, made)

    def one(self, *task: Any) -> Made:
        port = _relay.port_to(self.path)
        chunk = port.open_chunk(get_native_id(), [task], self.sizes, True)
        return _run_chunk(port, chunk, self.inner)[0]


def run_elsewhere(path: str, sizes: bool, inner: Optional[_Elsewhere],
                  tasks: Sequence[Task]) -> List[Any]:
    """What was made, and behind it what the run is to be told of that: process, thread, times,
    sizes (_columns.Batch); or None where all was told."""
    port = _relay.port_to(path)
    chunk = port.open_chunk(get_native_id(), tasks, sizes, len(tasks) > MOST_BACK)
    made: List[Any] = _run_chunk(port, chunk, inner)
    made.append(None if chunk.is_told else (
        port.pid, chunk.thread, array('q', chunk.starts + chunk.ends).tobytes(), chunk.sizes))
    return made


def _run_chunk(port: _relay.Port, chunk: _relay.Chunk,
               inner: Optional[_Elsewhere]) -> List[Made]:
    """The times are those of Dask's call alone, without packing and unpacking: when it has run, the
    worker's name is asked for. That is looked up once for all, which saves what our look at the
    clock takes: between two batches other programs run, so what is touched less is felt."""
    execute = execute_task if inner is None else inner.one
    starts, ends, sizes = chunk.starts, chunk.ends, chunk.sizes
    worker_id: Any = None

    def load(packed: Any) -> Any:
        given = loads(packed)
        starts.append(now())
        return given

    def own_id() -> Any:
        nonlocal worker_id
        ends.append(now())
        if worker_id is None:
            worker_id = get_id()
        return worker_id

    def dump(result: Any) -> Any:
        packed = dumps(result)
        sizes.append(size_of(result[0]))  # type: ignore[union-attr]
        return packed

    def pack(error: BaseException, _: Any) -> Any:
        port.fail_in_chunk(chunk, len(made), error)
        return pack_exception(error, dumps)

    made: List[Made] = []
    try:
        for key, packed, dumps, loads, get_id, pack_exception in chunk.tasks:
            made.append(execute(key, packed, dumps if sizes is None else dump, load, own_id, pack))
    finally:
        port.close_chunk(chunk)
    return made


def submit_to(submit: Callable[..., Any],
              make: Callable[[], Optional[Batch]]) -> Callable[..., Any]:
    """The submit() of a pool, with batches of ours in the place of Dask's. make: says what runs the
    tasks, when the first are there; None: as without us."""
    pool = getattr(submit, '__self__', None)
    if isinstance(pool, MultiprocessingPoolExecutor):
        pool = pool.pool
    is_elsewhere = isinstance(pool, ProcessPoolExecutor) or type(pool) is Pool
    batch: Any = None

    def submit_batch(function: Callable[..., Any], *args: Any) -> Any:
        nonlocal batch
        if batch is None:
            batch = make() or batch_execute_tasks
        if function is not batch_execute_tasks:
            return submit(function, *args)
        if is_elsewhere and batch is not function:
            return batch.submit_to(submit, *args)
        return submit(batch, *args)
    return submit_batch
