# SPDX-License-Identifier: Apache-2.0
"""Rules for what leaves an agency: every one is asked before anything is signed.

(1) The peer is admitted, and checked by voice or vouched for where a person may be named. (2) A
mandate of ours covers it. (3) The author may sign for the desk he names. (4) The agency's oversight
says who sees it besides, and whether it waits for a countersignature, which somebody must be there
to give. (5) The peer's roster is not too old. (6) Every reader may read it, by his certificate, by
the thread's exclusions, and by what his agency is. The same list of readers is shown before
sending and sealed to afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.docket import ClockClass, DocketStage
from comity.domain.ids import AgencyId, DeskId, ThreadId
from comity.domain.introduction import within
from comity.domain.mandate import choose
from comity.domain.policy import (
    Exclusion,
    Matter,
    Oversight,
    decide,
    is_held,
    sensitivity_of,
    stop_seconds,
)
from comity.domain.pressing import Reminder
from comity.domain.readers import Age, Intent, Invited, check_age, check_readers, distinct
from comity.domain.roster import AgencyType, DeskEntry, OfficerEntry
from comity.domain.statement import Acknowledgement, Answer, AskBack, Body, Outcome, Why
from comity.domain.verdict import Barred
from comity.errors import Misused, NeedsCountersignature, NotAdmitted, NotChecked, NotCompetent
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard
from comity.services.compose import author_of
from comity.services.delegations import delegates_of
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import AgencyPolicy, read_policy

STATES: Final = frozenset({AgencyType.AGENCY, AgencyType.CENTRAL_AUTHORITY})
"""Agencies that are a part of their state; an NGO or a body is not, wherever it sits."""
SILENT: Final = frozenset(
    {
        Outcome.NEITHER,
        Outcome.REFUSED,
        Outcome.NEEDS_LETTER,
        Outcome.MORE_NEEDED,
        Outcome.TRANSLATION_NEEDED,
    }
)
"""Outcomes that tell nothing of what was asked."""

NOTE: Final = "note"
"""How oversight rules and mandates name a note, whatever it is about."""
USE: Final = "intelligence"
"""For what a note may be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """What somebody means to send to another agency, as far as the rules look at it."""

    thread: ThreadId
    to: DeskEntry | OfficerEntry
    kind: str
    """The request kind of the thread, or ``note``."""
    stage: DocketStage
    clock: ClockClass = ClockClass.NONE
    """The thread's: how soon it is wanted."""
    nominal: bool
    """Whether it may name or identify a person."""
    coercive: bool
    shares: bool = True
    """False for a bare code, which tells nothing and so needs no mandate (``shares``)."""
    use: str
    mandate: str = ""
    desk: str = ""
    bars: Exclusion | None = None
    """Who is barred from a new thread from its first act on."""
    roster_reason: str = ""
    spoken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the rules made of it."""

    peer: AgencyCard
    to: DeskEntry | OfficerEntry
    invited: tuple[Invited, ...]
    """All readers but the author."""
    mandate: str
    desk: str
    oversight: Oversight
    held: bool
    wait: int
    """Seconds in which the author may still stop it."""
    age: Age
    """Of the roster to which it is sealed."""


def decide_outward(unlocked: Unlocked, house: House, book: Book, meant: Outward) -> Decided:
    """Return what leaves and who reads it, or raise a child of Refused."""
    own = book.agency(unlocked.agency)
    peer = book.agency(meant.to.agency)
    author = author_of(unlocked, book)
    check_peer(own, peer, nominal=meant.nominal)  # (1)
    check_scope(house, peer, meant)
    check_voucher(book, peer, nominal=meant.nominal)
    mandate = _mandate(own, peer, meant, house)  # (2)
    desk = own_desk(unlocked, own, meant.desk)  # (3)
    policy = read_policy(house, own.id)
    oversight = decide_oversight(book, own, policy, meant)
    held = is_held(oversight, spoken=meant.spoken)
    _check_countersigners(book, oversight, held=held)  # (4)
    age = check_age(peer.issued, house.now(), reason=meant.roster_reason)  # (5)
    invited = distinct(
        [
            invite(peer, meant.to, Why.ADDRESSED),
            *_invite_desks(book, oversight.desks, Why.OVERSIGHT),
            *_invite_delegates(house, own, oversight),
            *_invite_desks(book, must_copy(own, mandate), Why.MUST_COPY),
            *_invite_desks(book, [desk] if desk else [], Why.OWN_DESK),
        ]
    )
    check_readers(  # (6)
        [author, *invited],
        Intent(thread=meant.thread, stage=meant.stage, at=house.now(), coercive=meant.coercive),
        histories=book.histories,
        revoked=book.revoked,
        exclusions=(*policy.exclusions, *([meant.bars] if meant.bars else [])),
    )
    return Decided(
        peer=peer,
        to=meant.to,
        invited=invited,
        mandate=mandate,
        desk=desk,
        oversight=oversight,
        held=held,
        wait=stop_seconds(
            meant.clock,
            practice=house.practice,
            configured=policy.stop_seconds,
            stage=meant.stage,
        ),
        age=age,
    )


def decide_oversight(
    book: Book, own: AgencyCard, policy: AgencyPolicy, meant: Outward
) -> Oversight:
    """Return who oversees what is *meant*, and how."""
    matter = Matter(
        kind=meant.kind,
        peer=meant.to.agency,
        sensitivity=sensitivity_of(nominal=meant.nominal, coercive=meant.coercive),
        clock=meant.clock,
    )
    # An oversight desk may belong to another agency of the same state, and to no other's.
    reachable = [
        desk.id for card in book.cards.values() if same_state(own, card) for desk in card.desks
    ]
    return decide(
        policy.policy,
        matter,
        own=[desk.id for desk in own.oversight],
        reachable=reachable,
    )


def own_desk(unlocked: Unlocked, own: AgencyCard, wanted: str) -> str:
    """Return the desk for which *unlocked* signs: the one *wanted*, by id or name, or his only."""
    mine = [each for each in own.desks if each.id in unlocked.entry.desks]
    if not wanted:
        asking = [each for each in mine if not each.oversight]
        return asking[0].id if len(asking) == 1 else ""
    for each in mine:
        if wanted == each.id or wanted.strip().casefold() == each.name.casefold():
            return each.id
    raise NotCompetent("not-his-desk")


def invite(card: AgencyCard, entry: DeskEntry | OfficerEntry, why: Why) -> Invited:
    """Return *entry* of *card* as somebody who is to read."""
    is_desk = isinstance(entry, DeskEntry)
    return Invited(
        type=card.kind,
        entry=entry,
        certificate=card.certificate_of(entry.id),
        why=why,
        members=card.members(entry.id) if is_desk else (),
    )


def invite_own(
    unlocked: Unlocked, house: House, book: Book, thread: ThreadId, readers: Iterable[str]
) -> tuple[Invited, ...]:
    """Return *readers* of this agency as those of an act that stays at home.

    What bars somebody from the thread bars him here too.
    """
    own = book.agency(unlocked.agency)
    policy = read_policy(house, own.id)
    overseers = [each.id for each in own.oversight]
    invited = [
        invite(own, own.readers[each], Why.OVERSIGHT if each in overseers else Why.OWN_DESK)
        for each in readers
        if each in own.readers
    ]
    check_readers(
        [author_of(unlocked, book), *invited],
        Intent(thread=thread, stage=DocketStage.HOME, at=house.now()),
        histories=book.histories,
        exclusions=policy.exclusions,
    )
    return distinct(invited)


def must_copy(own: AgencyCard, mandate: str) -> Sequence[DeskId]:
    """Return the desks that the mandate makes us copy."""
    return next((each.must_copy for each in own.mandates if each.id == mandate), ())


def shares(body: Body) -> bool:
    """Return whether *body* tells anything: who may share nothing may still say no."""
    match body:
        case Acknowledgement():
            return bool(body.remark.strip())
        case AskBack():
            return bool(body.text.strip())
        case ConsentRequest():
            return bool(body.reason.strip())
        case Consent():
            return body.word is not Word.NO or bool(body.text.strip())
        case Answer():
            told = body.fields or body.attachments or body.text.strip() or body.competent
            return bool(told) or body.outcome not in SILENT
        case _:
            return not isinstance(body, Reminder)


def same_state(own: AgencyCard, peer: AgencyCard) -> bool:
    """Return whether both are agencies of one state."""
    return own.country == peer.country and STATES.issuperset((own.kind, peer.kind))


def check_overseer(own: AgencyCard, overseer: AgencyCard) -> None:
    """Raise NotCompetent if *overseer*'s desks are to see what *own* sends, and must not.

    Oversight is a State's own: no copy, sealed or on paper, goes abroad, to an NGO or to a body.
    """
    if overseer.id != own.id and not same_state(own, overseer):
        raise NotCompetent("overseer-elsewhere")


def leaves_state(own: AgencyCard, peer: AgencyCard) -> bool:
    """Return whether what *own* tells *peer* goes abroad, or out of a state's own hands."""
    return own.country != peer.country or (own.kind in STATES and peer.kind not in STATES)


