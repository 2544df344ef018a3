# SPDX-License-Identifier: Apache-2.0
"""Wraps: the first one stays, who leaves loses those of his desk, and what lacks one is found."""

from dataclasses import replace

from tests.storage.test_copies import copy

from comity.storage import copies, envelopes, keys, wraps
from comity.storage.copies import Copy, CopyReader
from comity.storage.keys import DeskKey
from comity.storage.store import Store
from comity.storage.wraps import Wrap


def wrap(of: Copy, who: str = "amina", stanza: bytes = b"stanza") -> Wrap:
    return Wrap(envelope=of.envelope, reader=who, stanza=stanza, at=1)


def sealed(of: Copy, who: str, epoch: int = 1) -> CopyReader:
    return CopyReader(reader=who, at=1, copy=of.copy, kind="desk", epoch=epoch)


ONE, TWO = copy("1"), copy("2", thread="u")


def filled(store: Store) -> None:
    """Let the desk have two letters, one of them sent to Amina as well."""
    rows = [sealed(ONE, "desk"), sealed(TWO, "desk", 2), sealed(TWO, "amina")]
    store.write(lambda w: (copies.add(w, [ONE, TWO]), copies.add_readers(w, rows)))


def test_the_first_wrap_stays(store: Store) -> None:
    assert store.write(lambda w: wraps.add(w, [wrap(ONE)])) == 1
    assert store.write(lambda w: wraps.add(w, [wrap(ONE, stanza=b"x"), wrap(ONE, "binh")])) == 1

    with store.read() as reading:
        assert wraps.of(reading, "amina", [ONE.envelope, "none"]) == {ONE.envelope: b"stanza"}
        assert wraps.count(reading, ONE.envelope) == 2
        assert wraps.count(reading, "none") == 0


def test_they_come_in_pages(store: Store) -> None:
    store.write(lambda w: wraps.add(w, [wrap(ONE), wrap(TWO), wrap(TWO, "binh")]))

    with store.read() as reading:
        first = wraps.page_of(reading, "amina", "", 1)
        assert first == (wrap(ONE),)
        assert wraps.page_of(reading, "amina", ONE.envelope, 9) == (wrap(TWO),)


def test_what_lacks_one_is_found_and_counted(store: Store) -> None:
    filled(store)
    store.write(lambda w: wraps.add(w, [wrap(ONE)]))

    with store.read() as reading:
        assert wraps.unwrapped(reading, "amina", "desk", 2, own="ke", limit=9) == (TWO,)
        assert wraps.unwrapped(reading, "amina", "desk", 1, own="ke", limit=9) == ()
        assert wraps.unwrapped(reading, "amina", "desk", 2, own="vn", limit=9) == ()
        assert wraps.threads_unwrapped(reading, "amina", "desk") == ("u",)
        assert wraps.threads_unwrapped(reading, "binh", "desk") == ("t", "u")
        assert wraps.count_unwrapped(reading, "amina", "desk", 2, to="vn") == 1
        assert wraps.count_unwrapped(reading, "amina", "desk", 1, to="vn") == 0


def test_who_leaves_a_desk_loses_what_was_its_alone(store: Store) -> None:
    filled(store)
    store.write(lambda w: wraps.add(w, [wrap(ONE), wrap(TWO), wrap(ONE, "binh")]))

    assert store.write(lambda w: wraps.discard_of_desk(w, [("desk", "amina")])) == 1

    with store.read() as reading:
        assert set(wraps.of(reading, "amina", [ONE.envelope, TWO.envelope])) == {TWO.envelope}
        assert wraps.count(reading, ONE.envelope) == 1


def test_who_is_revoked_and_what_is_removed_leave_none(store: Store) -> None:
    store.write(lambda w: wraps.add(w, [wrap(ONE), wrap(TWO), wrap(ONE, "binh")]))

    assert store.write(lambda w: wraps.discard_of(w, ["amina"])) == 2
    store.write(lambda w: envelopes.discard(w, [ONE.envelope]))

    with store.read() as reading:
        assert wraps.count(reading, ONE.envelope) == wraps.count(reading, TWO.envelope) == 0


def test_a_desk_s_epoch_is_deleted_for_every_member(store: Store) -> None:
    row = DeskKey(desk="desk", epoch=1, member="amina", sealed=b"key")
    others = [replace(row, member="binh"), replace(row, epoch=2), replace(row, desk="other")]
    store.write(lambda w: keys.put_desk_keys(w, [row, *others]))

    assert store.write(lambda w: keys.delete_desk_epochs(w, [("desk", 1)])) == 2

    with store.read() as reading:
        assert keys.desk_members(reading, "desk") == (others[1],)


def test_scrubbing_leaves_everything_as_it_is(store: Store) -> None:
    store.write(lambda w: wraps.add(w, [wrap(ONE)]))

    store.scrub()

    with store.read() as reading:
        assert wraps.count(reading, ONE.envelope) == 1
