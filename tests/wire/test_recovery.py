# SPDX-License-Identifier: Apache-2.0
"""A share has one spelling, and what is wrong in one is never repeated."""

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto import sharing
from comity.domain.ids import AgencyId, digest, mint
from comity.errors import Malformed
from comity.wire import recovery
from comity.wire.recovery import LIMIT, SEALED_LIMIT, HeldShare, HouseEscrow

WORDS = sharing.split(bytes(range(32)), needed=3, holders=5)
PRACTICE = sharing.split(bytes(32), needed=3, holders=5)
SHARE = HeldShare(
    agency=AgencyId(mint(os.urandom)),
    number=2,
    share=4,
    holders=5,
    needed=3,
    words=WORDS[3],
    rehearsal=PRACTICE[3],
)
WRITTEN = recovery.write_share(SHARE)
ESCROW = HouseEscrow(
    agency=SHARE.agency,
    number=2,
    needed=3,
    recipient="age1pq1",
    shares=tuple(digest(each.encode()) for each in WORDS),
    sealed=b"sealed",
)


def test_a_share_that_is_written_is_read() -> None:
    assert recovery.read_share(WRITTEN) == SHARE


def test_a_person_can_read_it_too() -> None:
    lines = WRITTEN.decode("ascii").splitlines()

    assert lines[3:6] == ["# share: 4 of 5, 3 needed", "# words", SHARE.words]


def test_it_never_shows_its_words() -> None:
    assert SHARE.words not in repr(SHARE)
    assert SHARE.rehearsal not in repr(SHARE)


@given(st.integers(min_value=0, max_value=len(WRITTEN) - 1))
def test_a_cut_share_is_refused(at: int) -> None:
    with pytest.raises(Malformed):
        recovery.read_share(WRITTEN[:at])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"4 of 5", b"+4 of 5"),
        (b"4 of 5", b"four of 5"),
        (b"# agency: ", b"# agency: x"),
        (b"recovery: 2", b"recovery: 02"),
        (b"# words\n", b"# Words\n"),
        (b"share@1", b"share@2"),
        (b"\n# share", b"\r\n# share"),
    ],
)
def test_another_spelling_is_refused_and_not_repeated(old: bytes, new: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        recovery.read_share(WRITTEN.replace(old, new, 1))

    assert refused.value.cause == "untrusted.malformed.share"
    assert refused.value.values == {}
    assert refused.value.__cause__ is None


def test_a_long_text_is_refused_unread() -> None:
    with pytest.raises(Malformed) as refused:
        recovery.read_share(WRITTEN + b" " * LIMIT)

    assert refused.value.cause == "untrusted.malformed.size"


def test_a_house_in_escrow_that_is_written_is_read() -> None:
    assert recovery.read_house(recovery.write_house(ESCROW)) == ESCROW


def test_a_house_in_escrow_is_bounded_and_names_digests_alone() -> None:
    with pytest.raises(Malformed):
        recovery.read_house(b'{"sealed":"' + b"A" * SEALED_LIMIT + b'"}')
    with pytest.raises(ValueError, match="share"):
        replace(ESCROW, shares=("42",))
    with pytest.raises(ValueError, match="agency"):
        replace(ESCROW, agency=AgencyId("../../etc"))
