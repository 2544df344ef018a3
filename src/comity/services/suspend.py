# SPDX-License-Identifier: Apache-2.0
"""Suspend a peer, take it back, and hold against it what was found.

One person suspends, for that must be quick; two take back. The clock suspends where an introduction
has ended, and lifts what was suspended until a day. Each change is a leaf, in codes; who decided
and in what words is housed. What a node finds by itself is a *mark*: it holds new content back, or
suspends, as the node's rule says (``stand.on_fork``), until somebody has decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from comity.domain import time
from comity.domain.ids import AgencyId, NodeId, mint
from comity.domain.introduction import Introduced
from comity.domain.standing import HOLDING, Mark, MarkCode, OnFork, SuspendCode, Suspension
from comity.errors import Differs, Misused, Refused
from comity.services.address_book import mark as mark_book
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.evidence import Finding
from comity.services.evidence import record as keep_finding
from comity.services.fields import line, optional_line
from comity.services.house import House
from comity.services.stand import (
    MARKS,
    SUSPENSIONS,
    Said,
    leaf,
    locked,
    marked_before,
    on_fork,
    opened,
    put_mark,
)
from comity.storage import agencies, housed
from comity.storage.reading import Writing

HISTORY: Final = "standing"
"""The room of who decided what, and in what words."""
INTRODUCTION: Final = "introduction"
"""The kind of evidence against who introduced a key that is another's."""
DECIDERS: Final = 2
REMARK: Final = 1000
_LIFTED: Final = "lifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Who vouched for a peer, suspended it or took it back, and why."""

    by: str
    at: str
    reason: str


def suspend(
    house: House,
    agency: AgencyId,
    *,
    code: SuspendCode,
    by: str,
    remark: str = "",
    until: datetime | None = None,
) -> None:
    """Take nothing more from *agency* and send it nothing, until it is taken back."""
    card = _peer(house, agency)
    if until is not None and until <= house.clock():
        raise Misused("suspend-until")
    told = Suspension(
        code=code,
        by=line(by, "by"),
        at=house.now(),
        until=time.written(time.whole(until)) if until else "",
        remark=optional_line(remark, "reason", limit=REMARK),
    )
    house.store.write(lambda w: write_suspension(w, house, card.id, told))


def lift(house: House, agency: AgencyId, *, decided_by: Sequence[str], reason: str) -> None:
    """Deal again with *agency*: two of ours have looked at what there is against it."""
    card = _peer(house, agency)
    deciders = check_deciders(decided_by)
    said = line(reason, "reason", limit=REMARK)
    if not (card.suspended or card.standing.held):
        raise Refused("not-suspended")
    if why := card.standing.over(checked=card.checked_at is not None, at=house.now()):
        # What ended is not lifted: compare the key, or admit the agency in the ordinary way.
        raise Refused(why)

    def work(writing: Writing) -> None:
        _ = writing.log
        row = agencies.by_ids(writing, [card.id])[0]
        agencies.put(writing, [replace(row, suspended=False)])
        housed.discard(writing, SUSPENSIONS, [card.id])
        _decide_marks(writing, house, NodeId(row.node))
        record(writing, house, card.id, " / ".join(deciders), said)
        _append(writing, house, card.id, _LIFTED)

    house.store.write(work)


def mark(writing: Writing, house: House, node: NodeId, code: MarkCode, subject: str) -> Mark:
    """Hold *code* against *node*, and suspend its agencies where this node's rule says so."""
    _ = writing.log  # its lock: a mark that is counted is counted once
    before = marked_before(writing, house, node, code)
    if before is not None and before.subject == subject:
        return before  # the same thing, shown again
    made = put_mark(writing, house, node, code, subject)
    mark_book(writing, house)
    if before is not None and not before.decided:
        return made  # more of what waits for a decision already
    if code in HOLDING and on_fork(writing, house) is OnFork.SUSPEND:
        told = Suspension(code=SuspendCode.FORKED, by="", at=house.now())
        for each in agencies.every(writing):
            if each.node == node and not each.own:
                write_suspension(writing, house, AgencyId(each.id), told)
    return made


def hear_another_key(house: House, agency: AgencyId, node: NodeId, told: Introduced) -> None:
    """Note that *agency*, introduced to us, read another key aloud than we were given.

    Whoever introduced it gave us a key that is not its own, or somebody misheard. So it is held
    against both, nothing new goes there, and what came before is marked, until it is compared
    again or two people have decided.
    """
    finding = Finding(
        kind=INTRODUCTION,
        subject=told.id,
        code=f"{Differs.code}.fingerprint",
        agency=told.by,
        concerns=(told.id, agency, told.by),
    )

    def work(writing: Writing) -> None:
        keep_finding(writing, house, [finding])
        subject = f"{told.id}/{time.written(house.now())}"  # each time anew, decided or not
        mark(writing, house, node, MarkCode.KEY_DIFFERS, subject)
        for row in agencies.by_ids(writing, [told.by]):
            mark(writing, house, NodeId(row.node), MarkCode.FALSE_INTRODUCTION, told.id)

    house.store.write(work)


