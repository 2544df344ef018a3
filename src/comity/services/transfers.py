# SPDX-License-Identifier: Apache-2.0
"""Transfers: what this agency sent abroad, for whoever answers for the protection of data.

Computed from the releases, which tell where and when, and from the statements that the reader can
open himself, which tell under what. Nothing in it names a person: of those only the number stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from comity.domain.docket import DocketStage
from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.policy import sensitivity_of
from comity.domain.roster import MandateEntry
from comity.domain.statement import Answer, Body, Note, Opener, PassOn, Request
from comity.domain.time import from_millis, to_millis
from comity.knowledge.request_kind import KindField, RequestKind, Values
from comity.services.address_book import Book, read_book
from comity.services.compose import attachments_of
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.thread import OpenThread, open_threads
from comity.storage import copies
from comity.storage.copies import Copy

MOST: Final = 2000
"""Lines of one register; a narrower time shows the rest."""
AT_ONCE: Final = 100
_STAGES: Final = (
    DocketStage.ASKED,
    DocketStage.TOLD,
    DocketStage.SUPPLIED,
    DocketStage.ASKED_BACK,
    DocketStage.ANSWERED,
    DocketStage.REFUSED,
    DocketStage.COPIED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One thing that left the country."""

    at: datetime
    country: str
    agency: AgencyId
    stage: str
    size: int
    """Bytes, sealed."""
    thread: ThreadId
    readable: bool
    """Whether the reader of the register could open it; else what follows is empty."""
    kind: str = ""
    sensitivity: str = ""
    basis: str = ""
    mandate: str = ""
    """The law, as it was recorded."""
    persons: int = 0
    """Values that name or identify somebody."""
    ref: str = ""
    files: int = 0


def transfers(
    unlocked: Unlocked, house: House, *, since: datetime, until: datetime
) -> tuple[Transfer, ...]:
    """Return what his agency sent to other countries in that time, the newest first."""
    book = read_book(house)
    own = book.agency(unlocked.agency)
    with house.store.read() as reading:
        rows = copies.left(
            reading,
            own.id,
            _STAGES,
            since=to_millis(since),
            until=to_millis(until),
            limit=MOST,
        )
    abroad = [row for row in rows if _country(book, row) != own.country]
    told = _opened(unlocked, house, list(dict.fromkeys(row.thread for row in abroad)))
    return tuple(_line(house, book, row, told.get(row.thread)) for row in abroad)


def _opened(unlocked: Unlocked, house: House, threads: Sequence[str]) -> dict[str, OpenThread]:
    found: dict[str, OpenThread] = {}
    for at in range(0, len(threads), AT_ONCE):
        some = [ThreadId(each) for each in threads[at : at + AT_ONCE]]
        found |= {e.id: e for e in open_threads(unlocked, house, some, receipt=False)}
    return found


def _country(book: Book, row: Copy) -> str:
    card = book.cards.get(AgencyId(row.to))
    return card.country if card else ""


def _line(house: House, book: Book, row: Copy, opened: OpenThread | None) -> Transfer:
    at, body = from_millis(row.stored_at), _body(opened, row)
    base = Transfer(
        at=at,
        country=_country(book, row),
        agency=AgencyId(row.to),
        stage=row.stage,
        size=row.size,
        thread=ThreadId(row.thread),
        readable=body is not None,
    )
    return base if opened is None or body is None else _told(house, book, base, body, opened)


def _body(opened: OpenThread | None, row: Copy) -> Body | None:
    if opened is None:
        return None
    found = opened.copies_of(ActId(row.act))
    return found[0].statement.body if found else None


def _told(house: House, book: Book, base: Transfer, body: Body, opened: OpenThread) -> Transfer:
    opening = opened.thread.opening.body if opened.thread.opening else None
    head = body if isinstance(body, Opener) else opening
    kind = house.kinds.get(head.kind) if isinstance(head, Opener) else None
    persons, free = _persons(kind, body)
    made = replace(
        base,
        readable=True,
        kind=kind.id if kind else "",
        sensitivity=sensitivity_of(
            nominal=bool(persons or free), coercive=bool(kind and kind.coercive)
        ),
        persons=persons,
        ref=str(getattr(body, "ref", "")),
        files=len(attachments_of(body)),
    )
    if isinstance(body, Opener):
        made = replace(made, basis=body.basis.code, mandate=_law(book, body.mandate))
    return made


def _persons(kind: RequestKind | None, body: Body) -> tuple[int, bool]:
    """Return how many values identify somebody, and whether free words or files may too."""
    match body:
        case Request() | Note():
            known: Sequence[KindField] = kind.fields if kind else ()
            free = bool(body.facts or body.attachments)
            return _nominal(known, body.fields), free
        case Answer():
            known = kind.answer if kind else ()
            return _nominal(known, body.fields), bool(body.text or body.attachments)
        case PassOn():
            return 0, True
        case _:
            return 0, False


def _nominal(known: Sequence[KindField], values: Values) -> int:
    return sum(len(values.get(each.name, ())) for each in known if each.nominal)


def _law(book: Book, mandate: str) -> str:
    found = (each for card in book.own for each in card.history.values())
    return next((e.law for e in found if isinstance(e, MandateEntry) and e.id == mandate), "")
