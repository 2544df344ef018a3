# SPDX-License-Identifier: Apache-2.0
"""Drill: the holders join their shares of a seed that opens a test and nothing else.

Each share file holds a share of the true seed and one of the rehearsal's, under one seal: whoever
brings the one can open the other. So the drill proves that so many can still be found, that their
keys open their files and that their shares are whole, and no key of anybody is made.
"""

from collections.abc import Sequence

from comity.crypto import sharing
from comity.crypto.age import HybridIdentity, decrypt
from comity.domain.ids import AgencyId, digest
from comity.domain.recovery import Arrangement, Happened
from comity.errors import Differs
from comity.services import arrangements
from comity.services.house import House
from comity.services.recover_join import shares_of


def drill(house: House, agency: AgencyId, given: Sequence[str]) -> Arrangement:
    """Try whether the rehearsal shares *given* open the test; note who took part and when."""
    kept = arrangements.arrangement_of(house, agency)
    read = shares_of(kept.rehearsal, given)
    opened = decrypt(kept.test, [HybridIdentity.from_seed(sharing.join(read))])
    if digest(opened) != kept.answer:
        raise Differs("shares")
    numbers = [each.number for each in read]
    happened = arrangements.event(house, Happened.REHEARSED, shares=numbers)
    house.store.write(lambda w: arrangements.note(w, house, kept, happened))
    return arrangements.arrangement_of(house, agency)


def due(house: House, agency: AgencyId) -> bool:
    """Return whether *agency* has holders and did not rehearse for a year."""
    with house.store.read() as reading:
        kept = arrangements.find(reading, house, agency)
    return kept is not None and kept.is_due(house.now())
