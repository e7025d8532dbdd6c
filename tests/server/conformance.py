"""conformance.py: a client made from data/doc/protocol.md alone, in both forms.

SPDX-License-Identifier: BSD-3-Clause

Each table of the document is read from it, and each of its rows is tried: a row that is not known
here, or that the server does not know, is a failure.
"""
import json
import os
import re
import struct
import time

from peer import BYTES, HELLO, JSON, LINES, Client, Ended, Server, dump, packed, runs_of

import run_file
import value_codec
from tap import contains, equal, main, test

SOURCE = os.environ.get('WEFT_SOURCE_ROOT',
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
FORMS = (False, True)  # lines, messages


def section(number):
    with open(os.path.join(SOURCE, 'data/doc/protocol.md'), encoding='utf-8') as file:
        text = file.read()
    return re.search(rf'^## {number}\. .*?(?=^## |\Z)', text, re.S | re.M)[0]


def rows(text, head):
    """The cells of the table with this head."""
    table = re.search(rf'^\| {re.escape(head)}.*\n\|[-| ]+\n((?:\|.*\n)+)', text, re.M)[1]
    return [[cell.strip() for cell in re.split(r'(?<!\\)\|', line)[1:-1]]
            for line in table.splitlines()]


def words(cell):
    return re.findall(r'`(\w+)`', cell)


def code_of(answer):
    return answer['error']['code']


# ---- sections 1 and 2: forms, messages -----------------------------------------------------------


@test('/weft/server/conformance/forms')
def forms():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                equal('now' in client.ask('ping')['ok'], True)
        with Client(server) as client:
            client.send(b'\n\r\n{"id": 1, "do": "ping"}\r\n\n')
            equal(client.hear()['id'], 1)
        for other in (b'GET / HTTP/1.1\r\n', b'\0', b'WEFTSACK', b'[1]\n'):
            with Client(server, greet=False) as client:
                client.send(other)
                equal(code_of(client.hear()), 'malformed')
                equal(client.has_ended(), True)


@test('/weft/server/conformance/bytes-may-come-one-by-one')
def one_by_one():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                whole = Client.__new__(Client)
                sent = []
                whole.messages, whole.n_sent = messages, 0
                whole.send = sent.append
                whole.say({'id': 'x', 'do': 'ping'})
                for byte in b''.join(sent):
                    client.send(bytes([byte]))
                equal(client.hear()['id'], 'x')


@test('/weft/server/conformance/kinds')
def kinds():
    with Server() as server:
        known = set()
        for first, *_ in rows(section(2), 'kind | payload'):
            low, *high = map(int, re.findall(r'\d+', first))
            known |= set(range(low, (high or [low])[0] + 1))
        equal({JSON, LINES, BYTES} <= known, True)
        for kind in [0, *range(1, 14), 14, 255, *range(256, 269), 269, 65535]:
            with Client(server, messages=True) as client:
                client.report()
                at = client.n_sent
                client.message(kind, b'{"e": "add", "k": "a"}' if kind == LINES else b'', 1)
                client.say({'id': 'after', 'do': 'ping'})
                heard = client.hear()
                if kind in known and kind > 256:
                    while heard.get('id') != 'after':  # what is in it may be wrong
                        heard = client.hear()
                    continue
                equal((kind, code_of(heard), heard['error']['offset']), (kind, 'malformed', at))
                equal(client.has_ended(), True)


@test('/weft/server/conformance/limits-of-sizes')
def sizes():
    with Server() as server:
        with Client(server, messages=True) as client:
            limits = client.greeting['limits']
            equal((limits['message_bytes'], limits['line_bytes']), (16 << 20, 1 << 20))
            at = client.n_sent
            client.send((limits['message_bytes'] + 1).to_bytes(4, 'little') + b'\1\1' + bytes(10))
            error = client.hear()
            equal((code_of(error), error['error']['offset']), ('limit', at))
            equal(client.has_ended(), True)
        with Client(server) as client:
            at = client.n_sent
            client.send(b' ' * (limits['line_bytes'] + 2))
            error = client.hear()
            equal((code_of(error), error['error']['offset']), ('limit', at))
            equal(client.has_ended(), True)


@test('/weft/server/conformance/limit-of-a-line-in-a-message')
def line_in_a_message():
    with Server() as server, Client(server, messages=True) as client:
        most = client.greeting['limits']['line_bytes']
        channel = client.report()['channel']
        short = b'{"e": "add", "k": "a"}\n'
        start, end = b'{"e": "log", "t": 1, "message": "', b'"}'
        line = start + b'x' * (most - len(start + end)) + end
        client.message(LINES, short + line + b'\r\n' + short, channel)
        at = client.n_sent + 16 + len(short)
        client.message(LINES, short + line.replace(b'x', b'xx', 1) + b'\n', channel)
        error = client.hear()
        equal((code_of(error), error['error']['offset']), ('limit', at))
        equal(client.has_ended(), True)


@test('/weft/server/conformance/limits-of-names')
def names():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages, greet=False) as client:
                client.say({**HELLO, 'name': 'n' * 4097})
                equal(code_of(client.hear()), 'limit')
                equal(client.has_ended(), True)
            with Client(server, messages) as client:
                most = 'n' * client.greeting['limits']['name_bytes']
                for member in ('name', 'source', 'program', 'host'):
                    error = client.ask('report', **{'name': 'r', member: most + 'n'})['error']
                    equal((error['code'], error['where']), ('limit', member))
                channel = client.report(name=most, source=most)['channel']
                client.events([{'e': 'worker', 'w': most + 'n'}], channel)
                contains(client.hear()['error']['message'], 'found a name of 4097 bytes')
                client.events([{'e': 'worker', 'w': most}], channel)
                equal('ok' in client.ask('finish'), True)
                equal(client.notices, [])
                equal(client.greeting['limits']['lanes'], 65536)


