# SPDX-License-Identifier: Apache-2.0
"""A poor link for tests: a proxy on loopback that lets through so many bytes a second, and breaks."""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

STEP = 0.02
"""Seconds between two gulps."""


@dataclass
class Link:
    """What lies between a browser and a server."""

    to: tuple[str, int]
    rate: int
    """Bytes a second, each way, all connections together."""
    port: int = 0
    sent: int = 0
    """Bytes that went towards the server."""
    received: int = 0
    breaks: int = 0
    _down: float = 0.0
    _ends: bool = False
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _gates: tuple[threading.Lock, threading.Lock] = field(
        default_factory=lambda: (threading.Lock(), threading.Lock())
    )
    """One line each way for all connections together."""

    @classmethod
    @contextmanager
    def to_server(cls, address: str, rate: int) -> Iterator[Self]:
        host, port = address.removeprefix("http://").split(":")
        link = cls((host, int(port)), rate)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            link.port = listening.getsockname()[1]
            thread = threading.Thread(target=link._listen, args=(listening,), daemon=True)
            thread.start()
            try:
                yield link
            finally:
                link._ends = True
                link._hang_up()
                thread.join(timeout=5)

    @property
    def address(self) -> str:
        return f"http://ke.localhost:{self.port}"

    def cut(self, seconds: float) -> None:
        """Break every connection, and let none be made for so long."""
        self.breaks += 1
        self._down = time.monotonic() + seconds
        self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _listen(self, listening: socket.socket) -> None:
        while not self._ends:
            if select.select([listening], [], [], 0.1)[0]:
                near, _ = listening.accept()
                if time.monotonic() < self._down:
                    near.close()
                    continue
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(self.to) as far:
            with self._lock:
                self._open |= {near, far}
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far)
            back.join()
            with self._lock:
                self._open -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        outward = sink.getpeername() == self.to
        with contextlib.suppress(OSError):
            while data := source.recv(max(1, int(self.rate * STEP))):
                with self._gates[outward]:
                    time.sleep(len(data) / self.rate)
                if outward:
                    self.sent += len(data)
                else:
                    self.received += len(data)
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
