# SPDX-License-Identifier: Apache-2.0
"""The broker's check: what the law says before an act, and what a lawyer answered.

A recorded answer is locked under the house key: it tells what an agency means to hold. It names the
lawyer and the day, and is kept until another takes its place.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain import time
from comity.domain.broker import Advice, Dealing, Finding, Matter, May, find
from comity.domain.ids import AgencyId
from comity.errors import Misused
from comity.knowledge.broker import broker_rows, places
from comity.services.address_book import read_book
from comity.services.compose import author_of
from comity.services.fields import line
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import housed
from comity.wire import canonical

ROOM: Final = "broker"
TEXT_LIMIT: Final = 4000
_LIMIT: Final = 32 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a broker means to do, and where."""

    dealing: Dealing
    matter: Matter
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorded:
    may: May
    lawyer: str
    by: str
    """The officer who recorded it."""
    at: datetime
    until: str
    text: str


def check(house: House, agency: AgencyId, question: Question) -> Finding:
    """Return whether *agency* may do it; raise Misused for a country that is none."""
    where = places(question.country)
    name = _name(house, agency, question)
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [name])
    advice = None
    if rows:
        told = canonical.decode(
            house.vault.open(rows[0].body, f"{ROOM}/{name}"), _Recorded, limit=_LIMIT
        )
        advice = Advice(
            may=told.may, lawyer=told.lawyer, at=told.at, until=told.until, text=told.text
        )
    return find(
        (each.rule() for each in broker_rows()),
        question.dealing,
        question.matter,
        where,
        advice=advice,
        at=house.now(),
    )


def record(
    unlocked: Unlocked,
    house: House,
    question: Question,
    *,
    may: May,
    lawyer: str,
    text: str = "",
    until: datetime | None = None,
) -> Finding:
    """Record what *lawyer* answered; return what holds now."""
    author_of(unlocked, read_book(house))  # only who still has his key may say so
    places(question.country)
    if may is May.UNKNOWN:
        raise Misused("broker-answer")
    if len(text) > TEXT_LIMIT:
        raise Misused("field-long", field="text", limit=TEXT_LIMIT)
    if until is not None and until <= house.clock():
        raise Misused("broker-ended")
    told = _Recorded(
        may=may,
        lawyer=line(lawyer, "lawyer"),
        by=unlocked.entry.id,
        at=house.now(),
        until=time.written(time.whole(until)) if until else "",
        text=text.strip(),
    )
    name = _name(house, unlocked.agency, question)
    body = house.vault.lock(canonical.encode(told), f"{ROOM}/{name}")
    row = housed.Housed(room=ROOM, name=name, owner=unlocked.agency, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))
    return check(house, unlocked.agency, question)


def _name(house: House, agency: AgencyId, question: Question) -> str:
    told = f"{agency}/{question.dealing}/{question.matter}/{question.country}"
    return house.vault.tag(told.encode(), ROOM).hex()
