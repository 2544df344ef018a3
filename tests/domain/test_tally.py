# SPDX-License-Identifier: Apache-2.0
"""A tally says what each holder did, and whether all have said so."""

from tests.domain.scene import BUREAU, KENYA, STRANGER, VIETNAM

from comity.domain.tally import Held, HolderAnswer, tally


def test_a_tally_is_complete_when_everybody_has_said_what_he_did() -> None:
    removed = HolderAnswer(agency=VIETNAM, held=Held.REMOVED)
    kept = HolderAnswer(agency=KENYA, held=Held.KEPT, reason="evidence")

    assert tally([removed, kept]).is_complete
    assert tally([]).is_complete


def test_whoever_is_asked_or_not_reached_keeps_it_open() -> None:
    removed = HolderAnswer(agency=VIETNAM, held=Held.REMOVED)

    for held in (Held.PENDING, Held.NOT_REACHED):
        assert not tally([removed, HolderAnswer(agency=KENYA, held=held)]).is_complete


def test_a_tally_is_in_the_order_of_agencies_and_counts() -> None:
    told = tally(
        [
            HolderAnswer(agency=each, held=held)
            for each, held in (
                (VIETNAM, Held.REMOVED),
                (KENYA, Held.ABSENT),
                (BUREAU, Held.REMOVED),
                (STRANGER, Held.MARKED),
            )
        ]
    )

    assert [e.agency for e in told.answers] == sorted([VIETNAM, KENYA, BUREAU, STRANGER])
    assert told.counts == ((Held.REMOVED, 2), (Held.MARKED, 1), (Held.ABSENT, 1))
