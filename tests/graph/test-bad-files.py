"""test-bad-files.py: every kind of bad graph in every format, as the command's users meet it.

SPDX-License-Identifier: BSD-3-Clause

One line on stderr with file, line and column, what was found and what was expected; exit status 2;
and nothing has run: each native graph has a task that would leave a file behind.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'cli')]

from command import Folder, weftline
from tap import equal, main, test

INTEGERS = 'one from -9223372036854775808 to 9223372036854775807'
NO_TASKS = 'found a graph without tasks, expected at least one'
NOT_UTF8 = 'found byte 0xff, expected UTF-8 text'
CYCLE = 'found a cycle, in which each task needs the one before: a -> b -> c -> a'
ITSELF = 'found the task “a” as a dependency of itself, expected another task'
MEANT = 'found a reference to “alpa”, expected the key of a task; did you mean “alpha”?'
TWICE = 'found the key “a” a second time, expected each once; it was first defined on line '


def native(*tasks, more=''):
    touch = '  "touch": {"op": "exec", "args": [["touch", "ran"]]}'
    lines = ',\n'.join([touch, *('  ' + line for line in tasks)])
    return f'{{"weftline": 1,\n "tasks": {{\n{lines}}}{more}}}\n'


def call(key, op, args, more=''):
    return f'"{key}": {{"op": "{op}", "args": [{args}]{more}}}'


def workflow(*tasks, files='', executed=''):
    lines = ',\n'.join('  ' + line for line in tasks)
    return ('{"name": "w", "schemaVersion": "1.5",\n "workflow": {"specification": {"tasks": [\n'
            f'{lines}],\n  "files": [{files}]}},\n "execution": {{"tasks": [{executed}]}}}}}}\n')


def step(key, parents='', outputs=''):
    return (f'{{"id": "{key}", "name": "{key}", "parents": [{parents}], "children": [], '
            f'"outputFiles": [{outputs}]}}')


def by(reference):
    return f'{{"ref": "{reference}"}}'


NATIVE = {
    'syntax': (native('"a": {"op" "add"}'),
               '4:14: found “"”, expected “:” after a member\'s name'),
    'truncated': (native(call('a', 'neg', '1'))[:-9],
                  '4:28: found the end of the input, expected “:” after a member\'s name'),
    'cycle': (native(call('a', 'neg', by('c')), call('b', 'neg', by('a')),
                     call('c', 'neg', by('b'))), '4:3: ' + CYCLE),
    'missing': (native(call('alpha', 'const', 1), call('b', 'neg', by('alpa'))), '5:39: ' + MEANT),
    'missing-output': (native(call('alpha', 'const', 1), more=',\n "outputs": ["alpa"]'),
                       '5:14: ' + MEANT),
    'duplicate': (native(call('a', 'const', 1), call('a', 'const', 2)),
                  '5:3: ' + TWICE + '4, column 3'),
    'operation': (native(call('b', 'sume', '[1]')),
                  '4:15: task “b”: found unknown operation “sume”, expected one of those that '
                  '`weftline ops` lists; did you mean “sum”?'),
    'arity-less': (native(call('b', 'add', '1')),
                   '4:15: task “b”: found no argument “b”, expected add (a, b)'),
    'arity-more': (native(call('b', 'add', '1, 2, 3')),
                   '4:37: task “b”: found 3 positional arguments, expected at most 2: add (a, b)'),
    'type': (native(call('b', 'sleep', '"x"')),
             '4:33: task “b”: found string as argument “seconds” of operation “sleep”, expected '
             'bool, int64 or float64'),
    'keyword': (native(call('b', 'add', '1', ', "kwargs": {"by": 2}')),
                '4:46: task “b”: found unknown keyword argument “by”, expected those of add (a, b);'
                ' did you mean “b”?'),
    'keyword-type': (native(call('a', 'const', 1),
                            call('b', 'add', by('a'), ',\n   "kwargs": {"b":\n [2]}')),
                     '7:2: task “b”: found list as argument “b” of operation “add”, expected '
                     'bool, int64 or float64'),
    'keyword-again': (native(call('b', 'add', '1, 2', ',\n   "kwargs": {"b": 2}')),
                      '5:15: task “b”: found argument “b” of operation “add” a second time, by its '
                      'name, expected it once'),
    'type-after-references': (native(call('a', 'const', 1),
                                     call('b', 'add', f'\n{by("a")},\n {{"x": 1}}')),
                              '7:2: task “b”: found record as argument “b” of operation “add”, '
                              'expected bool, int64 or float64'),
    'self': (native(call('a', 'neg', by('a'))),
             '4:39: found a reference of the task “a” to itself, expected another task\'s key'),
    'no-tasks': ('{"weftline": 1,\n "tasks": {}}', '2:11: ' + NO_TASKS),
    'no-bytes': ('', '1:1: found an empty file, expected a graph'),
    'utf8': (native(call('a', 'const', '"é"')).encode().replace(b'\xc3\xa9', b'\xff'),
             '4:34: ' + NOT_UTF8),
    'deep': (native(call('a', 'const', '[' * 129 + ']' * 129)),
             '4:15: found arguments nested deeper than 128, the most that is allowed'),
    'integer': (native(call('a', 'const', '99999999999999999999')),
                '4:33: found the integer 99999999999999999999, expected ' + INTEGERS),
    'float': (native(call('a', 'const', '1e400')),
              '4:33: found the number 1e400, expected at most 1.7976931348623157e+308 in size'),
    'retries': (native(call('a', 'const', '1', ', "retries": -1')),
                '4:48: found the number -1, expected a number of retries from 0 to 2147483647'),
}
WFCOMMONS = {
    'syntax': (workflow(step('a')).replace('],', ']', 1),
               '3:42: found “"”, expected “,” or “}”'),
    'truncated': (workflow(step('a'))[:100],
                  '3:20: found the end of the input, expected the end of the string that began on '
                  'line 3, column 15'),
    'cycle': (workflow(step('a', '"c"'), step('b', '"a"'), step('c', '"b"')), '3:10: ' + CYCLE),
    'missing': (workflow(step('alpha'), step('b', '"alpa"')), '4:40: ' + MEANT),
    'missing-execution': (workflow(step('alpha'), executed='{"id": "alpa"}'), '5:33: ' + MEANT),
    'duplicate': (workflow(step('a'), step('a')), '4:10: ' + TWICE + '3, column 10'),
    'self': (workflow(step('a', '"a"')), '3:40: ' + ITSELF),
    'no-tasks': (workflow(), '2:42: ' + NO_TASKS),
    'utf8': (workflow(step('é')).encode().replace(b'\xc3\xa9', b'\xff'), '3:11: ' + NOT_UTF8),
    'deep': (workflow(step('a').replace('"name"', '"x": ' + '[' * 600 + ']' * 600 + ', "name"')),
             '3:527: found brackets nested deeper than 512, the most that is read'),
    'size': (workflow(step('a', outputs='"f"'), files='{"id": "f", "sizeInBytes": -5}'),
             '4:40: found the number -5, expected a size in bytes from 0 to 9223372036854775807'),
    'runtime': (workflow(step('a'), executed='{"id": "a", "runtimeInSeconds": 1e400}'),
                '5:58: found the number 1e400, expected at most 1.7976931348623157e+308 in size'),
    'type': (workflow(step('a'), executed='{"id": "a", "runtimeInSeconds": "long"}'),
             '5:58: found the string “long”, expected a runtime in seconds'),
    'version': (workflow(step('a')).replace('1.5', '0.9'),
                '1:32: found schema version “0.9”, expected “1.5” or “1.4”'),
}
DOT = {
    'syntax': ('digraph {\n  a -> ;\n}\n',
               '2:8: found “;”, expected the name of a node or a subgraph after “->”'),
    'truncated': ('digraph {\n  a -> b;\n  "c',
                  '3:5: found the end of the input, expected “"” to end the string that began on '
                  'line 3, column 3'),
    'cycle': ('digraph {\n  a -> b -> c;\n  c -> a;\n}\n', '2:3: ' + CYCLE),
    'self': ('digraph {\n  a -> a;\n}\n', '2:8: ' + ITSELF),
    'no-tasks': ('digraph {\n}\n', '1:1: ' + NO_TASKS),
    'no-bytes': ('', '1:1: found an empty file, expected a graph'),
    'utf8': (b'digraph {\n  a\xff -> b;\n}\n', '2:4: ' + NOT_UTF8),
    'deep': ('digraph {\n' + '{' * 129 + 'a' + '}' * 129 + '\n}\n',
             '2:129: found subgraphs nested deeper than 128, the most that is read'),
    'size': ('digraph {\n  a [weft_bytes="9223372036854775808"];\n}\n',
             '2:3: found weft_bytes “9223372036854775808” at the node “a”, expected numbers of '
             'bytes, at most 9223372036854775807, with commas between them, “?” for unknown'),
    'undirected': ('graph {\n  a -- b;\n}\n',
                   '1:1: found an undirected graph, expected “digraph”: an edge of a task graph '
                   'has a direction'),
}
DAGMAN = {
    'syntax': ('JOB a a.sub\nPARENT a KID b\n',
               '2:15: found the end of the line, expected CHILD after the parents'),
    'command': ('JOB a a.sub\nJUB b b.sub\n',
                '2:1: found “JUB”, expected a DAGMan command; did you mean “JOB”?'),
    'truncated': ('JOB a {\n executable = /bin/true\n',
                  '3:1: found the end of the input, expected “}” to end the submit description '
                  'that began on line 1'),
    'cycle': ('JOB a a\nJOB b b\nJOB c c\nPARENT a CHILD b\nPARENT b CHILD c\nPARENT c CHILD a\n',
              '1:5: ' + CYCLE),
    'missing': ('JOB alpha a\nJOB b b\nPARENT alpa CHILD b\n', '3:8: ' + MEANT),
    'duplicate': ('JOB a a\nJOB a b\n', '2:5: ' + TWICE + '1, column 5'),
    'self': ('JOB a a\nPARENT a CHILD a\n', '2:16: ' + ITSELF),
    'no-tasks': ('# nothing\n', '1:1: ' + NO_TASKS),
    'no-bytes': ('', '1:1: found an empty file, expected a graph'),
    'utf8': (b'JOB a a\nJOB \xff b\n', '2:5: ' + NOT_UTF8),
    'retries': ('JOB a a\nRETRY a 99999999999\n',
                '2:9: found 99999999999, expected a number of retries from 0 to 2147483647'),
    'splice': ('JOB a a\nSPLICE s other.dag\n',
               '2:1: found SPLICE, which is not supported: without it the graph would be another '
               'one'),
}
FORMATS = {'native': ('json', NATIVE), 'wfcommons': ('json', WFCOMMONS), 'dot': ('dot', DOT),
           'dagman': ('dag', DAGMAN)}


def refused(name, text, message):
    with Folder() as folder:
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        for command in (('check',), ('run',), ('run', '--no-optimize')):
            done = weftline(*command, name, cwd=folder)
            equal((done.status, done.out, done.err), (2, '', f'weftline: {name}:{message}\n'))
        equal(os.listdir(folder), [name])


def add(kind, name, case, ending):
    @test(f'/weft/graph/bad-files/{kind}/{name}')
    def check():
        refused(f'{name}.{ending}', *case)


@test('/weft/graph/bad-files/a-good-one-runs')
def good():
    with Folder() as folder:
        with open(os.path.join(folder, 'good.json'), 'w', encoding='utf-8') as out:
            out.write(native(call('a', 'neg', 1)))
        equal(weftline('run', 'good.json', cwd=folder).status, 0)
        equal(sorted(os.listdir(folder)), ['good.json', 'ran'])


for kind, (ending, cases) in FORMATS.items():
    for name, case in cases.items():
        add(kind, name, case, ending)
main()
