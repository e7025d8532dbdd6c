"""test-keys.py: every key that the shortcuts window promises for the window, pressed for real.

SPDX-License-Identifier: BSD-3-Clause

The keys of the drawn views are judged by test-view-keys.c, which sees what they show. One window, a
run of tasks that take long: what a key did is read through AT-SPI.
"""
import atexit
import json
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree

import ui_harness as harness
from tap import contains, equal, main, test

harness.in_a_session(__file__, GTK_A11Y='atspi')

import accessible  # noqa: E402 (it asks for the bus)
import keyboard  # noqa: E402 (it needs the display)

FOLDER = tempfile.TemporaryDirectory()
NAME = 'keys'
N_TASKS = 400
STORY = {}
KEYS = keyboard.Keyboard()
# what is not the window's but a view's: see test-view-keys.c
OF_VIEWS = {'Task stream and graph'}


def window():
    return STORY['window']


def start():
    path = os.path.join(FOLDER.name, 'keys.json')
    tasks = {f'{group}-{i}': {'op': 'sleep', 'args': [0.05, i]}
             for i in range(N_TASKS // 2) for group in ('first', 'second')}
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'weftline': 1, 'name': NAME, 'tasks': tasks}, file)
    env = dict(os.environ, G_DEBUG='fatal-warnings', GSETTINGS_BACKEND='memory')
    env['ASAN_OPTIONS'] = ':'.join(filter(None, [env.get('ASAN_OPTIONS'), 'detect_leaks=0']))
    STORY['process'] = subprocess.Popen([harness.GUI, path], env=env)
    atexit.register(STORY['process'].kill)
    STORY['program'] = accessible.program('weftline-gui')
    STORY['window'] = STORY['program'].window(NAME)
    accessible.wait('the window to take keys', lambda: KEYS.give_focus(NAME))


def press(keys, what, look):
    """Presses once, and waits for what it is to do."""
    KEYS.press(keys)
    return accessible.wait(f'{keys}: {what}', look)


def figures():
    texts = [text for text in window().find('panel', NAME).find('panel', 'This run').texts()
             if text][1:]
    return dict(zip(texts[::2], texts[1::2]))


def state():
    return figures().get('State')


def n_ended():
    return int(figures()['Tasks ended'].split(' ')[0])


def picture(title):
    return window().find('panel', NAME).find('panel', title).find('image', title)


def is_layout(name):
    return window().find('panel', 'Layout').find('push button', name).is_pressed()


def stands_still():
    return state() == 'paused' and figures().get('Running now') == '0'


def dialog(name):
    return next((child for child in STORY['program'].children()
                 if child.name == name and child.is_shown()), None)


def close_dialog(name):
    accessible.wait(f'“{name}” to take keys', lambda: KEYS.give_focus(name))
    press('Escape', f'“{name}” to close', lambda: dialog(name) is None)
    accessible.wait('the window to take keys', lambda: KEYS.give_focus(NAME))


@test('/weft/ui-app/keys/run-pause-step-stop')
def runs():
    """F8 runs one task and no more; F10 is the menu's, as on any GNOME desktop."""
    start()
    press('F5', 'the run to go on', lambda: state() == 'running')
    press('F5', 'the run to pause', stands_still)
    for _ in range(3):
        before = n_ended()
        press('F8', 'one task', lambda: n_ended() != before and stands_still())
        equal(n_ended(), before + 1)
    before = n_ended()
    menu = window().find('push button', 'Main Menu')
    press('F10', 'the menu', lambda: menu.look_for('menu item', 'Preferences'))
    KEYS.press('Escape')
    KEYS.press('Escape')
    equal(n_ended(), before)


@test('/weft/ui-app/keys/layouts')
def layouts():
    for key, name in (('alt+2', 'Graph'), ('alt+3', 'Learn'), ('alt+4', 'Tasks'),
                      ('alt+1', 'Dashboard')):
        press(key, f'the layout “{name}”', lambda name=name: is_layout(name))


@test('/weft/ui-app/keys/time')
def time():
    """The past, back to now by either key."""
    for back in ('alt+End', 'Escape'):
        press('alt+Left', 'a moment of the past',
              lambda: 'as of' in picture('Task stream').description)
        moment = picture('Task stream').description
        press('alt+Left', 'an earlier one', lambda: picture('Task stream').description != moment)
        press('alt+Right', 'the one before', lambda: picture('Task stream').description == moment)
        press(back, 'now', lambda: 'as of' not in picture('Task stream').description)


