"""joblib.py: a backend of Joblib that shows the calls; importing this registers it.

SPDX-License-Identifier: BSD-3-Clause

    import joblib, weftline.joblib

    with joblib.parallel_backend('weftline'):            # around loky, Joblib's own choice
        Parallel(n_jobs=4)(delayed(work)(i) for i in range(100))

`inner` names another backend to be wrapped: joblib.parallel_backend('weftline', inner='threading').
Each call of Parallel is a run, each call in it a task, also where Joblib sends several at once.
"""
import itertools
import sys
from typing import Any, Callable, Optional

from joblib import parallel

from ._executor import name_of
from ._run import Run, phase_after, program_name
from ._timed import Timed
from ._wire import say_once


class _Watched:
    """What is added to an instance of another backend."""

    def __init__(self, backend: Any, sizes: bool) -> None:
        self._sizes = sizes
        self._run: Optional[Run] = None
        self._before: Optional[BaseException] = None
        self._numbers = itertools.count()
        self._start_call = getattr(backend, 'start_call', None)
        self._stop_call = getattr(backend, 'stop_call', None)
        self._configure = backend.configure
        backend.start_call = self.start_call
        backend.stop_call = self.stop_call
        backend.configure = self.configure
        for name in ('apply_async', 'submit'):  # the second since Joblib 1.5
            if hasattr(backend, name):
                setattr(backend, name, self._sending(getattr(backend, name)))

    def configure(self, *args: Any, **kwargs: Any) -> Any:
        """With one job, Joblib falls back to its sequential backend: that is watched then."""
        try:
            return self._configure(*args, **kwargs)
        except parallel.FallbackToBackend as other:
            _Watched(other.backend, self._sizes)
            raise

    def start_call(self) -> None:
        self._run = None
        self._before = sys.exc_info()[1]  # that of the caller, who may be dealing with one
        self._numbers = itertools.count()
        if self._start_call is not None:
            self._start_call()

    def stop_call(self) -> None:
        if self._stop_call is not None:
            self._stop_call()
        error = sys.exc_info()[1]
        if self._run is not None:
            self._run.finish(phase_after(error if error is not self._before else None), wait=0)
        self._run = self._before = None

    def _sending(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(batch: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                self._take(batch)
            except Exception as error:
                say_once('calls of Joblib cannot be followed: %r', error)
            return send(batch, *args, **kwargs)
        return sent

    def _take(self, batch: Any) -> None:
        if self._run is None:
            name = name_of(batch.items[0][0])
            self._run = Run(f'{program_name()}: {name}', source='joblib')
        run = self._run
        if not run.live:
            return
        items = []
        for function, args, kwargs in batch.items:
            key = f'{name_of(function)}-{next(self._numbers)}'
            run.add(key)
            items.append((Timed(run, key, function, self._sizes), args, kwargs))
        batch.items = items


def make_backend(inner: str = parallel.DEFAULT_BACKEND, sizes: bool = True, **more: Any) -> Any:
    """A backend of that name, watched."""
    backend = parallel.BACKENDS[inner](**more)
    _Watched(backend, sizes)
    return backend


parallel.register_parallel_backend('weftline', make_backend)
