"""test-command.py: the command from outside: outputs, messages, exit statuses.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import EXAMPLES, PROGRAM, Folder, environment, graph, ref, task, weftline
from tap import contains, equal, main, test

COMMANDS = ('run', 'open', 'check', 'info', 'convert', 'ops', 'dump', 'export', 'bench', 'doctor')
FAILING = graph({'good': task('const', 1), 'bad': task('fail', message='broken thread'),
                 'after': task('add', ref('bad'), 1), 'other': task('add', ref('good'), 1)},
                ['after', 'other'])
SUMS = graph({'inc-1': task('add', 1, 1), 'inc-2': task('add', 2, 1),
              'total': task('sum', [ref('inc-1'), ref('inc-2')])}, ['total'])


@test('/weft/cli/command/each-has-help')
def each_has_help():
    for command in COMMANDS:
        done = weftline(command, '--help')
        equal((done.status, done.err), (0, ''))
        contains(done.out, f'weftline {command}')
        contains(weftline('--help').out, command)


@test('/weft/cli/command/the-version-is-the-projects')
def version():
    done = weftline('--version')
    equal(done.status, 0)
    equal(bool(re.fullmatch(r'weftline \d+\.\d+\.\d+\n', done.out)), True)


@test('/weft/cli/command/options-are-in-manual-and-completion')
def documented():
    root = os.path.join(EXAMPLES, '..')
    with open(os.path.join(root, 'weftline.1'), encoding='utf-8') as file:
        manual = file.read().replace('\\-', '-')
    with open(os.path.join(root, 'completions', 'weftline'), encoding='utf-8') as file:
        completion = file.read()
    for command in COMMANDS:
        contains(completion, command)
        for option in re.findall(r'(--[a-z-]+)', weftline(command, '--help').out):
            contains(completion, option)
            if option != '--help':
                contains(manual, option)


@test('/weft/cli/command/a-failure-nobody-reads-is-explained')
def explained():
    text = graph({'lost': task('fail', message='broken reed'),
                  'rest': task('const', 1, after=['lost'])}, ['rest'])
    done = weftline('run', '-', stdin=text)
    equal(done.status, 1)
    contains(done.err, 'task “lost” failed (attempt 1): broken reed')


@test('/weft/cli/command/usage-errors-are-one-line-and-status-2')
def usage():
    for arguments, part in (((), 'Usage'), (('chek',), 'check'), (('rnu',), '“run”'),
                            (('zebra',), 'weftline --help'), (('run',), 'file'),
                            (('run', '--bogus', 'x'), '--bogus'), (('run', 'a', 'b'), '“b”'),
                            (('run', '--workers', '0', 'x'), '1 to 1024'),
                            (('run', '--workers', '2000', 'x'), '1 to 1024'),
                            (('run', '--memory-limit', '3Q', 'x'), '3Q'),
                            (('run', '--on-error', 'ignore', 'x'), 'continue'),
                            (('run', '--replay-speed', '0', 'x'), 'above 0'),
                            (('run', '--resource', 'GPU', 'x'), 'NAME=AMOUNT'),
                            (('run', '--no-optimize', '--passes', 'cull', 'x'), 'exclude'),
                            (('check', '--from', 'docx', 'x'), 'dagman'),
                            (('info', '--from', 'docx', 'x'), 'dagman'),
                            (('convert', 'a'), 'two files'), (('ops', 'ad'), 'add'),
                            (('bench', '--shape', 'square'), 'stencil'),
                            (('dump', os.path.join(EXAMPLES, 'text', 'loom.txt')), 'run file')):
        done = weftline(*arguments)
        equal((arguments, done.status), (arguments, 2))
        contains(done.err, part)
        if arguments:
            equal((arguments, done.err.count('\n')), (arguments, 1))
            contains(done.err, 'weftline: ')


@test('/weft/cli/command/outputs-are-printed')
def outputs():
    done = weftline('run', '--progress', 'none', '-', stdin=SUMS)
    equal((done.status, done.out, done.err), (0, 'total: 5\n', ''))
    done = weftline('run', '--json', '--output', 'inc-2', '-o', 'total', '-', stdin=SUMS)
    equal((done.status, done.json()), (0, {'inc-2': 3, 'total': 5}))


@test('/weft/cli/command/passes-change-no-output')
def passes():
    for options in ((), ('--no-optimize',), ('--passes', 'cull'), ('--passes', 'inline,fuse'),
                    ('--passes', 'none'), ('--passes', 'all'),
                    ('--passes', 'fuse=4,order'), ('--workers', '1'), ('--workers', '7')):
        equal(weftline('run', *options, '-', stdin=SUMS).out, 'total: 5\n')
    equal(weftline('run', '--passes', 'fues', '-', stdin=SUMS).status, 2)


@test('/weft/cli/command/bad-graphs-have-place-and-status-2')
def bad_graphs():
    for text, part in (('{"weftline": 1, "tasks": {', ':1:'),
                       (graph({'a': task('add', ref('b'), 1), 'b': task('add', ref('a'), 1)}),
                        'cycle'),
                       (graph({'alpha': task('const', 1), 'b': task('neg', ref('alpa'))}), 'alpha'),
                       (graph({'a': task('ad', 1, 2)}), 'add'),
                       (graph({'a': task('add', 1)}), 'b'),
                       (graph({}), '')):
        folder = Folder()
        path = folder.write('g.json', text)
        for command in ('run', 'check'):
            done = weftline(command, path)
            equal((text, done.status, done.out), (text, 2, ''))
            contains(done.err, 'weftline: ' + path)
            contains(done.err, part)
            equal(done.err.count('\n'), 1)
        folder.cleanup()


@test('/weft/cli/command/a-constant-of-the-wrong-type-is-named-where-it-is-used')
def wrong_constant():
    text = graph({'word': task('const', 'x'), 'sum': task('add', ref('word'), 1),
                  'end': task('neg', ref('sum'))})
    for arguments in (('check',), ('run',), ('run', '--passes', 'inline')):
        done = weftline(*arguments, '-', stdin=text)
        equal((arguments, done.status, done.out), (arguments, 2, ''))
        contains(done.err, 'task “sum”: found string as argument “a” of operation “add”')
    with Folder() as name:
        path = os.path.join(name, 'g.json')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace('"args": [', '"args": [\n').replace('}, 1]', '},\n 1]'))
        contains(weftline('check', path).err, f'weftline: {path}:3:1: task “sum”: found string')
    # without the pass the task finds it itself; what is said is the same
    done = weftline('run', '--no-optimize', '-', stdin=text)
    equal((done.status, done.out), (1, ''))
    contains(done.err, 'task “sum” failed')
    contains(done.err, 'argument “a” of operation “add” is string')


@test('/weft/cli/command/unused-tasks-are-checked-too')
def unused():
    text = graph({'a': task('const', 1), 'unused': task('nonsense')}, ['a'])
    equal(weftline('run', '-', stdin=text).status, 2)


@test('/weft/cli/command/a-failed-task-is-status-1')
def failed():
    done = weftline('run', '--on-error', 'continue', '-', stdin=FAILING)
    equal((done.status, done.out), (1, 'other: 2\n'))
    contains(done.err, 'task “bad” failed (attempt 1): broken thread')
    contains(done.err, '1 task could not run because of “bad”')
    done = weftline('run', '--on-error', 'stop', '--workers', '1', '-', stdin=FAILING)
    equal(done.status, 1)
    contains(done.err, 'broken thread')


@test('/weft/cli/command/each-culprit-is-named')
def culprits():
    tasks = {'good': task('const', 1), 'bad': task('fail'), 'worse': task('fail'),
             'lone': task('fail'), 'b': task('add', ref('bad'), 1)}
    for i in range(3):
        tasks[f'w{i}'] = task('add', ref('worse' if i == 0 else f'w{i - 1}'), 1)
    text = graph({**tasks, 'fine': task('add', ref('good'), 1)})
    done = weftline('run', '--on-error', 'continue', '-', stdin=text)
    contains(done.err, '3 tasks could not run because of “worse”\n'
                       'weftline: 1 task could not run because of “bad”\n')
    equal('“lone”\n' in done.err, False)
    lines = [json.loads(line) for line in weftline(
        'run', '--on-error', 'continue', '--progress', 'json', '-', stdin=text).err.splitlines()]
    equal({line['task']: line['hurt'] for line in lines if line['event'] == 'failed'},
          {'bad': 1, 'worse': 3, 'lone': 0})
    many = {f'bad-{i}': task('fail') for i in range(12)}
    many |= {f'hurt-{i}': task('add', ref(f'bad-{i}'), 1) for i in range(12)}
    done = weftline('run', '--on-error', 'continue', '-', stdin=graph(many))
    equal(done.err.count('1 task could not run because of “bad-'), 10)
    contains(done.err, '2 more tasks could not run because of 2 others')


@test('/weft/cli/command/what-a-program-said-is-shown')
def program_said():
    text = graph({'p': task('exec', ['sh', '-c', 'echo first >&2; echo last >&2; exit 3'])})
    done = weftline('run', '-', stdin=text)
    equal(done.status, 1)
    contains(done.err, 'exit status 3')
    equal([line for line in done.err.splitlines() if line.startswith('  ')][:2],
          ['  | first', '  | last'])
    equal('also printed' in done.err, False)


def told(script):
    """The lines about a program that failed."""
    done = weftline('run', '--progress', 'none', '-',
                    stdin=graph({'p': task('exec', ['sh', '-c', script])}))
    equal((done.status, done.out), (1, ''))
    return done.err.splitlines()


@test('/weft/cli/command/what-a-program-said-is-shown-once')
def program_said_once():
    start = 'weftline: task “p” failed (attempt 1): “sh” ended with exit status 3'
    equal(told('echo out; echo why >&2; echo so >&2; exit 3'),
          [start + '; the last lines of stderr:', '  | why', '  | so',
           '  it also printed:', '  | out'])
    equal(told('echo why >&2; exit 3'), [start + ': why'])
    equal(told('echo why; echo why >&2; sleep 0.1; exit 3'),
          [start + ': why', '  it also printed:', '  | why'])
    equal(told('echo y; exit 3'), [start, '  it also printed:', '  | y'])
    equal(told('exit 3'), [start])
    equal(told('seq 7 >&2; exit 3'),
          [start + '; the last lines of stderr:', *(f'  | {i}' for i in range(3, 8)),
           '  it also printed:', '  | 1', '  | 2'])


def alive(group):
    """Whether a process of that group lives; what only waits for its parent's notice is dead."""
    for number in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{number}/stat', encoding='utf-8', errors='replace') as file:
                state, _, its_group = file.read().rpartition(')')[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state not in 'ZX':
            return True
    return False


def heed_signals():
    """As in a terminal: nohup and shells without job control have some ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def interrupt(signals, text, *options):
    """Status, outputs and stderr of a run that gets signals once it runs; whether the program it
    started outlived it, which wrote its number into the file `pid`; what the dump says."""
    with Folder() as name, subprocess.Popen(
            [PROGRAM, 'run', '--progress', 'json', *options, '-'], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment(), cwd=name, preexec_fn=heed_signals) as process:
        process.stdin.write(text)
        process.stdin.close()
        started = os.path.join(name, 'pid')
        for line in process.stderr:
            if line.startswith('{') and os.path.exists(started) and os.path.getsize(started) > 0:
                break
        for number in signals:
            process.send_signal(number)
        process.wait(timeout=30)
        with open(started, encoding='utf-8') as file:
            group = int(file.read())
        survived = alive(group)
        if survived:
            os.killpg(group, signal.SIGKILL)
        dumped = weftline('dump', os.path.join(name, 'r.weft')) if options else None
        return process.returncode, process.stdout.read(), process.stderr.read(), survived, dumped


@test('/weft/cli/command/ctrl-c-cancels')
def ctrl_c():
    text = graph({'early': task('const', 1), 's': task('sleep', 1000, after=['early']),
                  'p': task('exec', ['sh', '-c', 'sleep 1000 & echo $$ > pid; exec sleep 1000'],
                            after=['early'])},
                 ['early', 's', 'p'])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        status, out, rest, survived, dumped = interrupt([number], text, '--trace', 'r.weft')
        equal((status, out, survived), (130, '', False))
        contains(rest, '"phase": "cancelled"')
        equal((dumped.status, dumped.err), (0, ''))  # the run file is complete
        equal({json.loads(line)['event'] for line in rest.splitlines()} >= {'message', 'summary'},
              True)


@test('/weft/cli/command/a-second-ctrl-c-ends-at-once')
def second_ctrl_c():
    ignores = graph({'p': task('exec', ['sh', '-c', 'trap "" TERM; echo $$ > pid; sleep 1000'])})
    status, out, rest, _, _ = interrupt([signal.SIGINT, signal.SIGTERM], ignores)
    equal((status, out), (130, ''))
    equal('"summary"' in rest, False)


@test('/weft/cli/command/progress-as-json-lines')
def json_lines():
    text = graph({f'nap-{i}': task('sleep', 0.3) for i in range(4)})
    done = weftline('run', '--progress', 'json', '--workers', '2', '-', stdin=text)
    lines = [json.loads(line) for line in done.err.splitlines()]
    equal({line['event'] for line in lines}, {'progress', 'summary'})
    equal((lines[-1]['event'], lines[-1]['phase'], lines[-1]['done']), ('summary', 'done', 4))
    equal(len(lines[-1]['busy']), 2)
    for line in lines[:-1]:
        equal(line['groups'][0]['name'], 'nap')
        equal(line['done'] + line['erred'] + line['running'] <= 4, True)
    times = [line['elapsed_ns'] for line in lines]
    equal(times, sorted(times))


@test('/weft/cli/command/with-json-all-of-stderr-is-json')
def json_only():
    done = weftline('run', '--progress', 'json', '--on-error', 'continue', '-', stdin=FAILING)
    lines = [json.loads(line) for line in done.err.splitlines()]
    failed = [line for line in lines if line['event'] == 'failed']
    equal([(line['task'], line['attempt'], line['message']) for line in failed],
          [('bad', 1, 'broken thread')])
    equal(any(line['event'] == 'message' and 'could not run' in line['text'] for line in lines),
          True)
    for arguments in (('nosuch.json',), ('--workers', '0', 'x'), ('a', 'b')):
        done = weftline('run', '--progress', 'json', *arguments)
        equal((arguments, done.status), (arguments, 2))
        equal([json.loads(line)['event'] for line in done.err.splitlines()], ['message'])


@test('/weft/cli/command/the-time-left-is-honest')
def honest_eta():
    """Chains that do not divide among the workers: work over workers would say too little."""
    text = graph({f'{name}-{i}': task('sleep', seconds, *([ref(f'{before}-{i}')] if before else []))
                  for i in range(5)
                  for name, seconds, before in (('load', 0.1, None), ('work', 0.2, 'load'),
                                                ('save', 0.1, 'work'))})
    done = weftline('run', '--workers', '4', '--progress', 'json', '-', stdin=text)
    lines = [json.loads(line) for line in done.err.splitlines()]
    whole = lines[-1]['elapsed_ns']
    known = [line for line in lines if line.get('eta_ns') is not None]
    equal(len(known) > 1, True)
    for line in known:
        estimate = (line['elapsed_ns'] + line['eta_ns']) / whole
        # what runs counts as not begun, and another task may take its place: 0.2 of 0.8 s
        equal((line['eta_at_least'], line['elapsed_ns'], estimate < 1.35),
              (line['eta_at_least'], line['elapsed_ns'], True))
        if not line['eta_at_least']:
            equal((line['elapsed_ns'], estimate > 0.75), (line['elapsed_ns'], True))


@test('/weft/cli/command/replays-say-what-stands-in')
def replay():
    dag = 'JOB A a.sub\nJOB B b.sub\nPARENT A CHILD B\n'
    with Folder() as name:
        path = os.path.join(name, 'two.dag')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(dag)
        done = weftline('run', '--replay-default', '150ms', '--replay-mode', 'sleep',
                        '--progress', 'json', path)
        quiet = weftline('run', '--replay-default', '1ms', '--progress', 'none', path)
        asked = weftline('run', '--replay-default', '1ms', '--output', 'A', path)
    equal((done.status, done.out), (0, ''))  # what stands in for a result is none
    contains(done.err, 'times: 2 of 2 tasks had no recorded runtime; 150 ms each stand in')
    contains(quiet.err, '1.00 ms each stand in')
    contains(asked.out, 'A: ')
    summary = json.loads(done.err.splitlines()[-1])
    equal(summary['elapsed_ns'] >= 300e6, True)
    equal(summary['elapsed_ns'] < 5e9, True)


@test('/weft/cli/command/a-run-file-keeps-the-notes-on-its-graph')
def notes():
    """What was left out, what was said by --note, and what stands in for times."""
    with Folder() as name:
        path, trace = os.path.join(name, 'two.dag'), os.path.join(name, 'r.weft')
        with open(path, 'w', encoding='utf-8') as out:
            out.write('JOB A a.sub\nDOT d.dot\nJOB B b.sub\n')
        done = weftline('run', '--trace', trace, '--replay-default', '1ms', '--note', 'a "word"',
                        '--note', 'another', path)
        dumped = weftline('dump', trace)
        plain = weftline('run', '--trace', trace, os.path.join(EXAMPLES, '05-fork-join.json'))
        other = weftline('dump', trace)
    equal((done.status, plain.status), (0, 0))
    meta = json.loads(json.loads(dumped.out.splitlines()[0])['text'])
    equal(len(meta['notes']), 3)
    contains(meta['notes'][0], 'two.dag:2:1: DOT is not supported')
    equal(meta['notes'][1:], ['a "word"', 'another'])
    equal(meta['replay'], {'tasks': 2, 'without_time': 2, 'stand_in_ns': 1000000})
    meta = json.loads(json.loads(other.out.splitlines()[0])['text'])
    equal(('notes' in meta, 'replay' in meta), (False, False))


@test('/weft/cli/command/replays-scale-times-and-bytes')
def replay_scales():
    workflow = {'name': 'w', 'schemaVersion': '1.5', 'workflow': {
        'specification': {'tasks': [{'name': 't', 'id': 't1', 'parents': [], 'children': [],
                                     'inputFiles': [], 'outputFiles': ['f']}],
                          'files': [{'id': 'f', 'sizeInBytes': 1000000}]},
        'execution': {'makespanInSeconds': 20, 'executedAt': '2024-01-01T00:00:00Z',
                      'tasks': [{'id': 't1', 'runtimeInSeconds': 20}]}}}
    done = weftline('run', '--replay-speed', '100', '--replay-bytes', '0.5', '--replay-mode',
                    'sleep', '--progress', 'json', '-', stdin=json.dumps(workflow))
    equal(done.status, 0)
    summary = json.loads(done.err.splitlines()[-1])
    equal(0.2e9 <= summary['elapsed_ns'] < 5e9, True)
    equal(500000 <= summary['peak_managed_bytes'] < 700000, True)


@test('/weft/cli/command/priorities-hold-whatever-passes-run')
def priorities():
    text = graph({f't{i}': task('exec', ['sh', '-c', f'echo {i} >> ran'], priority=i * 3 % 7)
                  for i in range(7)})
    for options in ([], ['--no-optimize'], ['--passes', 'cull'], ['--passes', 'fuse=4,inline']):
        with tempfile.TemporaryDirectory() as folder:
            done = weftline('run', '--workers', '1', *options, '-', stdin=text, cwd=folder)
            with open(os.path.join(folder, 'ran'), encoding='utf-8') as file:
                ran = [int(line) * 3 % 7 for line in file]
        equal((options, done.status, ran), (options, 0, [6, 5, 4, 3, 2, 1, 0]))


@test('/weft/cli/command/timed-out-attempts-are-in-the-summary')
def timed_out_summary():
    text = graph({'a': task('busy', 60, timeout=0.05), 'b': task('sleep', 60, timeout=0.05),
                  'c': task('exec', ['sleep', '60'], timeout=0.05)})
    done = weftline('run', '--workers', '1', '--on-error', 'continue', '--progress', 'json', '-',
                    stdin=text)
    summary = json.loads(done.err.splitlines()[-1])
    groups = {group['name']: group for group in summary['groups']}
    equal((done.status, sorted(groups)), (1, ['a', 'b', 'c']))
    for group in groups.values():
        equal(group['busy_ns'] >= 49e6 and group['longest_ns'] >= 49e6, True)
    equal(sum(summary['busy']) * summary['elapsed_ns'] >= 140e6, True)


@test('/weft/cli/command/spares-are-told-apart')
def spares():
    """A read that nobody answers holds its worker; the share of all would say nothing then."""
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, 'pipe')
        os.mkfifo(pipe)
        tasks = {f't{i}': task('sleep', 0.1) for i in range(5)}
        tasks['stuck'] = task('file.read', pipe, timeout=0.05)
        writer = threading.Timer(3, lambda: os.close(os.open(pipe, os.O_WRONLY)))
        writer.start()
        done = weftline('run', '--workers', '1', '--on-error', 'continue', '--progress', 'plain',
                        '-', stdin=graph(tasks))
        writer.join()
    equal(done.status, 1)
    contains(done.err, 'workers: 1 and 1 spare, busy each (')
    contains(weftline('run', '--workers', '1', '--progress', 'plain', '-',
                      stdin=graph({'t': task('sleep', 0.01)})).err, 'workers: 1, busy ')


@test('/weft/cli/command/info-counts')
def info():
    done = weftline('info', '--json', os.path.join(EXAMPLES, '03-tree-reduction.json'))
    shape = done.json()
    equal([shape[name] for name in ('tasks', 'edges', 'depth', 'width', 'sources', 'sinks')],
          [31, 30, 5, 16, 16, 1])
    equal(shape['groups']['leaf'], 16)
    contains(weftline('info', '-', stdin=SUMS).out, 'tasks     3')


@test('/weft/cli/command/info-tells-what-passes-do')
def info_passes():
    tree = os.path.join(EXAMPLES, '03-tree-reduction.json')
    reports = weftline('info', '--json', '--passes', 'all', tree).json()['passes']
    equal([report['pass'] for report in reports], ['cull', 'inline', 'fuse', 'order'])
    equal([(report['tasks_before'], report['tasks_after']) for report in reports],
          [(31, 31), (31, 15), (15, 15), (15, 15)])
    equal(all(report['why'] for report in reports), True)
    contains(weftline('info', '--passes', 'inline', tree).out, 'inline    31 → 15, 30 → 14')
    equal(weftline('info', '--passes', 'inlin', tree).status, 2)
    equal('passes' in weftline('info', '--json', tree).json(), False)


@test('/weft/cli/command/convert-keeps-the-graph')
def convert():
    with Folder() as name:
        there, back = os.path.join(name, 'a.dot'), os.path.join(name, 'b.json')
        same = os.path.join(name, 'c.json')
        source = os.path.join(EXAMPLES, '05-fork-join.json')
        equal(weftline('convert', source, same).status, 0)
        equal(weftline('run', '--json', same).json(), weftline('run', '--json', source).json())
        done = weftline('convert', source, there)
        equal(done.status, 0)
        contains(done.err, 'a.dot: left out, as the format has no place for it: operations')
        equal(weftline('convert', there, back).status, 0)
        counts = [weftline('info', '--json', path).json() for path in (source, back)]
        equal(counts[0]['edges'], counts[1]['edges'])


@test('/weft/cli/command/convert-to-where-nothing-can-be-written-is-status-3')
def convert_unwritable():
    source = os.path.join(EXAMPLES, '05-fork-join.json')
    for out, why in (('/dev/full', 'No space left'), ('/nowhere/x.dot', 'No such file')):
        done = weftline('convert', source, out, '--to', 'dot')
        equal((done.status, done.out), (3, ''))
        equal(len(done.err.splitlines()), 1)
        contains(done.err, out)
        contains(done.err, why)
    equal(weftline('convert', '/nowhere/x.json', '/dev/null', '--to', 'dot').status, 2)


@test('/weft/cli/command/convert-says-only-what-is-left-out')
def convert_lost():
    lines = ['JOB A a.sub DIR there NOOP', 'JOB B b.sub DONE', 'VARS A x="1 2"', 'CATEGORY A slow',
             'MAXJOBS slow 2', 'RETRY B 3', 'PRIORITY B 4', 'PARENT A CHILD B']
    with Folder() as name:
        out = os.path.join(name, 'out.dag')
        done = weftline('convert', '-', out, stdin='\n'.join(lines))
        equal((done.status, done.err), (0, ''))
        with open(out, encoding='utf-8') as file:
            equal(sorted(file.read().splitlines()), sorted(lines))
        for more, what in (({'metadata': {'submit': 'a.sub', 'note': 1}}, 'metadata of tasks'),
                           ({'metadata': {'submit': 'two words'}}, 'metadata of tasks'),
                           ({'metadata': {'vars': {'x': 1}}}, 'metadata of tasks'),
                           ({'resources': {'gpu': 2}}, 'timeouts, delays and resources'),
                           ({'runtime': 0}, 'runtimes'), ({'group': 'warp'}, 'groups')):
            done = weftline('convert', '-', out, stdin=graph({'a': more}))
            equal(done.status, 0)
            equal(done.err.strip(), f'weftline: {out}: left out, as the format has no place for '
                                    f'it: {what}')


@test('/weft/cli/command/the-graphs-own-file-is-never-overwritten')
def own_file():
    with Folder() as name:
        path, link = os.path.join(name, 'x.json'), os.path.join(name, 'other.json')
        hard = os.path.join(name, 'hard.json')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(SUMS)
        os.symlink(path, link)
        os.link(path, hard)
        for arguments in (('run', '--trace', path, path), ('run', '--trace', link, path),
                          ('run', '--trace', path, link), ('run', '--trace', hard, path),
                          ('run', '--keep', path, path), ('convert', path, path),
                          ('convert', link, path), ('convert', path, hard)):
            done = weftline(*arguments)
            equal((done.status, done.out), (2, ''))
            equal(len(done.err.splitlines()), 1)
            contains(done.err, 'is the file the graph is in')
            with open(path, encoding='utf-8') as file:
                equal(file.read(), SUMS)
        equal(sorted(os.listdir(name)), ['hard.json', 'other.json', 'x.json'])
        run_file = os.path.join(name, 'r.weft')
        equal(weftline('run', '--trace', run_file, path).status, 0)
        done = weftline('export', '-o', run_file, run_file)
        equal((done.status, done.out), (2, ''))
        contains(done.err, 'is the file the run is in')
        equal(weftline('dump', run_file).status, 0)


@test('/weft/cli/command/what-readers-leave-out-is-said')
def reader_notes():
    dag = ('JOB A a.sub\nSCRIPT PRE A p\n  ABORT-DAG-ON A 1\nSCRIPT POST A q\n'
           'RETRY A 2 UNLESS-EXIT 3\n')
    left_out = 'is not supported and was left out'
    starts = [f':2:1: SCRIPT {left_out} (2 times): ', f':3:3: ABORT-DAG-ON {left_out}: ',
              f': RETRY UNLESS-EXIT {left_out}: ']
    for command in (('check', '--from', 'dagman'), ('run', '--progress', 'none'), ('info',)):
        done = weftline(*command, '-', stdin=dag)
        equal(done.status, 0)
        said = [line for line in done.err.splitlines() if left_out in line]
        equal(len(said), len(starts))
        for line, start in zip(said, starts):
            contains(line, f'weftline: standard input{start}' if start[1] != ' ' else start)
    equal(weftline('check', '-', stdin='JOB A a.sub\n').err, '')
    for line in ('SPLICE S s.dag', 'SUBDAG EXTERNAL S s.dag', 'INCLUDE s.dag'):
        equal(weftline('check', '-', stdin=f'JOB A a.sub\n{line}\n').status, 2)


@test('/weft/cli/command/open-hands-files-to-the-window')
def open_files():
    """The window's program is found by its name and gets the files, also one like an option."""
    with Folder() as name:
        window = os.path.join(name, 'weftline-gui')
        with open(window, 'w', encoding='utf-8') as out:
            out.write('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 7\n')
        os.chmod(window, 0o755)
        env = dict(environment(), PATH=f'{name}:/usr/bin:/bin')
        for file in ('a b.json', '--c.weft'):
            with open(os.path.join(name, file), 'w', encoding='utf-8'):
                pass
        done = subprocess.run([PROGRAM, 'open', 'a b.json', '--', '--c.weft'], env=env, text=True,
                              cwd=name, stdout=subprocess.PIPE, check=False)
        equal((done.returncode, done.stdout), (7, '--\na b.json\n--c.weft\n'))
        env['PATH'] = os.path.join(name, 'empty')
        # a copy of the command, which has not the window of its build beside it
        os.mkdir(os.path.join(name, 'alone'))
        alone = shutil.copy(PROGRAM, os.path.join(name, 'alone'))
        env['LD_LIBRARY_PATH'] = os.path.join(os.path.dirname(PROGRAM), '..')
        done = subprocess.run([alone, 'open', 'a b.json'], env=env, text=True, cwd=name,
                              stderr=subprocess.PIPE, check=False)
        equal((done.returncode, done.stderr),
              (3, 'weftline: open: weftline-gui is neither installed nor built; '
                  '`ninja weftline-programs` in the build\'s folder builds it\n'))


@test('/weft/cli/command/open-says-what-is-not-there')
def open_missing():
    """One clear error, and no window; addresses are the window's to judge."""
    with Folder() as name:
        window = os.path.join(name, 'weftline-gui')
        with open(window, 'w', encoding='utf-8') as out:
            out.write('#!/bin/sh\nexit 7\n')
        os.chmod(window, 0o755)
        env = dict(environment(), PATH=f'{name}:/usr/bin:/bin')
        for files, told in ((['missing'], 'missing: No such file or directory'),
                            (['weftline-gui', 'gone.weft'], 'gone.weft: No such file or directory'),
                            (['.'], '.: this is a folder, expected a graph or a run file')):
            done = subprocess.run([PROGRAM, 'open', *files], env=env, text=True, cwd=name,
                                  stderr=subprocess.PIPE, check=False)
            equal((done.returncode, done.stderr), (2, f'weftline: open: {told}\n'))
        for files in ([], ['weftline-gui'], ['file:///nowhere']):
            done = subprocess.run([PROGRAM, 'open', *files], env=env, cwd=name, check=False)
            equal(done.returncode, 7)


@test('/weft/cli/command/ops-are-described')
def ops():
    listed = weftline('ops')
    equal(re.search(r'^add\(a: number, b: number\) +5 ns  a \+ b$', listed.out, re.MULTILINE)
          is not None, True)
    contains(listed.out, 'sum(values: list, start: number = 0)')
    contains(listed.out, 'list(*values: any)')
    every = [json.loads(line) for line in weftline('ops', '--json').out.splitlines()]
    equal([op['name'] for op in every], sorted(op['name'] for op in every))
    equal(all(op['doc'] for op in every), True)
    equal(all(param['accepts'] and param['doc'] for op in every for param in op['params']), True)
    found = {op['name']: op for op in every}
    equal([(found[name]['min_args'], found[name]['max_args']) for name in ('add', 'sum', 'list')],
          [(2, 2), (1, 2), (0, None)])
    equal(found['file.write']['params'][1]['accepts'], ['string', 'bytes'])
    equal(found['sum']['params'][1]['default'], 0)
    equal(found['add']['cost_hint_ns'], 5)
    for part in ('argv', 'list', '(required)', '1 to 9 arguments', 'blocking', 'about 2.00 ms'):
        contains(weftline('ops', 'exec').out, part)
    for name in ('const', 'add', 'sum', 'min', 'max', 'mean', 'count', 'concat', 'file.read',
                 'file.lines', 'file.size', 'glob', 'sleep', 'busy', 'alloc', 'fail', 'exec'):
        contains(found, name)
    equal({'cheap', 'pure'} <= set(found['const']['flags']), True)


@test('/weft/cli/command/record-says-where-its-input-is-wrong')
def record_wrong():
    add = '{"e": "add", "k": "a"}\n'
    nonsense = '{"e": "nonsense"}\n'
    report = '{"hello": "weftline", "versions": [1]}\n{"do": "report", "name": "r"}\n'
    many = ''.join(f'{{"e": "add", "k": "{i}"}}\n' for i in range(20000))
    for said, at in ((add + '\n{garbage\n' + add, 'line 3, column 2'),
                     (report + add + '{"e": "end", "k": "a", "t": -1}\n', 'line 4, column 29'),
                     (many + nonsense, 'line 20001, column 18'),
                     (add + nonsense + add, 'line 2, column 18')):
        with Folder() as folder:
            done = weftline('record', os.path.join(folder, 'r.weft'), stdin=said)
            equal(done.status, 2)
            equal(len(done.err.splitlines()), 1)
            contains(done.err, f'weftline: record: {at} of the input: found ')
    with Folder() as folder:
        done = weftline('record', os.path.join(folder, 'r.weft'),
                        stdin=add + (nonsense + add) * 100)
        equal(done.status, 2)
        first, last = done.err.splitlines()
        contains(first, 'line 2, column ')
        equal(last, 'weftline: record: 100 events were left out, the first in line 2, '
              'column 18 of the input')


@test('/weft/cli/command/a-recorded-run-can-be-dumped')
def dump():
    with Folder() as name:
        path = os.path.join(name, 'r.weft')
        equal(weftline('run', '--trace', path, '--seed', 7, '-', stdin=SUMS).status, 0)
        done = weftline('dump', path)
        equal((done.status, done.err), (0, ''))
        lines = [json.loads(line) for line in done.out.splitlines()]
        contains(json.dumps(lines[0]), 'weftline run')
        with open(path, 'rb') as file:
            whole = file.read()
        with open(path, 'wb') as file:
            file.write(whole[:len(whole) - 40])
        done = weftline('dump', path)
        equal(done.status, 0)
        contains(done.err, 'not complete')


@test('/weft/cli/command/a-run-file-that-cannot-be-made-is-status-3')
def no_run_file():
    with Folder() as name:
        done = weftline('run', '--trace', os.path.join(name, 'none', 'r.weft'), '-', stdin=SUMS)
    equal((done.status, done.out), (3, ''))
    contains(done.err, 'r.weft')


@test('/weft/cli/command/a-full-disk-for-outputs-is-status-3')
def full_output():
    with open('/dev/full', 'w', encoding='utf-8') as full:
        done = subprocess.run([PROGRAM, 'run', '--progress', 'none', '-'], input=SUMS, text=True,
                              stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    equal(done.returncode, 3)
    contains(done.stderr, 'No space left')


@test('/weft/cli/command/resources-limit-what-runs-at-once')
def resources():
    text = graph({f'nap-{i}': task('sleep', 0.1, resources={'pen': 1}) for i in range(4)})
    done = weftline('run', '--workers', '4', '--resource', 'pen=1', '--progress', 'json', '-',
                    stdin=text)
    equal(done.status, 0)
    equal(json.loads(done.err.splitlines()[-1])['elapsed_ns'] >= 400e6, True)


@test('/weft/cli/command/bench-speaks-the-drivers-protocol')
def bench_driver():
    equal(weftline('bench', '--driver', 'none', 'shapes').out,
          'Weftline\tindependent chain tree stencil fan\t'
          + weftline('--version').out.split()[1] + '\n')
    for shape, size, n_tasks in (('independent', 100, 100), ('chain', 100, 100), ('tree', 64, 127),
                                 ('stencil', 5, 320), ('fan', 50, 52)):
        for records in ('none', 'memory', 'file'):
            for values in ('int', 'heap'):
                done = weftline('bench', '--values', values, '--driver', records, shape, size, 2)
                equal((shape, done.status, done.err), (shape, 0, ''))
                rows = [list(map(int, line.split('\t'))) for line in done.out.splitlines()]
                equal([row[0] for row in rows], [n_tasks, n_tasks])
                equal(all(len(row) == 5 and min(row[1:4]) > 0 for row in rows), True)


@test('/weft/cli/command/bench-prints-a-table')
def bench_table():
    done = weftline('bench', '--shape', 'chain', '--size', 500, '--rounds', 3)
    equal(done.status, 0)
    rows = re.findall(r'^(?:chain +500 +(int64|64-byte heap))? +(warm|cold) '
                      r'((?: +[\d.]+/[\d.]+)+)$', done.out, re.MULTILINE)
    equal([(values, runs, len(figures.split())) for values, runs, figures in rows],
          [('int64', 'warm', 4), ('', 'cold', 3), ('64-byte heap', 'warm', 4), ('', 'cold', 3)])
    for figure in ' '.join(figures for _, _, figures in rows).split():
        least, median = map(float, figure.split('/'))
        equal(0 < least <= median, True)
    done = weftline('bench', '--shape', 'chain', '--size', 500, '--rounds', 2, '--records', 'file',
                    '--values', 'heap')
    equal(re.findall(r'^chain +500 +(\S+ heap) +warm +- +- +[\d.]+/[\d.]+ +[\d.]+/[\d.]+$',
                     done.out, re.MULTILINE), ['64-byte heap'])


@test('/weft/cli/command/doctor-knows-the-machine')
def doctor():
    done = weftline('doctor')
    equal(done.status, 0)
    cores = len(os.sched_getaffinity(0))
    found = re.search(r'^. cores +(\d+) usable', done.out, re.MULTILINE)
    equal(1 <= int(found.group(1)) <= cores, True)
    for name in ('clock', 'memory', 'limits', 'sockets', 'build'):
        contains(done.out, name)


main()
