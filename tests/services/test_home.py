# SPDX-License-Identifier: Apache-2.0
"""A home is made whole or not at all, and opens with its own house key and no other."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.services.settle import PASSPHRASE, inhabit, settle

from comity.domain.ids import Random
from comity.domain.roster import NodeEntry
from comity.errors import Damaged, DiskFull, Locked, Misused, Unavailable
from comity.knowledge import kinds
from comity.ledger.leaf import LeafType
from comity.services import home
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.unlock import unlock
from comity.storage import logs


def clock() -> datetime:
    return datetime(2026, 11, 23, 4, 40, tzinfo=UTC)


def nobody() -> str:
    return ""


def make(path: Path, *, random: Random = os.urandom, **changed: object) -> House:
    told = {"key_home": "file", "ask_house": nobody, "practice": True, **changed}
    return home.create(path, clock=clock, random=random, **told)  # type: ignore[arg-type]


def open_(path: Path, ask: Callable[[], str] = nobody) -> House:
    return home.open_(path, ask_house=ask, clock=clock)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = make(tmp_path / "ke")
    yield made
    home.close(made)


def test_a_home_opens_again_as_the_same_node_with_the_same_ledger(tmp_path: Path) -> None:
    made = make(tmp_path / "ke")
    home.close(made)

    again = open_(tmp_path / "ke")

    assert again.keys == made.keys
    assert again.practice
    assert again.kinds == kinds.load_kinds(None)
    head = again.store.head()
    assert head is not None
    assert (head.origin, head.size) == (f"comity/{made.keys.node}/1", 1)
    home.close(again)


def test_the_first_leaf_opens_the_log(house: House) -> None:
    with house.store.read() as reading:
        [leaf] = logs.leaves_from(reading, 1, 0)

    assert leaf.type == LeafType.OPENING
    assert leaf.entry is not None
    assert house.keys.node.encode() in leaf.entry


def test_nobody_else_on_the_machine_may_look_into_a_home(house: House) -> None:
    assert stat.S_IMODE(house.home.stat().st_mode) == 0o700
    assert stat.S_IMODE((house.home / home.HOUSE_KEY).stat().st_mode) == 0o600


def test_a_home_is_made_in_an_empty_folder_too(tmp_path: Path) -> None:
    (tmp_path / "ke").mkdir(mode=0o755)

    house = make(tmp_path / "ke")

    assert stat.S_IMODE(house.home.stat().st_mode) == 0o700
    home.close(house)


def test_a_home_may_be_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    house = make(Path("ke"))

    assert house.home == tmp_path / "ke"
    home.close(house)


def test_what_is_there_already_is_left_alone(house: House, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    for path in (house.home, tmp_path / "file"):
        with pytest.raises(Misused) as refused:
            make(path)
        assert refused.value.cause == "usage.exists"

    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "ke"]


@pytest.mark.parametrize("path", ["/", "/tmp/what?is=this"])
def test_a_path_that_no_database_can_have_is_refused(path: str) -> None:
    with pytest.raises(Misused) as refused:
        make(Path(path))
    assert refused.value.cause == "usage.home.path"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misused) as refused:
        make(tmp_path / "file" / "ke")
    assert refused.value.cause == "usage.exists"


def test_a_folder_that_has_no_room_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        make(tmp_path / ("long" * 80))
    with pytest.raises(DiskFull):
        make(Path("/proc/ke"))


@pytest.mark.parametrize("at", range(1, 13))
def test_whatever_fails_in_the_middle_leaves_nothing(tmp_path: Path, at: int) -> None:
    calls = iter(range(at))

    def failing(size: int) -> bytes:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return os.urandom(size)

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "ke", random=failing)

    assert list(tmp_path.iterdir()) == []


_KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from comity.services import home
calls = iter(range(int(sys.argv[2])))
def random(size):
    if next(calls, None) is None:
        os.kill(os.getpid(), 9)
    return os.urandom(size)
home.create(Path(sys.argv[1]), key_home="file", ask_house=str, practice=True,
            clock=lambda: datetime.now(UTC), random=random)
"""


