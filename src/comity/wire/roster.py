# SPDX-License-Identifier: Apache-2.0
"""Rosters to bytes and back, and one roster applied to the one before (spec/keys.md).

What an agency certifies is believed along one chain: the root key, known since admission, signed
the root and so names the roster key; the roster key signed each head; a head commits to two sets
of entries by their roots. A difference is checked by applying it, so a peer that was told a part
knows that it is a part. Numbers only grow: an older one is refused as current.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final

import msgspec

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, verifying_key
from comity.domain.ids import AgencyId, CertificateHash, Digest, agency_id, digest
from comity.domain.roster import (
    Audience,
    DeskEntry,
    Entry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    RevocationEntry,
    Root,
    RosterHead,
    entries_root,
)
from comity.errors import BadSignature, Differs, Malformed, Stale
from comity.wire import canonical

ENTRY_LIMIT: Final = 32 * 1024
SIGNED_LIMIT: Final = 16 * 1024
"""Of a root's or a head's DSSE bytes."""
UPDATE_LIMIT: Final = 512 * 1024
ENTRIES_LIMIT: Final = 50_000
HEADS_LIMIT: Final = 64
"""Heads in one difference; whoever is further behind gets a full copy."""

_KINDS: Final[Mapping[str, type[Entry]]] = {
    "comity/officer@1": OfficerEntry,
    "comity/desk@1": DeskEntry,
    "comity/node@1": NodeEntry,
    "comity/mandate@1": MandateEntry,
    "comity/revocation@1": RevocationEntry,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterState:
    """A roster as far as its holder may see it: at home both sets, at a peer one."""

    root: Root
    number: int
    head: Digest
    """SHA-256 of the head's payload."""
    issued: datetime
    entries: Mapping[CertificateHash, Entry] = field(repr=False)

    @property
    def agency(self) -> AgencyId:
        return self.root.agency


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterUpdate:
    """A full copy (``base`` 0) or the difference from number *base*, for peers."""

    agency: AgencyId
    root: bytes
    """The signed root; only in a full copy."""
    heads: tuple[bytes, ...]
    """Signed heads from ``base`` + 1 on; in a full copy the newest alone."""
    base: int
    added: tuple[bytes, ...] = ()
    removed: tuple[CertificateHash, ...] = ()
    part: int = 1
    parts: int = 1
    """A full copy that is too large for one parcel comes in so many."""


def sign_root(root: Root, key: SigningKey) -> bytes:
    return dsse.sign(canonical.encode(root), [key])


def read_root(data: bytes) -> Root:
    """Return the root in *data*; raise Untrusted unless its own key signed it.

    For an agency's first root the id must follow from the key; a successor's key is the one whose
    hash the root before named, which the holder compares (``succeeds``).
    """
    signed = dsse.read(data, SIGNED_LIMIT)
    root = canonical.decode(signed.payload, Root, limit=SIGNED_LIMIT)
    dsse.verify(signed, verifying_key(root.root))
    return root


def check_first(root: Root) -> None:
    """Raise BadSignature unless *root* is the first of its agency: its id follows from its key."""
    if agency_id(root.root) != root.agency:
        raise BadSignature("root")


def succeeds(root: Root, before: Root) -> None:
    """Raise BadSignature unless *before* named the key of *root* as its successor's."""
    if root.agency != before.agency or digest(root.root) != before.successor:
        raise BadSignature("root")


def sign_head(head: RosterHead, key: SigningKey) -> bytes:
    return dsse.sign(canonical.encode(head), [key])


def read_head(data: bytes, root: Root) -> tuple[RosterHead, Digest]:
    """Return the head in *data* and its digest; raise Untrusted unless the roster key signed it."""
    signed = dsse.read(data, SIGNED_LIMIT)
    head = canonical.decode(signed.payload, RosterHead, limit=SIGNED_LIMIT)
    dsse.verify(signed, verifying_key(root.roster))
    if head.agency != root.agency:
        raise BadSignature("agency")
    return head, digest(signed.payload)


def entry_bytes(entry: Entry) -> bytes:
    return canonical.encode(entry)


def entry_hash(entry: Entry) -> CertificateHash:
    return CertificateHash(digest(entry_bytes(entry)))


def read_entry(data: bytes) -> Entry:
    """Return the entry that *data* writes; raise Malformed for a type that we do not know."""
    canonical.check(data, limit=ENTRY_LIMIT)
    try:
        told = msgspec.json.decode(data, type=_Typed).type
        kind = _KINDS.get(told)
        if kind is None:
            raise Malformed("entry-type")
        entry = msgspec.json.decode(data, type=kind)
    except (msgspec.ValidationError, ValueError) as error:
        raise Malformed("type") from error
    if canonical.encode(entry) != data:
        raise Malformed("canonical")
    return entry


def audience_of(entry: Entry) -> Audience:
    """Return who is told of *entry*: nodes, mandates and revocations concern every peer."""
    if isinstance(entry, OfficerEntry | DeskEntry):
        return entry.audience
    return Audience.PEERS


def write_update(update: RosterUpdate) -> bytes:
    return canonical.encode(update)


def read_update(data: bytes) -> RosterUpdate:
    """Return the update that *data* writes; still unverified."""
    update = canonical.decode(data, RosterUpdate, limit=UPDATE_LIMIT)
    if len(update.heads) > HEADS_LIMIT or len(update.added) + len(update.removed) > ENTRIES_LIMIT:
        raise Malformed("size", limit=HEADS_LIMIT)
    if not update.heads or update.base < 0 or not 1 <= update.part <= update.parts <= 4096:
        raise Malformed("roster")
    return update


def apply(held: RosterState | None, update: RosterUpdate, *, root: Root) -> RosterState:
    """Return the roster that *update* makes of the one *held*, or raise Untrusted.

    (1) *root* is the agency's, known since admission. (2) The roster key signed every head. (3)
    Numbers go up by one and each names the digest of the one before. (4) The newest is newer than
    what is held. (5) Every entry is the agency's and for peers. (6) They make the set that the
    newest head commits to.
    """
    if update.agency != root.agency:  # (1)
        raise BadSignature("agency")
    read = [read_head(each, root) for each in update.heads]  # (2)
    _check_chain(read)  # (3)
    head, named = read[-1]
    if held is not None and head.number <= held.number:  # (4)
        raise Stale("rolled-back", number=head.number, held=held.number)
    if update.base:
        first = read[0][0]
        if held is None or (first.number, first.previous) != (held.number + 1, held.head):
            raise Stale("base", number=update.base)
    entries = _applied(held.entries if held is not None and update.base else {}, update)
    if entries_root(entries) != head.peers_root:  # (6)
        raise Differs("roster")
    return RosterState(root=root, number=head.number, head=named, issued=head.at, entries=entries)


def _applied(
    held: Mapping[CertificateHash, Entry], update: RosterUpdate
) -> dict[CertificateHash, Entry]:
    entries = dict(held)
    for gone in update.removed:
        if entries.pop(gone, None) is None:
            raise Differs("roster")
    for data in update.added:
        entry = read_entry(data)
        if entry.agency != update.agency or audience_of(entry) is not Audience.PEERS:  # (5)
            raise Differs("entry")
        entries[CertificateHash(digest(data))] = entry
    return entries


def _check_chain(read: Sequence[tuple[RosterHead, Digest]]) -> None:
    for (before, named), (after, _) in pairwise(read):
        if after.number != before.number + 1 or after.previous != named:
            raise Stale("chain", number=after.number)
