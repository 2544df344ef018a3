# SPDX-License-Identifier: Apache-2.0
"""Agencies, keys, receipts, housed things, leases and nonces: kept as given, once."""

import pytest

from comity.errors import Refused, Stale
from comity.storage import agencies, housed, keys, leases, meta, nonces, peers, receipts, witness
from comity.storage.agencies import Agency, Entry, Root, Roster
from comity.storage.housed import Housed
from comity.storage.keys import DeskKey, Identity, Secret
from comity.storage.meta import Meta
from comity.storage.nonces import Nonce
from comity.storage.peers import Peer
from comity.storage.receipts import Evidence, Proven, Receipt
from comity.storage.store import Store
from comity.storage.witness import Cosignature, Witnessed


def agency(name: str, *, own: bool = False) -> Agency:
    return Agency(id=name, country=name.upper(), type="agency", own=own, node="n")


def entry(name: str, *, first: int, of: str = "ke") -> Entry:
    return Entry(
        agency=of, hash=name, subject="s", type="officer", audience="peers", first=first, body=b"x"
    )


def receipt(name: str, *, copy: str = "c", at: int = 1) -> Receipt:
    return Receipt(
        receipt=name, copy=copy, stage="delivered", agency="vn", at=at, stored_at=at, body=b"r"
    )


def test_a_meta_value_is_the_last_one_put(store: Store) -> None:
    store.write(lambda w: meta.put(w, [Meta(name="a", value=b"1"), Meta(name="b", value=b"2")]))

    store.write(lambda w: meta.put(w, [Meta(name="a", value=b"3")]))

    with store.read() as reading:
        assert meta.get(reading, ["a", "b", "c"]) == {"a": b"3", "b": b"2"}


def test_our_own_agencies_come_first(store: Store) -> None:
    store.write(lambda w: agencies.put(w, [agency("aa"), agency("ke", own=True), agency("vn")]))

    with store.read() as reading:
        assert [each.id for each in agencies.every(reading)] == ["ke", "aa", "vn"]
        [vn] = agencies.by_ids(reading, ["vn", "xx"])
    assert (vn.own, vn.suspended) == (False, False)


def test_rosters_and_roots_are_kept_and_the_newest_found(store: Store) -> None:
    numbered = [
        Roster(agency=of, number=n, head=f"{n}", body=b"h", at=n)
        for of, n in (("ke", 1), ("ke", 2), ("ke", 3), ("vn", 1))
    ]
    roots = [Root(agency="ke", number=n, body=b"r", at=n) for n in (2, 1)]

    store.write(lambda w: (agencies.add_rosters(w, numbered), agencies.add_roots(w, roots)))

    with store.read() as reading:
        newest = agencies.latest_rosters(reading)
        since = agencies.rosters_since(reading, "ke", 1)
        assert [each.number for each in agencies.roots(reading)] == [1, 2]
    assert [(each.agency, each.number) for each in newest] == [("ke", 3), ("vn", 1)]
    assert [each.number for each in since] == [2, 3]


def test_a_roster_number_is_issued_once(store: Store) -> None:
    one = Roster(agency="ke", number=1, head="a", body=b"h", at=1)
    store.write(lambda w: agencies.add_rosters(w, [one]))

    with pytest.raises(Refused, match=r"refused\.exists"):
        store.write(lambda w: agencies.add_rosters(w, [one]))


def test_an_ended_entry_is_kept_but_not_current(store: Store) -> None:
    store.write(
        lambda w: agencies.add_entries(
            w, [entry("a", first=1), entry("b", first=1), entry("a", first=1, of="vn")]
        )
    )

    ended = store.write(lambda w: agencies.end_entries(w, "ke", 2, ["a", "unknown"]))

    assert ended == 1
    with store.read() as reading:
        kept = agencies.entries(reading, ["ke"])
        assert [each.hash for each in kept] == ["a", "b"]
        assert [each.hash for each in kept if each.stands_at(2)] == ["b"]
        assert all(each.stands_at(1) and not each.stands_at(0) for each in kept)
        assert [each.last for each in agencies.entries_by_hash(reading, ["a"])] == [2, 0]


