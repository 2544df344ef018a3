# SPDX-License-Identifier: Apache-2.0
"""Sessions: an officer stays unlocked between two pages, and no longer.

(1) Signing in is unlocking: the passphrase opens the officer's keys, and they go into one row,
    sealed under a key that is derived from the secret in his cookie *and* a pepper of the house
    key. So whichever process is called next can serve him, and a thief of the disk, with the
    house key or without, opens nothing: the secret is in the browser alone.
(2) A session ends when nothing was called for a while, at a fixed moment whatever was called, when
    he leaves, and when his keys change or he is revoked.
(3) What a process has opened of a session it keeps in memory until then, never longer: each call
    looks at the row first.
"""

import hmac
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

import msgspec

from comity.crypto.vault import Vault
from comity.domain.ids import OfficerId
from comity.errors import Damaged, Locked, NotCompetent, Untrusted
from comity.services.address_book import read_book
from comity.services.epochs import sign_in
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.unlock import renewed, reseated
from comity.storage.sessions import SessionFile, SessionRow
from comity.wire import identity
from comity.wire.identity import IdentityFile

FILE: Final = "sessions.db"
SECRET_SIZE: Final = 32
ROOM: Final = "session"
MILLI: Final = timedelta(milliseconds=1)
TOUCH: Final = timedelta(seconds=20)
"""How exactly it is noted when a session was last used: not every picture writes to the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long an officer stays signed in."""

    idle: timedelta
    absolute: timedelta


OWN: Final = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=10))
SHARED: Final = Limits(idle=timedelta(minutes=5), absolute=timedelta(minutes=60))
"""Of a phone that others hold too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in officer, as one call finds him."""

    id: str
    unlocked: Unlocked
    shared: bool
    """Whether others use the same phone: nothing is kept on it."""
    ends: int
    """When it is over at the latest, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Live:
    """A session in the memory of this process."""

    session: Session
    until: int
    """When it is over, unless it is called before."""


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sealed body of a row holds."""

    shared: bool
    keys: bytes


@dataclass(slots=True)
class Sessions:
    """The sessions of one node, in any number of processes."""

    house: House
    file: SessionFile
    _live: dict[str, _Live] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, who: str, passphrase: str, *, shared: bool = False) -> tuple[bytes, Session]:
        """Unlock *who* and return the secret for his cookie with his session.

        Raise Locked as ``unlock`` does. The secret is kept nowhere here.
        """
        unlocked = sign_in(self.house, who, passphrase)
        if unlocked.agency in read_book(self.house).guests:
            raise Locked(
                "passphrase"
            )  # a guest comes by his link, and nobody learns that he is one
        return self.enter(unlocked, shared=shared)

    def enter(self, unlocked: Unlocked, *, shared: bool = False) -> tuple[bytes, Session]:
        """Begin a session for whoever is *unlocked* already."""
        now, limits = self.house.millis(), SHARED if shared else OWN
        secret = self.house.random(SECRET_SIZE)
        id_ = sha256(secret).hexdigest()
        ends = now + limits.absolute // MILLI
        body = msgspec.json.encode(_Kept(shared=shared, keys=identity.write(_file_of(unlocked))))
        row = SessionRow(
            id=id_,
            officer=self._tag(unlocked.entry.id),
            begun=now,
            seen=now,
            idle=limits.idle // MILLI,
            ends=ends,
            body=self._vault(secret).lock(body, f"{ROOM}/{id_}"),
        )
        self.file.discard_over(now)
        self.file.put(row)
        session = Session(id=id_, unlocked=unlocked, shared=shared, ends=ends)
        self._keep(session, row, now)
        return secret, session

    def resume(self, secret: bytes) -> Session:
        """Return the session that *secret* opens; raise Locked if there is none any more."""
        id_ = sha256(secret).hexdigest()
        now = self.house.millis()
        row = self.file.get(id_)
        if row is None or not _runs(row, now):
            self._forget(id_)
            raise Locked("session")
        try:
            live = self._live.get(id_)
            held = live.session if live else self._opened(row, secret)
            session = replace(held, unlocked=renewed(self.house, held.unlocked))
        except (NotCompetent, Locked, Damaged, Untrusted):
            # Revoked, or given other keys in another session: what he had here is over.
            self.end(id_)
            raise Locked("session") from None
        if now - row.seen >= TOUCH // MILLI:
            self.file.touch(id_, now)
        self._keep(session, row, now)
        return session

    def end(self, id_: str) -> None:
        """End one session, here and in every process."""
        self.file.discard([id_])
        self._forget(id_)

    def end_all(self, officer: OfficerId) -> int:
        """End every session of *officer*; return how many there were."""
        with self._lock:
            for id_, live in tuple(self._live.items()):
                if live.session.unlocked.entry.id == officer:
                    del self._live[id_]
        return self.file.discard_of(self._tag(officer))

    def close(self) -> None:
        with self._lock:
            self._live.clear()
        self.file.close()

    def _opened(self, row: SessionRow, secret: bytes) -> Session:
        opened = self._vault(secret).open(row.body, f"{ROOM}/{row.id}")
        kept = msgspec.json.decode(opened, type=_Kept)
        unlocked = reseated(self.house, identity.read(kept.keys))
        return Session(id=row.id, unlocked=unlocked, shared=kept.shared, ends=row.ends)

    def _vault(self, secret: bytes) -> Vault:
        pepper = self.house.vault.tag_key(ROOM)
        return Vault(hmac.digest(pepper, secret, "sha256"), self.house.random)

    def _tag(self, officer: OfficerId) -> str:
        return self.house.vault.tag(officer.encode(), ROOM).hex()

    def sweep(self) -> None:
        """Let go of every session that is over: its keys leave the memory of this process."""
        now = self.house.millis()
        with self._lock:
            for id_, live in tuple(self._live.items()):
                if live.until <= now:
                    del self._live[id_]
        self.file.discard_over(now)

    def _keep(self, session: Session, row: SessionRow, now: int) -> None:
        with self._lock:
            self._live[session.id] = _Live(session=session, until=min(row.ends, now + row.idle))

    def _forget(self, id_: str) -> None:
        with self._lock:
            self._live.pop(id_, None)


def open_sessions(house: House) -> Sessions:
    """Open the sessions of *house*; the file is made where there is none."""
    return Sessions(house=house, file=SessionFile.open(house.home / FILE))


def _runs(row: SessionRow, now: int) -> bool:
    return row.begun <= now < min(row.ends, row.seen + row.idle)


def _file_of(unlocked: Unlocked) -> IdentityFile:
    return IdentityFile(
        officer=unlocked.entry.id,
        signing=unlocked.signing,
        reading=unlocked.reading,
        storage=unlocked.storage,
    )
