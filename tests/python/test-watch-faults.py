"""test-watch-faults.py: a computation goes on whatever becomes of what watches it.

SPDX-License-Identifier: BSD-3-Clause

Nobody listens, or does not read, or goes; there is no room, and there are no files; processes end.
"""
import concurrent.futures
import contextlib
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import place  # noqa: F401  (finds the package and the support)
from computations import broken, compute, seen, starts_of, wait_for
from server import Server
from tap import contains, equal, main, test

import weftline
from weftline import _relay, _run, _sink, _wire


def logged(code, **environment):
    """What a program says on stderr, and prints."""
    known = {key: value for key, value in os.environ.items() if not key.startswith('WEFTLINE')}
    done = subprocess.run([sys.executable, '-c', code], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=True,
                          env={**known, 'PYTHONPATH': place.PATH, **environment})
    return done.stderr, done.stdout


@test('/weft/python/watch/nobody-listens')
def nobody():
    with tempfile.TemporaryDirectory() as folder:
        err, out = logged('''
import threading, weftline, dask.threaded
for _ in range(3):
    with weftline.watch():
        print(dask.threaded.get({'a': (sum, [1, 2])}, 'a'))
print([t.name for t in threading.enumerate() if 'weft' in t.name])
''', XDG_RUNTIME_DIR=folder)
    equal(out, '3\n3\n3\n[]\n')
    equal(err.count('\n'), 1)
    contains(err, 'no server listens')
    contains(err, os.path.join(folder, 'weftline', 'socket'))


@test('/weft/python/watch/the-server-vanishes')
def vanishes():
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        gate = os.path.join(folder, 'gate')
        graph = {'long': (wait_for, gate, 5), 'after': (seen, 'long')}
        graph.update({f'many-{i}': (seen, 'after') for i in range(500)})
        graph['all'] = (len, [f'many-{i}' for i in range(500)])
        done = []

        def work():
            with weftline.watch():
                done.append(compute('threads', graph, 'all'))
        _wire._said.clear()
        thread = threading.Thread(target=work)
        thread.start()
        server.wait(lambda: any(run.of('start') for run in server.runs))
        server.vanish()
        with open(gate, 'w', encoding='utf-8'):
            pass
        thread.join(30)
    equal(done, [500])
    equal(len([text for text in _wire._said if 'nothing more of this run' in text]), 1)


@contextlib.contextmanager
def unread(**limits):
    """A server that never reads. limits: in the place of those of _run.py."""
    usual = {name: getattr(_run, name) for name in limits}
    before = os.environ.get('XDG_RUNTIME_DIR')
    with tempfile.TemporaryDirectory() as folder, \
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        os.mkdir(os.path.join(folder, 'weftline'))
        listener.bind(os.path.join(folder, 'weftline', 'socket'))
        listener.listen(64)
        os.environ['XDG_RUNTIME_DIR'] = folder
        vars(_run).update(limits)
        try:
            yield
        finally:
            vars(_run).update(usual)
            os.environ.pop('XDG_RUNTIME_DIR')
            if before is not None:
                os.environ['XDG_RUNTIME_DIR'] = before


@test('/weft/python/watch/a-server-that-does-not-read')
def does_not_read():
    with unread(MAX_WAITING=200):
        graph = {f'{"k" * 500}-{i}': (seen,) for i in range(3000)}
        watching = weftline.watch()
        with watching:
            equal(len(compute('sync', graph, list(graph))), 3000)
            run = watching.run
            start = time.monotonic()
        if time.monotonic() - start > _run.FINISH_S + 1:
            raise AssertionError('the end was held up')
        equal(len(run.ends) <= 202, True)
        equal(run.n_dropped > 0, True)


@test('/weft/python/watch/what-waits-is-bounded-by-its-bytes')
def bounded_bytes():
    """Errors of 50 kB against a server that does not read; each of these has a traceback, too."""
    with unread(MAX_WAITING_BYTES=1 << 22):
        run = _run.Run('failing')
        for i in range(200):
            run.failed([f'bad-{i}', 1, 2, 3, None, False], LookupError('x' * 50_000))
        for i in range(200):
            run.say(b'{"e":"add","k":"%d"}\n' % i)
        waiting = list(run.events)
        run.finish(wait=0)
    n_bytes = sum(len(each) if type(each) is bytes else len(each.fail) for each in waiting)
    if not (1 << 21) < n_bytes < (1 << 22) + 200_000:
        raise AssertionError(f'{n_bytes} bytes wait')
    equal(run.n_dropped > 300, True)


