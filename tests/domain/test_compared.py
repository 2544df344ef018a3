# SPDX-License-Identifier: Apache-2.0
"""Two compare what they saw of a third without telling of those whom only one of them knows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import NOW, node_ids

from comity.domain.compared import (
    CommonTags,
    ConsistencyAsked,
    ConsistencyShown,
    SeenNotes,
    recognised,
    tag,
)
from comity.domain.ids import NodeId

SALT = bytes(range(16))
NODE = NodeId("m" * 26)
ASKED = ConsistencyAsked(node=NODE, at=NOW, origin="comity/x/1", old=1, new=2)
SHOWN = ConsistencyShown(node=NODE, at=NOW, origin="comity/x/1", old=1, new=2, hashes=(bytes(32),))


@given(st.sets(node_ids, max_size=6), st.sets(node_ids, max_size=6))
def test_what_both_know_is_recognised_and_nothing_else(
    ours: set[NodeId], theirs: set[NodeId]
) -> None:
    told = CommonTags(
        node=NODE, at=NOW, salt=SALT, tags=tuple(sorted(tag(SALT, each) for each in theirs))
    )

    assert set(recognised(told, ours)) == ours & theirs


def test_another_salt_gives_other_tags() -> None:
    assert tag(SALT, NODE) != tag(bytes(16), NODE)


@pytest.mark.parametrize(
    ("salt", "tags"), [(b"short", ()), (SALT, (bytes(15),)), (SALT, (bytes(16),) * 513)]
)
def test_tags_are_bounded(salt: bytes, tags: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="common"):
        CommonTags(node=NODE, at=NOW, salt=salt, tags=tags)


@pytest.mark.parametrize("notes", [("x" * 1025,), ("x",) * 33])
def test_notes_are_bounded(notes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="seen"):
        SeenNotes(node=NODE, at=NOW, notes=notes)


@pytest.mark.parametrize("changed", [{"old": 0}, {"old": 2}, {"old": 3}, {"origin": "x" * 65}])
def test_a_proof_leads_from_a_size_to_a_larger_one(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="consistency"):
        replace(ASKED, **changed)  # type: ignore[arg-type]  # as the test says it


@pytest.mark.parametrize("hashes", [(bytes(31),), (bytes(32),) * 65])
def test_a_proof_is_made_of_hashes(hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="consistency"):
        replace(SHOWN, hashes=hashes)
