# SPDX-License-Identifier: Apache-2.0
"""The house key changes in one act, and whoever is killed in the middle has a home that opens."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.services.scene import Scene
from tests.services.settle import PASSPHRASE

from comity.errors import Busy, Damaged, Locked, Misused
from comity.services import home
from comity.services.house import House
from comity.services.key_homes import CREDENTIAL, HOUSE_KEY_SIZE
from comity.services.next_key import NEXT, NEXT_CREDENTIAL
from comity.services.relock import LOCKED
from comity.services.rotate_house import change_house_passphrase, rotate_house
from comity.services.unlock import unlock
from comity.services.verify import verify
from comity.storage import whole

NOW = datetime(2026, 11, 23, 4, 40, tzinfo=UTC)


def changed(path: Path, *, old: str = "", new: str = "") -> int:
    return rotate_house(
        path, ask_house=lambda: old, ask_new=lambda: new, clock=lambda: NOW, random=os.urandom
    )


def opened(path: Path, passphrase: str = "") -> House:
    return home.open_(path, ask_house=lambda: passphrase, clock=lambda: NOW)


def house_key(path: Path) -> bytes:
    return (path / home.HOUSE_KEY).read_bytes()


@pytest.fixture
def closed(settled_homes: Path, tmp_path: Path) -> Path:
    """Kenya's home, in which something was asked, with nobody in it."""
    path = tmp_path / "closed"
    shutil.copytree(settled_homes, path)
    with Scene(path) as scene:
        scene.ask()
    return path / "ke"


def test_every_row_opens_with_the_new_key_and_none_with_the_old(closed: Path) -> None:
    old = house_key(closed)

    count = changed(closed)

    house = opened(closed)
    assert count > 10
    assert house_key(closed) != old
    assert verify(house).sound
    home.close(house)
    (closed / home.HOUSE_KEY).write_bytes(old)
    with pytest.raises(Damaged):
        opened(closed)


def test_life_goes_on_under_the_new_key(scene: Scene) -> None:
    before = scene.ask()
    path = scene.ke.house.home
    scene.ke.node.close()
    home.close(scene.ke.house)
    changed(path)
    scene.ke.settled.house = home.open_(path, ask_house=lambda: "", clock=scene.ke.clock)
    scene.ke._begin()

    after = scene.ask()

    assert after.short != before.short
    assert scene.ke.seat().thread(before.short).id == before.thread  # found by its tag
    assert {before.thread, after.thread} <= {each.thread for each in scene.vn.inbox()}
    assert scene.ke.verify().sound


def test_while_somebody_has_the_home_open_its_key_stays(closed: Path) -> None:
    old = house_key(closed)
    house = opened(closed)

    with pytest.raises(Busy, match="home"):
        changed(closed)

    assert house_key(closed) == old
    assert not (closed / f"{home.HOUSE_KEY}{NEXT}").exists()
    other = opened(closed)  # nobody is kept out by the try
    home.close(other)
    home.close(house)
    assert changed(closed)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from comity.services import relock, rotate_house
place, at = Path(sys.argv[1]), int(sys.argv[2])
count = 0
def hooked(function):
    def call(*given, **named):
        global count
        count += 1
        if count > at:
            os.kill(os.getpid(), signal.SIGKILL)
        value = function(*given, **named)
        return value
    return call
relock._again = hooked(relock._again)
rotate_house.promote = hooked(rotate_house.promote)
rotate_house.relock = hooked(rotate_house.relock)
now = lambda: datetime(2026, 11, 23, 4, 40, tzinfo=UTC)
rotate_house.rotate_house(
    place, ask_house=str, ask_new=str, clock=now, random=os.urandom)
