# SPDX-License-Identifier: Apache-2.0
"""An office: what an officer may do for the agency as a whole, beside his own threads.

Whoever runs a server may do all of this at its command line. On a page anybody of the agency is
signed in, so here each verb asks first whether his role, as the newest list has it, answers for it;
and it acts on his own agency, whichever others the server houses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comity.crypto import passphrase as passphrases
from comity.domain.docket import OpenedBy
from comity.domain.ids import AgencyId, OfficerId, ThreadId
from comity.domain.policy import Exclusion, Policy, Rule, Sensitivity
from comity.domain.roster import DeskEntry, MandateEntry, OfficerEntry, Role
from comity.domain.standing import SuspendCode
from comity.errors import Misused, NotCompetent
from comity.services import admit, introductions, suspend
from comity.services import marked_identifiers as marks
from comity.services.address_book import Book, read_book
from comity.services.admit import Admission
from comity.services.agency_card import AgencyCard
from comity.services.charge import Charge, charges_of
from comity.services.desk_duty import NewDuty, set_duty
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.enrol import Person, enrol, names, officer_of
from comity.services.house import House
from comity.services.introduce import Made, introduce, scope_of
from comity.services.mandates import NewMandate, add_mandate
from comity.services.marked_identifiers import Alert, Marked
from comity.services.officer import Unlocked
from comity.services.oversight import AgencyPolicy, change_policy, exclude, read_policy, readmit
from comity.services.recall_rules import KeepingRules, set_rules
from comity.services.renew import renew
from comity.services.revoke import revoke
from comity.services.roles import change_roles
from comity.services.rules import check_overseer
from comity.services.seat import Seat
from comity.services.stand_ins import StandIns, name_stand_ins
from comity.services.transfers import Transfer, transfers


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A new officer, and the passphrase that is shown once and kept nowhere."""

    entry: OfficerEntry
    passphrase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    unlocked: Unlocked
    house: House

    @classmethod
    def of(cls, seat: Seat) -> "Office":
        return cls(unlocked=seat.unlocked, house=seat.house)

    @property
    def book(self) -> Book:
        return read_book(self.house)

    @property
    def card(self) -> AgencyCard:
        return self.book.agency(self.unlocked.agency)

    @property
    def agency(self) -> AgencyId:
        return self.unlocked.agency

    @property
    def charges(self) -> frozenset[Charge]:
        """Return what he answers for, as the newest list has him."""
        return charges_of(self.card, self.unlocked.entry.id)

    def need(self, charge: Charge) -> None:
        """Raise NotCompetent unless he answers for *charge*."""
        if charge not in self.charges:
            raise NotCompetent

    def name(self, officer: str) -> str:
        """Return the name of somebody of this agency, as it knows him."""
        entry = officer_of(self.card, officer)
        return names(self.house).get(entry.id, entry.name or entry.label)

    @property
    def own_name(self) -> str:
        return self.name(self.unlocked.entry.id)

    # Officers and desks.

    def enrol(self, person: Person, passphrase: str = "") -> Enrolled:
        """Enrol *person* under *passphrase*; one is offered where none is given."""
        self.need(Charge.PEOPLE)
        chosen = passphrase or passphrases.offer(self.house.random)
        entry = enrol(self.house, self.agency, person, chosen)
        return Enrolled(entry=entry, passphrase=chosen)

    def renew(self, officer: str) -> OfficerEntry:
        self.need(Charge.PEOPLE)
        return renew(self.house, self.agency, officer_of(self.card, officer).id)

    def revoke(
        self, officer: str, *, reason: str, since: datetime | None = None
    ) -> tuple[DeskEntry, ...]:
        """Revoke an officer of this agency; return the desks that need a new key."""
        self.need(Charge.PEOPLE)
        entry = officer_of(self.card, officer)
        if entry.id == self.unlocked.entry.id:
            raise NotCompetent  # nobody locks himself out by a slip
        done = revoke(self.house, entry.id, reason=reason, compromised_since=since)
        return tuple(each for each in self.card.desks if each.id in done.desks)

    def change_roles(self, officer: str, roles: Sequence[Role]) -> OfficerEntry:
        """Give an officer other roles; nobody changes his own."""
        self.need(Charge.PEOPLE)
        entry = officer_of(self.card, officer)
        if entry.id == self.unlocked.entry.id:
            raise NotCompetent
        return change_roles(self.house, self.agency, entry.id, roles)

    def open_desk(self, new: NewDesk, members: Sequence[str]) -> DeskEntry:
        self.need(Charge.PEOPLE)
        return open_desk(self.house, self.agency, new, [OfficerId(each) for each in members])

    def change_members(
        self, desk: str, *, join: Sequence[str] = (), leave: Sequence[str] = ()
    ) -> DeskEntry:
        """Change who sits at a desk: the desk's own rules say who may (``desks``)."""
        return change_members(
            self.house,
            self.unlocked,
            self.desk(desk).id,
            join=[officer_of(self.card, each).id for each in join],
            leave=[officer_of(self.card, each).id for each in leave],
        )

    def set_duty(self, desk: str, new: NewDuty) -> DeskEntry:
        self.need(Charge.PEOPLE)
        return set_duty(self.house, self.agency, self.desk(desk).id, new)

    def name_stand_ins(self, desk: str, alternates: Sequence[str], head: str) -> StandIns:
        self.need(Charge.PEOPLE)
        found = [officer_of(self.card, each).id for each in alternates]
        return name_stand_ins(self.house, self.card, self.desk(desk).id, found, head)

    def desk(self, desk: str) -> DeskEntry:
        """Return a desk of this agency; raise Misused where it has none of that id."""
        found = self.card.readers.get(desk)
        if not isinstance(found, DeskEntry):
            raise Misused("desk-unknown")
        return found

    # Mandates, oversight, what is kept.

    def add_mandate(self, new: NewMandate) -> MandateEntry:
        self.need(Charge.PEOPLE)
        return add_mandate(self.house, self.agency, new)

    def end_mandate(self, mandate: str, *, reason: str) -> MandateEntry:
        self.need(Charge.PEOPLE)
        found = [each for each in self.card.mandates if each.id == mandate]
        if not found:
            raise Misused("mandate-unknown")
        revoke(self.house, found[0].id, reason=reason)
        return found[0]

    def policy(self) -> AgencyPolicy:
        """Return the rules; who is barred from what is shown to those who answer for it alone."""
        held = read_policy(self.house, self.agency)
        return held if Charge.OVERSIGHT in self.charges else replace(held, exclusions=())

    def set_rule(self, rule: Rule) -> AgencyPolicy:
        """Set *rule* in the place of the one for the same matter."""
        self.need(Charge.OVERSIGHT)
        for each in rule.to:
            card, _ = self.book.reader(each)
            check_overseer(self.card, card)
        return self._change_rules((_matter(rule),), rule)

    def drop_rule(self, rule: Rule) -> AgencyPolicy:
        self.need(Charge.OVERSIGHT)
        return self._change_rules((_matter(rule),))

    def set_manner(self, *, stop: int, shows: OpenedBy) -> AgencyPolicy:
        """Set how long what leaves can be stopped, and what others learn of who opened."""
        self.need(Charge.OVERSIGHT)
        return change_policy(
            self.house, self.agency, lambda held: replace(held, stop=stop, shows=shows)
        )

    def exclude(self, exclusion: Exclusion) -> None:
        self.need(Charge.OVERSIGHT)
        exclude(self.house, self.agency, exclusion)

    def readmit(self, thread: ThreadId) -> None:
        self.need(Charge.OVERSIGHT)
        readmit(self.house, self.agency, thread)

    def keep(self, rules: KeepingRules) -> None:
        self.need(Charge.PEOPLE)
        set_rules(self.house, self.agency, rules)

    # What is watched, and what left.

    def mark(self, value: str, *, kind: str = "", remark: str = "") -> Marked:
        self.need(Charge.MARKED)
        by = self.unlocked.entry.id
        return marks.mark(self.house, self.agency, value, kind=kind, remark=remark, by=by)

    def unmark(self, id_: str) -> None:
        self.need(Charge.MARKED)
        marks.unmark(self.house, self.agency, id_)

    def marked(self) -> tuple[tuple[Marked, ...], tuple[Alert, ...]]:
        """Return what is marked, and who asked about it; his own questions are left out."""
        self.need(Charge.MARKED)
        with self.house.store.read() as reading:
            told = marks.alerts(reading, self.house, self.agency)
            found = marks.marked(reading, self.house, self.agency)
        return found, tuple(e for e in told if e.officer != self.unlocked.entry.id)

    def note_seen(self, alert: str) -> None:
        self.need(Charge.MARKED)
        marks.note_seen(self.house, self.agency, alert)

    def transfers(self, *, since: datetime, until: datetime) -> tuple[Transfer, ...]:
        self.need(Charge.TRANSFERS)
        return transfers(self.unlocked, self.house, since=since, until=until)

    # Other agencies.

    def check(self, agency: str, spoken: str) -> None:
        """Record that he heard the digits of *agency* read aloud."""
        self.need(Charge.VOICE)
        admit.check(self.house, AgencyId(agency), spoken, by=self.own_name)

    def introduce(
        self,
        pair: tuple[str, str],
        scope: str,
        sensitivity: Sensitivity,
        *,
        until: datetime,
        reason: str = "",
    ) -> Made:
        """Tell two agencies of each other."""
        self.need(Charge.VOICE)
        return introduce(
            self.unlocked,
            self.house,
            (AgencyId(pair[0]), AgencyId(pair[1])),
            scope_of(self.house, scope, sensitivity),
            until=until,
            reason=reason,
        )

    def admit(self, invitation: str, admission: Admission) -> AgencyCard:
        """Admit whose *invitation* it is; he is one of the two who decided (``two``)."""
        self.need(Charge.AGENCIES)
        if self.own_name not in admission.decided_by:
            raise NotCompetent
        return admit.accept(self.house, invitation, admission)

    def accept(self, introduction: str, colleague: str) -> AgencyCard:
        """Admit who was introduced, with *colleague*, who decided too."""
        self.need(Charge.AGENCIES)
        return introductions.accept(self.house, introduction, decided_by=self.two(colleague))

    def decline(self, introduction: str) -> None:
        self.need(Charge.AGENCIES)
        introductions.decline(self.house, introduction)

    def suspend(
        self, agency: str, *, code: SuspendCode, remark: str = "", until: datetime | None = None
    ) -> None:
        self.need(Charge.AGENCIES)
        suspend.suspend(
            self.house, AgencyId(agency), code=code, by=self.own_name, remark=remark, until=until
        )

    def lift(self, agency: str, *, colleague: str, reason: str) -> None:
        self.need(Charge.AGENCIES)
        suspend.lift(self.house, AgencyId(agency), decided_by=self.two(colleague), reason=reason)

    def two(self, colleague: str) -> tuple[str, str]:
        """Return who decided: he, and *colleague*; once more the same where he names himself."""
        return self.own_name, self.name(colleague) if colleague else ""

    def _change_rules(self, matters: Sequence[tuple[str, str, str]], *new: Rule) -> AgencyPolicy:
        def changed(held: AgencyPolicy) -> AgencyPolicy:
            kept = [each for each in held.policy.rules if _matter(each) not in matters]
            return replace(held, policy=Policy(rules=(*kept, *new)))

        return change_policy(self.house, self.agency, changed)


def _matter(rule: Rule) -> tuple[str, str, str]:
    return rule.kind, rule.peer, rule.sensitivity
