"""test-eventstream.py: `weftline attach http://…` at real Dask schedulers, and where there is none.

SPDX-License-Identifier: BSD-3-Clause

What is reported is compared with what the scheduler tells its own client.
"""
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import place
from forwarder import Forwarder
from server import Server, wait_for_socket
from tap import contains, equal, main, test

from distributed import Client, LocalCluster, get_task_stream

BUILD = os.environ.get('WEFT_BUILD_ROOT', 'build')
PROGRAM = os.environ.get('WEFTLINE') or os.path.join(BUILD, 'src', 'cli', 'weftline')

SANITIZED = bool(os.environ.get('WEFT_SANITIZED'))


def inc(x):
    time.sleep(0.001)
    return x + 1


def total(*values):
    return sum(values)


def broken(x):
    raise LookupError('the shelf is empty')


def cluster(**more):
    return LocalCluster(**{'n_workers': 2, 'threads_per_worker': 1, 'silence_logs': 50,
                           'dashboard_address': '127.0.0.1:0', **more})


def dashboard(local):
    return local.scheduler.http_server.port


class Attached:
    """The program, from its first word on."""

    def __init__(self, address, wait=True, **environment):
        known = {key: value for key, value in os.environ.items()
                 if not key.lower().endswith('_proxy')}
        if SANITIZED:  # what looks for proxies is C++, which an address sanitizer of C ends
            known['GIO_USE_PROXY_RESOLVER'] = 'dummy'
        if SANITIZED and address.startswith('https'):  # the search for leaks ends where GnuTLS is
            known['ASAN_OPTIONS'] = os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
        self.child = subprocess.Popen([PROGRAM, 'attach', address], text=True,
                                      env={**known, **environment},
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.first = self.child.stdout.readline() if wait else ''

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.child.kill()
        self.child.communicate()

    def ended(self):
        """(status, what it said on stderr)"""
        _, said = self.child.communicate(timeout=40)
        return self.child.returncode, said

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        return self.ended()


def texts(run):
    return [event['message'] for event in run.of('log')]


# ---- what it shows -------------------------------------------------------------------------------

@test('/weft/python/eventstream/tasks-and-times-as-the-scheduler-has-them')
def tasks():
    with Server() as server, cluster() as local, Client(local) as client, \
            Attached(f'http://127.0.0.1:{dashboard(local)}') as attached:
        equal(attached.first, f'watching http://127.0.0.1:{dashboard(local)}\n')
        with get_task_stream(client) as stream:
            parts = client.map(inc, range(30))
            whole = client.submit(total, *parts)
            equal(whole.result(), sum(range(1, 31)))
            bad = client.submit(broken, 1)
            equal(type(bad.exception()), LookupError)
        workers = {address: (each['nthreads'], each['memory_limit'])
                   for address, each in client.scheduler_info()['workers'].items()}
        server.wait(lambda: any('failed' in text for text in texts(server.runs[0])))
        server.wait(lambda: len(server.runs[0].of('task')) >= 31)
        equal(attached.stop(), (0, ''))
        run = server.run()
        address = local.scheduler_address
    equal((run.request['name'], run.request['source'], run.request['clock'], run.phase),
          (f'Dask at {attached.first.split()[1]}', 'dask', 'wall', 'done'))
    contains(run.request['notes'][0], 'does not tell which tasks need which')
    contains(run.request['notes'][2], f'weftline attach {address}')
    equal({event['w']: (event['threads'], event['limit']) for event in run.of('worker')}, workers)
    spans, sizes = run.spans(), {event['k']: event['b'] for event in run.of('task')}
    others = sorted((event['what'], event['k'], event['w'], event.get('peer'), event['s'])
                    for event in run.of('span'))
    expected = []
    for each in stream.data:
        if each['key'] == bad.key:
            continue
        for part in each['startstops']:
            if part['action'] == 'compute':
                start, end, worker, thread = spans.pop(each['key'])
                equal((start, worker, thread, sizes[each['key']]),
                      (part['start'], each['worker'], each['thread'], each['nbytes']))
                if abs(end - part['stop']) > 1e-6:
                    raise AssertionError(f'{end} {part}')
            else:
                what = {'disk-write': 'spill-write', 'disk-read': 'spill-read'}.get(
                    part['action'], part['action'])
                expected.append((what, each['key'], each['worker'], part.get('source'),
                                 part['start']))
    equal(spans, {})
    equal(others, sorted(expected))
    equal(run.of('fail', 'add'), [])
    memory = run.of('memory')
    equal({event['w'] for event in memory}, set(workers))
    equal(all(event['resident'] > 1 << 20 for event in memory), True)
    equal({'cpu', 'processing', 'erred'} <= {event['name'] for event in run.of('count')}, True)


@test('/weft/python/eventstream/a-worker-that-comes-is-known-before-its-tasks')
def later():
    with Server() as server, cluster(n_workers=1, threads_per_worker=3) as local, \
            Client(local) as client, Attached(f'http://127.0.0.1:{dashboard(local)}') as attached:
        first = list(client.scheduler_info()['workers'])
        local.scale(2)
        client.wait_for_workers(2)
        new, = [each for each in client.scheduler_info()['workers'] if each not in first]
        one = client.submit(inc, 1, workers=[new])
        server.wait(lambda: any(event['k'] == one.key for event in server.runs[0].of('task')))
        client.retire_workers([new])
        server.wait(lambda: server.runs[0].of('gone'))
        equal(attached.stop(), (0, ''))
        run = server.run()
    of_new = [event for event in run.events if event.get('w') == new]
    equal((of_new[0]['e'], of_new[0].get('threads')), ('worker', 3))
    equal([event['w'] for event in run.of('gone')], [new])


@test('/weft/python/eventstream/a-page-that-was-copied-a-server-without-spans')
def page():
    with Server(can=['report']) as server, cluster(n_workers=1) as local, Client(local) as client, \
            Attached(f'http://127.0.0.1:{dashboard(local)}/info/main/workers.html?a=b') as attached:
        equal(attached.first, f'watching http://127.0.0.1:{dashboard(local)}\n')
        client.submit(total, *client.map(inc, range(4))).result()
        server.wait(lambda: len(server.runs[0].of('task')) == 5)
        equal(attached.stop(), (0, ''))
    equal(server.runs[0].of('span', 'count'), [])
    equal('notes' in server.runs[0].request, False)


@test('/weft/python/eventstream/https')
def https():
    with Server() as server, cluster(n_workers=1) as local, Client(local) as client, \
            tempfile.TemporaryDirectory() as folder:
        certificate, context = make_certificate(folder)
        with Forwarder(dashboard(local), context) as forwarder:
            address = f'https://localhost:{forwarder.port}'
            with Attached(address, wait=False) as refused:
                status, said = refused.ended()
                equal((status, said.count('\n')), (3, 1))
                contains(said, 'nobody that is trusted here has signed it; SSL_CERT_FILE can')
            with Attached(address, SSL_CERT_FILE=certificate) as attached:
                equal(attached.first, f'watching {address}\n')
                client.submit(inc, 1).result()
                server.wait(lambda: server.runs[0].of('task'))
                equal(attached.stop(), (0, ''))


def make_certificate(folder):
    """(path, an SSLContext that has it)"""
    key, certificate = (os.path.join(folder, name) for name in ('key', 'certificate'))
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key,
                    '-out', certificate, '-days', '2', '-subj', '/CN=localhost',
                    '-addext', 'subjectAltName=DNS:localhost'], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


