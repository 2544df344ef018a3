# SPDX-License-Identifier: Apache-2.0
"""A stolen home: without its house key it opens nothing, and with it nothing that anybody said."""

import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.faults.canaries import MARK, Cage, planted
from tests.services.settle import PASSPHRASE
from tests.world import World, question

from comity.crypto.age import HybridIdentity, decrypt
from comity.crypto.vault import Vault
from comity.domain.statement import Outcome
from comity.errors import ComityError, Damaged, Locked, NotForUs
from comity.node import Node
from comity.services import home
from comity.services.answer import Reply
from comity.services.history import entry_place
from comity.services.house import House
from comity.services.key_homes import HOUSE_KEY_SIZE

NUMBER = "+84901234567"
FACTS = f"Written on the seal of a container ({MARK}) declared as timber."
ANSWER = f"{MARK} Timber, Hai Phong."
PHOTOGRAPH = bytes(range(256)) * 1000
CANARIES = planted(
    {"mark": MARK, "number": NUMBER.removeprefix("+84")}, {"photograph": PHOTOGRAPH[40:80]}
)


@pytest.fixture
def world(two_countries: World, tmp_path: Path) -> Iterator[World]:
    """Return two countries between which one question was asked and answered, with a photograph."""
    with two_countries.copied(tmp_path) as made:
        ke, vn = made.nodes("ke", "vn")
        photograph = ke.seat().attach(io.BytesIO(PHOTOGRAPH), f"{MARK}.jpg", "image/jpeg")
        asked = ke.seat().ask(
            question(
                "VN/Anti-smuggling desk",
                fields={"number": (NUMBER,)},
                facts=FACTS,
                attachments=(photograph,),
            )
        )
        made.sync()
        said = vn.seat().thread(asked.thread).thread.request
        assert said is not None
        assert FACTS in said.facts
        vn.seat().answer(
            asked.thread,
            Reply(
                outcome=Outcome.INFORMATION,
                fields={"registered_name": (f"{MARK} Timber",)},
                text=ANSWER,
            ),
        )
        made.hours.pass_(minutes=2)
        made.sync()
        assert ANSWER in str(ke.seat().thread(asked.thread).thread.acts)
        yield made


def stolen(world: World, country: str) -> Path:
    """Return a copy of a home, as it lay on its disk while the server ran."""
    place = world.path / f"stolen-{country}"
    shutil.copytree(world[country].house.home, place)
    return place


def values(place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every value of the stolen database that is bytes or text, by table and column."""
    with closing(sqlite3.connect(place / "comity.db")) as database:
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            columns = [each[0] for each in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, str):
                        yield f"{table}.{column}", value.encode()
                    elif isinstance(value, bytes):
                        yield f"{table}.{column}", value


def found(cage: Cage, place: Path) -> list[str]:
    files = [each for each in place.rglob("*") if each.is_file()]
    return [f"{name} in {each.name}" for each in files for name in cage.found_in(each)]


@pytest.mark.parametrize("country", ["ke", "vn"])
def test_a_stolen_home_without_its_house_key_opens_nothing(world: World, country: str) -> None:
    place = stolen(world, country)
    (place / home.HOUSE_KEY).unlink()

    with pytest.raises(ComityError, match=r"house-key"):
        Node.open(place, ask_house=lambda: PASSPHRASE, clock=world[country].clock)
    (place / home.HOUSE_KEY).write_bytes(bytes(HOUSE_KEY_SIZE))  # a key of the thief's
    (place / home.HOUSE_KEY).chmod(0o600)
    with pytest.raises(Damaged):
        Node.open(place, ask_house=lambda: PASSPHRASE, clock=world[country].clock)
    assert found(CANARIES, place) == []


@pytest.mark.parametrize("country", ["ke", "vn"])
def test_names_of_people_are_not_in_a_stolen_home_either(world: World, country: str) -> None:
    place = stolen(world, country)
    people = planted(
        {who: f"{who} {country.upper()}" for who in ("investigator", "colleague", "supervisor")}
        | {"decided": "A. Mwangi", "telephone": "20 000 0000", "letter": "MI/2026/44"},
        {},
    )

    assert found(people, place) == []


@pytest.mark.parametrize("country", ["ke", "vn"])
def test_with_the_house_key_nothing_is_opened_that_anybody_said(world: World, country: str) -> None:
    place = stolen(world, country)
    node = Node.open(place, ask_house=str, clock=world[country].clock)
    try:
        opened = list(everything(node.house, place))
        with pytest.raises(Locked):
            node.seat(world[country].settled.people["investigator"], "not his passphrase")
    finally:
        node.close()

    # The key is the right one: keys, names, lists and admissions do open.
    tables = {where.partition(".")[0] for where, _ in opened}
    assert {"secrets", "housed", "entries", "identities"} <= tables
    assert any(b"MI/2026/44" in data for _, data in opened)
    assert [(where, CANARIES.found(data)) for where, data in opened if CANARIES.found(data)] == []


def everything(house: House, place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that the keys of the house open: every locked value, every sealed one, every file."""
    names = list(places(place))
    for where, value in values(place):
        for name in names:
            opened = unlocked(house.vault, value, name)
            if opened is not None:
                yield where, opened
                break
        sealed = unsealed(house.keys.parcel, value)
        if sealed is not None:
            yield where, sealed
    for file in (place / "blobs").rglob("*"):
        if file.is_file():
            sealed = unsealed(house.keys.parcel, file.read_bytes())
            if sealed is not None:
                yield file.name, sealed


def places(place: Path) -> Iterator[str]:
    """Yield the names of places under which values are locked, as the rows themselves tell them."""
    with closing(sqlite3.connect(place / "comity.db")) as database:
        for room, name in database.execute("SELECT room, name FROM housed"):
            yield f"{room}/{name}"
        for name, agency, version in database.execute("SELECT name, agency, version FROM secrets"):
            yield f"secrets/{name}/{version}"
            yield f"secrets/{name}/{agency}/{version}"
        for agency, hash_ in database.execute("SELECT agency, hash FROM entries"):
            yield entry_place(agency, hash_)
        for (officer,) in database.execute("SELECT officer FROM identities"):
            yield f"identities/{officer}"


def unlocked(vault: Vault, value: bytes, place: str) -> bytes | None:
    try:
        return vault.open(value, place)
    except ComityError:
        return None


def unsealed(identity: HybridIdentity, value: bytes) -> bytes | None:
    if not value.startswith(b"age-encryption.org/v1"):
        return None
    try:
        return decrypt(value, [identity])
    except NotForUs:
        return None
