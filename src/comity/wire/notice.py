# SPDX-License-Identifier: Apache-2.0
"""Notices to bytes and back: what one node tells another besides dockets and receipts.

Each is signed by the node's carrier key, an introduction by the officer who made it too
(spec/notices.md). Told in a parcel until the other says that it has taken it; taking it twice
changes nothing.
"""

from dataclasses import dataclass, fields
from typing import Final

import msgspec

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, VerifyingKey
from comity.domain.compared import CommonTags, ConsistencyAsked, ConsistencyShown, SeenNotes
from comity.domain.docket import Proven
from comity.domain.ids import Digest, digest
from comity.domain.introduction import Introduction, IntroductionOutcome
from comity.domain.recall_onward import OnwardHeld, RecallOnward
from comity.errors import Malformed
from comity.wire import canonical

NOTICE_LIMIT: Final = 256 * 1024
"""Of the DSSE bytes: an introduction holds the roster of a large agency."""
ROSTER_ROOM: Final = 128 * 1024
"""Bytes of the roster in an introduction: they grow by two base64."""

Notice = (
    Introduction
    | IntroductionOutcome
    | CommonTags
    | SeenNotes
    | ConsistencyAsked
    | ConsistencyShown
    | Proven
    | RecallOnward
    | OnwardHeld
)
TYPES: Final[tuple[type[Notice], ...]] = (
    Introduction,
    IntroductionOutcome,
    CommonTags,
    SeenNotes,
    ConsistencyAsked,
    ConsistencyShown,
    Proven,
    RecallOnward,
    OnwardHeld,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice as it came or goes."""

    said: Notice
    signed: dsse.Signed
    dsse: bytes

    @property
    def digest(self) -> Digest:
        """Return the SHA-256 of the bytes as they travel: what ``taken`` names."""
        return digest(self.dsse)


def sign(said: Notice, carrier: SigningKey, *also: SigningKey) -> Told:
    """Return *said* signed by the node, and by whoever else says it."""
    data = dsse.sign(canonical.encode(said), [carrier, *also])
    if len(data) > NOTICE_LIMIT:
        raise Malformed("size", limit=NOTICE_LIMIT)
    return Told(said=said, signed=dsse.read(data, NOTICE_LIMIT), dsse=data)


def read(data: bytes) -> Told:
    """Return the notice that *data* holds, still unverified; raise Malformed if it is none."""
    signed = dsse.read(data, NOTICE_LIMIT)
    canonical.check(signed.payload, limit=NOTICE_LIMIT)
    try:
        typed = msgspec.json.decode(signed.payload, type=_Typed)
    except (msgspec.ValidationError, ValueError) as error:
        raise Malformed("type") from error
    kind = next((each for each in TYPES if _type_of(each) == typed.type), None)
    if kind is None:
        raise Malformed("type")
    said = canonical.decode(signed.payload, kind, limit=NOTICE_LIMIT)
    return Told(said=said, signed=signed, dsse=data)


def verify(told: Told, key: VerifyingKey) -> None:
    """Raise BadSignature unless *key* signed it."""
    dsse.verify(told.signed, key)


def _type_of(kind: type[Notice]) -> str:
    return str(next(each.default for each in fields(kind) if each.name == "type"))
