"""test-joblib.py: calls of Joblib, on each of its own backends.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import tempfile
import threading
import time

import place  # noqa: F401
from server import Server
from tap import contains, equal, main, test

import joblib
import weftline.joblib  # noqa: F401


def seen(x):
    return x * x, time.monotonic_ns(), os.getpid(), threading.get_native_id()


def broken(x):
    raise KeyError(x)


def for_each_backend(path):
    def add(function):
        for inner in ('loky', 'multiprocessing', 'threading'):
            for jobs in (1, 2):
                test(f'/weft/python/joblib/{path}/{inner}-{jobs}')(
                    lambda inner=inner, jobs=jobs: function(inner, jobs))
        return function
    return add


@for_each_backend('what-ran-where-and-when')
def where_and_when(inner, jobs):
    with Server() as server:
        with joblib.parallel_backend('weftline', inner=inner):
            found = joblib.Parallel(n_jobs=jobs)(joblib.delayed(seen)(i) for i in range(40))
        run = server.run()
    equal([result[0] for result in found], [i * i for i in range(40)])
    equal((run.request['source'], run.phase), ('joblib', 'done'))
    spans = run.spans()
    equal(set(spans), {f'seen-{i}' for i in range(40)})
    pids = {event['w']: event['pid'] for event in run.of('worker')}
    for i, (_, when, pid, thread) in enumerate(found):
        start, end, worker, where = spans[f'seen-{i}']
        equal(start <= when <= end, True)
        equal((pids[worker], where), (pid, thread))
    equal(len({pid for _, _, pid, _ in found} - {os.getpid()}) > 0,
          inner != 'threading' and jobs > 1)


@for_each_backend('a-failing-call')
def failing(inner, jobs):
    with Server() as server:
        try:
            with joblib.parallel_backend('weftline', inner=inner):
                joblib.Parallel(n_jobs=jobs)(joblib.delayed(broken)('door') for _ in range(1))
        except KeyError as error:
            equal(error.args, ('door',))
        else:
            raise AssertionError('it did not fail')
        run = server.run()
    equal(run.phase, 'failed')
    fail, = run.of('fail')
    equal((fail['k'], fail['kind']), ('broken-0', 'KeyError'))
    contains(fail['traceback'], 'in broken')


def interrupted():
    raise KeyboardInterrupt


@test('/weft/python/joblib/how-a-call-ends')
def ends():
    """Interrupted; and well, in a program that deals with that."""
    with Server() as server:
        with joblib.parallel_backend('weftline', inner='threading'):
            try:
                joblib.Parallel(n_jobs=1)([joblib.delayed(interrupted)()])
            except KeyboardInterrupt:
                joblib.Parallel(n_jobs=2)([joblib.delayed(abs)(-1)])
        equal({run.phase for run in server.ended(2)}, {'cancelled', 'done'})


@test('/weft/python/joblib/what-remembers-its-results')
def remembers():
    """Also where there is no place to remember them."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        for place_of_results in (folder, None):
            cached = joblib.Memory(place_of_results, verbose=0).cache(broken)
            try:
                with joblib.parallel_backend('weftline', inner='threading'):
                    joblib.Parallel(n_jobs=2)([joblib.delayed(cached)('door')])
            except KeyError:
                pass
        equal([list(run.inputs()) for run in server.ended(2)], [['broken-0']] * 2)


if __name__ == '__main__':
    main()
