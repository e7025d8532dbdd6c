"""test-file.py: runs of Dask in run files: recorded, and by way of the real server.

SPDX-License-Identifier: BSD-3-Clause

What the files have is compared with what Dask says itself: its graph, its own profiler.
"""
import contextlib
import glob
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time

import place
import run_file
from server import wait_for_socket
from tap import contains, equal, main, test

import dask.local
import dask.threaded
import weftline
from dask.core import get_dependencies
from dask.diagnostics import Profiler
from dask.utils import key_split
from weftline._run import Run

COMMAND = os.path.join(os.environ.get('WEFT_BUILD_ROOT', os.path.join(place.SOURCE, 'build/head')),
                       'src', 'cli', 'weftline')
os.environ['WEFTLINE'] = COMMAND


def work(*inputs):
    return sum(range(2000)) + len(inputs)


def broken(*inputs):
    raise LookupError('the shelf is empty')


def graph_of(n):
    rng = random.Random(3)
    graph = {}
    for i in range(n):
        reads = rng.sample(list(graph), min(len(graph), rng.randrange(4)))
        graph[('chunk-sum', i) if i % 3 else f'load-{i}'] = (work, *reads)
    return graph


class File:
    """What a run file has, by key."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            data = file.read()
        lines = list(run_file.lines(data))
        self.whole = lines[-1].get('kind') == 'end'
        numbers = [line['segment'] for line in lines if line.get('kind') == 'segment']
        self.graphs = [run_file.read_graph(data, number) for number in sorted(set(numbers))]
        self.meta = json.loads(lines[0]['text'])
        self.spans = {}
        self.errors = {}
        self.states = []
        self.marks = []
        self.n_links = sum(line.get('record') == 'link' for line in lines)
        strings = [text for line in lines for text in line.get('strings', ())]
        for line in lines:
            if line.get('record') == 'task':
                self.spans.setdefault(self.key(line), []).append(line)
            elif line.get('record') == 'run-state':
                self.states.append(line['how'])
            elif line.get('record') == 'annotation':
                self.marks.append((line['start'], strings[line['amount']]))
            elif line.get('kind') == 'error':
                self.errors[self.key(line)] = line

    def key(self, line):
        return self.graphs[line['segment']].tasks[line['task']]['key']

    def tasks(self):
        return {task['key']: task for graph in self.graphs for task in graph.tasks}

    def inputs(self):
        """Of a run that was told at once: within the segment."""
        graph, = self.graphs
        return {task['key']: {graph.tasks[source]['key'] for source, _ in task['inputs']}
                for task in graph.tasks}


def compare(file, graph, profile):
    equal(file.inputs(), {str(key): {str(read) for read in get_dependencies(graph, key)}
                          for key in graph})
    equal({key: task['group'] for key, task in file.tasks().items()},
          {str(key): key_split(key) for key in graph})
    equal({key: len(spans) for key, spans in file.spans.items()}, {str(key): 1 for key in graph})
    for task in profile:  # from submission to the result's arrival: around what really ran
        span, = file.spans[str(task.key)]
        longest = (task.end_time - task.start_time) * 1e9 + 1000
        if not 0 < span['duration'] <= longest:
            raise AssertionError(f'{task.key}: {span["duration"]} ns, Dask says {longest}')
        equal(span['amount'], sys.getsizeof(work()))


@test('/weft/python/file/recorded-as-dask-says')
def recorded():
    graph = graph_of(100)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'run.weft')
        with Profiler() as profiler, weftline.watch(file=path, name='analysis'):
            dask.threaded.get(graph, list(graph), num_workers=2)
        file = File(path)
        equal(os.listdir(folder), ['run.weft'])
    equal((file.whole, file.states), (True, [1, 3]))
    equal((file.meta['name'], file.meta['source']), ('analysis', 'dask'))
    compare(file, graph, profiler.results)


@test('/weft/python/file/large-graph-is-one')
def large():
    """Each task reads what is said long after it; with tuples as keys, whose group is told."""
    n = 40000
    keys = [('row-sum', i) if i % 2 else f'load-{i}' for i in range(n)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'run.weft')
        with Run('large', file=path) as run:
            run.say(run.columns.graph(keys, dict(zip(keys, [[key] for key in keys[1:]] + [[]])).get,
                                      lambda key: 'row-sum' if type(key) is tuple else None))
        file = File(path)
    equal(file.n_links, 0)
    texts = [str(key) for key in keys]
    inputs = file.inputs()
    equal([inputs[text] for text in texts], [{text} for text in texts[1:]] + [set()])
    equal({key: task['group'] for key, task in file.tasks().items()},
          {text: 'row-sum' if i % 2 else 'load' for i, text in enumerate(texts)})


@test('/weft/python/file/annotations')
def annotations():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'run.weft')
        weftline.annotate('nobody hears this')
        with weftline.watch(file=path) as watch:
            before = time.monotonic_ns()
            weftline.annotate('one pass')
            dask.local.get_sync({'a': (work,), 'b': (work, 'a')}, 'b')
            watch.run.annotate('the other', worker='elsewhere')
            weftline.annotate('…' * 3)
        after = time.monotonic_ns()
        file = File(path)
    equal(sorted(text for _, text in file.marks), ['one pass', 'the other', '…' * 3])
    equal(all(before <= at <= after for at, _ in file.marks), True)
    equal(dict((text, at) for at, text in file.marks)['one pass']
          <= min(span[0]['start'] for span in file.spans.values()), True)


@test('/weft/python/file/by-way-of-the-server')
def served():
    graph = graph_of(100)
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get('XDG_RUNTIME_DIR')
        os.environ['XDG_RUNTIME_DIR'] = folder
        runs = os.path.join(folder, 'runs')
        child = subprocess.Popen([COMMAND, 'serve', '--folder', runs], stdout=subprocess.PIPE)
        try:
            contains(child.stdout.readline().decode(), folder)
            wait_for_socket(os.path.join(folder, 'weftline', 'socket'))
            with Profiler() as profiler, weftline.watch():
                dask.threaded.get(graph, list(graph), num_workers=2)
            try:
                with weftline.watch(name='worse'):
                    dask.local.get_sync({'bad-1': (broken,)}, 'bad-1')
            except LookupError:
                pass
            listed = subprocess.run([COMMAND, 'runs', '--json'], check=True,
                                    stdout=subprocess.PIPE).stdout.splitlines()
        finally:
            child.terminate()
            child.wait()
            child.stdout.close()
            os.environ.pop('XDG_RUNTIME_DIR')
            if before is not None:
                os.environ['XDG_RUNTIME_DIR'] = before
        found = {file.meta['name']: file for file in map(File, glob.glob(runs + '/*.weft'))}
    compare(found.pop('test-file.py'), graph, profiler.results)
    worse, = found.values()
    equal(worse.states, [1, 4])
    error = worse.errors['bad-1']
    equal((error['error_kind'], error['message']), ('LookupError', 'the shelf is empty'))
    contains(error['detail'], 'in broken')
    equal(worse.spans['bad-1'][0]['how'] >> 4, 1)
    equal([(run['source'], run['phase'], run['tasks'], run['done'], run['failed'])
           for run in sorted(map(json.loads, listed), key=lambda run: run['run'])],
          [('dask', 'done', 100, 100, 0), ('dask', 'failed', 1, 0, 1)])


@test('/weft/python/file/computed-twice-is-one-graph')
def twice():
    graph = graph_of(20)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'run.weft')
        with weftline.watch(file=path):
            for _ in range(2):
                dask.threaded.get(graph, list(graph))
        file = File(path)
    equal(len(file.tasks()), 20)
    equal({len(spans) for spans in file.spans.values()}, {2})


@contextlib.contextmanager
def forked():
    """A process of ours that lives meanwhile, as those of a pool do."""
    until, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end)
        os.read(until, 1)
        os._exit(0)
    try:
        yield
    finally:
        os.close(end)
        os.close(until)
        os.waitpid(child, 0)


@test('/weft/python/file/whole-though-a-forked-process-lives')
def whole_though_forked():
    """Also beside runs that are over, and one that cannot be left."""
    def broken_pipe():
        raise OSError('it cannot be left')
    with tempfile.TemporaryDirectory() as folder:
        before = []
        for i in range(8):
            before.append(Run(file=os.path.join(folder, f'{i}.weft')))
            before[-1].finish(wait=None)
        before[0]._sink.abandon = broken_pipe
        path = os.path.join(folder, 'run.weft')
        run = Run(file=path)
        run.task('a', 'main', 100, 20)
        with forked():
            run.finish(wait=20)
            equal(run._thread.is_alive(), False)
        equal(File(path).states, [1, 3])


@test('/weft/python/file/there-when-the-block-is-left')
def there_when_left():
    """However long that takes, where nobody says for how long to wait."""
    waits = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'run.weft')
        with Run(file=path) as run:
            run.task('work', 'main', 100, 20)
            join = run.join
            run.join = lambda wait: (waits.append(wait), join(wait))
        equal((waits, File(path).states), ([None], [1, 3]))


@test('/weft/python/file/the-command-is-not-found')
def not_found():
    os.environ['WEFTLINE'] = '/nonexistent'
    try:
        with weftline.watch(file='run.weft'):
            raise AssertionError('it was taken')
    except FileNotFoundError as error:
        contains(str(error), 'WEFTLINE')
    finally:
        os.environ['WEFTLINE'] = COMMAND


@test('/weft/python/file/a-place-that-cannot-be-written')
def no_place():
    heard = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())
    logging.getLogger('weftline').addHandler(handler)
    try:
        with weftline.watch(file='/nonexistent/run.weft'):
            equal(dask.local.get_sync({'a': (work,)}, 'a'), work())
    finally:
        logging.getLogger('weftline').removeHandler(handler)
    equal(len(heard), 1)
    contains(heard[0], '/nonexistent/run.weft: No such file or directory')


@test('/weft/python/file/bare-lines-from-a-shell')
def bare():
    lines = ('{"e": "add", "k": "inc-1"}\n{"e": "task", "k": "inc-1", "w": "main", "s": 100, '
             '"d": 20, "b": 28}\n')
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'shell.weft')
        done = subprocess.run([COMMAND, 'record', path], input=lines, text=True,
                              stderr=subprocess.PIPE, check=False)
        equal((done.returncode, done.stderr), (0, ''))
        file = File(path)
        equal((file.meta['name'], file.states), ('shell', [1, 3]))
        equal([span['duration'] for span in file.spans['inc-1']], [20])
        done = subprocess.run([COMMAND, 'record', path], input=lines + '{"e": "tsk"}\n', text=True,
                              stderr=subprocess.PIPE, check=False)
        equal((done.returncode, done.stderr.count('\n')), (2, 1))
        contains(done.stderr, 'tsk')
        done = subprocess.run([COMMAND, 'record', path], input='', text=True,
                              stderr=subprocess.PIPE, check=False)
        equal(done.returncode, 2)
        contains(done.stderr, 'nothing came')


if __name__ == '__main__':
    main()
