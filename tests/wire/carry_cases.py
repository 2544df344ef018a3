# SPDX-License-Identifier: Apache-2.0
"""The vectors of carry files: good ones and bad ones."""

import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.wire.signed_cases import FORGED, OK, Case, flipped, malformed
from tests.wire.tale import AT, CARRIER, THEIR_CARRIER, text_of

from comity.domain.ids import NodeId
from comity.wire import canonical, carry
from comity.wire.carry import FRAME, MAGIC, Cover, Packer
from comity.wire.parcel import PARCEL_LIMIT

COVER = Cover(id="a" * 26, from_node=NodeId("b" * 26), to_node=NodeId("c" * 26), at=AT)
FIRST, SECOND = b"a sealed parcel", b"another sealed parcel"


def packed(*parcels: bytes, cover: Cover = COVER) -> bytes:
    packer = Packer(cover, CARRIER)
    return b"".join([packer.begin(), *(packer.frame(each) for each in parcels), packer.end()])


def covered(cover: bytes, *, length: int | None = None) -> bytes:
    """Return the beginning of a file with any bytes for its cover."""
    return MAGIC + struct.pack(">I", len(cover) if length is None else length) + cover


def carries() -> Iterator[tuple[str, Case]]:
    def case(about: str, outcome: str, data: bytes, **more: Any) -> Case:
        return {
            "about": about,
            "outcome": outcome,
            "kind": "carry",
            "carrier": text_of(CARRIER.public.raw),
            "file": text_of(data),
            **more,
        }

    cover = canonical.encode(COVER)
    says = {"cover": json.loads(cover)}
    both, begin = packed(FIRST, SECOND), len(packed()) - FRAME
    one, two = FRAME + len(FIRST), FRAME + len(SECOND)
    frames = [text_of(FIRST), text_of(SECOND)]
    yield "two-parcels", case("two parcels", OK, both, **says, parcels=frames)
    yield "no-parcel", case("nothing but its cover", OK, packed(), **says, parcels=[])
    yield (
        "single",
        case("as it is left at a mailbox", OK, carry.single(COVER, FIRST, CARRIER), **says, parcels=frames[:1]),
    )  # fmt: skip
    cut, forged = malformed("carry-cut"), f"{FORGED}.carry"
    first, second, end = both[begin : begin + one], both[begin + one : -FRAME], both[-FRAME:]
    other = Cover(id="d" * 26, from_node=COVER.from_node, to_node=COVER.to_node, at=AT)
    elsewhere = packed(FIRST, SECOND, cover=other)
    assert len(second) == two
    for name, about, outcome, data in (
        ("empty", "no byte", malformed("carry"), b""),
        ("magic", "of another version", malformed("carry"), both.replace(b"/1\n", b"/2\n", 1)),
        ("cover-cut", "cut within its cover", malformed("carry"), both[: begin - 1]),
        ("cover-long", "a cover that is said to be too long", malformed("carry"), covered(cover, length=1025)),
        ("cover-id", "an id of another form", malformed("type"), covered(cover.replace(b"a" * 26, b"42"))),
        ("cover-canonical", "white space in the cover", malformed("canonical"), covered(cover.replace(b":", b": ", 1))),
        ("parcel-flipped", "a changed bit in a parcel", forged, flipped(both, begin + FRAME)),
        ("signature-flipped", "a changed bit in a signature", forged, flipped(both, begin + 4)),
        ("another-key", "signed by another node", forged, Packer(COVER, THEIR_CARRIER).begin() + Packer(COVER, THEIR_CARRIER).frame(FIRST) + end),
        ("another-cover", "frames of another file", forged, both[:begin] + elsewhere[begin:]),
        ("swapped", "two parcels in another order", forged, both[:begin] + second + first + end),
        ("dropped", "without its first parcel", forged, both[:begin] + second + end),
        ("last-dropped", "without its last parcel", cut, both[:begin] + first + end),
        ("frame-cut", "cut within a parcel", cut, both[: begin + one - 1]),
        ("head-cut", "cut within the length of a parcel", cut, both[: begin + one + 2]),
        ("no-end", "without its end", cut, both[:-FRAME]),
        ("end-flipped", "a changed bit in its end", cut, flipped(both, -1)),
        ("more", "a byte behind its end", cut, both + b"\0"),
        ("large", "a parcel that is said to be larger than may be", cut, both[:begin] + struct.pack(">I", PARCEL_LIMIT + 1) + first[4:]),
    ):  # fmt: skip
        yield f"bad-{name}", case(about, outcome, data)