def check_peer(own: AgencyCard, peer: AgencyCard, *, nominal: bool) -> None:
    """Raise a child of Refused unless *own* may send to *peer*."""
    if peer.id == own.id:
        raise Misused("agency-own")
    if peer.suspended:
        raise NotAdmitted("suspended")
    if nominal and not (peer.own or peer.checked_at or peer.vouched_by):
        raise NotChecked


def check_voucher(book: Book, peer: AgencyCard, *, nominal: bool) -> None:
    """Raise NotChecked if a name would go on the word of one that does not count any more."""
    if not nominal or peer.own or peer.checked_at is not None:
        return
    voucher = book.cards.get(AgencyId(peer.vouched_by))
    counts = voucher is not None and (voucher.own or voucher.checked_at is not None)
    if voucher is None or not counts or voucher.suspended or voucher.standing.witness_only:
        raise NotChecked


def check_scope(house: House, peer: AgencyCard, meant: Outward) -> None:
    """Raise a child of Refused unless what is *meant* is within how far we deal with *peer*.

    One that was introduced is dealt with in its scope, until its end, and for thirty days unless
    its key is compared. To one that showed two histories nothing new goes before people decided.
    """
    if why := peer.silent(house.now()):
        raise NotAdmitted(why)
    if peer.standing.held:
        raise NotAdmitted("held")
    introduced = peer.standing.introduced
    if introduced is None or meant.stage is DocketStage.ACKNOWLEDGED:
        return
    verdict = within(
        introduced,
        kind=meant.kind,
        purpose=meant.use,
        sensitivity=sensitivity_of(nominal=meant.nominal, coercive=meant.coercive),
    )
    if isinstance(verdict, Barred):
        raise NotAdmitted(verdict.why)


