"""_batch.py: tasks of Dask's local schedulers, timed where they run.

SPDX-License-Identifier: BSD-3-Clause

A scheduler hands batches of tasks to its pool: dask.local.batch_execute_tasks() calls each of them
and packs what it returns. In its place goes an object of this file, which has that done by Dask's
own function, and notes when. So tasks stay as they are, of whatever kind, and neither graph nor
results are touched.

The times are appended to a lane, here, or in the process that runs the batch; see _relay.py.
"""
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.pool import Pool
from typing import Any, Callable, List, Optional, Sequence, Tuple

from dask.local import (MultiprocessingPoolExecutor, batch_execute_tasks, execute_task,
                        identity)

from . import _relay
from ._lane import Lane
from ._run import Run, now
from ._sizes import size_of
from ._timed import relay_path

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
        lane = run.lanes.here.lane
        if lane is None or len(lane.times) % 2:
            lane = run.lanes.make()
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
        if not self.run.live:
            return _as_given, (self.inner,)
        return _Elsewhere, (relay_path(self.run), self.sizes, self.inner)

    def submit_to(self, submit: Callable[..., Any], tasks: Sequence[Task]) -> Any:
        """To a pool of processes, as a function and plain values: to pack and unpack an object, its
        class and what makes it are looked for each time, and that takes longer than all else."""
        if not self.run.live:
            return submit(_as_given(self.inner), tasks)
        return submit(run_elsewhere, relay_path(self.run), self.sizes, self.inner, tasks)


def _error_in(packed: Any, loads: Callable[[Any], Any]) -> BaseException:
    try:
        return loads(packed)[0]
    except Exception as error:  # it cannot be unpacked; Dask will say so itself
        return error


def _as_given(inner: Any) -> Any:
    return batch_execute_tasks if inner is None else inner


class _Elsewhere:
    """What becomes of a Batch in another process."""

    __slots__ = ('path', 'sizes', 'inner')

    def __init__(self, path: str, sizes: bool, inner: Optional['_Elsewhere']) -> None:
        self.path = path
        self.sizes = sizes
        self.inner = inner

    def __call__(self, tasks: Sequence[Task]) -> List[Made]:
        """In a pool that is not known."""
        return run_elsewhere(self.path, self.sizes, self.inner, tasks)

    def one(self, *task: Any) -> Made:
        return run_elsewhere(self.path, self.sizes, self.inner, [task])[0]


def run_elsewhere(path: str, sizes: bool, inner: Optional[_Elsewhere],
                  tasks: Sequence[Task]) -> List[Made]:
    port = _relay.port_to(path)
    execute = execute_task if inner is None else inner.one
    if not port.is_open():
        return [execute(*task) for task in tasks]
    lane = port.lanes.here.lane
    if lane is None or len(lane.times) % 2:
        lane = port.lanes.make()
    run = lane.runner
    if run is None:
        run = lane.runner = _runner(port, lane, sizes)
    try:
        return run(execute, tasks)
    except BaseException:  # none of a task's: Ctrl-C
        port.end_lane(lane, sizes)
        raise


def _runner(port: _relay.Port, lane: Lane, sizes: bool) -> Callable[..., List[Made]]:
    """What runs batches in the lane's thread, made once. The times are those of Dask's call alone,
    without packing and unpacking: when it has run, the worker's name is asked for. That is looked
    up once for a batch, which saves what our look at the clock takes: between two batches other
    programs run, so what is touched less is felt."""
    keys, times = lane.keys, lane.times
    key = dumps = loads = get_id = pack_exception = worker_id = None  # type: Any
    start = end = 0

    def load(packed: Any) -> Any:
        nonlocal start
        given = loads(packed)
        start = now()
        times.append(start)
        return given

    def own_id() -> Any:
        nonlocal worker_id, end
        end = now()
        if not sizes:
            times.append(end)
        if worker_id is None:
            worker_id = get_id()
        return worker_id

    def dump(result: Any) -> Any:
        packed = dumps(result)
        size = None
        try:
            size = size_of(result[0])
        finally:  # Ctrl-C may come while it is asked
            lane.sizes.append(size)
            times.append(end)
        return packed

    def pack(error: BaseException, _: Any) -> Any:
        port.fail_in_lane(lane, key, start, error, sizes)
        return pack_exception(error, dumps)

    def run(execute: Callable[..., Made], tasks: Sequence[Task]) -> List[Made]:
        nonlocal key, dumps, loads, get_id, pack_exception, worker_id, start
        worker_id = None
        made: List[Made] = []
        for key, packed, dumps, loads, get_id, pack_exception in tasks:
            start = 0
            keys.append(key)
            made.append(execute(key, packed, dump if sizes else dumps, load, own_id, pack))
        return made
    return run


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
