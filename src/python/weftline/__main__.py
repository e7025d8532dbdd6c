"""__main__.py: `python3 -m weftline attach …`: shows what another program computes.

SPDX-License-Identifier: BSD-3-Clause

Started by `weftline attach` and by the window. It ends with what it shows, or when it is told to
(Ctrl-C, SIGTERM); status: 0 that was over or its user ended it, 2 bad usage or bad input, 3 it
cannot be reached or nobody listens.
"""
import logging
import os
import signal
import sys
import threading
from typing import Any, Callable, Dict, List, Tuple

from ._wire import connect

LOOK_S = 0.2
LOST_S = 3.0  # without a scheduler; Dask's client goes on trying to connect
CONNECT_S = 10.0
GONE = 'nobody listens any more: the window or “weftline serve” has ended'


def fail(message: str, status: int = 3) -> int:
    print(f'weftline: {message}', file=sys.stderr)
    return status


def when_told() -> threading.Event:
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *unused: told.set())
    return told


def attach_dask(address: str) -> int:
    try:
        from distributed import Client
    except ImportError:
        return fail('Dask is not there for this Python: install python3-distributed, or set '
                    'WEFTLINE_PYTHON to a Python that has it')
    from ._cluster import watch_cluster
    told = when_told()
    logging.getLogger('distributed').setLevel(logging.CRITICAL)  # what is lost is said here
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:
        return fail(f'{address}: no Dask scheduler can be reached there: {error}')
    watched = watch_cluster(client)
    print(f'watching {address}', flush=True)
    missed = 0.0
    while not told.wait(LOOK_S) and watched.run.live and missed < LOST_S:
        missed = 0.0 if client.status == 'running' else missed + LOOK_S
        if client.status == 'closed':
            break
    is_heard = watched.run.live
    watched.close()
    status = 0
    if not told.is_set() and is_heard:
        print(f'the scheduler at {address} has ended')
    elif not told.is_set():
        status = fail(GONE)
    sys.stdout.flush()
    # closing a client whose scheduler is gone takes as long as its attempts to connect
    os._exit(status)


def attach_celery(broker: str) -> int:
    try:
        import celery  # noqa: F401
    except ImportError:
        return fail('Celery is not there for this Python: install python3-celery, or set '
                    'WEFTLINE_PYTHON to a Python that has it')
    from .celery import unreachable, watch_celery
    told = when_told()
    why = unreachable(broker)
    if why:
        return fail(f'{broker}: no broker of Celery can be reached there: {why}')
    watched = watch_celery(broker)
    print(f'watching {watched.run.name}', flush=True)
    while not told.wait(LOOK_S) and watched.run.live:
        pass
    is_heard = watched.run.live
    watched.close()
    return 0 if is_heard else fail(GONE)


def attach_file(make: Callable[[str], Any], path: str) -> int:
    told = when_told()
    try:
        watched = make(path)
    except (OSError, ValueError) as error:
        return fail(str(error), 2)
    print(f'watching {watched.run.name}', flush=True)
    while not told.wait(LOOK_S) and not watched.over.is_set():
        pass
    is_heard = watched.run.live
    watched.close()
    if watched.error is not None:
        return fail(f'{watched.run.name} cannot be followed any further: {watched.error}', 2)
    return 0 if is_heard else fail(GONE)


def attach_snakemake(folder: str = '.') -> int:
    from .snakemake import watch_snakemake
    return attach_file(watch_snakemake, folder)


def attach_parsl(path: str) -> int:
    from .parsl import watch_parsl
    return attach_file(watch_parsl, path)


def attach_luigi(path: str) -> int:
    from ._luigi_history import watch_history
    return attach_file(watch_history, path)


# kind → what follows it, how many of that at least, what then is called
KINDS: Dict[str, Tuple[str, int, Callable[..., int]]] = {
    'celery': ('BROKER_URL', 1, attach_celery),
    'luigi': ('HISTORY.db', 1, attach_luigi),
    'parsl': ('MONITORING.db', 1, attach_parsl),
    'snakemake': ('[FOLDER]', 0, attach_snakemake),
}


def usage() -> str:
    lines = ['tcp://HOST:PORT', *(f'{kind} {operand}' for kind, (operand, *_) in KINDS.items())]
    return ('usage: ' + '\n       '.join(f'python3 -m weftline attach {each}' for each in lines)
            + '\n       python3 -m weftline snakemake-handler')


def attach(arguments: List[str]) -> int:
    kind = arguments[0]
    operand, least, call = KINDS.get(kind, ('', 1, attach_dask))
    operands = arguments[1:] if kind in KINDS else arguments
    if not least <= len(operands) <= 1 or operands and operands[0].startswith('-'):
        if kind not in KINDS:
            return bad_usage()
        return fail(f'attach {kind} needs {operand}, and nothing else', 2)
    if not somebody_listens():
        return fail('neither the window nor “weftline serve” listens on this machine')
    return call(*operands)


def somebody_listens() -> bool:
    made = connect()
    if made is None:
        return False
    made.close()
    return True


def bad_usage() -> int:
    print(usage(), file=sys.stderr)
    return 2


def main(arguments: List[str]) -> int:
    if arguments == ['snakemake-handler']:
        folder = os.path.dirname(os.path.abspath(__file__))
        print(os.path.join(folder, 'snakemake_handler.py'))
        return 0
    if arguments in (['--help'], ['attach', '--help']):
        print(usage())
        return 0
    if len(arguments) < 2 or arguments[0] != 'attach':
        return bad_usage()
    return attach(arguments[1:])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
