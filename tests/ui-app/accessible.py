"""accessible.py: a program as assistive technology sees it: a tree of objects with roles, names,
texts and values, that can be found, read and told what to do.

SPDX-License-Identifier: BSD-3-Clause

Objects come and go while one looks: what is gone is nothing found. Nothing is kept between two
looks, so what is read is what the program says now.
"""
import collections
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402 (the version has to be named first)

LOOK_SECONDS = 0.03
LIMIT_SECONDS = 20


def wait(what, look, seconds=LIMIT_SECONDS):
    """Returns what look() returns as soon as that is true or anything else but nothing."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = look()
        except GLib.Error:  # it has gone while it was looked at
            found = None
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f'waited {seconds} s for {what}')
        time.sleep(LOOK_SECONDS)


class Thing:
    """One object of the tree."""

    def __init__(self, accessible):
        self.accessible = accessible

    @property
    def role(self):
        return self.accessible.get_role_name()

    @property
    def name(self):
        return self.accessible.get_name() or ''

    @property
    def description(self):
        return self.accessible.get_description() or ''

    @property
    def text(self):
        return Atspi.Text.get_text(self.accessible, 0,
                                   Atspi.Text.get_character_count(self.accessible))

    @property
    def value(self):
        return Atspi.Value.get_current_value(self.accessible)

    @value.setter
    def value(self, value):
        if not Atspi.Value.set_current_value(self.accessible, value):
            raise AssertionError(f'{self} does not take a value')

    def has(self, state):
        return self.accessible.get_state_set().contains(state)

    def is_shown(self):
        return not self.is_gone() and self.has(Atspi.StateType.VISIBLE)

    def is_pressed(self):
        return self.has(Atspi.StateType.PRESSED)

    def can_be_focused(self):
        return self.has(Atspi.StateType.FOCUSABLE)

    def has_focus(self):
        return self.has(Atspi.StateType.FOCUSED)

    def interfaces(self):
        return self.accessible.get_interfaces()

    def actions(self):
        n = Atspi.Action.get_n_actions(self.accessible)
        return [Atspi.Action.get_action_name(self.accessible, i) for i in range(n)]

    def can(self, action):
        return action in self.actions()

    def do(self, action='click'):
        """Waits until it can, as what may be done now is told by and by."""
        wait(f'{self} to have the action {action}', lambda: self.can(action))
        if not Atspi.Action.do_action(self.accessible, self.actions().index(action)):
            raise AssertionError(f'{self} did not do {action}')

    def do_last(self, action):
        """What ends the program, which may be gone before it has answered."""
        try:
            self.do(action)
        except GLib.GError as error:
            if error.domain != 'atspi_error':
                raise

    def write(self, text):
        if not Atspi.EditableText.set_text_contents(self.accessible, text):
            raise AssertionError(f'{self} did not take {text!r}')

    def focus(self):
        if not Atspi.Component.grab_focus(self.accessible):
            raise AssertionError(f'{self} did not take the focus')

    def is_gone(self):
        try:
            return self.has(Atspi.StateType.DEFUNCT)
        except GLib.Error:
            return True

    def children(self):
        """GTK 4.8 crashes when a program is asked for a window by a number that is too high, so do
        not ask for windows while one of them may go: is_gone() tells that."""
        for i in range(self.accessible.get_child_count()):
            child = self.accessible.get_child_at_index(i)
            if child is not None:
                yield Thing(child)

    def all(self):
        """Itself and all below it, in the tree's order."""
        yield self
        for child in self.children():
            yield from child.all()

    def by_depth(self):
        """The same, what is near first: each look at an object takes its time."""
        things = collections.deque([self])
        while things:
            yield things[0]
            try:
                things.extend(things.popleft().children())
            except GLib.Error:
                continue

    def look_for(self, role=None, name=None, text=None, action=None):
        """The nearest below it. Name and text may be functions that judge it."""
        for thing in self.by_depth():
            try:
                if ((role is None or thing.role == role) and _fits(name, thing, 'name')
                        and (action is None or thing.can(action)) and _fits(text, thing, 'text')):
                    return thing
            except GLib.Error:
                continue
        return None

    def find(self, role=None, name=None, text=None, action=None, seconds=LIMIT_SECONDS):
        wanted = [str(what) for what in (role, name, text, action) if what is not None]
        return wait(f'{", ".join(wanted)} in {self}',
                    lambda: self.look_for(role, name, text, action), seconds)

    def window(self, name):
        return wait(f'the window “{name}”',
                    lambda: next((child for child in self.children() if child.name == name), None))

    def texts(self):
        """Of all labels below it, in their order."""
        return [thing.text for thing in self.all() if thing.role == 'label']

    def __str__(self):
        try:
            return f'{self.role} “{self.name}”'
        except GLib.Error:
            return 'something that has gone'


def _fits(wanted, thing, what):
    """Texts are only asked of what has one."""
    if wanted is None:
        return True
    if what == 'text' and 'Text' not in thing.interfaces():
        return False
    told = getattr(thing, what)
    return wanted(told) if callable(wanted) else told == wanted


def program(name, seconds=LIMIT_SECONDS):
    """The running program of that name."""
    desktop = Atspi.get_desktop(0)
    desktop.set_cache_mask(Atspi.Cache.NONE)

    def look():
        for thing in Thing(desktop).children():
            thing.accessible.set_cache_mask(Atspi.Cache.NONE)
            if thing.name == name:
                return thing
        return None
    return wait(f'the program {name}', look, seconds)
