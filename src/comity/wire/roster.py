# SPDX-License-Identifier: Apache-2.0
"""Rosters to bytes and back, and one roster applied to the one before (spec/keys.md).

What an agency certifies is believed along one chain: the root key, known since admission, signed
the root and so names the roster key; the roster key signed each head; a head commits to two sets
of entries by their roots. A peer is told the digests of the whole set at once and the entries as
far as they fit into a parcel, so it knows at any time what it lacks, and nobody can add to it.
Numbers only grow: an older one is refused as current.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    OtherEntry,
    RecoveryEntry,
    RestartEntry,
    RevocationEntry,
    Root,
    RosterHead,
    SuccessorEntry,
    WitnessesEntry,
    entries_root,
)
from comity.errors import BadSignature, Differs, Malformed, Stale, TwoBodies
from comity.wire import canonical
from comity.wire.soundness import check_entry, check_root

ENTRY_LIMIT: Final = 32 * 1024
SIGNED_LIMIT: Final = 16 * 1024
"""Of a root's or a head's DSSE bytes."""
UPDATE_LIMIT: Final = 512 * 1024
PEERS_LIMIT: Final = 3000
"""Entries of one agency that peers see: their digests fit into an invitation."""
ROOTS_LIMIT: Final = 16
"""Earlier roots in one full copy: an agency has a new one in years."""
HEADS_LIMIT: Final = 64
"""Heads in one difference; whoever is further behind gets a full copy."""
DIGEST_SIZE: Final = 32

_KINDS: Final[Mapping[str, type[Entry]]] = {
    "comity/officer@1": OfficerEntry,
    "comity/desk@1": DeskEntry,
    "comity/node@1": NodeEntry,
    "comity/mandate@1": MandateEntry,
    "comity/revocation@1": RevocationEntry,
    "comity/recovery@1": RecoveryEntry,
    "comity/witnesses@1": WitnessesEntry,
    "comity/successor@1": SuccessorEntry,
    "comity/restart@1": RestartEntry,
}


_TYPE: Final = re.compile(r"[a-z][a-z-]{0,30}/[a-z][a-z-]{0,60}@[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What every entry says of itself, of whatever version."""

    type: str
    agency: AgencyId
    audience: Audience = Audience.PEERS


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterState:
    """A roster as far as its holder may see it: at home both sets, at a peer one."""

    root: Root
    number: int
    head: Digest
    """SHA-256 of the head's payload."""
    issued: datetime
    entries: Mapping[CertificateHash, Entry] = field(repr=False)
    lacking: frozenset[CertificateHash] = field(default=frozenset(), repr=False)
    """Entries to which the head commits and whose bytes have not come yet."""

    @property
    def agency(self) -> AgencyId:
        return self.root.agency

    @property
    def hashes(self) -> frozenset[CertificateHash]:
        """Everything to which the head commits, as far as its holder may see it."""
        return self.lacking | self.entries.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterUpdate:
    """What a peer lacks of a roster: a full copy, a difference, or more entries of one number.

    Which entries are new is always told whole, by their digests; their bytes come as far as they
    fit, and the rest when the peer says from where on it lacks them.
    """

    type: str = "comity/roster-update@1"
    agency: AgencyId
    root: bytes = b""
    """The signed root; in a full copy, and nowhere else."""
    earlier: tuple[bytes, ...] = ()
    """In a full copy, the signed roots of the keys before, the first one first."""
    heads: tuple[bytes, ...] = ()
    """Signed heads from ``base`` + 1 on; in a full copy the newest alone; none with more."""
    base: int = 0
    """The number to which this is added; 0 for a full copy."""
    added: bytes = b""
    """Digests, 32 bytes each, in ascending order."""
    removed: bytes = b""
    entries: tuple[bytes, ...] = ()


def sign_root(root: Root, key: SigningKey) -> bytes:
    return dsse.sign(canonical.encode(root), [key])


def read_root(data: bytes) -> Root:
    """Return the root in *data*; raise Untrusted unless its own key signed it.

    For an agency's first root the id must follow from the key (``check_first``); a later one is of
    the same key, or of the one whose hash the root before named (``follows``).
    """
    signed = dsse.read(data, SIGNED_LIMIT)
    root = canonical.decode(signed.payload, Root, limit=SIGNED_LIMIT)
    check_root(root)
    dsse.verify(signed, verifying_key(root.root))
    return root


def check_first(root: Root) -> None:
    """Raise BadSignature unless *root* is the first of its agency: its id follows from its key."""
    if agency_id(root.root) != root.agency:
        raise BadSignature("root")


