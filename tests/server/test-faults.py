"""test-faults.py: clients and servers that vanish, flood, do not read; disks that are full.

SPDX-License-Identifier: BSD-3-Clause
"""
import glob
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

from peer import HELLO, PATIENCE, PROGRAM, Client, Ended, Server, dump, runs_of

from tap import Skip, contains, equal, main, test

MIB = 1 << 20
SANITIZED = bool(os.environ.get('WEFT_SANITIZED'))
N_VANISHING = 1000
KILLED_AT_RANDOM = random.Random(4)


def wait_until(condition, what):
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f'it never happens that {what}')
        time.sleep(0.01)


def task(i, start=None):
    return {'e': 'task', 'k': f'inc-{i}', 'w': f'w{i % 4}', 's': start or time.monotonic_ns(),
            'd': 1000}


def spans(path):
    """How many tasks the file says have run."""
    status, lines, _ = dump(path)
    equal(status, 0)
    return sum(line.get('record') == 'task' for line in lines)


# ---- a thousand clients --------------------------------------------------------------------------


def vanish(server, number, sent):
    """One client that does something and goes; of a report, how many events it said is kept."""
    draw = random.Random(number)
    what = draw.randrange(6)
    client = Client(server, messages=bool(draw.randrange(2)), greet=False)
    if what == 1:
        client.send(bytes(draw.randrange(256) for _ in range(draw.randrange(200))))
    elif what == 2:
        text = json.dumps(HELLO).encode()
        client.send(text[:draw.randrange(len(text))])
    elif what > 2:
        client.say(HELLO)
        client.hear()
        n = draw.randrange(50)
        name = f'vanishing {number}'
        channel = client.report(name=name)['channel']
        if n:
            client.events([task(i) for i in range(n)], channel)
        sent[name] = n
        if what == 4:
            client.send(b'{"e": "task", "k": "half')
        elif what == 5:
            client.send(b'{"id": 7, "do": "ping"}\n' * draw.randrange(100))
    client.close()


