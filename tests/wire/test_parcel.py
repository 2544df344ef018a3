# SPDX-License-Identifier: Apache-2.0
"""A parcel arrives as it was packed, at the node it was sealed to, or is refused whole."""

import json
import struct
import time as clock
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.strategies import NOW, agency_ids, blob_ids, digests, moments, node_ids, numbers, some

from comity.crypto import age
from comity.crypto.age import HybridIdentity
from comity.domain.ids import BlobId, Digest, NodeId, digest
from comity.errors import Malformed, NotForUs, Untrusted
from comity.wire import canonical, parcel
from comity.wire.padding import padme
from comity.wire.parcel import (
    ITEMS_LIMIT,
    MAGIC,
    NOTICES_LIMIT,
    PARCEL_LIMIT,
    ROSTERS_LIMIT,
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

NODE = HybridIdentity.from_seed(bytes([5]) * 32)
STRANGER = HybridIdentity.from_seed(bytes([6]) * 32)

sections = st.binary(max_size=60)
proofs = some(st.binary(min_size=32, max_size=32), 4)
origins = st.sampled_from(["comity/x/1", "comity/y/2"])


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    offset, data = draw(st.integers(0, 1 << 40)), draw(sections)
    total = draw(st.integers(offset + len(data), 1 << 41))
    return Chunk(blob=draw(blob_ids), offset=offset, total=total, data=data)


parcels: SearchStrategy[Parcel] = st.builds(
    Parcel,
    id=node_ids,
    from_node=node_ids,
    to_node=node_ids,
    at=moments,
    known=some(st.builds(Known, agency=agency_ids, number=numbers, lacks=st.just("") | digests)),
    rosters=some(sections),
    items=some(st.builds(Item, docket=sections, envelope=sections)),
    receipts=some(st.builds(ReceiptItem, receipt=sections, proof=proofs)),
    logs=some(
        st.builds(
            LogState,
            note=sections,
            old=numbers,
            consistency=proofs,
            salt=sections,
            opening=sections,
            inclusion=proofs,
        )
    ),
    cosignatures=some(st.builds(CosignedNote, origin=origins, size=numbers, line=sections)),
    proven=some(sections),
    chunks=some(chunks()),
    wants=some(st.builds(Want, blob=blob_ids, offset=numbers)),
    refusals=some(
        st.builds(Refusal, docket=digests, code=st.sampled_from(["untrusted", "refused.too-late"]))
    ),
    seen=some(st.builds(Seen, origin=origins, size=numbers, note=st.text(max_size=200))),
    taken=some(digests),
    notices=some(sections),
)
PLAIN = Parcel(
    id="a" * 26,
    from_node=NodeId("b" * 26),
    to_node=NodeId("c" * 26),
    at=NOW,
    items=(Item(docket=b"docket", envelope=b"envelope"),),
    receipts=(ReceiptItem(receipt=b"receipt", proof=(bytes(32),)),),
    chunks=(Chunk(blob=BlobId(digest(b"")), offset=4, total=99, data=b"chunk"),),
)
WRITTEN = parcel.write(PLAIN)


def forged(
    changes: Mapping[str, Any], *, rest: bytes | None = None, length: int | None = None
) -> bytes:
    """Write a parcel that an honest node would not: the manifest of ``PLAIN``, changed."""
    start = len(MAGIC) + 4
    (size,) = struct.unpack(">I", WRITTEN[len(MAGIC) : start])
    manifest = canonical.encode({**json.loads(WRITTEN[start : start + size]), **changes})
    sections = b"docketenvelopereceipt" + bytes(32) + b"chunk" if rest is None else rest
    told = len(manifest) if length is None else length
    content = MAGIC + struct.pack(">I", told) + manifest + sections
    return content.ljust(padme(len(content)), b"\0")


@given(parcels)
@settings(max_examples=60)
def test_every_parcel_goes_to_the_wire_and_back(packed: Parcel) -> None:
    data = parcel.write(packed)

    assert parcel.read(data) == packed
    assert len(data) == padme(len(data))


@given(parcels)
@settings(max_examples=20)
def test_a_sealed_parcel_opens_for_its_node_alone(packed: Parcel) -> None:
    sealed = parcel.seal(packed, NODE.recipient)

    assert parcel.open_(sealed, NODE) == packed
    with pytest.raises(NotForUs):
        parcel.open_(sealed, STRANGER)


def test_an_empty_parcel_says_who_and_when_and_nothing_else() -> None:
    empty = Parcel(id="a" * 26, from_node=PLAIN.from_node, to_node=PLAIN.to_node, at=NOW)

    assert parcel.read(parcel.write(empty)) == empty


@given(st.data())
@settings(max_examples=60)
def test_every_flipped_bit_of_a_sealed_parcel_is_refused(data: st.DataObject) -> None:
    changed = bytearray(parcel.seal(PLAIN, NODE.recipient))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Untrusted):
        parcel.open_(bytes(changed), NODE)


