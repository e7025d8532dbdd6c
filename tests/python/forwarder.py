"""forwarder.py: stands between a program and a server, as networks and proxies do.

SPDX-License-Identifier: BSD-3-Clause
"""
import socket
import threading


class Forwarder:
    """Listens at `port` and hands all bytes on to `target`, a port of this machine. cut() ends what
    is connected; while target is None nobody is let in. context: an ssl.SSLContext, for those who
    come."""

    def __init__(self, target, context=None):
        self.target = target
        self._context = context
        self._made = []
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._end(self._listener)
        self.cut()

    def cut(self):
        made, self._made = self._made, []
        for each in made:
            self._end(each)

    @staticmethod
    def _end(made):
        try:
            made.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        made.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.target is None:
                near.close()
                continue
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near):
        try:
            if self._context is not None:
                near = self._context.wrap_socket(near, server_side=True)
            far = socket.create_connection(('127.0.0.1', self.target))
        except OSError:
            near.close()
            return
        self._made += [near, far]
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for each in (one, other):
            self._end(each)
