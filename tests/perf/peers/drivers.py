"""drivers.py: starts the drivers of schedulers and reads what they print.

SPDX-License-Identifier: BSD-3-Clause

Every driver speaks the protocol described in peer-main.c. Weftline's own is
`weftline bench --values VALUES --driver RECORDS …`, which adds "bytes".
"""
import os
import subprocess
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 120
# Schedulers whose tasks take so long that they get fewer of them; None: the driver's own choice.
SMALL = {
    'StarPU': {'independent': 10000, 'chain': 10000, 'tree': 1 << 13, 'stencil': 200,
               'fan': 10000},
    'Dask threaded': {},
}
# 10 million tasks of each shape.
LARGE = {'independent': 10000000, 'chain': 10000000, 'tree': 5000000, 'stencil': 156250,
         'fan': 9999998}
# GCC keeps the dependencies of a task on the stack, here 160 MB of them.
TOO_LARGE = {('OpenMP depend', 'fan')}


class Driver:
    def __init__(self, command, name='', shapes=(), version=''):
        self.command = command
        self.name = name
        self.shapes = shapes
        self.version = version
        self.values = self.records = None  # Weftline's
        self.complaint = None
        self.peak_bytes = 0  # of the last process

    @property
    def is_peer(self):
        return self.records is None

    def size(self, shape, wanted):
        return wanted or SMALL.get(self.name, {}).get(shape, 0)

    def call(self, *arguments):
        """The lines of a run, each cut at its tabs; None after a failure, which is kept."""
        try:
            return self._call([*self.command, *map(str, arguments)])
        except OSError as error:
            self.complaint = str(error)
            return None

    def _call(self, command):
        with tempfile.TemporaryFile('w+') as out, tempfile.TemporaryFile('w+') as err:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            timer = threading.Timer(TIMEOUT_S, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            timer.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
            self.peak_bytes = usage.ru_maxrss * 1024
            out.seek(0)
            err.seek(0)
            lines, said = out.read().splitlines(), err.read().strip().splitlines()
        if child.returncode != 0:
            self.complaint = said[-1] if said else f'ended with status {child.returncode}'
            return None
        return [line.split('\t') for line in lines]

    def runs(self, shape, size, rounds):
        """What `rounds` runs in one process gave, or None."""
        lines = self.call(shape, size, rounds)
        return lines and [tuple(map(int, line)) for line in lines]

    def metg(self):
        lines = self.call('metg')
        return lines and [tuple(map(float, line)) for line in lines]


def ask(command):
    """A driver, if the command speaks the protocol."""
    driver = Driver(command)
    lines = driver.call('shapes')
    if not lines or len(lines[0]) != 3:
        return None
    driver.name, shapes, driver.version = lines[0]
    driver.shapes = shapes.split()
    return driver


def weftline_drivers(build):
    program = os.path.join(build, 'src', 'cli', 'weftline')
    for values in ('int', 'heap'):
        for records in ('off', 'memory', 'file'):
            driver = ask([program, 'bench', '--values', values, '--driver', records])
            if driver:
                driver.values, driver.records = values, records
                yield driver


def peer_drivers(build):
    """(drivers, names of programs that do not start)"""
    folder = os.path.join(build, 'tests', 'perf', 'peers')
    os.environ.setdefault('STARPU_HOME', folder)  # else it makes a folder in the user's home
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    commands = {name: [os.path.join(folder, name)] for name in names
                if name.startswith('peer-') and os.path.isfile(os.path.join(folder, name))}
    commands['peer-dask'] = ['/usr/bin/python3', os.path.join(HERE, 'peer-dask.py')]
    found = {name: ask(command) for name, command in commands.items()}
    return [driver for driver in found.values() if driver], \
        [name for name, driver in found.items() if not driver]