def follows(root: Root, before: Root) -> None:
    """Raise Untrusted unless *root* may take the place of *before*.

    (1) It is of the same agency. (2) The same key may sign again, later, and name another roster
    key, but no other successor: whoever steals a root must not choose who comes after it. (3) The
    root before *before* is late, and nobody is accused of it. (4) Any other key must be the one
    whose hash *before* named.
    """
    if root.agency != before.agency:  # (1)
        raise BadSignature("root")
    if root.root == before.root:  # (2)
        if root.successor != before.successor:
            raise BadSignature("successor")
        if root.at == before.at:
            raise TwoBodies("root")
        if root.at < before.at:
            raise Stale("root")
    elif root.successor == digest(before.root):  # (3)
        raise Stale("root")
    elif digest(root.root) != before.successor:  # (4)
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
    if isinstance(entry, OtherEntry):
        return entry.written
    return canonical.encode(entry)


def entry_hash(entry: Entry) -> CertificateHash:
    return CertificateHash(digest(entry_bytes(entry)))


def read_entry(data: bytes) -> Entry:
    """Return the entry that *data* writes; one of a type that we do not know as it came."""
    canonical.check(data, limit=ENTRY_LIMIT)
    try:
        typed = msgspec.json.decode(data, type=_Typed)
        kind = _KINDS.get(typed.type)
        if kind is None:
            return _other(typed, data)
        entry = msgspec.json.decode(data, type=kind)
    except (msgspec.ValidationError, ValueError) as error:
        raise Malformed("type") from error
    if canonical.encode(entry) != data:
        raise Malformed("canonical")
    return entry


def _other(typed: _Typed, data: bytes) -> OtherEntry:
    if not _TYPE.fullmatch(typed.type):
        raise Malformed("entry-type")
    return OtherEntry(type=typed.type, agency=typed.agency, audience=typed.audience, written=data)


def audience_of(entry: Entry) -> Audience:
    """Return who is told of *entry*: all but people and desks concern every peer."""
    if isinstance(entry, OfficerEntry | DeskEntry | OtherEntry):
        return entry.audience
    return Audience.PEERS


def write_hashes(hashes: Iterable[CertificateHash]) -> bytes:
    """Return the digests *hashes*, 32 bytes each, in ascending order."""
    return b"".join(sorted(bytes.fromhex(each) for each in set(hashes)))


def read_hashes(data: bytes) -> frozenset[CertificateHash]:
    """Return the digests that *data* writes; raise Malformed unless they ascend."""
    if len(data) % DIGEST_SIZE or len(data) > PEERS_LIMIT * DIGEST_SIZE:
        raise Malformed("hashes")
    cut = [data[at : at + DIGEST_SIZE] for at in range(0, len(data), DIGEST_SIZE)]
    if any(before >= after for before, after in pairwise(cut)):
        raise Malformed("hashes")
    return frozenset(CertificateHash(each.hex()) for each in cut)


def write_update(update: RosterUpdate) -> bytes:
    return canonical.encode(update)


def read_update(data: bytes) -> RosterUpdate:
    """Return the update that *data* writes; still unverified."""
    update = canonical.decode(data, RosterUpdate, limit=UPDATE_LIMIT)
    if len(update.heads) > HEADS_LIMIT or len(update.entries) > PEERS_LIMIT:
        raise Malformed("size", limit=PEERS_LIMIT)
    if len(update.earlier) > (ROOTS_LIMIT if update.root else 0):
        raise Malformed("size", limit=ROOTS_LIMIT)
    _check_shape(update)
    return update


def _check_shape(update: RosterUpdate) -> None:
    """Raise Malformed unless *update* is a full copy, a difference, or more of one number."""
    if update.base == 0:
        fits = bool(update.root) and len(update.heads) == 1 and not update.removed
    elif update.heads:
        fits = update.base > 0 and not update.root
    else:
        fits = update.base > 0 and not (update.root or update.added or update.removed)
    if not fits:
        raise Malformed("roster")


def apply(held: RosterState | None, update: RosterUpdate, *, root: Root) -> RosterState:
    """Return the roster that *update* makes of the one *held*, or raise Untrusted.

    (1) *root* is the agency's, known since admission; one that came is the same or follows it.
    (2) The roster key signed every head. (3) Numbers go up by one and each names the digest of the
    one before; two heads that cannot both stand in one chain are ``TwoBodies``, unless a new root
    parts them: what a thief of the old roster key said is not held against it. (4) The newest is
    newer than what is held; an older one is refused as current. (5) What is named makes the set to
    which the newest head commits. (6) Every entry that came is in that set, the agency's own, for
    peers, and sound. (7) The node that houses the agency is among them.
    """
    if update.agency != root.agency:  # (1)
        raise BadSignature("agency")
    root = root_of(update, root)
    if update.heads:
        return _with_entries(_renumbered(held, update, root), update)
    if held is None or held.number != update.base:
        raise Stale("base", number=update.base)
    return _with_entries(held, update)


