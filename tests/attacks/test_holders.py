# SPDX-License-Identifier: Apache-2.0
"""Holders who are too few, lie, or collude with a thief; an operator who has the key and no share."""

import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shamir_mnemonic  # type: ignore[import-untyped]  # it has no types
from tests.services.holders import PEOPLE, Keepers, appoint
from tests.services.settle import PASSPHRASE, Settled, settle

from comity.crypto import sharing
from comity.crypto.age import HybridIdentity, decrypt
from comity.crypto.vault import Vault
from comity.domain.ids import digest
from comity.domain.recovery import KeyKind
from comity.errors import ComityError, Damaged, Malformed, NotForUs, Refused, Untrusted
from comity.services import arrangements, escrow, house_escrow
from comity.services.enrol import find_officer
from comity.services.export import export
from comity.services.recover_join import joined, recover
from comity.services.recover_split import split
from comity.services.unlock import unlock
from comity.storage import housed
from comity.wire import canonical

NEW = "words that nobody knows yet"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settled, Keepers]:
    path = tmp_path_factory.mktemp("holders")
    made = settle(path)
    keepers, _ = appoint(made, path / "shares")
    for each in made.people:
        made.unlocked(each)
    made.house.store.close()
    return made, keepers


@pytest.fixture
def kenya(template: tuple[Settled, Keepers], tmp_path: Path) -> Iterator[Settled]:
    made = template[0].copied(tmp_path, template[0].house.clock)
    yield made
    made.house.store.close()


@pytest.fixture
def keepers(template: tuple[Settled, Keepers]) -> Keepers:
    return template[1]


def escrowed(kenya: Settled) -> list[bytes]:
    """Return what is escrowed, as whoever has the house key sees it."""
    vault = kenya.house.vault
    with kenya.house.store.read() as reading:
        rows = housed.of_room(reading, escrow.ROOM)
    opened = [vault.open(each.body, f"{escrow.ROOM}/{each.name}") for each in rows]
    return [canonical.decode(each, escrow._Kept, limit=1 << 20).sealed for each in opened]


def forged(words: str, **changed: object) -> str:
    """Return the share of *words* with other contents and a checksum that is right."""
    told = shamir_mnemonic.Share.from_mnemonic(words)
    made: str = shamir_mnemonic.Share(**{**vars(told), **changed}).mnemonic()
    return made


def test_one_fewer_than_needed_with_the_whole_home_and_its_key_open_nothing(
    kenya: Settled, keepers: Keepers
) -> None:
    words = keepers.words(*keepers.keys)
    sealed = [*escrowed(kenya), *(e.sealed for e in house_escrow.find(kenya.house.home))]
    assert len(sealed) == 9

    for two in itertools.combinations(words, 2):
        for third in (
            two[0],
            forged(two[0], index=9),
            forged(two[0], index=9, value=bytes(32)),
            forged(two[0], index=9, value=os.urandom(32)),
        ):
            with pytest.raises(ComityError):
                joined(arrangements.arrangement_of(kenya.house, kenya.agency), [*two, third])
    told = [shamir_mnemonic.Share.from_mnemonic(each).value for each in words[:2]]
    for guess in (*told, bytes(a ^ b for a, b in zip(*told, strict=True))):
        for each in sealed:
            with pytest.raises(NotForUs):
                decrypt(each, [HybridIdentity.from_seed(guess)])


def test_two_shares_fit_every_secret_alike(keepers: Keepers) -> None:
    """What two of three say of the secret is nothing: for each secret there is a third share.

    Shown in the field that SLIP-39 uses: with two points of a polynomial of the second degree fixed,
    its value at the secret's place takes each of the 256 values as the third goes through its 256.
    """
    interpolate = shamir_mnemonic.shamir._interpolate
    raw = shamir_mnemonic.shamir.RawShare
    told = [
        shamir_mnemonic.Share.from_mnemonic(each) for each in keepers.words("holder 1", "holder 2")
    ]
    fixed = [raw(each.index, each.value[:1]) for each in told]

    secrets = {interpolate([*fixed, raw(7, bytes([third]))], 255) for third in range(256)}

    assert len(secrets) == 256


def test_the_operator_with_the_house_key_alone_reads_no_escrow(
    kenya: Settled, keepers: Keepers
) -> None:
    known = [kenya.house.keys.parcel, HybridIdentity.from_seed(kenya.house.vault.house_key)]

    for each in escrowed(kenya):
        with pytest.raises(NotForUs):
            decrypt(each, known)


def test_every_holder_with_a_stolen_database_and_no_house_key_opens_nothing(
    kenya: Settled, keepers: Keepers, tmp_path: Path
) -> None:
    kept = arrangements.arrangement_of(kenya.house, kenya.agency)
    identity, _ = joined(kept, keepers.words(*keepers.keys))
    with kenya.house.store.read() as reading:
        rows = housed.of_room(reading, escrow.ROOM)

    for row in rows:
        with pytest.raises(Untrusted):
            decrypt(row.body, [identity])
        with pytest.raises(Damaged):
            Vault(identity.seed).open(row.body, f"{escrow.ROOM}/{row.name}")
    stolen = shutil.copy(kenya.house.home / "comity.db", tmp_path / "stolen.db")
    for each in (identity.seed, str(identity).encode(), kenya.house.vault.house_key):
        assert each not in Path(stolen).read_bytes()


