"""test-screenshots.py: the pictures of the window are those that the script makes, and not old.

SPDX-License-Identifier: BSD-3-Clause

Each kind of mistake is made in a copy, too, where it must be found: so no check is blind.
"""
import os
import shutil
import tempfile

import harness
from tap import equal, main, test

import shown

ROOT = harness.SOURCE_ROOT
PICTURES = shown.pictures(ROOT)


class Copy:
    """What of the project is looked at, to be changed."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        paths = ['dev', 'README.md', 'ui/app/weftline-cards.c', 'data/screenshots/shown']
        for name, (_, style, layout) in PICTURES.items():
            paths += [f'data/screenshots/{name}.png', *shown.references(ROOT, layout, style)]
        for path in set(paths):
            os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
            shutil.copyfile(os.path.join(ROOT, path), self.at(path))

    def at(self, path):
        return os.path.join(self.root, path)

    def replace(self, path, old, new):
        data = shown.read(self.root, path)
        equal(old in data, True)
        with open(self.at(path), 'wb') as out:
            out.write(data.replace(old, new, 1))

    def wrong(self):
        return list(shown.wrong(self.root))


@test('/weft/project/screenshots/are-as-the-window-is')
def as_it_is():
    equal(len(PICTURES) >= 3, True)
    equal(list(shown.wrong(ROOT)), [])
    equal(Copy().wrong(), [])


@test('/weft/project/screenshots/each-has-views-with-references')
def with_references():
    """Else nothing of what it shows could be compared."""
    for _, style, layout in PICTURES.values():
        names = [os.path.basename(path) for path in shown.references(ROOT, layout, style)]
        equal({f'timeline-safe-{style}.png', f'graph-safe-{style}.png',
               f'progress-safe-{style}.png'} & set(names) != set(), True)
        equal(f'scrub-safe-{style}.png' in names, True)


@test('/weft/project/screenshots/others-are-seen')
def others():
    copy = Copy()
    shutil.copyfile(copy.at('data/screenshots/graph-light.png'),
                    copy.at('data/screenshots/by-hand.png'))
    os.remove(copy.at('data/screenshots/learn-dark.png'))
    equal(copy.wrong(), ['by-hand: nothing makes it', 'learn-dark: there is no such file'])


@test('/weft/project/screenshots/one-not-shown-is-seen')
def not_shown():
    copy = Copy()
    copy.replace('README.md', b'](data/screenshots/graph-light.png)', b'](data/doc/idea.svg)')
    equal(copy.wrong(), ['graph-light: README.md does not show it'])


@test('/weft/project/screenshots/another-size-is-seen')
def another_size():
    copy = Copy()
    with open(copy.at('data/screenshots/graph-light.png'), 'r+b') as picture:
        picture.seek(16)
        picture.write((800).to_bytes(4, 'big'))
    equal(copy.wrong(), ['graph-light: it is of another size: (800, 1000)'])


@test('/weft/project/screenshots/old-ones-are-seen')
def old():
    """A view that looks otherwise counts for the pictures that have it in that style."""
    copy = Copy()
    with open(copy.at('tests/ui-timeline/references/timeline-safe-dark.png'), 'ab') as picture:
        picture.write(b'another')
    equal([line.split(':')[0] for line in copy.wrong()],
          [name for name, (_, style, layout) in sorted(PICTURES.items())
           if style == 'dark' and ' stream' in shown.panes(ROOT, layout)])
    equal(len(copy.wrong()) > 0, True)
    copy = Copy()
    copy.replace('ui/app/weftline-cards.c', b'h(76 graph', b'h(70 graph')
    equal([line.split(':')[0] for line in copy.wrong()], ['graph-light'])
    copy = Copy()
    copy.replace('dev', b'--example increments', b'--example loop')
    equal([line.split(':')[0] for line in copy.wrong()], ['learn-dark'])


main()