@test('/weft/server/faults/a-thousand-clients-that-vanish')
def thousand():
    with Server() as server:
        runs_of(server)
        n_before = server.n_descriptors()
        sent, failed = {}, []

        def some(first):
            for number in range(first, N_VANISHING, 20):
                try:
                    vanish(server, number, sent)
                except (BrokenPipeError, ConnectionResetError, Ended) as error:
                    failed.append(error)  # garbage is answered, and may be cut off

        threads = [threading.Thread(target=some, args=(first,)) for first in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(len(failed) < N_VANISHING / 5, True)
        wait_until(lambda: server.n_descriptors() <= n_before, 'all connections are closed')
        wait_until(lambda: all(run['phase'] == 'interrupted' for run in runs_of(server).values()),
                   'all runs are interrupted')
        told = {run['name']: (run['tasks'], run['done']) for run in runs_of(server).values()}
        equal(told, {name: (n, n) for name, n in sent.items()})
        for run in KILLED_AT_RANDOM.sample(sorted(runs_of(server).values(),
                                                  key=lambda run: run['run']), 5):
            equal(spans(run['path']), sent[run['name']])


# ---- kill -9 -------------------------------------------------------------------------------------

REPORTER = '''
import sys, time
sys.path.insert(0, sys.argv[1])
from peer import Client
class Where: address = sys.argv[2]
client = Client(Where, messages=sys.argv[3] == "messages")
report = client.report(name="killed")
print(report["path"], flush=True)
i = 0
while True:
    now = time.monotonic_ns()
    client.events([{"e": "task", "k": f"inc-{i + j}", "w": "w", "s": now, "d": 1000}
                   for j in range(10)], report["channel"])
    i += 10
    print(i, now, flush=True)
    time.sleep(0.001)
'''


def start_reporter(server, form):
    folder = os.path.dirname(os.path.abspath(__file__))
    reporter = subprocess.Popen([sys.executable, '-c', REPORTER, folder, server.address, form],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return reporter, reporter.stdout.readline().strip()


@test('/weft/server/faults/client-killed-all-it-said-is-kept')
def killed_client():
    with Server() as server:
        for form in ('lines', 'messages') * 3:
            reporter, path = start_reporter(server, form)
            for _ in range(KILLED_AT_RANDOM.randrange(5, 100)):
                reporter.stdout.readline()
            reporter.kill()
            rest = reporter.communicate()[0].split('\n')
            said = [int(line.split()[0]) for line in rest[:-1] if line] or [0]
            wait_until(lambda: all(run['phase'] == 'interrupted'
                                   for run in runs_of(server).values()), 'it is interrupted')
            equal(spans(path) >= said[-1], True)


@test('/weft/server/faults/server-killed-what-was-flushed-is-readable')
def killed_server():
    server = Server()
    for _ in range(5):
        reporter, path = start_reporter(server, 'lines')
        for _ in range(KILLED_AT_RANDOM.randrange(100, 400)):
            reporter.stdout.readline()
        killed = time.monotonic_ns()
        server.process.kill()
        server.process.wait()
        rest = reporter.communicate(timeout=PATIENCE)[0].split('\n')
        lines = [line.split() for line in rest[:-1] if line]
        # said 150 ms before, to a server that has 50 ms and a machine that is busy
        old = [int(n) for n, when in lines if int(when) < killed - 150_000_000]
        equal(spans(path) >= (old or [0])[-1], True)
        equal(os.path.exists(server.address), True)
        following = Server(folder=server.folder)  # the socket is stale, and replaced
        contains(following.said, 'listening at')
        following.temporary, server = server.temporary, following
    equal(server.end(), (0, ''))


# ---- too much, too slow --------------------------------------------------------------------------


@test('/weft/server/faults/flood-is-read-no-faster-than-it-is-written')
def flood():
    with Server() as server, Client(server) as client:
        client.report()
        before, most, at = server.memory(), 0, 0
        for _ in range(10 if SANITIZED else 100):
            client.send(b''.join(
                b'{"e": "task", "k": "inc-%d", "w": "w%d", "s": %d, "d": 1000}\n'
                % (i % 1000, i % 4, 1000 * i) for i in range(at, at + 10000)))
            at += 10000
            most = max(most, server.memory())
        equal(client.ask('finish')['ok'], {'run': 1})
        if not SANITIZED:
            print(f'# {(most - before) / MIB:.1f} MiB', flush=True)
            equal((most - before) // MIB < 64, True)
        equal(runs_of(server)[1]['tasks'], 1000)


@test('/weft/server/faults/who-reads-nothing-costs-a-bounded-amount')
def no_reader():
    with Server() as server:
        before = server.memory()
        clients = [Client(server) for _ in range(10)]
        ping = b'{"id": 1, "do": "ping"}\n' * 1000
        for client in clients:
            client.socket.setblocking(False)
            sent = 0
            while sent < 64 * MIB and client.is_writable(0.3):
                try:
                    sent += client.socket.send(ping)
                except BlockingIOError:
                    pass
            equal(sent < 64 * MIB, True)
        with Client(server) as other:
            equal('now' in other.ask('ping')['ok'], True)
        if not SANITIZED:
            equal((server.memory() - before) // MIB < 10 * 4, True)
        for client in clients:
            client.close()
        wait_until(lambda: len(_clients(server)) == 1, 'they are gone')


def _clients(server):
    with Client(server) as client:
        return client.ask('runs')['ok']['clients']


@test('/weft/server/faults/eight-at-once-lose-nothing')
def eight():
    n_each = 2000 if SANITIZED else 20000
    with Server() as server:
        def report(number):
            with Client(server, messages=number % 2 == 1) as client:
                channel = client.report(name=str(number))['channel']
                for first in range(0, n_each, 500):
                    client.events([task(i) for i in range(first, first + 500)], channel)
                client.ask('finish')

        threads = [threading.Thread(target=report, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        runs = runs_of(server)
        equal(sorted((run['phase'], run['tasks'], run['done']) for run in runs.values()),
              [('done', n_each, n_each)] * 8)
        equal([spans(run['path']) for run in runs.values()], [n_each] * 8)


# ---- disk ----------------------------------------------------------------------------------------


@test('/weft/server/faults/full-disk-is-said-and-others-go-on')
def full_disk():
    with Server(limit_file=MIB) as server, Client(server, messages=True) as client:
        large, small = client.report(name='large'), client.report(name='small')
        client.events([task(i) for i in range(10)], small['channel'])
        for first in range(0, 100000, 1000):
            client.events([task(i) for i in range(first, first + 1000)], large['channel'])
        error = client.hear()
        equal((error['channel'], error['error']['code']), (large['channel'], 'failed'))
        contains(error['error']['message'], large['path'])
        client.events([task(i) for i in range(10, 20)], small['channel'])
        equal(client.ask('finish', channel=small['channel'])['ok'], {'run': small['run']})
        equal(client.ask('finish', channel=large['channel'])['error']['code'], 'failed')
        runs = runs_of(server)
        contains(runs[large['run']]['trouble'], large['path'])
        equal('trouble' in runs[small['run']], False)
        equal(spans(small['path']), 20)
        equal(spans(large['path']) > 1000, True)  # it opens, and has what was written
        equal(client.notices, [])


@test('/weft/server/faults/folder-that-cannot-be-made')
def no_folder():
    with Server() as server, Client(server) as client:
        if os.path.isdir(server.runs):
            os.rmdir(server.runs)
        with open(server.runs, 'w', encoding='ascii'):
            pass
        error = client.ask('report', name='r')['error']
        equal(error['code'], 'failed')
        contains(error['message'], server.runs)
        equal(client.ask('runs')['ok']['runs'], [])
        os.unlink(server.runs)
        equal(client.report()['channel'], 2)


# ---- who may, and where --------------------------------------------------------------------------

STRANGER = '''
import os, socket, sys
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
peer.sendall(sys.argv[2].encode())
said = b''
while True:
    more = peer.recv(4096)
    if not more:
        break
    said += more
print(said.decode('latin-1'))
'''


@test('/weft/server/faults/second-user-is-refused')
def second_user():
    if os.geteuid() != 0:
        raise Skip('only root can be somebody else')
    with Server() as server:
        os.chmod(server.folder, 0o755)
        refusal = subprocess.run(
            [sys.executable, '-c', STRANGER, server.address, 'x'], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=False)
        contains(refusal.stderr, 'PermissionError')
        os.chmod(os.path.dirname(server.address), 0o755)
        os.chmod(server.address, 0o666)
        hello = json.dumps(HELLO)
        for said in (hello + '\n{"id": 1, "do": "runs"}\n', 'WEFTSOCK'):
            told = subprocess.run(
                [sys.executable, '-c', STRANGER, server.address, said],
                stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE).stdout
            contains(told, '"code": "refused"')
            contains(told, 'the user 65534')
            equal('runs' in told, False)
        runs_of(server)


@test('/weft/server/faults/of-many-that-start-at-once-one-lives')
def race():
    with Server() as first:
        folder = first.folder
        first.process.kill()  # so that all find a stale socket
        first.process.wait()
        known = {**os.environ, 'XDG_RUNTIME_DIR': folder}
        starters = [subprocess.Popen([PROGRAM, 'serve'], env=known, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True) for _ in range(8)]
        wait_until(lambda: sum(one.poll() is not None for one in starters) == 7, 'seven gave up')
        living = [one for one in starters if one.poll() is None]
        equal(len(living), 1)
        with Client(first) as client:
            equal(client.greeting['pid'], living[0].pid)
        living[0].terminate()
        for one in starters:
            _, errors = one.communicate(timeout=PATIENCE)
            equal(one.returncode, 0 if one in living else 3)
            if one not in living:
                contains(errors, f'another server is alive there, process {living[0].pid}')


@test('/weft/server/faults/sockets-that-are-handed-over')
def activation():
    with Server() as outer, socket.socket(socket.AF_UNIX) as listener:
        address = os.path.join(outer.folder, 'handed')
        listener.bind(address)
        listener.listen(8)
        shell = f'exec 3<&{listener.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"'
        os.set_inheritable(listener.fileno(), True)
        inner = Server(folder=os.path.join(outer.folder, 'inner'), wrap=['bash', '-c', shell])
        contains(inner.said, 'handed over')
        inner.address = address
        with Client(inner) as client:
            equal(client.greeting['pid'], inner.process.pid)
        equal(inner.end(), (0, ''))
        equal(os.path.exists(address), True)  # it is the service manager's
        inner = Server(folder=os.path.join(outer.folder, 'inner'),
                       wrap=['bash', '-c', 'LISTEN_PID=1 LISTEN_FDS=1 exec "$0" "$@"'])
        contains(inner.said, inner.address)  # meant for another process
        equal(inner.end(), (0, ''))


@test('/weft/server/faults/end-removes-the-socket-and-ends-runs')
def the_end():
    with Server() as server, Client(server) as client:
        path = client.report()['path']
        client.events([task(i) for i in range(100)])
        client.ask('ping')
        server.process.send_signal(signal.SIGTERM)
        equal(client.has_ended(), True)
        equal((server.process.wait(PATIENCE), spans(path)), (0, 100))
        equal(glob.glob(server.address), [])


main()
