# SPDX-License-Identifier: Apache-2.0
"""A session opens nothing twice, and its memory has a bound."""

from dataclasses import replace

import pytest
from tests.wire.test_docket import OPENED

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey
from comity.domain.ids import CopyId, digest
from comity.errors import BadSignature
from comity.services import remembered
from comity.services.remembered import Remembered

KEY = SigningKey.from_seed(bytes([1]) * 32).public
OTHER = SigningKey.from_seed(bytes([2]) * 32).public


def test_what_was_opened_first_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "CONTENT_LIMIT", 2 * len(OPENED.dsse))
    session = Remembered()
    names = [CopyId(digest(bytes([n]))) for n in range(3)]

    for name in (names[0], names[0], *names[1:]):
        session.keep(replace(OPENED, copy=name))

    assert [session.copy(name) is None for name in names] == [True, False, False]


def test_what_is_larger_than_all_memory_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "CONTENT_LIMIT", 10)
    session = Remembered()

    session.keep(OPENED)

    assert session.copy(OPENED.copy) is None


def test_a_signature_that_passed_is_not_verified_again_but_under_another_key() -> None:
    session = Remembered()
    asked: list[str] = []

    for key in (KEY, KEY, OTHER):
        session.once(b"data", key, lambda: asked.append("verified"))

    assert len(asked) == 2


def test_a_signature_that_failed_fails_again() -> None:
    session = Remembered()

    def refuse() -> None:
        raise BadSignature

    for _ in range(2):
        with pytest.raises(BadSignature):
            session.once(b"data", KEY, refuse)


def test_only_so_many_signatures_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "PASSED_LIMIT", 1)
    session = Remembered()
    asked: list[str] = []

    for data in (b"a", b"b", b"a"):
        session.once(data, KEY, lambda: asked.append("verified"))

    assert len(asked) == 3


def test_keys_are_found_by_their_lines_and_a_new_one_is_seen() -> None:
    session = Remembered()
    first, second = HybridIdentity.from_seed(bytes(32)), HybridIdentity.from_seed(bytes([1]) * 32)

    assert session.by_lines([first]) == {str(first.recipient): first}
    assert set(session.by_lines([first, second])) == {str(first.recipient), str(second.recipient)}
