# SPDX-License-Identifier: Apache-2.0
"""Every vector of signed HTTP has the outcome that it states (``http_cases.py`` writes them)."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.carriers import http_cases

from comity.carriers.signed_http import Message, Reply, verify_request, verify_response
from comity.crypto.signing import VerifyingKey
from comity.errors import ComityError

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "http"
VECTORS = sorted(FOLDER.iterdir())
Given = Mapping[str, Any]


def key_of(given: Given) -> VerifyingKey:
    key = VerifyingKey(b64decode(given["public"]))
    assert key.key_id == given["key"]
    return key


def message_of(given: Given) -> Message:
    return Message(method=given["method"], url=given["url"], headers=dict(given["headers"]))


def check_request(given: Given) -> None:
    key = key_of(given)
    known = {key.key_id: key}

    signed = verify_request(message_of(given), public=known.get)
    signed.check(b64decode(given["body"]))

    assert signed.key_id == key.key_id
    assert signed.nonce == http_cases.NONCE


def check_response(given: Given) -> None:
    asked = message_of(given["request"])
    reply = Reply(status_code=given["status"], request=asked, headers=dict(given["headers"]))
    verify_response(reply, b64decode(given["body"]), key=key_of(given))


CHECKS: Mapping[str, Callable[[Given], None]] = {
    "request": check_request,
    "response": check_response,
}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_has_the_outcome_that_it_states(path: Path) -> None:
    given = json.loads(path.read_text("utf-8"))
    try:
        CHECKS[given["kind"]](given)
        outcome = "ok"
    except ComityError as error:
        outcome = error.cause

    assert outcome == given["outcome"]


def test_the_vectors_come_out_the_same_each_time() -> None:
    made = {f"{name}.json": http_cases.written(case) for name, case in http_cases.cases()}

    assert made == {path.name: path.read_text("utf-8") for path in VECTORS}


def test_what_is_signed_stands_in_the_vector() -> None:
    """The signature of each good one is over its ``base``, so that others find their mistake."""
    good = [json.loads(each.read_text("utf-8")) for each in VECTORS if "bad" not in each.name]
    for given in good:
        named, _, value = given["headers"]["Signature"].partition("=:")

        assert named == "comity"
        key_of(given).verify(b64decode(value.rstrip(":")), given["base"].encode())
