# SPDX-License-Identifier: Apache-2.0
"""Who sent is told that it was opened, once, and only as much of who as the reader's agency says."""

from dataclasses import replace

import pytest
from tests.services.letters import NOTE, Post, evidence, opened, real, row_of
from tests.services.settle import Settled

from comity.crypto.age import HybridIdentity
from comity.domain.docket import OF_PEOPLE, OpenedBy, Receipt, ReceiptStage
from comity.domain.ids import ThreadId, mint
from comity.ledger.leaf import LeafType
from comity.services import enrol
from comity.services import opened as opened_receipts
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.enrol import Person
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.read_by import is_told
from comity.services.thread import open_thread
from comity.services.unlock import unlock
from comity.storage import logs, outbox, receipts
from comity.storage.reading import Writing
from comity.wire import docket as docket_wire


def said(settled: Settled, copy: str) -> list[Receipt]:
    """Return what *settled* was told of readers; of its own, what each signed himself."""
    with settled.house.store.read() as reading:
        found = [
            docket_wire.read(r.body, Receipt).said for r in receipts.by_copies(reading, [copy])
        ]
    return [each for each in found if is_told(each, settled.agency) and each.stage in OF_PEOPLE]


def waiting(settled: Settled) -> int:
    with settled.house.store.read() as reading:
        return sum(each.count for each in outbox.pending(reading))


@pytest.mark.parametrize("shows", list(OpenedBy))
def test_the_author_learns_who_opened_as_far_as_the_agency_says(
    post: Post, shows: OpenedBy
) -> None:
    vn = post.vn
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=shows))
    asked = post.ask()
    post.wait()
    opened(vn)
    post.sync()

    found = opened(post.ke)

    [receipt] = [r for r in found.thread.receipts if r.stage is ReceiptStage.OPENED]
    expected = {
        OpenedBy.PERSON: vn.people["investigator"],
        OpenedBy.DESK: vn.desk,
        OpenedBy.FACT: "",
    }
    assert (receipt.act, receipt.reader) == (asked.act, expected[shows])
    assert found.mistrusted == ()


def test_opening_again_says_nothing_more(post: Post) -> None:
    sent = post.ask()

    opened(post.vn)
    opened(post.vn)

    assert len(said(post.vn, sent.signed.copy)) == 1
    assert waiting(post.vn) == 1


def test_a_colleague_who_opens_it_is_kept_at_home_and_not_counted_abroad(post: Post) -> None:
    sent = post.ask()

    opened(post.vn)
    opened(post.vn, "colleague")

    assert len(said(post.vn, sent.signed.copy)) == 2
    assert waiting(post.vn) == 1
    post.sync()
    assert len(said(post.ke, sent.signed.copy)) == 1


def test_where_persons_are_shown_each_is(post: Post) -> None:
    set_policy(post.vn.house, post.vn.agency, AgencyPolicy(shows=OpenedBy.PERSON))
    sent = post.ask()

    opened(post.vn)
    opened(post.vn, "colleague")
    post.sync()

    assert {each.reader for each in said(post.ke, sent.signed.copy)} == {
        post.vn.people["investigator"],
        post.vn.people["colleague"],
    }


def test_looking_without_a_receipt_leaves_none(post: Post) -> None:
    sent = post.ask()

    open_thread(post.vn.unlocked(), post.vn.house, real(), receipt=False)

    assert said(post.vn, sent.signed.copy) == []


def test_nobody_receipts_what_his_own_agency_wrote(post: Post) -> None:
    sent = post.ask()

    opened(post.ke)
    opened(post.ke, "colleague")

    assert said(post.ke, sent.signed.copy) == []


def test_a_receipt_is_a_leaf_of_our_log(post: Post) -> None:
    post.ask()
    with post.vn.house.store.read() as reading:
        before = reading.head()
    assert before is not None

    opened(post.vn)

    with post.vn.house.store.read() as reading:
        after = reading.head()
        fresh = logs.leaves_from(reading, before.log, before.size)
    assert after is not None
    # What he signed, and what the node tells of it.
    assert [leaf.type for leaf in fresh] == [LeafType.RECEIPT] * 2


