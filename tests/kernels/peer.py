#!/usr/bin/python3
# peer.py: works out calls of operations with Python's own, and prints where the results differ
#
# SPDX-License-Identifier: BSD-3-Clause
"""Usage: peer.py FAMILY CALLS, the calls being lines {"op", "args", "ours"} of JSON."""
import json
import math
import operator
import sys


class Failed(Exception):
    """Python's integers have no bound, ours have."""


def bounded(value):
    if type(value) is int and not -2**63 <= value < 2**63:
        raise Failed
    if isinstance(value, complex):
        raise Failed
    return value


NUMBERS = {
    'add': operator.add, 'sub': operator.sub, 'mul': operator.mul, 'div': operator.truediv,
    'floordiv': operator.floordiv, 'mod': operator.mod, 'pow': operator.pow,
    'eq': operator.eq, 'ne': operator.ne, 'lt': operator.lt, 'le': operator.le,
    'gt': operator.gt, 'ge': operator.ge, 'and': lambda a, b: a and b, 'or': lambda a, b: a or b,
    'neg': operator.neg, 'abs': abs, 'not': operator.not_,
}


def power(a, b):
    # An integer power is worked out only where it can be small.
    if isinstance(a, int) and isinstance(b, int) and b >= 0 and abs(a) > 1 and b > 63:
        raise Failed
    return a ** b


NUMBERS['pow'] = power


def spread(function):
    return lambda *args: function(args[0] if len(args) == 1 and isinstance(args[0], list) else args)


def concat(parts):
    if not len(parts):
        return []
    whole = parts[0][:] if isinstance(parts[0], list) else parts[0]
    if not isinstance(whole, (str, list)):
        raise Failed
    for part in parts[1:]:
        whole = whole + part
    return whole


def total(values, start=0):
    for value in values:
        start = bounded(start + value)
    return start


LISTS = {
    'sum': total, 'mean': lambda values: total(values) / len(values),
    'count': lambda values, *equal: values.count(equal[0]) if equal else len(values),
    'min': spread(min), 'max': spread(max), 'concat': spread(concat), 'len': len,
    'getitem': operator.getitem,
}

STRINGS = {
    'str.upper': str.upper, 'str.lower': str.lower, 'str.strip': str.strip,
    'str.split': str.split, 'str.replace': str.replace, 'str.join': str.join,
    'str.contains': lambda text, part: part in text, 'str.starts_with': str.startswith,
    'str.ends_with': str.endswith, 'len': len, 'getitem': operator.getitem,
}

FAMILIES = {'numbers': NUMBERS, 'lists': LISTS, 'strings': STRINGS}


def work_out(functions, op, args):
    try:
        return bounded(functions[op](*args))
    except (ArithmeticError, LookupError, TypeError, ValueError, Failed):
        return {'failed': True}


def plain(value):
    if isinstance(value, dict) and '$float' in value:
        return float(value['$float'])
    return value


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (
            a == b and math.copysign(1, a) == math.copysign(1, b))
    return a == b


def main():
    functions = FAMILIES[sys.argv[1]]
    n = differ = 0
    with open(sys.argv[2], encoding='utf-8') as lines:
        for line in lines:
            call = json.loads(line)
            theirs = work_out(functions, call['op'], call['args'])
            n += 1
            if not same(plain(call['ours']), theirs):
                differ += 1
                print(f"{call['op']} {call['args']}: ours {call['ours']!r}, Python {theirs!r}")
    return 1 if differ or not n else 0


if __name__ == '__main__':
    sys.exit(main())