def _mandate(own: AgencyCard, peer: AgencyCard, meant: Outward, house: House) -> str:
    """Return the id of the mandate that covers it, empty where none is needed."""
    if not meant.mandate and not (meant.shares and leaves_state(own, peer)):
        return ""
    return choose(
        own.mandates,
        kind=meant.kind,
        country=peer.country,
        purpose=meant.use,
        at=house.now(),
        id=meant.mandate,
    ).id


def _check_countersigners(book: Book, oversight: Oversight, *, held: bool) -> None:
    """Raise NeedsCountersignature if an act would be held for a desk that cannot decide here."""
    if held and not any(book.is_own(book.reader(each)[0].id) for each in oversight.desks):
        raise NeedsCountersignature("nobody")


def _invite_delegates(house: House, own: AgencyCard, oversight: Oversight) -> Iterable[Invited]:
    """Yield who decides for the oversight desks by delegation, as an overseer by his own name."""
    for each in delegates_of(house, own.id, oversight.desks):
        if each in own.readers:  # who has left meanwhile is not asked any more
            yield invite(own, own.readers[each], Why.OVERSIGHT)


def _invite_desks(book: Book, ids: Iterable[str], why: Why) -> Iterable[Invited]:
    for each in ids:
        card, entry = book.reader(each)
        yield invite(card, entry, why)
