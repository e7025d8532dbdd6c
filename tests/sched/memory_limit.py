#!/usr/bin/python3
"""memory_limit.py: what a run really takes of memory, as the kernel counts it.

SPDX-License-Identifier: BSD-3-Clause

Usage: memory_limit.py WEFTLINE [RESULTS [BYTES [LIMIT [WORKERS]]]]

A graph whose results come to several times the limit: all of them are made, each byte written,
before the first is read; then tasks read two each. The process's peak (VmHWM) is set against that
of a run of the same graph whose results have one byte each. A working set is what a task needs at
once: two inputs.
"""
import json
import os
import subprocess
import sys
import tempfile


def graph(n_results, n_bytes):
    tasks = {f'part-{i}': {'op': 'alloc', 'args': [n_bytes, i % 256]} for i in range(n_results)}
    parts = list(tasks)
    tasks['all'] = {'op': 'alloc', 'args': [1], 'after': parts}
    for i in range(n_results // 2):
        pair = [{'ref': f'part-{i}'}, {'ref': f'part-{i + n_results // 2}'}]
        tasks[f'pair-{i}'] = {'op': 'alloc', 'args': [1, 1, *pair], 'after': ['all']}
    pairs = [{'ref': f'pair-{i}'} for i in range(n_results // 2)]
    tasks['last'] = {'op': 'count', 'args': [pairs]}
    return {'weftline': 1, 'tasks': tasks, 'outputs': ['last']}


def peak(weftline, path, spill_parent, *options):
    """(kB at most, the run's output)"""
    child = subprocess.Popen([weftline, 'run', path, '--progress', 'none', *options],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env={**os.environ, 'TMPDIR': spill_parent}, text=True)
    out, err = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f'memory_limit: the run failed: {err}')
    return usage.ru_maxrss, out


def main():
    weftline = sys.argv[1]
    n_results, n_bytes, limit, n_workers = (
        [int(a) for a in sys.argv[2:]] + [250, 4000000, 200000000, 2][len(sys.argv) - 2:])
    common = ('--workers', str(n_workers), '--memory-limit', str(limit))
    with tempfile.TemporaryDirectory() as folder:
        peaks, outputs = [], []
        for size in (1, n_bytes):
            path = os.path.join(folder, f'{size}.json')
            with open(path, 'w', encoding='utf-8') as file:
                json.dump(graph(n_results, size), file)
            kb, out = peak(weftline, path, folder, *common)
            peaks.append(kb * 1024)
            outputs.append(out)
        if outputs[0] != outputs[1]:
            sys.exit('memory_limit: the results differ')
        left = [name for name in os.listdir(folder) if name.startswith('weftline-')]
        if left:
            sys.exit(f'memory_limit: left behind: {left}')
    extra = peaks[1] - peaks[0]
    allowed = limit + n_workers * 2 * n_bytes
    print(f'{n_results * n_bytes / 1e6:.0f} MB of results, limit {limit / 1e6:.0f} MB, '
          f'{n_workers} workers, working set {2 * n_bytes / 1e6:.1f} MB each: '
          f'VmHWM {peaks[1] / 1e6:.1f} MB - baseline {peaks[0] / 1e6:.1f} MB '
          f'= {extra / 1e6:.1f} MB, allowed {allowed / 1e6:.1f} MB')
    return 0 if extra <= allowed else 1


if __name__ == '__main__':
    sys.exit(main())
