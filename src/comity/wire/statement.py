# SPDX-License-Identifier: Apache-2.0
"""Statements to bytes and back: canonical JSON, carried in DSSE (``spec/statements.md``).

The *copy id* is the SHA-256 of the DSSE payload; the *body digest* that of the canonical body,
which all copies of an act share. A statement of an unknown type keeps its body as raw bytes.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

import msgspec

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, VerifyingKey
from comity.domain.ids import ActId, AgencyId, CopyId, Digest, ThreadId, digest
from comity.domain.statement import TYPES, Author, Body, Reader, Statement, Unknown
from comity.errors import Malformed
from comity.wire import canonical

STATEMENT_LIMIT: Final = 256 * 1024
"""Of the payload, in bytes; larger content travels as a blob."""
DSSE_LIMIT: Final = STATEMENT_LIMIT * 4 // 3 + 4096
READERS_LIMIT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wire:
    """The header as it stands on the wire; the body is decoded by type afterwards."""

    type: str
    act: ActId
    thread: ThreadId
    at: datetime
    author: Author
    to: AgencyId
    readers: tuple[Reader, ...]
    shown: tuple[Reader, ...]
    language: str
    roster: int
    roster_reason: str
    body: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCopy:
    """One copy with its signature, ready to be sealed."""

    statement: Statement
    payload: bytes
    dsse: bytes
    copy: CopyId


def write(statement: Statement) -> bytes:
    """Return the payload of *statement*."""
    body = statement.body
    if not isinstance(body, Unknown):
        return canonical.encode(statement)
    head = {each.name: getattr(statement, each.name) for each in fields(statement)}
    return canonical.encode({**head, "body": msgspec.Raw(body.raw)})


def read(payload: bytes, *, limit: int = STATEMENT_LIMIT) -> Statement:
    """Return the statement that *payload* writes, or raise Malformed."""
    canonical.check(payload, limit=limit)
    try:
        head = msgspec.json.decode(payload, type=_Wire)
        kind = TYPES.get(head.type)
        raw = bytes(head.body)
        body: Body = Unknown(raw=raw) if kind is None else msgspec.json.decode(raw, type=kind)
        statement = Statement(
            type=head.type,
            act=head.act,
            thread=head.thread,
            at=head.at,
            author=head.author,
            to=head.to,
            readers=head.readers,
            shown=head.shown,
            language=head.language,
            roster=head.roster,
            roster_reason=head.roster_reason,
            body=body,
        )
    except (msgspec.ValidationError, ValueError) as error:
        raise Malformed("type") from error
    if write(statement) != payload:
        raise Malformed("canonical")
    if len(statement.readers) + len(statement.shown) > READERS_LIMIT:
        raise Malformed("size", limit=READERS_LIMIT)
    return statement


def body_digest(statement: Statement) -> Digest:
    """Return the digest that every copy of this act shares."""
    body = statement.body
    return digest(body.raw if isinstance(body, Unknown) else canonical.encode(body))


def copy_id(payload: bytes) -> CopyId:
    return CopyId(digest(payload))


def sign(statement: Statement, key: SigningKey) -> SignedCopy:
    """Return *statement* signed by its author."""
    payload = write(statement)
    if len(payload) > STATEMENT_LIMIT:
        raise Malformed("size", limit=STATEMENT_LIMIT)
    return SignedCopy(
        statement=statement,
        payload=payload,
        dsse=dsse.sign(payload, [key]),
        copy=copy_id(payload),
    )


def author_of(data: bytes) -> SignedCopy:
    """Return what the DSSE bytes *data* say, still unverified: to find the author's certificate."""
    return _copy(dsse.read(data, DSSE_LIMIT), data)


def verify(data: bytes, key: VerifyingKey) -> SignedCopy:
    """Return the statement in the DSSE bytes *data*; raise unless *key* signed it."""
    signed = dsse.read(data, DSSE_LIMIT)
    dsse.verify(signed, key)
    return _copy(signed, data)


def _copy(signed: dsse.Signed, data: bytes) -> SignedCopy:
    return SignedCopy(
        statement=read(signed.payload),
        payload=signed.payload,
        dsse=data,
        copy=copy_id(signed.payload),
    )
