# SPDX-License-Identifier: Apache-2.0
"""A carry file gives back each parcel as it was packed, and says where it was cut or changed."""

import io
import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import NOW, moments, node_ids
from tests.wire.carry_cases import COVER, FIRST, SECOND, carries, packed
from tests.wire.tale import CARRIER

from comity.crypto.signing import VerifyingKey
from comity.errors import BadSignature, ComityError, Malformed, Untrusted
from comity.wire import canonical
from comity.wire.carry import Cover, Packer, Unpacker
from comity.wire.parcel import PARCEL_LIMIT

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "carry"
VECTORS = sorted((Path(__file__).parents[2] / "spec" / "vectors" / "carry").iterdir())
covers = st.builds(Cover, id=node_ids, from_node=node_ids, to_node=node_ids, at=moments)


def unpacked(data: bytes, *, key: VerifyingKey = CARRIER.public) -> tuple[Cover, list[bytes]]:
    """Return all of *data*, read as from a slow pipe."""
    source = io.BytesIO(data)
    unpacker = Unpacker(lambda size: source.read(min(size, 7)))
    parcels = []
    for frame in unpacker.frames(key):
        frame.check(key)
        parcels.append(frame.sealed)
    return unpacker.cover, parcels


def check_carry(case: dict[str, Any]) -> None:
    cover, parcels = unpacked(b64decode(case["file"]), key=VerifyingKey(b64decode(case["carrier"])))

    assert json.loads(canonical.encode(cover)) == case["cover"]
    assert [b64encode(each).decode() for each in parcels] == case["parcels"]


@pytest.mark.parametrize("path", VECTORS, ids=[path.stem for path in VECTORS])
def test_a_vector_has_the_outcome_that_it_states(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    assert case["kind"] == "carry"

    try:
        check_carry(case)
        outcome = "accepted"
    except ComityError as error:
        outcome = error.cause

    assert outcome == case["outcome"]
    assert path.stem.startswith("bad-") == (outcome != "accepted")


def test_this_version_still_makes_the_vectors() -> None:
    """A change of the wire shows here, and begins in spec/."""
    assert dict(carries()) == {p.stem: json.loads(p.read_text("utf-8")) for p in FOLDER.iterdir()}


@given(covers, st.lists(st.binary(min_size=1, max_size=60), max_size=4))
@settings(max_examples=60)
def test_every_file_gives_back_its_cover_and_its_parcels(
    cover: Cover, parcels: list[bytes]
) -> None:
    assert unpacked(packed(*parcels, cover=cover)) == (cover, parcels)


def test_every_truncation_is_seen_and_what_came_before_it_is_whole() -> None:
    data = packed(FIRST, SECOND)

    for size in range(len(data)):
        with pytest.raises(Malformed):
            unpacked(data[:size])


@given(st.data())
@settings(max_examples=80)
def test_every_flipped_bit_is_seen(data: st.DataObject) -> None:
    changed = bytearray(packed(FIRST, SECOND))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Untrusted):
        unpacked(bytes(changed))


def test_a_spoiled_parcel_does_not_hide_the_next() -> None:
    data = bytearray(packed(FIRST, SECOND))
    data[data.index(FIRST)] ^= 1
    frames = list(Unpacker(io.BytesIO(bytes(data)).read).frames(CARRIER.public))

    with pytest.raises(BadSignature) as raised:
        frames[0].check(CARRIER.public)
    frames[1].check(CARRIER.public)

    assert raised.value.values == {"part": 1}
    assert frames[1].sealed == SECOND


@pytest.mark.parametrize("size", [0, PARCEL_LIMIT + 1])
def test_what_is_no_parcel_is_not_packed(size: int) -> None:
    with pytest.raises(Malformed):
        Packer(COVER, CARRIER).frame(bytes(size))


def test_a_cover_says_when_in_whole_seconds() -> None:
    with pytest.raises(ValueError, match="at"):
        Cover(
            id=COVER.id,
            from_node=COVER.from_node,
            to_node=COVER.to_node,
            at=NOW.replace(microsecond=1),
        )
