# SPDX-License-Identifier: Apache-2.0
"""Epochs follow from what was certified: when each began, ended, and is to be destroyed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from comity.domain.epochs import (
    EARLY,
    ENVELOPES_LIMIT,
    KEPT,
    Epoch,
    HandedOn,
    KeyDestroyed,
    Part,
    Rewrapped,
    epochs_of,
)
from comity.domain.ids import (
    AgencyId,
    CertificateHash,
    DeskId,
    Digest,
    EnvelopeId,
    OfficerId,
    ThreadId,
)
from comity.domain.roster import Audience, DeskEntry, Entry, NodeEntry, OfficerEntry

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WHO, DESK = OfficerId("a" * 26), DeskId("b" * 26)
OFFICER = OfficerEntry(
    agency=AgencyId("c" * 26),
    id=WHO,
    audience=Audience.PEERS,
    name="",
    label="officer 1",
    signing=bytes(32),
    reading="age1pq-1",
    epoch=1,
    storage="age1pq-s",
    roles=(),
    languages=("en",),
    desks=(),
    begins=START,
    ends=START + 700 * DAY,
)
AT_DESK = DeskEntry(
    agency=OFFICER.agency,
    id=DESK,
    audience=Audience.PEERS,
    name="Desk",
    reading="age1pq-d1",
    epoch=1,
    languages=("en",),
    zone="UTC",
    hours=(),
    holidays=(),
    urgent_telephone="",
    oversight=False,
    begins=START,
    ends=START + 700 * DAY,
)


def named(entries: Iterable[Entry]) -> dict[CertificateHash, Entry]:
    return {CertificateHash(f"{at:064x}"): each for at, each in enumerate(entries)}


def next_of(entry: OfficerEntry, day: int) -> OfficerEntry:
    number = entry.epoch + 1
    return replace(
        entry, epoch=number, reading=f"age1pq-{number}", begins=START + day * DAY - EARLY
    )


def test_an_epoch_ends_when_the_next_begins_and_is_kept_for_180_days() -> None:
    second = next_of(OFFICER, 90)

    epochs = epochs_of(named([OFFICER, second]), [WHO], {})[WHO]

    first, now = epochs
    assert first == Epoch(
        reader=WHO, number=1, line="age1pq-1", begins=START, ended=START + 90 * DAY
    )
    assert first.destroyed_at == START + 90 * DAY + KEPT
    assert not first.is_retired(START + 270 * DAY - DAY)
    assert first.is_retired(START + 270 * DAY)
    assert (now.ended, now.destroyed_at) == (None, None)
    assert not now.is_retired(START + 9999 * DAY)


def test_an_officer_s_next_certificate_begins_early_and_his_key_does_not_end_for_that() -> None:
    [_, second] = epochs_of(named([OFFICER, next_of(OFFICER, 90)]), [WHO], {})[WHO]

    assert second.begins == START + 90 * DAY


def test_a_certificate_for_other_desks_begins_no_epoch() -> None:
    later = replace(OFFICER, desks=(DESK,), begins=START + DAY)

    assert [e.begins for e in epochs_of(named([later, OFFICER]), [WHO], {})[WHO]] == [START]


def test_desks_and_officers_are_told_apart_and_nothing_else_is_looked_at() -> None:
    node = NodeEntry(
        agency=OFFICER.agency,
        node="d" * 26,  # type: ignore[arg-type]  # an id like any other
        address="",
        carrier=bytes(32),
        parcel="",
        tls="",
        origin="",
        ledger=bytes(32),
        ledger_quantum=b"",
        witness=bytes(32),
        begins=START,
        ends=START + DAY,
    )
    second = replace(AT_DESK, epoch=2, reading="age1pq-d2", begins=START + DAY)

    found = epochs_of(named([OFFICER, AT_DESK, node, second]), [DESK, "e" * 26], {})

    assert [(e.line, e.ended) for e in found[DESK]] == [
        ("age1pq-d1", START + DAY),
        ("age1pq-d2", None),
    ]
    assert found["e" * 26] == ()


def test_the_last_one_ends_when_every_certificate_of_it_is_withdrawn() -> None:
    again = replace(OFFICER, desks=(DESK,))
    one, two = named([OFFICER, again])

    def ended(revoked: dict[CertificateHash, datetime]) -> datetime | None:
        return epochs_of(named([OFFICER, again]), [WHO], revoked)[WHO][-1].ended

    assert ended({one: START + DAY}) is None
    assert ended({one: START + DAY, two: START + 2 * DAY}) == START + 2 * DAY


def test_what_is_recorded_is_sound_or_is_not_made() -> None:
    at, digest = START, Digest("0" * 64)
    KeyDestroyed(reader=WHO, epoch=1, recipient=digest, part=Part.WHOLE, at=at)
    with pytest.raises(ValueError, match="reader"):
        KeyDestroyed(reader="x", epoch=1, recipient=digest, part=Part.ESCROW, at=at)

    def rewrapped(*envelopes: str) -> Rewrapped:
        return Rewrapped(
            agency=OFFICER.agency,
            desk=DESK,
            by=WHO,
            certificate=CertificateHash("0" * 64),
            to=WHO,
            envelopes=tuple(EnvelopeId(each) for each in envelopes),
            at=at,
        )

    assert rewrapped("0" * 64, "1" * 64).envelopes
    many = [f"{each:064x}" for each in range(ENVELOPES_LIMIT + 1)]
    for wrong in ((), ("1" * 64, "0" * 64), ("0" * 64, "0" * 64), ("x",), tuple(many)):
        with pytest.raises(ValueError, match="envelope"):
            rewrapped(*wrong)


def test_what_was_handed_on_names_its_thread_and_both_officers() -> None:
    made = HandedOn(
        agency=OFFICER.agency,
        thread=ThreadId(DESK),
        by=WHO,
        certificate=CertificateHash("0" * 64),
        to=WHO,
        envelopes=(EnvelopeId("0" * 64),),
        at=START,
    )

    for wrong in ({"thread": "x"}, {"by": "x"}, {"to": "x"}, {"envelopes": ()}):
        with pytest.raises(ValueError, match=r"thread|officer|envelope"):
            replace(made, **wrong)
