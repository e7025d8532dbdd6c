#!/usr/bin/python3
"""shown.py: what the pictures of the window in data/screenshots show, in a number each.

SPDX-License-Identifier: BSD-3-Clause

Usage: shown.py NAME...

Notes in data/screenshots/shown what a picture that was just made shows: how `./dev screenshots`
makes it, the panes of its layout, and the views in them as their reference pictures have them in
the picture's style. Where one of these is another, the picture is older than what it shows. Words
that are not drawn, and what has no reference, count for nothing.
"""
import hashlib
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = 'data/screenshots'
# A card's view, where it has references of another name.
VIEWS = {'stream': 'timeline', 'resources': 'resource'}


def read(root, path):
    with open(os.path.join(root, path), 'rb') as source:
        return source.read()


def text(root, path):
    return read(root, path).decode('utf-8')


def pictures(root):
    """{name: (how it is made, its style, its layout)}"""
    lines = re.search(r'^screenshots=\(\n(.*?)^\)', text(root, 'dev'), re.DOTALL | re.MULTILINE)
    return {line.split()[0]: (line, line.split()[1], re.search(r'--layout (\w+)', line).group(1))
            for line in re.findall(r'^ +"(.*)"$', lines.group(1), re.MULTILINE)}


def size(root):
    """(width, height), as the script asks for."""
    found = re.search(r'^screenshot_size=(\d+)x(\d+)$', text(root, 'dev'), re.MULTILINE)
    return int(found.group(1)), int(found.group(2))


def size_of(root, name):
    """That of the picture, as its file says."""
    head = read(root, f'{FOLDER}/{name}.png')[16:24]
    return int.from_bytes(head[:4], 'big'), int.from_bytes(head[4:], 'big')


def panes(root, layout):
    """The tree of a layout, as text."""
    found = re.search(rf'^  {{ "{layout}", N_ \("[^"]*"\),((?:\s*"[^"]*")+),',
                      text(root, 'ui/app/weftline-cards.c'), re.MULTILINE)
    return ''.join(re.findall(r'"([^"]*)"', found.group(1)))


def references(root, layout, style):
    """The pictures of the views in a layout, and of the bar above them, as files."""
    views = {VIEWS.get(card, card) for card in re.findall(r'[a-z]\w+', panes(root, layout))}
    wanted = {f'{view}-safe-{style}.png' for view in views | {'scrub'}}
    folders = (f'tests/{name}/references' for name in sorted(os.listdir(f'{root}/tests'))
               if os.path.isdir(f'{root}/tests/{name}/references'))
    return [f'{folder}/{name}' for folder in folders
            for name in sorted(os.listdir(os.path.join(root, folder))) if name in wanted]


def number(root, name):
    line, style, layout = pictures(root)[name]
    total = hashlib.sha256(f'{line}\n{size(root)}\n{panes(root, layout)}\n'.encode())
    for path in references(root, layout, style):
        total.update(os.path.basename(path).encode() + hashlib.sha256(read(root, path)).digest())
    return total.hexdigest()[:16]


def noted(root):
    """{name: its number when it was made}"""
    path = f'{FOLDER}/shown'
    if not os.path.exists(os.path.join(root, path)):
        return {}
    return dict(line.split() for line in text(root, path).splitlines())


def wrong(root):
    """A line of text for each thing that is not as it should be."""
    known = pictures(root)
    files = {name[:-4] for name in os.listdir(os.path.join(root, FOLDER)) if name.endswith('.png')}
    readme = text(root, 'README.md')
    for name in sorted(files ^ set(known)):
        yield f'{name}: ' + ('nothing makes it' if name in files else 'there is no such file')
    for name in sorted(files & set(known)):
        if f']({FOLDER}/{name}.png)' not in readme:
            yield f'{name}: README.md does not show it'
        if size_of(root, name) != size(root):
            yield f'{name}: it is of another size: {size_of(root, name)}'
        if noted(root).get(name) != number(root, name):
            yield f'{name}: what it shows looks otherwise now: ./dev screenshots {name}'


def main(names):
    now = {name: value for name, value in noted(ROOT).items() if name in pictures(ROOT)}
    now.update({name: number(ROOT, name) for name in names})
    with open(os.path.join(ROOT, FOLDER, 'shown'), 'w', encoding='utf-8') as out:
        out.writelines(f'{name} {now[name]}\n' for name in sorted(now))


if __name__ == '__main__':
    main(sys.argv[1:])