# ---- section 3: events ---------------------------------------------------------------------------

VALUES = {'k': 'inc-1', 'w': 'w', 'h': 7, 's': 5000, 't': 6000, 'd': 100, 'b': 10,
          'inputs': ['inc-0'], 'group': 'g', 'kind': 'ValueError', 'message': 'm',
          'traceback': 't', 'pid': 1, 'threads': 2, 'limit': 1000, 'managed': 1, 'spilled': 2,
          'resident': 3, 'what': 'transfer', 'peer': 'v', 'name': 'cpu', 'unit': 'cores', 'v': 0.5,
          'level': 4, 'again': True, 'wanted': True}


@test('/weft/server/conformance/each-event')
def each_event():
    table = [(words(name)[0], words(has), words(may))
             for name, has, may, _ in rows(section(3), 'event | has')]
    equal(len(table) >= 14, True)
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                channel = client.report()['channel']
                for name, has, may in table:
                    for members in (has, has + may):
                        event = {'e': name, **{member: VALUES[member] for member in members}}
                        client.events([event], channel)
                        client.events([dict(reversed(event.items()))], channel)
                    for missing in has:
                        client.events([{'e': name, **{member: VALUES[member] for member in has
                                                      if member != missing}}], channel)
                    client.events([{'e': name, **{member: VALUES[member] for member in has},
                                    'nonsense': 1}], channel)
                n_wrong = sum(len(has) + 1 for _, has, _ in table)
                equal('ok' in client.ask('finish'), True)
                equal({code_of(notice) for notice in client.notices}, {'event'})
                equal({notice['channel'] for notice in client.notices}, {channel})
                equal(sum(notice['error'].get('more', 1) for notice in client.notices), n_wrong)


@test('/weft/server/conformance/example-of-a-run')
def example():
    lines = re.search(r'^For example.*?```\n(.*?)```', section(3), re.S | re.M)[1].splitlines()
    with Server() as server, Client(server) as client:
        path = client.report()['path']
        for line in lines:
            client.send(line.encode() + b'\n')
        equal('ok' in client.ask('finish', phase='failed'), True)
        equal(client.notices, [])
        run = runs_of(server)[1]
        equal((run['tasks'], run['done'], run['failed'], run['phase']), (3, 2, 1, 'failed'))
        status, told, _ = dump(path)
        equal(status, 0)
        equal(sorted(line['start'] for line in told if line.get('record') == 'task'),
              [81200450017, 81201690112])


