# SPDX-License-Identifier: Apache-2.0
"""The vectors of what is sealed: envelopes, parcels, blobs; good ones and bad ones."""

import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.wire import tale
from tests.wire.signed_cases import OK, Case, Row, changed, flipped, malformed
from tests.wire.tale import AMINA, CARRIER, QUESTION, text_of

from comity.crypto import age
from comity.domain.ids import BlobId, digest
from comity.domain.statement import Attachment
from comity.wire import blob, canonical, docket, envelope, parcel, statement
from comity.wire.padding import padme
from comity.wire.parcel import (
    Chunk,
    CosignedNote,
    Item,
    Known,
    LogState,
    Parcel,
    ReceiptItem,
    Refusal,
    Seen,
    Want,
)


def envelopes() -> Iterator[tuple[str, Case]]:
    content = statement.sign(QUESTION, AMINA).dsse
    both = envelope.seal(content, [tale.HER.recipient, tale.DESK.recipient])
    her, desk, nobody = (each.seed.hex() for each in (tale.HER, tale.DESK, tale.STRANGER))

    def case(about: str, outcome: str, sealed: bytes, *keys: str, **more: Any) -> Case:
        return {
            "about": about,
            "outcome": outcome,
            "kind": "envelope",
            "identities": list(keys),
            "named": digest(sealed),
            "sealed": text_of(sealed),
            **more,
        }

    opens = {"dsse": content.decode()}
    yield "opened-by-the-desk", case("opened with the desk's key", OK, both.sealed, desk, **opens)
    yield (
        "opened-by-the-author",
        case("the author is a reader", OK, both.sealed, nobody, her, **opens),
    )
    yield (
        "empty",
        case("nothing, sealed", OK, envelope.seal(b"", [tale.HER.recipient]).sealed, her, dsse=""),
    )
    header = both.sealed.index(b"\n---")
    other = b"A" if both.sealed[header + 10 : header + 11] != b"A" else b"B"
    other_seal = both.sealed[: header + 10] + other + both.sealed[header + 11 :]
    unpadded = age.encrypt(content, [tale.HER.recipient])
    hidden = age.encrypt(content.ljust(padme(len(content)) + 64, b"\n"), [tale.HER.recipient])
    weak = age.encrypt(content, [age.Passphrase("correct horse", factor=1)])
    for name, about, outcome, sealed, key in (
        ("stranger", "opened with another's key", "untrusted.not-for-us.age", both.sealed, nobody),
        ("truncated", "without its last byte", "untrusted.signature.age.payload", both.sealed[:-1], desk),
        ("cut-in-the-header", "the header alone", malformed("age.header"), both.sealed[:header], desk),
        ("without-payload", "the whole header and nothing behind it", malformed("age.payload"), both.sealed[: header + 49], desk),
        ("flipped-payload", "a changed bit of the payload", "untrusted.signature.age.payload", flipped(both.sealed, -1), desk),
        ("flipped-header", "a changed letter of the header's seal", "untrusted.signature.age.header", other_seal, desk),
        ("trailing", "a byte behind the end", "untrusted.signature.age.payload", both.sealed + b"\0", desk),
        ("unpadded", "not padded", malformed("padding"), unpadded, her),
        ("padding-long", "a longer tail than the rule gives", malformed("padding"), hidden, her),
        ("passphrase", "sealed with a passphrase", "untrusted.not-for-us.age", weak, her),
        ("not-sealed", "no sealed file", malformed("age.version"), content, her),
    ):  # fmt: skip
        yield f"bad-{name}", case(about, outcome, sealed, key)
    renamed = case("under another id", "untrusted.differs.envelope", both.sealed, desk)
    yield "bad-another-id", {**renamed, "named": digest(b"another")}
    grown = {"field": "sealed", "at": 0, "text": "AAAA", "times": 350_000}
    yield (
        "bad-oversized",
        {**case("more than 1 MiB", malformed("size"), both.sealed, desk), "grow": grown},
    )


