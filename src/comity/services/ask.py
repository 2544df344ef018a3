# SPDX-License-Identifier: Apache-2.0
"""Ask: a question of one kind, from an officer here to a desk in another country.

Read, decide, seal, write: the rules are all consulted before anything is signed, and once more by
unique keys inside the one write. ``who_will_see`` runs the same decision and seals nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.domain.docket import ClockClass, DocketStage
from comity.domain.handling import Handling
from comity.domain.ids import ThreadId, mint
from comity.domain.readers import Age, WillSee, will_see
from comity.domain.statement import Attachment, Basis, Request, Urgency
from comity.errors import Misused, NeedsReason
from comity.knowledge.codes import bases, purposes
from comity.knowledge.kinds import fill
from comity.knowledge.request_kind import RequestKind, Values, is_nominal
from comity.services.address_book import Book, read_book
from comity.services.compose import Act, author_of, compose
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms, record
from comity.services.rules import Decided, Outward, decide_outward
from comity.services.short_numbers import choose_short

TEXT_LIMIT = 8000
"""Characters of one free text: longer belongs in a file."""


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
    attachments: tuple[Attachment, ...] = ()
    language: str = "en"
    desk: str = ""
    """The asker's own desk for which he signs; empty when he has one or signs for himself."""
    roster_reason: str = ""
    spoken: str = ""
    """Who countersigned by telephone, in an urgent case where the agency allows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown before a question is sent."""

    readers: tuple[WillSee, ...]
    held: bool
    owed_on_paper: tuple[str, ...]
    mandate: str
    wait: int
    age: Age


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    book: Book
    kind: RequestKind
    values: Values
    urgency: Urgency
    thread: ThreadId
    decided: Decided


def ask(unlocked: Unlocked, house: House, question: Question) -> Done:
    """Ask *question*; return what was released, or what is held for a countersignature."""
    with house.store.read():  # one snapshot for all that is decided
        ready = _decide(unlocked, house, question)
        decided = ready.decided
        own = ready.book.agency(unlocked.agency)
        short = choose_short(house, own, decided.peer, ready.thread)
    body = Request(
        kind=ready.kind.id,
        kind_version=ready.kind.version,
        ref=question.ref.strip(),
        short=short.number,
        fields=ready.values,
        facts=question.facts,
        offence=question.offence,
        why_you=question.why_you,
        link=question.link,
        use=question.use,
        handling=question.handling,
        urgency=ready.urgency,
        urgency_reason=question.urgency_reason,
        basis=question.basis,
        mandate=decided.mandate,
        attachments=question.attachments,
        spoken=question.spoken,
    )
    act = Act(
        body=body,
        thread=ready.thread,
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
    return record(house, ready.book, compose(unlocked, house, ready.book, act), terms)


def who_will_see(unlocked: Unlocked, house: House, question: Question) -> Shown:
    """Return who would read *question*, by the decision that sending it makes."""
    ready = _decide(unlocked, house, question)
    decided = ready.decided
    return Shown(
        readers=will_see([author_of(unlocked, ready.book), *decided.invited]),
        held=decided.held,
        owed_on_paper=decided.oversight.owed_on_paper,
        mandate=decided.mandate,
        wait=decided.wait,
        age=decided.age,
    )


def _decide(unlocked: Unlocked, house: House, question: Question) -> _Ready:
    kind = house.kinds.get(question.kind)
    if kind is None:
        raise Misused("kind-unknown")
    if kind.coercive:
        # What interferes with rights goes by letter; the kind says by which.
        raise Misused("kind-needs-letter")
    urgency = question.urgency or kind.clock
    _check_words(question, urgency)
    values = fill(kind, question.fields)
    book = read_book(house)
    _, entry = book.find_reader(question.to)
    thread = ThreadId(mint(house.random))
    meant = Outward(
        thread=thread,
        to=entry,
        kind=kind.id,
        stage=DocketStage.ASKED,
        clock=ClockClass(urgency.value),
        nominal=is_nominal(kind, values),
        coercive=kind.coercive,
        use=question.use,
        mandate=question.mandate,
        desk=question.desk,
        roster_reason=question.roster_reason,
        spoken=question.spoken,
    )
    return _Ready(
        book=book,
        kind=kind,
        values=values,
        urgency=urgency,
        thread=thread,
        decided=decide_outward(unlocked, house, book, meant),
    )


def _check_words(question: Question, urgency: Urgency) -> None:
    if not question.ref.strip():
        raise Misused("field-missing", field="ref")
    if urgency is Urgency.URGENT and not question.urgency_reason.strip():
        raise NeedsReason("urgency")
    if question.use not in purposes():
        raise Misused("purpose-unknown")
    check_basis(question.basis)
    check_texts(
        facts=question.facts,
        offence=question.offence,
        why_you=question.why_you,
        link=question.link,
        ref=question.ref,
    )


def check_basis(basis: Basis) -> None:
    if basis.code not in bases():
        raise Misused("basis-unknown")
    if basis.code == "other" and not basis.text.strip():
        raise NeedsReason("basis")


def check_texts(**texts: str) -> None:
    """Raise Misused for a free text that is too long."""
    for name, text in texts.items():
        if len(text) > TEXT_LIMIT:
            raise Misused("field-long", field=name, limit=TEXT_LIMIT)
