# SPDX-License-Identifier: Apache-2.0
"""Erase by law: destroy the openings of leaves, and say so in the ledger.

The leaves stay and every checkpoint above still binds them; salt and entry are gone, so that
nobody can show any more what they were of. What was destroyed and on what ground is a leaf.
"""

from collections.abc import Sequence

from comity.domain.erasure import Erasure
from comity.errors import Misused
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.house import House
from comity.storage import logs
from comity.storage.reading import Writing
from comity.wire import canonical


def erase(house: House, origin: str, leaves: Sequence[int], ground: str) -> Erasure:
    """Destroy the openings of *leaves* of the log *origin*; *ground* is a code or a reference.

    Openings of logs and erasures themselves stay: without them a log could not be followed.
    """
    if not ground.strip():
        raise Misused("field-missing", field="ground")
    said = Erasure(origin=origin, leaves=tuple(sorted(set(leaves))), ground=ground, at=house.now())
    leaf = Opening(LeafType.ERASURE, house.random(SALT_SIZE), canonical.encode(said))

    def work(writing: Writing) -> None:
        log = next((each for each in logs.every(writing) if each.origin == origin), None)
        found = logs.leaves(writing, log.log, said.leaves) if log else ()
        if log is None or len(found) != len(said.leaves):
            raise Misused("leaf-unknown")
        if any(row.type in (LeafType.OPENING, LeafType.ERASURE) for row in found):
            raise Misused("leaf-stays")
        writing.append([leaf])
        logs.erase(writing, log.log, said.leaves)

    house.store.write(work)
    return said
