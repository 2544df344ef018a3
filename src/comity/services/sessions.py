# SPDX-License-Identifier: Apache-2.0
"""Sessions: an officer stays unlocked between two pages, and no longer.

(1) Signing in is unlocking: the passphrase opens the officer's keys, and they go into one row,
    sealed under a key that is derived from the secret in his cookie *and* a pepper of the house
    key. So whichever process is called next can serve him, and a thief of the disk, with the
    house key or without, opens nothing: the secret is in the browser alone.
(2) A session ends when nothing was called for a while, at a fixed moment whatever was called, when
    he leaves, and when his keys change or he is revoked.
(3) Where a passkey is awaited besides the passphrase the session is a *half* one, for three minutes
    and for that alone; when it was shown another begins, with another secret.
(4) What a process has opened of a session it keeps in memory; each call looks at the row first,
    and whose row is gone, wherever it was ended, is swept from memory too.
(5) A page that answers a posted form is kept beside its session, sealed under a key that only that
    row holds, and shown by an address of its own: what was typed is in no browser's history.
"""

import hmac
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

import msgspec

from comity.crypto import passkey
from comity.crypto.passkey import Door
from comity.crypto.vault import HOUSE_KEY_SIZE, Vault
from comity.domain.ids import OfficerId, mint
from comity.errors import Damaged, Locked, Misused, NotCompetent, Untrusted
from comity.services.address_book import read_book
from comity.services.attempts import forget
from comity.services.enrol import find_officer
from comity.services.epochs import sign_in
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.second_factor import Rule, Shown, judging, read_rule, stands
from comity.services.signed_in import FILE, ROOM, tag_of
from comity.services.unlock import Judge, Second, renewed, reseated, unlock
from comity.storage.sessions import PageRow, SessionFile, SessionRow
from comity.wire import identity
from comity.wire.identity import Factors, IdentityFile

SECRET_SIZE: Final = 32
CHALLENGE_SIZE: Final = 32
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
HALF: Final = Limits(idle=timedelta(minutes=3), absolute=timedelta(minutes=3))
"""For finding the telephone."""
PAGES: Final = "pages"
PAGES_MOST: Final = 12
"""Pages of one session that are kept: one may go back and forth between a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who wants to sign in from where, and what he shows besides his passphrase."""

    code: str = ""
    host: str = ""
    """The host name by which his browser calls; empty where it has none."""
    address: str = ""
    shared: bool = False


NOBODY: Final = Caller()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in officer, as one call finds him."""

    id: str
    unlocked: Unlocked
    shared: bool
    """Whether others use the same phone: nothing is kept on it."""
    ends: int
    """When it is over at the latest, in milliseconds."""
    bare: bool = False
    """Whether his agency wants a second factor and he has none: he sets one up, and no more."""
    challenge: bytes = field(default=b"", repr=False)
    """What his passkey is to sign; only of a half session."""
    pages: bytes = field(default=b"", repr=False)
    """Under which the pages that answered his forms are sealed."""

    @property
    def is_half(self) -> bool:
        return bool(self.challenge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the places where an officer is signed in."""

    id: str
    begun: int
    seen: int


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sealed body of a row holds."""

    shared: bool
    keys: bytes
    bare: bool = False
    challenge: bytes = b""
    pages: bytes = b""


class _Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sealed body of a page holds."""

    status: int
    html: bytes


