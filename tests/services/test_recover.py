# SPDX-License-Identifier: Apache-2.0
"""Shares bring back who lost his passphrase, and nobody else."""

from pathlib import Path

import pytest
from tests.services.holders import PEOPLE, Keepers, appoint
from tests.services.settle import PASSPHRASE, Settled

from comity.crypto.age import HybridIdentity, HybridRecipient, decrypt, encrypt
from comity.domain.ids import DeskId
from comity.domain.recovery import Happened, KeyKind, name_of
from comity.errors import (
    ComityError,
    Locked,
    Malformed,
    Misused,
    NotForUs,
    Refused,
)
from comity.services import arrangements, escrow, house_escrow
from comity.services.desks import change_members
from comity.services.enrol import Person, enrol
from comity.services.recover_join import joined, recover
from comity.services.recover_split import Holder, holder, split
from comity.services.revoke import revoke
from comity.services.unlock import unlock
from comity.services.verify import verify
from comity.storage import housed

NEW = "other words than before"


@pytest.fixture
def kept(kenya: Settled, tmp_path: Path) -> Keepers:
    """Appoint five holders, three of whom are needed, and let everybody unlock once."""
    keepers, _ = appoint(kenya, tmp_path / "shares")
    for each in kenya.people:
        kenya.unlocked(each)
    return keepers


def rows(kenya: Settled) -> list[str]:
    with kenya.house.store.read() as reading:
        return [each.name for each in housed.of_room(reading, escrow.ROOM)]


def officer(kenya: Settled) -> str:
    return kenya.people["investigator"]


# Splitting.


def test_the_roster_names_the_recovery_and_how_many_hold_it(kenya: Settled, tmp_path: Path) -> None:
    _, done = appoint(kenya, tmp_path / "shares")

    entry = kenya.card.recovery
    assert entry == done.entry
    assert entry is not None
    assert (entry.number, entry.needed, entry.holders) == (1, 3, 5)
    assert verify(kenya.house).sound


def test_every_holder_opens_his_own_share_and_no_other(kenya: Settled, tmp_path: Path) -> None:
    keepers, done = appoint(kenya, tmp_path / "shares")

    opened = [keepers.open(each) for each in keepers.keys]

    assert [each.share for each in opened] == [1, 2, 3, 4, 5]
    assert {(each.needed, each.holders, each.agency) for each in opened} == {(3, 5, kenya.agency)}
    with pytest.raises(NotForUs):
        decrypt(keepers.held["holder 1"].read_bytes(), [keepers.keys["holder 2"]])
    assert done.handed_out[0].path.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")


def test_no_share_and_no_seed_lies_in_the_home(kenya: Settled, kept: Keepers) -> None:
    words = kept.words(*kept.keys)
    identity, _ = joined(arrangements.arrangement_of(kenya.house, kenya.agency), words[:3])

    secrets = [each.split()[5].encode() + b" " + each.split()[6].encode() for each in words]
    secrets += [identity.seed, str(identity).encode(), kenya.house.vault.house_key]
    for path in kenya.house.home.rglob("*"):
        if path.is_file() and path.name != "house.key":
            data = path.read_bytes()
            assert not any(each in data for each in secrets), path.name


def test_names_of_holders_are_in_clear_nowhere(kenya: Settled, kept: Keepers) -> None:
    told = arrangements.arrangement_of(kenya.house, kenya.agency)
    assert told.holders == tuple(kept.keys)
    for path in kenya.house.home.rglob("*"):
        if path.is_file():
            assert b"holder 3" not in path.read_bytes()
            assert PEOPLE[0].encode() not in path.read_bytes()


def test_an_officer_is_escrowed_when_he_unlocks_and_it_is_said_who_is_not(
    kenya: Settled, tmp_path: Path
) -> None:
    _, done = appoint(kenya, tmp_path / "shares")
    assert {each.id for each in done.missing} == set(kenya.people.values())
    assert rows(kenya) == []

    investigator = kenya.unlocked()

    assert {each.id for each in escrow.missing(kenya.house, kenya.card)} == {
        kenya.people["colleague"],
        kenya.people["supervisor"],
    }
    assert set(rows(kenya)) == {
        name_of(investigator.entry.id, KeyKind.READING, 1),
        name_of(investigator.entry.id, KeyKind.STORAGE, 1),
        name_of(kenya.desk, KeyKind.DESK, 1),
    }
    assert escrow.keep_up(kenya.house, kenya.card, investigator) == 0


def test_a_desks_next_key_is_escrowed_when_a_member_unlocks(kenya: Settled, kept: Keepers) -> None:
    change_members(kenya.house, kenya.unlocked(), DeskId(kenya.desk))
    assert name_of(kenya.desk, KeyKind.DESK, 2) not in rows(kenya)

    kenya.unlocked("colleague")

    assert {name_of(kenya.desk, KeyKind.DESK, each) for each in (1, 2)} <= set(rows(kenya))