@pytest.mark.slow
@pytest.mark.parametrize("at", [2, 7, 12])
def test_a_kill_in_the_middle_leaves_no_home_and_nothing_in_its_way(
    tmp_path: Path, at: int
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path / "ke"), str(at)], check=False
    )
    assert killed.returncode == -9
    for left in tmp_path.iterdir():
        with pytest.raises(Misused):
            open_(left)

    house = make(tmp_path / "ke")

    assert house.store.head() is not None
    home.close(house)


def test_two_who_make_a_home_at_once_make_one(tmp_path: Path) -> None:
    both = threading.Barrier(2)
    outcomes: list[House | Misused] = []

    def create() -> None:
        def together(size: int) -> bytes:
            if size == 16 and not meeting.broken:
                meeting.wait()
            return os.urandom(size)

        try:
            outcomes.append(make(tmp_path / "ke", random=together))
        except Misused as refused:
            outcomes.append(refused)

    meeting = both
    threads = [threading.Thread(target=create) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    [house] = [each for each in outcomes if isinstance(each, House)]
    [refused] = [each for each in outcomes if isinstance(each, Misused)]
    assert refused.cause == "usage.exists"
    assert [each.name for each in tmp_path.iterdir()] == ["ke"]
    home.close(house)


def test_where_there_is_no_home_none_is_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(Misused) as refused:
            open_(path)
        assert refused.value.cause == "usage.home"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key_home = ",
        "key_home = 1",
        'key_home = "file"\npractice = "yes"',
        'key_home = "file"\npractice = 1',
        'key_home = "file"\nport = 8443',
        "key_home = '\xff'",
    ],
)
def test_settings_that_are_not_ours_are_not_guessed(house: House, text: str) -> None:
    (house.home / home.CONFIG).write_bytes(text.encode("latin-1"))

    with pytest.raises(Damaged) as damaged:
        open_(house.home)
    assert damaged.value.cause == "unavailable.damaged.settings"


def test_settings_that_cannot_be_read_are_said(house: House) -> None:
    (house.home / home.CONFIG).unlink()
    (house.home / home.CONFIG).mkdir()

    with pytest.raises(Unavailable) as refused:
        open_(house.home)
    assert refused.value.cause == "unavailable.settings"


def test_an_edited_line_makes_no_real_node_of_a_toy_and_no_toy_of_a_real_one(house: House) -> None:
    config = house.home / home.CONFIG
    config.write_text(config.read_text().replace("practice = true", "practice = false"))

    with pytest.raises(Damaged) as damaged:
        open_(house.home)
    assert damaged.value.cause == "unavailable.damaged.settings"


def test_an_unknown_home_of_the_key_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Misused) as refused:
        make(tmp_path / "ke", key_home="cloud")

    assert refused.value.cause == "usage.key-home"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "prompt", "tpm", "credential"])
def test_a_home_says_where_its_key_lives(house: House, kind: str) -> None:
    config = house.home / home.CONFIG
    config.write_text(config.read_text().replace('"file"', f'"{kind}"'))

    assert home.key_home(house.home, nobody).describe == kind


def test_another_home_s_key_opens_nothing(house: House, tmp_path: Path) -> None:
    other = make(tmp_path / "vn")
    home.close(other)
    (other.home / home.HOUSE_KEY).replace(house.home / home.HOUSE_KEY)

    with pytest.raises(Damaged) as damaged:
        open_(house.home)
    assert damaged.value.cause == "unavailable.damaged.node-keys"


def test_a_database_that_is_gone_is_not_made_anew(house: House) -> None:
    home.close(house)
    (house.home / home.DATABASE).unlink()

    with pytest.raises(Damaged) as damaged:
        open_(house.home)
    assert damaged.value.cause == "unavailable.damaged.database"
    assert not (house.home / home.DATABASE).exists()


def test_a_home_without_its_node_s_keys_does_not_open(house: House) -> None:
    house.store.write(lambda w: w.connection.exec_driver_sql("DELETE FROM secrets"))

    with pytest.raises(Damaged) as damaged:
        open_(house.home)
    assert damaged.value.cause == "unavailable.damaged.node-keys"