def test_every_truncation_is_refused() -> None:
    sealed = parcel.seal(PLAIN, NODE.recipient)

    for size in range(len(WRITTEN)):
        with pytest.raises(Malformed):
            parcel.read(WRITTEN[:size])
    for size in range(0, len(sealed), 7):
        with pytest.raises(Untrusted):
            parcel.open_(sealed[:size], NODE)


@given(parcels, st.data())
@settings(max_examples=200)
def test_one_parcel_has_one_set_of_bytes(packed: Parcel, data: st.DataObject) -> None:
    """Whoever holds the node's key can pack anything; what is read is what was written."""
    changed = bytearray(parcel.write(packed))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    try:
        read = parcel.read(bytes(changed))
    except Malformed:
        return
    assert read != packed
    assert parcel.write(read) == changed


ONE = {"blob": digest(b""), "offset": 4, "total": 9, "data": 5}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"items": [[6, 7]]}, "padding"),
        ({"items": [[6, 1 << 40]]}, "section"),
        ({"items": [[-1, 8]]}, "section"),
        ({"items": [[6, 8, 1]]}, "type"),
        ({"items": [[6]]}, "type"),
        ({"items": [[6, "8"]]}, "type"),
        ({"items": [[6, True]]}, "type"),
        ({"receipts": [[7, -1]]}, "proof"),
        ({"receipts": [[7, 65]]}, "proof"),
        ({"receipts": [[7, 64]]}, "section"),
        ({"chunks": [{**ONE, "offset": 5}]}, "type"),
        ({"chunks": [{**ONE, "offset": -1}]}, "type"),
        ({"chunks": [{**ONE, "blob": "x"}]}, "type"),
        ({"wants": [{"blob": digest(b""), "offset": -1}]}, "type"),
        ({"wants": [{"blob": "x", "offset": 0}]}, "type"),
        ({"known": [{"agency": "x", "number": 1, "lacks": ""}]}, "type"),
        ({"known": [{"agency": "a" * 26, "number": 1, "lacks": "x"}]}, "type"),
        ({"known": [{"agency": "a" * 26, "number": -1, "lacks": ""}]}, "type"),
        ({"seen": [{"origin": "comity/x/1", "size": -1}]}, "type"),
        ({"cosignatures": [{"origin": "comity/x/1", "size": -1, "line": 0}]}, "type"),
        ({"refusals": [{"docket": "x", "code": "untrusted"}]}, "type"),
        ({"refusals": [{"docket": digest(b""), "code": "Told you\n"}]}, "type"),
        ({"taken": ["x"]}, "type"),
        ({"id": "x"}, "type"),
        ({"at": "2026-11-23T10:40:00+03:00"}, "type"),
        ({"surprise": []}, "canonical"),
        ({"seen": [{"note": "", "origin": "x", "size": -1}]}, "type"),
        ({"seen": [{"note": "x" * 1025, "origin": "x", "size": 1}]}, "type"),
        ({"seen": 1}, "type"),
        ({"items": [[0, 0]] * (ITEMS_LIMIT + 1)}, "size"),
        ({"rosters": [0] * (ROSTERS_LIMIT + 1)}, "size"),
        ({"notices": [0] * (NOTICES_LIMIT + 1)}, "size"),
        ({"id": "a" * parcel.MANIFEST_LIMIT}, "size"),
    ],
)
def test_a_manifest_that_lies_is_refused_by_name(changes: dict[str, Any], cause: str) -> None:
    with pytest.raises(Malformed) as refused:
        parcel.read(forged(changes))

    assert refused.value.cause == f"untrusted.malformed.{cause}"