@test('/weft/python/eventstream/what-it-lacks-is-in-the-run-file')
def run_file():
    """By way of `weftline serve`."""
    with tempfile.TemporaryDirectory() as folder, cluster(n_workers=1) as local, \
            Client(local) as client:
        socket = os.path.join(folder, 's', 'socket')
        with subprocess.Popen([PROGRAM, 'serve', '--address', socket, '--folder', folder],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as served:
            try:
                wait_for_socket(socket)
                with Attached(f'http://127.0.0.1:{dashboard(local)}',
                              WEFTLINE_ADDRESS=socket) as attached:
                    client.gather(client.map(inc, range(5)))
                    wait_for_done(socket, 5)
                    equal(attached.stop(), (0, ''))
            finally:
                served.terminate()
        file, = [name for name in os.listdir(folder) if name.endswith('.weft')]
        lines = run_lines(os.path.join(folder, file))
    meta = json.loads(lines[0]['text'])
    equal(len(meta['notes']), 3)
    contains(meta['notes'][0], 'does not tell which tasks need which, and leaves out those that')
    contains(meta['notes'][1], 'how long results are kept')
    equal(len([each for each in lines if each.get('record') == 'task']), 5)


def wait_for_done(socket, n_tasks, seconds=20):
    """Until the server's only run has so many tasks that are done."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        text = subprocess.run([PROGRAM, 'runs', '--json', '--address', socket], check=True,
                              stdout=subprocess.PIPE).stdout
        if json.loads(text.splitlines()[0])['done'] == n_tasks:
            return
    raise AssertionError(text)


def run_lines(path):
    """As `weftline dump` has them."""
    text = subprocess.run([PROGRAM, 'dump', path], stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in text.splitlines()]


# ---- how it ends ---------------------------------------------------------------------------------

@test('/weft/python/eventstream/the-cluster-is-closed')
def closed():
    """Its process goes on, and so does the connection."""
    with Server() as server:
        with cluster() as local, Client(local) as client:
            attached = Attached(f'http://127.0.0.1:{dashboard(local)}')
            client.submit(inc, 1).result()
            server.wait(lambda: server.runs[0].of('task'))
        with attached:
            equal(attached.ended(), (0, ''))
        equal(server.run().phase, 'done')


@contextlib.contextmanager
def scheduler_process():
    """(process, port of its dashboard, file with its address)"""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'scheduler.json')
        command = [sys.executable, '-m', 'distributed.cli.dask_scheduler', '--port', '0',
                   '--host', '127.0.0.1', '--dashboard-address', '127.0.0.1:0',
                   '--scheduler-file', file]
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as child:
            try:
                for line in child.stderr:
                    found = re.search(r'dashboard at:\s*\S*:(\d+)', line)
                    if found:
                        break
                threading.Thread(target=child.stderr.read, daemon=True).start()
                while not os.path.exists(file) or not os.path.getsize(file):
                    time.sleep(0.01)
                yield child, int(found[1]), file
            finally:
                child.kill()


@test('/weft/python/eventstream/a-scheduler-of-its-own-ends')
def ends():
    """Without a worker, and with one that the run knows of."""
    for number, how in ((signal.SIGTERM, 'done'), (signal.SIGKILL, 'interrupted')):
        with Server() as server, scheduler_process() as (child, port, file):
            command = [sys.executable, '-m', 'distributed.cli.dask_worker', '--scheduler-file',
                       file, '--no-dashboard', '--no-nanny', '--nthreads', '1']
            with Attached(f'http://127.0.0.1:{port}') as attached, \
                    subprocess.Popen(command, cwd=os.path.dirname(file),
                                     stderr=subprocess.DEVNULL) as worker:
                try:
                    server.wait(lambda: server.runs and server.runs[0].of('memory'))
                    child.send_signal(number)
                    status, said = attached.ended()
                finally:
                    worker.kill()
            equal(server.run().phase, how)
            equal(status, 0 if how == 'done' else 3)
            if how == 'interrupted':
                equal(said.count('\n'), 1)
                contains(said, 'the scheduler is lost: ')
                contains(texts(server.runs[0])[-1], 'the scheduler is lost: ')


@test('/weft/python/eventstream/a-connection-that-is-lost-and-found-again')
def lost():
    with Server() as server, cluster(n_workers=1) as local, cluster(n_workers=1) as other, \
            Client(local) as client, Forwarder(dashboard(local)) as forwarder, \
            Attached(f'http://127.0.0.1:{forwarder.port}') as attached:
        client.submit(inc, 1).result()
        server.wait(lambda: len(server.runs[0].of('task')) == 1)
        forwarder.target = None
        forwarder.cut()
        client.submit(inc, 2).result()
        forwarder.target = dashboard(local)
        server.wait(lambda: any('was lost' in text for text in texts(server.runs[0])))
        last = client.submit(inc, 3)
        server.wait(lambda: any(event['k'] == last.key for event in server.runs[0].of('task')))
        equal(server.runs[0].of('gone'), [])
        equal(len(server.runs[0].of('worker')), 1)
        # where another scheduler is, the run is over
        forwarder.target = dashboard(other)
        forwarder.cut()
        status, said = attached.ended()
        equal(status, 3)
        contains(said, 'another one is at')
        equal(server.run().phase, 'interrupted')
        equal(len(server.runs), 1)


@test('/weft/python/eventstream/the-server-vanishes')
def vanished():
    with cluster(n_workers=1) as local:
        with Server() as server:
            attached = Attached(f'http://127.0.0.1:{dashboard(local)}')
            server.wait(lambda: server.runs)
        with attached:
            status, said = attached.ended()
        equal(status, 3)
        contains(said, 'the window or server that showed this is gone')


# ---- where there is none -------------------------------------------------------------------------

class Page(http.server.BaseHTTPRequestHandler):
    """Answers as its server says."""

    def do_GET(self):
        status, body = self.server.answers.get(self.path, (404, b''))
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


@contextlib.contextmanager
def pages(answers):
    """A server's port."""
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Page) as made:
        made.answers = answers
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made.server_address[1]
        made.shutdown()