@test('/weft/server/conformance/offset-of-a-wrong-event')
def wrong_event():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                channel = client.report()['channel']
                at = client.n_sent
                first = json.dumps({'e': 'add', 'k': 'a'}).encode()
                client.events([{'e': 'add', 'k': 'a'}, {'e': 'odd'}, {'e': 'add', 'k': 'b'}],
                              channel)
                error = client.hear()
                equal((code_of(error), error['channel']), ('event', channel))
                equal(error['error']['offset'], at + 16 * messages + len(first) + 1)
                client.ask('finish')
        equal({run['tasks'] for run in runs_of(server).values()}, {2})


@test('/weft/server/conformance/times-in-seconds')
def in_seconds():
    with Server() as server, Client(server) as client:
        path = client.report(clock='wall')['path']
        year = 365 * 86400  # before this machine's boot, also of others
        now = time.time()
        client.events([{'e': 'task', 'k': 'a', 'w': 'w', 's': now - year, 'd': 0.25},
                       {'e': 'task', 'k': 'b', 'w': 'w', 's': now - 1.5, 'd': 0.5}])
        client.ask('finish')
        facts = dump(path)[1]
        clock, = [line for line in facts if line.get('kind') == 'clock']
        first, second = [line for line in facts if line.get('record') == 'task']
        equal((first['duration'], second['duration']), (250_000_000, 500_000_000))
        for span, at in ((first, now - year), (second, now - 1.5)):
            wall = clock['anchor_wall_ns'] + span['start'] - clock['anchor_ticks']
            equal(abs(wall / 1e9 - at) < 0.05, True)


@test('/weft/server/conformance/begin-and-end-of-a-run')
def begin_and_end():
    now = time.monotonic_ns()
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                channel = client.report()['channel']
                client.events([{'e': 'task', 'k': 'a', 'w': 'w', 's': now - 3 * 10**9, 'd': 10**9},
                               {'e': 'task', 'k': 'b', 'w': 'w', 's': now - 2 * 10**9, 'd': 10**9}],
                              channel)
                client.ask('finish', phase='done')
        for run in runs_of(server).values():
            equal(round(run['ended'] - run['begun'], 3), 2)
            equal(abs(time.time() - run['ended'] - 1) < 60, True)


# ---- section 4: greeting -------------------------------------------------------------------------


@test('/weft/server/conformance/greeting')
def greeting():
    text = section(4)
    members = [words(row[0])[0] for row in rows(text, 'member | type')]
    equal(sorted(members), sorted(['hello', 'versions', 'name', 'pid', 'token']))
    shown = json.loads(re.search(r'^(\{"hello": "weftline", "versions".*\})$', text, re.M)[1])
    answer = re.search(r'^(\{"hello": "weftline", "version":.*?\})\n```', text, re.S | re.M)[1]
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages, greet=False) as client:
                client.say(shown)
                told = client.hear()
                equal(sorted(told), sorted(json.loads(answer)))
                equal(sorted(told['limits']), sorted(json.loads(answer)['limits']))
                equal((told['version'], told['pid']), (1, server.process.pid))
                with open('/proc/sys/kernel/random/boot_id', encoding='ascii') as boot:
                    equal(told['boot'], boot.read().strip())
                equal(abs(told['now'] - time.monotonic_ns()) < 10**9, True)
            for wrong, code in (({**HELLO, 'hello': 'x'}, 'malformed'),
                                ({**HELLO, 'versions': [2]}, 'version'),
                                ({**HELLO, 'odd': 1}, 'request'),
                                ({'id': 1, 'do': 'ping'}, 'malformed')):
                with Client(server, messages, greet=False) as client:
                    client.say(wrong)
                    equal(code_of(client.hear()), code)
                    equal(client.has_ended(), True)


@test('/weft/server/conformance/token-on-tcp')
def token():
    with Server('--tcp', '0') as server:
        port = int(re.search(r':(\d+)', server.process.stdout.readline())[1])
        with open(server.address + '.token', encoding='ascii') as file:
            right = file.read()
        equal(right[-1], '\n')
        for messages in FORMS:
            for given, is_right in ((right.strip(), True), ('x', False), (None, False)):
                with Client(server, messages, greet=False,
                            address=('127.0.0.1', port)) as client:
                    client.say({**HELLO, **({'token': given} if given else {})})
                    heard = client.hear()
                    if is_right:
                        equal(heard['version'], 1)
                    else:
                        equal((code_of(heard), client.has_ended()), ('refused', True))


