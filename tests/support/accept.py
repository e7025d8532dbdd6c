#!/usr/bin/python3
"""accept.py: holds the project to its promises, one line each.

SPDX-License-Identifier: BSD-3-Clause

Usage: accept.py FILE ...

A file holds entries; lines that begin with '#' are comments:

    [the promise, as the reader knows it]
    command = weftline bench order --tasks 100000
    match   = ordered in (?P<ms>[0-9.]+) ms
    holds   = ms <= 60
    figure  = {ms} ms for 100,000 tasks, 2 workers

command  run by bash in the source folder, the built programs first on PATH, no input
match    a regular expression that the output must contain (stdout and stderr; ^ and $ match at
         lines); its named groups become numbers where they are some. More lines, more expressions:
         each must be found
holds    a Python expression over the groups (and min, max, abs, len, round, log2, seconds: how
         long the command took); without it the match decides
status   the exit status the command must have; 0 unless said
timeout  seconds the command may take; 600 unless said
figure   what to print as the figure, with groups in braces; the matched text unless said

Entries that follow one another with the same command and timeout are judged by one run of it: what
is compared is of the same minute.

Each entry prints one line, "holds" or "falls short", then promise, command and figure:

    holds  the promise  —  the command  —  the figure

The exit status is 0 if all hold, 1 if one falls short, 2 if a file has a mistake.
"""
import configparser
import math
import os
import re
import signal
import subprocess
import sys
import time

KEYS = {'command', 'match', 'holds', 'status', 'timeout', 'figure'}
HELPERS = {'min': min, 'max': max, 'abs': abs, 'len': len, 'round': round, 'log2': math.log2}


class Mistake(Exception):
    """An entry that cannot be judged, because it is written wrongly."""


def read_entries(path):
    parser = configparser.ConfigParser(interpolation=None, delimiters=('=',),
                                       comment_prefixes=('#',), default_section='')
    try:
        with open(path, encoding='utf-8') as lines:
            parser.read_file(lines)
    except (OSError, configparser.Error) as error:
        raise Mistake(str(error).replace('\n', ' ')) from error
    for promise in parser.sections():
        entry = dict(parser[promise])
        unknown = set(entry) - KEYS
        if unknown:
            raise Mistake(f'{path}: [{promise}]: unknown key “{min(unknown)}”')
        if 'command' not in entry:
            raise Mistake(f'{path}: [{promise}]: no command')
        entry['promise'] = promise
        yield entry


def run_command(entry):
    """The command's output, its status (None after a time-out) and its duration."""
    start = time.monotonic()
    with subprocess.Popen(['bash', '-c', entry['command']], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', start_new_session=True) as child:
        try:
            output, _ = child.communicate(timeout=float(entry.get('timeout', 600)))
            status = child.returncode
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            output, _ = child.communicate()
            status = None
    return output, status, time.monotonic() - start


def number(text):
    if text is None:
        return None
    try:
        return int(text.replace(',', ''))
    except ValueError:
        pass
    try:
        return float(text.replace(',', ''))
    except ValueError:
        return text


def last_line(output):
    lines = output.strip().splitlines()
    return lines[-1] if lines else 'no output'


def find(entry, output):
    """(groups, matched text), or (None, why not)."""
    groups, matched = {}, []
    for expression in entry.get('match', '').splitlines():
        if not expression:
            continue
        try:
            found = re.search(expression, output, re.MULTILINE)
        except re.error as error:
            raise Mistake(f'[{entry["promise"]}]: match: {error}') from error
        if not found:
            return None, f'“{expression}” is not in the output, which ends: {last_line(output)}'
        groups.update({key: number(text) for key, text in found.groupdict().items()})
        matched.append(found.group(0))
    return groups, '; '.join(matched)


def judge(entry, done):
    """(whether the promise holds, the figure). done: what run_command() said."""
    output, status, seconds = done
    if status is None:
        return False, f'not done after {entry.get("timeout", 600)} s'
    if status != int(entry.get('status', 0)):
        return False, f'exit status {status}: {last_line(output)}'
    groups, matched = find(entry, output)
    if groups is None:
        return False, matched
    groups['seconds'] = seconds
    try:
        # the expression is part of this project's sources
        good = eval(entry.get('holds', 'True'), {'__builtins__': {}, **HELPERS, **groups})
        figure = entry.get('figure', '').format(**groups) or matched or f'exit status {status}'
    except Exception as error:
        raise Mistake(f'[{entry["promise"]}]: {error!r}') from error
    return bool(good), figure


def line_of(good, entry, figure):
    command = ' '.join(entry['command'].split())
    word = 'holds' if good else 'falls short'
    return f'{word}  {entry["promise"]}  —  {command}  —  {figure}'


def main(paths):
    short = 0
    try:
        for path in paths:
            last = None
            for entry in read_entries(path):
                what = (entry['command'], entry.get('timeout'))
                if what != last:
                    done = run_command(entry)
                last = what
                good, figure = judge(entry, done)
                short += not good
                print(line_of(good, entry, figure), flush=True)
    except (Mistake, ValueError) as error:
        print(f'accept: {error}', file=sys.stderr)
        return 2
    return 1 if short else 0


if __name__ == '__main__':
    if len(sys.argv) < 2 or sys.argv[1] in ('-h', '--help'):
        print(__doc__.strip())
        sys.exit(0 if len(sys.argv) > 1 else 2)
    sys.exit(main(sys.argv[1:]))