def parcels() -> Iterator[tuple[str, Case]]:
    full = _full()
    empty = Parcel(id="p" * 26, from_node=tale.MOMBASA, to_node=tale.HAI_PHONG, at=tale.AT)
    node, nobody = tale.NODE.seed.hex(), tale.STRANGER.seed.hex()
    data, sealed = parcel.write(full), parcel.seal(full, tale.NODE.recipient)

    def case(about: str, outcome: str, content: bytes, **more: Any) -> Case:
        return {
            "about": about,
            "outcome": outcome,
            "kind": "parcel",
            "parcel": text_of(content),
            **more,
        }

    def seal(about: str, outcome: str, content: bytes, key: str, **more: Any) -> Case:
        return {"about": about, "outcome": outcome, "kind": "sealed", "identity": key, "sealed": text_of(content), **more}  # fmt: skip

    yield "full", case("one of everything", OK, data, says=json.loads(canonical.encode(full)))
    yield "empty", case("nothing but who and when", OK, parcel.write(empty), says=json.loads(canonical.encode(empty)))  # fmt: skip
    yield "sealed", seal("sealed to its node", OK, sealed, node, says=json.loads(canonical.encode(full)))  # fmt: skip
    yield "bad-stranger", seal("sealed to another node", "untrusted.not-for-us.age", sealed, nobody)
    for name, about, outcome, content in (
        ("sealed-truncated", "without its last byte", "untrusted.signature.age.payload", sealed[:-1]),
        ("sealed-flipped", "a changed bit", "untrusted.signature.age.payload", flipped(sealed, -1)),
        ("sealed-nothing", "nothing, sealed", malformed("parcel"), age.encrypt(b"", [tale.NODE.recipient])),
        ("not-sealed", "in clear", malformed("age.version"), data),
    ):  # fmt: skip
        yield f"bad-{name}", seal(about, outcome, content, node)
    grown = {"field": "sealed", "at": 0, "text": "AAAA", "times": 350_000}
    yield "bad-sealed-oversized", {**seal("more than 1 MiB", malformed("size"), sealed, node), "grow": grown}  # fmt: skip
    for name, about, content, cause in _lies(data):
        yield f"bad-{name}", case(about, malformed(cause), content)
    grown = {"field": "parcel", "at": 0, "text": "AAAA", "times": 350_000}
    yield "bad-oversized", {**case("more than 1 MiB", malformed("size"), data), "grow": grown}


def _full() -> Parcel:
    opened = statement.sign(QUESTION, AMINA)
    sealed = envelope.seal(opened.dsse, [tale.DESK.recipient])
    release = replace(tale.RELEASE, copy=opened.copy, envelope=sealed.id, size=len(sealed.sealed))
    hashes = (bytes([1]) * 32, bytes([2]) * 32)
    return Parcel(
        id="p" * 26,
        from_node=tale.MOMBASA,
        to_node=tale.HAI_PHONG,
        at=tale.AT,
        known=(Known(agency=tale.VN, number=7, lacks=digest(b"an entry")),),
        rosters=(b'{"a":"roster update"}',),
        items=(Item(docket=docket.sign(release, CARRIER).dsse, envelope=sealed.sealed),),
        receipts=(
            ReceiptItem(receipt=docket.sign(tale.DELIVERED, CARRIER).dsse, proof=hashes),
            ReceiptItem(receipt=docket.sign(tale.OPENED, AMINA).dsse),
        ),
        logs=(
            LogState(
                note=b"a checkpoint",
                old=4,
                consistency=hashes,
                salt=bytes(range(16)),
                opening=b"the first leaf",
                inclusion=hashes[:1],
            ),
        ),
        cosignatures=(CosignedNote(origin=tale.ORIGIN, size=9, line=b"a line of a note"),),
        proven=(docket.sign(tale.NOTICE, CARRIER).dsse,),
        chunks=(Chunk(blob=tale.PHOTOGRAPH.blob, offset=65_536, total=123_456, data=b"a chunk"),),
        wants=(Want(blob=BlobId(digest(b"wanted")), offset=0),),
        refusals=(Refusal(docket=digest(b"refused"), code="untrusted.signature"),),
        seen=(Seen(origin=tale.ORIGIN, size=9, note="a checkpoint\n\n— of the recipient\n"),),
        taken=(digest(b"taken"),),
        notices=(b"a notice",),
    )


