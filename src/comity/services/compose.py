# SPDX-License-Identifier: Apache-2.0
"""Compose an act: one signed, sealed copy for each recipient agency.

Copies of an act share its id and its body to the byte; each names its own readers, and of the
others those that policy shows. The author is a reader of every copy, so that he can open later
what he sent. Agencies that share one node get a copy each: neither sees the other's readers.
Nothing is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from comity.crypto.age import HybridRecipient
from comity.domain.docket import BlobRef, Docket, DocketReader
from comity.domain.ids import ActId, AgencyId, NodeId, ThreadId, mint
from comity.domain.readers import Invited, display_of, distinct
from comity.domain.release import clock_of, stage_of
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
    Why,
    type_of,
)
from comity.services.address_book import Book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.wire import envelope, statement
from comity.wire.envelope import Envelope
from comity.wire.statement import SignedCopy


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


@lru_cache(maxsize=4096)
def recipient(line: str) -> HybridRecipient:
    """Return the parsed recipient of *line*; parsing checks a curve point, so it is kept."""
    return HybridRecipient.parse(line)


def author_of(unlocked: Unlocked, book: Book) -> Invited:
    return Invited(
        type=book.agency(unlocked.agency).kind,
        entry=unlocked.entry,
        certificate=unlocked.certificate,
        why=Why.AUTHOR,
    )


def compose(unlocked: Unlocked, house: House, book: Book, act: Act) -> tuple[Composed, ...]:
    """Return the copies of *act*, the home copy first."""
    groups: dict[AgencyId, list[Invited]] = {unlocked.agency: []}
    for each in distinct(act.invited):
        groups.setdefault(each.agency, []).append(each)
    act_id = ActId(mint(house.random))
    return tuple(
        _copy(unlocked, house, book, act, act_id=act_id, to=to, group=group)
        for to, group in groups.items()
    )


def attachments_of(body: Body) -> tuple[Attachment, ...]:
    return body.attachments if isinstance(body, Request | Note | Answer) else ()


def docket_for(signed: SignedCopy, sealed: Envelope, *, supplies: bool) -> Docket:
    """Return the docket that releases a copy: what a node must know, and no more."""
    said = signed.statement
    home = said.to == said.author.agency
    return Docket(
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
        stage=stage_of(said.body, author_asked=supplies),
        clock=clock_of(said.body),
        at=said.at,
    )


def _copy(
    unlocked: Unlocked,
    house: House,
    book: Book,
    act: Act,
    *,
    act_id: ActId,
    to: AgencyId,
    group: Sequence[Invited],
) -> Composed:
    home = to == unlocked.agency
    author = author_of(unlocked, book)
    readers = distinct([author, *group])
    here = {(each.agency, each.entry.id) for each in readers}
    others = [each for each in distinct(act.invited) if (each.agency, each.entry.id) not in here]
    made = Statement(
        type=type_of(act.body),
        act=act_id,
        thread=act.thread,
        at=house.now(),
        author=_author(unlocked, act),
        to=to,
        readers=_readers(readers),
        # At home all are shown; abroad those of whom peers are told at all.
        shown=_readers([each for each in others if home or _is_told_abroad(each)]),
        language=act.language,
        roster=book.agency(to).number,
        roster_reason=act.roster_reason,
        body=act.body,
    )
    signed = statement.sign(made, unlocked.signing)
    lines = sorted({each.entry.reading for each in readers})
    sealed = envelope.seal(signed.dsse, [recipient(line) for line in lines])
    return Composed(
        node=house.keys.node if book.is_own(to) else book.node_of(to).node,
        signed=signed,
        envelope=sealed,
        docket=docket_for(signed, sealed, supplies=act.supplies),
    )


def _author(unlocked: Unlocked, act: Act) -> Author:
    entry = unlocked.entry
    return Author(
        agency=unlocked.agency,
        officer=entry.id,
        certificate=unlocked.certificate,
        desk=act.desk,
        display=display_of(entry),
    )


def _readers(invited: Sequence[Invited]) -> tuple[Reader, ...]:
    return tuple(each.reader for each in invited)


def _is_told_abroad(invited: Invited) -> bool:
    return invited.entry.audience is Audience.PEERS
