# SPDX-License-Identifier: Apache-2.0
"""The schemas in spec/schemas are those of the code, and take what the code writes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import strategies
from tests.wire.make_schemas import SCHEMAS, schemas, short, text_of
from tests.wire.test_parcel import parcels

from comity.domain.statement import TYPES
from comity.wire import canonical, parcel

VECTORS = SCHEMAS.parent / "vectors"
KEPT = {path.stem: path.read_text("utf-8") for path in SCHEMAS.iterdir()}
CHECKERS = {name: jsonschema.Draft202012Validator(json.loads(text)) for name, text in KEPT.items()}


def payloads() -> Iterator[tuple[Path, Any]]:
    """Yield what was said in the vectors that are good, and of a type that we know."""
    for folder in ("statement", "docket", "receipt", "notice"):
        for path in sorted((VECTORS / folder).iterdir()):
            if (
                text := json.loads(path.read_text("utf-8")).get("text")
            ) and "unknown" not in path.stem:
                yield path, json.loads(text)


GOOD = list(payloads())


def checked(value: Any) -> Any:
    """Return what *value* is on the wire, once the schema of its type has taken it."""
    plain = json.loads(canonical.encode(value))
    CHECKERS[short(plain["type"])].validate(plain)
    return plain


def test_the_schemas_are_those_of_the_code() -> None:
    assert {name: text_of(schema) for name, schema in schemas()} == KEPT


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(KEPT[name]))


@pytest.mark.parametrize(("path", "said"), GOOD, ids=[path.stem for path, _ in GOOD])
def test_every_good_vector_is_taken(path: Path, said: Any) -> None:
    CHECKERS[short(said["type"])].validate(said)


def test_every_type_of_statement_is_among_them() -> None:
    assert {said["type"] for _, said in GOOD} >= set(TYPES)


@given(
    st.one_of(
        strategies.statements,
        strategies.dockets,
        strategies.receipts,
        strategies.proven,
        strategies.entries,
        strategies.roots,
        strategies.heads,
    )
)
@settings(max_examples=100)
def test_whatever_the_code_writes_is_taken(value: Any) -> None:
    said = checked(value)

    for field in said:
        less = {name: each for name, each in said.items() if name != field}
        assert field == "type" or not CHECKERS[short(said["type"])].is_valid(less)
    assert not CHECKERS[short(said["type"])].is_valid({**said, "more": ""})


@given(parcels)
@settings(max_examples=20)
def test_a_parcels_manifest_is_taken(packed: parcel.Parcel) -> None:
    data = parcel.write(packed)
    start = len(parcel.MAGIC) + 4
    size = int.from_bytes(data[start - 4 : start], "big")

    CHECKERS["parcel-manifest"].validate(json.loads(data[start : start + size]))
