"""count_wfcommons.py: what there is in WfCommons files, counted without Weftline.

SPDX-License-Identifier: BSD-3-Clause

For each file one line: its name, tasks, pairs of parent and child, inputs (a child reads from a
parent one input for each group of files that the same tasks read), nanoseconds of all runtimes,
bytes of all output files, tasks with a machine, machines. Started by test-read-wfcommons.c.
"""
import collections
import json
import os
import sys

MAX_OUTPUTS = 64


def count(path):
    with open(path, encoding='utf-8') as file:
        workflow = json.load(file)['workflow']
    tasks = workflow['specification']['tasks']
    sizes = {file['id']: file['sizeInBytes'] for file in workflow['specification'].get('files', [])}
    pairs = {(parent, task['id']) for task in tasks for parent in task['parents']}
    pairs |= {(task['id'], child) for task in tasks for child in task['children']}
    readers = collections.defaultdict(set)
    for task in tasks:
        for file in task.get('inputFiles', []):
            readers[file].add(task['id'])
    inputs = 0
    for task in tasks:
        children = {child for parent, child in pairs if parent == task['id']}
        groups = {frozenset(readers[file] & children) for file in task.get('outputFiles', [])}
        if len(groups) > MAX_OUTPUTS:
            groups = {frozenset().union(*groups)}
        inputs += sum(len(group) for group in groups)
        inputs += len(children - frozenset().union(*groups))
    executed = workflow['execution']['tasks']
    machines = [task['machines'][0] for task in executed if task.get('machines')]
    runtime = sum(round(task['runtimeInSeconds'] * 1e9) for task in executed)
    size = sum(sizes[file] for task in tasks for file in task.get('outputFiles', []))
    return [len(tasks), len(pairs), inputs, runtime, size, len(machines), len(set(machines))]


for name in sys.argv[1:]:
    print(os.path.basename(name), *count(name))