# ---- section 5: requests -------------------------------------------------------------------------

MEMBERS = {'run': 1, 'channel': 1, 'group': 'g', 'key': 'k', 'name': 'n'}


@test('/weft/server/conformance/each-request-is-known')
def each_request():
    table = [(words(names), words(has)) for names, has, *_ in rows(section(5), '`do` | has')]
    names = [name for those, _ in table for name in those]
    equal(len(names) >= 18, True)
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                for those, has in table:
                    for name in those:
                        needed = {member: MEMBERS[member] for member in has if member in MEMBERS}
                        answer = client.ask(name, **needed)
                        if 'error' in answer:
                            equal((name, 'which there is not' in answer['error']['message']),
                                  (name, False))
                        error = client.ask(name, **needed, nonsense=1)['error']
                        equal((name, error['code'], error['where']),
                              (name, 'request', 'nonsense'))
                error = client.ask('pinq')['error']
                contains(error['mend'], 'ping')


@test('/weft/server/conformance/codes')
def codes():
    table = {name for row in rows(section(5), 'code | means') for name in words(row[0])}
    seen = set()
    with Server() as server:
        with Client(server) as client:
            seen |= {code_of(client.ask('pause', run=7)), code_of(client.ask('pause')),
                     code_of(client.ask('finish')), code_of(client.ask('submit', path='x'))}
            run = client.report()['run']
            seen.add(code_of(client.ask('step', run=run)))
            seen.add(code_of(client.ask('report', name='second')))
            client.events([{'e': 'odd'}])
            seen.add(code_of(client.hear()))
            os.rename(server.runs, server.runs + '-away')
            with open(server.runs, 'w', encoding='ascii'):
                pass
            client.ask('finish')
            seen.add(code_of(client.ask('report', name='third')))
            client.say(b'{"id": 1, "do": "ping", "x": ' + b'[' * 65 + b']' * 65 + b'}')
            seen.add(code_of(client.hear()))
            client.say(b'{')
            seen.add(code_of(client.hear()))
        with Client(server, greet=False) as client:
            client.say({**HELLO, 'versions': []})
            seen.add(code_of(client.hear()))
    # of other users (test-faults.py), and of a host that has results
    equal(sorted(table - seen), ['no_such_key', 'refused'])
    equal(sorted(seen - table), [])


@test('/weft/server/conformance/description-of-a-run')
def description():
    members = {words(row[0])[0] for row in rows(section(5), 'member | type')
               if words(row[0])} | {'ended'} | {'done', 'running', 'failed'}
    with Server() as server, Client(server) as client, Client(server, messages=True) as other:
        equal('ok' in other.ask('subscribe'), True)
        client.report(name='n', source='s', program='p', host='h', pid=3,
                      can=['pause', 'resume', 'step', 'cancel', 'set'])
        run = other.hear()['run']
        equal(set(run) <= members, True)
        equal((run['name'], run['source'], run['client'], run['phase']),
              ('n', 's', 'peer', 'running'))
        equal(run['can'], ['pause', 'resume', 'step', 'cancel', 'set'])
        equal('ended' in run, False)
        client.say({'do': 'finish', 'phase': 'cancelled', 'summary': {'why': 'enough'}})
        run = other.hear()['run']
        equal(set(run) <= members, True)
        equal((run['phase'], abs(run['ended'] - time.time()) < 5), ('cancelled', True))
        client, = [one for one in other.ask('runs')['ok']['clients'] if one['runs'] == []][:1]
        equal(sorted(client), ['lag_frames', 'lag_seconds', 'name', 'pid', 'runs'])


@test('/weft/server/conformance/what-a-run-will-not-have')
def notes():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                for wrong in ('words', [1], [['a']], {}):
                    refused = client.ask('report', name='n', notes=wrong)['error']
                    equal((refused['code'], refused['where']), ('request', 'notes'))
                path = client.report(name='n', notes=['no edges', 'no “errors”'])['path']
                client.ask('finish')
            meta = json.loads(dump(path)[1][0]['text'])
            equal(meta['notes'], ['no edges', 'no “errors”'])


