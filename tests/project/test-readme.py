"""test-readme.py: the README does what it says, and names what is there.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import re
import subprocess
import tempfile

import harness
from tap import contains, equal, main, test

PROGRAM = os.path.join(harness.BUILD_ROOT, 'src', 'cli', 'weftline')

with open(os.path.join(harness.SOURCE_ROOT, 'README.md'), encoding='utf-8') as readme:
    TEXT = readme.read()


@test('/weft/project/readme/the-first-graph-runs-as-written')
def first_graph():
    graph = re.search(r'```json\n(.*?)```', TEXT, re.DOTALL).group(1)
    name = re.search(r'Save this as `([^`]+)`', TEXT).group(1)
    promised = re.search(r'it prints `([^`]+)`', TEXT).group(1)
    contains(TEXT, f'```\n./dev run {name}\n```')
    equal(len(graph.splitlines()) <= 10, True)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as out:
            out.write(graph)
        done = subprocess.run([PROGRAM, 'run', name], cwd=folder, text=True, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(done.stdout, promised + '\n')
        for command in re.findall(r'`weftline ([^`]*)`', TEXT):
            words = command.split()
            words += [name] if words == ['check'] else []
            equal((command, subprocess.run([PROGRAM, *words], cwd=folder, check=False,
                                           stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL).returncode), (command, 0))


@test('/weft/project/readme/links-lead-somewhere')
def links():
    targets = re.findall(r'\]\(([^)]+)\)', TEXT)
    equal(len(targets) > 5, True)
    equal([target for target in targets if '://' not in target
           and not os.path.exists(os.path.join(harness.SOURCE_ROOT, target))], [])


@test('/weft/project/readme/commands-of-dev-exist')
def commands_of_dev():
    offered = subprocess.run([os.path.join(harness.SOURCE_ROOT, 'dev'), 'help'], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    used = set(re.findall(r'\./dev (\w+)', TEXT))
    equal({'run', 'test', 'bench', 'accept', 'format', 'help'} <= used, True)
    for command in used:
        contains(offered, f'\n  {command}')
    contains(offered, '--sanitize')


@test('/weft/project/readme/modules-are-those-in-src')
def modules():
    named = re.search(r'one folder per module: (.*?);', TEXT, re.DOTALL).group(1)
    folders = [name for name in os.listdir(os.path.join(harness.SOURCE_ROOT, 'src'))
               if os.path.isdir(os.path.join(harness.SOURCE_ROOT, 'src', name))]
    equal(sorted(re.findall(r'`(\w+)`', named)), sorted(folders))


@test('/weft/project/readme/has-its-parts')
def parts():
    for heading in ('# Weftline', '## Start', '## A first graph', '## Where to look next',
                    '## CONTRIBUTING', '## Licence'):
        contains(TEXT, f'{heading}\n')
    contains(TEXT, 'It is for people who')
    contains(TEXT, '](data/doc/idea.svg)')


main()