def test_what_cannot_be_opened_is_told_to_who_sealed_it(post: Post) -> None:
    stranger = HybridIdentity.generate()
    sent = post.ask(sealed_to=[str(stranger.recipient)], home=False)

    opened(post.vn)
    opened(post.vn, "colleague")
    post.sync()

    [told] = said(post.ke, sent.signed.copy)
    assert (told.stage, told.reason) == (ReceiptStage.UNREADABLE, "untrusted.not-for-us.age")
    assert told.reader == post.vn.desk


def test_what_was_sealed_to_a_key_that_he_has_no_more_is_unreadable(post: Post) -> None:
    vn = post.vn
    officer = vn.unlocked()
    sent = post.ask(readers=[officer.entry], home=False)
    poorer = replace(officer, reading=(HybridIdentity.generate(),))

    found = open_thread(poorer, vn.house, real())

    [told] = said(vn, sent.signed.copy)
    assert (told.stage, told.reason) == (ReceiptStage.UNREADABLE, "no-key")
    assert told.reader == ""
    assert [each.act for each in found.thread.closed] == [sent.act]
    assert evidence(vn) == ()


def test_what_is_untrusted_is_not_said_to_have_been_opened(post: Post) -> None:
    sent = post.ask(home=False, docket=lambda d: replace(d, clock="normal"))

    opened(post.vn)

    assert said(post.vn, sent.signed.copy) == []


def test_of_an_officer_whom_peers_do_not_know_only_the_desk_is_told(post: Post) -> None:
    vn = post.vn
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=OpenedBy.PERSON))
    hidden = enrol.enrol(vn.house, vn.agency, Person(name="Minh", abroad=False), "practice")
    change_members(vn.house, vn.unlocked(), vn.desk, join=[hidden.id])
    post.send(NOTE, of=vn, thread=ThreadId(mint(bytes)))
    post.sync()
    sent = post.ask()

    open_thread(unlock(vn.house, hidden.id, "practice"), vn.house, real())

    assert [each.certificate for each in said(vn, sent.signed.copy)] != [""]
    post.sync()
    [told] = said(post.ke, sent.signed.copy)
    assert (told.reader, told.certificate) == (vn.desk, "")


def test_a_certificate_renewed_since_does_not_make_it_a_second_first_time(post: Post) -> None:
    vn = post.vn
    sent = post.ask()
    opened(vn)
    before = vn.unlocked().certificate
    open_desk(vn.house, vn.agency, NewDesk(name="Second desk"), [vn.people["investigator"]])
    after = vn.unlocked().certificate

    opened(vn)

    assert before != after
    assert len(said(vn, sent.signed.copy)) == 1


def test_two_openings_at_once_leave_one_receipt(post: Post) -> None:
    sent = post.ask()
    vn = post.vn
    unlocked = vn.unlocked()
    card = vn.card
    row = row_of(vn, sent)
    met = [opened_receipts.Met(row=row, named=(), stage=ReceiptStage.OPENED)]
    with vn.house.store.read() as reading:
        first = opened_receipts.prepare(reading, met, unlocked, vn.house, card)
        post.wait()
        second = opened_receipts.prepare(reading, met, unlocked, vn.house, card)

    def record(writing: Writing) -> None:
        for prepared in (first, second, ()):
            opened_receipts.record(writing, vn.house, prepared, unlocked, card)

    vn.house.store.write(record)

    assert len(said(vn, sent.signed.copy)) == 1


def test_agencies_that_share_a_node_tell_each_other_without_a_parcel(post: Post) -> None:
    sent = post.ask()
    vn = post.vn
    row = replace(row_of(vn, sent), node=vn.house.keys.node)
    met = [opened_receipts.Met(row=row, named=(), stage=ReceiptStage.OPENED)]
    unlocked = vn.unlocked()
    with vn.house.store.read() as reading:
        prepared = opened_receipts.prepare(reading, met, unlocked, vn.house, vn.card)

    vn.house.store.write(lambda w: opened_receipts.record(w, vn.house, prepared, unlocked, vn.card))

    assert len(said(vn, sent.signed.copy)) == 1
    assert waiting(vn) == 0
