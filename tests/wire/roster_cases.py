# SPDX-License-Identifier: Apache-2.0
"""The vectors of roots, entries, roster updates and invitations; good ones and bad ones.

Nothing here is sealed, so all of it comes out the same each time.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.wire.bureau import AT, Bureau, seed, settled, written
from tests.wire.signed_cases import FORGED, OK, Case, changed, malformed
from tests.wire.tale import text_of

from comity.crypto import dsse
from comity.crypto.signing import SigningKey
from comity.domain.ids import CertificateHash, NodeId, digest
from comity.domain.roster import (
    Audience,
    Entry,
    NamedWitness,
    Root,
    WitnessesEntry,
    entries_root,
)
from comity.wire import canonical, invite, roster
from comity.wire.invite import Invitation
from comity.wire.roster import RosterState, RosterUpdate

MOMBASA = settled()
HAI_PHONG = settled("hai phong", "VN")
STRANGER = SigningKey(seed("stranger"))
BEFORE = SigningKey(seed("mombasa root before"))
LATER = MOMBASA.root.at + timedelta(days=1)
EARLIER = MOMBASA.root.at - timedelta(days=1)
DIFFERS = "untrusted.differs"
STALE = "untrusted.stale"
FORK = "untrusted.two-bodies.roster"


def rosters() -> Iterator[tuple[str, Case]]:
    yield from roots()
    yield from successions()
    yield from entries()
    yield from updates()
    yield from invitations()


# Roots


def roots() -> Iterator[tuple[str, Case]]:
    good = canonical.encode(MOMBASA.root)
    yield (
        "root",
        {**root("signed by its own key, from which the id follows", OK, good), "says": said(good)},
    )
    spelled = root("named in another script", OK, _root(name="مصلحة الجمارك"))
    yield "root-arabic", {**spelled, "says": said(_root(name="مصلحة الجمارك"))}
    for name, about, payload, outcome in (
        ("id-of-another", "under another agency's id", _root(agency=HAI_PHONG.id), f"{FORGED}.root"),
        ("without-name", "without a name", _root(name=" "), malformed("characters")),
        ("line-break", "with a line break in the name", _root(name="Customs\nof Mombasa"), malformed("characters")),
        ("turned", "with a name that turns what stands beside it", _root(name="Customs \u202e"), malformed("characters")),
        ("long-name", "with a name of 401 characters", _root(name="C" * 401), malformed("size")),
        ("country", "of a country in small letters", _root(country="ke"), malformed("country")),
        ("roster-key", "naming a roster key of small order", _root(roster=bytes(32)), malformed("key")),
        ("short-key", "naming a roster key of 31 bytes", changed(good, *_b64("roster", MOMBASA.root.roster, 31)), malformed("type")),
        ("version", "of another version", _root(type="comity/root@2"), malformed("type")),
        ("unknown-field", "with a field of tomorrow", changed(good, '"type"', '"trust":"","type"'), malformed("canonical")),
        ("kind", "of a kind that there is not", changed(good, '"agency","name"', '"gang","name"'), malformed("type")),
    ):  # fmt: skip
        yield f"bad-root-{name}", root(about, outcome, payload)
    yield (
        "bad-root-another-key",
        root("signed by another key", f"{FORGED}.absent", good, key=STRANGER),
    )


def root(about: str, outcome: str, payload: bytes, key: SigningKey = MOMBASA.root_key) -> Case:
    signed = dsse.sign(payload, [key]).decode()
    return {"about": about, "outcome": outcome, "kind": "root", "dsse": signed}


def _root(**change: Any) -> bytes:
    return canonical.encode(replace(MOMBASA.root, **change))


def _b64(name: str, value: bytes, cut: int) -> tuple[str, str]:
    """Return a member of bytes, and the same member with its first *cut* bytes alone."""
    whole, short = canonical.encode({name: value}), canonical.encode({name: value[:cut]})
    return whole[1:-1].decode(), short[1:-1].decode()


def said(payload: bytes) -> Any:
    return json.loads(payload)


def successions() -> Iterator[tuple[str, Case]]:
    following = _following()
    again = replace(MOMBASA.root, roster=following.roster, at=LATER)
    for name, about, after, key, outcome in (
        ("succession", "the successor that the root before named", following, MOMBASA.next_key, OK),
        ("succession-again", "the same root, later, with another roster key", again, MOMBASA.root_key, OK),
        ("bad-succession-earlier", "the same root, earlier", replace(again, at=EARLIER), MOMBASA.root_key, f"{STALE}.root"),
        ("bad-succession-same-time", "the same root, at the same time, with another roster key", replace(again, at=MOMBASA.root.at), MOMBASA.root_key, "untrusted.two-bodies.root"),
        ("bad-succession-renamed", "the same root, with another successor", replace(again, successor=digest(STRANGER.public.raw)), MOMBASA.root_key, f"{FORGED}.successor"),
        ("bad-succession-before", "the root before", _before(), BEFORE, f"{STALE}.root"),
        ("bad-succession-unnamed", "a key that nobody named", replace(following, root=STRANGER.public.raw), STRANGER, f"{FORGED}.root"),
        ("bad-succession-agency", "the named key, for another agency", replace(following, agency=HAI_PHONG.id), MOMBASA.next_key, f"{FORGED}.root"),
    ):  # fmt: skip
        yield (
            name,
            {
                "about": about,
                "outcome": outcome,
                "kind": "succession",
                "before": MOMBASA.signed_root.decode(),
                "after": roster.sign_root(after, key).decode(),
            },
        )


def _before() -> Root:
    """Return a root that named Mombasa's: the one that Mombasa's took the place of."""
    successor = digest(MOMBASA.root_key.public.raw)
    return replace(MOMBASA.root, root=BEFORE.public.raw, successor=successor)


def _following() -> Root:
    key = SigningKey(seed("mombasa second roster"))
    return replace(MOMBASA.root, root=MOMBASA.next_key.public.raw, roster=key.public.raw)


# Entries


WITNESSES = WitnessesEntry(
    agency=MOMBASA.id,
    threshold=2,
    witnesses=(
        NamedWitness(node=NodeId("a" * 26), key=bytes([1]) * 32),
        NamedWitness(node=NodeId("b" * 26), key=bytes([2]) * 32),
    ),
    compared=True,
    begins=AT,
    ends=AT,
)


def entries() -> Iterator[tuple[str, Case]]:
    officer = MOMBASA.officer("17", name="Nguyễn Văn A")
    for name, entry in (
        ("officer", officer),
        ("desk", MOMBASA.desk("Port desk", oversight=True)),
        ("node", MOMBASA.node),
        ("mandate", MOMBASA.mandate()),
        ("successor", MOMBASA.successor("17", "18")),
        ("restart", MOMBASA.restart(3)),
        ("revocation", MOMBASA.revocation(officer, compromised_since="2026-11-01T00:00:00Z")),
        ("recovery", MOMBASA.recovery()),
        ("witnesses", WITNESSES),
    ):
        data = roster.entry_bytes(entry)
        case = entry_case(f"a {name}", OK, data)
        yield f"entry-{name}", {**case, "hash": roster.entry_hash(entry)}
    data = changed(roster.entry_bytes(MOMBASA.mandate()), "mandate@1", "mandate@2")
    told = entry_case("a type of tomorrow, kept as it came", OK, data)
    yield "entry-unknown", {**told, "hash": digest(data)}
    shared = roster.entry_bytes(MOMBASA.recovery())
    good, named = roster.entry_bytes(MOMBASA.revocation(officer)), roster.entry_bytes(WITNESSES)
    for name, about, data, cause in (
        ("recovery-alone", "a recovery that one holder opens alone", changed(shared, '"needed":3', '"needed":1'), "type"),
        ("recovery-never", "a recovery that needs more holders than there are", changed(shared, '"needed":3', '"needed":6'), "type"),
        ("recovery-many", "a recovery with 17 holders", changed(shared, '"holders":5', '"holders":17'), "type"),
        ("recovery-number", "a recovery with number 0", changed(shared, '"number":1', '"number":0'), "type"),
        ("type", "of a type that is none", changed(good, "comity/revocation@1", "Revocation"), "entry-type"),
        ("no-object", "a list", b"[]", "type"),
        ("truncated", "without its last byte", good[:-1], "syntax"),
        ("white-space", "a space behind a colon", changed(good, '"reason":', '"reason": '), "canonical"),
        ("duplicate-key", "one key twice", changed(good, '"reason":"left"', '"reason":"left","reason":"left"'), "canonical"),
        ("unknown-field", "with a field of tomorrow", changed(good, '"type"', '"trust":"","type"'), "canonical"),
        ("missing-field", "without a field that may be empty", changed(good, '"compromised_since":"",', ""), "type"),
        ("null", "a null", changed(good, '""', "null"), "null"),
        ("zone", "a time in another zone", changed(good, "07:40:00Z", "10:40:00+03:00"), "type"),
        ("certificate", "a digest of another form", changed(good, roster.entry_hash(officer), "42"), "type"),
        ("witness-twice", "one witness twice", changed(named, f'"node":"{"b" * 26}"', f'"node":"{"a" * 26}"'), "type"),
        ("witness-key", "a witness with half a key", changed(named, text_of(bytes([1]) * 32), text_of(bytes(16))), "type"),
        ("threshold-high", "three of two witnesses", changed(named, '"threshold":2', '"threshold":3'), "type"),
        ("threshold-none", "none of two witnesses", changed(named, '"threshold":2', '"threshold":0'), "type"),
    ):  # fmt: skip
        yield f"bad-entry-{name}", entry_case(about, malformed(cause), data)


def entry_case(about: str, outcome: str, data: bytes) -> Case:
    return {"about": about, "outcome": outcome, "kind": "entry", "entry": data.decode()}


# Updates

SMALL = Bureau("mombasa")
"""Four numbers: a node; a mandate; another in its place; a revocation."""
FIRST = SMALL.mandate("Customs Act, section 9")
SECOND = SMALL.mandate("Customs Act, section 10")
SMALL.issue(SMALL.node)
SMALL.issue(FIRST)
SMALL.issue(SECOND, end=[FIRST])
SMALL.issue(SMALL.revocation(FIRST))


def updates() -> Iterator[tuple[str, Case]]:
    yield from good_updates()
    yield from rolled_back()
    yield from forks()
    yield from smuggled()
    yield from misshapen()


def good_updates() -> Iterator[tuple[str, Case]]:
    part = SMALL.full(2, entries=[SMALL.node])
    key = SigningKey(seed("mombasa second roster"))
    head, _ = roster.read_head(SMALL.heads[3], SMALL.root)
    changed_root = replace(
        SMALL.full(),
        root=roster.sign_root(_following(), SMALL.next_key),
        heads=(roster.sign_head(head, key),),
    )
    for name, about, held, update in (
        ("full", "a full copy for who holds nothing", (), SMALL.full()),
        ("full-later", "a full copy for who is far behind", (SMALL.full(1),), SMALL.full()),
        ("difference", "from one number to the next", (SMALL.full(2),), SMALL.difference(2, 3)),
        ("difference-of-three", "over three numbers", (SMALL.full(1),), SMALL.difference(1)),
        ("nothing-changed", "the next number, with nothing new", (SMALL.full(2),), _same_again()),
        ("part", "a full copy of which one entry is to follow", (), part),
        ("more", "the entry that lacked", (part,), SMALL.more([FIRST], base=2)),
        ("more-held", "an entry that is held already", (part,), SMALL.more([SMALL.node], base=2)),
        ("part-again", "the same number in full", (part,), SMALL.full(2)),
        ("next-while-lacking", "the next number, the lacking entry gone", (part,), SMALL.difference(2, 3)),
        ("successor", "a full copy under the root's successor", (SMALL.full(3),), changed_root),
    ):  # fmt: skip
        yield name, update_case(about, held, update)


def _same_again() -> RosterUpdate:
    made = Bureau(SMALL.word, heads=SMALL.heads[:2], sets=SMALL.sets[:2])
    made.issue()
    return made.difference(2)


def rolled_back() -> Iterator[tuple[str, Case]]:
    for name, about, held, update, outcome in (
        ("rolled-back", "an older number", (SMALL.full(3),), SMALL.full(2), f"{STALE}.rolled-back"),
        ("again", "the number that is held", (SMALL.full(3),), SMALL.full(3), f"{STALE}.rolled-back"),
        ("base-older", "a difference from an older number", (SMALL.full(2),), SMALL.difference(1), f"{STALE}.base"),
        ("base-newer", "a difference from a number that is not held", (SMALL.full(1),), SMALL.difference(2), f"{STALE}.base"),
        ("base-of-nothing", "a difference for who holds nothing", (), SMALL.difference(2), f"{STALE}.base"),
        ("more-of-another", "more of another number", (SMALL.full(1),), SMALL.more([FIRST], base=2), f"{STALE}.base"),
    ):  # fmt: skip
        yield f"bad-{name}", update_case(about, held, update, outcome)


def forks() -> Iterator[tuple[str, Case]]:
    other = Bureau(SMALL.word, heads=SMALL.heads[:1], sets=SMALL.sets[:1])
    other.issue(SECOND)
    other.issue(SMALL.revocation(SECOND))
    torn = Bureau(SMALL.word, heads=SMALL.heads[:2], sets=SMALL.sets[:2])
    torn.issue(SECOND, previous=digest(b"another history"))
    gap = Bureau(SMALL.word, heads=SMALL.heads[:2], sets=SMALL.sets[:2])
    gap.issue(SECOND, number=4)
    late = replace(SMALL.difference(1, 3), heads=(SMALL.heads[2],))
    for name, about, held, update, outcome in (
        ("fork", "another head under the number that is held", (SMALL.full(2),), other.full(2), FORK),
        ("fork-next", "the next number of another history", (SMALL.full(2),), other.full(3), FORK),
        ("fork-difference", "a difference from another history", (SMALL.full(2),), other.difference(2), FORK),
        ("fork-inside", "heads that do not name one another", (SMALL.full(1),), torn.difference(1), FORK),
        ("gap", "heads with a number left out", (SMALL.full(1),), gap.difference(1), malformed("roster")),
        ("late", "heads that begin later than it says", (SMALL.full(1),), late, malformed("roster")),
    ):  # fmt: skip
        yield f"bad-{name}", update_case(about, held, update, outcome)


def smuggled() -> Iterator[tuple[str, Case]]:
    full, node = SMALL.full(), SMALL.node
    mole, clerk = SMALL.officer("mole"), SMALL.officer("clerk", audience=Audience.HOME)
    head, _ = roster.read_head(SMALL.heads[3], SMALL.root)
    forged = (roster.sign_head(head, STRANGER),)
    unnamed = replace(SMALL.root, root=STRANGER.public.raw)
    x = roster.write_hashes([CertificateHash(digest(b"x"))])
    for name, about, held, update, outcome in (
        ("forged-head", "a head that another key signed", (), replace(full, heads=forged), f"{FORGED}.absent"),
        ("another-agency", "another agency's roster", (), HAI_PHONG.full(1), f"{FORGED}.agency"),
        ("another-root", "another agency's root", (), replace(full, root=HAI_PHONG.signed_root), f"{FORGED}.root"),
        ("unnamed-root", "a root that nobody named", (), replace(full, root=roster.sign_root(unnamed, STRANGER)), f"{FORGED}.root"),
        ("entry-more", "an entry that the head does not name", (), replace(full, entries=(*full.entries, *written([mole]))), f"{DIFFERS}.entry"),
        ("entry-in-more", "more, which the head does not name", (full,), SMALL.more([mole]), f"{DIFFERS}.entry"),
        ("named-more", "a digest more than the head names", (), replace(full, added=x), f"{DIFFERS}.roster"),
        ("added-twice", "added what was there", (SMALL.full(1),), replace(SMALL.difference(1), added=roster.write_hashes([roster.entry_hash(node)])), f"{DIFFERS}.roster"),
        ("removed-unknown", "removed what was not there", (SMALL.full(1),), replace(SMALL.difference(1), removed=x), f"{DIFFERS}.roster"),
        ("home", "an entry for home, though signed for peers", (), committed(node, clerk), f"{DIFFERS}.entry"),
        ("foreign", "an entry of another agency, though signed", (), committed(node, HAI_PHONG.mandate()), f"{DIFFERS}.entry"),
        ("without-node", "without the node that houses it", (), committed(FIRST), malformed("roster-node")),
        ("key", "a carrier key of small order", (), committed(replace(node, carrier=bytes(32))), malformed("key")),
        ("recipient", "a parcel key that is none", (), committed(replace(node, parcel="age1pq1")), malformed("bech32")),
        ("origin", "the ledger of another node", (), committed(replace(node, origin=HAI_PHONG.node.origin)), malformed("origin")),
        ("address", "an address that is none", (), committed(replace(node, address="ftp://x")), malformed("address")),
        ("text", "a mandate with a line break", (), committed(node, SMALL.mandate("Act\n9")), malformed("characters")),
    ):  # fmt: skip
        yield f"bad-{name}", update_case(about, held, update, outcome)


def committed(*entries_: Entry) -> RosterUpdate:
    """Return a full copy whose head commits to *entries_* as if all were for peers."""
    made = Bureau(SMALL.word)
    now = {roster.entry_hash(each): each for each in entries_}
    made.say(now, peers_root=entries_root(now))
    return replace(made.full(), added=roster.write_hashes(now), entries=written(entries_))


def misshapen() -> Iterator[tuple[str, Case]]:
    full, more = SMALL.full(), SMALL.more([FIRST])
    two = roster.write_hashes([roster.entry_hash(each) for each in (SMALL.node, FIRST)])
    for name, about, update, cause in (
        ("full-without-root", "a full copy without a root", replace(full, root=b""), "roster"),
        ("full-two-heads", "a full copy with two heads", replace(full, heads=full.heads * 2), "roster"),
        ("full-removed", "a full copy that removes", replace(full, removed=bytes(32)), "roster"),
        ("difference-root", "a difference with a root", replace(SMALL.difference(2), root=full.root), "roster"),
        ("more-added", "more that names what is new", replace(more, added=bytes(32)), "roster"),
        ("negative-base", "a base below nothing", replace(more, base=-1), "roster"),
        ("version", "of another version", replace(more, type="comity/roster-update@2"), "type"),
        ("digest-short", "a digest of 31 bytes", replace(full, added=two[:-1]), "hashes"),
        ("digests-descend", "digests that do not ascend", replace(full, added=two[32:] + two[:32]), "hashes"),
        ("digest-twice", "one digest twice", replace(full, added=two[:32] * 2), "hashes"),
    ):  # fmt: skip
        yield f"bad-{name}", update_case(about, (), update, malformed(cause))


def update_case(
    about: str, held: tuple[RosterUpdate, ...], update: RosterUpdate, outcome: str = OK
) -> Case:
    case = {
        "about": about,
        "outcome": outcome,
        "kind": "update",
        "root": SMALL.signed_root.decode(),
        "held": [roster.write_update(each).decode() for each in held],
        "update": roster.write_update(update).decode(),
    }
    if outcome != OK:
        return case
    state: RosterState | None = None
    for each in (*held, update):
        state = roster.apply(state, each, root=SMALL.root)
    return {**case, "says": told(state)}


def told(state: RosterState | None) -> Any:
    """Return *state* as a vector tells it."""
    assert state is not None
    return {
        "number": state.number,
        "head": state.head,
        "entries": sorted(state.entries),
        "lacking": sorted(state.lacking),
    }


# Invitations


def invitations() -> Iterator[tuple[str, Case]]:
    good = invite.write(Invitation(roster=SMALL.full(2), practice=False), SMALL.roster_key)
    wrapped = "\n".join(f"> {line}" for line in good.splitlines())
    mail = f"Dear colleague,\n\n{good}\nWith kind regards"
    for name, about, text in (
        ("invitation", "as it is written", good),
        ("invitation-in-a-mail", "between other lines", mail),
        ("invitation-quoted", "quoted by a mail program", wrapped),
    ):
        yield name, invitation(about, text, says=told(SMALL.held(2)))
    stolen = replace(HAI_PHONG.root, agency=SMALL.id)
    root_ = roster.sign_root(stolen, HAI_PHONG.root_key)
    full = replace(SMALL.full(1), root=root_)
    lines = good.splitlines()
    for name, about, text, outcome in (
        ("another-key", "signed by another key", invite.write(Invitation(roster=SMALL.full(2), practice=False), STRANGER), f"{FORGED}.absent"),
        ("root", "the root of a key that does not give the id", invite.write(Invitation(roster=full, practice=False), HAI_PHONG.roster_key), f"{FORGED}.root"),
        ("difference", "with a difference", invite.write(Invitation(roster=SMALL.difference(1, 2), practice=False), SMALL.roster_key), malformed("roster")),
        ("version", "of another version", invite.write(Invitation(type="comity/invitation@2", roster=SMALL.full(1), practice=False), SMALL.roster_key), malformed("type")),
        ("no-end", "without its last line", "\n".join(lines[:-1]), malformed("armour")),
        ("no-begin", "without its first line", "\n".join(lines[1:]), malformed("armour")),
        ("twice", "two of them", good + good, malformed("armour")),
        ("line-lost", "with a line lost", "\n".join(lines[:3] + lines[4:]), malformed("dsse")),
        ("letter", "with a letter that is no base64", good.replace(lines[3], "?" + lines[3][1:]), malformed("armour")),
        ("empty", "nothing between its lines", f"{lines[0]}\n{lines[-1]}\n", malformed("dsse")),
    ):  # fmt: skip
        yield f"bad-invitation-{name}", invitation(about, text, outcome)


def invitation(about: str, text: str, outcome: str = OK, **more: Any) -> Case:
    return {"about": about, "outcome": outcome, "kind": "invitation", "text": text, **more}