print(count)
"""


@pytest.mark.parametrize("at", [0, 1, 20, "promote", "never"])
def test_killed_at_any_moment_the_home_opens_with_one_key_or_the_other(
    closed: Path, at: int | str
) -> None:
    old = house_key(closed)
    steps = {"promote": _steps(closed) - 1, "never": _steps(closed)}
    number = steps[at] if isinstance(at, str) else at

    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(closed), str(number)],
        capture_output=True,
        check=False,
        env={**os.environ},
    )

    assert done.returncode == (0 if at == "never" else -signal.SIGKILL), done.stderr
    house = opened(closed)
    assert verify(house).sound
    assert unlock(house, "investigator KE", PASSPHRASE).certificate
    home.close(house)
    assert not (closed / f"{home.HOUSE_KEY}{NEXT}").exists()
    assert (house_key(closed) != old) == (at in ("promote", "never"))
    assert changed(closed)


def _steps(path: Path) -> int:
    """Return how often a change of the house key could be killed: a row, a row …, the name."""
    house = opened(path)
    with house.store.read() as reading:
        counts = whole.counts(reading)
    home.close(house)
    return sum(counts[each.shape.table.name] for each in LOCKED) + 2


@pytest.fixture
def prompted(tmp_path: Path) -> Path:
    """A home whose key lives with its operator."""
    path = tmp_path / "prompted"
    made = home.create(
        path, key_home="prompt", ask_house=lambda: "old words", clock=lambda: NOW, practice=True
    )
    home.close(made)
    return path


def test_a_home_that_asks_takes_a_new_passphrase_with_the_new_key(prompted: Path) -> None:
    changed(prompted, old="old words", new="new words")

    with pytest.raises(Locked):
        opened(prompted, "old words")
    home.close(opened(prompted, "new words"))


def test_the_passphrase_alone_may_change(prompted: Path) -> None:
    change_house_passphrase(
        prompted,
        ask_house=lambda: "old words",
        ask_new=lambda: "new words",
        clock=lambda: NOW,
        random=os.urandom,
    )

    with pytest.raises(Locked):
        opened(prompted, "old words")
    home.close(opened(prompted, "new words"))


def test_who_does_not_know_the_passphrase_changes_nothing(prompted: Path) -> None:
    kept = house_key(prompted)

    with pytest.raises(Locked):
        changed(prompted, old="a guess", new="mine")
    assert house_key(prompted) == kept


def test_half_done_both_passphrases_are_tried_and_each_opens_what_it_may(prompted: Path) -> None:
    place = prompted / home.HOUSE_KEY
    half = place.with_name(place.name + NEXT)
    old = place.read_bytes()
    changed(prompted, old="old words", new="new words")
    new = place.read_bytes()
    place.write_bytes(old)
    half.write_bytes(new)  # the rows were locked, and the name was not given

    with pytest.raises(Locked):
        opened(prompted, "old words")
    home.close(opened(prompted, "new words"))
    assert place.read_bytes() == new
    assert not half.exists()

    half.write_bytes(old)  # begun, and no row was locked
    with pytest.raises(Locked):
        opened(prompted, "old words")
    home.close(opened(prompted, "new words"))
    assert not half.exists()


def test_a_bare_file_has_no_passphrase_to_change(closed: Path) -> None:
    with pytest.raises(Misused, match="no-passphrase"):
        change_house_passphrase(
            closed, ask_house=str, ask_new=str, clock=lambda: NOW, random=os.urandom
        )


def test_a_credential_is_changed_by_giving_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    (folder / CREDENTIAL).write_bytes(os.urandom(HOUSE_KEY_SIZE))
    path = tmp_path / "home"
    home.close(
        home.create(path, key_home="credential", ask_house=str, clock=lambda: NOW, practice=True)
    )

    with pytest.raises(Misused, match=r"house-key\.next"):
        changed(path)
    (folder / NEXT_CREDENTIAL).write_bytes((folder / CREDENTIAL).read_bytes())
    with pytest.raises(Misused, match=r"house-key\.same"):
        changed(path)
    (folder / NEXT_CREDENTIAL).write_bytes(os.urandom(HOUSE_KEY_SIZE))
    home.close(opened(path))
    changed(path)
    home.close(opened(path))  # until the operator has given the next one its name
    (folder / NEXT_CREDENTIAL).replace(folder / CREDENTIAL)
    home.close(opened(path))


def test_neither_key_opens_a_home_that_is_locked_under_a_third(closed: Path) -> None:
    key = closed / home.HOUSE_KEY
    kept = key.read_bytes()
    for each in (key, key.with_name(key.name + NEXT)):
        each.write_bytes(os.urandom(HOUSE_KEY_SIZE))
        each.chmod(0o600)

    with pytest.raises(Damaged):
        opened(closed)
    key.write_bytes(kept)
    home.close(opened(closed))


def test_the_same_officer_is_counted_on(closed: Path) -> None:
    house = opened(closed)
    for _ in range(2):
        with pytest.raises(Locked):
            unlock(house, "investigator KE", "a guess")
    home.close(house)
    changed(closed)

    house = opened(closed)
    with pytest.raises(Locked):
        unlock(house, "investigator KE", "a guess")
    home.close(house)
