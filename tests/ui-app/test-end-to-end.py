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
INCREMENT = 'inc-2'
TIME = re.compile(r'([\d.]+)(?=\xa0(?:ns|µs|ms|s|%))')
LOG_3_S = 1.0986  # the slider goes by the logarithm
ALL = 3

harness.in_a_session(__file__, GTK_A11Y='atspi')

import accessible  # noqa: E402 (it asks for the bus)

FOLDER = tempfile.TemporaryDirectory()
SVG = '{http://www.w3.org/2000/svg}'
PICTURES = {'Learn': ('Task stream', 'Task graph'),
            'Dashboard': ('Task stream', 'Task graph', 'Progress', 'Memory', 'Held in memory',
                          'Where the time goes')}
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
    """Clocks are known better at a run's end than while it goes on, by some millionths; so the
    last digit of a time, or of a share of it, may be another."""
    if TIME.sub('', told) != TIME.sub('', again):
        return False
    return all(math.isclose(float(one), float(other), rel_tol=0.01, abs_tol=0.11)
               for one, other in zip(TIME.findall(told), TIME.findall(again)))


def same(again, told):
    if not is_same(told, again):
        equal(again, told)


def search(key, name=EXAMPLE):
    entry = window().find('entry', 'Find tasks')
    entry.write('')
    entry.write(key)
    accessible.wait(f'{key} in the inspector', lambda: key in inspected(name))


def layout_button(name):
    return window().find('panel', 'Layout').find('push button', name)


def choose_layout(name):
    """Cards that it does not have are not told of then."""
    layout_button(name).do()
    for found in (card, picture):
        found.cache_clear()
    accessible.wait(f'the layout “{name}”', layout_button(name).is_pressed)


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


def start(title, *arguments):
    """Settings are kept in a file, so that another start finds them."""
    for found in (page, card, picture, button):
        found.cache_clear()
    env = dict(os.environ, G_DEBUG='fatal-warnings', GSETTINGS_BACKEND='keyfile')
    # What GTK keeps for the accessibility bus is still there at the end.
    env['ASAN_OPTIONS'] = ':'.join(filter(None, [env.get('ASAN_OPTIONS'), 'detect_leaks=0']))
    STORY['process'] = subprocess.Popen([harness.GUI, *arguments], env=env)
    atexit.register(STORY['process'].kill)
    STORY['program'] = accessible.program('weftline-gui')
    STORY['window'] = STORY['program'].window(title)


def close():
    window().do_last('window.close')
    equal(STORY['process'].wait(20), 0)


@step('starts')
def starts():
    start('Weftline')


@step('opens-and-runs-an-example')
def opens():
    examples = window().find('panel', 'Start Page')
    examples.find('slider', 'Duration of a task').value = LOG_3_S  # of the first example
    examples.find('slider', 'Workers').value = 0  # one (likewise): something is left to step
    examples.find('push button', f'Run {EXAMPLE}').do()
    accessible.wait('the run’s name', lambda: window().name == EXAMPLE)


@step('pauses')
def pauses():
    button('Pause').do()
    choose_layout('Learn')
    accessible.wait('all to stand still',
                    lambda: state() == 'paused' and figures().get('Running now') == '0')
    if n_ended() >= ALL:
        raise AssertionError('it was too late')


@step('steps')
def steps():
    before = n_ended()
    while n_ended() < min(before + 2, ALL - 1):
        now = n_ended()
        button('One Task').do()
        accessible.wait('another pause', lambda: n_ended() != now and state() == 'paused')
        equal(n_ended(), now + 1)
    accessible.wait('the stream to say so', lambda: (
        f'{n_ended()} of {ALL} tasks' in picture('Task stream').description))


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
    contains(card('Results').texts(), 'add: 5')


@step('exports-a-picture')
def exports():
    for _ in range(2):  # the selected task, then all
        picture('Task stream').do('stream.fit')
    choose_from_menu(card('Task stream').find('push button', 'More'), 'Save as Picture…')
    choose_file('Save as Picture', PICTURE)
    root = xml.etree.ElementTree.parse(PICTURE).getroot()
    equal(root.tag, f'{SVG}svg')
    texts = [''.join(text.itertext()) for text in root.iter(f'{SVG}text')]
    for text in ('worker 0', 'inc', 'add', f'{ALL} of {ALL} tasks · 0 dropped'):
        contains(texts, text)


@step('saves')
def saves():
    choose_from_menu(window().find('push button', 'Main Menu'), 'Save Run As…')
    choose_file('Save the Run', RUN)


@step('reopens-and-shows-the-same')
def reopens():
    """Handed over by a second process, which the one instance outlives; also one that is called
    with nonsense."""
    equal(subprocess.run([harness.GUI, '--window-size', 'wide'], timeout=30,
                         check=False).returncode, 2)
    path = f'{os.path.dirname(harness.GUI)}:{os.environ["PATH"]}'
    subprocess.run([harness.COMMAND, 'open', REOPENED], cwd=FOLDER.name,
                   env=dict(os.environ, PATH=path), timeout=30, check=True)
    accessible.wait('the file’s name', lambda: window().name == REOPENED)
    accessible.wait('the end', lambda: state(REOPENED) == 'done')
    equal(figures(REOPENED).keys(), figures().keys())
    for title, figure in figures().items():
        same(figures(REOPENED)[title], figure)
    search(INCREMENT, REOPENED)
    equal(len(inspected(REOPENED)), len(inspected()))
    for told, again in zip(inspected(), inspected(REOPENED)):
        same(again, told)
    for layout, titles in PICTURES.items():
        choose_layout(layout)
        for title in titles:
            accessible.wait(f'the same in “{title}”', lambda title=title: is_same(
                picture(title).description, picture(title, REOPENED).description))


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
    equal([title for title in PICTURES['Dashboard']
           if not picture(title, REOPENED).description], [])
    equal(page(REOPENED).find('level bar').value, 1)


def is_the_toolkits(thing):
    """Without a name that we could give: what scrolls, what is named by what is in it, lists
    inside rows, the button of a message."""
    return (thing.role in ('scroll pane', 'list item')
            or (thing.role, thing.name) in (('list', 'GtkListBox'), ('push button', 'GtkImage')))


def is_as_it_was_left():
    cards = {thing.name for thing in page(REOPENED).find('panel', 'Panes').children()}
    return layout_button('Graph').is_pressed() and 'Task graph' in cards and not {
        'Progress', 'Memory'} & cards


@step('remembers-panes-over-a-restart')
def remembers():
    """Another layout is chosen, and one of its panes is hidden."""
    choose_layout('Graph')
    card('Progress', REOPENED).find('push button', 'Hide').do()
    accessible.wait('a pane to be hidden', is_as_it_was_left)
    close()
    start(REOPENED, RUN)
    accessible.wait('the layout as it was left', is_as_it_was_left)


@step('closes')
def closes():
    close()


main()