@dataclass(slots=True)
class Sessions:
    """The sessions of one node, in any number of processes."""

    house: House
    file: SessionFile
    _live: dict[str, Session] = field(default_factory=dict, repr=False)
    """Those in the memory of this process."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, who: str, passphrase: str, caller: Caller = NOBODY) -> tuple[bytes, Session]:
        """Unlock *who* and return the secret for his cookie with his session, which may be half.

        Raise Locked as ``unlock`` does. The secret is kept nowhere here.
        """
        shown = Shown(code=caller.code, host=caller.host)
        second = self._no_guest(judging(self.house, shown))
        unlocked = sign_in(self.house, who, passphrase, address=caller.address, second=second)
        there = tuple(e for e in unlocked.factors.passkeys if e.host == caller.host)
        if there and not caller.code:
            kept = _Kept(
                shared=caller.shared,
                keys=identity.write(_file_of(replace(unlocked, factors=Factors(passkeys=there)))),
                challenge=self.house.random(CHALLENGE_SIZE),
            )
            return self._made(unlocked, kept, HALF)
        return self.enter(unlocked, shared=caller.shared)

    def enter(self, unlocked: Unlocked, *, shared: bool = False) -> tuple[bytes, Session]:
        """Begin a session for whoever is *unlocked* already, with his passphrase just typed."""
        required = read_rule(self.house, unlocked.agency) is Rule.REQUIRED
        return self._entered(unlocked, shared=shared, bare=required and not unlocked.factors)

    def again(self, session: Session) -> tuple[bytes, Session]:
        """Begin another session in place of *session*: what he signs in by was just changed."""
        unlocked = session.unlocked
        required = read_rule(self.house, unlocked.agency) is Rule.REQUIRED
        bare = required and not stands(self.house, unlocked.entry.id).any
        self.end(session.id)
        return self._entered(unlocked, shared=session.shared, bare=bare)

    def witness(self, who: str, passphrase: str, code: str, address: str) -> Unlocked:
        """Return *who*, unlocked to stand by somebody else; he is not signed in."""
        second = judging(self.house, Shown(code=code))
        return unlock(self.house, who, passphrase, address=address, second=second)

    def _no_guest(self, judge: Judge) -> Judge:
        """Return *judge*, who knows no guest: he comes by his link, and nobody learns of him."""

        def judged(opened: IdentityFile) -> Second:
            agency = find_officer(self.house, opened.officer)[0].id
            return Second.WRONG if agency in read_book(self.house).guests else judge(opened)

        return judged

    def finish(self, half: Session, said: str, door: Door) -> tuple[bytes, Session]:
        """Go on from a *half* session with what a passkey *said*; raise Locked if it is not his."""
        self.end(half.id)  # whatever it is, it was one attempt
        factors = half.unlocked.factors.passkeys
        try:
            shown = passkey.shown_id(said)
            public = next((each.public for each in factors if each.id == shown), b"")
            passkey.check(replace(door, challenge=half.challenge), said, public)
        except Untrusted:
            raise Locked("passphrase") from None
        officer = half.unlocked.entry.id
        self.house.store.write(lambda w: forget(w, officer))
        return self._entered(half.unlocked, shared=half.shared, bare=False)

    def _entered(self, unlocked: Unlocked, *, shared: bool, bare: bool) -> tuple[bytes, Session]:
        own = replace(unlocked, factors=Factors())  # no page needs what he signed in by
        kept = _Kept(shared=shared, keys=identity.write(_file_of(own)), bare=bare)
        return self._made(own, kept, SHARED if shared else OWN)

    def _made(self, unlocked: Unlocked, kept: _Kept, limits: Limits) -> tuple[bytes, Session]:
        now, secret = self.house.millis(), self.house.random(SECRET_SIZE)
        id_ = sha256(secret).hexdigest()
        kept = msgspec.structs.replace(kept, pages=self.house.random(HOUSE_KEY_SIZE))
        row = SessionRow(
            id=id_,
            officer=tag_of(self.house, unlocked.entry.id),
            begun=now,
            seen=now,
            idle=limits.idle // MILLI,
            ends=now + limits.absolute // MILLI,
            body=self._vault(secret).lock(msgspec.json.encode(kept), f"{ROOM}/{id_}"),
        )
        self.file.discard_over(now)
        self.file.put(row)
        session = _session(row, unlocked, kept)
        self._keep(session)
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
            held = self._live.get(id_) or self._opened(row, secret)
            session = replace(held, unlocked=renewed(self.house, held.unlocked))
        except (NotCompetent, Locked, Damaged, Untrusted, msgspec.DecodeError):
            # Revoked, or given other keys in another session: what he had here is over.
            self.end(id_)
            raise Locked("session") from None
        if now - row.seen >= TOUCH // MILLI:
            self.file.touch(id_, now)
        self._keep(session)
        return session

    def keep_page(self, session: Session, status: int, html: bytes) -> str:
        """Keep the page that answers a form of *session*, sealed; return by what it is found."""
        id_ = mint(self.house.random)
        body = msgspec.json.encode(_Page(status=status, html=html))
        locked = self._page_vault(session).lock(body, f"{PAGES}/{id_}")
        row = PageRow(id=id_, session=session.id, at=self.house.millis(), body=locked)
        self.file.put_page(row, PAGES_MOST)
        return id_

    def page(self, session: Session, id_: str) -> tuple[int, bytes]:
        """Return the status and the HTML of a page of *session*; raise Misused if it has none."""
        row = self.file.page(id_, session.id)
        if row is None:
            raise Misused("page-unknown")
        opened = self._page_vault(session).open(row.body, f"{PAGES}/{id_}")
        kept = msgspec.json.decode(opened, type=_Page)
        return kept.status, kept.html

    def _page_vault(self, session: Session) -> Vault:
        return Vault(session.pages, self.house.random)

    def end(self, id_: str) -> None:
        """End one session, here and in every process."""
        self.file.discard([id_])
        self._forget(id_)

    def of(self, officer: OfficerId) -> tuple[Place, ...]:
        """Return where *officer* is signed in, the newest first."""
        now = self.house.millis()
        rows = self.file.of(tag_of(self.house, officer))
        return tuple(
            Place(id=row.id, begun=row.begun, seen=row.seen) for row in rows if _runs(row, now)
        )

    def end_one(self, officer: OfficerId, id_: str) -> bool:
        """End the session *id_* if it is one of *officer*; return whether it was."""
        mine = id_ in {each.id for each in self.of(officer)}
        if mine:
            self.end(id_)
        return mine

    def end_all(self, officer: OfficerId) -> int:
        """End every session of *officer*; return how many there were."""
        with self._lock:
            for id_, live in tuple(self._live.items()):
                if live.unlocked.entry.id == officer:
                    del self._live[id_]
        return self.file.discard_of(tag_of(self.house, officer))

    def close(self) -> None:
        with self._lock:
            self._live.clear()
        self.file.close()

    def _opened(self, row: SessionRow, secret: bytes) -> Session:
        opened = self._vault(secret).open(row.body, f"{ROOM}/{row.id}")
        kept = msgspec.json.decode(opened, type=_Kept)
        unlocked = reseated(self.house, identity.read(kept.keys))
        return _session(row, unlocked, kept)

    def _vault(self, secret: bytes) -> Vault:
        pepper = self.house.vault.tag_key(ROOM)
        return Vault(hmac.digest(pepper, secret, "sha256"), self.house.random)

    def sweep(self) -> None:
        """Let go of every session that is over: its keys leave the memory of this process."""
        self.file.discard_over(self.house.millis())
        with self._lock:
            live = tuple(self._live)
        # Another process may have ended it, or this one while a call of it was still going on.
        gone = set(live) - self.file.known(live)
        for id_ in gone:
            self._forget(id_)

    def _keep(self, session: Session) -> None:
        with self._lock:
            self._live[session.id] = session

    def _forget(self, id_: str) -> None:
        with self._lock:
            self._live.pop(id_, None)


def open_sessions(house: House) -> Sessions:
    """Open the sessions of *house*; the file is made where there is none."""
    return Sessions(house=house, file=SessionFile.open(house.home / FILE))


def _runs(row: SessionRow, now: int) -> bool:
    return row.begun <= now < min(row.ends, row.seen + row.idle)


def _session(row: SessionRow, unlocked: Unlocked, kept: _Kept) -> Session:
    return Session(
        id=row.id,
        unlocked=unlocked,
        shared=kept.shared,
        ends=row.ends,
        bare=kept.bare,
        challenge=kept.challenge,
        pages=kept.pages,
    )


def _file_of(unlocked: Unlocked) -> IdentityFile:
    return IdentityFile(
        officer=unlocked.entry.id,
        signing=unlocked.signing,
        factors=unlocked.factors,
        reading=unlocked.reading,
        storage=unlocked.storage,
    )
