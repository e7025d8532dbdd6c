"""__main__.py: `python3 -m weftline attach …`: shows a Dask cluster, or the workers of Celery.

SPDX-License-Identifier: BSD-3-Clause

Started by `weftline attach` and by the window. It ends with the cluster, or when it is told to
(Ctrl-C, SIGTERM); status: 0 the cluster or its user ended it, 2 bad usage, 3 it cannot be reached
or nobody listens.
"""
import logging
import os
import signal
import sys
import threading
from typing import List

LOOK_S = 0.2
LOST_S = 3.0  # without a scheduler; Dask's client goes on trying to connect
CONNECT_S = 10.0


def fail(message: str) -> int:
    print(f'weftline: {message}', file=sys.stderr)
    return 3


def watch_until_told(address: str) -> int:
    try:
        from distributed import Client
    except ImportError:
        return fail('Dask is not there for this Python: install python3-distributed, or set '
                    'WEFTLINE_PYTHON to a Python that has it')
    from ._cluster import watch_cluster
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *unused: told.set())
    logging.getLogger('distributed').setLevel(logging.CRITICAL)  # what is lost is said here
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:
        return fail(f'{address}: no Dask scheduler can be reached there: {error}')
    watched = watch_cluster(client)
    if not watched.run.live:
        client.close()
        return fail('neither the window nor “weftline serve” listens on this machine')
    print(f'watching {address}', flush=True)
    missed = 0.0
    while not told.wait(LOOK_S) and watched.run.live and missed < LOST_S:
        missed = 0.0 if client.status == 'running' else missed + LOOK_S
        if client.status == 'closed':
            break
    watched.close()
    sys.stdout.flush()
    os._exit(0)  # closing a client whose scheduler is gone takes as long as its attempts to connect


def watch_celery_until_told(broker: str) -> int:
    try:
        import celery  # noqa: F401
    except ImportError:
        return fail('Celery is not there for this Python: install python3-celery')
    from .celery import watch_celery
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *unused: told.set())
    watched = watch_celery(broker)
    if not watched.run.live:
        return fail('neither the window nor “weftline serve” listens on this machine')
    print(f'watching {watched.run.name}', flush=True)
    while not told.wait(LOOK_S) and watched.run.live:
        pass
    watched.close()
    return 0


def main(arguments: List[str]) -> int:
    if len(arguments) == 3 and arguments[:2] == ['attach', 'celery']:
        return watch_celery_until_told(arguments[2])
    if len(arguments) != 2 or arguments[0] != 'attach':
        print('usage: python3 -m weftline attach tcp://HOST:PORT\n'
              '       python3 -m weftline attach celery BROKER_URL', file=sys.stderr)
        return 2
    return watch_until_told(arguments[1])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
