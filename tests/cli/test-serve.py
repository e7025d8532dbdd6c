"""test-serve.py: graphs that are submitted to `weftline serve`, by the command and by the protocol.

SPDX-License-Identifier: BSD-3-Clause

What a run did is judged by its results, by its run file, and by what `weftline run` makes of the
same graph.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import EXAMPLES, PROGRAM, Folder, environment, graph, ref, task, weftline
from tap import contains, equal, main, test

SLEEP = 0.02
CANCELLED = 5  # WeftRunPhase
CHAIN = {'a': task('const', 4), 'b': task('add', ref('a'), 1), 'c': task('add', ref('b'), 1)}


class Server:
    """`weftline serve` in a folder of its own, until the end of a with."""

    def __enter__(self):
        self.folder = Folder()
        self.address = self.folder.path('private/socket')
        self.process = subprocess.Popen(
            [PROGRAM, 'serve', '--address', self.address, '--folder', self.folder.path('runs')],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        contains(self.process.stdout.readline(), self.address)
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=60)
        self.folder.cleanup()
        equal(err, '')
        equal(self.process.returncode, 0)

    def command(self, name, *arguments):
        return weftline(name, '--address', self.address, *arguments)

    def runs(self):
        return [json.loads(line) for line in self.command('runs', '--json').out.splitlines()]


class Client:
    """Speaks lines; a thread gathers what comes."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(server.address)
        self.n_asked = 0
        self.answers, self.notices = {}, []
        self.news = threading.Condition()
        self.say(hello='weftline', versions=[1], name='test')
        threading.Thread(target=self.listen, daemon=True).start()

    def say(self, **members):
        self.socket.sendall(json.dumps(members).encode() + b'\n')

    def listen(self):
        with self.socket.makefile('rb') as lines:
            for line in lines:
                said = json.loads(line)
                with self.news:
                    if 'id' in said:
                        self.answers[said['id']] = said
                    else:
                        self.notices.append(said)
                    self.news.notify_all()

    def begin(self, do, **members):
        self.n_asked += 1
        self.say(id=self.n_asked, do=do, **members)
        return self.n_asked

    def answer(self, number):
        with self.news:
            assert self.news.wait_for(lambda: number in self.answers, 60)
            return self.answers[number]

    def ask(self, do, **members):
        return self.answer(self.begin(do, **members))

    def ok(self, do, **members):
        answer = self.ask(do, **members)
        assert 'ok' in answer, answer
        return answer['ok']

    def wait_for(self, run, *phases):
        """The first notice by which the run is in one of the phases."""
        def found():
            return [notice['run'] for notice in self.notices if 'run' in notice
                    and notice['run']['run'] == run and notice['run']['phase'] in phases]
        with self.news:
            assert self.news.wait_for(found, 60), (phases, self.notices)
            return found()[0]


    def until(self, holds):
        """As often as something is said, or a tenth of a second has passed."""
        for _ in range(600):
            if holds():
                return
            with self.news:
                self.news.wait(0.1)
        raise AssertionError(self.notices[-3:])

    def resume(self, run):
        with self.news:
            self.notices.clear()
        self.ok('resume', run=run)

    def metrics(self):
        told = [notice['metrics'] for notice in self.notices if 'metrics' in notice]
        return (told[-1].get('workers'), told[-1].get('limit')) if told else None


def counts(client, number):
    run, = [run for run in client.ok('runs')['runs'] if run['run'] == number]
    return run['done'], run['running']


def document(tasks, outputs=None):
    return json.loads(graph(tasks, outputs))


def sleepers(n):
    return {f'sleep-{i}': task('sleep', SLEEP) for i in range(n)}


def file_facts(path):
    return [json.loads(line) for line in weftline('dump', path).out.splitlines()]


@test('/weft/cli/serve/submit-and-wait')
def submit_and_wait():
    with Server() as server:
        example = os.path.join(EXAMPLES, '01-two-increments.json')
        done = server.command('submit', example, '--wait')
        equal((done.status, done.err), (0, ''))
        contains(done.out, 'run 1, recorded in ')
        equal(done.out.splitlines()[-1], 'done')
        run, = server.runs()
        equal((run['phase'], run['tasks'], run['done']), ('done', 3, 3))
        equal(run['can'], ['result'])
        expected = weftline('run', example, '--progress', 'none', '--json').json()
        for key, value in expected.items():
            equal(json.loads(server.command('result', '1', key).out), value)
        facts = file_facts(run['path'])
        equal(sum(fact.get('kind') == 'end' for fact in facts), 1)


