# SPDX-License-Identifier: Apache-2.0
"""What failed is kept once, as a leaf of the log, by ids and a code and nothing of its content."""

import pytest
from tests.services.letters import NOTE, REQUEST, Post, evidence, opened, row_of

from comity.domain.ids import digest
from comity.errors import BadSignature, Differs, Stale
from comity.ledger.leaf import LeafType
from comity.services.evidence import (
    DOCKET,
    FORK,
    WHOLE,
    Against,
    Finding,
    against_copy,
    keep_bytes,
    record,
    two_bodies,
    unrecorded,
)
from comity.services.verify import verify
from comity.storage import logs
from comity.wire import canonical


def test_a_finding_is_a_leaf_and_a_row_with_the_same_bytes(post: Post) -> None:
    sent = post.ask()
    house = post.vn.house
    finding = against_copy(row_of(post.vn, sent), Differs("stage"))

    house.store.write(lambda w: record(w, house, [finding, finding]))

    head = house.store.head()
    assert head is not None
    with house.store.read() as reading:
        [leaf] = logs.leaves(reading, head.log, [head.size - 1])
        assert unrecorded(reading, [finding]) == ()
    [row] = evidence(post.vn)
    assert (leaf.type, leaf.entry) == (LeafType.EVIDENCE, row.body)
    assert canonical.decode(row.body, Finding, limit=4096) == finding


def test_recording_nothing_writes_nothing(post: Post) -> None:
    house = post.vn.house
    before = house.store.head()

    house.store.write(lambda w: record(w, house, []))

    assert house.store.head() == before


def test_two_processes_that_find_the_same_keep_it_once(post: Post) -> None:
    sent = post.ask()
    house = post.vn.house
    finding = two_bodies([row_of(post.vn, sent)])

    for _ in range(2):
        house.store.write(lambda w: record(w, house, [finding]))

    assert len(evidence(post.vn)) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Differs("stage"), "differs"),
        (BadSignature("unknown"), "stranger"),
        (BadSignature(), "statement"),
        (Stale("revoked"), "statement"),
    ],
)
def test_a_finding_says_what_went_wrong(post: Post, error: Differs, kind: str) -> None:
    sent = post.send(REQUEST)

    finding = against_copy(row_of(post.ke, sent), error)

    assert (finding.kind, finding.code, finding.agency) == (kind, error.cause, post.ke.agency)


def test_a_home_with_evidence_and_receipts_of_its_people_verifies(post: Post) -> None:
    sent = post.ask(home=False)
    post.send(NOTE, act=sent.act, home=False)
    post.send(NOTE, home=False, sealed_to=[post.ke.card.desks[0].reading])
    post.sync()
    opened(post.vn)
    post.sync()
    opened(post.ke)

    for each in (post.ke, post.vn):
        assert verify(each.house).faults == ()
    assert evidence(post.vn)


def test_the_same_bytes_again_use_nothing_up_of_what_is_kept_in_a_day(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.services.evidence.A_DAY", 3)
    house = post.vn.house

    def found(*bodies: bytes, kind: str = DOCKET) -> None:
        against = [
            Against(kind=kind, node=post.ke.house.keys.node, code="untrusted.signature", body=each)
            for each in bodies
        ]
        house.store.write(lambda w: keep_bytes(w, house, against))

    for _ in range(5):
        found(b"same")
        found(b"fork", kind=FORK)
    found(b"second", b"third", b"fourth", b"fifth")
    found(b"another fork", kind=FORK)

    kept = [(each.kind, each.body) for each in evidence(post.vn)]
    assert sorted(kept) == [
        (DOCKET, b"same"),
        (DOCKET, b"second"),
        (DOCKET, b"third"),
        (FORK, b"another fork"),
        (FORK, b"fork"),
    ]


def test_of_a_large_piece_the_digest_is_kept(post: Post) -> None:
    house, body = post.vn.house, b"x" * (WHOLE + 1)
    against = Against(
        kind=DOCKET, node=post.ke.house.keys.node, code="untrusted.signature", body=body
    )

    house.store.write(lambda w: keep_bytes(w, house, [against]))

    [row] = evidence(post.vn)
    assert row.subject == digest(body)
    assert row.body == against.finding.entry
