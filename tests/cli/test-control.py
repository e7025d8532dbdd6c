"""test-control.py: commands to a run that goes on, judged by what its run file says.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import random
import re
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import PROGRAM, SOURCE, Folder, environment, graph, ref, task, weftline
from tap import contains, equal, main, test

RUNNING, PAUSED = 1, 2
# WeftSetting
WORKERS, MEMORY_LIMIT, SLOW_MOTION = 0, 1, 2
CHAIN = {'a': task('const', 4), 'b': task('add', ref('a'), 1), 'c': task('add', ref('b'), 1)}


def lines_of(path):
    return [json.loads(line) for line in weftline('dump', path).out.splitlines()]


class Run:
    """A run that is told what to do; all that it answers is checked against what was sent."""

    def __init__(self, tasks, *options, before=b'', outputs=None):
        self.folder = Folder()
        self.path = self.folder.path('run.weft')
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(60)
        self.socket.sendall(before)
        self.n_sent = before.count(b'\n')
        self.answers = {}
        with theirs:
            self.process = subprocess.Popen(
                [PROGRAM, 'run', '--progress', 'none', '--passes', 'none', '--workers', '2',
                 '--trace', self.path, '--control', str(theirs.fileno()), *options,
                 self.folder.write('graph.json', graph(tasks, outputs))],
                pass_fds=[theirs.fileno()], text=True, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=environment())
        self.file = self.socket.makefile('rb')
        equal(self.file.readline(), b'weftline-control 1\n')

    def send(self, line):
        """Returns: its number."""
        self.socket.sendall(line + b'\n')
        self.n_sent += 1
        return self.n_sent

    def read_answer(self):
        """FALSE: there are no more."""
        line = self.file.readline().decode()
        if line == '':
            return False
        number, text = re.fullmatch(r'(\d+) (done|error .+)\n', line).groups()
        equal((int(number) in self.answers, int(number) <= self.n_sent), (False, True))
        self.answers[int(number)] = text
        return True

    def answer_to(self, number):
        while number not in self.answers:
            equal((number, self.read_answer()), (number, True))
        return self.answers[number]

    def ask(self, line):
        return self.answer_to(self.send(line.encode()))

    def tell(self, *lines):
        for line in lines:
            equal((line, self.ask(line)), (line, 'done'))

    def records(self, *kinds):
        return [line for line in lines_of(self.path) if line.get('record') in kinds]

    def settings(self, setting):
        return [record['high'] for record in self.records('setting') if record['low'] == setting]

    def ran(self):
        """The tasks that ended, in that order."""
        spans = self.records('task')
        return [span['task'] for span in sorted(spans, key=lambda s: s['start'] + s['duration'])]

    def wait_for(self, phase):
        while not (states := self.records('run-state')) or states[-1]['how'] != phase:
            equal(self.process.poll(), None)

    def end(self, status=0):
        """Until it has ended. Returns: what it printed."""
        out, said = self.process.communicate(timeout=60)
        equal((self.process.returncode, said), (status, ''))
        while self.read_answer():
            pass
        equal(sorted(self.answers), list(range(1, self.n_sent + 1)))
        self.socket.close()
        self.file.close()
        self.lines = lines_of(self.path)
        self.folder.cleanup()
        return out

    def hang_up(self):
        self.file.close()
        self.socket.close()


class Fifo(Folder):
    """Lets a task wait until it is written to."""

    def __enter__(self):
        os.mkfifo(self.path('go'))
        return self

    def task(self):
        return task('exec', ['cat', self.path('go')])

    def write(self, text):
        with open(self.path('go'), 'w', encoding='utf-8') as out:
            out.write(text)


def running(run):
    """Tasks that the last look of the recorder saw running."""
    found = {}
    for line in lines_of(run.path):
        for entry in line.get('entries', []) if line.get('kind') == 'now' else []:
            found[entry['lane']] = entry['task'] if entry['kind'] == 1 else None
    return [task for task in found.values() if task is not None]


@test('/weft/cli/control/nothing-starts-while-paused')
def pause():
    """The time it is paused for is that of a task which is stepped meanwhile."""
    tasks = {f'a-{i}': task('sleep', 0.001) for i in range(2000)}
    run = Run({**tasks, 'clock-0': task('sleep', 0.2), 'clock-1': task('sleep', 0.2)})
    run.tell('pause')
    run.wait_for(PAUSED)
    n_clocks = len([t for t in run.ran() if t >= 2000])
    run.tell('step-group clock', 'resume')
    run.end()
    states = {line['how']: line['start'] for line in run.lines if line.get('record') == 'run-state'
              and line['how'] in (RUNNING, PAUSED)}
    starts = [line['start'] for line in run.lines if line.get('record') == 'task'
              and line['task'] < 2000]
    equal((n_clocks, len(starts)), (0, 2000))
    # a worker may have looked just before
    equal(len([s for s in starts if states[PAUSED] < s < states[RUNNING]]) <= 2, True)
    equal(len([s for s in starts if s > states[RUNNING]]) > 0, True)


@test('/weft/cli/control/a-step-runs-one-task')
def step():
    run = Run(CHAIN, '--start-paused', outputs=['c'])
    equal((run.ask('step-group d'), run.ran()), ('error no task of group “d” is ready', []))
    for number in range(3):
        equal(run.ran(), list(range(number)))
        equal(len(run.records('stepped')), number)
        run.tell('step')
    equal(run.end(), 'c: 6\n')
    equal([line['task'] for line in run.lines if line.get('record') == 'stepped'], [0, 1, 2])


@test('/weft/cli/control/steps-wait-their-turn')
def steps():
    """Many at once; what waits no more is told so."""
    run = Run({f'a-{i}': task('const', i) for i in range(6)}, '--start-paused')
    equal([run.answer_to(run.send(b'step')) for _ in range(2)], ['done'] * 2)
    numbers = [run.send(b'step') for _ in range(3)]
    equal([run.answer_to(number) for number in numbers], ['done'] * 3)
    equal(run.ran(), [0, 1, 2, 3, 4])
    run.tell('resume')
    run.end()


@test('/weft/cli/control/step-group')
def step_group():
    run = Run({'b-0': task('const', 0), 'a-0': task('const', 0), 'a-1': task('const', 0),
               'a-2': task('add', ref('a-0'), 1)}, '--start-paused')
    run.tell('step-group a')
    equal(sorted(run.ran()), [1, 2])
    run.tell('step-group a')
    equal(sorted(run.ran()), [1, 2, 3])
    equal(run.ask('step-group a'), 'error no task of group “a” is ready')
    run.tell('step')
    run.end()


@test('/weft/cli/control/steps-of-a-run-that-is-not-paused')
def step_running():
    run = Run({'a': task('sleep', 600)})
    while running(run) == []:
        equal(run.process.poll(), None)
    equal(run.ask('step'), 'error the run is not paused')
    run.tell('pause')
    equal(run.ask('step'), 'error no task is ready')
    run.tell('cancel')
    run.end(130)


@test('/weft/cli/control/settings-are-made')
def settings():
    run = Run(CHAIN, '--start-paused')
    for line, setting, value in (('workers 3', WORKERS, 3), ('workers 1', WORKERS, 1),
                                 ('memory-limit 64M', MEMORY_LIMIT, 64 << 20),
                                 ('memory-limit 0', MEMORY_LIMIT, 0),
                                 ('slow-motion 10ms', SLOW_MOTION, 10000000),
                                 ('slow-motion 0', SLOW_MOTION, 0)):
        run.tell(line)
        equal((line, run.settings(setting)[-1]), (line, value))
    run.tell('annotate here \\\\ and\\nthere')
    texts = [text for line in lines_of(run.path) for text in line.get('strings', [])]
    equal('here \\ and\nthere' in texts, True)
    run.tell('resume')
    run.end()


@test('/weft/cli/control/what-stands-there-holds-from-the-start')
def before_the_start():
    """Starts are as far from each other as was asked for, the first ones too."""
    run = Run({f'a-{i}': task('const', i) for i in range(5)},
              before=b'slow-motion 20ms\nworkers 1\nbreak-at a-4\n')
    run.wait_for(PAUSED)
    equal([run.answer_to(number) for number in (1, 2, 3)], ['done'] * 3)
    equal(run.ran(), [0, 1, 2, 3])
    run.tell('resume')
    run.end()
    ticks = [line for line in run.lines if line.get('kind') == 'clock'][0]['ticks_per_second']
    starts = sorted(line['start'] for line in run.lines if line.get('record') == 'task')
    gaps = [(b - a) / ticks for a, b in zip(starts, starts[1:])]
    equal((len(gaps), [gap for gap in gaps if gap < 0.0199]), (4, []))
    first = [line['record'] for line in run.lines if line.get('record') in ('run-state', 'setting')
             and (line.get('how') == RUNNING or line.get('high') == 20000000)]
    equal(first[:2], ['setting', 'run-state'])


@test('/weft/cli/control/breakpoints')
def breakpoints():
    tasks = {'a': task('alloc', 1000, 0), 'b': task('sleep', 0, ref('a')),
             'c': task('sleep', 0, ref('b'))}
    for line, ran in (('break-at c', [0, 1]), ('break-at-group b', [0]), ('break-above 1', [0]),
                      ('run-to b', [0])):
        run = Run(tasks, '--start-paused')
        run.tell(*[line] if line.startswith('run-to') else [line, 'resume'])
        run.wait_for(PAUSED)
        while (line, run.ran()) != (line, ran):
            equal((line, run.ran() < ran), (line, True))
        run.tell('clear-breaks', 'resume')
        run.process.communicate(timeout=60)
        equal((line, run.process.returncode), (line, 0))
        equal((line, run.ran()), (line, [0, 1, 2]))
        run.hang_up()
        run.folder.cleanup()


@test('/weft/cli/control/pauses-on-an-error')
def break_on_error():
    """While another task waits for the test."""
    with Fifo() as fifo:
        run = Run({'wait': fifo.task(), 'bad': task('fail'), 'next': task('identity', ref('wait'))},
                  '--start-paused', '--on-error', 'continue')
        run.tell('break-on-error on', 'resume')
        run.wait_for(PAUSED)
        equal(run.ran(), [1])
        fifo.write('gone')
        while len(run.ran()) < 2:
            equal(run.process.poll(), None)
        equal(run.ask('pause'), 'done')
        equal(run.ran(), [1, 0])
        run.tell('resume')
        run.process.communicate(timeout=60)
        equal((run.process.returncode, run.ran()), (1, [1, 0, 2]))
        run.hang_up()
        run.folder.cleanup()


def n_pauses(run):
    return len([line for line in run.lines if line.get('record') == 'run-state'
                and line['how'] == PAUSED])


@test('/weft/cli/control/breakpoints-that-are-taken-away')
def cleared():
    run = Run(CHAIN, '--start-paused')
    run.tell('break-at c', 'break-at-group b', 'break-on-error on', 'break-above 1k',
             'break-on-error off', 'break-above 0', 'clear-breaks', 'resume')
    run.end()
    equal(n_pauses(run), 1)
    run = Run(CHAIN, '--start-paused')
    run.tell('break-at-group b', 'clear-break-at-group b', 'break-at c', 'clear-break-at c',
             'resume')
    run.end()
    equal(n_pauses(run), 1)


@test('/weft/cli/control/keys-of-any-kind')
def odd_keys():
    run = Run({'first': task('const', 0), ' two\nlines \\ é': task('add', ref('first'), 1)},
              '--start-paused')
    run.tell('run-to  two\\nlines \\\\ é')
    run.wait_for(PAUSED)
    while run.ran() != [0]:
        pass
    equal(run.ask('run-to no\\nsuch'), 'error no task “no\\nsuch”')
    run.tell('resume')
    run.end()


@test('/weft/cli/control/cancel')
def cancel():
    run = Run({'a': task('sleep', 600)})
    run.tell('cancel')
    run.end(130)


@test('/weft/cli/control/what-waits-at-the-end-is-answered')
def at_the_end():
    """A step that is cancelled, and one that never comes to be."""
    run = Run({'a': task('sleep', 600), 'b': task('const', 0)}, '--start-paused')
    numbers = [run.send(b'step') for _ in range(4)]
    while running(run) == []:
        equal(run.process.poll(), None)
    run.tell('cancel')
    run.end(130)
    answers = [run.answers[number] for number in numbers[1:]]
    equal([answer.startswith('error the run ') or answer == 'done' for answer in answers],
          [True] * 3)
    equal(answers[-1].startswith('error the run '), True)


@test('/weft/cli/control/a-thousand-steps-may-wait')
def many_steps():
    with Fifo() as fifo:
        run = Run({'wait': fifo.task(), **{f'a-{i}': task('const', i) for i in range(1000)}},
                  '--start-paused')
        numbers = [run.send(b'step') for _ in range(1001)]
        equal(run.answer_to(numbers.pop()), 'error too many steps wait already')
        equal(len(run.answers), 1)
        fifo.write('gone')
        equal([run.answer_to(number) for number in numbers], ['done'] * 1000)
        equal(len(run.ran()), 1000)
        run.tell('resume')
        run.end()


@test('/weft/cli/control/end-of-the-channel')
def hang_up():
    """Who is gone can say nothing more, so a run that waits for it goes on, or ends."""
    for line, status in (('break-at c', 0), ('at-hang-up go-on', 0), ('at-hang-up cancel', 130)):
        run = Run(CHAIN, '--start-paused', outputs=['c'])
        run.tell(line)
        run.hang_up()
        out, said = run.process.communicate(timeout=60)
        equal((line, run.process.returncode, said), (line, status, ''))
        equal((line, out), (line, 'c: 6\n' if status == 0 else ''))
        run.folder.cleanup()


@test('/weft/cli/control/half-closed')
def half_closed():
    """Answers come all the same, also to a line without an end."""
    run = Run(CHAIN, '--start-paused')
    run.send(b'break-at c')
    run.send(b'step')
    run.socket.sendall(b'pause')
    run.n_sent += 1
    run.socket.shutdown(socket.SHUT_WR)
    run.end()
    equal((run.answers[1], run.answers[3]), ('done', 'error the line has no end'))


@test('/weft/cli/control/a-process-that-dies')
def dies():
    run = Run({'a': task('sleep', 600)}, '--start-paused')
    run.send(b'step')
    while running(run) == []:
        equal(run.process.poll(), None)
    run.process.kill()
    equal(run.read_answer(), False)
    run.process.communicate(timeout=60)
    run.hang_up()
    run.folder.cleanup()


BAD = ((b'', 'an empty line'), (b'paus', 'no command “paus”; did you mean “pause”?'),
       (b'x' * 100, 'no command'), (b'PAUSE', 'no command'), (b' pause', 'no command “”'),
       (b'pause now', 'nothing expected'), (b'pause ', 'nothing expected'),
       (b'pau\0se', 'a zero byte'), (b'break-at \xff', 'not UTF-8'),
       (b'break-at', "a task's key expected"), (b'break-at ', "a task's key expected"),
       (b'break-at zz', 'no task “zz”'), (b'run-to zz', 'no task “zz”'),
       (b'break-at \\x', 'a backslash'), (b'workers', 'a number expected'),
       (b'workers 0', 'from 1 to 1024'), (b'workers 1025', 'from 1 to 1024'),
       (b'workers many', 'from 1 to 1024'), (b'memory-limit -1', 'a number of bytes'),
       (b'memory-limit 1X', 'a number of bytes'), (b'slow-motion fast', 'a duration'),
       (b'slow-motion -1s', 'a duration'), (b'break-on-error maybe', 'off, on'),
       (b'at-hang-up die', 'go-on, cancel'), (b'annotate ', 'a text expected'),
       (b'step-group ', "a group's name expected"), (b'y' * 3000000, 'too long'))


@test('/weft/cli/control/bad-lines-get-one-error-and-lose-nothing')
def bad_lines():
    run = Run(CHAIN, '--start-paused', outputs=['c'])
    for line, problem in BAD:
        number = run.send(line)
        run.tell('annotate still here')
        equal((line[:20], run.answers[number][:6]), (line[:20], 'error '))
        contains(run.answers[number], problem)
    equal(run.ran(), [])
    run.tell('resume')
    equal(run.end(), 'c: 6\n')


def random_line(dice):
    """Something like a command; none of them ends the run."""
    line = dice.choice([b'pause', b'resume', b'step', b'step-group a', b'workers 3', b'workers 1',
                        b'break-at a-7', b'break-at-group b', b'run-to b-3', b'clear-breaks',
                        b'slow-motion 1us', b'slow-motion 0', b'memory-limit 1M',
                        b'memory-limit 0', b'break-above 10', b'break-on-error on',
                        b'annotate x\\n'])
    if dice.random() < 0.3:
        at = dice.randrange(len(line) + 1)
        line = line[:at] + dice.randbytes(dice.randrange(4)) + line[at + dice.randrange(3):]
    return line.replace(b'\n', b'')


@test('/weft/cli/control/random-input-never-kills-the-run')
def random_input():
    """Every line has one answer, and the results are right afterwards."""
    seed = random.SystemRandom().randrange(1 << 32)
    print(f'# seed {seed}')
    dice = random.Random(seed)
    tasks = {f'{g}-{i}': task('const', i) for g in 'ab' for i in range(50)}
    tasks['sum'] = task('add', ref('a-40'), ref('b-2'))
    with Fifo() as fifo:
        run = Run({**tasks, 'wait': fifo.task()}, '--start-paused', outputs=['sum', 'wait'])
        for _ in range(20):
            noise = dice.randbytes(dice.choice([1, 100, 20000]))
            run.socket.sendall(noise)
            run.n_sent += noise.count(b'\n')
            run.send(b'')
            for _ in range(dice.randrange(15)):
                run.send(random_line(dice))
            run.answer_to(run.send(b'pause'))
        run.tell('memory-limit 0', 'clear-breaks', 'slow-motion 0', 'workers 2', 'resume')
        fifo.write('gone\n')
        equal((seed, run.end()), (seed, 'sum: 42\nwait:\ngone\n'))


@test('/weft/cli/control/who-does-not-read-holds-nothing-up')
def does_not_read():
    run = Run({**{f'a-{i}': task('sleep', 0.001) for i in range(100)}, 'c': task('const', 1)},
              '--start-paused', outputs=['c'])
    run.tell('resume')
    run.socket.setblocking(False)
    try:
        while True:
            run.socket.send(b'nonsense\n' * 1000)
    except OSError:  # there is no more room, or it has ended
        pass
    out, said = run.process.communicate(timeout=60)
    equal((run.process.returncode, said, out), (0, '', 'c: 1\n'))
    run.hang_up()
    run.folder.cleanup()


@test('/weft/cli/control/descriptors-that-will-not-do')
def descriptors():
    with Folder() as name:
        path = os.path.join(name, 'graph.json')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(graph(CHAIN))
        for options, problem in ((('--control', '700'), 'socket expected'),
                                 (('--control', 'x'), 'a whole number'),
                                 (('--control', '1'), 'a whole number'),
                                 (('--start-paused',), '--start-paused needs --control')):
            done = weftline('run', *options, path)
            equal((options, done.status, done.out), (options, 2, ''))
            contains(done.err, problem)
        with open(path, encoding='utf-8') as graph_file:
            done = subprocess.run([PROGRAM, 'run', '--control', str(graph_file.fileno()), path],
                                  pass_fds=[graph_file.fileno()], stderr=subprocess.PIPE,
                                  text=True, env=environment(), check=False)
        equal(done.returncode, 2)
        contains(done.stderr, 'socket expected')


@test('/weft/cli/control/programs-that-tasks-start-do-not-have-it')
def not_inherited():
    run = Run({'a': task('exec', ['sh', '-c', 'ls -l /proc/self/fd'])}, outputs=['a'])
    equal('socket:' in run.end(), False)


@test('/weft/cli/control/documents-tell-of-each-command')
def documents():
    with open(os.path.join(SOURCE, 'src', 'cli', 'control-commands.c'), encoding='utf-8') as file:
        names = re.findall(r'^  \{ "([a-z-]+)", TAKES_', file.read(), re.MULTILINE)
    equal(len(names), 18)
    with open(os.path.join(SOURCE, 'data', 'doc', 'control.md'), encoding='utf-8') as file:
        equal(sorted(re.findall(r'^\| `([a-z-]+)[` ]', file.read(), re.MULTILINE)), sorted(names))
    with open(os.path.join(SOURCE, 'data', 'weftline.1'), encoding='utf-8') as file:
        section = file.read().split('.SS Control')[1].split('.SS')[0].replace('\\-', '-')
    equal([name for name in names if not re.search(rf'(?<![a-z-]){name}(?![a-z-])', section)], [])


main()