def test_a_prompt_home_waits_for_its_operator(tmp_path: Path) -> None:
    made = make(tmp_path / "ke", key_home="prompt", ask_house=lambda: "house words")
    home.close(made)
    path = made.home

    for typed in ("", "other words"):
        with pytest.raises(Locked):
            open_(path, lambda typed=typed: typed)  # type: ignore[misc]
    again = open_(path, lambda: "house words")

    assert again.keys == made.keys
    assert home.key_home(path, nobody).needs_person
    home.close(again)


def test_a_prompt_home_is_not_made_without_a_passphrase(tmp_path: Path) -> None:
    with pytest.raises(Locked):
        make(tmp_path / "ke", key_home="prompt")

    assert list(tmp_path.iterdir()) == []


def test_a_real_home_asks_for_a_house_passphrase_worth_the_name(tmp_path: Path) -> None:
    with pytest.raises(Misused) as refused:
        make(tmp_path / "ke", key_home="prompt", practice=False, ask_house=lambda: "short")

    assert refused.value.cause == "usage.passphrase.short"
    assert list(tmp_path.iterdir()) == []


def test_a_credential_home_takes_the_key_that_the_system_hands_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "comity-house").write_bytes(bytes(range(32)))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))

    made = make(tmp_path / "ke", key_home="credential", practice=False)
    home.close(made)
    again = open_(made.home)

    assert again.keys == made.keys
    assert not (made.home / home.HOUSE_KEY).exists()
    home.close(again)


def test_a_home_is_open_in_two_processes_at_once(tmp_path: Path) -> None:
    kenya = settle(tmp_path)
    other = open_(kenya.house.home)

    inhabit(other, tmp_path, "ET")
    unlocked = unlock(kenya.house, "investigator ET", PASSPHRASE)

    assert len(read_book(kenya.house).own) == 2
    assert unlocked.entry.roles == ("investigator",)
    for house in (kenya.house, other):
        home.close(house)


def test_several_agencies_live_in_one_home_and_each_certifies_its_keys(tmp_path: Path) -> None:
    kenya = settle(tmp_path)
    ethiopia = inhabit(kenya.house, tmp_path, "ET")

    entries = [each.card.node for each in (kenya, ethiopia)]

    assert {type(each) for each in entries} == {NodeEntry}
    assert {each.node for each in entries} == {kenya.house.keys.node}
    assert {each.agency for each in entries} == {kenya.agency, ethiopia.agency}
    home.close(kenya.house)


def test_a_home_s_database_may_be_a_server_and_its_password_is_not_kept(
    tmp_path: Path, blank_postgres_url: str
) -> None:
    kenya = settle(tmp_path, url=blank_postgres_url)
    home.close(kenya.house)

    again = open_(tmp_path / "ke")
    assert unlock(again, "investigator KE", PASSPHRASE).agency == kenya.agency
    home.close(again)

    assert not (tmp_path / "ke" / home.DATABASE).exists()
    with pytest.raises(Misused) as refused:  # somebody's node already
        make(tmp_path / "second", url=blank_postgres_url)
    assert refused.value.cause == "usage.exists"
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("postgresql://comity:secret@db/comity", "usage.database-password"),
        ("postgresql://db/comity?password=secret", "usage.database-password"),
        ("mysql://db/comity", "usage.database-url"),
        ("sqlite:////tmp/elsewhere.db", "usage.database-url"),
        ("postgresql://[db/comity", "usage.database-url"),
    ],
)
def test_a_database_that_cannot_be_named_in_a_file_is_refused(
    tmp_path: Path, url: str, cause: str
) -> None:
    with pytest.raises(Misused) as refused:
        make(tmp_path / "ke", url=url)

    assert refused.value.cause == cause
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_an_agency_s_own_kinds_lie_in_its_home(house: House) -> None:
    source = Path(kinds.__file__).parent / "kinds" / "phone.yaml"
    (house.home / home.KINDS).mkdir()
    own = source.read_text().replace("id: phone", "id: radio", 1)
    (house.home / home.KINDS / "radio.yaml").write_text(own)

    again = open_(house.home)

    assert "radio" in again.kinds
    home.close(again)


def test_kinds_that_do_not_read_close_what_was_opened(house: House) -> None:
    (house.home / home.KINDS).mkdir()
    (house.home / home.KINDS / "broken.yaml").write_text("id: [")

    with pytest.raises(Misused):
        open_(house.home)
