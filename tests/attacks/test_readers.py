# SPDX-License-Identifier: Apache-2.0
"""What is told of readers: nobody who is none, nobody who is not to be named, nothing for ever.

And what becomes of the last acts of those who leave: they accuse nobody, and stop nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.attacks.test_dockets import kinds_of_evidence
from tests.services.parcels import copy_of, said_in, told, waiting_rows
from tests.world import World, WorldNode, question

from comity.domain.docket import OpenedBy, Receipt, ReceiptStage
from comity.domain.ids import ActId, CopyId, Digest, EnvelopeId
from comity.domain.thread import Received, Stage, Thread
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.release import Done
from comity.services.revoke import revoke
from comity.storage import receipts
from comity.wire import docket as docket_wire
from comity.wire.parcel import ReceiptItem

DESK = "VN/Anti-smuggling desk"


def asked(world: World) -> Done:
    done = world["ke"].seat().ask(question(DESK))
    world.sync()
    world.hours.pass_(minutes=5)
    return done


def openings(thread: Thread) -> list[Received]:
    return [each for each in thread.receipts if each.stage is ReceiptStage.OPENED]


def bodies(node: WorldNode, done: Done) -> bytes:
    """Return every receipt that *node* keeps of the copy that crossed the border, as signed."""
    with node.house.store.read() as reading:
        kept = receipts.by_copies(reading, [copy_of(node, done.act).copy])
    return b"".join(docket_wire.read(row.body, Receipt).payload for row in kept)


def saying(vn: WorldNode, done: Done, **changed: object) -> Receipt:
    """Return what Viet Nam might say of the copy that was sent to it."""
    row = copy_of(vn, done.act)
    said = Receipt(
        stage=ReceiptStage.OPENED,
        agency=vn.agency,
        to=row.agency,  # type: ignore[arg-type]  # a row's ids are texts
        node=vn.id,
        act=ActId(row.act),
        copy=CopyId(row.copy),
        envelope=EnvelopeId(row.envelope),
        thread=done.thread,
        docket=Digest(row.docket),
        at=vn.house.now(),
    )
    return replace(said, **changed)  # type: ignore[arg-type]  # whatever the test lies about


def leave(vn: WorldNode, who: str = "colleague") -> None:
    revoke(vn.house, vn.settled.people[who], reason="left")


def stolen(vn: WorldNode, since: datetime, who: str = "colleague") -> None:
    revoke(vn.house, vn.settled.people[who], reason="stolen", compromised_since=since)


@pytest.mark.parametrize("shows", list(OpenedBy))
def test_who_left_while_the_line_was_down_blocks_nothing_and_accuses_nobody(
    world: World, shows: OpenedBy
) -> None:
    ke, vn, _ = world
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=shows))
    done = asked(world)
    vn.seat("colleague").thread(done.thread)
    world.hours.pass_(minutes=5)
    leave(vn)

    world.sync()

    assert waiting_rows(vn) == ()
    assert len(openings(ke.seat().thread(done.thread).thread)) == 1
    assert kinds_of_evidence(ke) == set()
    assert ke.verify().sound


def test_the_last_act_of_who_left_is_not_believed_and_accuses_nobody(world: World) -> None:
    ke, vn, _ = world
    done = asked(world)
    vn.seat("colleague").acknowledge(done.thread)
    world.hours.pass_(minutes=5)
    leave(vn)
    world.sync()

    found = ke.seat().thread(done.thread)

    assert [each.code for each in found.mistrusted] == ["untrusted.stale.ended"]
    assert found.thread.stage is not Stage.ACKNOWLEDGED
    assert kinds_of_evidence(ke) == set()


def test_what_a_thief_signed_is_evidence_though_he_left_too(world: World) -> None:
    ke, vn, _ = world
    done = asked(world)
    vn.seat("colleague").acknowledge(done.thread)
    leave(vn)
    stolen(vn, world.hours.now - timedelta(hours=1))
    world.sync()

    found = ke.seat().thread(done.thread)

    assert [each.code for each in found.mistrusted] == ["untrusted.stale.revoked"]
    assert kinds_of_evidence(ke) == {"statement"}


def test_what_is_refused_of_a_person_is_not_sent_for_ever(world: World) -> None:
    ke, vn, _ = world
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=OpenedBy.PERSON))
    done = asked(world)
    vn.seat("colleague").thread(done.thread)
    stolen(vn, world.hours.now - timedelta(hours=1))

    world.sync()

    assert waiting_rows(vn) == ()
    assert openings(ke.seat().thread(done.thread).thread) == []
    assert kinds_of_evidence(ke) == {"receipt"}


def test_a_thief_who_dates_his_receipt_back_is_not_believed(world: World) -> None:
    ke, vn, _ = world
    done = asked(world)
    thief = vn.settled.unlocked("colleague")
    long_ago = world.hours.now
    world.hours.pass_(hours=5)
    said = saying(
        vn,
        done,
        at=long_ago,
        shows=OpenedBy.PERSON,
        reader=thief.entry.id,
        certificate=thief.certificate,
    )
    item = ReceiptItem(receipt=docket_wire.sign(said, thief.signing).dsse)
    told(vn, ke, receipts=(item,))
    before = openings(ke.seat().thread(done.thread).thread)
    stolen(vn, long_ago + timedelta(hours=1))
    world.sync()

    found = ke.seat().thread(done.thread)

    assert [each.at for each in before] == [long_ago]
    assert openings(found.thread) == []
    assert "untrusted.stale.revoked" in [each.code for each in found.mistrusted]


def test_what_came_before_the_theft_stays_though_its_clock_ran_ahead(world: World) -> None:
    ke, vn, _ = world
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=OpenedBy.PERSON))
    done = asked(world)
    vn.skew = timedelta(hours=3)
    vn.seat("colleague").thread(done.thread)
    world.sync()
    vn.skew = timedelta()
    world.hours.pass_(hours=2)
    stolen(vn, world.hours.now - timedelta(hours=1))
    world.sync()

    assert len(openings(ke.seat().thread(done.thread).thread)) == 1


@pytest.mark.parametrize("shows", [OpenedBy.DESK, OpenedBy.FACT])
def test_who_is_not_to_be_named_is_not_named_by_his_certificate(
    world: World, shows: OpenedBy
) -> None:
    ke, vn, _ = world
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=shows))
    done = asked(world)
    for who in ("investigator", "colleague"):
        vn.seat(who).thread(done.thread)
    world.sync()

    [opened] = openings(ke.seat().thread(done.thread).thread)

    assert opened.reader == (vn.settled.desk if shows is OpenedBy.DESK else "")
    for who in ("investigator", "colleague"):
        officer = vn.settled.unlocked(who)
        assert officer.certificate.encode() not in bodies(ke, done)
        assert officer.certificate.encode() in bodies(vn, done)
    assert len(openings(vn.seat().thread(done.thread).thread)) == 1
    assert all(node.verify().sound for node in world)


def test_a_receipt_that_names_whom_it_does_not_show_is_not_taken(world: World) -> None:
    ke, vn, _ = world
    done = asked(world)
    officer = vn.settled.unlocked("colleague")
    said = saying(vn, done, shows=OpenedBy.DESK, certificate=officer.certificate)

    told(vn, ke, receipts=(ReceiptItem(receipt=docket_wire.sign(said, officer.signing).dsse),))

    assert openings(ke.seat().thread(done.thread).thread) == []
    assert kinds_of_evidence(ke) == {"receipt"}


def test_nobody_opens_what_is_not_sealed_to_him(world: World) -> None:
    ke, vn, _ = world
    done = asked(world)
    other = vn.settled.unlocked("supervisor")
    carrier = vn.house.keys.carrier
    person = saying(
        vn, done, shows=OpenedBy.PERSON, reader=other.entry.id, certificate=other.certificate
    )
    desk = saying(vn, done, shows=OpenedBy.DESK, reader=vn.settled.oversight)
    fact = saying(vn, done, shows=OpenedBy.FACT, reader=vn.settled.desk)
    items = [
        ReceiptItem(receipt=docket_wire.sign(said, key).dsse)
        for said, key in ((person, other.signing), (desk, carrier), (fact, carrier))
    ]

    answer = told(vn, ke, receipts=tuple(items))

    assert openings(ke.seat().thread(done.thread).thread) == []
    assert kinds_of_evidence(ke) == {"receipt"}
    assert len(answer.taken) == len(items)
    assert said_in(items[0]).reader == other.entry.id


def test_another_nodes_word_says_nothing_of_who_opened(world: World) -> None:
    ke, vn, et = world
    done = asked(world)
    said = saying(vn, done, shows=OpenedBy.FACT)

    told(
        vn, ke, receipts=(ReceiptItem(receipt=docket_wire.sign(said, et.house.keys.carrier).dsse),)
    )

    assert openings(ke.seat().thread(done.thread).thread) == []
    assert kinds_of_evidence(ke) == {"receipt"}