def test_who_is_enrolled_later_is_escrowed_at_once(kenya: Settled, kept: Keepers) -> None:
    entry = enrol(kenya.house, kenya.agency, Person(name="Amina Hassan"), PASSPHRASE)

    assert name_of(entry.id, KeyKind.READING, 1) in rows(kenya)
    assert escrow.missing(kenya.house, kenya.card) == ()
    recover(kenya.house, "Amina Hassan", NEW, kept.words(*kept.keys)[:3], decided_by=PEOPLE)
    assert unlock(kenya.house, "Amina Hassan", NEW).entry.id == entry.id


def test_the_escrow_of_a_destroyed_epoch_goes_with_it(kenya: Settled, kept: Keepers) -> None:
    name = name_of(kenya.people["investigator"], KeyKind.READING, 1)

    assert kenya.house.store.write(lambda w: escrow.forget(w, [name])) == 1

    assert name not in rows(kenya)
    assert [each.id for each in escrow.missing(kenya.house, kenya.card)] == [
        kenya.people["investigator"]
    ]
    with pytest.raises(Refused) as refused:
        recover(
            kenya.house,
            kenya.people["investigator"],
            NEW,
            kept.words(*kept.keys)[:3],
            decided_by=PEOPLE,
        )
    assert refused.value.cause == "refused.recovery.not-escrowed"


def test_an_officer_of_this_agency_may_hold_a_share(kenya: Settled, tmp_path: Path) -> None:
    colleague = holder(kenya.house, "colleague KE")
    bare = HybridIdentity.generate()
    done = split(
        kenya.house,
        kenya.agency,
        needed=2,
        holders=[colleague, holder(kenya.house, f"Retired = {bare.recipient}")],
        folder=tmp_path,
        decided_by=PEOPLE,
    )

    opened = decrypt(done.handed_out[0].path.read_bytes(), kenya.unlocked("colleague").identities)

    assert opened.startswith(b"# comity/recovery-share@1\n")
    assert (colleague.name, colleague.here) == ("colleague KE", True)
    assert done.elsewhere == 1
    assert done.handed_out[1].holder == "Retired"


@pytest.mark.parametrize(
    ("needed", "count", "cause"),
    [
        (1, 3, "usage.recovery.threshold"),
        (4, 3, "usage.recovery.threshold"),
        (2, 17, "usage.recovery.threshold"),
        (2, 0, "usage.recovery.threshold"),
    ],
)
def test_thresholds_that_protect_nothing_are_refused_and_leave_nothing(
    kenya: Settled, tmp_path: Path, needed: int, count: int, cause: str
) -> None:
    with pytest.raises(Misused) as refused:
        appoint(kenya, tmp_path / "shares", needed=needed, count=count)

    assert refused.value.cause == cause
    assert kenya.card.recovery is None
    assert house_escrow.find(kenya.house.home) == ()


def test_one_person_alone_decides_nothing(kenya: Settled, tmp_path: Path) -> None:
    for decided in ((), ("A. Mwangi",), ("A. Mwangi", "a. mwangi ")):
        with pytest.raises(Misused) as refused:
            split(
                kenya.house,
                kenya.agency,
                needed=2,
                holders=Keepers().holders(2),
                folder=tmp_path,
                decided_by=decided,
            )
        assert refused.value.cause == "usage.recovery.two-people"


def test_nobody_holds_two_shares(kenya: Settled, tmp_path: Path) -> None:
    first, second = Keepers().holders(2)
    for twice in (
        [first, first],
        [first, Holder(name="another name", recipient=first.recipient)],
        [first, Holder(name=first.name, recipient=second.recipient)],
    ):
        with pytest.raises(Misused) as refused:
            split(
                kenya.house,
                kenya.agency,
                needed=2,
                holders=twice,
                folder=tmp_path,
                decided_by=PEOPLE,
            )
        assert refused.value.cause == "usage.recovery.holder-twice"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Somebody=age1notakey", "usage.recovery.recipient"),
        ("Operations desk", "usage.agency-unknown"),
        ("KE/Operations desk", "usage.recovery.holder-desk"),
        ("nobody at all", "usage.agency-unknown"),
    ],
)
def test_a_holder_is_a_person_with_a_key(kenya: Settled, text: str, cause: str) -> None:
    with pytest.raises(Misused) as refused:
        holder(kenya.house, text)

    assert refused.value.cause == cause


def test_where_the_shares_cannot_be_written_nothing_is_split(
    kenya: Settled, tmp_path: Path
) -> None:
    folder = tmp_path / "shares"
    folder.mkdir()
    last = folder / f"recovery-{kenya.agency[:6]}-1-share-5.age"
    last.write_text("something else")

    with pytest.raises(Misused) as refused:
        appoint(kenya, folder)

    assert refused.value.cause == "usage.recovery.share-exists"
    assert list(folder.iterdir()) == [last]
    assert kenya.card.recovery is None


# Joining.


