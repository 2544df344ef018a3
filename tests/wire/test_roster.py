# SPDX-License-Identifier: Apache-2.0
"""What an agency certifies is believed along one chain, and nobody can add to it or hide from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import strategies
from tests.wire.bureau import AT, Bureau, seed, settled, shown_of, written

from comity.crypto import dsse
from comity.crypto.signing import SigningKey
from comity.domain.ids import AgencyId, CertificateHash, digest
from comity.domain.roster import Audience, Entry, OtherEntry, entries_root
from comity.errors import BadSignature, Malformed, Stale, TwoBodies, Untrusted
from comity.wire import canonical, roster
from comity.wire.roster import RosterState, RosterUpdate, apply, read_update, write_update

MOMBASA = settled()
HAI_PHONG = settled("hai phong", "VN")
STRANGER = SigningKey(seed("stranger"))


def cause(error: pytest.ExceptionInfo[Untrusted]) -> str:
    return error.value.cause


def take(held: RosterState | None, update: RosterUpdate, by: Bureau = MOMBASA) -> RosterState:
    """Apply *update* as it would arrive."""
    return apply(held, read_update(write_update(update)), root=by.root)


def refused(held: RosterState | None, update: RosterUpdate, by: Bureau = MOMBASA) -> str:
    with pytest.raises(Untrusted) as caught:
        take(held, update, by)
    return cause(caught)


# Roots


def test_a_root_says_whose_key_it_is_and_names_its_successor() -> None:
    root = roster.read_root(MOMBASA.signed_root)

    assert root == MOMBASA.root
    roster.check_first(root)


def test_a_root_that_another_key_signed_is_refused() -> None:
    forged = roster.sign_root(MOMBASA.root, STRANGER)

    with pytest.raises(BadSignature, match="absent"):
        roster.read_root(forged)


def test_a_first_root_under_another_agencys_id_is_refused() -> None:
    stolen = replace(MOMBASA.root, root=STRANGER.public.raw, roster=STRANGER.public.raw)
    read = roster.read_root(roster.sign_root(stolen, STRANGER))

    with pytest.raises(BadSignature, match="root"):
        roster.check_first(read)


def test_the_named_successor_may_follow_and_nobody_else() -> None:
    following = replace(MOMBASA.root, root=MOMBASA.next_key.public.raw)

    roster.follows(following, MOMBASA.root)
    with pytest.raises(BadSignature, match="root"):
        roster.follows(replace(following, root=STRANGER.public.raw), MOMBASA.root)
    with pytest.raises(BadSignature, match="root"):
        roster.follows(replace(following, agency=HAI_PHONG.id), MOMBASA.root)


def test_a_root_may_name_another_roster_key_later_and_no_other_successor() -> None:
    later = MOMBASA.root.at + timedelta(seconds=1)
    again = replace(MOMBASA.root, roster=STRANGER.public.raw, at=later)

    roster.follows(again, MOMBASA.root)
    with pytest.raises(Stale, match="root"):
        roster.follows(MOMBASA.root, again)
    with pytest.raises(TwoBodies, match="root"):
        roster.follows(replace(again, at=MOMBASA.root.at), MOMBASA.root)
    with pytest.raises(BadSignature, match="successor"):
        roster.follows(replace(again, successor=digest(STRANGER.public.raw)), MOMBASA.root)


def test_the_root_that_was_succeeded_is_late_and_no_forgery() -> None:
    following = replace(MOMBASA.root, root=MOMBASA.next_key.public.raw, successor=digest(b"next"))

    with pytest.raises(Stale, match="root"):
        roster.follows(MOMBASA.root, following)


def test_what_a_thief_of_the_old_roster_key_said_is_not_held_against_a_new_root() -> None:
    made, thief = settled(), settled()
    forged = thief.issue(thief.officer("of the thief"))
    held = thief.held(forged.number)
    later = MOMBASA.root.at + timedelta(seconds=1)
    again = replace(MOMBASA.root, roster=STRANGER.public.raw, at=later)
    head = made.issue(made.officer("19"), number=forged.number + 1)
    update = replace(
        made.full(),
        root=roster.sign_root(again, MOMBASA.root_key),
        heads=(roster.sign_head(head, STRANGER),),
    )

    state = take(held, update)

    assert state.root == again
    assert state.number == forged.number + 1
    with pytest.raises(Stale, match="root"):
        apply(state, thief.full(), root=state.root)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "characters"),
        ({"name": "Customs\nSent: yes"}, "characters"),
        ({"name": "Customs \u202eeciloP"}, "characters"),
        ({"name": "C" * 401}, "size"),
        ({"country": "ke"}, "country"),
        ({"roster": bytes(32)}, "key"),
        ({"type": "comity/root@2"}, "type"),
    ],
)
def test_a_root_that_cannot_be_used_or_shown_is_refused(change: Any, told: str) -> None:
    odd = roster.sign_root(replace(MOMBASA.root, **change), MOMBASA.root_key)

    with pytest.raises(Malformed) as caught:
        roster.read_root(odd)

    assert cause(caught) == f"untrusted.malformed.{told}"


def test_names_in_every_script_can_be_shown() -> None:
    for name in ("مصلحة الجمارك", "می‌خواهم", "Bàn chống buôn lậu", "海关总署", "ශ්‍රී ලංකා"):
        named = replace(MOMBASA.root, name=name)

        assert roster.read_root(roster.sign_root(named, MOMBASA.root_key)).name == name


# Heads


def test_a_head_that_another_key_signed_is_refused() -> None:
    head, _ = roster.read_head(MOMBASA.heads[0], MOMBASA.root)

    with pytest.raises(BadSignature):
        roster.read_head(roster.sign_head(head, STRANGER), MOMBASA.root)
    with pytest.raises(BadSignature):
        roster.read_head(MOMBASA.heads[0], HAI_PHONG.root)


def test_a_head_of_another_agency_is_refused_though_the_key_is_right() -> None:
    head, _ = roster.read_head(MOMBASA.heads[0], MOMBASA.root)
    other = roster.sign_head(replace(head, agency=HAI_PHONG.id), MOMBASA.roster_key)

    with pytest.raises(BadSignature, match="agency"):
        roster.read_head(other, MOMBASA.root)


def test_a_head_of_another_version_is_refused() -> None:
    head, _ = roster.read_head(MOMBASA.heads[0], MOMBASA.root)
    other = roster.sign_head(replace(head, type="comity/roster@2"), MOMBASA.roster_key)

    with pytest.raises(Malformed, match="type"):
        roster.read_head(other, MOMBASA.root)


# Entries


@given(entry=strategies.entries)
def test_every_entry_comes_back_as_it_was_written(entry: Entry) -> None:
    data = roster.entry_bytes(entry)

    assert roster.read_entry(data) == entry
    assert digest(data) == str(roster.entry_hash(entry))


@given(entry=strategies.entries, data=st.data())
def test_a_cut_or_changed_entry_is_refused_or_another_one(
    entry: Entry, data: st.DataObject
) -> None:
    written_ = roster.entry_bytes(entry)
    cut = written_[: data.draw(st.integers(0, len(written_) - 1))]
    at = data.draw(st.integers(0, len(written_) * 8 - 1))
    flipped = bytearray(written_)
    flipped[at // 8] ^= 1 << at % 8

    with pytest.raises(Malformed):
        roster.read_entry(cut)
    try:
        other = roster.read_entry(bytes(flipped))
    except Malformed:
        return
    assert roster.entry_hash(other) != roster.entry_hash(entry)


@pytest.mark.parametrize("audience", Audience)
def test_an_entry_of_a_type_that_we_do_not_know_is_kept_as_it_came(audience: Audience) -> None:
    data = b'{"agency":"a","audience":"%s","dogs":[1],"type":"comity/dog@2"}' % audience.encode()

    entry = roster.read_entry(data)

    assert isinstance(entry, OtherEntry)
    assert roster.entry_bytes(entry) == data
    assert roster.audience_of(entry) is audience


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"type":"comity/dog@1"}', "type"),
        (b'{"agency":"a","type":"comity/Dog@1"}', "entry-type"),
        (b'{"agency":"a","audience":"dogs","type":"comity/dog@1"}', "type"),
        (b'{"type":1}', "type"),
        (b"[]", "type"),
        (b'{"type":"comity/desk@1"}', "type"),
        (b'{"type": "comity/desk@1"}', "canonical"),
        (b'"' + b"a" * 40_000 + b'"', "size"),
    ],
)
def test_what_is_no_entry_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(Malformed) as caught:
        roster.read_entry(data)

    assert cause(caught) == f"untrusted.malformed.{told}"


def test_an_entry_with_a_field_of_tomorrow_is_refused() -> None:
    data = roster.entry_bytes(MOMBASA.node).replace(b'"tls"', b'"tlr":"","tls"')

    with pytest.raises(Malformed, match="canonical"):
        roster.read_entry(data)


# Updates


def test_a_full_copy_makes_the_roster_that_peers_see() -> None:
    state = take(None, MOMBASA.full())

    assert (state.agency, state.number, state.head) == (MOMBASA.id, 2, digest(MOMBASA.payload(1)))
    assert state.entries == shown_of(MOMBASA.sets[1])
    assert not state.lacking
    assert all(roster.audience_of(each) is Audience.PEERS for each in state.entries.values())


def test_a_difference_makes_the_same_roster_as_a_full_copy() -> None:
    assert take(MOMBASA.held(1), MOMBASA.difference(1)) == MOMBASA.held(2)


@st.composite
def histories(draw: st.DrawFn) -> Bureau:
    """Draw a bureau whose officers come, go and come back."""
    made = Bureau("mombasa")
    people: list[Entry] = [made.officer(str(i)) for i in range(4)]
    people += [made.desk("a"), made.officer("clerk", audience=Audience.HOME)]
    made.issue(made.node)
    for _ in range(draw(st.integers(1, 5))):
        there = set(made.sets[-1])
        moved = draw(st.sets(st.integers(0, len(people) - 1), max_size=4))
        chosen = [people[i] for i in sorted(moved)]
        made.issue(
            *(each for each in chosen if roster.entry_hash(each) not in there),
            end=[each for each in chosen if roster.entry_hash(each) in there],
        )
    return made


@given(made=histories(), data=st.data())
def test_whatever_way_a_peer_was_told_it_holds_the_same(made: Bureau, data: st.DataObject) -> None:
    last = len(made.heads)
    base = data.draw(st.integers(1, last - 1))
    middle = data.draw(st.integers(base, last))
    step = made.held(base)

    if middle > base:
        step = take(step, made.difference(base, middle), made)
    if last > middle:
        step = take(step, made.difference(middle, last), made)

    assert step == take(made.held(base), made.difference(base), made) == made.held(last)
    assert step == take(made.held(base), made.full(), made)


@settings(max_examples=30)
@given(made=histories(), data=st.data())
def test_entries_may_come_in_any_portions(made: Bureau, data: st.DataObject) -> None:
    whole = shown_of(made.sets[-1])
    first = data.draw(st.sets(st.sampled_from(sorted(whole))))
    state = take(None, made.full(entries=[made.node, *(whole[each] for each in first)]), made)

    while state.lacking:
        some = data.draw(st.sets(st.sampled_from(sorted(whole)), min_size=1))
        again = take(state, made.more([whole[each] for each in some]), made)
        assert again.lacking == state.lacking - some
        state = again

    assert state == made.held()


@given(made=histories(), data=st.data())
def test_a_peer_that_lacks_entries_can_go_on_to_the_next_number(
    made: Bureau, data: st.DataObject
) -> None:
    base = data.draw(st.integers(1, len(made.heads) - 1))
    part = take(None, made.full(base, entries=[made.node]), made)

    state = take(part, made.difference(base), made)
    after = take(state, made.more(shown_of(made.sets[-1]).values()), made)

    assert state.hashes == made.held().hashes
    assert after == made.held()


def test_lacking_entries_come_with_a_full_copy_of_the_same_number_too() -> None:
    part = take(None, MOMBASA.full(entries=[MOMBASA.node]))

    assert len(part.lacking) == 4
    assert take(part, MOMBASA.full()) == MOMBASA.held()


@pytest.mark.parametrize("kind", ["full", "difference"])
def test_a_cut_or_flipped_update_is_refused_at_every_byte(kind: str) -> None:
    made = Bureau("mombasa")
    made.issue(made.node)
    made.issue(made.mandate())
    held = made.held(1)
    data = write_update(made.full() if kind == "full" else made.difference(1))

    def arrives(changed: bytes) -> None:
        with pytest.raises(Untrusted):
            apply(held, read_update(changed), root=made.root)

    for at in range(0, len(data), 7):
        arrives(data[:at])
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        arrives(bytes(flipped))


@settings(max_examples=200)
@given(data=st.data())
def test_a_flipped_bit_never_passes(data: st.DataObject) -> None:
    bytes_ = write_update(MOMBASA.full())
    at = data.draw(st.integers(0, len(bytes_) * 8 - 1))
    flipped = bytearray(bytes_)
    flipped[at // 8] ^= 1 << at % 8

    with pytest.raises(Untrusted):
        apply(None, read_update(bytes(flipped)), root=MOMBASA.root)


def test_an_older_number_is_refused_as_current() -> None:
    held = MOMBASA.held(2)

    assert refused(held, MOMBASA.full(1)) == "untrusted.stale.rolled-back"
    assert refused(held, MOMBASA.full(2)) == "untrusted.stale.rolled-back"
    assert refused(held, MOMBASA.difference(1)) == "untrusted.stale.rolled-back"


def test_a_difference_from_a_number_that_is_not_held_is_refused() -> None:
    made = settled()
    made.issue(made.officer("19"))

    assert refused(made.held(1), made.difference(2)) == "untrusted.stale.base"
    assert refused(made.held(2), made.difference(1)) == "untrusted.stale.base"
    assert refused(None, made.difference(2)) == "untrusted.stale.base"


def test_more_of_a_number_that_is_not_held_is_refused() -> None:
    assert refused(None, MOMBASA.more([MOMBASA.node])) == "untrusted.stale.base"
    assert refused(MOMBASA.held(1), MOMBASA.more([MOMBASA.node])) == "untrusted.stale.base"


def test_a_roster_of_another_agency_is_refused() -> None:
    assert refused(None, HAI_PHONG.full()) == "untrusted.signature.agency"
    assert refused(None, replace(HAI_PHONG.full(), agency=MOMBASA.id)).startswith(
        "untrusted.signature"
    )


def test_two_heads_under_one_number_are_two_bodies() -> None:
    held = MOMBASA.held(2)
    other = settled()
    other.heads.pop(), other.sets.pop()
    other.issue(other.officer("21"))

    assert refused(held, other.full()) == "untrusted.two-bodies.roster"


def test_a_number_on_top_of_another_history_is_two_bodies() -> None:
    held = MOMBASA.held(2)
    other = settled()
    other.heads.pop(), other.sets.pop()
    other.issue(other.officer("21"))
    other.issue(other.officer("22"))

    assert refused(held, other.full()) == "untrusted.two-bodies.roster"
    assert refused(held, other.difference(2)) == "untrusted.two-bodies.roster"


def test_heads_that_do_not_name_one_another_are_two_bodies() -> None:
    made = settled()
    made.issue(made.officer("19"), previous=digest(b"another"))

    assert refused(made.held(1), made.difference(1)) == "untrusted.two-bodies.roster"


def test_a_successor_root_brings_its_own_roster_key() -> None:
    held = MOMBASA.held(2)
    following = replace(MOMBASA.root, root=MOMBASA.next_key.public.raw, roster=STRANGER.public.raw)
    made = settled()
    head = made.issue(made.officer("19"))
    update = replace(
        made.full(),
        root=roster.sign_root(following, MOMBASA.next_key),
        heads=(roster.sign_head(head, STRANGER),),
    )

    assert take(held, update).root == following
    assert refused(held, replace(update, root=MOMBASA.signed_root)) == "untrusted.signature.absent"
    assert refused(held, replace(update, root=HAI_PHONG.signed_root)) == "untrusted.signature.root"


def test_heads_with_a_gap_are_refused() -> None:
    made = settled()
    made.issue(made.officer("19"), number=4)

    assert refused(made.held(1), made.difference(1)) == "untrusted.malformed.roster"


def test_a_difference_that_begins_later_than_it_says_is_refused() -> None:
    made = settled()
    made.issue(made.officer("19"))
    late = replace(made.difference(1), heads=(made.heads[2],))

    assert refused(made.held(1), late) == "untrusted.malformed.roster"


def test_an_entry_that_the_head_does_not_name_is_refused() -> None:
    smuggled = MOMBASA.officer("mole")
    full = MOMBASA.full()

    assert refused(None, replace(full, entries=(*full.entries, *written([smuggled])))) == (
        "untrusted.differs.entry"
    )
    assert refused(MOMBASA.held(2), MOMBASA.more([smuggled])) == "untrusted.differs.entry"


def test_a_set_that_is_not_the_heads_is_refused() -> None:
    whole = shown_of(MOMBASA.sets[1])
    mole = MOMBASA.officer("mole")
    more = roster.write_hashes([*whole, roster.entry_hash(mole)])
    less = roster.write_hashes(sorted(whole)[1:])

    assert refused(None, replace(MOMBASA.full(), added=more)) == "untrusted.differs.roster"
    assert refused(None, replace(MOMBASA.full(), added=less, entries=())) == (
        "untrusted.differs.roster"
    )


def test_what_is_added_was_not_there_and_what_is_removed_was() -> None:
    held = MOMBASA.held(1)
    there = roster.write_hashes([roster.entry_hash(MOMBASA.node)])
    difference = MOMBASA.difference(1)

    assert refused(held, replace(difference, added=there)) == "untrusted.differs.roster"
    assert refused(
        held, replace(difference, removed=roster.write_hashes([CertificateHash(digest(b"x"))]))
    ) == ("untrusted.differs.roster")


def signed_set(*entries: Entry, by: Bureau = MOMBASA) -> RosterUpdate:
    """Return a full copy that commits to *entries* as if all were for peers."""
    made = Bureau(by.word)
    now = {roster.entry_hash(each): each for each in entries}
    made.say(now, peers_root=entries_root(now))
    return replace(made.full(), added=roster.write_hashes(now), entries=written(now.values()))


def test_an_entry_for_home_is_refused_from_a_peer_though_it_was_signed_for_peers() -> None:
    clerk = MOMBASA.officer("clerk", audience=Audience.HOME)

    assert refused(None, signed_set(MOMBASA.node, clerk)) == "untrusted.differs.entry"


def test_an_entry_of_another_agency_is_refused_though_it_was_signed() -> None:
    theirs = HAI_PHONG.officer("17")

    assert refused(None, signed_set(MOMBASA.node, theirs)) == "untrusted.differs.entry"


def test_a_roster_without_a_node_is_refused() -> None:
    assert refused(None, signed_set(MOMBASA.officer("17"))) == "untrusted.malformed.roster-node"
    assert refused(None, MOMBASA.full(entries=[])) == "untrusted.malformed.roster-node"


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (MOMBASA.officer("17", signing=bytes(32)), "key"),
        (MOMBASA.officer("17", signing=b"short"), "key"),
        (MOMBASA.officer("17", reading="age1pq1nonsense"), None),
        (MOMBASA.officer("17", storage=""), None),
        (MOMBASA.officer("17", name="A\x1b[2J"), "characters"),
        (MOMBASA.officer("17", label="x" * 401), "size"),
        (MOMBASA.desk("Desk", reading="age1pq1nonsense"), None),
        (MOMBASA.desk("Desk\u2028"), "characters"),
        (MOMBASA.mandate("Act \u2066"), "characters"),
        (MOMBASA.revocation(MOMBASA.node, reason="a\nb"), "characters"),
        (MOMBASA.recovery(recipient="age1pq1nonsense"), None),
        (replace(MOMBASA.node, carrier=bytes(32)), "key"),
        (replace(MOMBASA.node, witness=b""), "key"),
        (replace(MOMBASA.node, ledger_quantum=b"x"), "key"),
        (replace(MOMBASA.node, parcel="age1"), None),
        (replace(MOMBASA.node, tls="00"), "address"),
        (replace(MOMBASA.node, address="ftp://x"), "address"),
        (replace(MOMBASA.node, address="http://x y"), "address"),
        (replace(MOMBASA.node, address="http://customs.example"), "address"),
        (replace(MOMBASA.node, address="https://[::1"), "address"),
        (replace(MOMBASA.node, origin="comity/other/1"), "origin"),
        (replace(MOMBASA.node, origin=HAI_PHONG.node.origin), "origin"),
    ],
)
def test_an_entry_that_cannot_be_used_or_shown_is_refused_at_the_door(
    odd: Entry, told: str | None
) -> None:
    found = refused(None, signed_set(MOMBASA.node, odd))

    assert found.startswith(f"untrusted.malformed.{told or ''}")


def test_a_node_that_nobody_can_call_is_sound() -> None:
    silent = replace(MOMBASA.node, address="", tls="", origin="")

    assert take(None, signed_set(silent, MOMBASA.revocation(MOMBASA.node))).entries


def test_peers_are_told_of_a_recovery() -> None:
    told = take(None, signed_set(MOMBASA.node, MOMBASA.recovery()))

    assert MOMBASA.recovery() in told.entries.values()


def shape(change: Callable[[RosterUpdate], RosterUpdate], of: RosterUpdate) -> bytes:
    return write_update(change(of))


@pytest.mark.parametrize(
    ("of", "change", "told"),
    [
        ("full", {"root": b""}, "roster"),
        ("full", {"heads": ()}, "roster"),
        ("full", {"heads": MOMBASA.heads}, "roster"),
        ("full", {"removed": bytes(32)}, "roster"),
        ("full", {"base": -1}, "roster"),
        ("difference", {"root": MOMBASA.signed_root}, "roster"),
        ("difference", {"heads": (), "removed": bytes(32), "added": b""}, "roster"),
        ("difference", {"heads": ()}, "roster"),
        ("more", {"base": -1}, "roster"),
        ("more", {"root": MOMBASA.signed_root}, "roster"),
        ("more", {"type": "comity/roster-update@2"}, "type"),
        ("difference", {"heads": MOMBASA.heads * 33}, "size"),
        ("more", {"entries": (b"",) * 3001}, "size"),
        ("more", {"entries": (b"x" * 500_000,)}, "size"),
    ],
)
def test_an_update_is_a_full_copy_a_difference_or_more_and_nothing_else(
    of: str, change: Any, told: str
) -> None:
    kinds = {
        "full": MOMBASA.full(),
        "difference": MOMBASA.difference(1),
        "more": MOMBASA.more([MOMBASA.node]),
    }
    with pytest.raises(Malformed) as caught:
        read_update(write_update(replace(kinds[of], **change)))

    assert cause(caught) == f"untrusted.malformed.{told}"


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        bytes(33),
        bytes(64),
        b"b" * 32 + b"a" * 32,
        b"".join(i.to_bytes(32, "big") for i in range(3001)),
    ],
)
def test_digests_that_do_not_ascend_or_are_too_many_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="hashes"):
        roster.read_hashes(data)


@given(some=st.sets(strategies.certificates))
def test_digests_come_back_as_they_were_written(some: set[CertificateHash]) -> None:
    assert roster.read_hashes(roster.write_hashes(some)) == some


def test_a_head_passes_for_nothing_else() -> None:
    head = dsse.sign(canonical.encode(MOMBASA.root), [MOMBASA.roster_key])

    assert refused(None, replace(MOMBASA.full(), heads=(head,))).startswith("untrusted.malformed")


def test_the_state_does_not_show_its_entries() -> None:
    assert "officer" not in repr(MOMBASA.held())
    assert MOMBASA.held().agency == AgencyId(MOMBASA.id)
    assert MOMBASA.held().issued > AT


# Roots that came one after the other


def _third() -> tuple[SigningKey, SigningKey, tuple[bytes, ...]]:
    """Return the key of Mombasa's third root, its roster key, and all three roots, signed."""
    third, keys = SigningKey(seed("mombasa third root")), SigningKey(seed("third roster"))
    second = replace(
        MOMBASA.root, root=MOMBASA.next_key.public.raw, successor=digest(third.public.raw)
    )
    last = replace(second, root=third.public.raw, roster=keys.public.raw, successor=digest(b"4"))
    signed = (
        MOMBASA.signed_root,
        roster.sign_root(second, MOMBASA.next_key),
        roster.sign_root(last, third),
    )
    return third, keys, signed


