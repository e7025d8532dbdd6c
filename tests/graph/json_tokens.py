"""json_tokens.py: what Python's JSON parser makes of documents.

SPDX-License-Identifier: BSD-3-Clause

Reads documents as lines of hexadecimal digits; writes for each a line of tokens, or “bad”. Numbers
that int64 or float64 cannot hold and halves of surrogate pairs are bad too. Started by test-json.c.
"""
import json
import struct
import sys


def refuse(word):
    raise ValueError(word)


def tokens(value):
    if isinstance(value, Pairs):
        yield '{'
        for name, member in value.pairs:
            yield 'n' + name.encode().hex()
            yield from tokens(member)
        yield '}'
    elif isinstance(value, list):
        yield '['
        for item in value:
            yield from tokens(item)
        yield ']'
    elif isinstance(value, str):
        yield 's' + value.encode().hex()
    elif value is None or isinstance(value, bool):
        yield {None: 'null', True: 'true', False: 'false'}[value]
    elif isinstance(value, int):
        yield 'i%d' % struct.unpack('<q', struct.pack('<q', value))
    else:
        if value in (float('inf'), float('-inf')):
            raise ValueError(value)
        yield 'f' + struct.pack('>d', value).hex()


class Pairs:
    def __init__(self, pairs):
        self.pairs = pairs


for line in sys.stdin:
    try:
        document = json.loads(bytes.fromhex(line).decode(), parse_constant=refuse,
                              object_pairs_hook=Pairs)
        print(' '.join(tokens(document)))
    except (ValueError, struct.error):
        print('bad')
