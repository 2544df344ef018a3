# SPDX-License-Identifier: Apache-2.0
"""Thieves and leavers with yesterday's keys: what nobody opened in time, nobody opens any more."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.scene import Scene, rows_of
from tests.services.settle import PASSPHRASE
from tests.services.test_epochs import days, named_abroad, seat, signed_in
from tests.world import WorldNode

from comity.crypto.age import HybridIdentity, Passphrase, beside, decrypt
from comity.crypto.vault import Vault
from comity.domain.ids import EnvelopeId
from comity.errors import Damaged, Misused, NotForUs, Untrusted
from comity.services import home
from comity.services.desks import change_members, place_of_desk_key
from comity.services.export import export
from comity.services.revoke import revoke
from comity.services.rewrap import rewrap
from comity.services.wraps import place_of_wrap
from comity.storage import envelopes, keys, wraps
from comity.wire import envelope as envelope_wire


def sealed_to(node: WorldNode, act: str) -> tuple[EnvelopeId, bytes]:
    [row] = rows_of(node, act)
    with node.house.store.read() as reading:
        return EnvelopeId(row.envelope), envelopes.get(reading, [row.envelope])[row.envelope]


def all_keys(scene: Scene, disk: Path) -> Iterator[HybridIdentity]:
    """Yield every key that somebody finds who has the disk, the house key and all passphrases."""
    house = home.open_(disk, ask_house=str, clock=lambda: scene.hours.now)
    try:
        for officer in scene.vn.settled.people.values():
            text = decrypt(export(house, officer), [Passphrase(PASSPHRASE)]).decode()
            own = [HybridIdentity.parse(e) for e in text.splitlines() if not e.startswith("#")]
            yield from own
            with house.store.read() as reading:
                rows = keys.desk_keys_of(reading, officer)
            for row in rows:
                place = place_of_desk_key(row.desk, row.epoch, row.member)
                sealed = house.vault.open(row.sealed, place)
                yield HybridIdentity.parse(decrypt(sealed, own).decode())
    finally:
        home.close(house)


def stolen(scene: Scene, name: str) -> Path:
    """Copy Viet Nam's disk as it is, with the server running."""
    return Path(shutil.copytree(scene.vn.house.home, scene.path / name))


@pytest.mark.parametrize("to", ["desk", "officer"])
def test_a_thief_with_the_disk_and_every_passphrase_opens_no_old_letter_that_nobody_opened(
    scene: Scene, to: str
) -> None:
    done = scene.ask() if to == "desk" else scene.ask(to=named_abroad(scene))
    named, sealed = sealed_to(scene.vn, done.act)
    early = list(all_keys(scene, stolen(scene, "early")))
    assert envelope_wire.open_(sealed, early, named=named)
    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk)
    days(scene, 90)
    for who in scene.vn.settled.people:
        signed_in(scene.vn, who)
    days(scene, 181)
    for who in scene.vn.settled.people:
        signed_in(scene.vn, who)

    late = list(all_keys(scene, stolen(scene, "late")))

    assert late
    with pytest.raises(NotForUs):
        envelope_wire.open_(sealed, late, named=named)


def test_no_page_of_the_database_still_holds_what_was_destroyed(scene: Scene) -> None:
    who = scene.vn.settled.people["investigator"]
    days(scene, 90)
    signed_in(scene.vn)
    with scene.vn.house.store.read() as reading:
        [before] = keys.identities(reading, [who])
        desk_keys = keys.desk_keys_of(reading, who)
    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk)
    days(scene, 181)
    signed_in(scene.vn)

    left = b"".join(
        each.read_bytes() for each in stolen(scene, "late").rglob("*") if each.is_file()
    )

    assert before.body[100:164] not in left
    for row in desk_keys:
        assert row.sealed[100:164] not in left


