# SPDX-License-Identifier: Apache-2.0
"""How we stand to another agency, in words: how it came, and what speaks against dealing with it.

The faces show these lines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from comity.domain.ids import AgencyId
from comity.domain.introduction import Scope
from comity.domain.standing import Standing
from comity.domain.time import read
from comity.language import standing as sentences
from comity.language.marks import marked
from comity.language.translator import Translator
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard

_INTRODUCED = marked("introduced by {agency}, until {until}: {scope}")
_COMPARE_BY = marked("its key is to be compared by voice {when}")
_BY_VOICE = marked("key checked by voice {when}")
_VOUCHED = marked("vouched for by {agency}")
_UNCHECKED = marked("key not checked: nothing with a name in it goes there")
_NAMES = marked("{threshold} of its {count} witnesses must vouch for its record")
_WITNESS_ONLY: Final = marked("vouches for your record, and nothing else")
_SUSPENDED: Final = marked("suspended: {why}")
_UNTIL: Final = marked("suspended until {until}: {why}")
_HELD: Final = marked("nothing new goes there until somebody has decided: {why}")
_MARKED: Final = marked("seen {count} times, last {when}: {why}")


class Clocked(Protocol):
    """A face that says times as people do."""

    @property
    def say_in(self) -> Translator: ...

    def when(self, at: datetime) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A face, as far as these lines need it."""

    say_in: Translator
    when: Callable[[datetime], str]
    due: Callable[[datetime], str]


def lines(teller: Teller, book: Book, card: AgencyCard) -> list[str]:
    """Return what is said of how we stand to *card*'s agency, the most pressing first."""
    said = [*against(teller, card), *how_it_came(teller, book, card)]
    entry = card.naming
    if entry is not None and entry.threshold:
        count = len(entry.witnesses)
        said.append(teller.say_in.of(_NAMES, threshold=entry.threshold, count=count))
    return said


def against(out: Clocked, card: AgencyCard) -> list[str]:
    """Return what speaks against dealing with *card*'s agency just now."""
    standing = card.standing
    said = []
    if standing.witness_only:
        said.append(out.say_in.of(_WITNESS_ONLY))
    if card.suspended:
        said.append(_suspended(out, standing))
    elif standing.held:
        said.append(out.say_in.of(_HELD, why=out.say_in.of(sentences.MARKS[standing.held])))
    for each in standing.marks:
        why = out.say_in.of(sentences.MARKS[each.code])
        said.append(out.say_in.of(_MARKED, count=each.count, when=out.when(each.last), why=why))
    return said


def how_it_came(teller: Teller, book: Book, card: AgencyCard) -> list[str]:
    """Return by whose word its key is believed, or that it is not."""
    said, introduced, say = [], card.standing.introduced, teller.say_in.of
    if introduced is not None:
        by, until = _name(book, introduced.by), teller.when(introduced.until)
        said.append(say(_INTRODUCED, agency=by, until=until, scope=scope(introduced.scope)))
        if card.checked_at is None:
            said.append(say(_COMPARE_BY, when=teller.due(introduced.compare_by)))
    if card.checked_at:
        said.append(say(_BY_VOICE, when=teller.when(card.checked_at)))
    elif card.vouched_by and introduced is None:
        said.append(say(_VOUCHED, agency=_name(book, card.vouched_by)))
    elif not card.vouched_by:
        said.append(say(_UNCHECKED))
    return said


def scope(of: Scope) -> str:
    """Return what an introduction lets through, in codes."""
    return f"{', '.join(of.kinds)} / {', '.join(of.purposes)}"


def _name(book: Book, agency: str) -> str:
    card = book.cards.get(AgencyId(agency))
    return card.name if card else agency


def _suspended(out: Clocked, standing: Standing) -> str:
    told_ = standing.suspension
    why = out.say_in.of(sentences.SUSPENSIONS[told_.code if told_ else "other"])
    if told_ and told_.until:
        return out.say_in.of(_UNTIL, until=out.when(read(told_.until)), why=why)
    return out.say_in.of(_SUSPENDED, why=why)
