# SPDX-License-Identifier: Apache-2.0
"""The vectors of notices: what one node tells another besides dockets; good ones and bad ones."""

from collections.abc import Iterator
from datetime import timedelta

from tests.wire import tale
from tests.wire.signed_cases import FORGED, OK, Case, changed, malformed, signed
from tests.wire.tale import AMINA, CARRIER

from comity.domain.compared import CommonTags, ConsistencyAsked, ConsistencyShown, SeenNotes, tag
from comity.domain.ids import ActId, AgencyId
from comity.domain.introduction import Introduction, IntroductionOutcome, Outcome, Scope
from comity.domain.policy import Sensitivity
from comity.domain.recall_onward import OnwardHeld, RecallOnward
from comity.domain.tally import Held
from comity.wire import canonical, order
from comity.wire.notice import Notice

ADDIS: AgencyId = AgencyId("e" * 26)
INTRODUCTION = Introduction(
    id="i" * 26,
    agency=tale.KE,
    node=tale.MOMBASA,
    officer=tale.OFFICER,
    certificate=tale.QUESTION.author.certificate,
    to=tale.VN,
    introduces=ADDIS,
    scope=Scope(
        kinds=("container", "note"), purposes=("intelligence",), sensitivity=Sensitivity.NOMINAL
    ),
    at=tale.AT,
    until=tale.AT + timedelta(days=90),
    checked_at=tale.AT,
    reason="Ivory from Addis Ababa goes to Hai Phong.",
    practice=False,
    roster=b'{"a":"roster update"}',
)
OUTCOME = IntroductionOutcome(
    id="i" * 26,
    agency=tale.VN,
    node=tale.HAI_PHONG,
    to=tale.KE,
    introduces=ADDIS,
    outcome=Outcome.ACCEPTED,
    at=tale.AT,
)
SALT = bytes(range(16))
TAGS = CommonTags(node=tale.MOMBASA, at=tale.AT, salt=SALT, tags=(tag(SALT, tale.HAI_PHONG),))
NOTES = SeenNotes(
    node=tale.MOMBASA, at=tale.AT, notes=(tale.NOTICE.checkpoint + "\n— a signature\n",)
)
ASKED = ConsistencyAsked(node=tale.MOMBASA, at=tale.AT, origin=tale.ORIGIN, old=4, new=9)
SHOWN = ConsistencyShown(
    node=tale.HAI_PHONG,
    at=tale.AT,
    origin=tale.ORIGIN,
    old=4,
    new=9,
    hashes=(bytes([1]) * 32, bytes([2]) * 32),
)
ONWARD = RecallOnward(
    node=tale.HAI_PHONG,
    agency=tale.VN,
    to=ADDIS,
    act=ActId("p" * 26),
    thread=tale.THREAD,
    original=tale.ACT,
    recall=ActId("r" * 26),
    order=order.sign(tale.ORDER, AMINA).dsse,
    certified=(b'{"agency":"shown"}',),
    at=tale.AT,
)
HELD = OnwardHeld(
    node=tale.HAI_PHONG,
    agency=tale.VN,
    to=tale.KE,
    act=tale.ACT,
    recall=ActId("r" * 26),
    passed=ActId("p" * 26),
    holder=ADDIS,
    hands=1,
    held=Held.REMOVED,
    reason="backups-until-2026-12-23",
    at=tale.AT,
)
GOOD: tuple[tuple[str, str, Notice], ...] = (
    ("introduction", "one side's copy, by an officer and her node", INTRODUCTION),
    ("outcome", "what one side decided", OUTCOME),
    ("common", "the ledgers that a node saw, by salted tags", TAGS),
    ("seen-notes", "what it saw of those that both know", NOTES),
    ("consistency-asked", "show that one continues the other", ASKED),
    ("consistency-shown", "the proof", SHOWN),
    ("proven", "enough witnesses cosigned", tale.NOTICE),
    ("recall-onward", "what was passed on was recalled by who told it first", ONWARD),
    ("onward-held", "what a holder beyond answered", HELD),
)