def root_of(update: RosterUpdate, known: Root) -> Root:
    """Return the root by which *update* is to be judged: the one *known*, or one that follows."""
    return ([known, *fresh_roots(update, known)])[-1]


def fresh_roots(update: RosterUpdate, known: Root) -> list[Root]:
    """Return the roots in *update* that come after the one *known*, each following the other."""
    if not update.root:
        return []
    roots = read_roots(update)
    at = [each.root for each in roots].index(known.root) if _has(roots, known) else -1
    # Which issue of a key that has been succeeded since is known does not matter any more.
    fresh = roots[at + 1 :] or [each for each in roots[at:] if each != known]
    if fresh:
        follows(fresh[0], known)
    return fresh


def _has(roots: Sequence[Root], known: Root) -> bool:
    return any(each.root == known.root for each in roots)


def read_roots(update: RosterUpdate) -> list[Root]:
    """Return the roots in a full copy, the first one first, each following the one before."""
    roots = [read_root(each) for each in (*update.earlier, update.root)]
    for before, after in pairwise(roots):
        if after.root == before.root:
            raise Malformed("roster")  # one a key
        follows(after, before)
    return roots


def read_head_under(data: bytes, roots: Sequence[Root]) -> tuple[RosterHead, Digest, int]:
    """Return the head in *data*, its digest, and how many of *roots* lead to who signed it."""
    failure = BadSignature("unknown")
    for count in range(len(roots), 0, -1):
        try:
            return (*read_head(data, roots[count - 1]), count)
        except BadSignature as error:
            failure = error
    raise failure


def _renumbered(held: RosterState | None, update: RosterUpdate, root: Root) -> RosterState:
    """Return the roster of the newest head in *update*, with those of its entries that are held."""
    heads = [read_head(each, root) for each in update.heads]  # (2)
    _check_chain(heads)  # (3)
    if held is not None and held.root == root:
        _check_forks(held, heads)
    head, named = heads[-1]
    _check_newer(held, update, heads[0][0], head)  # (4)
    hashes = _renamed(held, update)
    if entries_root(hashes) != head.peers_root:  # (5)
        raise Differs("roster")
    known = held.entries.items() if held is not None else ()
    kept = {key: entry for key, entry in known if key in hashes}
    return RosterState(
        root=root,
        number=head.number,
        head=named,
        issued=head.at,
        entries=kept,
        lacking=hashes - kept.keys(),
    )


def _check_forks(held: RosterState, heads: Sequence[tuple[RosterHead, Digest]]) -> None:
    """Raise TwoBodies if one of *heads* belongs to another history than what is held."""
    for head, named in heads:
        if head.number == held.number and named != held.head:
            raise TwoBodies("roster")
        if head.number == held.number + 1 and head.previous != held.head:
            raise TwoBodies("roster")


def _check_chain(heads: Sequence[tuple[RosterHead, Digest]]) -> None:
    for (before, named), (after, _) in pairwise(heads):
        if after.number != before.number + 1:
            raise Malformed("roster")
        if after.previous != named:
            raise TwoBodies("roster")


def _check_newer(
    held: RosterState | None, update: RosterUpdate, first: RosterHead, newest: RosterHead
) -> None:
    if update.base and first.number != update.base + 1:
        raise Malformed("roster")
    number = held.number if held is not None else 0
    if newest.number < number or (newest.number == number and held and not held.lacking):
        raise Stale("rolled-back", number=newest.number)
    if update.base and update.base != number:
        raise Stale("base", number=update.base)


def _renamed(held: RosterState | None, update: RosterUpdate) -> frozenset[CertificateHash]:
    before = held.hashes if held is not None and update.base else frozenset()
    added, removed = read_hashes(update.added), read_hashes(update.removed)
    if not removed <= before or added & before:
        raise Differs("roster")
    return before - removed | added


def _with_entries(state: RosterState, update: RosterUpdate) -> RosterState:
    """Return *state* with the entries that came in *update*."""
    entries = dict(state.entries)
    for data in update.entries:
        named = CertificateHash(digest(data))
        if named not in state.hashes:  # (6)
            raise Differs("entry")
        if named in state.lacking:
            entries[named] = _read_for_peers(data, update.agency)
    if not any(isinstance(each, NodeEntry) for each in entries.values()):  # (7)
        raise Malformed("roster-node")
    return replace(state, entries=entries, lacking=state.lacking - entries.keys())


def _read_for_peers(data: bytes, agency: AgencyId) -> Entry:
    entry = read_entry(data)
    if entry.agency != agency or audience_of(entry) is not Audience.PEERS:
        raise Differs("entry")
    check_entry(entry)
    return entry
