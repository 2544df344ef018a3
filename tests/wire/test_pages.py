# SPDX-License-Identifier: Apache-2.0
"""The pages of the specification name what the code has: every type, list, stage and bound."""

from dataclasses import fields
from pathlib import Path

import pytest

from comity.domain.docket import BLOB_LIMIT, DocketStage, ReceiptStage
from comity.domain.statement import TYPES
from comity.wire import blob, docket, envelope, parcel, statement
from comity.wire.parcel import Parcel

SPEC = Path(__file__).parents[2] / "spec"
SAID_ONCE = {"id", "from_node", "to_node", "at"}
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


def page(name: str) -> str:
    return " ".join((SPEC / f"{name}.md").read_text("utf-8").split())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("statements", list(TYPES)),
        ("docket", list(DocketStage)),
        ("receipts", [each for each in ReceiptStage if each is not ReceiptStage.PROVEN]),
        ("parcel", [each.name for each in fields(Parcel) if each.name not in SAID_ONCE]),
    ],
)
def test_a_page_names_all_that_there_is(name: str, words: list[str]) -> None:
    told = page(name)

    assert [word for word in words if f"`{word}`" not in told] == []


@pytest.mark.parametrize(
    ("name", "sentence", "bound", "value"),
    [
        ("statements", "A payload has at most 256 KiB", statement.STATEMENT_LIMIT, 256 * KIB),
        ("statements", "at most 64 readers", statement.READERS_LIMIT, 64),
        ("statements", "sealed bytes, at most 1 MiB", envelope.ENVELOPE_LIMIT, MIB),
        ("docket", "it has at most 64 KiB", docket.DOCKET_LIMIT, 64 * KIB),
        ("docket", "A blob has 1 byte to 4 GiB + 4 MiB", BLOB_LIMIT, 4 * GIB + 4 * MIB),
        ("receipts", "At most 64 KiB", docket.DOCKET_LIMIT, 64 * KIB),
        ("parcel", "Sealed at most 1 MiB", parcel.PARCEL_LIMIT, MIB),
        ("parcel", "the manifest 256 KiB", parcel.MANIFEST_LIMIT, 256 * KIB),
        ("parcel", "512 of each sort", parcel.ITEMS_LIMIT, 512),
        ("parcel", "roster updates ([keys.md](keys.md)); at most 64", parcel.ROSTERS_LIMIT, 64),
        ("parcel", "The content has at most 4 GiB", blob.CLEAR_LIMIT, 4 * GIB),
        ("parcel", "1627 + 16 + Padmé", blob.HEADER, 1627),
    ],
)
def test_a_bound_on_a_page_is_the_bound_in_the_code(
    name: str, sentence: str, bound: int, value: int
) -> None:
    assert sentence in page(name)
    assert bound == value


def test_the_largest_file_fits_the_bound_of_what_is_sealed() -> None:
    assert blob.sealed_size(blob.CLEAR_LIMIT) <= BLOB_LIMIT
