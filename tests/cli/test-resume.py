"""test-resume.py: what is run again after a change, and what is not.

SPDX-License-Identifier: BSD-3-Clause

Tasks that run leave a line in a file, so that what ran is seen and not believed.
"""
import os
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import EXAMPLES, Folder, graph, ref, task, weftline
from tap import contains, equal, main, test


def noisy(name, *words):
    """A task that says that it ran."""
    return task('exec', ['sh', '-c', f'echo {name} >> ran; echo "$@"', 'sh', *words])


class Place:
    def __init__(self):
        self.folder = Folder()

    def run(self, text, *options, status=0):
        """(what ran, outputs' text)"""
        self.folder.write('ran', '')
        done = weftline('run', *options, '-', stdin=text, cwd=self.folder.name)
        equal((done.err, done.status), (done.err, status))
        with open(self.folder.path('ran'), encoding='utf-8') as file:
            return sorted(file.read().split()), done

    def content(self, name):
        with open(self.folder.path(name), encoding='utf-8') as file:
            return file.read()

    def touch(self, name):
        os.utime(self.folder.path(name))

    def close(self):
        self.folder.cleanup()


def two_chains(second='b'):
    return graph({'one': noisy('one', 'a'), 'two': noisy('two', ref('one')),
                  'three': noisy('three', second), 'four': noisy('four', ref('three'))},
                 ['two', 'four'])


@test('/weft/cli/resume/nothing-changed-nothing-runs')
def nothing_changed():
    place = Place()
    ran, first = place.run(two_chains(), '--keep', 'kept')
    equal(ran, ['four', 'one', 'three', 'two'])
    ran, again = place.run(two_chains(), '--resume', 'kept')
    equal((ran, again.out), ([], first.out))
    contains(again.err, '4 tasks reused (0 of them by their files), 0 to run\n')
    contains(again.err, '\ndone: 0 tasks in ')
    contains(again.err, ', 4 reused\n')
    place.close()


@test('/weft/cli/resume/a-change-runs-what-follows-from-it')
def a_change():
    place = Place()
    place.run(two_chains(), '--keep', 'kept')
    ran, done = place.run(two_chains('c'), '--resume', 'kept', '--keep', 'kept')
    equal(ran, ['four', 'three'])
    contains(done.out, 'four:\nc\n')
    equal(place.run(two_chains(), '--resume', 'kept')[0], [])
    place.close()


@test('/weft/cli/resume/a-run-file-names-the-folder')
def run_file():
    place = Place()
    place.run(two_chains(), '--keep', 'kept', '--trace', 'r.weft')
    equal(place.run(two_chains(), '--resume', 'r.weft')[0], [])
    place.close()


@test('/weft/cli/resume/after-a-failure-only-the-rest-runs')
def after_failure():
    place = Place()
    text = graph({'one': noisy('one', 'a'),
                  'gate': task('exec', ['sh', '-c', 'echo gate >> ran; test -e open; echo g'],
                               after=['one']),
                  'two': noisy('two', ref('gate'), ref('one'))}, ['two'])
    broken = text.replace('test -e open;', 'test -e open || exit 1;')
    ran, _ = place.run(broken, '--keep', 'kept', status=1)
    equal(ran, ['gate', 'one'])
    place.folder.write('open', '')
    ran, _ = place.run(broken, '--resume', 'kept')
    equal(ran, ['gate', 'two'])
    place.close()


@test('/weft/cli/resume/a-damaged-result-is-made-again')
def damaged():
    place = Place()
    place.run(two_chains(), '--keep', 'kept')
    for root, _, names in os.walk(place.folder.path('kept')):
        for name in names:
            with open(os.path.join(root, name), 'r+b') as file:
                file.truncate(40)
    equal(place.run(two_chains(), '--resume', 'kept')[0], ['four', 'one', 'three', 'two'])
    place.close()


@test('/weft/cli/resume/a-file-that-is-read-counts')
def file_read():
    place = Place()
    text = graph({'text': task('file.lines', 'in.txt'), 'n': task('count', ref('text'))}, ['n'])
    path = place.folder.write('in.txt', 'a\nb\n')
    equal(place.run(text, '--keep', 'kept')[1].out, 'n: 2\n')
    done = place.run(text, '--resume', 'kept')[1]
    contains(done.err, '2 tasks reused')
    with open(path, 'a', encoding='utf-8') as file:
        file.write('c\n')
    equal(place.run(text, '--resume', 'kept')[1].out, 'n: 3\n')
    place.close()


