# SPDX-License-Identifier: Apache-2.0
"""Oversight as an agency sets it: rules, exclude lists, the Stop window; housed, for it alone.

It is read once for each act, so what was read last is kept in memory. A change is made on what is
there when it is written: a bar that another process adds meanwhile is not lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from comity.domain.docket import OpenedBy
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.policy import STOP_SECONDS_LONGEST, Exclusion, Policy
from comity.errors import Misused
from comity.services.enrol import own_card
from comity.services.house import House
from comity.storage import housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

ROOM: Final = "policy"
RULES_MOST: Final = 500
EXCLUSIONS_MOST: Final = 5000
_LIMIT: Final = 4 << 20
_UNSET: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyPolicy:
    policy: Policy = field(default_factory=Policy)
    exclusions: tuple[Exclusion, ...] = ()
    stop: int = _UNSET
    """Seconds in which an author may still stop an act; -1 for the usual ones."""
    shows: OpenedBy = OpenedBy.DESK
    """How much peers are told of who opened."""

    @property
    def stop_seconds(self) -> int | None:
        return None if self.stop == _UNSET else self.stop


def read_policy(house: House, agency: AgencyId) -> AgencyPolicy:
    """Return what *agency* has set; the defaults if nothing."""
    with house.store.read() as reading:
        return _policy(reading, house, agency)


def set_policy(house: House, agency: AgencyId, policy: AgencyPolicy) -> None:
    """Set all of it anew."""
    own_card(house, agency)
    house.store.write(lambda w: _change(w, house, agency, lambda _: policy))


def change_policy(
    house: House, agency: AgencyId, changed: Callable[[AgencyPolicy], AgencyPolicy]
) -> AgencyPolicy:
    """Set what *changed* makes of what is set when it is written, and return it."""
    own_card(house, agency)
    house.store.write(lambda w: _change(w, house, agency, changed))
    return read_policy(house, agency)


def exclude(house: House, agency: AgencyId, exclusion: Exclusion) -> None:
    """Bar readers or whole agencies from one thread."""
    own_card(house, agency)
    house.store.write(lambda w: exclude_in(w, house, agency, exclusion))


def exclude_in(writing: Writing, house: House, agency: AgencyId, exclusion: Exclusion) -> None:
    """Bar them together with what else is written: no moment in which they are not barred."""

    def added(held: AgencyPolicy) -> AgencyPolicy:
        return replace(held, exclusions=tuple(dict.fromkeys((*held.exclusions, exclusion))))

    _change(writing, house, agency, added)


def readmit(house: House, agency: AgencyId, thread: ThreadId) -> None:
    """Lift every bar from *thread*."""

    def lifted(held: AgencyPolicy) -> AgencyPolicy:
        kept = tuple(each for each in held.exclusions if each.thread != thread)
        return replace(held, exclusions=kept)

    own_card(house, agency)
    house.store.write(lambda w: _change(w, house, agency, lifted))


def _change(
    writing: Writing,
    house: House,
    agency: AgencyId,
    changed: Callable[[AgencyPolicy], AgencyPolicy],
) -> None:
    _ = writing.log  # its lock: what is there now stays there until this is written
    policy = changed(_policy(writing, house, agency))
    _check(policy)
    body = house.vault.lock(canonical.encode(policy), f"{ROOM}/{agency}")
    row = housed.Housed(room=ROOM, name=agency, owner=agency, body=body, at=house.millis())
    housed.put(writing, [row])


def _policy(reading: Reading, house: House, agency: AgencyId) -> AgencyPolicy:
    rows = housed.get(reading, ROOM, [agency])
    if not rows:
        return AgencyPolicy()
    return _read(house.vault.open(rows[0].body, f"{ROOM}/{agency}"))


@lru_cache(maxsize=64)
def _read(opened: bytes) -> AgencyPolicy:
    return canonical.decode(opened, AgencyPolicy, limit=_LIMIT)


def _check(policy: AgencyPolicy) -> None:
    if not _UNSET <= policy.stop <= STOP_SECONDS_LONGEST:
        raise Misused("stop-seconds", limit=STOP_SECONDS_LONGEST)
    if len(policy.policy.rules) > RULES_MOST or len(policy.exclusions) > EXCLUSIONS_MOST:
        raise Misused("field-many", field="policy")
