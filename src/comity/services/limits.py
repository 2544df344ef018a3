# SPDX-License-Identifier: Apache-2.0
"""Limits as an agency sets them: how soon its node says that nothing was heard; housed."""

from typing import Final

from comity.domain.ids import AgencyId
from comity.domain.limits import Limits
from comity.services.enrol import own_card
from comity.services.house import House
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading
from comity.wire import canonical

ROOM: Final = "limits"
_LIMIT: Final = 4096


def read_limits(house: House, agency: AgencyId) -> Limits:
    """Return what *agency* has set; the usual limits if nothing."""
    with house.store.read() as reading:
        return limits_in(reading, house, agency)


def limits_in(reading: Reading, house: House, agency: AgencyId) -> Limits:
    rows = housed.get(reading, ROOM, [agency])
    if not rows:
        return Limits()
    return canonical.decode(house.vault.open(rows[0].body, _place(agency)), Limits, limit=_LIMIT)


def set_limits(house: House, agency: AgencyId, limits: Limits) -> None:
    """Set all of them anew."""
    own_card(house, agency)
    body = house.vault.lock(canonical.encode(limits), _place(agency))
    row = Housed(room=ROOM, name=agency, owner=agency, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def _place(agency: AgencyId) -> str:
    return f"{ROOM}/{agency}"