@test('/weft/cli/serve/what-cannot-be')
def cannot_be():
    with Server() as server:
        missing = server.folder.path('missing.json')
        refused = server.command('submit', missing)
        equal(refused.status, 2)
        contains(refused.err, missing)
        equal(server.address in refused.err, False)
        bad = server.folder.write('bad.json', graph({'a': task('no-such-operation')}))
        refused = server.command('submit', bad)
        equal(refused.status, 2)
        contains(refused.err, 'no-such-operation')
        circle = server.folder.write('circle.json', graph({'a': task('add', ref('a'), 1)}))
        equal(server.command('submit', circle).status, 2)
        equal(server.command('submit', server.folder.write('empty.json', '')).status, 2)
        alone = server.folder.write('alone.json', graph({'a': task('add', {'$import': 'x'}, 1)}))
        contains(server.command('submit', alone).err, 'x')
        equal(server.runs(), [])
        refused = server.command('result', '7', 'a')
        equal((refused.status, refused.err),
              (2, 'weftline: there is no run 7; “runs” lists them\n'))
        equal(server.command('cancel', '7').status, 2)
        refused = server.command('cancel', 'nobody')
        equal(refused.status, 2)
        contains(refused.err, 'weftline runs')
        equal(server.command('watch', '7').status, 2)
        contains(server.command('result', '7').err, 'a run and a key are expected, 1 given')
        contains(weftline('attach').err, 'an address is expected, 0 given')
        chain = server.folder.write('chain.json', graph(CHAIN))
        equal(server.command('submit', chain, '--wait').status, 0)
        contains(server.command('result', '1', 'd').err, 'there is no task')
        client = Client(server)
        equal(client.ask('submit', path='chain.json')['error']['code'], 'request')
        equal(client.ask('pause', run=9)['error']['code'], 'no_such_run')
        equal(client.ask('pause', run=1)['error']['code'], 'not_supported')


@test('/weft/cli/serve/what-a-run-does-not-take')
def not_taken():
    with Server() as server:
        client = Client(server)
        client.ok('report', name='watched')
        refused = server.command('cancel', 'watched')
        equal((refused.status, refused.err), (
            2, 'weftline: the run 1 (report) does not take “cancel”; it can only be watched\n'))
        client.ok('finish')
        contains(server.command('cancel', 'watched').err, '(report) is over, and does not take')


