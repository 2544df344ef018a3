# SPDX-License-Identifier: Apache-2.0
"""An officer's keys and his place in the roster come together, and he can take his keys away."""

import threading
from pathlib import Path

import pyrage
import pytest
from tests.services.settle import PASSPHRASE, Settled, inhabit

from comity.crypto.age import HybridRecipient, Passphrase, decrypt, encrypt
from comity.domain.ids import AgencyId, OfficerId
from comity.domain.roster import Audience, Role
from comity.errors import Damaged, Misused, NotAdmitted, NotForUs
from comity.services import home
from comity.services.enrol import Person, enrol, find_officer, names
from comity.services.export import export
from comity.services.house import House
from comity.services.revoke import revoke
from comity.services.unlock import unlock
from comity.storage import housed, keys
from comity.wire import identity


def test_an_enrolled_officer_is_in_the_roster_and_unlocks(kenya: Settled) -> None:
    entry = enrol(
        kenya.house,
        kenya.agency,
        Person(name=" Amina Hassan ", roles=(Role.LIAISON, Role.LIAISON), languages=("sw", "en")),
        "her own words",
    )

    unlocked = unlock(kenya.house, "amina hassan", "her own words")

    assert unlocked.entry == entry == kenya.card.readers[entry.id]
    assert (entry.roles, entry.languages) == ((Role.LIAISON,), ("sw", "en"))
    assert unlocked.signing.public.raw == entry.signing
    assert str(unlocked.reading[0].recipient) == entry.reading
    assert str(unlocked.storage.recipient) == entry.storage
    assert entry.desks == ()


def test_peers_are_told_a_label_and_not_a_name(kenya: Settled) -> None:
    entry = enrol(kenya.house, kenya.agency, Person(name="Amina Hassan"), PASSPHRASE)

    assert (entry.audience, entry.name, entry.label) == (Audience.PEERS, "", "officer 4")
    assert names(kenya.house)[entry.id] == "Amina Hassan"


def test_peers_are_told_a_name_where_the_agency_says_so(kenya: Settled) -> None:
    entry = enrol(
        kenya.house, kenya.agency, Person(name="Amina Hassan", named_abroad=True), PASSPHRASE
    )

    assert entry.name == "Amina Hassan"


def test_who_stays_at_home_is_named_at_home(kenya: Settled) -> None:
    entry = enrol(kenya.house, kenya.agency, Person(name="Clerk", abroad=False), PASSPHRASE)

    assert (entry.audience, entry.name) == (Audience.HOME, "Clerk")


def test_the_store_holds_no_name_in_clear(kenya: Settled) -> None:
    enrol(kenya.house, kenya.agency, Person(name="Amina Hassan"), PASSPHRASE)

    for path in kenya.house.home.rglob("*"):
        if path.is_file():
            assert b"Amina" not in path.read_bytes()


def test_a_label_is_never_given_twice(kenya: Settled) -> None:
    first = enrol(kenya.house, kenya.agency, Person(name="First"), PASSPHRASE)
    revoke(kenya.house, first.id, reason="left")

    second = enrol(kenya.house, kenya.agency, Person(name="Second"), PASSPHRASE)

    assert (first.label, second.label) == ("officer 4", "officer 5")
    with pytest.raises(Misused):
        enrol(kenya.house, kenya.agency, Person(name="Third", label="officer 4"), PASSPHRASE)


def test_who_left_may_be_enrolled_again(kenya: Settled) -> None:
    first = enrol(kenya.house, kenya.agency, Person(name="Amina Hassan"), PASSPHRASE)
    revoke(kenya.house, first.id, reason="left")

    again = enrol(kenya.house, kenya.agency, Person(name="Amina Hassan"), PASSPHRASE)

    assert again.id != first.id
    assert unlock(kenya.house, "Amina Hassan", PASSPHRASE).entry == again


@pytest.mark.parametrize(
    ("person", "cause"),
    [
        (Person(name=" "), "usage.field-missing"),
        (Person(name="a\nb"), "usage.field-value"),
        (Person(name="Amina", label="x" * 300), "usage.field-long"),
        (Person(name="INVESTIGATOR ke"), "usage.officer-exists"),
        (Person(name="Officer 1"), "usage.officer-exists"),
        (Person(name="Amina", label="Investigator KE"), "usage.officer-exists"),
        (Person(name="Amina", roles=()), "usage.field-missing"),
        (Person(name="Amina", languages=()), "usage.field-missing"),
        (Person(name="Amina", languages=("english",)), "usage.field-value"),
    ],
)
def test_what_cannot_be_enrolled_is_said_and_leaves_nothing(
    kenya: Settled, person: Person, cause: str
) -> None:
    number = kenya.card.number

    with pytest.raises(Misused) as refused:
        enrol(kenya.house, kenya.agency, person, PASSPHRASE)

    assert refused.value.cause == cause
    assert "Amina" not in str(refused.value)
    assert kenya.card.number == number
    assert len(names(kenya.house)) == 3


