"""test-snakemake.py: a real Snakemake, heard by its log handler and followed by its log.

SPDX-License-Identifier: BSD-3-Clause

What is shown is compared with what Snakemake says itself by its statistics, and both with each
other.
"""
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from unittest import mock

import place
from server import Server
from tap import contains, equal, main, test

import weftline.snakemake
from weftline._run import Run
from weftline._snakemake import Workflow
from weftline.snakemake import Reader, watch_snakemake

SNAKEFILE = '''
rule all:
    input: "total.txt"
rule part:
    output: "part{i}.txt"
    shell: "sleep 0.1; [ {wildcards.i} != 2 ] && echo {wildcards.i} > {output}"
rule pair:
    input: "part{i}.txt", "part0.txt"
    output: "pair{i}.txt"
    threads: 2
    shell: "cat {input} > {output}"
rule total:
    input: expand("pair{i}.txt", i=range(4))
    output: "total.txt"
    shell: "cat {input} > {output}"
rule flaky:
    output: "flaky.txt"
    log: "flaky.log"
    retries: 1
    shell:
        "if [ -e mark ]; then touch {output}; "
        "else touch mark; echo lost > {log}; sleep 0.3; exit 3; fi"
rule spoken:
    output: "spoken.txt"
    run:
        raise LookupError('the shelf is empty')
rule forgetful:
    output: "forgetful.txt"
    shell: "true"
rule wait:
    output: "wait.txt"
    shell: "exec python3 wait.py"
'''
# A shell that waits for a command takes no notice of Ctrl-C if the command does not.
WAIT = '''
import time
open('began', 'w').close()
time.sleep(100)
'''
# What reads what there.
GRAPH = {'all': {'total'}, 'total': {f'pair i={i}' for i in range(4)},
         **{f'part i={i}': set() for i in range(4)},
         **{f'pair i={i}': {f'part i={i}', 'part i=0'} for i in range(4)}}
HANDLER = subprocess.run([sys.executable, '-m', 'weftline', 'snakemake-handler'], check=True,
                         env={**os.environ, 'PYTHONPATH': place.PACKAGE},
                         stdout=subprocess.PIPE, text=True).stdout.strip()


