# SPDX-License-Identifier: Apache-2.0
"""A roster key is changed by its root, a root by the successor that it named; peers follow."""

from pathlib import Path

import pytest
from tests.services.scene import Scene
from tests.services.settle import PASSPHRASE
from tests.world import WorldNode

from comity.crypto.signing import SigningKey
from comity.domain.ids import digest
from comity.errors import Busy, Locked, Misused
from comity.services import root_file, rosters, rotate_roster
from comity.services.admit import fingerprint
from comity.services.invite import invite
from comity.services.prove import check_proof, prove
from comity.services.root_file import RootKeys
from comity.services.rotate_roster import rotate_roster_key, succeed_root, succession
from comity.storage import keys
from comity.wire import invite as invite_wire


def rotated(node: WorldNode, *, stolen: bool = False) -> None:
    path = node.world.path / f"{node.house.home.name.upper()}.root"
    rotate_roster_key(node.house, node.agency, path, PASSPHRASE, stolen=stolen)


def succeeded(node: WorldNode, name: str = "new.root", old: str = "") -> Path:
    path = node.world.path / (old or f"{node.house.home.name.upper()}.root")
    new = node.world.path / name
    succeed_root(node.house, node.agency, path, PASSPHRASE, new_path=new, new_passphrase=PASSPHRASE)
    return new


def test_peers_follow_a_new_roster_key_and_still_exchange(scene: Scene) -> None:
    before = scene.vn.knows(scene.ke)
    digits = fingerprint(before)

    rotated(scene.ke)
    scene.sync()
    asked = scene.ask()

    after = scene.vn.knows(scene.ke)
    assert after.root.roster != before.root.roster
    assert after.number == scene.ke.card.number == before.number + 1
    assert fingerprint(after) == digits
    assert after.checked_at == before.checked_at
    assert scene.vn.inbox()[0].thread == asked.thread
    assert scene.ke.verify().sound
    assert scene.vn.verify().sound


def test_what_was_signed_before_is_still_judged_and_proven_after(scene: Scene) -> None:
    asked = scene.ask()
    scene.vn.seat().thread(asked.thread)

    rotated(scene.ke)
    rotated(scene.vn)
    scene.sync()

    assert not scene.vn.seat("colleague").thread(asked.thread).mistrusted
    assert check_proof(prove(scene.ke.house, asked.thread)).dockets
    assert check_proof(prove(scene.vn.house, asked.thread)).dockets


def test_the_named_successor_takes_over_and_names_the_next(scene: Scene) -> None:
    old = scene.ke.card.root

    succeeded(scene.ke)
    scene.sync()

    held = scene.vn.knows(scene.ke).root
    assert digest(held.root) == old.successor
    assert held == scene.ke.card.root
    assert held.successor not in (old.successor, digest(held.root))
    assert scene.ke.verify().sound
    assert scene.vn.verify().sound


def test_who_was_away_for_two_successions_is_told_of_both(scene: Scene) -> None:
    first = succeeded(scene.ke)
    succeeded(scene.ke, "newer.root", first.name)
    rotate_roster_key(scene.ke.house, scene.ke.agency, scene.path / "newer.root", PASSPHRASE)

    scene.sync()

    assert scene.vn.knows(scene.ke).root == scene.ke.card.root
    assert scene.vn.verify().sound
    assert scene.ke.verify().sound
    assert scene.ask().thread in {each.thread for each in scene.vn.inbox()}


def test_an_agency_whose_root_was_succeeded_can_still_invite(scene: Scene) -> None:
    succeeded(scene.ke)

    invited = invite_wire.read(invite(scene.ke.house, scene.ke.agency))

    assert invited.state.root == scene.ke.card.root


def test_the_old_root_signs_nothing_that_is_believed_after_its_succession(scene: Scene) -> None:
    succeeded(scene.ke)

    with pytest.raises(Misused, match="root-file-other"):
        rotated(scene.ke)
    with pytest.raises(Misused, match="root-succeeded"):
        succeeded(scene.ke, "again.root")
    assert not (scene.path / "again.root").exists()


def test_a_successor_that_nobody_named_does_not_take_over(scene: Scene) -> None:
    own = [SigningKey(scene.ke.house.random(32)) for _ in range(2)]
    path = scene.path / "own.root"
    root_file.write(
        path,
        RootKeys(root=own[0], following=own[1]),
        PASSPHRASE,
        practice=True,
        factor=10,
    )

    with pytest.raises(Misused, match="root-file-other"):
        succeeded(scene.ke, old=path.name)
    with pytest.raises(Misused, match="root-file-other"):
        rotate_roster_key(scene.ke.house, scene.ke.agency, path, PASSPHRASE)
    with pytest.raises(Misused, match="root-file-other"):
        succession(scene.ke.card.root, own[0], own[1], own[1], at=scene.ke.house.now())


def test_a_wrong_passphrase_or_no_file_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    number = scene.ke.card.number

    with pytest.raises(Locked):
        rotate_roster_key(scene.ke.house, scene.ke.agency, scene.path / "KE.root", "another word")
    with pytest.raises(Misused, match="root-file-missing"):
        rotate_roster_key(scene.ke.house, scene.ke.agency, tmp_path / "none", PASSPHRASE)
    with pytest.raises(Misused, match="root-file-exists"):
        succeeded(scene.ke, "VN.root")
    assert scene.ke.card.number == number
    assert (scene.path / "VN.root").exists()


def test_the_roster_key_of_before_is_destroyed_here(scene: Scene) -> None:
    before = rosters.roster_key(scene.ke.house, scene.ke.agency)

    rotated(scene.ke)

    with scene.ke.house.store.read() as reading:
        held = [row for row in keys.secrets(reading) if row.name == rosters.ROSTER_KEY]
    assert len(held) == 1
    assert rosters.roster_key(scene.ke.house, scene.ke.agency).seed != before.seed


def test_two_that_change_the_root_at_once_do_not_both(scene: Scene) -> None:
    other = scene.open("ke")
    card = scene.ke.card
    rotated(scene.ke)

    with pytest.raises((Misused, Busy)):
        rotate_roster._install(
            other,
            card.id,
            card.root,
            rotate_roster._Signed(
                root=card.root,
                dsse=b"",
                key=rosters.roster_key(other, card.id),
            ),
            stolen=False,
        )
    other.store.close()