@test('/weft/python/watch/what-waited-makes-room')
def room_again():
    """More than may wait at once, against a server that reads."""
    usual, _run.MAX_WAITING_BYTES = _run.MAX_WAITING_BYTES, 1 << 16
    try:
        with Server() as server:
            with _run.Run('slowly') as run:
                for i in range(100):
                    run.add(f'{"k" * 4000}-{i}')
                    server.wait(lambda: server.runs and len(server.runs[0].of('add')) == i + 1)
            equal((len(server.run().of('add')), run.n_dropped), (100, 0))
    finally:
        _run.MAX_WAITING_BYTES = usual


@test('/weft/python/watch/many-runs-that-are-not-taken')
def not_taken():
    """Each that is not leaves a thread and an open file; so there are no more than some."""
    for sender in [each for each in threading.enumerate() if each.name == 'weftline']:
        sender.join()
    _wire._said.clear()
    usual, _sink.CLOSING_S = _sink.CLOSING_S, 60
    runs = []
    try:
        with unread(MOST_CLOSING=8):
            for _ in range(20):
                run = _run.Run('short')
                runs.append((run, run.live))
                run.finish(wait=0)
            equal([live for _, live in runs], [True] * 8 + [False] * 12)
            equal([text for text in _wire._said if 'listens' in text], [])
            equal(len(_wire._said), 1)
    finally:
        _sink.CLOSING_S = usual
    for run, _ in runs:
        run.join(None)
    with Server() as server:
        _run.Run('after').finish()
        equal(server.run().request['name'], 'after')


@test('/weft/python/watch/an-end-that-is-interrupted')
def interrupted_end():
    """And ends that fail, at that of the program: each function is called once, each run ends."""
    with Server() as server:
        err, out = logged('''
from weftline._run import Run
called = []
def say_and_raise(number, error):
    called.append(number)
    raise error
runs = [Run(f'{i}') for i in range(4)]
runs[0].at_finish(lambda: say_and_raise(0, KeyboardInterrupt()))
for i, run in enumerate(runs):
    run.at_finish(lambda i=i: say_and_raise(i + 1, OSError('it is closed')))
try:
    runs[0].finish()
except KeyboardInterrupt:
    print(called)
runs[0].finish()
print(called)
''')
        equal({run.phase for run in server.ended(4)}, {'done'})
    equal(out, '[0, 1]\n[0, 1]\n')
    equal(err.count('\n'), 1)
    contains(err, 'it is closed')


def wait_and_die(path, _):
    wait_for(path, None)
    os.kill(os.getpid(), signal.SIGKILL)


@test('/weft/python/watch/a-worker-that-is-killed')
def killed():
    broken_pools = []
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        gate = os.path.join(folder, 'gate')

        def work():
            try:
                with weftline.watch():
                    compute('processes', {'first': (seen,), 'fatal': (wait_and_die, gate, 'first')},
                            'fatal')
            except concurrent.futures.process.BrokenProcessPool as error:
                broken_pools.append(error)
        thread = threading.Thread(target=work)
        thread.start()
        server.wait(lambda: any('fatal' in starts_of(run) for run in server.runs))
        with open(gate, 'w', encoding='utf-8'):
            pass
        thread.join()
        run = server.run()
    equal((len(broken_pools), run.phase), (1, 'failed'))
    equal(set(run.spans()), {'first'})
    equal({event['k'] for event in run.of('start')} - {'first'}, {'fatal'})


@contextlib.contextmanager
def temporary_files_in(folder):
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield
    finally:
        tempfile.tempdir = before