def test_a_secret_keeps_its_versions_and_shows_the_newest(store: Store) -> None:
    rows = [Secret(name="ledger", version=v, body=b"%d" % v, at=v) for v in (1, 2)]
    store.write(
        lambda w: keys.put_secrets(w, [*rows, Secret(name="roster", agency="ke", body=b"k", at=1)])
    )

    with store.read() as reading:
        newest = keys.secret(reading, "ledger")
        assert keys.secret(reading, "ledger", "ke") is None
        assert [(s.name, s.version) for s in keys.secrets(reading)] == [
            ("ledger", 2),
            ("ledger", 1),
            ("roster", 1),
        ]
    assert newest == rows[1]


def test_an_identity_has_one_file_and_can_be_destroyed(store: Store) -> None:
    store.write(
        lambda w: keys.put_identities(w, [Identity(officer="o", agency="ke", body=b"1", at=1)])
    )
    store.write(
        lambda w: keys.put_identities(w, [Identity(officer="o", agency="ke", body=b"2", at=2)])
    )

    with store.read() as reading:
        assert [each.body for each in keys.identities(reading, ["o", "p"])] == [b"2"]
    assert store.write(lambda w: keys.delete_identities(w, ["o", "p"])) == 1


def test_a_desk_key_is_found_by_member_and_by_desk(store: Store) -> None:
    rows = [
        DeskKey(desk="d", epoch=e, member=m, sealed=b"s") for e, m in ((1, "a"), (2, "a"), (2, "b"))
    ]
    store.write(lambda w: keys.put_desk_keys(w, rows))

    with store.read() as reading:
        assert [each.epoch for each in keys.desk_keys_of(reading, "a")] == [2, 1]
        assert [each.member for each in keys.desk_members(reading, "d")] == ["a", "b", "a"]


def test_who_left_a_desk_has_no_key_of_it_in_any_epoch(store: Store) -> None:
    rows = [
        DeskKey(desk=d, epoch=e, member=m, sealed=b"s")
        for d, e, m in (("d", 1, "a"), ("d", 2, "a"), ("d", 2, "b"), ("other", 1, "a"))
    ]
    store.write(lambda w: keys.put_desk_keys(w, rows))

    assert store.write(lambda w: keys.delete_desk_keys(w, [("d", "a"), ("d", "c")])) == 2

    with store.read() as reading:
        assert [each.member for each in keys.desk_members(reading, "d")] == ["b"]
        assert [each.desk for each in keys.desk_keys_of(reading, "a")] == ["other"]


def test_a_receipt_that_comes_again_is_passed_over(store: Store) -> None:
    first = store.write(lambda w: receipts.add(w, [receipt("b", at=2), receipt("a", at=1)]))
    second = store.write(lambda w: receipts.add(w, [receipt("b", at=2), receipt("x", copy="d")]))

    assert (first, second) == (2, 1)
    with store.read() as reading:
        assert [each.receipt for each in receipts.by_copies(reading, ["c"])] == ["a", "b"]
        assert [each.receipt for each in receipts.by_ids(reading, ["x", "y"])] == ["x"]
        assert receipts.known(reading, ["x", "y"]) == {"x"}


def test_proven_is_derived_from_the_largest_proven_size(store: Store) -> None:
    rows = [Proven(origin="o", size=size, at=size, body=b"p") for size in (5, 9)]

    new = store.write(lambda w: receipts.add_proven(w, [*rows, rows[0]]))

    assert new == 2
    with store.read() as reading:
        assert receipts.proven_up_to(reading, ["o", "p"]) == {"o": 9, "p": 0}
        covering = [receipts.proof_covering(reading, "o", size) for size in (1, 5, 6, 10)]
        assert covering == [rows[0], rows[0], rows[1], None]
        assert [each.size for each in receipts.proofs_of(reading, "o")] == [5, 9]


def test_evidence_is_listed_by_what_it_is_against(store: Store) -> None:
    rows = [Evidence(kind="fork", subject=s, at=1, body=b"e") for s in ("x", "y", "x")]

    store.write(lambda w: receipts.add_evidence(w, rows))

    with store.read() as reading:
        assert receipts.evidence(reading) == tuple(rows)
        assert len(receipts.evidence(reading, ["x"])) == 2


