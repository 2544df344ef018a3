# SPDX-License-Identifier: Apache-2.0
"""The node's own keys at rest, and the shelf on which an open house has them.

They are one locked row; a change writes the next version and destroys the one before. Keys that
went out of use a moment ago are kept beside the new ones until their time ends, for peers that have
not heard of it: to open what they still seal to the old key, and to answer as whom they know.

Another process may change them at any time, so an open house asks its shelf, which looks whenever
the book was written anew; and, before it signs a checkpoint of a log that it has not seen opened.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import QuantumSigningKey, SigningKey
from comity.crypto.vault import Vault
from comity.domain.ids import NodeId
from comity.errors import Damaged, Malformed
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.storage import edge, keys
from comity.storage.keys import Secret
from comity.storage.reading import Reading, Writing
from comity.storage.store import Store
from comity.wire import canonical

NODE_KEYS: Final = "node-keys"
_LIMIT: Final = 256 * 1024


class Purpose(StrEnum):
    """What a key of the node is for; one purpose, one key."""

    CARRIER = "carrier"
    PARCEL = "parcel"
    TLS = "tls"
    LEDGER = "ledger"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """The secret half of a key that is going out of use."""

    purpose: Purpose
    secret: bytes = field(repr=False)
    until: datetime
    """When it is destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """The node's secret halves, as they are locked in ``secrets``."""

    node: NodeId
    practice: bool
    carrier: bytes = field(repr=False)
    parcel: str = field(repr=False)
    tls: bytes = field(repr=False)
    ledger: bytes = field(repr=False)
    ledger_quantum: bytes = field(repr=False)
    witness: bytes = field(repr=False)
    matching: bytes = field(repr=False)
    former: tuple[Former, ...] = ()

    def of(self, purpose: Purpose) -> tuple[bytes, ...]:
        """Return the former secrets for *purpose*, the newest first."""
        return tuple(e.secret for e in reversed(self.former) if e.purpose is purpose)


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
    former_carriers: tuple[SigningKey, ...] = ()
    """Each of these is going out of use, the newest first: nothing new is signed with them."""
    former_parcels: tuple[HybridIdentity, ...] = ()
    former_tls: tuple[bytes, ...] = field(default=(), repr=False)
    former_witnesses: tuple[SigningKey, ...] = ()

    @property
    def carriers(self) -> tuple[SigningKey, ...]:
        """Return as whom peers may know this node, the newest first."""
        return (self.carrier, *self.former_carriers)

    @property
    def parcels(self) -> tuple[HybridIdentity, ...]:
        return (self.parcel, *self.former_parcels)

    @property
    def changing(self) -> bool:
        """Return whether some peer may not have heard of what is new."""
        return bool(self.former_carriers or self.former_parcels or self.former_witnesses)


class KeyShelf:
    """The node's keys as they are now."""

    def __init__(self, store: Store, vault: Vault, *, practice: bool) -> None:
        self._store = store
        self._vault = vault
        self._practice = practice
        self._staged: tuple[Origin, SigningKey] | None = None
        with store.read() as reading:
            self.look(reading)

    keys: NodeKeys
    version: int = 0
    _origin: int = 0
    """The number of the newest log when the keys were read."""

    def look(self, reading: Reading) -> None:
        """Take the keys as *reading* has them, if they are others than those on the shelf."""
        row = keys.secret(reading, NODE_KEYS)
        if row is None:
            raise Damaged("node-keys")
        head = edge.current(reading.connection)
        if row.version != self.version:
            seeds = opened(self._vault, row)
            if seeds.practice != self._practice:
                raise Damaged("settings")
            self.keys = keys_of(seeds)
            self.version = row.version
        self._origin = Origin.parse(head.origin).number if head else 0

    def sign(self, made: Checkpoint) -> bytes:
        """Return the note of a checkpoint of ours, signed with the key of its log."""
        origin = Origin.parse(made.origin)
        if self._staged is not None and self._staged[0] == origin:
            return signed(made, self._staged[1])
        if origin.number > self._origin:  # another process opened it, perhaps with another key
            with self._store.read() as reading:
                self.look(reading)
        return signed(made, self.keys.ledger)

    def stage(self, origin: Origin, key: SigningKey) -> None:
        """Sign the log *origin*, which is being opened, with *key*, which is being written."""
        self._staged = (origin, key)

    def settle(self) -> None:
        """Take what was written, and sign with nothing else."""
        self._staged = None
        with self._store.read() as reading:
            self.look(reading)


def signed(made: Checkpoint, key: SigningKey) -> bytes:
    return note.write(checkpoint.sign(made, key))


def put(writing: Writing, vault: Vault, seeds: Seeds, at: int) -> None:
    """Write *seeds* as the next version; what was before is destroyed."""
    before = keys.secret(writing, NODE_KEYS)
    version = before.version + 1 if before else 1
    body = vault.lock(canonical.encode(seeds), _place(version))
    keys.put_secrets(writing, [Secret(name=NODE_KEYS, version=version, body=body, at=at)])
    keys.delete_secrets(writing, NODE_KEYS, below=version)


def read(reading: Reading, vault: Vault) -> tuple[Seeds, int]:
    """Return the node's secrets, and their version."""
    row = keys.secret(reading, NODE_KEYS)
    if row is None:
        raise Damaged("node-keys")
    return opened(vault, row), row.version


def opened(vault: Vault, row: Secret) -> Seeds:
    try:
        return canonical.decode(vault.open(row.body, _place(row.version)), Seeds, limit=_LIMIT)
    except (Damaged, Malformed):  # most often: the house key is another home's
        raise Damaged("node-keys") from None


def keys_of(seeds: Seeds) -> NodeKeys:
    return NodeKeys(
        node=seeds.node,
        carrier=SigningKey(seeds.carrier),
        parcel=HybridIdentity.parse(seeds.parcel),
        tls=seeds.tls,
        ledger=SigningKey(seeds.ledger),
        ledger_quantum=QuantumSigningKey(seeds.ledger_quantum),
        witness=SigningKey(seeds.witness),
        matching=seeds.matching,
        former_carriers=tuple(map(SigningKey, seeds.of(Purpose.CARRIER))),
        former_parcels=tuple(
            HybridIdentity.parse(each.decode()) for each in seeds.of(Purpose.PARCEL)
        ),
        former_tls=seeds.of(Purpose.TLS),
        former_witnesses=tuple(map(SigningKey, seeds.of(Purpose.WITNESS))),
    )


def _place(version: int) -> str:
    return f"secrets/{NODE_KEYS}/{version}"