@test('/weft/python/watch/temporary-files-far-down')
def far_down():
    """Where the path of a socket would be too long."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        far = os.path.join(folder, 'x' * 100)
        os.mkdir(far)
        try:
            with temporary_files_in(far), weftline.watch():
                compute('processes', {'a': (seen,), 'bad': (broken, 'a')}, 'bad')
        except LookupError:
            pass
        run = server.run()
        equal(os.listdir(far), [])
    equal((set(run.spans()), [event['k'] for event in run.of('fail')]), ({'a'}, ['bad']))


@test('/weft/python/watch/no-room-for-temporary-files')
def no_room():
    """Other processes cannot say what they run; the graph is shown still."""
    _wire._said.clear()
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        with temporary_files_in(os.path.join(folder, 'missing')), weftline.watch():
            equal(compute('processes', {'a': (int, '7'), 'b': (sum, ['a', 1])}, 'b'), 8)
        run = server.run()
    equal((run.inputs(), run.spans(), run.phase), ({'a': set(), 'b': {'a'}}, {}, 'done'))
    equal(len([text for text in _wire._said if 'not all that other processes' in text]), 1)


@test('/weft/python/watch/what-others-say-is-cut-anywhere')
def cut_anywhere():
    """Lines and messages, whose bytes may be any."""
    rng = random.Random()
    for _ in range(200):
        said, data = [], b''
        for _ in range(rng.randrange(1, 12)):
            if rng.random() < .5:
                text = b'{"e":"%d"}\n' % rng.randrange(1 << 30)
                said.append(text)
                data += text
            else:
                body = bytes(rng.choices(b'#\n{0', k=rng.randrange(40)))
                said.append([body])
                data += b'#%d\n%b' % (len(body), body)
        found, rest = [], b''
        while data or rest:
            n = rng.randrange(1, 60)
            parts, rest = _relay._split(rest + data[:n])
            found += parts
            if not data:
                break
            data = data[n:]
        whole = []
        for part in found:  # lines may come in one piece
            whole += [part] if type(part) is list else part.splitlines(True)
        equal((whole, rest), (said, b''))


@test('/weft/python/watch/a-worker-that-is-stopped')
def stopped():
    """It cannot answer when the computation ends: that waits for a moment only."""
    with Server() as server, concurrent.futures.ProcessPoolExecutor(2) as pool:
        try:
            with weftline.watch():
                graph = {f'a-{i}': (seen,) for i in range(9)}
                compute('processes', graph, list(graph), pool=pool)
                pid = next(iter(pool._processes))
                os.kill(pid, signal.SIGSTOP)
                start = time.monotonic()
                compute('threads', {'b': (seen,)}, 'b')
                server.wait(lambda: any(event['k'] == 'b' for run in server.runs
                                        for event in run.of('release')))
                equal(time.monotonic() - start < 10 * _relay.GATHER_S, True)
        finally:
            os.kill(pid, signal.SIGCONT)
        run = server.run()
    equal(set(run.spans()), {f'a-{i}' for i in range(9)} | {'b'})


@test('/weft/python/watch/too-many-open-files')
def too_many_files():
    """Who could not be heard is, once there is room."""
    class Said:
        can = ('spans',)
        heard = threading.Event()

        def say(self, lines):
            self.heard.set()

    relay = _relay.Relay(Said())
    tried, serve = threading.Event(), relay._serve

    def serve_and_tell(ready):
        try:
            return serve(ready)
        finally:
            tried.set()
    relay._serve = serve_and_tell
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_UNIX) as other:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        try:
            other.connect(relay.path)
            other.sendall(b'{"e":"worker","w":"other"}\n')
            equal(tried.wait(20), True)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        equal(Said.heard.wait(20), True)
    relay.close()


@test('/weft/python/watch/more-than-a-thousand-open-files')
def many_files():
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2048, limits[1]), limits[1]))
    try:
        with Server() as server, contextlib.ExitStack() as files:
            for _ in range(1100):
                files.enter_context(open(os.devnull, encoding='utf-8'))
            try:
                with weftline.watch():
                    compute('processes', {'a': (seen,), 'bad': (broken, 'a')}, 'bad', num_workers=1)
            except LookupError:
                pass
            run = server.run()
        equal([event['k'] for event in run.of('fail')], ['bad'])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@test('/weft/python/watch/a-forked-process-says-nothing')
def forked():
    with Server() as server:
        with weftline.watch():
            compute('sync', {'before': (seen,)}, 'before')
            child = os.fork()
            if child == 0:
                try:
                    compute('sync', {'within': (seen,)}, 'within')
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            compute('sync', {'after': (seen,)}, 'after')
        run = server.run()
    equal(set(run.spans()), {'before', 'after'})
    equal(server.n_connections, 1)


if __name__ == '__main__':
    main()
