# SPDX-License-Identifier: Apache-2.0
"""Tell without being asked (UNTOC art. 18(4)): a note with restrictions that bind (18(5))."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from comity.domain.docket import DocketStage
from comity.domain.handling import Handling
from comity.domain.ids import ActId, mint, thread_of
from comity.domain.statement import Attachment, Basis, Note
from comity.knowledge.kinds import fill_supplied
from comity.knowledge.request_kind import RequestKind, Values
from comity.services.address_book import read_book
from comity.services.ask import known_kind
from comity.services.bars import bar, read_bars
from comity.services.compose import Act
from comity.services.draft import Also, Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import Done, Terms
from comity.services.rules import NOTE, USE, Outward, decide_outward
from comity.services.short_numbers import choose_short, once_more
from comity.services.sources import check_unnamed, note_use, source
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
class News:
    """What an officer tells."""

    to: str
    kind: str
    ref: str
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: str
    offence: str = ""
    why_you: str = ""
    handling: Handling = field(default_factory=Handling)
    basis: Basis = field(default_factory=lambda: Basis(code="untoc-18-4"))
    mandate: str = ""
    attachments: tuple[Attachment, ...] = ()
    language: str = "en"
    desk: str = ""
    bars: tuple[str, ...] = ()
    """Agencies, desks and officers who are barred from this thread from the first act on."""
    roster_reason: str = ""
    source: str = ""
    """The number of the source on whose word it rests. It goes nowhere by itself."""
    typed_for: str = ""
    """The colleague who dictates it, if one does."""


def tell(unlocked: Unlocked, house: House, news: News, *, also: Sequence[Also] = ()) -> Done:
    """Tell *news*; it opens a thread of its own, on which no clock runs.

    What *also* does, it does in the same write: nothing is told if it raises.
    """

    def told() -> Done:
        draft = draft_note(unlocked, house, news)
        return send(unlocked, house, replace(draft, also=(*also, *draft.also)))

    done = once_more(told)
    if news.source:
        note_use(unlocked, house, news.source, done.act)
    return done


def draft_note(unlocked: Unlocked, house: House, news: News) -> Draft:
    """Return *news* as it would be sent; raise a child of Refused if it would not be."""
    kind = known_kind(house, news.kind)
    check_given(ref=news.ref, facts=news.facts)
    check_names(ref=news.ref)
    check_texts(
        facts=news.facts,
        offence=news.offence,
        why_you=news.why_you,
        roster_reason=news.roster_reason,
    )
    check_language(news.language)
    check_basis(news.basis)
    check_handling(house, news.handling)
    check_files(house, news.attachments)
    check_values(news.fields)
    if news.source:
        _check_unnamed(unlocked, house, news)
    values = fill_supplied(kind, news.fields)  # nothing is asked, so nothing has to be there
    with house.store.read():  # one snapshot for all that is decided
        draft = _draft(unlocked, house, news, kind=kind, values=values)
        return typed_by(unlocked, house, draft, news.typed_for)


def _draft(
    unlocked: Unlocked, house: House, news: News, *, kind: RequestKind, values: Values
) -> Draft:
    book = read_book(house)
    own = book.agency(unlocked.agency)
    opening = ActId(mint(house.random))
    thread = thread_of(unlocked.agency, opening)
    bars = read_bars(book, thread, news.bars)
    meant = Outward(
        thread=thread,
        to=book.find_reader(news.to)[1],
        kind=NOTE,
        stage=DocketStage.TOLD,
        # Free text may name anybody, and a note is little else.
        nominal=True,
        coercive=False,
        use=USE,
        mandate=news.mandate,
        desk=news.desk,
        bars=bars,
        roster_reason=news.roster_reason,
    )
    decided = decide_outward(unlocked, house, book, meant)
    short = choose_short(house, own, decided.peer, thread)
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
    return Draft(
        book=book,
        act=Act(
            id=opening,
            body=body,
            thread=thread,
            invited=decided.invited,
            language=news.language,
            desk=decided.desk,
            roster_reason=news.roster_reason,
        ),
        decided=decided,
        terms=Terms(
            held=decided.held,
            wait=decided.wait,
            short=short,
            owed=decided.oversight.owed_on_paper,
        ),
        also=bar(house, own.id, bars),
    )


def _check_unnamed(unlocked: Unlocked, house: House, news: News) -> None:
    """Raise Refused if *news* names the source on whose word it rests."""
    texts = [news.facts, news.offence, news.why_you, news.ref, news.basis.text]
    texts += [each for given in news.fields.values() for each in given]
    texts += [each.name for each in news.attachments]
    check_unnamed(source(unlocked, house, news.source), texts)
