# SPDX-License-Identifier: Apache-2.0
"""An opened node: its store, its keys and its senses, handed to every service.

A house opens with the house key alone: that is enough to carry, to receipt and to witness. Nothing
here opens a statement; for that an officer's passphrase makes an ``Unlocked`` (``officer.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import QuantumSigningKey, SigningKey
from comity.crypto.vault import Vault
from comity.domain.ids import NodeId, Random
from comity.domain.time import Clock, to_millis, whole
from comity.knowledge.request_kind import RequestKind
from comity.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """One purpose, one key (design §5 *Keys*)."""

    node: NodeId
    carrier: SigningKey
    parcel: HybridIdentity
    tls: bytes = field(repr=False)
    """PEM of the TLS key and its certificate."""
    ledger: SigningKey
    ledger_quantum: QuantumSigningKey
    witness: SigningKey
    matching: bytes = field(repr=False)
    """Seed of the blind-check keys, 32 bytes; used from the matching issue on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class House:
    home: Path
    store: Store
    vault: Vault
    keys: NodeKeys
    clock: Clock
    random: Random
    kinds: Mapping[str, RequestKind]
    practice: bool
    """A practice node: low work factors, no Stop window; never a peer of a real one."""

    def now(self) -> datetime:
        """Return the present moment as it stands on the wire: UTC, whole seconds."""
        return whole(self.clock())

    def millis(self) -> int:
        """Return the present moment as it stands in the database."""
        return to_millis(self.clock())