def test_the_forger_is_honest_when_he_changes_nothing() -> None:
    assert forged({}) == WRITTEN


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "parcel"),
        (MAGIC, "parcel"),
        (MAGIC.replace(b"1", b"2") + WRITTEN[len(MAGIC) :], "parcel"),
        (bytes(PARCEL_LIMIT + 1), "size"),
        (forged({}, length=1 << 31), "section"),
        (forged({}, length=10), "syntax"),
        (WRITTEN + b"\0", "padding"),
        (WRITTEN[:-1] + b"\1", "padding"),
        (forged({}, rest=b""), "section"),
        (MAGIC + struct.pack(">I", 200_000) + b"[" * 200_000, "depth"),
    ],
)
def test_bytes_that_are_no_parcel_are_refused_by_name(data: bytes, cause: str) -> None:
    with pytest.raises(Malformed) as refused:
        parcel.read(data)

    assert refused.value.cause == f"untrusted.malformed.{cause}"


def test_hidden_bytes_behind_the_sections_are_refused() -> None:
    hidden = bytearray(WRITTEN)
    assert hidden[-1] == 0
    hidden[-1] = 7

    with pytest.raises(Malformed, match="padding"):
        parcel.read(bytes(hidden))


@pytest.mark.parametrize(
    "packed",
    [
        replace(PLAIN, items=(Item(docket=b"", envelope=b""),) * (ITEMS_LIMIT + 1)),
        replace(PLAIN, rosters=(b"",) * (ROSTERS_LIMIT + 1)),
        replace(PLAIN, rosters=(bytes(PARCEL_LIMIT),)),
        replace(PLAIN, seen=(Seen(origin="x" * 1000, size=0),) * 400),
    ],
)
def test_nobody_packs_what_nobody_would_take(packed: Parcel) -> None:
    with pytest.raises(Malformed, match="size"):
        parcel.write(packed)


def test_a_parcel_over_the_limit_is_neither_sealed_nor_opened() -> None:
    largest = replace(PLAIN, rosters=(bytes(1_040_000),))
    assert len(parcel.write(largest)) <= PARCEL_LIMIT

    with pytest.raises(Malformed, match="size"):
        parcel.seal(largest, NODE.recipient)
    with pytest.raises(Malformed, match="size"):
        parcel.open_(age.encrypt(bytes(PARCEL_LIMIT), [NODE.recipient]), NODE)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: ReceiptItem(receipt=b"", proof=(b"short",)), "proof"),
        (lambda: ReceiptItem(receipt=b"", proof=(bytes(32),) * 65), "proof"),
        (lambda: LogState(note=b"", old=-1), "old"),
        (lambda: LogState(note=b"", old=0, inclusion=(b"short",)), "proof"),
        (lambda: LogState(note=b"", old=0, consistency=(b"short",)), "proof"),
        (lambda: Chunk(blob=BlobId(digest(b"")), offset=0, total=1, data=b"two"), "chunk"),
        (lambda: Refusal(docket=Digest(digest(b"")), code="no cause"), "code"),
    ],
)
def test_a_part_that_exists_is_one_that_can_be_packed(make: Any, word: str) -> None:
    with pytest.raises(ValueError, match=f"^{word}: "):
        make()


def test_packing_costs_little_beside_the_bytes() -> None:
    """A busy node packs and unpacks 600 dockets a second (bench/deliver.py)."""
    full = replace(
        PLAIN,
        items=tuple(Item(docket=bytes(1300), envelope=bytes(6000)) for _ in range(128)),
        receipts=(),
        chunks=(),
    )

    def seconds() -> float:
        begun = clock.perf_counter()
        parcel.read(parcel.write(full))
        return clock.perf_counter() - begun

    # About 8 µs each here; the bound is wide, for machines that are slow or busy.
    assert min(seconds() for _ in range(20)) / 128 < 100e-6
