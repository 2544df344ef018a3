# SPDX-License-Identifier: Apache-2.0
"""What is passed on is unpacked hand by hand, and its chain is judged as the vectors say."""

import json
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.wire import passed_on_cases, tale
from tests.wire.passed_on_cases import ANSWER, TG, passed, signed, told, word
from tests.wire.tale import ET, KE, VN

from comity.domain.handling import See
from comity.domain.passed_on import HANDS_MOST, why_not
from comity.domain.statement import PassOn
from comity.domain.time import read
from comity.errors import Malformed
from comity.wire import statement
from comity.wire.passed_on import CERTIFIED_MOST, unpack

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "passed-on"
VECTORS = sorted(FOLDER.iterdir())


def test_the_vectors_are_those_of_the_cases() -> None:
    assert {path.stem: json.loads(path.read_text("utf-8")) for path in VECTORS} == dict(
        passed_on_cases.cases()
    )


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_chain_is_judged_as_its_vector_says(path: Path) -> None:
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert case["kind"] == "passed-on"

    found = unpack(statement.author_of(case["dsse"].encode()).statement)
    near = [See.COMMUNITY] * len(found.chain.hands)

    assert why_not(found.chain, near, read(case["at"])) == case["why"]
    assert case["outcome"] == (f"refused.{case['why']}" if case["why"] else "accepted")


def test_every_hand_and_every_signature_is_found_the_first_hand_first() -> None:
    first = passed(consent=word(), certified=(b"a", b"b"))
    second = passed(first, word(holder=ET, agencies=(TG,)), of=ET, to=TG, certified=(b"b", b"c"))

    found = unpack(second)

    assert [each.said.author.agency for each in found.chain.hands] == [KE, ET]
    assert (found.chain.originator, found.chain.original.act) == (VN, ANSWER)
    assert found.chain.newest == second
    assert {each.dsse for each in found.signed} == {
        signed(each) for each in (first, told(), word(), word(holder=ET, agencies=(TG,)))
    }
    assert found.certified == (b"b", b"c", b"a")


def test_what_passes_nothing_on_is_a_chain_without_a_hand() -> None:
    found = unpack(tale.QUESTION)

    assert (found.chain.newest, found.chain.hands, found.signed) == (tale.QUESTION, (), ())
    assert found.chain.handling == tale.QUESTION_BODY.handling


def test_more_hands_than_there_may_be_are_refused() -> None:
    said = told()
    for _ in range(HANDS_MOST):
        said = passed(said)
    unpack(said)

    with pytest.raises(Malformed, match="size"):
        unpack(passed(said))


def test_more_keys_than_may_be_shown_are_refused() -> None:
    with pytest.raises(Malformed, match="size"):
        unpack(passed(certified=tuple(bytes([each]) for each in range(CERTIFIED_MOST + 1))))


@pytest.mark.parametrize("field", ["original", "consent"])
def test_what_is_no_signed_statement_is_refused(field: str) -> None:
    made = passed(consent=word())
    assert isinstance(made.body, PassOn)
    bent = replace(made, body=replace(made.body, **{field: b64decode("e30=")}))  # type: ignore[arg-type]  # a field of bytes

    with pytest.raises(Malformed):
        unpack(bent)
