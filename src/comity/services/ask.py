# SPDX-License-Identifier: Apache-2.0
"""Ask: a question of one kind, from an officer here to a desk in another country.

Read, decide, seal, write: the rules are all consulted before anything is signed, and once more by
unique keys inside the one write. ``who_will_see`` shows the draft that would be sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comity.domain.docket import ClockClass, DocketStage
from comity.domain.handling import Handling
from comity.domain.ids import ActId, ThreadId, mint, thread_of
from comity.domain.policy import Exclusion
from comity.domain.statement import Attachment, Basis, Request, Urgency
from comity.errors import Misused, NeedsReason, Refused
from comity.knowledge.codes import purposes
from comity.knowledge.kinds import fill
from comity.knowledge.request_kind import RequestKind, Values, is_nominal
from comity.services.address_book import Book, read_book
from comity.services.bars import bar, read_bars
from comity.services.compose import Act
from comity.services.draft import Also, Draft, send
from comity.services.house import House
from comity.services.marked_identifiers import watch
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms
from comity.services.rules import Outward, decide_outward
from comity.services.short_numbers import choose_short, once_more
from comity.services.typed_for import typed_by
from comity.services.words import (
    check_basis,
    check_files,
    check_given,
    check_handling,
    check_language,
    check_names,
    check_texts,
    check_values,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an officer fills in; what can be prefilled has its default."""

    to: str
    """An agency, or ``agency/desk``, in the words of the address book."""
    kind: str
    ref: str
    fields: Mapping[str, tuple[str, ...]]
    facts: str = ""
    offence: str = ""
    why_you: str = ""
    link: str = ""
    use: str = "intelligence"
    handling: Handling = field(default_factory=Handling)
    urgency: Urgency | None = None
    """None for the kind's own clock."""
    urgency_reason: str = ""
    basis: Basis = field(default_factory=lambda: Basis(code="untoc-27-1"))
    mandate: str = ""
    """Empty for the one that covers it longest."""
    attachments: tuple[Attachment, ...] = ()
    language: str = "en"
    desk: str = ""
    """The asker's own desk for which he signs; empty when he has one or signs for himself."""
    bars: tuple[str, ...] = ()
    """Agencies, desks and officers who are barred from this thread from the first act on."""
    roster_reason: str = ""
    spoken: str = ""
    """Who countersigned by telephone, in an urgent case where the agency allows it."""
    typed_for: str = ""
    """The colleague who dictates it, if one does."""


def ask(unlocked: Unlocked, house: House, question: Question, *, also: Sequence[Also] = ()) -> Done:
    """Ask *question*; return what was released, or what is held for a countersignature.

    What *also* does, it does in the same write: nothing is asked if it raises.
    """

    def asked() -> Done:
        draft = draft_question(unlocked, house, question)
        return send(unlocked, house, draft, also=also)

    return once_more(asked)


def draft_question(unlocked: Unlocked, house: House, question: Question) -> Draft:
    """Return *question* as it would be sent; raise a child of Refused if it would not be."""
    kind = known_kind(house, question.kind)
    urgency = question.urgency or kind.clock
    _check_words(house, question, urgency)
    check_values(question.fields)
    values = fill(kind, question.fields)
    asked = _Asked(question=question, kind=kind, urgency=urgency, values=values)
    with house.store.read():  # one snapshot for all that is decided
        return typed_by(unlocked, house, _draft(unlocked, house, asked), question.typed_for)


def known_kind(house: House, id_: str) -> RequestKind:
    """Return the kind *id_*; raise Refused for one that goes by letter, and the kind says which."""
    kind = house.kinds.get(id_)
    if kind is None:
        raise Misused("kind-unknown")
    if kind.coercive:
        raise Refused("needs-letter", letter=kind.letter)
    return kind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question whose words hold together."""

    question: Question
    kind: RequestKind
    urgency: Urgency
    values: Values

    def outward(self, book: Book, thread: ThreadId, bars: Exclusion | None) -> Outward:
        """Return what the rules look at."""
        question = self.question
        return Outward(
            thread=thread,
            to=book.find_reader(question.to)[1],
            kind=self.kind.id,
            stage=DocketStage.ASKED,
            clock=ClockClass(self.urgency.value),
            nominal=self._may_name(),
            coercive=self.kind.coercive,
            use=question.use,
            mandate=question.mandate,
            desk=question.desk,
            bars=bars,
            roster_reason=question.roster_reason,
            spoken=question.spoken.strip(),
        )

    def _may_name(self) -> bool:
        """Return whether it may name somebody: free words can, and a photograph shows who."""
        told = self.question
        words = (told.facts, told.offence, told.why_you, told.link, told.urgency_reason)
        return is_nominal(self.kind, self.values) or bool(told.attachments) or any(words)

    @property
    def texts(self) -> tuple[str, ...]:
        """Return all that he typed, its identifiers made normal."""
        told = self.question
        given = (each for values in self.values.values() for each in values)
        return (*given, told.facts, told.why_you, told.link, told.offence)

    def body(self, short: str, mandate: str) -> Request:
        question = self.question
        return Request(
            kind=self.kind.id,
            kind_version=self.kind.version,
            ref=question.ref.strip(),
            short=short,
            fields=self.values,
            facts=question.facts,
            offence=question.offence,
            why_you=question.why_you,
            link=question.link,
            use=question.use,
            handling=question.handling,
            urgency=self.urgency,
            urgency_reason=question.urgency_reason,
            basis=question.basis,
            mandate=mandate,
            attachments=question.attachments,
            spoken=question.spoken.strip(),
        )


def _draft(unlocked: Unlocked, house: House, asked: _Asked) -> Draft:
    book = read_book(house)
    own, question = book.agency(unlocked.agency), asked.question
    opening = ActId(mint(house.random))
    thread = thread_of(unlocked.agency, opening)
    bars = read_bars(book, thread, question.bars)
    decided = decide_outward(unlocked, house, book, asked.outward(book, thread, bars))
    short = choose_short(house, own, decided.peer, thread)
    act = Act(
        id=opening,
        body=asked.body(short.number, decided.mandate),
        thread=thread,
        invited=decided.invited,
        language=question.language,
        desk=decided.desk,
        roster_reason=question.roster_reason,
    )
    terms = Terms(
        held=decided.held,
        wait=decided.wait,
        short=short,
        owed=decided.oversight.owed_on_paper,
    )
    return Draft(
        book=book,
        act=act,
        decided=decided,
        terms=terms,
        also=(
            *bar(house, own.id, bars),
            *watch(house, unlocked, thread, decided.peer.id, asked.texts),
        ),
    )


def _check_words(house: House, question: Question, urgency: Urgency) -> None:
    check_given(ref=question.ref)
    if urgency is Urgency.URGENT and not question.urgency_reason.strip():
        raise NeedsReason("urgency")
    if question.use not in purposes():
        raise Misused("purpose-unknown")
    check_names(ref=question.ref, spoken=question.spoken)
    check_texts(
        facts=question.facts,
        offence=question.offence,
        why_you=question.why_you,
        link=question.link,
        urgency_reason=question.urgency_reason,
        roster_reason=question.roster_reason,
    )
    check_language(question.language)
    check_basis(question.basis)
    check_handling(house, question.handling)
    check_files(house, question.attachments)
