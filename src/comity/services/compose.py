# SPDX-License-Identifier: Apache-2.0
"""Compose an act: one signed, sealed copy for each recipient agency.

Copies of an act share its id and its body to the byte; each names its own readers, and of the
others those that policy shows. The author is a reader of every copy, so that he can open later
what he sent. Agencies that share one node get a copy each: neither sees the other's readers.
Nothing is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache

from comity.crypto.age import HybridRecipient
from comity.domain.docket import BlobRef, Docket, DocketReader, OrderedDocket
from comity.domain.ids import ActId, AgencyId, NodeId, ThreadId, mint
from comity.domain.onward import FOREVER, until
from comity.domain.readers import Invited, display_of, distinct
from comity.domain.release import clock_in, stage_in
from comity.domain.retention import KEEP_UNTIL, person_until
from comity.domain.roster import Audience
from comity.domain.statement import (
    Answer,
    Attachment,
    Author,
    Body,
    Note,
    Reader,
    Request,
    Statement,
    Telling,
    Why,
    type_of,
)
from comity.domain.taking_back import Recall
from comity.domain.time import read
from comity.errors import Malformed, Misused, NotCompetent
from comity.services.address_book import Book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.wire import envelope, statement
from comity.wire.envelope import Envelope
from comity.wire.statement import READERS_LIMIT, STATEMENT_LIMIT, SignedCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody means to do, before it is signed."""

    body: Body
    thread: ThreadId
    invited: tuple[Invited, ...]
    """Readers besides the author."""
    language: str
    desk: str = ""
    """For which desk the author signs; empty for himself."""
    supplies: bool = False
    """True when the asker replies to an ask-back."""
    roster_reason: str = ""
    order: bytes = b""
    """The signed order of a recall, for the nodes that hold what is taken back."""
    id: ActId | None = None
    """Where it must be known before: a thread is named after what opens it; else one is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One copy, ready to be stored and released."""

    node: NodeId
    """Where it goes: our own for the agencies of this house."""
    signed: SignedCopy
    envelope: Envelope
    docket: Docket

    @property
    def is_home(self) -> bool:
        """Return whether it stays in the author's own agency."""
        return self.docket.to == self.docket.agency

    @property
    def is_for_overseers(self) -> bool:
        """Return whether it goes to nobody but the oversight desks of another agency."""
        others = [each.why for each in self.signed.statement.readers if each.why is not Why.AUTHOR]
        return not self.is_home and set(others) == {Why.OVERSIGHT}


@lru_cache(maxsize=4096)
def recipient(line: str) -> HybridRecipient:
    """Return the parsed recipient of *line*; parsing checks a curve point, so it is kept."""
    return HybridRecipient.parse(line)


def author_of(unlocked: Unlocked, book: Book) -> Invited:
    """Return the author as a reader; raise NotCompetent if his key is no longer the listed one.

    Who left a desk while he was signed in must not sign for it with the certificate of before.
    """
    card = book.agency(unlocked.agency)
    if unlocked.certificate not in card.current:
        raise NotCompetent("certificate")
    return Invited(
        type=card.kind,
        entry=unlocked.entry,
        certificate=unlocked.certificate,
        why=Why.AUTHOR,
    )


def readers_of(unlocked: Unlocked, book: Book, act: Act) -> tuple[Invited, ...]:
    """Return who will read *act*: what is shown before sending, and whom it is sealed to."""
    return distinct([author_of(unlocked, book), *act.invited])


def compose(unlocked: Unlocked, house: House, book: Book, act: Act) -> tuple[Composed, ...]:
    """Return the copies of *act*, the home copy first."""
    _check_day(act.body, house)
    everybody = readers_of(unlocked, book, act)
    desk = _Desk(unlocked, house, book, act, everybody)
    agencies = dict.fromkeys([unlocked.agency, *(each.agency for each in everybody)])
    return tuple(desk.copy(to) for to in agencies)


def attachments_of(body: Body) -> tuple[Attachment, ...]:
    return body.attachments if isinstance(body, Telling) else ()


