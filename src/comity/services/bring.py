# SPDX-License-Identifier: Apache-2.0
"""Consent that is brought: asked elsewhere in another's name, and carried to him as it was signed.

What we passed on has its originator elsewhere. Whoever has it of us asks us for leave; we ask in
his name in the thread in which it was told to us, and bring the signed word to his.
"""

from dataclasses import dataclass

from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.consents import Asking, askings, pending
from comity.domain.ids import ActId, ThreadId
from comity.domain.onward import until
from comity.domain.statement import PassOn
from comity.domain.time import written
from comity.errors import Misused, Refused
from comity.services.address_book import read_book
from comity.services.consent import CONSENT, asked_for
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.pass_on import keys_of, within, word_of
from comity.services.release import Done
from comity.services.replies import Manner, begin, draft_reply
from comity.services.thread import OpenThread, open_thread
from comity.wire.statement import author_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A request that waits for the word of whoever told it to us in another thread."""

    request: ActId
    asked: ConsentRequest
    source: ThreadId
    """The thread in which it was told to us."""
    word: Consent | None
    """What was said there to the same request in his name, if it is a yes and still good."""


def elsewhere(unlocked: Unlocked, house: House, opened: OpenThread) -> tuple[Elsewhere, ...]:
    """Return what waits in *opened* for a word that is given in other threads, oldest first."""
    told = {each.id: each.body for each in opened.thread.acts}
    found = []
    for asking in pending(opened.thread, unlocked.agency):
        passed = told[asking.body.to]
        if not isinstance(passed, PassOn):
            continue
        source = author_of(passed.original).statement.thread
        try:
            there = open_thread(unlocked, house, source)
        except Misused:  # he does not read it: it is a colleague's to bring
            continue
        word = _good(house, _last(there, asking))
        found.append(Elsewhere(request=asking.act, asked=asking.body, source=source, word=word))
    return tuple(found)


def bring_consent(
    unlocked: Unlocked, house: House, thread: ThreadId, source: ThreadId, manner: Manner
) -> Done:
    """Bring to *thread*, in which we are asked, the originator's word that is in *source*."""
    return send(unlocked, house, draft_brought(unlocked, house, thread, source, manner))


def draft_brought(
    unlocked: Unlocked,
    house: House,
    thread: ThreadId,
    source: ThreadId,
    manner: Manner,
    *,
    request: str = "",
) -> Draft:
    """Return the word in *source* on the request named, or on the oldest that waits in *thread*."""
    begun = begin(unlocked, house, thread, CONSENT)
    asking = asked_for(begun, unlocked.agency, request)
    opened = open_thread(unlocked, house, source)
    last = _last(opened, asking)
    found = word_of(opened, last) if last else None
    if found is None or not isinstance(found.signed.statement.body, Consent):
        raise Refused("consent-not-there")
    word, book = found.signed.statement.body, read_book(house)
    with house.store.read() as reading:
        shown = keys_of(reading, house, book, [found.signed])
    body = Consent(
        to=asking.act,
        word=word.word,
        act=word.act,
        use=word.use,
        holder=word.holder,
        agencies=word.agencies,
        purpose=word.purpose,
        handling=word.handling,
        until=word.until,
        text=word.text,
        signed=found.signed.dsse,
        certified=within((*shown, *found.certified)),
    )
    return draft_reply(unlocked, house, begun, body, manner=manner, nominal=True)


def _last(there: OpenThread, asking: Asking) -> Asking | None:
    """Return the request in *there* that was made for *asking* and has the last word."""
    asked = asking.body
    given = [
        each
        for each in askings(there.thread)
        if (each.body.use, each.body.holder) == (asked.use, asked.holder)
        and set(asked.agencies) <= set(each.body.agencies)
        and each.word is not None
    ]
    return max(given, key=lambda each: each.place, default=None)


def _good(house: House, last: Asking | None) -> Consent | None:
    word = last.word if last else None
    if word is None or word.word is Word.NO or written(house.now()) >= until(word.until):
        return None
    return word
