# SPDX-License-Identifier: Apache-2.0
"""Marked identifiers: invented ones, planted where only a leak leads; whoever asks for one is seen.

They lie under the house key and are found by a keyed tag, so neither a stolen database nor a
colleague at the desk learns which they are. Who asked is noted in the write of his own question,
and nothing of it shows on his side: the question goes its way like any other.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from comity.domain.ids import AgencyId, OfficerId, ThreadId, mint
from comity.errors import Misused
from comity.knowledge.identifiers import normalise
from comity.services.address_book import read_book
from comity.services.charge import Charge, charges_of
from comity.services.enrol import own_card
from comity.services.fields import line, optional_line
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.stand import locked, opened
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading, Writing

ROOM: Final = "marked"
ALERTS: Final = "marked-alerts"
MARKED_MOST: Final = 2000
REMARK: Final = 400
SHORTEST: Final = 5
"""Signs of a marked identifier: a shorter one would stand in many an honest text."""
_BETWEEN = re.compile(r"[\s().\-/_]+")
_EDGES: Final = ",;:!?\"'"
_SIGNS: Final = str.maketrans("", "", "().-/_")
"""What ``_BETWEEN`` takes away besides white space."""
_NUMBERS = re.compile(r"\+?\d[\d\s().\-/]*\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One invented identifier."""

    type: str = "comity/marked@1"
    id: str
    value: str
    """As it is written."""
    remark: str
    """Where it was planted."""
    by: OfficerId | str
    """Who marked it; empty where the server's operator did."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Somebody here asked about one."""

    type: str = "comity/marked-alert@1"
    id: str
    value: str
    officer: OfficerId
    thread: ThreadId
    to: AgencyId
    at: datetime
    seen: bool = False


def mark(
    house: House, agency: AgencyId, value: str, *, kind: str = "", remark: str = "", by: str = ""
) -> Marked:
    """Mark *value*, an identifier of *kind* if one is named, or else any words."""
    own_card(house, agency)
    written = normalise(kind, value) if kind else line(value, "value")
    if len(folded(written)) < SHORTEST:
        raise Misused("field-value", field="value")
    told = Marked(
        id=mint(house.random),
        value=written,
        remark=optional_line(remark, "remark", limit=REMARK),
        by=by,
        at=house.now(),
    )
    name = _name(house, agency, written)
    row = locked(house, ROOM, name, told, owner=agency)

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: two who mark at once are counted one after the other
        if len(housed.of_room(writing, ROOM, owner=agency)) >= MARKED_MOST:
            raise Misused("field-many", field="value")
        housed.put(writing, [row])

    house.store.write(work)
    return told


def unmark(house: House, agency: AgencyId, id_: str) -> None:
    """Take a mark away, by its id or by what is marked."""
    with house.store.read() as reading:
        found = [each for each in marked(reading, house, agency) if id_ in (each.id, each.value)]
    if not found:
        raise Misused("marked-unknown")
    names = [_name(house, agency, each.value) for each in found]
    house.store.write(lambda w: housed.discard(w, ROOM, names))


def marked(reading: Reading, house: House, agency: AgencyId) -> tuple[Marked, ...]:
    """Return what *agency* has marked, the newest first."""
    found = [opened(house, row, Marked) for row in housed.of_room(reading, ROOM, owner=agency)]
    return tuple(sorted(found, key=lambda each: (each.at, each.id), reverse=True))


def watch(
    house: House, unlocked: Unlocked, thread: ThreadId, to: AgencyId, texts: Iterable[str]
) -> tuple[Callable[[Writing], None], ...]:
    """Return what notes, in the write of a question, that it names something marked."""
    rows: tuple[Housed, ...] = ()
    with house.store.read() as reading:
        if housed.is_any(reading, ROOM, unlocked.agency):  # most agencies have marked nothing
            names = sorted(_tagged(house, unlocked.agency, each) for each in pieces(texts))
            rows = housed.get(reading, ROOM, names)
    if not rows:
        return ()
    alerts = [
        Alert(
            id=mint(house.random),
            value=opened(house, row, Marked).value,
            officer=unlocked.entry.id,
            thread=thread,
            to=to,
            at=house.now(),
        )
        for row in rows
    ]
    made = [locked(house, ALERTS, each.id, each, owner=unlocked.agency) for each in alerts]
    return (lambda writing: _put(writing, made),)


def marked_alerts_for(unlocked: Unlocked, house: House) -> tuple[Alert, ...]:
    """Return who asked about something marked and that is not seen yet, for who answers for it.

    Nobody is told of his own question.
    """
    card = read_book(house).agency(unlocked.agency)
    if Charge.MARKED not in charges_of(card, unlocked.entry.id):
        return ()
    with house.store.read() as reading:
        told = alerts(reading, house, unlocked.agency)
    return tuple(e for e in told if not e.seen and e.officer != unlocked.entry.id)


def alerts(reading: Reading, house: House, agency: AgencyId) -> tuple[Alert, ...]:
    """Return every alert of *agency*, the newest first."""
    found = [opened(house, row, Alert) for row in housed.of_room(reading, ALERTS, owner=agency)]
    return tuple(sorted(found, key=lambda each: (each.at, each.id), reverse=True))


def note_seen(house: House, agency: AgencyId, id_: str) -> None:
    """Note that somebody has looked into the alert *id_*; it is kept."""

    def work(writing: Writing) -> None:
        found = [each for each in alerts(writing, house, agency) if each.id == id_]
        if not found:
            raise Misused("marked-unknown")
        seen = replace(found[0], seen=True)
        housed.put(writing, [locked(house, ALERTS, seen.id, seen, owner=agency)])

    house.store.write(work)


def _put(writing: Writing, rows: list[housed.Housed]) -> None:
    housed.put(writing, rows)


def _name(house: House, agency: AgencyId, value: str) -> str:
    return _tagged(house, agency, folded(value))


def _tagged(house: House, agency: AgencyId, value: str) -> str:
    return house.vault.tag(f"{agency}/{value}".encode(), ROOM).hex()


def folded(text: str) -> str:
    """Return *text* without what people put between its signs: one marked value, however typed."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).casefold().strip(_EDGES)


def pieces(texts: Iterable[str]) -> set[str]:
    """Return all in *texts* that might be an identifier: each whole, its words, its numbers.

    Folded, as a marked one is. Every question passes here, so what is ASCII is folded at once and
    then cut into words; elsewhere normal form may join or part them, and each is folded alone.
    """
    found: set[str] = set()
    for text in texts:
        if text.isascii():
            words = text.translate(_SIGNS).lower().split()
            found.add("".join(words).strip(_EDGES))
            found.update([each.strip(_EDGES) for each in set(words)])
            numbers = _NUMBERS.findall(text)
        else:
            found.update(map(folded, (text, *text.split())))
            numbers = _NUMBERS.findall(unicodedata.normalize("NFKC", text))
        found.update(map(folded, numbers))
    return {each for each in found if len(each) >= SHORTEST}