def made(name, command, before=(), outputs=()):
    return task('exec', ['sh', '-c', f'echo {name} >> ran; {command}'], outputs=list(outputs),
                after=list(before))


@test('/weft/cli/resume/declared-files-work-as-in-make')
def like_make():
    place = Place()
    text = graph({'a': made('a', 'sort in.txt > a.txt', outputs=['a.txt']),
                  'b': made('b', 'sort in.txt > b.txt', outputs=['b.txt']),
                  'c': made('c', 'cat a.txt b.txt > c.txt', ['a', 'b'], ['c.txt'])}, ['c'])
    place.folder.write('in.txt', 'x\n')
    equal(place.run(text, '--trace', 'r.weft')[0], ['a', 'b', 'c'])
    ran, done = place.run(text, '--resume', 'r.weft')
    equal(ran, [])
    contains(done.err, '3 of them by their files')
    os.remove(place.folder.path('b.txt'))
    equal(place.run(text, '--resume', 'r.weft')[0], ['b', 'c'])
    os.utime(place.folder.path('a.txt'), (1, 1))
    reads = graph({'a': task('exec', ['sort', 'in.txt', '-o', 'a.txt'], outputs=['a.txt'])})
    done = place.run(reads, '--resume', 'r.weft')[1]
    contains(done.err, '0 tasks reused')
    place.close()


def make(name, reads, makes, command):
    """A rule as in make: it says that it ran, reads some files and makes one."""
    return task('exec', ['sh', '-c', f'echo {name} >> ran; {command}'], inputs=reads,
                outputs=[makes])


def makefile(upper='a-z', **more):
    return graph({'one': make('one', ['a.txt'], 'a.out', 'tr a-z A-Z < a.txt > a.out'),
                  'two': make('two', ['b.txt'], 'b.out', f'tr {upper} A-Z < b.txt > b.out'),
                  'all': {**make('all', ['a.out', 'b.out'], 'all.out',
                                 'cat a.out b.out > all.out; wc -c < all.out'),
                          'after': ['one', 'two']},
                  'copy': task('file.write', 'copy.txt', ref('text')),
                  'text': task('file.read', 'all.out', after=['all']), **more},
                 ['all', 'copy', *more])


class Makefile(Place):
    """A folder whose files were all made once."""

    def __init__(self, *options):
        super().__init__()
        self.folder.write('a.txt', 'a\n')
        self.folder.write('b.txt', 'b\n')
        equal(self.run(makefile(), *options)[0], ['all', 'one', 'two'])

    def again(self, text=None, *options, status=0):
        """What runs again."""
        options = options or ('--resume', 'kept', '--keep', 'kept')
        return self.run(text or makefile(), *options, status=status)[0]


@test('/weft/cli/resume/as-a-user-of-make')
def user_of_make():
    place = Makefile('--keep', 'kept')
    equal(place.again(), [])
    place.touch('a.txt')
    equal(place.again(), ['all', 'one'])
    place.folder.write('b.txt', 'bb\n')
    equal(place.again(), ['all', 'two'])
    equal(place.content('copy.txt'), 'A\nBB\n')
    os.remove(place.folder.path('a.out'))
    equal(place.again(), ['all', 'one'])
    os.remove(place.folder.path('copy.txt'))  # made by an operation of ours, not a program
    equal(place.again(), [])
    equal(place.content('copy.txt'), 'A\nBB\n')
    equal(place.again(makefile(new=make('new', [], 'new.out', ': > new.out'))), ['new'])
    place.close()


@test('/weft/cli/resume/new-files-of-another-recipe-count-for-nothing')
def another_recipe():
    for options in (('--keep', 'kept'), ('--trace', 'r.weft')):
        place = Makefile(*options)
        name = options[1]
        # the changed command runs, although its file is newer than what it reads
        equal(place.again(makefile('a-y'), '--resume', name, *options), ['all', 'two'])
        equal(place.again(makefile('a-y'), '--resume', name, *options), [])
        # and back, although that result was kept before
        equal(place.again(makefile(), '--resume', name, *options), ['all', 'two'])
        place.close()