def test_a_stolen_database_without_the_house_key_yields_no_file_key(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    officer = signed_in(scene.vn)
    named, _ = sealed_to(scene.vn, done.act)
    with scene.vn.house.store.read() as reading:
        [locked] = wraps.of(reading, officer.entry.id, [named]).values()

    for attempt in (locked, locked[12:], locked[24:]):
        with pytest.raises(Untrusted):
            beside.unwrap(attempt, officer.storage)
    with pytest.raises((Damaged, Untrusted)):
        Vault(bytes(32)).open(locked, place_of_wrap(named, officer.entry.id))


def test_the_house_key_without_a_passphrase_yields_none_either(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    who = scene.vn.settled.people["investigator"]
    named, _ = sealed_to(scene.vn, done.act)
    with scene.vn.house.store.read() as reading:
        [locked] = wraps.of(reading, who, [named]).values()
    stanza = scene.vn.house.vault.open(locked, place_of_wrap(named, who))

    with pytest.raises(NotForUs):
        beside.unwrap(stanza, HybridIdentity.generate())


def test_a_leaver_s_old_desk_key_opens_nothing_that_came_later(scene: Scene) -> None:
    scene.ask()
    kept = signed_in(scene.vn, "colleague")
    leaver = scene.vn.settled.people["colleague"]
    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk, leave=[leaver])
    scene.sync()
    later = scene.ask()
    seat(scene.vn).thread(later.thread)
    named, sealed = sealed_to(scene.vn, later.act)

    with pytest.raises(NotForUs):
        envelope_wire.open_(sealed, kept.identities, named=named)
    with scene.vn.house.store.read() as reading:
        assert wraps.of(reading, leaver, [named]) == {}


def test_a_leaver_with_the_database_finds_no_wrap_of_the_desk_s_letters(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn, "colleague").thread(done.thread)
    leaver = scene.vn.settled.people["colleague"]
    named, _ = sealed_to(scene.vn, done.act)

    change_members(scene.vn.house, signed_in(scene.vn), scene.vn.settled.desk, leave=[leaver])

    with scene.vn.house.store.read() as reading:
        assert wraps.of(reading, leaver, [named]) == {}
        assert {row.member for row in keys.desk_members(reading, scene.vn.settled.desk)} == {
            scene.vn.settled.people["investigator"]
        }


def test_a_joiner_who_has_left_again_reads_nothing_of_what_he_was_given(scene: Scene) -> None:
    done = scene.ask()
    desk, who = scene.vn.settled.desk, scene.vn.settled.people["supervisor"]
    change_members(scene.vn.house, signed_in(scene.vn), desk, join=[who])
    rewrap(signed_in(scene.vn), scene.vn.house, desk, who)
    assert seat(scene.vn, "supervisor").thread(done.thread).thread.request

    change_members(scene.vn.house, signed_in(scene.vn), desk, leave=[who])

    with pytest.raises(Misused):
        seat(scene.vn, "supervisor").thread(done.thread)


def test_a_colleague_who_wraps_another_letter_s_key_shows_nothing_and_accuses_nobody(
    scene: Scene,
) -> None:
    first, second = scene.ask(), scene.ask()
    desk, who = scene.vn.settled.desk, scene.vn.settled.people["supervisor"]
    change_members(scene.vn.house, signed_in(scene.vn), desk, join=[who])
    rewrap(signed_in(scene.vn), scene.vn.house, desk, who)
    (one, _), (two, _) = sealed_to(scene.vn, first.act), sealed_to(scene.vn, second.act)
    vault = scene.vn.house.vault
    with scene.vn.house.store.read() as reading:
        given = wraps.of(reading, who, [one])[one]
    stanza = vault.open(given, place_of_wrap(one, who))
    bad = wraps.Wrap(
        envelope=two, reader=who, stanza=vault.lock(stanza, place_of_wrap(two, who)), at=1
    )
    scene.vn.house.store.write(lambda w: (wraps.discard(w, [two]), wraps.add(w, [bad])))

    opened = seat(scene.vn, "supervisor").thread(second.thread)

    assert opened.copies == ()
    assert opened.mistrusted == ()
    assert scene.vn.verify().sound


def test_a_revoked_officer_s_keys_and_wraps_are_gone(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn, "colleague").thread(done.thread)
    who = scene.vn.settled.people["colleague"]

    revoke(scene.vn.house, who, reason="left")

    named, _ = sealed_to(scene.vn, done.act)
    with scene.vn.house.store.read() as reading:
        assert wraps.of(reading, who, [named]) == {}
        assert keys.identities(reading, [who]) == ()
