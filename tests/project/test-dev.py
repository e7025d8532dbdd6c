"""test-dev.py: tests of the script ./dev that need no network and install nothing.

SPDX-License-Identifier: BSD-3-Clause

The tools that ./dev calls are replaced by small scripts which write down how they were called.
"""
import os
import shutil
import subprocess
import tempfile

import harness
from tap import contains, equal, main, test

DEV = os.path.join(harness.SOURCE_ROOT, 'dev')


class Machine:
    """A pretended machine: what is installed, who one is, whether there is sudo."""

    def __init__(self, *, installed, user=0, sudo=False, apt_works=True):
        self.folder = tempfile.TemporaryDirectory()
        self.log = os.path.join(self.folder.name, 'log')
        for tool in ('bash', 'cat', 'dirname', 'env', 'readlink'):
            os.symlink(shutil.which(tool), os.path.join(self.folder.name, tool))
        names = ' '.join(installed)
        self.script('dpkg-query', f'for name in {names}; do echo "$name installed"; done; exit 1')
        self.script('id', f'echo {user}')
        self.script('apt-get', f'echo "apt-get $DEBIAN_FRONTEND $*" >>{self.log}; '
                               f'exit {0 if apt_works else 100}')
        if sudo:
            self.script('sudo', f'echo sudo "$1" >>{self.log}; [ "$1" = -n ] && shift; exec "$@"')

    def script(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(f'#!/bin/bash\n{text}\n')
        os.chmod(path, 0o755)

    def dev(self, *arguments):
        return subprocess.run([DEV, *arguments], env={'PATH': self.folder.name}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)

    def calls(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding='utf-8') as log:
            return log.read().splitlines()


def packages(job):
    """The packages a job needs, as the script itself would install them on an empty machine."""
    machine = Machine(installed=['nothing-at-all'])
    equal(machine.dev('packages', job).returncode, 0)
    return machine.calls()[-1].split('--no-install-recommends ')[1].split()


@test('/weft/project/dev/help-lists-the-commands')
def help_text():
    done = subprocess.run([DEV, 'help'], text=True, stdout=subprocess.PIPE, check=True)
    for command in ('run', 'test', 'bench', 'accept', 'screenshots', 'format', 'help'):
        contains(done.stdout, f'\n  {command} ')


@test('/weft/project/dev/unknown-command')
def unknown_command():
    done = subprocess.run([DEV, 'rnu'], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    equal(done.returncode, 2)
    contains(done.stderr, 'rnu')


@test('/weft/project/dev/only-missing-packages-are-installed')
def only_missing():
    needed = packages('run')
    contains(needed, 'meson')
    machine = Machine(installed=needed[1:])
    equal(machine.dev('packages', 'run').returncode, 0)
    update, install = machine.calls()
    contains(update, 'update')
    contains(install, 'apt-get noninteractive install')
    equal(install.split('--no-install-recommends ')[1], needed[0])


@test('/weft/project/dev/nothing-missing-touches-nothing')
def nothing_missing():
    machine = Machine(installed=packages('test'))
    equal(machine.dev('packages', 'test').returncode, 0)
    equal(machine.calls(), [])


@test('/weft/project/dev/sudo-where-not-root')
def with_sudo():
    machine = Machine(installed=['meson'], user=1000, sudo=True)
    equal(machine.dev('packages', 'run').returncode, 0)
    contains(machine.calls()[0], 'sudo -n')
    contains(machine.calls()[-1], 'apt-get noninteractive install')


@test('/weft/project/dev/neither-root-nor-sudo-is-one-clear-error')
def without_sudo():
    machine = Machine(installed=packages('run')[1:], user=1000)
    done = machine.dev('packages', 'run')
    equal(done.returncode, 3)
    equal(len(done.stderr.splitlines()), 1)
    contains(done.stderr, packages('run')[0])
    contains(done.stderr, 'sudo')
    equal(machine.calls(), [])


@test('/weft/project/dev/failed-installation-is-an-error')
def failed_installation():
    done = Machine(installed=['meson'], apt_works=False).dev('packages', 'run')
    equal(done.returncode, 3)
    contains(done.stderr.splitlines()[-1], 'could not be installed')


@test('/weft/project/dev/ci-runs-the-sanitized-tests')
def ci_calls_dev():
    with open(os.path.join(harness.SOURCE_ROOT, '.ci', 'run'), encoding='utf-8') as script:
        contains(script.read(), './dev test --sanitize')
    equal(os.access(os.path.join(harness.SOURCE_ROOT, '.ci', 'run'), os.X_OK), True)
    equal(os.access(DEV, os.X_OK), True)


main()
