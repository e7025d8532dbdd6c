"""test-attach-input.py: `attach` of what is not there: one clear line for each bad input.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import sqlite3
import subprocess
import sys
import tempfile

import place
from server import Server
from tap import contains, equal, main, test


def attach(*arguments, **env):
    """(its status, what it said on stderr)"""
    done = subprocess.run([sys.executable, '-m', 'weftline', 'attach', *arguments], check=False,
                          env={**os.environ, 'PYTHONPATH': place.PACKAGE, **env}, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    equal(done.stdout, '')
    return done.returncode, done.stderr


def refused(words, *arguments, status=2, **env):
    """It says why in one line, which has the words; nothing is reported."""
    with Server() as server:
        found, said = attach(*arguments, **env)
        equal((found, said.count('\n'), server.runs), (status, 1, []))
        for word in words:
            contains(said, word)


def bad(kind):
    return test(f'/weft/python/attach/bad-input/{kind}')


@bad('no-such-file')
def no_file():
    refused(('/nonexistent/a.db', 'no such file', 'monitoring.db'), 'parsl', '/nonexistent/a.db')
    refused(('/nonexistent/a.db', 'no such file', 'Luigi'), 'luigi', '/nonexistent/a.db')
    refused(('/nonexistent', 'no such folder'), 'snakemake', '/nonexistent')


@bad('no-database')
def no_database():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'text')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('no database\n' * 100)
        for kind in ('parsl', 'luigi'):
            refused((path, 'not a database'), kind, path)


@bad('another-database')
def another():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'other.db')
        base = sqlite3.connect(path)
        base.execute('CREATE TABLE task (id)')
        base.commit()
        refused((path, 'not a monitoring database of Parsl', '“status”'), 'parsl', path)
        refused((path, 'not a task history of Luigi', '“task_events”'), 'luigi', path)
        for table in ('workflow', 'try', 'status'):
            base.execute(f'CREATE TABLE {table} (run_id, time_began)')
        base.commit()
        refused((path, 'no workflow is in it yet'), 'parsl', path)
        base.close()


@bad('no-log-of-snakemake')
def no_log():
    with tempfile.TemporaryDirectory() as folder:
        refused((folder, '.snakemake/log/*.snakemake.log'), 'snakemake', folder)


@bad('no-broker')
def no_broker():
    url = 'redis+socket:///nonexistent/redis'
    refused((url, 'no broker', 'No such file'), 'celery', url, status=3)
    refused(('nowhere://', 'no broker', 'nowhere'), 'celery', 'nowhere://', status=3)


@bad('a-package-that-is-not-installed')
def no_package():
    with tempfile.TemporaryDirectory() as folder:
        for name in ('celery', 'distributed'):
            with open(os.path.join(folder, f'{name}.py'), 'w', encoding='utf-8') as file:
                file.write('raise ImportError\n')
        where = {'PYTHONPATH': f'{place.PACKAGE}:{folder}'}
        refused(('install python3-celery',), 'celery', 'redis://localhost', status=3, **where)
        refused(('install python3-distributed',), 'tcp://127.0.0.1:1', status=3, **where)


@bad('too-few-or-too-many')
def operands():
    refused(('parsl needs MONITORING.db',), 'parsl')
    refused(('celery needs BROKER_URL',), 'celery', 'a', 'b')
    refused(('snakemake needs [FOLDER]',), 'snakemake', '--all')
    with Server():
        status, said = attach('one', 'two')
        equal((status, said.startswith('usage:')), (2, True))
        for word in ('celery BROKER_URL', 'luigi', 'parsl', 'snakemake', 'tcp://'):
            contains(said, word)


@bad('nobody-listens')
def nobody():
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.pop('WEFTLINE_ADDRESS', None)
        for arguments in (('snakemake', '.'), ('parsl', '/nonexistent'), ('celery', 'redis://'),
                          ('tcp://127.0.0.1:1',)):
            status, said = attach(*arguments, XDG_RUNTIME_DIR=folder)
            equal((status, said.count('\n')), (3, 1))
            contains(said, 'weftline serve')
        if before is not None:
            os.environ['WEFTLINE_ADDRESS'] = before


if __name__ == '__main__':
    main()