def test_a_housed_thing_is_overwritten_or_refused_as_asked(store: Store) -> None:
    rows = [Housed(room="short", name=n, owner=o, body=b"1") for n, o in (("a", "x"), ("b", "y"))]
    store.write(lambda w: housed.put(w, rows))

    store.write(lambda w: housed.put(w, [Housed(room="short", name="a", owner="x", body=b"2")]))
    with pytest.raises(Refused, match=r"refused\.exists"):
        store.write(lambda w: housed.add(w, [rows[0]]))

    with store.read() as reading:
        assert [each.body for each in housed.get(reading, "short", ["a", "z"])] == [b"2"]
        assert [each.name for each in housed.of_room(reading, "short")] == ["a", "b"]
        assert [each.name for each in housed.of_room(reading, "short", "y")] == ["b"]
    assert store.write(lambda w: housed.discard(w, "short", ["a", "z"])) == 1


def test_a_lease_is_held_by_one_until_its_time_is_up(store: Store) -> None:
    held = [
        store.write(lambda w: leases.claim(w, "clock", "one", 0, 100)),
        store.write(lambda w: leases.claim(w, "clock", "two", 99, 200)),
        store.write(lambda w: leases.claim(w, "clock", "one", 99, 150)),
        store.write(lambda w: leases.claim(w, "clock", "two", 150, 250)),
    ]

    let_go = [
        store.write(lambda w: leases.let_go(w, "clock", "one")),
        store.write(lambda w: leases.let_go(w, "clock", "two")),
    ]

    assert held == [True, False, True, True]
    assert let_go == [False, True]


def test_a_nonce_is_heard_once(store: Store) -> None:
    store.write(lambda w: nonces.add(w, [Nonce(nonce="a", at=1), Nonce(nonce="b", at=5)]))

    with pytest.raises(Stale, match="replayed"):
        store.write(lambda w: nonces.add(w, [Nonce(nonce="c", at=9), Nonce(nonce="a", at=9)]))

    assert store.write(lambda w: nonces.purge(w, 5)) == 1
    store.write(lambda w: nonces.add(w, [Nonce(nonce="a", at=9), Nonce(nonce="c", at=9)]))


def test_a_peer_that_fails_is_called_later_and_once_seen_at_once(store: Store) -> None:
    store.write(lambda w: peers.add_new(w, [Peer(node="n", address="a"), Peer(node="m")]))
    store.write(lambda w: peers.failed(w, [("n", 70)]))
    store.write(lambda w: peers.failed(w, [("n", 90)]))
    with store.read() as reading:
        [failed] = peers.by_nodes(reading, ["n"])

    store.write(lambda w: peers.seen(w, ["n"], 80))

    assert failed == Peer(node="n", address="a", attempts=2, next_at=90)
    with store.read() as reading:
        assert peers.every(reading) == (
            Peer(node="m"),
            Peer(node="n", address="a", last_seen=80),
        )
    store.write(lambda w: peers.put(w, [Peer(node="m", address="moved")]))
    with store.read() as reading:
        assert peers.by_nodes(reading, ["m"])[0].address == "moved"


def seen(size: int, root: bytes = b"r") -> Witnessed:
    return Witnessed(origin="o", size=size, root=root, note=b"n", at=size)


def test_what_was_witnessed_only_moves_forward(store: Store) -> None:
    store.write(lambda w: witness.seen(w, [seen(5)]))
    store.write(lambda w: witness.seen(w, [seen(9)]))

    store.write(lambda w: witness.seen(w, [seen(7), seen(9, b"other")]))

    with store.read() as reading:
        assert witness.every(reading) == (seen(9),)


def test_cosignatures_date_a_checkpoint_and_count_towards_its_proof(store: Store) -> None:
    rows = [
        Cosignature(origin="o", size=size, key=key, line=b"l", at=at)
        for size, key, at in ((5, "a", 50), (5, "b", 40), (9, "a", 60), (3, "b", 10))
    ]

    new = store.write(lambda w: witness.cosigned(w, [*rows, rows[0]]))

    assert new == 4
    with store.read() as reading:
        assert [each.key for each in witness.cosignatures(reading, "o", 5)] == ["b", "a"]
        assert witness.earliest(reading, "o", 4) == rows[1]
        assert witness.earliest(reading, "o", 10) is None
        assert [row.size for row in witness.covering(reading, "o", 4)] == sorted(
            row.size for row in rows if row.size >= 4
        )
        assert len(witness.covering(reading, "o", 4, limit=1)) == 1
        assert [witness.largest(reading, "o", k) for k in (1, 2, 3)] == [9, 5, 0]