def test_who_missed_a_root_is_told_of_every_one_since() -> None:
    _, keys, (first, second, last) = _third()
    made = settled()
    head = made.issue(made.officer("19"))
    update = replace(
        made.full(), root=last, earlier=(first, second), heads=(roster.sign_head(head, keys),)
    )

    assert take(MOMBASA.held(2), update).root == roster.read_root(last)
    assert (
        apply(
            take(MOMBASA.held(2), update),
            update_of(made, keys, head.number),
            root=(roster.read_root(last)),
        ).number
        == head.number + 1
    )
    assert refused(MOMBASA.held(2), replace(update, earlier=())) == "untrusted.signature.root"
    assert (
        refused(MOMBASA.held(2), replace(update, earlier=(second, first))) == "untrusted.stale.root"
    )
    twice = refused(MOMBASA.held(2), replace(update, earlier=(first, first, second)))
    assert twice == "untrusted.malformed.roster"


def update_of(made: Bureau, keys: SigningKey, base: int) -> RosterUpdate:
    """Return the next number, issued with *keys*."""
    head = made.issue(made.officer("20"))
    return replace(made.difference(base), heads=(roster.sign_head(head, keys),))


def test_what_an_older_issue_of_a_root_said_does_not_matter_once_its_successor_came() -> None:
    _, keys, (first, second, last) = _third()
    again = replace(MOMBASA.root, at=MOMBASA.root.at + timedelta(days=1))
    made = settled()
    head = made.issue(made.officer("19"))
    update = replace(
        made.full(), root=last, earlier=(first, second), heads=(roster.sign_head(head, keys),)
    )

    assert apply(MOMBASA.held(2), update, root=again).root == roster.read_root(last)


def test_there_are_not_more_roots_than_an_agency_ever_has() -> None:
    many = (MOMBASA.signed_root,) * (roster.ROOTS_LIMIT + 1)

    assert refused(None, replace(MOMBASA.full(), earlier=many)) == "untrusted.malformed.size"
    difference = replace(MOMBASA.difference(1), earlier=many[:1])
    assert refused(MOMBASA.held(1), difference) == "untrusted.malformed.size"


def test_a_head_is_read_under_the_root_whose_key_signed_it() -> None:
    _, keys, signed = _third()
    roots = [roster.read_root(each) for each in signed]
    made = settled()
    head = made.issue(made.officer("19"))

    assert roster.read_head_under(made.heads[0], roots)[2] == 2  # the first two name one key
    assert roster.read_head_under(roster.sign_head(head, keys), roots)[2] == 3
    with pytest.raises(BadSignature, match="absent"):
        roster.read_head_under(roster.sign_head(head, STRANGER), roots)
    with pytest.raises(BadSignature, match="unknown"):
        roster.read_head_under(made.heads[0], ())