def hear_the_key(writing: Writing, house: House, agency: AgencyId) -> None:
    """Take back what was held against *agency* only because its key had not been heard."""
    [row] = agencies.by_ids(writing, [agency])
    said = housed.get(writing, SUSPENSIONS, [agency])
    told = opened(house, said[0], Suspension) if said else None
    if told is not None and told.code is SuspendCode.INTRODUCTION_UNCOMPARED:
        agencies.put(writing, [replace(row, suspended=False)])
        housed.discard(writing, SUSPENSIONS, [agency])
        _append(writing, house, agency, _LIFTED)
    heard = marked_before(writing, house, NodeId(row.node), MarkCode.KEY_DIFFERS)
    if heard is not None and not heard.decided:
        place = f"{row.node}/{MarkCode.KEY_DIFFERS}"
        settled = replace(heard, decided=True)
        housed.put(writing, [locked(house, MARKS, place, settled, owner=row.node)])
        _append(writing, house, agency, "key-heard")


def look(house: House) -> tuple[AgencyId, ...]:
    """Suspend whose introduction has ended, lift what lapsed; return whose standing changed."""
    now, changed = house.now(), []
    for card in read_book(house).peers:
        standing = card.standing
        over = standing.over(checked=card.checked_at is not None, at=now)
        if over and not card.suspended:
            told = Suspension(code=SuspendCode(over), by="", at=now)
            work = partial(write_suspension, house=house, agency=card.id, told=told)
            house.store.write(work)
            changed.append(card.id)
        elif _has_lapsed(card, now) and not over:
            house.store.write(partial(_lapse, house=house, agency=card.id))
            changed.append(card.id)
    return tuple(changed)


def check_deciders(names: Sequence[str]) -> tuple[str, ...]:
    """Return the two people who decided; raise Misused unless there are two different ones."""
    told = [" ".join(each.split()) for each in names if each.strip()]
    if len({each.casefold() for each in told}) < DECIDERS or len(told) < len(names):
        raise Misused("admission-deciders")
    return tuple(line(each, "decided_by") for each in told)


def write_suspension(writing: Writing, house: House, agency: AgencyId, told: Suspension) -> None:
    _ = writing.log  # its lock, before we look
    row = agencies.by_ids(writing, [agency])[0]
    agencies.put(writing, [replace(row, suspended=True)])
    housed.put(writing, [locked(house, SUSPENSIONS, agency, told)])
    record(writing, house, agency, told.by, told.remark or told.code)
    _append(writing, house, agency, f"suspended.{told.code}")


def record(writing: Writing, house: House, agency: AgencyId, by: str, reason: str) -> None:
    """House who decided something about *agency*, and why; and mark the book."""
    said = Decided(by=by, at=time.written(house.now()), reason=reason)
    place = f"{agency}/{mint(house.random)}"
    housed.put(writing, [locked(house, HISTORY, place, said, owner=agency)])
    mark_book(writing, house)


def _peer(house: House, agency: AgencyId) -> AgencyCard:
    card = read_book(house).agency(agency)
    if card.own:
        raise Misused("agency-own")
    return card


def _append(writing: Writing, house: House, agency: AgencyId, code: str, subject: str = "") -> None:
    said = Said(agency=agency, code=code, at=time.written(house.now()), subject=subject)
    writing.append([leaf(house, said)])


def _decide_marks(writing: Writing, house: House, node: NodeId) -> None:
    rows = housed.of_room(writing, MARKS, owner=node)
    decided = [(row.name, replace(opened(house, row, Mark), decided=True)) for row in rows]
    housed.put(writing, [locked(house, MARKS, name, each, owner=node) for name, each in decided])


def _has_lapsed(card: AgencyCard, now: datetime) -> bool:
    told = card.standing.suspension
    return bool(card.suspended and told and told.until and time.read(told.until) <= now)


def _lapse(writing: Writing, house: House, agency: AgencyId) -> None:
    _ = writing.log
    row = agencies.by_ids(writing, [agency])[0]
    agencies.put(writing, [replace(row, suspended=False)])
    housed.discard(writing, SUSPENSIONS, [agency])
    record(writing, house, agency, "", "lapsed")
    _append(writing, house, agency, "lapsed")
