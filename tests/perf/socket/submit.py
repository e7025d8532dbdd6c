#!/usr/bin/python3
"""submit.py: what it costs to submit a large graph through the socket, beside reading its file.

SPDX-License-Identifier: BSD-3-Clause

Usage: submit.py [--tasks N] [--rounds R] [--piece BYTES]

The same native graph file (tests/perf/graph-file.py) comes to a `weftline serve` of its own each
time, started before, and is timed until the answer says that the run is there: read, validated, its
operations found, its scheduling state made, its file opened, and held. The rounds take turns:

  file    one request that names the file, which the server reads
  pieces  one request, and the graph in messages of BYTES each; its bytes lie ready in the client
  read    no server: weft_graph_read_file() in this process, until it returns a graph, validated

The file is in the system's cache. What the server does after its answer is not timed.
"""
import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'server'))

import peer  # noqa: E402 (its folder is known only now)

CHANNEL = 1 << 31
LIBRARY = os.path.join(os.path.dirname(peer.PROGRAM), '..', 'libweft.so')


def make_graph(n_tasks, path):
    with open(path, 'wb') as out:
        subprocess.run([sys.executable, os.path.join(HERE, '..', 'graph-file.py'), str(n_tasks)],
                       stdout=out, check=True)


def send_pieces(client, data, n_piece):
    view = memoryview(data)
    for at in range(0, len(view), n_piece):
        piece = view[at:at + n_piece]
        head = peer.HEAD.pack(len(piece), peer.BYTES, 0, CHANNEL, 0)
        client.socket.sendall(head)
        client.socket.sendall(piece)
        client.socket.sendall(bytes(-len(piece) % 8))


def submitted(answer, n_tasks, client):
    assert 'ok' in answer, answer
    run = next(run for run in client.ask('runs')['ok']['runs'] if run['run'] == answer['ok']['run'])
    assert (run['tasks'], run['phase']) == (n_tasks, 'waiting'), run


def by_file(client, path, _data, _n_piece):
    return client.ask('submit', path=path, hold=True)


def in_pieces(client, _path, data, n_piece):
    client.say({'id': 'graph', 'do': 'submit', 'n_bytes': len(data), 'channel': CHANNEL,
                'hold': True})
    send_pieces(client, data, n_piece)
    answer = client.hear()
    assert answer['id'] == 'graph', answer
    return answer


def time_server(submit, path, data, options):
    """Seconds to the answer, and those of CPU that the server's process took."""
    with peer.Server() as server, peer.Client(server, messages=True) as client:
        client.socket.settimeout(600)
        before = cpu_seconds(server)
        start = time.monotonic()
        answer = submit(client, path, data, options.piece)
        seconds, cpu = time.monotonic() - start, cpu_seconds(server) - before
        submitted(answer, options.tasks, client)
        return seconds, cpu


def cpu_seconds(server):
    with open(f'/proc/{server.process.pid}/stat', encoding='ascii') as stat:
        fields = stat.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def time_read(library, path):
    start = time.monotonic()
    graph = library.weft_graph_read_file(path.encode(), 0, None)
    seconds = time.monotonic() - start
    assert graph
    library.weft_graph_unref(ctypes.c_void_p(graph))
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--tasks', type=int, default=1000000)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--piece', type=int, default=1 << 20)
    options = parser.parse_args()
    library = ctypes.CDLL(LIBRARY)
    library.weft_graph_read_file.restype = ctypes.c_void_p
    file, pieces, read = [], [], []
    with tempfile.TemporaryDirectory(prefix='weft-') as folder:
        path = os.path.join(folder, 'graph.json')
        make_graph(options.tasks, path)
        with open(path, 'rb') as graph:
            data = graph.read()
        for _ in range(options.rounds):
            file.append(time_server(by_file, path, data, options))
            pieces.append(time_server(in_pieces, path, data, options))
            read.append(time_read(library, path))
    ratio = statistics.median(of[0] / by[0] for of, by in zip(pieces, file))
    cpu = statistics.median(of[1] / by[1] for of, by in zip(pieces, file))
    strict = statistics.median(of[0] / by for of, by in zip(pieces, read))
    print(f'submit: {options.tasks} tasks, {len(data)} bytes, in pieces of {options.piece}: '
          f'{statistics.median(s for s, _ in pieces):.3f} s, '
          f'the file {statistics.median(s for s, _ in file):.3f} s, '
          f'reading alone {statistics.median(read):.3f} s')
    print(f'ratio: {ratio:.3f} of the file to the same state, {cpu:.3f} in the server\'s CPU, '
          f'{strict:.3f} of reading alone')


main()
