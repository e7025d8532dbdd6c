"""keyboard.py: keys of a display, pressed as a keyboard would, through the XTEST extension.

SPDX-License-Identifier: BSD-3-Clause

There is no window manager: the window that is to have the keys is given them here.
"""
import ctypes

X11 = ctypes.CDLL('libX11.so.6')
XTST = ctypes.CDLL('libXtst.so.6')
X11.XOpenDisplay.restype = ctypes.c_void_p
X11.XOpenDisplay.argtypes = [ctypes.c_char_p]
X11.XDefaultRootWindow.restype = ctypes.c_ulong
X11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
X11.XStringToKeysym.restype = ctypes.c_ulong
X11.XStringToKeysym.argtypes = [ctypes.c_char_p]
X11.XKeysymToKeycode.restype = ctypes.c_ubyte
X11.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
X11.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
X11.XSetInputFocus.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
X11.XQueryTree.argtypes = [ctypes.c_void_p, ctypes.c_ulong] + [ctypes.c_void_p] * 4
X11.XFetchName.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p]
X11.XFree.argtypes = [ctypes.c_void_p]
XTST.XTestFakeKeyEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]

# A window that is not shown yet, or no more, takes no focus: asked for again, it is no error.
IGNORE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)
X11.XSetErrorHandler(IGNORE)

PARENT = 2  # RevertToParent
MODIFIERS = {'ctrl': 'Control_L', 'shift': 'Shift_L', 'alt': 'Alt_L'}


class Keyboard:
    def __init__(self):
        self.display = X11.XOpenDisplay(None)
        if not self.display:
            raise AssertionError('there is no display')

    def _windows(self):
        root = X11.XDefaultRootWindow(self.display)
        ids = (ctypes.c_ulong(), ctypes.c_ulong())
        children, n = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        X11.XQueryTree(self.display, root, ctypes.byref(ids[0]), ctypes.byref(ids[1]),
                       ctypes.byref(children), ctypes.byref(n))
        found = [children[i] for i in range(n.value)]
        if n.value:
            X11.XFree(children)
        return found

    def _name(self, window):
        name = ctypes.c_char_p()
        X11.XFetchName(self.display, window, ctypes.byref(name))
        return (name.value or b'').decode('utf-8', 'replace')

    def give_focus(self, name):
        """Returns: whether there is a window of that name."""
        for window in self._windows():
            if self._name(window) == name:
                X11.XSetInputFocus(self.display, window, PARENT, 0)
                X11.XSync(self.display, 0)
                return True
        return False

    def _send(self, keysym, is_down):
        code = X11.XKeysymToKeycode(self.display, X11.XStringToKeysym(keysym.encode()))
        if code == 0:
            raise AssertionError(f'no key {keysym}')
        XTST.XTestFakeKeyEvent(self.display, code, is_down, 0)

    def press(self, keys):
        """Such as “F5”, “ctrl+f”, “shift+Tab”."""
        *held, key = keys.split('+')
        for modifier in held:
            self._send(MODIFIERS[modifier], 1)
        self._send(key, 1)
        self._send(key, 0)
        for modifier in reversed(held):
            self._send(MODIFIERS[modifier], 0)
        X11.XSync(self.display, 0)