def _lies(data: bytes) -> Iterator[Row]:
    start = len(parcel.MAGIC) + 4
    size = int.from_bytes(data[start - 4 : start], "big")
    good, rest = data[start : start + size], data[start + size :]

    def packed(manifest: bytes, *, length: int | None = None) -> bytes:
        told = (len(manifest) if length is None else length).to_bytes(4, "big")
        return parcel.MAGIC + told + manifest + rest

    told = json.loads(good)
    chunk, items = told["chunks"][0], told["items"][0]

    def forged(**changes: Any) -> bytes:
        return packed(canonical.encode({**told, **changes}))

    yield "nothing", "nothing at all", b"", "parcel"
    yield "truncated", "without its last byte", data[:-1], "padding"
    yield "cut-in-half", "half of it", data[: len(data) // 2], "section"
    yield "another-version", "of another version", changed(data, "parcel/1", "parcel/2"), "parcel"
    yield "longer-padding", "a zero more than the padding has", data + b"\0", "padding"
    yield "hidden-in-padding", "a byte in the padding", flipped(data, -1), "padding"
    yield (
        "manifest-beyond",
        "a manifest longer than the parcel",
        packed(good, length=1 << 31),
        "section",
    )
    yield "manifest-cut", "a manifest of ten bytes", packed(good, length=10), "syntax"
    yield "white-space", "a space in the manifest", packed(changed(good, ":", ": ")), "canonical"
    yield "duplicate-key", "a list named twice", packed(changed(good, '"taken":', '"taken":[],"taken":')), "canonical"  # fmt: skip
    yield "unknown-list", "a list that this version does not have", forged(zebras=[]), "canonical"
    yield "deep", "a manifest of brackets", packed(b"[" * 1000), "depth"
    yield (
        "section-beyond",
        "an envelope beyond the end",
        forged(items=[[items[0], 1 << 40]]),
        "section",
    )
    yield (
        "section-negative",
        "a docket of fewer bytes than none",
        forged(items=[[-1, items[1]]]),
        "section",
    )
    yield "section-forgotten", "a section that nobody names", forged(chunks=[]), "padding"
    yield "proof-long", "a proof of sixty-five hashes", forged(receipts=[[9, 65]]), "proof"
    yield "items-513", "more dockets than may be", forged(items=[[0, 0]] * 513), "size"
    yield "rosters-65", "more roster updates than may be", forged(rosters=[0] * 65), "size"
    yield (
        "chunk-beyond",
        "a chunk beyond the end of its file",
        forged(chunks=[{**chunk, "total": 65_540}]),
        "type",
    )
    yield (
        "chunk-negative",
        "a chunk before the beginning",
        forged(chunks=[{**chunk, "offset": -1}]),
        "type",
    )
    yield "taken-no-digest", "a digest of another form", forged(taken=["42"]), "type"


def blobs() -> Iterator[tuple[str, Case]]:
    content = b"312 kg of raw ivory, said to be timber"
    sink = io.BytesIO()
    said = blob.seal_blob(io.BytesIO(content), sink, os.urandom)
    sealed = sink.getvalue()
    told = Attachment(
        blob=said.blob,
        size=said.size,
        seed=said.seed,
        clear=said.clear,
        length=said.length,
        name="list.txt",
        media="text/plain",
    )
    identity = age.HybridIdentity.from_seed(said.seed)

    def case(about: str, outcome: str, data: bytes, **lies: Any) -> Case:
        named = replace(told, blob=BlobId(digest(data)), size=len(data))
        return {
            "about": about,
            "outcome": outcome,
            "kind": "blob",
            "attachment": json.loads(canonical.encode(replace(named, **lies))),
            "sealed": text_of(data),
        }

    yield "opens", {**case("a file as it was attached", OK, sealed), "content": text_of(content)}
    hidden = age.encrypt(
        content + b"\1" * (padme(len(content)) - len(content)), [identity.recipient]
    )
    two = age.encrypt(content, [identity.recipient, tale.DESK.recipient])
    differs = "untrusted.differs.file"
    for name, about, outcome, data, lies in (
        ("truncated", "without its last byte", f"{differs}.size", sealed[:-1], {}),
        ("flipped", "a changed bit under its own id", "untrusted.signature.age.payload", flipped(sealed, -1), {}),
        ("another-id", "a changed bit under the true id", f"{differs}.sealed", flipped(sealed, -1), {"blob": said.blob}),
        ("another-size", "said to be larger", f"{differs}.size", sealed, {"size": said.size + 1}),
        ("another-length", "said to be a byte longer", f"{differs}.clear", sealed, {"length": said.length + 1}),
        ("another-content", "other content than said", f"{differs}.clear", sealed, {"clear": digest(b"timber")}),
        ("another-seed", "under another key", "untrusted.not-for-us.age", sealed, {"seed": bytes(32)}),
        ("length-negative", "shorter than nothing", malformed("blob"), sealed, {"length": -1}),
        ("length-beyond", "longer than may be", malformed("blob"), sealed, {"length": (4 << 30) + 1}),
        ("hidden-in-padding", "bytes in the padding", malformed("padding"), hidden, {}),
        ("two-readers", "a second reader, whom nobody named", f"{differs}.size", two, {}),
    ):  # fmt: skip
        yield f"bad-{name}", case(about, outcome, data, **lies)