@test('/weft/cli/resume/a-failure-does-not-count-as-made')
def half_made():
    place = Makefile('--keep', 'kept')
    broken = makefile().replace('tr a-z A-Z < b.txt', 'false')
    equal(place.again(broken, status=1), ['two'])
    equal(place.content('b.out'), '')
    equal(place.again(), ['all', 'two'])
    equal(place.content('all.out'), 'A\nB\n')
    place.close()


@test('/weft/cli/resume/an-old-run-does-not-vouch-for-newer-files')
def old_run():
    place = Makefile('--trace', 'old.weft', '--keep', 'kept')
    place.again(makefile('a-y'), '--resume', 'old.weft', '--trace', 'new.weft', '--keep', 'kept')
    equal(place.again(makefile(), '--resume', 'old.weft', '--progress', 'plain'), ['all', 'two'])
    place.close()


@test('/weft/cli/resume/touched-files-count-as-in-make')
def touched():
    text = graph({'gen': make('gen', ['in.txt'], 'mid.txt', 'cat in.txt > mid.txt'),
                  'use': {**make('use', ['mid.txt'], 'out.txt', 'cat mid.txt > out.txt'),
                          'after': ['gen']}})
    for options in (('--keep', 'kept'), ('--trace', 'r.weft')):
        place = Makefile(*options)
        again = ['--resume', options[1], *options]
        place.folder.write('in.txt', 'in\n')
        equal(place.run(text, *options)[0], ['gen', 'use'])
        equal(place.run(text, *again)[0], [])
        place.touch('out.txt')
        equal(place.run(text, *again)[0], [])
        place.touch('mid.txt')
        equal(place.run(text, *again)[0], ['use'])
        place.folder.write('mid.txt', 'by hand\n')
        equal(place.run(text, *again)[0], ['use'])
        equal(place.content('out.txt'), 'by hand\n')
        equal(place.run(text, *again)[0], [])
        place.touch('in.txt')
        equal(place.run(text, *again)[0], ['gen', 'use'])
        equal(place.content('out.txt'), 'in\n')
        equal(place.run(text, *again)[0], [])
        place.close()


@test('/weft/cli/resume/times-decide-as-make-itself-does')
def beside_make():
    """Both are told the same rules and see the same touches; make says what it would run."""
    rules = {'a': [], 'b': ['a'], 'c': ['a'], 'd': ['b', 'c']}
    text = graph({name: {**make(name, [f'{n}.f' for n in [*before, 'in']], f'{name}.f',
                                f'sleep 0.01; echo {name} > {name}.f'),
                         'after': before}
                  for name, before in rules.items()})
    lines = [f'{name}.f: in.f {" ".join(f"{n}.f" for n in before)}\n\t@echo {name}; '
             f'sleep 0.01; echo {name} > {name}.f\n' for name, before in rules.items()]
    place, other = Place(), Place()
    for there in (place, other):
        there.folder.write('in.f', '')
    other.folder.write('Makefile', 'all: d.f\n' + ''.join(lines))

    def made():
        done = subprocess.run(['make', '-s'], cwd=other.folder.name, capture_output=True,
                              text=True, check=True)
        return sorted(word for word in done.stdout.split() if word in rules)

    equal(place.run(text, '--keep', 'k')[0], made())
    draw = random.Random(20)
    for step in range(12):
        time.sleep(0.01)  # files of one tick are of one age
        for name in draw.sample([*rules, 'in'], 1 if step % 2 else 2):
            for there in (place, other):
                there.touch(f'{name}.f')
            time.sleep(0.01)
        equal((step, place.run(text, '--resume', 'k', '--keep', 'k')[0]), (step, made()))
    place.close()
    other.close()


@test('/weft/cli/resume/kept-results-of-changed-files-are-made-again')
def changed_by_hand():
    place = Place()
    text = graph({'gen': make('gen', ['in.txt'], 'mid.txt', 'cat in.txt > mid.txt'),
                  'text': task('file.read', 'mid.txt', after=['gen']),
                  'loud': task('str.upper', ref('text'))}, ['loud'])
    place.folder.write('in.txt', 'in')
    equal(place.run(text, '--keep', 'kept')[1].out, 'loud: IN\n')
    place.folder.write('mid.txt', 'by hand')
    for again in (['--resume', 'kept'], ['--resume', 'kept', '--keep', 'kept']):
        ran, done = place.run(text, *again)
        equal((ran, done.out), ([], 'loud: BY HAND\n'))
    done = place.run(text, '--resume', 'kept')[1]
    equal(done.out, 'loud: BY HAND\n')
    contains(done.err, '3 tasks reused')
    place.close()