@test('/weft/server/conformance/requests-to-who-reports')
def forwarded():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as reporter, Client(server, not messages) as other:
                report = reporter.report(can=['set', 'cancel'])
                other.say({'id': 'q', 'do': 'set', 'run': report['run'], 'workers': 3})
                asked = reporter.hear()
                equal({**asked, 'id': 0}, {'id': 0, 'do': 'set', 'channel': report['channel'],
                                           'workers': 3})
                reporter.say({'id': asked['id'], 'ok': {}})
                equal(other.hear(), {'id': 'q', 'ok': {}})
                equal(code_of(other.ask('pause', run=report['run'])), 'not_supported')


@test('/weft/server/conformance/answers-without-an-id')
def no_id():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                client.say({'do': 'ping'})
                client.say({'do': 'pause', 'run': 99})
                equal(code_of(client.hear()), 'no_such_run')
                client.say({'do': 'ping', 'id': 'text'})
                equal(client.hear()['id'], 'text')


@test('/weft/server/conformance/half-closed-is-answered')
def half_closed():
    with Server() as server:
        for messages in FORMS:
            with Client(server, messages) as client:
                path = client.report()['path']
                client.say({'id': 'a', 'do': 'finish', 'channel': 1})
                client.socket.shutdown(1)
                equal(client.hear()['id'], 'a')
                try:
                    client.hear()
                except Ended:
                    pass
                equal(dump(path)[0], 0)


# ---- section 6: packed events in columns ---------------------------------------------------------


def tables_of_columns():
    """By kind: the rows of its table."""
    parts = re.split(r'^\*\*(\d+), ', section(6), flags=re.M)
    return {int(kind): rows(text, 'at | type')
            for kind, text in zip(parts[1::2], parts[2::2]) if '| at | type' in text}


TOLD = [{'e': 'add', 'k': 'inc-1'}, {'e': 'add', 'k': 'inc-2', 'inputs': ['inc-1']},
        {'e': 'add', 'k': 'größe', 'inputs': ['inc-1', 'inc-2'], 'group': 'mine', 'wanted': True},
        {'e': 'start', 'k': 'größe', 'w': 'main', 'h': 7, 't': 350},
        {'e': 'task', 'k': 'inc-1', 'w': 'main', 'h': 7, 's': 100, 'd': 100, 'b': 28},
        {'e': 'task', 'k': 'inc-2', 'w': 'main', 'h': 7, 's': 150, 'd': 150, 'b': 0},
        {'e': 'task', 'k': 'größe', 'w': 'main', 'h': 7, 's': 360, 'd': 40, 'b': 1 << 40},
        {'e': 'task', 'k': 'inc-1', 'w': 'main', 's': 500, 'd': 5}]


def tell_in_columns(client, channel):
    table = tables_of_columns()
    client.message(263, packed(table[263], 0, 3, ['inc-1', 'inc-2', 'größe']), channel)
    client.message(264, packed(table[264], 1, 2, [1, 2], [0, 0, 1]), channel)
    client.message(265, packed(table[265], 4, 'mine', [2]), channel)
    client.message(268, packed(table[268], [2]), channel)
    client.events(TOLD[3:4], channel)
    client.message(266, packed(table[266], 3, 4, 7, 'main', [100, 150, 360], [200, 300, 400],
                               [28, 0, 1 << 40], [0, 1, 2]), channel, flags=1)
    client.message(267, packed(table[267], 1, 4, 0, 'main', [500], [505], None, ['inc-1']), channel)


def told_by(client, tell):
    """Lanes, graph and spans of a run."""
    report = client.report()
    tell(client, report['channel'])
    client.ask('finish', channel=report['channel'])
    equal(client.notices, [])
    lines = dump(report['path'])[1]
    frames = [(line['kind'], line['payload_crc']) for line in lines
              if line.get('kind') in ('lane', 'segment')]
    return frames, [{**line, 'frame': None} for line in lines
                    if line.get('record') in ('task', 'attempt')]


