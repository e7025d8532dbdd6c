"""test-end-to-end.py: the real window, driven as assistive technology does: through AT-SPI only.

SPDX-License-Identifier: BSD-3-Clause

One story, told in steps; a step that fails ends it. The display, the message bus and with it the
accessibility bus are the test's own.
"""
import atexit
import functools
import math
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import ui_harness as harness
from tap import contains, equal, main, test

EXAMPLE = 'Two increments and a sum'
INCREMENT = 'inc-1'
LOG_3_S = 1.0986  # the slider goes by the logarithm
ALL = 6

harness.in_a_session(__file__, GTK_A11Y='atspi')

import accessible  # noqa: E402 (it asks for the bus)

FOLDER = tempfile.TemporaryDirectory()
SVG = '{http://www.w3.org/2000/svg}'
PICTURES = ('Task stream', 'Task graph', 'Progress', 'Memory', 'Held in memory',
            'Where the time goes')
PICTURE = os.path.join(FOLDER.name, 'stream.svg')
REOPENED = 'kept.weft'
RUN = os.path.join(FOLDER.name, REOPENED)
STORY = {}


def step(name):
    """A test that is not begun when the one before it has failed."""
    def add(function):
        @test(f'/weft/ui-app/end-to-end/{name}')
        def run():
            if 'failed' in STORY:
                raise AssertionError(f'{STORY["failed"]} has failed')
            try:
                function()
            except BaseException:
                STORY['failed'] = name
                describe()
                raise
        return run
    return add


def describe():
    """What there was when a step failed."""
    if 'window' not in STORY or STORY['process'].poll() is not None:
        return
    for thing in window().all():
        if thing.name and thing.role in ('frame', 'image', 'list item', 'level bar'):
            print(f'  {thing} {thing.description}', file=sys.stderr)


def window():
    return STORY['window']


@functools.cache
def page(name=EXAMPLE):
    return window().find('panel', name)


@functools.cache
def card(title, name=EXAMPLE):
    return page(name).find('panel', title)


@functools.cache
def picture(title, name=EXAMPLE):
    return card(title, name).find('image', title)


@functools.cache
def button(name):
    return window().find('panel', 'Run control').find('push button', name)


def figures(name=EXAMPLE):
    """Of the card that tells how the run stands, by title."""
    texts = [text for text in card('This run', name).texts() if text][1:]
    return dict(zip(texts[::2], texts[1::2]))


def n_ended(name=EXAMPLE):
    ended, of, n = figures(name)['Tasks ended'].split(' ')
    equal((of, n), ('of', str(ALL)))
    return int(ended)


def state(name=EXAMPLE):
    return figures(name).get('State')


def inspected(name=EXAMPLE):
    """All it says of the selected task."""
    texts = [text for text in card('Inspector', name).texts() if text]
    return texts[texts.index('Key'):] if 'Key' in texts else []


def is_same(told, again):
    """Clocks are known better at a run's end than while it goes on, by some millionths."""
    times = [re.fullmatch(r'([\d.]+)\xa0(ns|µs|ms|s)', text) for text in (told, again)]
    if None in times:
        return told == again
    return times[0][2] == times[1][2] and math.isclose(
        float(times[0][1]), float(times[1][1]), rel_tol=0.01)


def search(key, name=EXAMPLE):
    entry = window().find('entry', 'Find tasks')
    entry.write('')
    entry.write(key)
    accessible.wait(f'{key} in the inspector', lambda: key in inspected(name))


def choose_file(title, path):
    """Says where to in the dialog that has come."""
    dialog = STORY['program'].window(title)
    dialog.find('text', 'Name:').write(path)
    dialog.find('push button', lambda name: 'Save' in name.split()).do()
    accessible.wait(f'“{title}” to be gone', dialog.is_gone)
    window().find('label', text=f'“{os.path.basename(path)}” was saved')


def choose_from_menu(named, item):
    """The button to be pressed is inside the widget that has its name and the menu."""
    named.find('push button', named.name, action='click').do()
    named.find('menu item', item).do()


@step('starts')
def starts():
    STORY['process'] = subprocess.Popen([harness.GUI, '--window-size', '1500x950'],
                                        env=dict(os.environ, G_DEBUG='fatal-warnings'))
    atexit.register(STORY['process'].kill)
    STORY['program'] = accessible.program('weftline-gui')
    STORY['window'] = STORY['program'].window('Weftline')


