# SPDX-License-Identifier: Apache-2.0
"""What speaks against dealing with an agency just now, in words for whichever face shows it."""

from datetime import datetime
from typing import Final, Protocol

from comity.domain.standing import Standing
from comity.domain.time import read
from comity.language import standing as sentences
from comity.language.marks import marked
from comity.language.translator import Translator
from comity.services.agency_card import AgencyCard

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


def _suspended(out: Clocked, standing: Standing) -> str:
    told_ = standing.suspension
    why = out.say_in.of(sentences.SUSPENSIONS[told_.code if told_ else "other"])
    if told_ and told_.until:
        return out.say_in.of(_UNTIL, until=out.when(read(told_.until)), why=why)
    return out.say_in.of(_SUSPENDED, why=why)
