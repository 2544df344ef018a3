# SPDX-License-Identifier: Apache-2.0
"""An opened node: its store, its keys and its senses, handed to every service.

A house opens with the house key alone: that is enough to carry, to receipt and to witness. Nothing
here opens a statement; for that an officer's passphrase makes an ``Unlocked`` (``officer.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from comity.crypto.vault import Vault
from comity.domain.ids import Random
from comity.domain.time import Clock, to_millis, whole
from comity.knowledge.request_kind import RequestKind
from comity.services.node_keys import KeyShelf, NodeKeys
from comity.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class House:
    home: Path
    store: Store
    vault: Vault
    shelf: KeyShelf
    clock: Clock
    random: Random
    kinds: Mapping[str, RequestKind]
    practice: bool
    """A practice node: low work factors, no Stop window; never a peer of a real one."""

    @property
    def keys(self) -> NodeKeys:
        """Return the node's own keys as they are now."""
        return self.shelf.keys

    def now(self) -> datetime:
        """Return the present moment as it stands on the wire: UTC, whole seconds."""
        return whole(self.clock())

    def millis(self) -> int:
        """Return the present moment as it stands in the database."""
        return to_millis(self.clock())
