# SPDX-License-Identifier: Apache-2.0
"""Oversight as an agency sets it: rules, exclude lists, the Stop window; housed, for it alone."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from comity.domain.docket import OpenedBy
from comity.domain.ids import AgencyId
from comity.domain.policy import STOP_SECONDS_LONGEST, Exclusion, Policy
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.house import House
from comity.storage import housed
from comity.wire import canonical

ROOM: Final = "policy"
_LIMIT: Final = 1 << 20
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
        rows = housed.get(reading, ROOM, [agency])
    if not rows:
        return AgencyPolicy()
    opened = house.vault.open(rows[0].body, f"{ROOM}/{agency}")
    return canonical.decode(opened, AgencyPolicy, limit=_LIMIT)


@lru_cache(maxsize=64)
def _read(opened: bytes) -> AgencyPolicy:
    return canonical.decode(opened, AgencyPolicy, limit=_LIMIT)


def set_policy(house: House, agency: AgencyId, policy: AgencyPolicy) -> None:
    if not read_book(house).is_own(agency):
        raise Misused("agency-not-ours")
    if not _UNSET <= policy.stop <= STOP_SECONDS_LONGEST:
        raise Misused("stop-seconds", limit=STOP_SECONDS_LONGEST)
    body = house.vault.lock(canonical.encode(policy), f"{ROOM}/{agency}")
    row = housed.Housed(room=ROOM, name=agency, owner=agency, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def exclude(house: House, agency: AgencyId, exclusion: Exclusion) -> None:
    """Bar readers or whole agencies from one thread."""
    held = read_policy(house, agency)
    set_policy(house, agency, replace(held, exclusions=(*held.exclusions, exclusion)))
