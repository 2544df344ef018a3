# SPDX-License-Identifier: Apache-2.0
"""What an officer has opened in one session, so that nothing is opened or verified twice.

It lives in memory with the unlocked keys and dies with them. Bounded: what was opened first is
forgotten first, and is opened again when it is wanted.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import VerifyingKey
from comity.domain.ids import CopyId
from comity.wire.statement import SignedCopy

CONTENT_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of opened statements that one session keeps."""
THREADS_LIMIT: Final = 200
"""Threads of a list that one session keeps as they were opened."""
PASSED_LIMIT: Final = 100_000
"""Signatures that one session need not verify again."""


class Threads:
    """What a list was made of, by its thread; what was kept first is forgotten first."""

    def __init__(self) -> None:
        self._kept: dict[str, object] = {}
        self._lock = threading.Lock()

    def get(self, thread: str) -> object:
        return self._kept.get(thread)

    def put(self, thread: str, kept: object) -> None:
        with self._lock:
            self._kept.pop(thread, None)
            self._kept[thread] = kept
            while len(self._kept) > THREADS_LIMIT:
                del self._kept[next(iter(self._kept))]


class Remembered:
    """Opened statements by copy, signatures that passed, and the lines of the officer's keys."""

    def __init__(self) -> None:
        self.threads = Threads()
        self._copies: dict[CopyId, SignedCopy] = {}
        self._size = 0
        self._passed: dict[bytes, None] = {}
        self._keys: tuple[HybridIdentity, ...] = ()
        self._lines: dict[str, HybridIdentity] = {}
        self._lock = threading.Lock()

    def copy(self, copy: CopyId) -> SignedCopy | None:
        return self._copies.get(copy)

    def keep(self, signed: SignedCopy) -> None:
        """Keep a statement that was opened."""
        with self._lock:
            if signed.copy in self._copies or len(signed.dsse) > CONTENT_LIMIT:
                return
            self._copies[signed.copy] = signed
            self._size += len(signed.dsse)
            while self._size > CONTENT_LIMIT:
                oldest = self._copies.pop(next(iter(self._copies)))
                self._size -= len(oldest.dsse)

    def once(self, data: bytes, key: VerifyingKey, verify: Callable[[], object]) -> None:
        """Run *verify*, which raises unless *key* signed *data*; not again once it has passed."""
        mark = sha256(key.raw + data).digest()
        if mark in self._passed:
            return
        verify()
        with self._lock:
            self._passed[mark] = None
            if len(self._passed) > PASSED_LIMIT:
                del self._passed[next(iter(self._passed))]

    def by_lines(self, keys: Sequence[HybridIdentity]) -> Mapping[str, HybridIdentity]:
        """Return *keys* by the lines of their recipients; writing a line out takes a while."""
        with self._lock:
            if self._keys != tuple(keys):
                self._keys = tuple(keys)
                self._lines = {str(each.recipient): each for each in keys}
            return self._lines