@test('/weft/cli/serve/interrupted-wait')
def interrupted_wait():
    with Server() as server:
        path = server.folder.write('s.json', graph({'a': task('sleep', 600)}))
        waiting = subprocess.Popen(
            [PROGRAM, 'submit', '--address', server.address, '--wait', path], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        contains(waiting.stdout.readline(), 'run 1, recorded in ')
        client = Client(server)
        for caught in range(600):  # when it has said so it may still have to take its signals
            with open(f'/proc/{waiting.pid}/status', encoding='ascii') as file:
                masks = dict(line.split(':', 1) for line in file)
            if int(masks['SigCgt'], 16) >> signal.SIGINT - 1 & 1:
                break
            client.ok('ping')
        waiting.send_signal(signal.SIGINT)
        _, err = waiting.communicate(timeout=60)
        equal((waiting.returncode, err),
              (130, 'weftline: submit: the run goes on; “weftline cancel 1” cancels it\n'))
        equal(server.runs()[0]['phase'], 'running')
        equal(server.command('cancel', '1').status, 0)


@test('/weft/cli/serve/names-are-cut-in-the-middle')
def long_names():
    with Server() as server:
        client = Client(server)
        client.ok('report', name='Dask at tcp://127.0.0.1:18786')
        client.ok('finish')
        contains(server.command('runs').out, 'Dask at tcp://…7.0.0.1:18786')


@test('/weft/cli/serve/failed')
def failed():
    with Server() as server:
        tasks = {'a': task('fail', message='no luck'), 'b': task('const', 1)}
        path = server.folder.write('f.json', graph(tasks))
        done = server.command('submit', path, '--wait')
        equal(done.status, 1)
        equal(done.out.splitlines()[-1], 'failed')
        run, = server.runs()
        equal((run['failed'], run['done']), (1, 1))


@test('/weft/cli/serve/hold-start-control')
def control():
    with Server() as server:
        client = Client(server)
        client.ok('subscribe')
        run = client.ok('submit', graph=document(sleepers(60)), name='many', workers=1,
                        hold=True)['run']
        equal(client.ask('pause', run=run)['error']['code'], 'not_supported')
        equal(server.runs()[0]['phase'], 'waiting')
        client.ok('start', run=run)
        client.ok('pause', run=run)
        equal(client.ask('start', run=run)['error']['code'] in ('state', 'not_supported'), True)
        client.wait_for(run, 'paused')
        before = [r for r in client.ok('runs')['runs'] if r['run'] == run][0]
        client.ok('step', run=run)
        equal(client.ask('step_group', run=run, group='nobody')['error']['code'], 'state')
        client.ok('set', run=run, workers=2, delay_ns=0)
        equal(client.ask('set', run=run, workers=0)['error']['code'], 'state')
        client.ok('break', run=run, error=True)
        equal(client.ask('break', run=run)['error']['code'], 'request')
        client.ok('resume', run=run)
        after = client.wait_for(run, 'done')
        assert before['done'] < after['done'] == 60, (before, after)


@test('/weft/cli/serve/breakpoints')
def breakpoints():
    """Each stops the run before the task it is about; what it stopped at has not run."""
    steps = {f'step-{i}': task('sleep', 0.001, ref(f'step-{i - 1}') if i else 0)
             for i in range(40)}
    steps['large'] = task('alloc', 1 << 20, ref('step-39'))
    steps['last'] = task('len', ref('large'))
    with Server() as server:
        client = Client(server)
        client.ok('subscribe')
        run = client.ok('submit', graph=document(steps, ['step-20', 'step-21', 'last']),
                        workers=1, hold=True)['run']
        for members in ({'key': 'step-21'}, {'group': 'large'}):
            client.ok('break', run=run, **members)
        client.ok('start', run=run)
        client.wait_for(run, 'paused')
        equal(counts(client, run), (21, 0))
        equal(client.ok('result', run=run, key='step-20'), {'value': 0})
        equal(client.ask('result', run=run, key='step-21')['error']['code'], 'state')
        equal(client.ask('break', run=run, key='nobody')['error']['code'], 'state')
        client.ok('step', run=run)
        client.until(lambda: counts(client, run) == (22, 0))
        client.ok('break', run=run, key='step-30')
        client.ok('break', run=run, key='step-30', clear=True)
        client.resume(run)
        client.until(lambda: counts(client, run) == (40, 0))
        client.resume(run)
        client.wait_for(run, 'done')
        equal(client.ok('result', run=run, key='last'), {'value': 1 << 20})


@test('/weft/cli/serve/settings-are-measured')
def settings():
    """Workers and memory limit, while the run goes on: who watches sees them change."""
    with Server() as server:
        client = Client(server)
        run = client.ok('submit', graph=document(sleepers(2000)), workers=1,
                        memory_limit=64 << 20)['run']
        client.ok('watch', run=run, metrics=True)
        client.until(lambda: client.metrics() == (1, 64 << 20))
        client.ok('set', run=run, workers=2)
        client.until(lambda: client.metrics() == (2, 64 << 20))
        client.ok('set', run=run, memory_limit=32 << 20)
        client.until(lambda: client.metrics() == (2, 32 << 20))
        client.ok('cancel', run=run)


@test('/weft/cli/serve/cancel')
def cancel():
    with Server() as server:
        path = server.folder.write('s.json', graph(sleepers(500)))
        for options in (['--hold'], []):
            begun = server.command('submit', path, '--name', 'slow', '--workers', '1', *options)
            equal(begun.status, 0)
            equal(server.command('cancel', 'slow').status, 0)
        client = Client(server)
        client.ok('subscribe')
        for run in (1, 2):
            if server.runs()[run - 1]['phase'] != 'cancelled':
                client.wait_for(run, 'cancelled')
        equal([run['phase'] for run in server.runs()], ['cancelled', 'cancelled'])
        equal(server.runs()[0]['done'], 0)


@test('/weft/cli/serve/extend')
def extend():
    with Server() as server:
        client = Client(server)
        client.ok('subscribe')
        run = client.ok('submit', graph=document(CHAIN, ['c']), keep=True)['run']
        more = {'d': task('mul', {'$import': 'c'}, 10)}
        equal(client.ask('extend', run=run, graph=document({'x': task('add', {'$import': 'q'}, 1)}),
                         keep=True)['error']['code'], 'request')
        equal(client.ok('extend', run=run, graph=document(more, ['d']), keep=True), {'segment': 1})
        equal(server.runs()[0]['phase'], 'running')
        equal(client.ok('extend', run=run, graph=document({'e': task('add', {'$import': 'd'}, 1)})),
              {'segment': 2})
        client.wait_for(run, 'done')
        for key, value in (('c', 6), ('d', 60), ('e', 61)):
            equal(client.ok('result', run=run, key=key), {'value': value})
        equal(client.ask('extend', run=run, graph=document(more))['error']['code'], 'not_supported')


@test('/weft/cli/serve/ends-with-runs-going-on')
def end_in_the_middle():
    with Server() as server:
        client = Client(server)
        path = client.ok('submit', graph=document(sleepers(5000)), workers=2)['path']
        client.ok('submit', graph=document(sleepers(5)), hold=True)
        kept = server.folder.path('kept')
        os.link(path, kept)
        with open(kept, 'rb') as whole:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(60)
            copy = Folder()
            with open(copy.path('run.weft'), 'wb') as out:
                out.write(whole.read())
        facts = file_facts(copy.path('run.weft'))
        states = [fact['how'] for fact in facts if fact.get('record') == 'run-state']
        equal(states[-1], CANCELLED)
        equal(sum(fact.get('kind') == 'end' for fact in facts), 1)


if __name__ == '__main__':
    main()
