# SPDX-License-Identifier: Apache-2.0
"""Proof: how far the record is vouched for, a proof of one thread, and a proof that is checked."""

from dataclasses import dataclass
from typing import Final

from comity.domain.ids import AgencyId, NodeId
from comity.domain.time import from_millis, read
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.language.standing import MARKS
from comity.services.compare import restored_of
from comity.services.ledger import LogShown, show
from comity.services.prove import check_proof, prove
from comity.web.answers import Bytes, Result, get, page, post
from comity.web.visit import Visit
from comity.wire.proof import PROOF_LIMIT, Shown

_RESTORED: Final = marked("{agency}: restored, gap of {gap}")
_LAST: Final = 10
_ROOM: Final = 64 * 1024
"""What a form has beside its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    log: LogShown
    witnesses: tuple[tuple[str, int, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """One line of a proof."""

    what: str
    from_: str
    to: str
    since: str


def proof_page(visit: Visit) -> Result:
    told = show(visit.house, limit=_LAST)
    last = max((each.at for each in told.leaves), default="")
    seen = [
        (_names(visit, each.origin), each.size, each.proven, visit.exact(from_millis(each.at)))
        for each in told.peers
    ]
    return page(
        "proof.html",
        records=[_record(visit, each) for each in told.logs],
        last=visit.exact(read(last)) if last else "",
        seen=seen,
        failed=_failed(visit),
        thread=visit.query.get("thread", ""),
    )


def make(visit: Visit) -> Result:
    """Hand out the proof of a thread that he can open himself; it holds no content."""
    thread = visit.seat.find(visit.form.need("thread"))
    content = prove(visit.house, thread)
    return Bytes(content=content, media="application/json", name="proof.json", length=len(content))


def check(visit: Visit) -> Result:
    """Say what a proof shows; nobody is asked, and nothing of it is kept."""
    upload = visit.form.upload("file")
    if upload is None:
        raise Misused("field-missing", field="file")
    shown = check_proof(upload.read(PROOF_LIMIT))
    return page(
        "proof_checked.html",
        lines=_lines(visit, shown),
        agencies=[
            (e.root.name, e.fingerprint, _known(visit, e.root.agency)) for e in shown.agencies
        ],
    )


def _record(visit: Visit, log: LogShown) -> Record:
    return Record(
        log=log,
        witnesses=tuple((_node(visit, e.node), e.size, e.named) for e in log.witnesses),
    )


def _node(visit: Visit, node: str) -> str:
    """Return whose server *node* is."""
    named = [visit.agency(each) for each in visit.book.agencies_of(NodeId(node))]
    return ", ".join(named) or node[:8]


def _names(visit: Visit, origin: str) -> str:
    """Return whose record *origin* is."""
    return _node(visit, origin.split("/")[1]) if origin.count("/") > 1 else origin


def _failed(visit: Visit) -> list[str]:
    """Return what is held against other agencies' records, in words."""
    return [
        f"{card.name}: {visit.say(MARKS[each.code])}"
        for card in visit.book.peers
        for each in card.standing.marks
    ] + [
        visit.say(_RESTORED, agency=card.name, gap=gap)
        for card in visit.book.peers
        for gap in restored_of(visit.house, card)
    ]


def _lines(visit: Visit, shown: Shown) -> list[Shows]:
    names = {each.root.agency: each.root.name for each in shown.agencies}
    sent = [
        Shows(
            what=visit.say(words.EVENTS.get(each.docket.stage, each.docket.stage)),
            from_=names.get(each.docket.agency, each.docket.agency),
            to=names.get(each.docket.to, each.docket.to),
            since=visit.exact(min(at for _, at in each.place.witnesses))
            if each.place.witnesses
            else "",
        )
        for each in shown.dockets
    ]
    received = [
        Shows(
            what=visit.say(words.EVENTS.get(each.receipt.stage, each.receipt.stage)),
            from_=names.get(each.receipt.agency, each.receipt.agency),
            to=names.get(each.receipt.to, each.receipt.to),
            since=visit.exact(each.receipt.at),
        )
        for each in shown.receipts
    ]
    return [*sent, *received]


def _known(visit: Visit, agency: str) -> bool:
    """Return whether this agency's key is ours, or was checked by voice here."""
    card = visit.book.cards.get(AgencyId(agency))
    return card is not None and (card.own or card.checked_at is not None)


ROUTES = (
    get("/proof", proof_page),
    post("/proof/make", make, again=proof_page),
    post("/proof/check", check, again=proof_page, limit=PROOF_LIMIT + _ROOM),
)
