# SPDX-License-Identifier: Apache-2.0
"""Tell without being asked (UNTOC art. 18(4)): a note with restrictions that bind (18(5))."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.domain.docket import DocketStage
from comity.domain.handling import Handling
from comity.domain.ids import ThreadId, mint
from comity.domain.statement import Attachment, Basis, Note
from comity.errors import Misused
from comity.knowledge.kinds import fill
from comity.knowledge.request_kind import is_nominal
from comity.services.address_book import read_book
from comity.services.ask import check_basis, check_texts
from comity.services.compose import Act, compose
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms, record
from comity.services.rules import Outward, decide_outward
from comity.services.short_numbers import choose_short

NOTE = "note"
"""How oversight rules and mandates name a note, whatever it is about."""
USE = "intelligence"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an officer tells."""

    to: str
    kind: str
    ref: str
    fields: Mapping[str, tuple[str, ...]]
    facts: str
    offence: str = ""
    why_you: str = ""
    handling: Handling = field(default_factory=Handling)
    basis: Basis = field(default_factory=lambda: Basis(code="untoc-18-4"))
    mandate: str = ""
    attachments: tuple[Attachment, ...] = ()
    language: str = "en"
    desk: str = ""
    roster_reason: str = ""


def tell(unlocked: Unlocked, house: House, news: News) -> Done:
    """Tell *news*; it opens a thread of its own, on which no clock runs."""
    kind = house.kinds.get(news.kind)
    if kind is None:
        raise Misused("kind-unknown")
    for name, text in (("ref", news.ref), ("facts", news.facts)):
        if not text.strip():
            raise Misused("field-missing", field=name)
    check_basis(news.basis)
    check_texts(facts=news.facts, offence=news.offence, why_you=news.why_you, ref=news.ref)
    values = fill(kind, news.fields) if news.fields else {}
    book = read_book(house)
    _, entry = book.find_reader(news.to)
    thread = ThreadId(mint(house.random))
    decided = decide_outward(
        unlocked,
        house,
        book,
        Outward(
            thread=thread,
            to=entry,
            kind=NOTE,
            stage=DocketStage.TOLD,
            # Free text and files may name anybody, and a note is little else.
            nominal=is_nominal(kind, values) or bool(news.facts or news.attachments),
            coercive=False,
            use=USE,
            mandate=news.mandate,
            desk=news.desk,
            roster_reason=news.roster_reason,
        ),
    )
    short = choose_short(house, book.agency(unlocked.agency), decided.peer, thread)
    body = Note(
        kind=kind.id,
        kind_version=kind.version,
        ref=news.ref.strip(),
        short=short.number,
        fields=values,
        facts=news.facts,
        offence=news.offence,
        why_you=news.why_you,
        handling=news.handling,
        basis=news.basis,
        mandate=decided.mandate,
        attachments=news.attachments,
    )
    act = Act(
        body=body,
        thread=thread,
        invited=decided.invited,
        language=news.language,
        desk=decided.desk,
        roster_reason=news.roster_reason,
    )
    terms = Terms(
        held=decided.held,
        wait=decided.wait,
        short=short,
        owed=decided.oversight.owed_on_paper,
    )
    return record(house, book, compose(unlocked, house, book, act), terms)