def test_a_lost_passphrase_is_recovered_with_a_new_signing_key(
    kenya: Settled, kept: Keepers
) -> None:
    before = kenya.unlocked()
    letter = encrypt(b"from last year", [HybridRecipient.parse(before.entry.reading)])

    entry = recover(
        kenya.house,
        "investigator KE",
        NEW,
        kept.words("holder 5", "holder 1", "holder 4"),
        decided_by=PEOPLE,
    )

    after = unlock(kenya.house, "investigator KE", NEW)
    assert decrypt(letter, after.reading) == b"from last year"
    assert after.entry == entry
    assert (entry.id, entry.reading, entry.desks) == (
        before.entry.id,
        before.entry.reading,
        before.entry.desks,
    )
    assert entry.signing != before.entry.signing
    assert before.certificate in kenya.card.revoked
    assert after.certificate not in kenya.card.revoked
    assert after.desks == before.desks
    with pytest.raises(Locked):
        kenya.unlocked()
    assert verify(kenya.house).sound


def test_what_he_tried_in_vain_makes_him_wait_no_longer(kenya: Settled, kept: Keepers) -> None:
    for _ in range(14):
        with pytest.raises(Locked):
            unlock(kenya.house, "investigator KE", "is it this?")
    with pytest.raises(Locked) as waits:
        kenya.unlocked()
    assert waits.value.cause == "unavailable.locked.throttled"

    recover(kenya.house, "investigator KE", NEW, kept.words(*kept.keys), decided_by=PEOPLE)

    assert unlock(kenya.house, "investigator KE", NEW).entry == kenya.card.readers[officer(kenya)]


def test_who_decided_and_which_shares_came_is_kept(kenya: Settled, kept: Keepers) -> None:
    words = kept.words("holder 5", "holder 1", "holder 4")
    recover(kenya.house, "investigator KE", NEW, words, decided_by=PEOPLE)

    told = arrangements.arrangement_of(kenya.house, kenya.agency).events[-1]

    assert (told.what, told.subject) == (Happened.RECOVERED, kenya.people["investigator"])
    assert (told.shares, told.decided_by) == ((5, 1, 4), PEOPLE)


@pytest.mark.parametrize(
    ("given", "error", "cause"),
    [
        ([], Refused, "refused.recovery.too-few"),
        (["holder 1", "holder 2"], Refused, "refused.recovery.too-few"),
        (["holder 1", "holder 2", "holder 2"], Refused, "refused.recovery.repeated"),
    ],
)
def test_too_few_shares_open_nothing_and_change_nothing(
    kenya: Settled, kept: Keepers, given: list[str], error: type[ComityError], cause: str
) -> None:
    number = kenya.card.number

    with pytest.raises(error) as refused:
        recover(kenya.house, "investigator KE", NEW, kept.words(*given), decided_by=PEOPLE)

    assert refused.value.cause == cause
    assert kenya.card.number == number
    assert kenya.unlocked().entry.id == kenya.people["investigator"]


def test_a_mistyped_word_is_noticed_and_not_repeated(kenya: Settled, kept: Keepers) -> None:
    words = kept.words("holder 1", "holder 2", "holder 3")
    first, *rest = words[1].split()
    typed = " ".join([*rest, first])

    with pytest.raises(Malformed) as refused:
        recover(kenya.house, "investigator KE", NEW, [words[0], typed, words[2]], decided_by=PEOPLE)

    assert refused.value.cause == "untrusted.malformed.share"
    assert first not in str(refused.value)


def test_words_may_be_typed_in_capitals_over_several_lines(kenya: Settled, kept: Keepers) -> None:
    words = [each.upper().replace(" ", "\n ") for each in kept.words(*kept.keys)]

    recover(kenya.house, "investigator KE", NEW, words, decided_by=PEOPLE)

    assert unlock(kenya.house, "investigator KE", NEW).entry == kenya.card.readers[officer(kenya)]


def test_who_left_is_not_recovered(kenya: Settled, kept: Keepers) -> None:
    revoke(kenya.house, kenya.people["investigator"], reason="left")

    with pytest.raises(Misused) as refused:
        recover(kenya.house, "investigator KE", NEW, kept.words(*kept.keys), decided_by=PEOPLE)

    assert refused.value.cause == "usage.officer-unknown"


def test_without_holders_there_is_nothing_to_join(kenya: Settled) -> None:
    with pytest.raises(Misused) as refused:
        recover(kenya.house, "investigator KE", NEW, [], decided_by=PEOPLE)

    assert refused.value.cause == "usage.recovery.none"


def test_a_weak_new_passphrase_is_refused_before_anything_is_joined(
    kenya: Settled, kept: Keepers
) -> None:
    with pytest.raises(Misused):
        recover(kenya.house, "investigator KE", "", kept.words(*kept.keys), decided_by=PEOPLE)


def test_a_damaged_row_keeps_nobody_from_the_others(kenya: Settled, kept: Keepers) -> None:
    name = name_of(kenya.people["colleague"], KeyKind.READING, 1)
    row = housed.Housed(room=escrow.ROOM, name=name, owner=kenya.agency, body=b"x" * 60)
    kenya.house.store.write(lambda w: housed.put(w, [row]))

    words = kept.words(*kept.keys)
    recover(kenya.house, "investigator KE", NEW, words, decided_by=PEOPLE)

    assert unlock(kenya.house, "investigator KE", NEW).entry == kenya.card.readers[officer(kenya)]
    kenya.unlocked("colleague")
    assert escrow.missing(kenya.house, kenya.card) == ()