def refused(address, *expected, status=3, **environment):
    with Attached(address, wait=False, **environment) as attached:
        found, said = attached.ended()
    equal((found, said.count('\n')), (status, 1))
    for text in expected:
        contains(said, text)


@test('/weft/python/eventstream/errors-say-what-to-do')
def errors():
    identity = json.dumps({'type': 'Scheduler', 'id': 'S', 'workers': {}}).encode()
    with Server() as server:
        refused('http://', 'no address', 'http://host:8787', status=2)
        refused('http://nosuchhost.invalid:8787', 'nosuchhost.invalid', 'a host that this machine')
        with Forwarder(None) as nobody:
            free = nobody.port
        refused(f'http://127.0.0.1:{free}', 'refused', 'is the scheduler running')
        with pages({}) as port:
            refused(f'https://127.0.0.1:{port}', 'no encrypted connection', 'begins with http://')
        if not SANITIZED:
            refused('http://somewhere:8787', f'through the proxy http://127.0.0.1:{free}',
                    'no_proxy', http_proxy=f'http://127.0.0.1:{free}')
        for answers, expected in (
                ({}, 'no Dask scheduler answers there'),
                ({'/json/identity.json': (401, b'')}, 'it wants a login'),
                ({'/json/identity.json': (502, b'')}, 'does not reach the scheduler'),
                ({'/json/identity.json': (200, b'<html>')}, 'no Dask scheduler answers there'),
                ({'/json/identity.json': (200, b'{}')}, 'found no “type”'),
                ({'/json/identity.json': (200, identity)}, 'this scheduler has no event stream'),
                ({'/json/identity.json': (200, identity), '/eventstream': (200, b'a')},
                 'no WebSocket can be opened')):
            with pages(answers) as port:
                refused(f'http://127.0.0.1:{port}', f'http://127.0.0.1:{port}', expected)
        equal(server.runs, [])


@test('/weft/python/eventstream/nobody-listens')
def nobody_listens():
    with tempfile.TemporaryDirectory() as folder:
        refused('http://127.0.0.1:1', 'neither the window nor “weftline serve” listens',
                XDG_RUNTIME_DIR=folder)


@test('/weft/python/eventstream/built-without-it')
def without():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, 'bin'))
        alone = shutil.copy(PROGRAM, os.path.join(folder, 'bin'))
        done = subprocess.run([alone, 'attach', 'http://127.0.0.1:1'], text=True, check=False,
                              stderr=subprocess.PIPE,
                              env={**os.environ, 'LD_LIBRARY_PATH': os.path.join(BUILD, 'src')})
        equal(done.returncode, 3)
        contains(done.stderr, 'built without libsoup 3')
        contains(done.stderr, 'weftline attach tcp://')


if __name__ == '__main__':
    main()