@test('/weft/ui-app/keys/tab-and-arrows')
def tab():
    """Every drawn view is reached by Tab; arrows select in Progress."""
    left = {'Task stream', 'Task graph', 'Progress', 'Memory', 'Held in memory',
            'Where the time goes'}
    pictures = {title: picture(title) for title in left}
    for _ in range(150):
        KEYS.press('Tab')
        accessible.wait('something to have the focus', focused)
        left -= {title for title in left if pictures[title].has_focus()}
        if 'Progress' not in left and 'arrows' not in STORY:
            STORY['arrows'] = True
            press('Down', 'a group', lambda: 'group first is selected'
                  in pictures['Progress'].description)
            press('Down', 'the next', lambda: 'group second is selected'
                  in pictures['Progress'].description)
            contains(pictures['Task graph'].description, 'group second is selected')
            press('Escape', 'no group', lambda: 'selected' not in pictures['Progress'].description)
        if not left:
            break
    equal(left, set())


def focused():
    return any(thing.has_focus() for thing in window().all())


@test('/weft/ui-app/keys/the-rest-of-the-window')
def rest():
    sidebar = window().find('push button', 'Show the Runs')
    was = sidebar.is_pressed()
    press('F9', 'the sidebar to change', lambda: sidebar.is_pressed() != was)
    press('F9', 'the sidebar as before', lambda: sidebar.is_pressed() == was)
    press('ctrl+f', 'the search', lambda: window().look_for('entry', 'Find tasks').has_focus())
    press('Escape', 'the search to close',
          lambda: not window().look_for('entry', 'Find tasks').has_focus())
    press('ctrl+b', 'where to stop', lambda: window().look_for('check box', 'First error')
          .has_focus())
    press('Escape', 'that to close', lambda: not window().look_for('check box', 'First error'))
    for key, name in (('ctrl+o', 'Open a Graph or a Run'), ('ctrl+s', 'Save the Run'),
                      ('ctrl+comma', 'Preferences')):
        press(key, f'“{name}”', lambda name=name: dialog(name))
        close_dialog(name)


@test('/weft/ui-app/keys/stop-close-quit')
def stops():
    press('shift+F5', 'the run to be cancelled', lambda: state() == 'cancelled')
    press('ctrl+n', 'the start page', lambda: window().name == 'Weftline')
    accessible.wait('the window to take keys', lambda: KEYS.give_focus('Weftline'))
    row = window().find('list', 'Runs').find('list item')
    for _ in range(60):
        if row.has_focus():
            break
        KEYS.press('Tab')
        accessible.wait('something to have the focus', focused)
    press('space', 'the run to be shown', lambda: window().name == NAME)
    press('ctrl+w', 'the run to be closed', lambda: window().name == 'Weftline'
          and not window().find('list', 'Runs').look_for('list item'))
    accessible.wait('the window to take keys', lambda: KEYS.give_focus('Weftline'))
    KEYS.press('ctrl+q')
    equal(STORY['process'].wait(20), 0)


@test('/weft/ui-app/keys/all-are-told-of')
def told():
    """Each action with keys is in the shortcuts window, and no key is promised twice in a group."""
    ui = xml.etree.ElementTree.parse(
        os.path.join(harness.SOURCE_ROOT, 'ui', 'app', 'help-overlay.ui'))
    named = {text.text for text in ui.iter('property') if text.get('name') == 'action-name'}
    with open(os.path.join(harness.SOURCE_ROOT, 'ui', 'app', 'weftline-application.c'),
              encoding='utf-8') as file:
        set_keys = re.findall(r'\{ "((?:app|win)\.[^"]+)", \{ ("[^}]+") \} \}', file.read())
    equal(sorted(named), sorted(action for action, _ in set_keys))
    keys = [key for _, several in set_keys for key in re.findall(r'"([^"]+)"', several)]
    equal(sorted(set(keys)), sorted(keys))
    equal([key for key in keys if key == 'F10'], [])
    for group in ui.iter('object'):
        if group.get('class') != 'GtkShortcutsGroup':
            continue
        title = next(p.text for p in group.iter('property') if p.get('name') == 'title')
        accels = [key for p in group.iter('property') if p.get('name') == 'accelerator'
                  for key in p.text.split()]
        equal(sorted(set(accels)), sorted(accels))
        if accels and title not in OF_VIEWS | {'Time'}:
            raise AssertionError(f'who judges {accels} of “{title}”?')


main()