def test_an_agency_that_is_not_here_enrols_nobody(kenya: Settled) -> None:
    with pytest.raises(NotAdmitted):
        enrol(kenya.house, AgencyId("a" * 26), Person(name="Amina"), PASSPHRASE)


def test_two_who_are_enrolled_at_once_are_both_there_and_one_name_once(kenya: Settled) -> None:
    other = home.open_(kenya.house.home, ask_house=str, clock=kenya.house.clock)
    refused: list[Misused] = []

    def several(house: House, mine: str) -> None:
        for name in (mine, "The same"):
            try:
                enrol(house, kenya.agency, Person(name=name), PASSPHRASE)
            except Misused as error:
                refused.append(error)

    threads = [
        threading.Thread(target=several, args=(house, name))
        for house, name in ((kenya.house, "One"), (other, "Other"))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    told = sorted(each for each in names(kenya.house).values() if not each.endswith("KE"))
    assert told == ["One", "Other", "The same"]
    assert [each.cause for each in refused] == ["usage.officer-exists"]
    labels = [each.label for each in kenya.card.officers]
    assert len(set(labels)) == len(labels) == 6
    home.close(other)


# What he takes with him.


def test_his_exported_file_opens_with_the_stock_tool(kenya: Settled) -> None:
    officer = kenya.people["investigator"]

    opened = pyrage.passphrase.decrypt(export(kenya.house, officer), PASSPHRASE)

    lines = opened.decode().splitlines()
    assert f"# officer: {officer}" in lines
    keys_in_it = [each for each in lines if not each.startswith("#")]
    assert len(keys_in_it) == 2
    assert all(each.startswith("AGE-SECRET-KEY-PQ-1") for each in keys_in_it)


def test_his_exported_file_opens_what_was_sealed_to_him(kenya: Settled) -> None:
    unlocked = kenya.unlocked()
    sealed = encrypt(b"from anywhere", [HybridRecipient.parse(unlocked.entry.reading)])

    inner = decrypt(export(kenya.house, unlocked.entry.id), [Passphrase(PASSPHRASE)])
    taken = identity.read(inner)

    assert decrypt(sealed, taken.reading) == b"from anywhere"
    assert taken.signing == unlocked.signing


def test_his_exported_file_opens_for_nobody_else(kenya: Settled) -> None:
    with pytest.raises(NotForUs):
        decrypt(export(kenya.house, kenya.people["investigator"]), [Passphrase("another's words")])


def test_what_is_kept_is_wrapped_once_more(kenya: Settled) -> None:
    with kenya.house.store.read() as reading:
        [row] = keys.identities(reading, [kenya.people["investigator"]])

    assert b"age-encryption.org" not in row.body


def test_who_is_not_here_has_nothing_to_export(kenya: Settled) -> None:
    with pytest.raises(Misused) as refused:
        export(kenya.house, OfficerId("a" * 26))
    assert refused.value.cause == "usage.officer-unknown"


# By what he is called.


def test_an_officer_is_found_by_id_name_or_label(kenya: Settled) -> None:
    officer = kenya.people["investigator"]

    for text in (officer, "investigator KE", " INVESTIGATOR ke ", "officer 1"):
        assert find_officer(kenya.house, text)[1].id == officer


def test_whom_two_agencies_call_the_same_is_found_by_his_agency(
    kenya: Settled, tmp_path: Path
) -> None:
    ethiopia = inhabit(kenya.house, tmp_path, "ET")

    with pytest.raises(Misused) as refused:
        find_officer(kenya.house, "officer 1")
    card, entry = find_officer(kenya.house, "ET/officer 1")

    assert refused.value.cause == "usage.officer-ambiguous"
    assert (card.id, entry.id) == (ethiopia.agency, ethiopia.people["investigator"])


@pytest.mark.parametrize("text", ["", "nobody", "KE/nobody", "XX/officer 1", "/"])
def test_whom_nobody_is_called_is_not_found(kenya: Settled, text: str) -> None:
    with pytest.raises(Misused):
        find_officer(kenya.house, text)


def test_a_name_that_does_not_open_is_damage_and_no_stranger(kenya: Settled) -> None:
    row = housed.Housed(room="people", name="a" * 26, owner=kenya.agency, body=b"x" * 40)
    kenya.house.store.write(lambda w: housed.put(w, [row]))

    with pytest.raises(Damaged):
        names(kenya.house)