@test('/weft/cli/resume/a-changed-file-is-still-its-makers-result')
def changed_value():
    place = Place()
    text = graph({'gen': task('file.write', 'mid.txt', 'made'),
                  'text': task('file.read', ref('gen')),
                  'use': {**make('use', ['mid.txt'], 'out.txt', 'cat mid.txt > out.txt'),
                          'after': ['gen']}}, ['text', 'use'])
    again = ['--resume', 'kept', '--keep', 'kept']
    equal(place.run(text, '--keep', 'kept')[0], ['use'])
    place.folder.write('mid.txt', 'by hand')
    ran, done = place.run(text, *again)
    equal((ran, place.content('mid.txt'), place.content('out.txt')),
          (['use'], 'by hand', 'by hand'))
    contains(done.out, 'text: by hand')
    ran, done = place.run(text, *again)
    equal(ran, [])
    contains(done.out, 'text: by hand')
    contains(done.err, '3 tasks reused')
    place.close()


@test('/weft/cli/resume/what-was-made-by-half-is-made-again')
def killed_half_way():
    place = Makefile('--keep', 'kept')
    place.touch('b.txt')
    slow = makefile().replace('tr a-z A-Z < b.txt',
                              ': > b.out; test -e die && kill -9 $PPID && exit; tr a-z A-Z < b.txt')
    place.run(slow, '--resume', 'kept', '--keep', 'kept')
    place.folder.write('die', '')
    place.touch('b.txt')
    done = weftline('run', '--resume', 'kept', '--keep', 'kept', '-', stdin=slow,
                    cwd=place.folder.name)
    equal(done.status, -9)
    equal(place.content('b.out'), '')  # and newer than b.txt
    os.remove(place.folder.path('die'))
    equal(place.again(slow), ['all', 'two'])
    place.close()


@test('/weft/cli/resume/what-was-reused-stays-known')
def chain_of_runs():
    place = Makefile('--trace', 'first.weft')
    equal(place.again(makefile(), '--resume', 'first.weft', '--trace', 'second.weft'), [])
    equal(place.again(makefile(), '--resume', 'second.weft', '--keep', 'kept'), [])
    equal(place.again(makefile(), '--resume', 'kept', '--keep', 'kept'), [])
    place.close()


@test('/weft/cli/resume/files-stand-in-for-no-result')
def no_result():
    place = Makefile('--trace', 'r.weft')
    done = place.run(makefile(), '--resume', 'r.weft', '--keep', 'kept')[1]
    equal('all:' in done.out, False)  # what it printed is not known any more
    contains(done.out, 'copy: ')
    done = place.run(makefile(), '--resume', 'kept', '--keep', 'kept')[1]
    equal('all:' in done.out, False)  # nor is it kept as something it is not
    place.close()


@test('/weft/cli/resume/all-of-a-tree')
def tree():
    folder = Folder()
    source = os.path.join(EXAMPLES, '03-tree-reduction.json')
    equal(weftline('run', '--keep', folder.path('k'), source).status, 0)
    with open(source, encoding='utf-8') as file:
        changed = re.sub(r'("leaf-3".*\[)4\]', r'\g<1>40]', file.read())
    done = weftline('run', '--resume', folder.path('k'), '-', stdin=changed)
    equal((done.status, done.out), (0, 'level4-0: 172\n'))
    contains(done.err, '26 tasks reused (0 of them by their files), 4 to run\n')
    contains(done.err, '\ndone: 4 tasks in ')
    contains(done.err, ', 26 reused\n')
    folder.cleanup()


@test('/weft/cli/resume/what-is-no-run-is-refused')
def no_run():
    folder = Folder()
    path = folder.write('x', 'text')
    for name in (path, folder.path('missing')):
        done = weftline('run', '--resume', name, os.path.join(EXAMPLES, '01-two-increments.json'))
        equal((name, done.status, done.out), (name, 2, ''))
    folder.cleanup()


main()
