# SPDX-License-Identifier: Apache-2.0
"""Dockets and receipts to bytes and back, signed; and a docket held against its statement.

A docket is read by the node before anybody can open the statement; whoever opens it compares the
two. A difference is Untrusted: either the author or his node said something else than it released.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, VerifyingKey
from comity.domain.docket import BlobRef, Docket, OrderedDocket, Proven, Receipt
from comity.domain.ids import Digest, digest
from comity.domain.statement import Reader, Statement, Telling, Unknown, Why
from comity.errors import Differs
from comity.wire import canonical, order
from comity.wire.envelope import Envelope
from comity.wire.statement import SignedCopy

_ORDERED: Final = b',"type":"comity/docket@2"}'
"""How the payload of a docket with an order ends: keys are sorted, and nothing comes after it."""
DOCKET_LIMIT: Final = 64 * 1024
"""Of the DSSE bytes of a docket, a receipt or a proven notice."""

Said = TypeVar("Said", Docket, Receipt, Proven)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Generic[Said]):
    """A docket, receipt or notice with its signature."""

    said: Said
    payload: bytes
    dsse: bytes

    @property
    def digest(self) -> Digest:
        """Return the SHA-256 of the payload: what receipts and ledgers name."""
        return digest(self.payload)


def sign(said: Said, key: SigningKey) -> Released[Said]:
    payload = canonical.encode(said)
    return Released(said=said, payload=payload, dsse=dsse.sign(payload, [key]))


def read(data: bytes, kind: type[Said]) -> Released[Said]:
    """Return what *data* says, still unverified: to find whose key must have signed it."""
    signed = dsse.read(data, DOCKET_LIMIT)
    said = canonical.decode(signed.payload, _exactly(kind, signed.payload), limit=DOCKET_LIMIT)
    return Released(said=said, payload=signed.payload, dsse=data)


def _exactly(kind: type[Said], payload: bytes) -> type[Said]:
    """Return the version of *kind* that *payload* states: of a docket, that with an order."""
    kinds: dict[tuple[object, bool], object] = {(Docket, True): OrderedDocket}
    return cast("type[Said]", kinds.get((kind, payload.endswith(_ORDERED)), kind))


def verify(released: Released[Said], key: VerifyingKey) -> Said:
    """Return what was said; raise BadSignature unless *key* signed it."""
    dsse.verify(dsse.read(released.dsse, DOCKET_LIMIT), key)
    return released.said


def compare(docket: Docket, opened: SignedCopy, sealed: Envelope) -> None:
    """Raise Differs, naming the first field in which *docket* and its opened statement differ.

    The stage and the clock follow from the body by rules of the domain; who opens compares them
    there. Whether a body of unknown type names blobs, only a version that knows it can tell.
    """
    said = opened.statement
    pairs = {
        "act": (docket.act, said.act),
        "thread": (docket.thread, said.thread),
        "copy": (docket.copy, opened.copy),
        "envelope": ((docket.envelope, docket.size), (sealed.id, len(sealed.sealed))),
        "agency": ((docket.agency, docket.to), (said.author.agency, said.to)),
        "readers": (
            {(each.id, each.kind, each.epoch) for each in docket.readers},
            {(each.id, each.kind, each.epoch) for each in _carried_to(said)},
        ),
        "blobs": (docket.blobs, _blobs(said, docket)),
    }
    for name, (promised, found) in pairs.items():
        if promised != found:
            raise Differs(name)
    order.compare(docket, said)


def _carried_to(said: Statement) -> tuple[Reader, ...]:
    """Return the readers at the recipient node: the author is one only of his own node's copy."""
    home = said.to == said.author.agency
    return tuple(each for each in said.readers if home or each.why is not Why.AUTHOR)


def _blobs(said: Statement, docket: Docket) -> tuple[BlobRef, ...]:
    """Return the blobs that *said* names, as far as this version can read that."""
    match said.body:
        case Unknown():
            return docket.blobs
        case body if isinstance(body, Telling):
            return tuple(BlobRef(id=each.blob, size=each.size) for each in body.attachments)
        case _:
            return ()