@test('/weft/server/conformance/columns-say-what-lines-say')
def columns():
    with Server() as server, Client(server, messages=True) as client:
        equal('columns' in client.greeting['can'], True)
        for _ in range(20):  # half a graph is written where 50 ms pass between two messages
            by_lines = told_by(client, lambda client, channel: client.events(TOLD, channel))
            by_columns = told_by(client, tell_in_columns)
            if by_lines == by_columns:
                break
        equal(by_columns, by_lines)
        equal(len([line for line in by_columns[1] if line['record'] == 'task']), 4)


YEAR = 366 * 86400 * 10**9  # the longest span, in ns


@test('/weft/server/conformance/columns-that-cannot-be')
def wrong_columns():
    table = tables_of_columns()
    one_span = table[266], 1, 1, 7, 'w'
    one_keyed = table[267], 1, 1, 7, 'w'
    wrong = [(263, 0, packed(table[263], 1, 1, ['c']), 0),
             (263, 0, packed(table[263], 2, 2, ['c']), 10),
             (263, 0, packed(table[263], 2, 1, ['c', 'd']), 10),
             (263, 0, packed(table[263], 2, 1, ['x' * 65536]), 8),
             (264, 0, packed(table[264], 0, 1, [1], [2]), 12),
             (264, 0, packed(table[264], 0, 1, [1], [0]), 12),
             (264, 0, packed(table[264], 0, 1, [2], [1]), 8),
             (264, 0, packed(table[264], 0, 1, [1], [1, 1]), 16),
             (264, 0, packed(table[264], 1, 2, [0, 0], []), 0),
             (265, 0, packed(table[265], 9, 'g', []), 0),
             (265, 0, packed(table[265], 1, 'g', [2]), 8),
             (268, 0, packed(table[268], [2]), 0),
             (266, 0, packed(*one_span, [5], [4], None, [0]), 32),
             (266, 0, packed(*one_span, [5], [1 << 63], None, [0]), 32),
             (266, 1, packed(*one_span, [5], [6], [1 << 63], [0]), 40),
             (266, 0, packed(*one_span, [5], [6], None, [2]), 40),
             (266, 0, packed(*one_span, [5], [6], [7], [0]), 0),
             (266, 0, packed(table[266], 1, 1, 1 << 63, 'w', [5], [6], None, [0]), 8),
             (266, 0, packed(table[266], 2, 1, 7, 'w', [0, 0], [YEAR, YEAR + 1], None, [0, 0]), 48),
             (266, 0, packed(table[266], 300, 1, 7, 'w', [0] * 300, [YEAR] * 300, None,
                             [0] * 300), 24 + 8 * 300 + 8 * 291),
             (266, 2, packed(*one_span, [5], [6], None, [0]), 0),
             (267, 0, packed(*one_keyed, [5], [6], None, ['']), 40),
             (267, 0, packed(*one_keyed, [5], [4], None, ['inc-1']), 32),
             (267, 0, packed(*one_keyed, [5], [6], None, ['inc-1', 'inc-2']), 46)]
    with Server() as server:
        for kind, flags, payload, offset in wrong:
            with Client(server, messages=True) as client:
                channel = client.report()['channel']
                client.message(263, packed(table[263], 0, 2, ['a', 'b']), channel)
                at = client.n_sent + 16
                client.message(kind, payload, channel, flags)
                client.message(266, packed(*one_span, [5], [6], None, [1]), channel)
                error = client.hear()
                equal((kind, code_of(error), error['error']['offset'] - at),
                      (kind, 'event', offset))
                client.ask('finish')
                equal(client.notices, [])
        equal({(run['tasks'], run['done']) for run in runs_of(server).values()}, {(2, 1)})


# ---- section 7: graphs and values as bytes -------------------------------------------------------

GRAPH = {'weftline': 1, 'outputs': ['mean'], 'tasks': {
    'square-0': {'op': 'mul', 'args': [3, 3]}, 'square-1': {'op': 'mul', 'args': [4, 4]},
    'mean': {'op': 'mean', 'args': [[{'ref': 'square-0'}, {'ref': 'square-1'}]]}}}
PIECES = 1 << 31 | 5  # a channel of the client's choice


def submit_in_pieces(client, text):
    client.n_asked += 1
    client.say({'id': client.n_asked, 'do': 'submit', 'n_bytes': len(text), 'channel': PIECES})
    for at in range(0, len(text), 7):
        client.message(BYTES, text[at:at + 7], PIECES)
    return client.hear()