# What a shell has begun in the background takes no notice of Ctrl-C, and hands that on.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Folder:
    """A workflow in a folder of its own."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self._folder.name, 'flow')
        os.mkdir(self.path)
        with open(os.path.join(self.path, 'Snakefile'), 'w', encoding='utf-8') as file:
            file.write(SNAKEFILE)
        with open(os.path.join(self.path, 'wait.py'), 'w', encoding='utf-8') as file:
            file.write(WAIT)
        return self

    def __exit__(self, *error):
        self._folder.cleanup()

    def start(self, *arguments):
        # a group of processes of its own: Ctrl-C goes to all of them
        return subprocess.Popen(['snakemake', '-j', '2', *arguments], cwd=self.path,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                start_new_session=True)

    def run(self, *arguments):
        with self.start(*arguments) as child:
            return child.communicate()[0].decode(), child.returncode

    def wait_for(self, pattern):
        """Until there is such a file."""
        deadline = time.monotonic() + 30
        while not glob.glob(os.path.join(self.path, pattern)):
            if time.monotonic() > deadline:
                raise AssertionError(f'{pattern} is not there after 30 s')
            time.sleep(0.01)

    def wait_for_log(self):
        self.wait_for('.snakemake/log/*.snakemake.log')


def keys_of(run, *kinds):
    return {event['k'] for event in run.of(*kinds)}


def moments(run):
    """key → (its last start, its end)"""
    starts = {event['k']: event['t'] for event in run.of('start')}
    return {event['k']: (starts[event['k']], event['t']) for event in run.of('end')}


@test('/weft/python/snakemake/handler/graph-and-times-as-snakemake-has-them')
def as_snakemake_says():
    targets = ['pair0.txt', 'pair1.txt', 'pair3.txt']
    with Server() as server, Folder() as folder:
        _, status = folder.run('--stats', 'stats.json', '--log-handler-script', HANDLER, *targets)
        run = server.run()
        with open(os.path.join(folder.path, 'stats.json'), encoding='utf-8') as file:
            stats = json.load(file)['files']
    equal(status, 0)
    equal((run.request['name'], run.request['source'], run.request['clock'], run.phase),
          ('Snakemake in flow', 'snakemake', 'wall', 'done'))
    ran = {key for key in GRAPH if key.split()[0] in ('part', 'pair') and 'i=2' not in key}
    equal(run.inputs(), {key: GRAPH[key] for key in ran})
    equal({event['k']: event['group'] for event in run.of('add') if 'group' in event},
          {key: key.split()[0] for key in ran})
    for key, (start, end) in moments(run).items():
        took = stats[key.replace(' i=', '') + '.txt']['duration']
        if not abs(end - start - took) < 0.1:
            raise AssertionError(f'{key}: {end - start} s, Snakemake says {took}')
    equal(keys_of(run, 'end'), ran)
    reasons = {event['k']: event['message'] for event in run.of('log')
               if event['level'] == 6 and 'k' in event}
    contains(reasons['pair i=1'], '2 threads. Missing output files: pair1.txt')
    equal([event['v'] for event in run.of('count') if event['name'] == 'cores-claimed'][-1], 0)
    equal(max(event['v'] for event in run.of('count')), 2)
    equal([event['threads'] for event in run.of('worker')], [2])


def check_failures(run, whole):
    """whole: of the jobs that never ran it is known, too."""
    equal(run.phase, 'failed')
    fails = {}
    for event in run.of('fail'):
        fails.setdefault(event['k'], []).append(event)
    equal(set(fails), {'part i=2', 'flaky', 'spoken', 'forgetful'})
    equal({key: [each.get('again') for each in each_of] for key, each_of in fails.items()},
          {'part i=2': [None], 'flaky': [True], 'spoken': [None], 'forgetful': [None]})
    contains(fails['part i=2'][0]['traceback'], '[ 2 != 2 ] && echo 2 > part2.txt')
    contains(fails['flaky'][0]['traceback'], 'exit 3')
    if whole:  # before it is tried again, its log is removed
        contains(fails['flaky'][0]['traceback'], 'flaky.log:\nlost')
    contains(fails['forgetful'][0]['traceback'], 'forgetful.txt')
    equal(keys_of(run, 'end'), {'part i=0', 'part i=1', 'part i=3', 'pair i=0', 'pair i=1',
                                'pair i=3', 'flaky'})
    equal(len([event for event in run.of('start') if event['k'] == 'flaky']), 2)
    equal(keys_of(run, 'cancel'), {'pair i=2', 'total', 'all'} if whole else set())


@test('/weft/python/snakemake/heard-and-followed-at-once')
def both():
    targets = ['all', 'flaky.txt', 'spoken.txt', 'forgetful.txt']
    with Server() as server, Folder() as folder:
        with folder.start('--keep-going', '--latency-wait', '0', '--log-handler-script', HANDLER,
                          *targets) as child:
            folder.wait_for_log()
            with watch_snakemake(folder.path) as followed:
                equal(followed.over.wait(60), True)
            equal(child.wait(), 1)
            server.ended(2)
        logs = glob.glob(os.path.join(folder.path, '.snakemake', 'log', '*'))
        with open(max(logs), encoding='utf-8') as file:
            log = file.read()
    heard, = [run for run in server.runs if run.request['pid'] != os.getpid()]
    read, = [run for run in server.runs if run.request['pid'] == os.getpid()]
    check_failures(heard, True)
    check_failures(read, False)
    equal({key: inputs for key, inputs in heard.inputs().items() if key in GRAPH}, GRAPH)
    for key, inputs in read.inputs().items():
        equal(inputs, GRAPH.get(key, set()))
    equal({event['kind'] for event in heard.of('fail') if 'kind' in event}, {'CalledProcessError'})
    contains([event for event in heard.of('fail') if event['k'] == 'flaky'][0]['message'],
             'exit status 3: if [ -e mark ]')
    # the log has whole seconds; what it says while it is followed is known better
    exact, told = moments(heard), moments(read)
    equal(set(exact), set(told))
    for key, times in exact.items():
        for true, found in zip(times, told[key]):
            if abs(true - found) > 1.0:
                raise AssertionError(f'{key}: {found}, it was {true}')
    equal(log.count('Finished job'), len(exact))


@test('/weft/python/snakemake/followed/a-run-that-is-over')
def over():
    with Server() as server, Folder() as folder:
        folder.run('part0.txt', 'part1.txt')
        folder.run('--dag')
        logs = glob.glob(os.path.join(folder.path, '.snakemake', 'log', '*'))
        equal(len(logs), 2)  # the second is of no run
        with watch_snakemake(folder.path) as followed:
            equal(followed.over.wait(20), True)
        run = server.run()
    equal((run.phase, keys_of(run, 'end')), ('done', {'part i=0', 'part i=1'}))
    for start, end in moments(run).values():
        equal(0 <= end - start < 60, True)


@test('/weft/python/snakemake/followed/until-told-to-stop')
def stopped():
    """The run goes on, and what runs has neither ended nor been cancelled."""
    with Server() as server, Folder() as folder:
        with folder.start('wait.txt') as child:
            folder.wait_for_log()
            with watch_snakemake(folder.path):
                server.wait(lambda: server.runs and server.runs[0].of('start'))
            run = server.run()
            equal((run.phase, child.poll(), run.of('end', 'fail', 'cancel')),
                  ('interrupted', None, []))
            os.killpg(child.pid, signal.SIGKILL)


@test('/weft/python/snakemake/handler/interrupted')
def interrupted():
    with Server() as server, Folder() as folder:
        with folder.start('--log-handler-script', HANDLER, 'wait.txt') as child:
            folder.wait_for_log()
            with watch_snakemake(folder.path) as followed:
                folder.wait_for('began')
                os.killpg(child.pid, signal.SIGINT)
                equal(followed.over.wait(20), True)
            child.wait()
        runs = server.ended(2)
    equal([(run.phase, keys_of(run, 'start'), keys_of(run, 'end'), keys_of(run, 'fail', 'cancel'))
           for run in runs], [('cancelled', {'wait'}, set(), {'wait'})] * 2)


@test('/weft/python/snakemake/followed/a-snakemake-that-is-killed')
def killed():
    with Server() as server, Folder() as folder:
        with folder.start('wait.txt') as child:
            folder.wait_for_log()
            with watch_snakemake(folder.path) as followed:
                folder.wait_for('began')
                server.wait(lambda: server.runs and server.runs[0].of('start'))
                for _ in range(100):
                    if followed._writer is not None:
                        break
                    time.sleep(0.1)
                equal(followed._writer, str(child.pid))
                os.killpg(child.pid, signal.SIGKILL)
                equal(followed.over.wait(20), True)
            child.wait()
        run = server.run()
    equal((run.phase, keys_of(run, 'fail')), ('failed', {'wait'}))
    contains(run.of('log')[-1]['message'], 'without a last word')


@test('/weft/python/snakemake/followed/last-words-while-it-is-looked-who-writes')
def last_words():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, '.snakemake', 'log'))
        path = os.path.join(folder, '.snakemake', 'log', 'x.snakemake.log')
        with open(path, 'w', encoding='utf-8') as log:
            log.write(OTHER_LOG.partition('[Fri Nov 27 13:29:09')[0])

        def end(pid, of):
            with open(path, 'a', encoding='utf-8') as log:
                log.write('Complete log: x\n')
            return False
        with mock.patch.multiple(weftline.snakemake, writes=end, writer_of=lambda of: '1',
                                 ALIVE_S=0):
            with watch_snakemake(folder) as followed:
                equal(followed.over.wait(20), True)
        run = server.run()
    equal((run.phase, keys_of(run, 'end')), ('done', {'part i=3, j=x y'}))


@test('/weft/python/snakemake/handler/a-dry-run-and-nobody-listening')
def nothing():
    with Server() as server, Folder() as folder:
        _, status = folder.run('-n', '--log-handler-script', HANDLER)
        equal((status, server.n_connections), (0, 0))
        os.environ['XDG_RUNTIME_DIR'], before = folder.path, os.environ['XDG_RUNTIME_DIR']
        try:
            _, status = folder.run('--log-handler-script', HANDLER, 'part0.txt')
        finally:
            os.environ['XDG_RUNTIME_DIR'] = before
        equal((status, server.n_connections), (0, 0))
        equal(os.path.exists(os.path.join(folder.path, 'part0.txt')), True)


@test('/weft/python/snakemake/handler/quiet-and-recorded')
def recorded():
    """Where Snakemake is not to print what ends, it is known still."""
    command = os.path.join(os.environ.get('WEFT_BUILD_ROOT',
                                          os.path.join(place.SOURCE, 'build/head')),
                           'src', 'cli', 'weftline')
    with Folder() as folder:
        path = os.path.join(folder.path, 'run.weft')
        os.environ.update(WEFTLINE=command, WEFTLINE_FILE=path)
        try:
            folder.run('--quiet', '--log-handler-script', HANDLER, 'pair1.txt')
        finally:
            del os.environ['WEFTLINE'], os.environ['WEFTLINE_FILE']
        dumped = subprocess.run([command, 'dump', path], check=True, stdout=subprocess.PIPE,
                                text=True).stdout
    spans = [line for line in map(json.loads, dumped.splitlines()) if line.get('record') == 'task']
    equal(len(spans), 3)
    equal({span['how'] >> 4 for span in spans}, {0})


@test('/weft/python/snakemake/followed/attached-from-a-shell')
def attached():
    with Server() as server, Folder() as folder:
        with folder.start('total.txt', '--keep-going') as flow:
            folder.wait_for_log()
            with subprocess.Popen(
                    [sys.executable, '-m', 'weftline', 'attach', 'snakemake'], cwd=folder.path,
                    env={**os.environ, 'PYTHONPATH': place.PACKAGE},
                    stdout=subprocess.PIPE) as child:
                contains(child.stdout.readline().decode(), 'watching Snakemake in flow')
                equal(child.wait(60), 0)
            flow.wait()
        run = server.run()
    equal((run.phase, keys_of(run, 'fail')), ('failed', {'part i=2'}))


# What a Snakemake of another age writes: of version 9, and a group of jobs of a cluster.
OTHER_LOG = '''
Provided cluster nodes: 3
[Fri Nov 27 13:29:07 2026]
rule part:
    output: p3.txt
    jobid: 9
    reason: Missing output files: p3.txt
    wildcards: i=3, j=x y
    resources: tmpdir=/tmp
[Fri Nov 27 13:29:08 2026]
Finished jobid: 9 (Rule: part)
[Fri Nov 27 13:29:09 2026]
group job a (jobs in lexicogr. order):
    [Fri Nov 27 13:29:09 2026]
    rule one:
        input: p3.txt
        output: one.txt
        jobid: 1
        threads: 4

    [Fri Nov 27 13:29:09 2026]
    localrule two:
        input: one.txt
        jobid: 2

[Fri Nov 27 13:29:12 2026]
Error in group a:
    jobs:
        rule one:
            jobid: 1
            output: one.txt
        rule two:
            jobid: 2

Exiting because a job execution failed. Look above for error message
Complete log(s): /nowhere/.snakemake/log/x
'''


@test('/weft/python/snakemake/followed/logs-of-other-versions-and-groups')
def other():
    with Server() as server:
        run = Run('other', source='snakemake', clock='wall')
        run.greeted.wait(5)
        reader = Reader(Workflow(run), '/nowhere')
        for line in OTHER_LOG.splitlines():
            reader.take(line, time.time())
        equal(reader.is_over, True)
        reader.end(False)
        run.finish('failed')
        run = server.run()
    second = time.mktime((2026, 11, 27, 13, 29, 0, 0, 0, -1))
    equal([(event['k'], event['w'], event['t'] - second) for event in run.of('start')],
          [('part i=3, j=x y', 'cluster', 7), ('one', 'cluster', 9),
           ('two', run.request['host'], 9)])
    equal([(event['k'], event['t'] - second) for event in run.of('end')], [('part i=3, j=x y', 8)])
    equal([(event['k'], event['t'] - second) for event in run.of('fail')], [('one', 12),
                                                                           ('two', 12)])
    equal(run.inputs(), {'part i=3, j=x y': set(), 'one': {'part i=3, j=x y'}, 'two': {'one'}})


if __name__ == '__main__':
    main()