def docket_for(
    signed: SignedCopy, sealed: Envelope, *, supplies: bool, order: bytes = b""
) -> Docket:
    """Return the docket that releases a copy: what a node must know, and no more."""
    said = signed.statement
    home = said.to == said.author.agency
    docket = Docket(
        agency=said.author.agency,
        to=said.to,
        act=said.act,
        copy=signed.copy,
        envelope=sealed.id,
        size=len(sealed.sealed),
        thread=said.thread,
        blobs=tuple(BlobRef(id=each.blob, size=each.size) for each in attachments_of(said.body)),
        readers=tuple(
            DocketReader(id=each.id, kind=each.kind, epoch=each.epoch)
            for each in said.readers
            if home or each.why is not Why.AUTHOR
        ),
        stage=stage_in(said, author_asked=supplies),
        clock=clock_in(said),
        at=said.at,
        expires=_expiry_of(said.body, home=home),
        recalls=said.body.acts if isinstance(said.body, Recall) else (),
    )
    if not order:
        return docket
    told = {each.name: getattr(docket, each.name) for each in fields(Docket) if each.name != "type"}
    return OrderedDocket(**told, order=order)


class _Desk:
    """Where the copies of one act are written, all at one time and under one id."""

    def __init__(
        self,
        unlocked: Unlocked,
        house: House,
        book: Book,
        act: Act,
        everybody: Sequence[Invited],
    ) -> None:
        self._unlocked = unlocked
        self._book = book
        self._act = act
        # Each stands in every copy, as a reader or shown: what stands there is made once.
        self._everybody = [(each, each.reader) for each in everybody]
        self._here = house.keys.node
        self._id = act.id or ActId(mint(house.random))
        self._at: datetime = house.now()
        self._author = _author(unlocked, act)
        self._type = type_of(act.body)

    def copy(self, to: AgencyId) -> Composed:
        """Return the copy for the agency *to*: its readers are those of that agency, and he."""
        home = to == self._unlocked.agency
        readers = [each for each in self._everybody if _reads(each[1], to)]
        if len(readers) > READERS_LIMIT:
            raise Misused("readers-many", limit=READERS_LIMIT)
        # At home all are shown; abroad those of whom peers are told at all.
        others = [
            reader
            for each, reader in self._everybody
            if not _reads(reader, to) and (home or _is_told_abroad(each))
        ]
        act = self._act
        made = Statement(
            type=self._type,
            act=self._id,
            thread=act.thread,
            at=self._at,
            author=self._author,
            to=to,
            readers=tuple(reader for _, reader in readers),
            shown=tuple(others[: READERS_LIMIT - len(readers)]),
            language=act.language,
            roster=self._book.agency(to).number,
            roster_reason=act.roster_reason,
            body=act.body,
        )
        signed = _sign(made, self._unlocked)
        lines = sorted({each.entry.reading for each, _ in readers})
        sealed = envelope.seal(signed.dsse, [recipient(line) for line in lines])
        return Composed(
            node=self._here if self._book.is_own(to) else self._book.node_of(to).node,
            signed=signed,
            envelope=sealed,
            docket=docket_for(signed, sealed, supplies=act.supplies, order=act.order),
        )


def _sign(made: Statement, unlocked: Unlocked) -> SignedCopy:
    try:
        return statement.sign(made, unlocked.signing)
    except Malformed:
        raise Misused("statement-large", limit=STATEMENT_LIMIT // 1024) from None


def _author(unlocked: Unlocked, act: Act) -> Author:
    entry = unlocked.entry
    return Author(
        agency=unlocked.agency,
        officer=entry.id,
        certificate=unlocked.certificate,
        desk=act.desk,
        display=display_of(entry),
    )


def _reads(reader: Reader, to: AgencyId) -> bool:
    """Return whether *reader* opens the copy for the agency *to*; the author opens every one."""
    return reader.agency == to or reader.why is Why.AUTHOR


def _is_told_abroad(invited: Invited) -> bool:
    return invited.entry.audience is Audience.PEERS


def _check_day(body: Body, house: House) -> None:
    """Raise Misused if a record about a person is to be removed before it is sent."""
    told = person_until(body.fields) if isinstance(body, Request | Note | Answer) else ""
    if told and read(told) <= house.now():
        raise Misused("field-value", field=KEEP_UNTIL)


def _expiry_of(body: Body, *, home: bool) -> str:
    """Return until when what *body* tells may be used at all: nobody takes it in after that.

    A person's record goes on its date everywhere; how long others may use what they are told does
    not bind whoever tells it.
    """
    if not isinstance(body, Telling):
        return ""
    expires = FOREVER if home else until(body.handling.expires)
    told = expires
    if isinstance(body, Request | Note | Answer):
        told = min(expires, person_until(body.fields) or FOREVER)
    return "" if told == FOREVER else told
