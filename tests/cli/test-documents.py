"""test-documents.py: what the documents show a reader is true.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import SOURCE, Folder, weftline
from tap import contains, equal, main, test

GRAPH_FILE = 'data/doc/graph-file.md'


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding='utf-8') as file:
        return file.read()


def graphs_of(name):
    return re.findall(r'^```json\n(.*?)^```', text_of(name), re.S | re.M)


def run(text, *options):
    with Folder() as name:
        path = os.path.join(name, 'graph.json')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return weftline('run', '--progress', 'none', *options, path)


@test('/weft/cli/documents/first-graph-of-the-readme')
def readme():
    graphs = graphs_of('README.md')
    equal(len(graphs), 1)
    done = run(graphs[0])
    equal((done.status, done.out), (0, 'total: 5\n'))


@test('/weft/cli/documents/graphs-run')
def graphs():
    first, defaults, arguments, replay = graphs_of(GRAPH_FILE)
    equal(run(first, '--json').json(), {'mean': 12.5})
    equal(run(defaults, '--json').json(), {'both': ['index', 'page']})
    found = run(arguments, '--json').json()
    equal(found['words'], {'warp': 3, 'weft': 3})
    contains(str(found['odd']), 'inf')
    done = run(replay)
    equal(done.status, 0)


@test('/weft/cli/documents/defaults-are-what-makes-it-run')
def defaults_matter():
    graph = json.loads(graphs_of(GRAPH_FILE)[1])
    del graph['defaults']
    equal(run(json.dumps(graph)).status, 1)


@test('/weft/cli/documents/every-member-of-a-task-is-told')
def members():
    schema = json.loads(text_of('data/weftline-graph.schema.json'))
    table = text_of(GRAPH_FILE).split('## A task')[1].split('##')[0]
    missing = [name for name in schema['$defs']['task']['properties'] if f'`{name}`' not in table]
    equal(missing, [])
    special = text_of(GRAPH_FILE).split('## Arguments')[1].split('##')[0]
    equal([name for name in schema['$defs']['special']['properties'] if name not in special], [])


def members_of(thing):
    if isinstance(thing, list):
        return {name for one in thing for name in members_of(one)}
    if not isinstance(thing, dict):
        return set()
    return set(thing) | {name for one in thing.values() for name in members_of(one)}


@test('/weft/cli/documents/every-member-of-the-json-lines-is-told')
def json_lines():
    told = text_of('data/weftline.1').split('.SS JSON lines')[1].split('.SS')[0]
    lines = [json.loads(line) for line in
             run(json.dumps({'weftline': 1, 'tasks': {'bad': {'op': 'fail'}, 'nap': {
                 'op': 'sleep', 'args': [0.01]}}}), '--progress', 'json').err.splitlines()]
    equal({line['event'] for line in lines} >= {'progress', 'failed', 'summary'}, True)
    equal(sorted(name for name in members_of(lines) if not re.search(rf'\b{name}\b', told)), [])


@test('/weft/cli/documents/links-lead-somewhere')
def links():
    for name in ('README.md', GRAPH_FILE, 'data/doc/control.md', 'data/doc/foundation.md',
                 'data/doc/run-file.md', 'data/doc/value-codec.md'):
        folder = os.path.dirname(os.path.join(SOURCE, name))
        for target in re.findall(r'\]\(([^)#:]+)\)', text_of(name)):
            equal((name, target, os.path.exists(os.path.join(folder, target))),
                  (name, target, True))


main()
