# SPDX-License-Identifier: Apache-2.0
"""Pass on what another agency told: to a third one, in a thread of its own, as it was signed.

The program seals it to nobody whom the originator's handling does not reach, unless his signed
consent is there; both travel with it, with what shows whose keys signed them. Files travel by
their seeds: 32 bytes are sealed anew, whatever they are worth. Everything that holds for what is
told holds here too: mandate, oversight, bars, keys compared by voice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.domain.consent import Word
from comity.domain.consents import Asking, askings
from comity.domain.docket import DocketStage
from comity.domain.handling import Handling
from comity.domain.ids import ActId, AgencyId, ThreadId, mint, thread_of
from comity.domain.onward import Use, narrower
from comity.domain.passed_on import (
    EXPIRED,
    HANDS_MOST,
    OVER,
    Chain,
    leave,
    verdict_on,
)
from comity.domain.policy import Exclusion
from comity.domain.roster import AgencyType
from comity.domain.statement import Basis, Note, Opener, PassOn, Telling
from comity.domain.verdict import Allowed, Barred
from comity.errors import Misused, NotCompetent, Refused, TooLate
from comity.knowledge.codes import purposes
from comity.services import recall_onward
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.bars import bar, read_bars
from comity.services.compose import Act
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.oversight import read_policy
from comity.services.passed_on_in import Backing, backings_of, nearest
from comity.services.prove import certify
from comity.services.release import Done, Terms
from comity.services.rules import NOTE, STATES, Outward, decide_outward
from comity.services.short_numbers import choose_short, once_more
from comity.services.thread import OpenThread, open_thread
from comity.services.told import told_in
from comity.services.unseal import Opened
from comity.services.words import (
    check_basis,
    check_files,
    check_given,
    check_handling,
    check_language,
    check_names,
    check_texts,
)
from comity.storage import copies
from comity.storage.reading import Reading, Writing
from comity.wire import canonical, statement
from comity.wire.passed_on import CERTIFIED_LIMIT, CERTIFIED_MOST, unpack
from comity.wire.statement import SignedCopy

WAITS: Final = "consent-waits"
NEEDED: Final = "needs-consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """How an officer passes on what he was told."""

    to: str
    """An agency, or ``agency/desk``, in the words of the address book."""
    ref: str
    """Our own file number."""
    act: str = ""
    """What is passed on; empty for the newest that was told."""
    remark: str = ""
    use: str = "intelligence"
    handling: Handling | None = None
    """Narrows what binds already; None leaves it as it is."""
    files: bool = True
    basis: Basis = field(default_factory=lambda: Basis(code="untoc-18-4"))
    mandate: str = ""
    language: str = "en"
    desk: str = ""
    bars: tuple[str, ...] = ()
    roster_reason: str = ""
    id: str = ""
    """Of the act that opens the thread, where a form brings it: sent twice it is one act."""


def pass_on(unlocked: Unlocked, house: House, thread: ThreadId, onward: Onward) -> Done:
    """Pass on what was told in *thread*; raise Refused where the originator must be asked."""
    return once_more(lambda: send(unlocked, house, draft_pass_on(unlocked, house, thread, onward)))


def draft_pass_on(unlocked: Unlocked, house: House, thread: ThreadId, onward: Onward) -> Draft:
    """Return *onward* as it would be sent; raise a child of Refused if it would not be."""
    _check_words(onward)
    with house.store.read() as reading:
        before = _copies(reading, thread)
    opened = open_thread(unlocked, house, thread)
    source = told_in(opened, unlocked.agency, onward.act)
    meant = _Meant(unlocked, house, opened, source, onward)

    def unmoved(writing: Writing) -> None:
        """Raise TooLate if anything came or was done meanwhile: a consent may be withdrawn."""
        sent = onward.id and copies.by_acts(writing, [onward.id])
        if sent or _copies(writing, thread) != before:
            raise TooLate("moved")

    with house.store.read() as reading:  # one snapshot for all that is decided
        draft = meant.draft(reading, unmoved)
    body = draft.act.body
    check_files(house, body.attachments if isinstance(body, PassOn) else ())
    return draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A consent as its originator signed it."""

    signed: SignedCopy
    certified: tuple[bytes, ...] = ()
    """What whoever brought it shows of his keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leave:
    """By what it may be passed on."""

    word: Shown | None
    """None where the handling leaves it."""
    bound: Handling
    """What then binds."""


class _Meant:
    """One passing on while it is decided."""

    def __init__(
        self,
        unlocked: Unlocked,
        house: House,
        opened: OpenThread,
        source: Opened,
        onward: Onward,
    ) -> None:
        self._unlocked = unlocked
        self._house = house
        self._opened = opened
        self._source = source
        self._onward = onward
        self._book: Book = read_book(house)
        self._before: Chain = unpack(source.statement).chain

    def draft(self, reading: Reading, unmoved: Callable[[Writing], None]) -> Draft:
        unlocked, house, onward, book = self._unlocked, self._house, self._onward, self._book
        own = book.agency(unlocked.agency)
        card, to = book.find_reader(onward.to)
        check_passer(self._before, own, card)
        leave_ = self._leave(card)
        opening = ActId(onward.id or mint(house.random))
        thread = thread_of(own.id, opening)
        bars = self._bars(thread)
        decided = decide_outward(
            unlocked,
            house,
            book,
            Outward(
                thread=thread,
                to=to,
                kind=NOTE,
                stage=DocketStage.TOLD,
                nominal=True,
                coercive=False,
                use=onward.use,
                mandate=onward.mandate,
                desk=onward.desk,
                bars=bars,
                roster_reason=onward.roster_reason,
            ),
        )
        short = choose_short(house, own, decided.peer, thread)
        body = self._body(
            reading, leave_, recipient=card.id, mandate=decided.mandate, short=short.number
        )
        check_handling(house, body.handling)
        return Draft(
            book=book,
            act=Act(
                id=opening,
                body=body,
                thread=thread,
                invited=decided.invited,
                language=onward.language,
                desk=decided.desk,
                roster_reason=onward.roster_reason,
            ),
            decided=decided,
            terms=Terms(
                held=decided.held,
                wait=decided.wait,
                short=short,
                owed=decided.oversight.owed_on_paper,
            ),
            also=(unmoved, *bar(house, own.id, bars), self._remember(opening, card.id)),
        )

    def _remember(self, act: ActId, recipient: AgencyId) -> Callable[[Writing], None]:
        """Return what lets a recall of this follow it: the node cannot read what it carries."""
        own = self._unlocked.agency
        passed = recall_onward.PassedOn(
            act=act,
            thread=thread_of(own, act),
            agency=own,
            to=recipient,
            inside=self._source.statement.act,
            by=self._source.statement.author.agency,
        )
        return lambda writing: recall_onward.remember(writing, self._house, passed)

    def _leave(self, recipient: AgencyCard) -> _Leave:
        """Return the consent that it needs, if any, and what then binds; or raise Refused."""
        before, own = self._before, self._unlocked.agency
        at, near = self._house.now(), nearest(self._book, own, recipient.id)
        verdict = verdict_on(before, near, at)
        if isinstance(verdict, Barred):
            raise Refused(EXPIRED if verdict.why == "expired" else verdict.why)
        found = None
        if not isinstance(verdict, Allowed):
            found = consent_for(self._opened, self._source, own, recipient.id)
            if found:
                self._verify(found)
        said = found.signed.statement if found else None
        why, bound = leave(
            before,
            said,
            holder=own,
            recipient=recipient.id,
            purpose=self._onward.use,
            nearest=near,
            at=at,
        )
        if why:
            raise Refused(why if why in (OVER, "consent-no") else NEEDED)
        return _Leave(word=found, bound=bound)

    def _verify(self, found: Shown) -> None:
        """Raise unless the originator signed *found*: whoever brought it may have made it up."""
        certified = (*unpack(self._source.statement).certified, *found.certified)
        at = self._house.now()
        if Backing.CLAIMED in backings_of([found.signed], certified, self._book, at):
            raise Refused("consent-unproved")

    def _body(
        self,
        reading: Reading,
        leave_: _Leave,
        *,
        recipient: AgencyId,
        mandate: str,
        short: str,
    ) -> PassOn:
        word, bound = leave_.word, leave_.bound
        signed = [self._source.signed, *([word.signed] if word else [])]
        shown = keys_of(reading, self._house, self._book, signed)
        told, onward = self._source.statement.body, self._onward
        opening = self._opened.thread.opening
        about = opening.body if opening and isinstance(opening.body, Opener) else None
        return PassOn(
            kind=about.kind if about else "",
            kind_version=about.kind_version if about else 1,
            ref=onward.ref.strip(),
            short=short,
            recipient=recipient,
            original=self._source.signed.dsse,
            consent=word.signed.dsse if word else b"",
            certified=within((*shown, *(word.certified if word else ()))),
            remark=onward.remark,
            use=onward.use,
            handling=narrower(bound, onward.handling) if onward.handling else bound,
            basis=onward.basis,
            mandate=mandate,
            attachments=told.attachments if isinstance(told, Telling) and onward.files else (),
        )

    def _bars(self, thread: ThreadId) -> Exclusion | None:
        """Return who is barred: from where it came, and whoever is named now."""
        here = read_bars(self._book, thread, self._onward.bars)
        policy = read_policy(self._house, self._unlocked.agency)
        there = [each for each in policy.exclusions if each.thread == self._opened.id]
        every = [*([here] if here else []), *there]
        if not every:
            return None
        return Exclusion(
            thread=thread,
            readers=frozenset[str]().union(*(each.readers for each in every)),
            agencies=frozenset[AgencyId]().union(*(each.agencies for each in every)),
        )


def check_passer(before: Chain, own: AgencyCard, recipient: AgencyCard) -> None:
    """Raise a child of Refused unless *own* may pass on anything, and this to *recipient*."""
    check_bounds(before, own, recipient)
    if recipient.id in (own.id, before.originator):
        raise Misused("passed-on-back")
    if len(before.hands) >= HANDS_MOST:
        raise Refused("hands-many", limit=HANDS_MOST)


def check_bounds(before: Chain, own: AgencyCard, recipient: AgencyCard) -> None:
    """Raise NotCompetent for what no consent lifts.

    An NGO passes on nothing that it was told, and neither an NGO nor a body reads what States ask
    and answer each other.
    """
    if own.kind is AgencyType.NGO:
        raise NotCompetent("ngo-passes-nothing-on")
    if recipient.kind not in STATES and not isinstance(before.original.body, Note):
        body = recipient.kind is AgencyType.BODY
        raise NotCompetent("body-reads-no-request" if body else "ngo-not-a-party")


def consent_for(
    opened: OpenThread, source: Opened, holder: AgencyId, recipient: AgencyId
) -> Shown | None:
    """Return the originator's last word on passing *source* on to *recipient*, as he signed it.

    Raise Refused while he has been asked and has said nothing.
    """
    asked = [
        each
        for each in askings(opened.thread)
        if each.body.to == source.statement.act
        and (each.body.use, each.body.holder) == (Use.PASS_ON, holder)
        and recipient in each.body.agencies
    ]
    given = [each for each in asked if each.word is not None]
    if not given:
        if asked:
            raise Refused(WAITS)
        return None
    return word_of(opened, max(given, key=lambda each: each.place))


def word_of(opened: OpenThread, asking: Asking) -> Shown | None:
    """Return the word on *asking* as its originator signed it, wherever it was brought from."""
    word = asking.word
    if word is None or asking.given is None:
        return None
    if word.word is Word.NO:
        raise Refused("consent-no")
    if word.signed:
        return Shown(signed=statement.author_of(word.signed), certified=word.certified)
    return next((Shown(signed=e.signed) for e in opened.copies_of(asking.given)), None)


def keys_of(
    reading: Reading, house: House, book: Book, signed: Sequence[SignedCopy]
) -> tuple[bytes, ...]:
    """Return what shows a stranger whose keys signed these, as far as we know it."""
    people: dict[AgencyId, set[str]] = {}
    for each in signed:
        author = each.statement.author
        people.setdefault(author.agency, set()).add(author.certificate)
    return tuple(
        canonical.encode(each)
        for agency, certificates in sorted(people.items())
        if agency in book.cards
        for each in certify(reading, house, book.agency(agency), certificates)
    )


def within(shown: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return *shown*, or nothing of it where that is too much for one statement."""
    told = tuple(dict.fromkeys(shown))
    fits = sum(map(len, told)) <= CERTIFIED_LIMIT and len(told) <= CERTIFIED_MOST
    return told if fits else ()


def _check_words(onward: Onward) -> None:
    check_given(ref=onward.ref)
    check_names(ref=onward.ref)
    check_texts(remark=onward.remark, roster_reason=onward.roster_reason)
    check_language(onward.language)
    check_basis(onward.basis)
    if onward.use not in purposes():
        raise Misused("purpose-unknown")


def _copies(reading: Reading, thread: ThreadId) -> frozenset[str]:
    return frozenset(row.copy for row in copies.by_threads(reading, [thread]))
