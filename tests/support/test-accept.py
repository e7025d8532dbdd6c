"""test-accept.py: tests of the runner behind ./dev accept.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import subprocess
import sys
import tempfile

import accept
from tap import contains, equal, main, test


def run(text):
    """Lines, status and messages of a run over one file of entries."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'part')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        done = subprocess.run([sys.executable, accept.__file__, path], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.splitlines(), done.returncode, done.stderr


@test('/weft/support/accept/a-kept-promise-holds')
def holds():
    lines, status, _ = run('[quick]\ncommand = echo took 12.5 ms\n'
                           'match = took (?P<ms>[0-9.]+) ms\nholds = ms <= 60\n'
                           'figure = {ms} of 60 ms\n')
    equal(lines, ['holds  quick  —  echo took 12.5 ms  —  12.5 of 60 ms'])
    equal(status, 0)


@test('/weft/support/accept/a-broken-promise-falls-short')
def falls_short():
    lines, status, _ = run('[quick]\ncommand = echo took 61 ms\n'
                           'match = took (?P<ms>[0-9.]+) ms\nholds = ms <= 60\n')
    equal(lines, ['falls short  quick  —  echo took 61 ms  —  took 61 ms'])
    equal(status, 1)


@test('/weft/support/accept/one-short-of-many-is-a-failure')
def one_of_many():
    lines, status, _ = run('[a]\ncommand = true\n[b]\ncommand = false\n[c]\ncommand = true\n')
    equal([line.split('  ')[0] for line in lines], ['holds', 'falls short', 'holds'])
    equal(status, 1)


@test('/weft/support/accept/neighbours-are-judged-by-one-run')
def neighbours():
    with tempfile.TemporaryDirectory() as folder:
        count = f'echo x >> {folder}/runs; wc -l < {folder}/runs'
        entry = '[{}]\ncommand = ' + count + '\nmatch = (?P<n>.*)\nholds = n == {}\n'
        other = '[between]\ncommand = true\n'
        text = entry.format('a', 1) + entry.format('b', 1) + other + entry.format('c', 2)
        equal(run(text)[1], 0)


@test('/weft/support/accept/no-match-falls-short')
def no_match():
    lines, status, _ = run('[said]\ncommand = echo nothing of it\nmatch = took\n')
    contains(lines[0], 'falls short')
    contains(lines[0], 'nothing of it')
    equal(status, 1)


@test('/weft/support/accept/each-match-counts')
def each_match():
    text = '[both]\ncommand = echo a 1; echo b 2\nmatch =\n  ^a (?P<a>.)$\n  ^{} (?P<b>.)$\n' \
           'holds = a + b == 3\n'
    equal(run(text.format('b'))[1], 0)
    equal(run(text.format('c'))[1], 1)


@test('/weft/support/accept/the-status-counts')
def status_counts():
    contains(run('[ends well]\ncommand = echo text; exit 3\nmatch = text\n')[0][0],
             'falls short  ends well  —  echo text; exit 3  —  exit status 3')
    equal(run('[refuses]\ncommand = exit 2\nstatus = 2\n')[1], 0)
    equal(run('[refuses]\ncommand = exit 0\nstatus = 2\n')[1], 1)


@test('/weft/support/accept/a-hanging-command-falls-short')
def hanging():
    lines, status, _ = run('[ends]\ncommand = sleep 100 & wait\ntimeout = 0.2\n')
    contains(lines[0], 'falls short  ends')
    equal(status, 1)


@test('/weft/support/accept/mistakes-are-told-apart')
def mistakes():
    for text, part in (('[x]\nmatch = a\n', 'no command'),
                       ('[x]\ncommand = true\nmach = a\n', 'mach'),
                       ('[x]\ncommand = true\nmatch = (\n', 'match'),
                       ('[x]\ncommand = true\nholds = unknown < 1\n', 'unknown'),
                       ('[x]\ncommand = true\n[x]\ncommand = true\n', 'already exists')):
        _, status, message = run(text)
        equal(status, 2)
        contains(message, part)


@test('/weft/support/accept/the-projects-own-entries-can-be-read')
def own_entries():
    folder = os.path.join(os.path.dirname(accept.__file__), '..', 'acceptance')
    for parent, _, names in os.walk(folder):
        for name in names:
            equal(len(list(accept.read_entries(os.path.join(parent, name)))) > 0, True)


main()
