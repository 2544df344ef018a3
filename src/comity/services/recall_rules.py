# SPDX-License-Identifier: Apache-2.0
"""How an agency takes recalls: at once or after asking a person, and what it must keep.

Both are the holder's own and housed: nobody abroad learns why before he is answered. A recorded
ground holds for one thread of one agency, against recalls, expiry and the agency's own retention.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.domain.ids import AgencyId, ThreadId
from comity.domain.retention import RetentionRule
from comity.domain.time import from_millis
from comity.errors import Misused
from comity.services.enrol import own_card
from comity.services.house import House
from comity.storage import housed, meta
from comity.storage.housed import Housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

LOOKED: Final = "retention-by-kind"
"""When it was last looked, by the kinds of threads, what is to go."""
RULES: Final = "recall-rules"
GROUNDS: Final = "recall-grounds"
BACKUP_DAYS: Final = 30
DAYS_MOST: Final = 36_500
RULES_MOST: Final = 64
_LIMIT: Final = 64 * 1024


class Ground(StrEnum):
    """Why a holder does not remove what was recalled."""

    EVIDENCE = "evidence"
    COURT_ORDER = "court-order"
    LAW = "law"
    IN_USE = "in-use"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingRules:
    """What one agency has set."""

    ask: bool = False
    """Whether a person is asked before anything recalled is removed."""
    backups: int = BACKUP_DAYS
    """Days for which this server's backups may still hold what was removed."""
    retention: tuple[RetentionRule, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A thread that is kept, and why."""

    ground: Ground
    by: str
    """The officer who recorded it."""
    since: datetime


def rules_of(reading: Reading, house: House, agency: str) -> KeepingRules:
    """Return what *agency* has set; the defaults if nothing."""
    rows = housed.get(reading, RULES, [agency])
    if not rows:
        return KeepingRules()
    opened = house.vault.open(rows[0].body, f"{RULES}/{agency}")
    return canonical.decode(opened, KeepingRules, limit=_LIMIT)


def read_rules(house: House, agency: AgencyId) -> KeepingRules:
    with house.store.read() as reading:
        return rules_of(reading, house, agency)


def set_rules(house: House, agency: AgencyId, rules: KeepingRules) -> None:
    """Set all of it anew."""
    own_card(house, agency)
    if not 0 <= rules.backups <= DAYS_MOST:
        raise Misused("days", limit=DAYS_MOST)
    if len(rules.retention) > RULES_MOST:
        raise Misused("field-many", field="retention")
    body = house.vault.lock(canonical.encode(rules), f"{RULES}/{agency}")
    row = Housed(room=RULES, name=agency, owner=agency, body=body, at=house.millis())
    anew = meta.Meta(name=f"{LOOKED}/{agency}", value=b"0")
    house.store.write(lambda w: (housed.put(w, [row]), meta.put(w, [anew])))


def ground_of(reading: Reading, house: House, agency: str, thread: str) -> Kept | None:
    """Return why *agency* keeps *thread*; None if it does not."""
    name = f"{agency}/{thread}"
    rows = housed.get(reading, GROUNDS, [name])
    if not rows:
        return None
    opened = house.vault.open(rows[0].body, f"{GROUNDS}/{name}")
    told = canonical.decode(opened, _Stored, limit=_LIMIT)
    return Kept(ground=told.ground, by=told.by, since=from_millis(rows[0].at))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    ground: Ground
    by: str


def put_ground(
    writing: Writing,
    house: House,
    agency: AgencyId,
    thread: ThreadId,
    *,
    ground: Ground,
    by: str,
) -> None:
    """Keep *thread* for *agency* on *ground*, in the same write as what follows from it."""
    name = f"{agency}/{thread}"
    told = canonical.encode(_Stored(ground=ground, by=by))
    body = house.vault.lock(told, f"{GROUNDS}/{name}")
    row = Housed(room=GROUNDS, name=name, owner=agency, body=body, at=house.millis())
    housed.put(writing, [row])


def lift_ground(writing: Writing, agency: AgencyId, thread: ThreadId) -> int:
    """Keep *thread* no longer; return whether it was kept."""
    return housed.discard(writing, GROUNDS, [f"{agency}/{thread}"])