def notices() -> Iterator[tuple[str, Case]]:
    for name, about, said in GOOD:
        payload = canonical.encode(said)
        yield name, signed("notice", about, payload, OK, CARRIER, text=payload.decode())
    good = canonical.encode(INTRODUCTION)
    for name, about, payload, outcome in _lies(good):
        yield f"bad-{name}", signed("notice", about, payload, outcome, CARRIER)
    forged = signed("notice", "signed by another key than it names", good, FORGED, AMINA)
    yield (
        "bad-forged",
        {**forged, "key": tale.text_of(CARRIER.public.raw), "outcome": f"{FORGED}.absent"},
    )


# fmt: off
def _lies(good: bytes) -> Iterator[tuple[str, str, bytes, str]]:
    kind = malformed("type")
    outcome = canonical.encode(OUTCOME)
    tags, asked = canonical.encode(TAGS), canonical.encode(ASKED)
    shown, notes = canonical.encode(SHOWN), canonical.encode(NOTES)
    ke, vn = tale.KE, tale.VN
    onward, held = canonical.encode(ONWARD), canonical.encode(HELD)
    yield "onward-to-itself", "passed on to itself", changed(onward, f'"to":"{ADDIS}"', f'"to":"{vn}"'), kind
    yield "onward-no-order", "without an order", changed(onward, f'"order":"{tale.text_of(ONWARD.order)}"', '"order":""'), kind
    yield "held-unknown", "an answer that there is not", changed(held, '"held":"removed"', '"held":"lost"'), kind
    yield "held-hands", "through more hands than there may be", changed(held, '"hands":1', '"hands":9'), kind
    yield "empty", "nothing at all, signed", b"", malformed("syntax")
    yield "no-type", "of no type", b'{"at":"now"}', kind
    yield "type-number", "a type that is a number", b'{"type":1}', kind
    yield "unknown-type", "of a type that this version does not know", changed(good, "introduction@1", "introduction@2"), kind
    yield "white-space", "a space behind a colon", changed(good, '"to":', '"to": '), malformed("canonical")
    yield "missing-field", "without its end", changed(good, '"until":"2027-02-21T07:40:00Z"', '"until":""'), kind
    yield "to-itself", "of an agency to itself", changed(good, f'"introduces":"{ADDIS}"', f'"introduces":"{vn}"'), kind
    yield "by-one-of-two", "by one of the two", changed(good, f'"introduces":"{ADDIS}"', f'"introduces":"{ke}"'), kind
    yield "ended-before", "an end before its beginning", changed(good, "2027-02-21", "2026-02-21"), kind
    yield "too-long", "that lasts two years", changed(good, "2027-02-21", "2028-12-21"), kind
    yield "long-reason", "with a reason of a thousand characters", changed(good, "Ivory", "I" * 1000), kind
    yield "no-kinds", "a scope without a kind", changed(good, '"kinds":["container","note"]', '"kinds":[]'), kind
    yield "kind-twice", "a scope with one kind twice", changed(good, '["container","note"]', '["note","note"]'), kind
    yield "outcome", "an outcome that is none", changed(outcome, '"accepted"', '"perhaps"'), kind
    yield "short-salt", "tags with half a salt", changed(tags, tale.text_of(SALT), tale.text_of(SALT[:8])), kind
    yield "long-tag", "a tag of another length", changed(tags, tale.text_of(TAGS.tags[0]), tale.text_of(bytes(17))), kind
    yield "long-note", "a note of 2,000 characters", changed(notes, "a signature", "s" * 2000), kind
    yield "no-span", "a proof from a larger size to a smaller", changed(asked, '"old":4', '"old":40'), kind
    yield "from-nothing", "a proof from nothing", changed(asked, '"old":4', '"old":0'), kind
    yield "short-hash", "a proof of half a hash", changed(shown, tale.text_of(bytes([1]) * 32), tale.text_of(bytes(16))), kind
