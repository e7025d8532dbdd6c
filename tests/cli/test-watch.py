"""test-watch.py: `weftline watch` shows a run of a server until it ends, and ends as it did.

SPDX-License-Identifier: BSD-3-Clause
"""
import json
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import PROGRAM, Folder, environment, weftline
from tap import contains, equal, main, test


class Server:
    """`weftline serve` in a folder of its own."""

    def __enter__(self):
        self.folder = Folder()
        self.address = self.folder.path('s/socket')
        self.process = subprocess.Popen(
            [PROGRAM, 'serve', '--address', self.address, '--folder', self.folder.path('runs')],
            text=True, stdout=subprocess.PIPE, env=environment())
        contains(self.process.stdout.readline(), 'listening at')
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.communicate(timeout=60)
        self.folder.cleanup()

    def watch(self, *arguments):
        return subprocess.Popen([PROGRAM, 'watch', '--address', self.address, *arguments],
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=environment())


class Report:
    """A run that is reported as lines."""

    def __init__(self, server, name):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(server.address)
        self.file = self.socket.makefile('r', encoding='utf-8')
        self.ask({'hello': 'weftline', 'versions': [1], 'name': 'test'})
        self.run = self.ask({'id': 1, 'do': 'report', 'name': name})['ok']['run']

    def say(self, what):
        self.socket.sendall(json.dumps(what).encode() + b'\n')

    def ask(self, what):
        self.say(what)
        return json.loads(self.file.readline())

    def task(self, key, fails=False):
        now = time.monotonic_ns()
        self.say({'e': 'start', 'k': key, 'w': 'w', 't': now})
        self.say({'e': 'fail' if fails else 'end', 'k': key, 't': now + 1000})

    def finish(self, phase):
        contains(self.ask({'id': 2, 'do': 'finish', 'phase': phase}), 'ok')

    def close(self):
        self.file.close()
        self.socket.close()


def first_progress(watching):
    """Waits until the watcher shows something."""
    return json.loads(watching.stderr.readline())


@test('/weft/cli/watch/memory-is-shown')
def memory():
    with Server() as server:
        report = Report(server, 'large')
        report.say({'e': 'memory', 'w': 'a', 't': time.monotonic_ns(), 'managed': 3 << 30})
        report.say({'e': 'memory', 'w': 'b', 't': time.monotonic_ns(), 'managed': 1 << 30,
                    'spilled': 512 << 20})
        watching = server.watch('--progress', 'json')
        shown = first_progress(watching)
        while (shown['managed_bytes'], shown['spilled_bytes']) != (4 << 30, 512 << 20):
            shown = first_progress(watching)
        report.finish('done')
        report.close()
        watching.communicate(timeout=60)


@test('/weft/cli/watch/ends-as-the-run-does')
def ends():
    with Server() as server:
        for phase, status in (('done', 0), ('failed', 1), ('cancelled', 130), (None, 3)):
            report = Report(server, f'it is {phase}')
            report.task('inc-1')
            watching = server.watch('--progress', 'json', str(report.run))
            first_progress(watching)
            equal(watching.poll(), None)
            report.task('inc-2', fails=phase == 'failed')
            if phase is not None:
                report.finish(phase)
            report.close()
            out, err = watching.communicate(timeout=60)
            equal(watching.returncode, status)
            contains(out, f'it is {phase}: {phase or "interrupted"}')
            last = json.loads(err.splitlines()[-1])
            equal((last['tasks'], last['done'] + last['erred']), (2, 2))
            equal(last['groups'][0]['name'], 'inc')


@test('/weft/cli/watch/the-newest-that-goes-on')
def newest():
    with Server() as server:
        reports = [Report(server, name) for name in ('one', 'two', 'three')]
        reports[2].finish('done')
        watching = server.watch('--progress', 'json')
        first_progress(watching)
        reports[1].finish('done')
        out, _ = watching.communicate(timeout=60)
        contains(out, 'two: done')
        for report in reports:
            report.close()


@test('/weft/cli/watch/of-a-name')
def named():
    with Server() as server:
        report = Report(server, 'by its name')
        report.task('a')
        report.finish('failed')
        done = weftline('watch', '--address', server.address, 'by its name')
        equal(done.status, 1)
        contains(done.out, 'by its name: failed, 1 of 1 task done')
        report.close()


@test('/weft/cli/watch/the-server-goes')
def server_goes():
    with Server() as server:
        report = Report(server, 'left alone')
        watching = server.watch('--progress', 'json')
        first_progress(watching)
        server.process.kill()
        _, err = watching.communicate(timeout=60)
        equal(watching.returncode, 3)
        contains(err, 'the server ended before the run did')
        report.close()


@test('/weft/cli/watch/nothing-to-watch')
def nothing():
    with Server() as server:
        done = weftline('watch', '--address', server.address)
        equal(done.status, 2)
        contains(done.err, 'no run is going on')
        done = weftline('watch', '--address', server.address, '7')
        equal(done.status, 2)
        contains(done.err, 'there is no run “7”')
        done = weftline('watch', '--address', server.address, '--progress', 'loud')
        equal(done.status, 2)
    equal(weftline('watch', '--address', server.address).status, 3)


main()