def until_done(client, run):
    client.ask('watch', run=run, progress=True)
    while not any(notice.get('end') for notice in client.notices):
        client.notices.append(client.hear())
    client.notices.clear()


@test('/weft/server/conformance/graphs-and-values')
def graphs_and_values():
    with Server() as server:
        path = os.path.join(server.folder, 'graph.json')
        with open(path, 'w', encoding='ascii') as file:
            json.dump(GRAPH, file)
        for messages in FORMS:
            with Client(server, messages) as client:
                answers = [client.ask('submit', path=path), client.ask('submit', graph=GRAPH)]
                if messages:
                    answers.append(submit_in_pieces(client, json.dumps(GRAPH).encode()))
                for answer in answers:
                    run = answer['ok']['run']
                    until_done(client, run)
                    equal(client.ask('result', run=run, key='mean')['ok'], {'value': 12.5})
                    equal(code_of(client.ask('result', run=run, key='nobody')), 'no_such_key')
                if messages:
                    ok = client.ask('result', run=run, key='mean', form='encoded')['ok']
                    kind, channel, value = client.hear_message()
                    equal((kind, channel, len(value)), (BYTES, ok['channel'], ok['n_bytes']))
                    equal(value_codec.decode(value), 12.5)


# ---- section 8: watching -------------------------------------------------------------------------

SEEN = struct.Struct('<QQ')  # before what a frame has


@test('/weft/server/conformance/frames')
def frames():
    with Server() as server, Client(server, messages=True) as client:
        report = client.report()
        client.events([{'e': 'task', 'k': f'x-{i}', 'w': 'a', 's': i * 10, 'd': 5}
                       for i in range(5000)], report['channel'])
        client.ask('finish', channel=report['channel'])
        with open(report['path'], 'rb') as file:
            expected = [(frame.kind, frame.flags, frame.lane, frame.sequence, frame.watermark,
                         bytes(frame.payload)) for frame in run_file.read_frames(file.read())]
        for first in (0, 3, len(expected)):
            channel = client.ask('watch', run=report['run'], frames=True, **{'from': first})
            channel = channel['ok']['channel']
            for frame in expected[first:]:
                kind, flags, on, lane, payload = client.hear_frame()
                equal((kind, flags, lane, *SEEN.unpack_from(payload), payload[SEEN.size:]), (
                    *frame[:3], *frame[3:]))
                equal(on, channel)
            equal(client.hear(), {'channel': channel, 'end': True, 'next': len(expected)})


@test('/weft/server/conformance/progress-and-metrics')
def progress_and_metrics():
    with Server() as server, Client(server, messages=True) as client, Client(server) as watcher:
        report = client.report()
        client.events([{'e': 'worker', 'w': 'a', 'pid': 5, 'threads': 2},
                       {'e': 'memory', 'w': 'a', 't': 10, 'managed': 4096, 'limit': 8192},
                       {'e': 'count', 'w': 'a', 't': 10, 'name': 'cpu', 'unit': 'cores', 'v': 1.5},
                       {'e': 'count', 't': 10, 'name': 'load', 'v': 0.5},
                       {'e': 'task', 'k': 'x-1', 'w': 'a', 's': 20, 'd': 5},
                       {'e': 'add', 'k': 'x-2'}], report['channel'])
        channel = watcher.ask('watch', run=report['run'], progress=True,
                              metrics=True)['ok']['channel']
        heard = watcher.hear()
        while heard['groups'] != [['x', 2, 1, 0, 0]]:
            heard = watcher.hear()
        equal(heard['channel'], channel)
        equal((heard['run']['run'], heard['lag_frames']), (report['run'], 0))
        equal(heard['metrics'], {'managed': 4096, 'limit': 8192})
        equal(heard['counters'], {'load': 0.5})
        equal(heard['workers'], [{'w': 'a', 'pid': 5, 'threads': 2, 'managed': 4096, 'limit': 8192,
                                  'counters': {'cpu': 1.5}}])
        equal(watcher.ask('unwatch', channel=channel)['ok'], {'next': 0})
        equal(code_of(watcher.ask('watch', run=report['run'], frames=True)), 'request')


main()
