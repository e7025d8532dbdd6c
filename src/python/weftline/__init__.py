"""weftline: shows what Python programs compute, live, in Weftline's window.

SPDX-License-Identifier: BSD-3-Clause

    import weftline

    with weftline.watch():                    # Dask on this machine
        total.compute()

    weftline.watch_cluster(client)            # a Dask cluster

    with weftline.Executor(ThreadPoolExecutor()) as pool:
        pool.submit(work, 1)

    weftline.annotate('second pass')          # a mark, in what is shown now

    with weftline.Run('simulation') as run:   # anything else
        run.task('step-1', 'main', start, duration)

data/doc/python.md is the guide. If no window and no server is there, all of it does nothing and
says so once; nothing here starts one, and nothing can make a computation fail.
"""
from typing import Any

from ._run import Run, annotate

__version__ = '0.1.0'

__all__ = ['Executor', 'Run', 'annotate', 'watch', 'watch_cluster']

_WHERE = {'Executor': '_executor', 'watch': '_dask', 'watch_cluster': '_cluster'}


def __getattr__(name: str) -> Any:
    """What needs other packages is imported when it is first asked for."""
    if name in _WHERE:
        from importlib import import_module
        return getattr(import_module(f'{__name__}.{_WHERE[name]}'), name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
