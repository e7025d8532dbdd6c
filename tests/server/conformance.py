"""conformance.py: a client made from data/doc/protocol.md alone, in both forms.

SPDX-License-Identifier: BSD-3-Clause

Each table of the document is read from it, and each of its rows is tried: a row that is not known
here, or that the server does not know, is a failure.
"""
import json
import os
import re
import time

from peer import BYTES, HELLO, JSON, LINES, Client, Ended, Server, dump, runs_of

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
        for kind in [0, *range(1, 14), 14, 255, *range(256, 263), 263, 65535]:
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


# ---- section 3: events ---------------------------------------------------------------------------

VALUES = {'k': 'inc-1', 'w': 'w', 'h': 7, 's': 5000, 't': 6000, 'd': 100, 'b': 10,
          'inputs': ['inc-0'], 'group': 'g', 'kind': 'ValueError', 'message': 'm',
          'traceback': 't', 'pid': 1, 'threads': 2, 'limit': 1000, 'managed': 1, 'spilled': 2,
          'resident': 3, 'what': 'transfer', 'peer': 'v', 'name': 'cpu', 'unit': 'cores', 'v': 0.5,
          'level': 4, 'again': True}


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
        now, here = time.time(), time.monotonic_ns()
        client.events([{'e': 'task', 'k': 'a', 'w': 'w', 's': now - 1.5, 'd': 0.25}])
        client.ask('finish')
        span, = [line for line in dump(path)[1] if line.get('record') == 'task']
        equal(span['duration'], 250_000_000)
        equal(abs(span['start'] - (here - 1_500_000_000)) < 50_000_000, True)


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


main()