@step('opens-and-runs-an-example')
def opens():
    start = window().find('panel', 'Start Page')
    start.find('slider', 'Duration of a task').value = LOG_3_S  # the first is the first example's
    start.find('push button', f'Run {EXAMPLE}').do()
    accessible.wait('the run’s name', lambda: window().name == EXAMPLE)


@step('pauses')
def pauses():
    button('Pause').do()
    accessible.wait('all to stand still',
                    lambda: state() == 'paused' and figures()['Running now'] == '0')
    if n_ended() >= ALL:
        raise AssertionError('it was too late')


@step('steps')
def steps():
    before = n_ended()
    while n_ended() < min(before + 2, ALL - 1):
        now = n_ended()
        button('One Task').do()
        accessible.wait('one task more', lambda: n_ended() != now)
        equal((n_ended(), state()), (now + 1, 'paused'))
    contains(picture('Task stream').description, f'{n_ended()} of {ALL} tasks')


@step('finds-and-selects')
def selects():
    window().do('win.find')
    search(INCREMENT)
    for title in ('Task stream', 'Task graph'):
        contains(picture(title).description, INCREMENT)
    picture('Task stream').do('stream.previous-task')
    accessible.wait('the task before', lambda: inspected()[1] != INCREMENT)
    contains(picture('Task graph').description, inspected()[1])
    picture('Task stream').do('stream.next-task')
    accessible.wait(INCREMENT, lambda: inspected()[1] == INCREMENT)


@step('goes-on-to-the-end')
def goes_on():
    button('Go On').do()
    accessible.wait('the end', lambda: state() == 'done')
    equal(n_ended(), ALL)
    contains('\n'.join(card('Results').texts()), '5')


@step('exports-a-picture')
def exports():
    picture('Task stream').do('stream.fit')
    choose_from_menu(card('Task stream').find('push button', 'More'), 'Save as Picture…')
    choose_file('Save as Picture', PICTURE)
    root = xml.etree.ElementTree.parse(PICTURE).getroot()
    equal(root.tag, f'{SVG}svg')
    texts = [''.join(text.itertext()) for text in root.iter(f'{SVG}text')]
    for text in ('worker 0', 'x', 'z', f'{ALL} of {ALL} tasks · 0 dropped'):
        contains(texts, text)


@step('saves')
def saves():
    choose_from_menu(window().find('push button', 'Main Menu'), 'Save Run As…')
    choose_file('Save the Run', RUN)


@step('reopens-and-shows-the-same')
def reopens():
    """Handed over by a second process, which the one instance outlives."""
    path = f'{os.path.dirname(harness.GUI)}:{os.environ["PATH"]}'
    subprocess.run([harness.COMMAND, 'open', RUN], env=dict(os.environ, PATH=path), timeout=30,
                   check=True)
    accessible.wait('the file’s name', lambda: window().name == REOPENED)
    accessible.wait('the end', lambda: state(REOPENED) == 'done')
    for title, figure in figures().items():
        equal((title, figures(REOPENED)[title]), (title, figure))
    search(INCREMENT, REOPENED)
    for title in PICTURES:
        accessible.wait(f'the same in “{title}”', lambda: (
            picture(title, REOPENED).description == picture(title).description))
    equal(len(inspected(REOPENED)), len(inspected()))
    for told, again in zip(inspected(), inspected(REOPENED)):
        if not is_same(told, again):
            equal(again, told)


@step('names-every-control')
def names():
    """What can be focused has a name that somebody gave it, not its type's; pictures say what they
    show, and bars how far they are."""
    judged = [thing for thing in window().all()
              if thing.is_shown() and thing.can_be_focused() and not is_the_toolkits(thing)]
    if len(judged) < 100:
        raise AssertionError(f'only {len(judged)} controls were found')
    equal([str(thing) for thing in judged
           if not thing.name or thing.name.startswith(('Gtk', 'Adw', 'Weftline'))], [])
    equal([title for title in PICTURES if not picture(title, REOPENED).description], [])
    equal(page(REOPENED).find('level bar').value, 1)


def is_the_toolkits(thing):
    """Without a name that we could give: what scrolls, what is named by what is in it, lists
    inside rows, the button of a message."""
    return (thing.role in ('scroll pane', 'list item')
            or (thing.role, thing.name) in (('list', 'GtkListBox'), ('push button', 'GtkImage')))


@step('closes')
def closes():
    window().do('window.close')
    equal(STORY['process'].wait(20), 0)


main()
