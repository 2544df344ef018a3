# SPDX-License-Identifier: Apache-2.0
"""Readers: who will see an act, shown before it is sent, and whether each of them may.

The same check runs again before dispatch. Between states nobody else reads: an NGO sees only what
is addressed to it or what it wrote itself, an international body no request and no answer
(design §6). A desk shows its name and how many stand behind it, a person only as much as his
agency shows of him.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.domain.docket import DocketStage
from comity.domain.ids import AgencyId, CertificateHash, ThreadId
from comity.domain.policy import Exclusion, barred
from comity.domain.roster import (
    REASON_DAYS,
    WARN_DAYS,
    AgencyType,
    DeskEntry,
    Entry,
    OfficerEntry,
)
from comity.domain.statement import Reader, ReaderKind, Why
from comity.domain.trust import certificate_at, revocations
from comity.domain.verdict import Barred
from comity.errors import (
    BadSignature,
    Excluded,
    NeedsReason,
    NotCompetent,
    Refused,
    Stale,
)

OF_REQUESTS: Final = frozenset(
    {
        DocketStage.ASKED,
        DocketStage.ASKED_BACK,
        DocketStage.CANNOT_READ,
        DocketStage.SUPPLIED,
        DocketStage.ANSWERED,
        DocketStage.REFUSED,
    }
)
"""Stages of a request between states, in which no international body reads."""


class Age(StrEnum):
    """How old the roster is to which something is about to be sealed."""

    FRESH = "fresh"
    WARN = "warn"
    REASON = "reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody who is to read an act, as his agency's roster knows him."""

    type: AgencyType
    """What kind of agency is his."""
    entry: OfficerEntry | DeskEntry
    certificate: CertificateHash
    why: Why
    members: tuple[str, ...] = ()
    """Of a desk: its officers, as far as we know them."""
    others: int = 0
    """Of a desk: how many more stand behind it."""

    @property
    def agency(self) -> AgencyId:
        return self.entry.agency

    @property
    def kind(self) -> ReaderKind:
        return ReaderKind.DESK if isinstance(self.entry, DeskEntry) else ReaderKind.OFFICER

    @property
    def reader(self) -> Reader:
        return Reader(
            agency=self.agency,
            id=self.entry.id,
            kind=self.kind,
            epoch=self.entry.epoch,
            why=self.why,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WillSee:
    """One line of *who will see this*."""

    agency: AgencyId
    id: str
    display: str
    kind: ReaderKind
    why: Why
    members: int
    """How many stand behind a desk; 0 for a person or where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is about to be sealed, as far as readers depend on it."""

    thread: ThreadId
    stage: DocketStage
    at: datetime
    coercive: bool = False
    """The thread's request is of a kind that interferes with rights."""


def will_see(invited: Iterable[Invited]) -> tuple[WillSee, ...]:
    """Return who will see an act, each once, the author first, then by why."""
    return tuple(
        WillSee(
            agency=each.agency,
            id=each.entry.id,
            display=display_of(each.entry),
            kind=each.kind,
            why=each.why,
            members=len(each.members) + each.others,
        )
        for each in distinct(invited)
    )


def display_of(entry: OfficerEntry | DeskEntry) -> str:
    """Return how an agency shows one of its own: a name, or ``officer 17``."""
    if isinstance(entry, DeskEntry):
        return entry.name
    return entry.name or entry.label


def distinct(invited: Iterable[Invited]) -> tuple[Invited, ...]:
    """Return each reader once, for the first of his reasons."""
    readers: dict[tuple[AgencyId, str], Invited] = {}
    for each in sorted(invited, key=lambda each: WHYS.index(each.why)):
        readers.setdefault((each.agency, each.entry.id), each)
    return tuple(readers.values())


def check_readers(
    invited: Sequence[Invited],
    intent: Intent,
    *,
    histories: Mapping[AgencyId, Mapping[CertificateHash, Entry]],
    exclusions: Collection[Exclusion] = (),
    revoked: Mapping[AgencyId, Mapping[CertificateHash, datetime]] | None = None,
) -> None:
    """Raise a child of Refused unless every one of *invited* may read what is intended.

    *revoked* are what these histories revoke, where the caller has them at hand.
    """
    parties = {each.agency for each in invited if each.why in (Why.AUTHOR, Why.ADDRESSED)}
    known = {each.agency: histories.get(each.agency, {}) for each in invited}
    ended = revoked or {agency: revocations(history) for agency, history in known.items()}
    for each in invited:
        _check_certificate(each, known[each.agency], ended[each.agency], intent.at)
        _check_exclusions(each, intent, exclusions)
        _check_standing(each, intent, parties)


def _check_certificate(
    invited: Invited,
    history: Mapping[CertificateHash, Entry],
    revoked: Mapping[CertificateHash, datetime],
    at: datetime,
) -> None:
    try:
        # By a slower clock than its agency's it may not have begun: no thief has it before then.
        begun = max(at, invited.entry.begins)
        certificate_at(history, invited.certificate, begun, revoked=revoked)
    except BadSignature:
        raise Refused("reader-unknown", reader=invited.entry.id) from None
    except Stale as stale:
        why = stale.cause.rpartition(".")[2]
        raise Refused(f"reader-{why}", reader=invited.entry.id) from None


def _check_exclusions(invited: Invited, intent: Intent, exclusions: Collection[Exclusion]) -> None:
    verdict = barred(
        exclusions,
        intent.thread,
        reader=invited.entry.id,
        agency=invited.agency,
        members=invited.members,
    )
    if isinstance(verdict, Barred):
        # Why, and for whom, is said only to those entitled: not in the error.
        raise Excluded


def _check_standing(invited: Invited, intent: Intent, parties: Collection[AgencyId]) -> None:
    of_request = intent.stage in OF_REQUESTS
    match invited.type:
        case AgencyType.BODY if of_request:
            raise NotCompetent("body-reads-no-request", agency=invited.agency)
        case AgencyType.NGO if invited.agency not in parties:
            raise NotCompetent("ngo-not-a-party", agency=invited.agency)
        case AgencyType.NGO if invited.why is Why.AUTHOR and intent.stage is DocketStage.ASKED:
            raise NotCompetent("ngo-asks-nothing", agency=invited.agency)
        case AgencyType.NGO | AgencyType.BODY if intent.coercive:
            raise NotCompetent("nothing-coercive", agency=invited.agency)
        case _:
            return


def age_of(issued: datetime, now: datetime) -> Age:
    """Return how old a roster issued at *issued* is."""
    if now - issued > timedelta(days=REASON_DAYS):
        return Age.REASON
    return Age.WARN if now - issued > timedelta(days=WARN_DAYS) else Age.FRESH


def check_age(issued: datetime, now: datetime, *, reason: str) -> Age:
    """Return the roster's age; raise NeedsReason if sealing to it needs one that is not given."""
    age = age_of(issued, now)
    if age is Age.REASON and not reason.strip():
        raise NeedsReason("roster", days=(now - issued).days)
    return age


WHYS: Final = tuple(Why)
"""The order in which readers are shown."""