def test_no_signing_key_comes_out_of_escrow(kenya: Settled, keepers: Keepers) -> None:
    kept = arrangements.arrangement_of(kenya.house, kenya.agency)
    identity, _ = joined(kept, keepers.words(*keepers.keys))
    signing = {who: kenya.unlocked(who).signing.seed for who in kenya.people}

    found, closed_to_them = escrow.opened(kenya.house, kenya.card, identity)

    assert closed_to_them == 0
    assert {each.kind for each in found} == set(KeyKind)
    for each in found:
        assert each.key.seed not in signing.values()


def test_a_holder_who_brings_a_wrong_share_is_named_by_it(kenya: Settled, keepers: Keepers) -> None:
    number = kenya.card.number
    words = keepers.words("holder 1", "holder 2", "holder 3")
    for wrong in (
        forged(words[1], value=os.urandom(32)),
        keepers.rehearsal("holder 2")[0],
        forged(words[1], index=8),
    ):
        with pytest.raises(Refused) as refused:
            recover(
                kenya.house,
                "investigator KE",
                NEW,
                [words[0], wrong, words[2]],
                decided_by=PEOPLE,
            )
        assert refused.value.cause in ("refused.recovery.wrong-share", "refused.recovery.mixed")
        assert refused.value.values == {"place": 2}
    assert kenya.card.number == number
    assert unlock(kenya.house, "investigator KE", PASSPHRASE).entry.signing


def test_shares_of_another_agency_open_nothing_here(
    kenya: Settled, keepers: Keepers, tmp_path: Path
) -> None:
    other = settle(tmp_path, "ET")
    theirs, _ = appoint(other, tmp_path / "theirs")
    other.house.store.close()

    with pytest.raises(Refused) as refused:
        recover(kenya.house, "investigator KE", NEW, theirs.words(*theirs.keys), decided_by=PEOPLE)

    assert refused.value.cause == "refused.recovery.wrong-share"


def test_an_operator_who_puts_his_own_digests_in_place_still_needs_the_identity(
    kenya: Settled, keepers: Keepers
) -> None:
    mine = sharing.split(os.urandom(32), needed=2, holders=2)
    told = arrangements.arrangement_of(kenya.house, kenya.agency)
    row = arrangements.row_of(
        kenya.house,
        replace(
            told,
            needed=2,
            shares=tuple(digest(each.encode()) for each in mine),
            rehearsal=told.rehearsal[:2],
            holders=told.holders[:2],
        ),
    )
    kenya.house.store.write(lambda w: housed.put(w, [row]))

    with pytest.raises(Untrusted) as refused:
        recover(kenya.house, "investigator KE", NEW, list(mine), decided_by=PEOPLE)

    assert refused.value.cause == "untrusted.differs.shares"


def test_an_operator_cannot_change_holders_without_their_shares_and_keep_the_escrow(
    kenya: Settled, keepers: Keepers, tmp_path: Path
) -> None:
    """He may start over, for all to see: then there is nothing for his own holders to open."""
    mine = Keepers()
    done = split(
        kenya.house,
        kenya.agency,
        needed=2,
        holders=mine.holders(2),
        folder=tmp_path / "mine",
        decided_by=PEOPLE,
        start_over=True,
    )
    mine.take(done.handed_out)

    with pytest.raises(Refused) as refused:
        recover(kenya.house, "investigator KE", NEW, mine.words(*mine.keys), decided_by=PEOPLE)

    assert refused.value.cause == "refused.recovery.not-escrowed"
    assert kenya.card.recovery is not None
    assert kenya.card.recovery.number == 2


def test_an_escrowed_key_in_anothers_row_makes_nobody_another(
    kenya: Settled, keepers: Keepers
) -> None:
    """Whoever has the house key moves the supervisor's escrow to the investigator's name."""
    investigator, supervisor = (kenya.people[each] for each in ("investigator", "supervisor"))
    vault = kenya.house.vault
    with kenya.house.store.read() as reading:
        rows = housed.of_room(reading, escrow.ROOM)
    moved = [
        replace(
            row,
            name=row.name.replace(supervisor, investigator),
            body=vault.lock(
                vault.open(row.body, f"{escrow.ROOM}/{row.name}"),
                f"{escrow.ROOM}/{row.name.replace(supervisor, investigator)}",
            ),
        )
        for row in rows
        if row.name.startswith(supervisor)
    ]
    kenya.house.store.write(lambda w: housed.put(w, moved))

    with pytest.raises(Refused) as refused:
        recover(
            kenya.house, "investigator KE", NEW, keepers.words(*keepers.keys), decided_by=PEOPLE
        )

    assert refused.value.cause == "refused.recovery.not-escrowed"


def test_a_passphrase_that_was_lost_opens_the_new_file_of_nobody(
    kenya: Settled, keepers: Keepers
) -> None:
    before = export(kenya.house, find_officer(kenya.house, "investigator KE")[1].id)

    recover(kenya.house, "investigator KE", NEW, keepers.words(*keepers.keys), decided_by=PEOPLE)

    assert export(kenya.house, find_officer(kenya.house, "investigator KE")[1].id) != before
    with pytest.raises(ComityError):
        kenya.unlocked()


@pytest.mark.parametrize("text", ["", " ", "\n", "academic " * 33, "x" * 10_000, "\x00" * 33])
def test_what_a_clumsy_holder_types_is_refused_and_not_repeated(
    kenya: Settled, keepers: Keepers, text: str
) -> None:
    with pytest.raises(Malformed) as refused:
        recover(
            kenya.house,
            "investigator KE",
            NEW,
            [*keepers.words("holder 1", "holder 2"), text],
            decided_by=PEOPLE,
        )

    assert refused.value.cause == "untrusted.malformed.share"
    assert not refused.value.values
