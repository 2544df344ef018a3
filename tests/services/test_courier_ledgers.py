# SPDX-License-Identifier: Apache-2.0
"""Ledgers across the border: what a peer shows is judged before it is vouched for, and kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.services.parcels import again, kept_against, kinds, made, read, size, stages, told
from tests.services.scene import Scene, asked
from tests.world import WorldNode

from comity.crypto.signing import SigningKey
from comity.domain.docket import Proven
from comity.ledger import checkpoint, cosignature, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.ledger.succession import Succession
from comity.services import receive, witness
from comity.storage import logs, receipts
from comity.storage import witness as witnessed
from comity.storage.reading import Writing
from comity.wire import docket as docket_wire
from comity.wire.parcel import CosignedNote, LogState

HOME = "KE/Operations desk"


def seen_of(scene: Scene) -> Checkpoint | None:
    """Return the newest checkpoint of Viet Nam that Kenya holds."""
    with scene.ke.house.store.read() as reading:
        return witness.last_of(reading, scene.vn.id)


def head_of(node: WorldNode) -> Checkpoint:
    head = node.house.store.head()
    assert head is not None
    return Checkpoint(head.origin, head.size, head.root)


def state_of(node: WorldNode, old: int = 0) -> LogState:
    """Return what *node* would show of its ledger to whoever has seen *old* leaves of it."""
    with node.house.store.read() as reading:
        head = reading.head()
        assert head is not None
        proof = reading.consistency(old, head.size) if old else ()
    return LogState(note=head.note, old=old, consistency=tuple(proof))


def signed(node: WorldNode, shown: Checkpoint) -> bytes:
    return note.write(checkpoint.sign(shown, node.house.keys.ledger))


# Seeing.


def test_the_first_checkpoint_of_a_peer_is_kept_and_vouched_for(scene: Scene) -> None:
    scene.vn.seat().ask(asked(HOME))

    answer = told(scene.vn, scene.ke, logs=(state_of(scene.vn),))

    assert seen_of(scene) == head_of(scene.vn)
    [line] = answer.cosignatures
    assert (line.origin, line.size) == (head_of(scene.vn).origin, size(scene.vn))
    cosignature.verify(
        note.read_line(line.line), head_of(scene.vn), witness.own_witnesses(scene.ke.house)[0]
    )


def test_a_peers_ledger_is_followed_as_it_grows(scene: Scene) -> None:
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    first = size(scene.vn)
    scene.vn.seat().ask(asked(HOME))

    told(scene.vn, scene.ke, logs=(state_of(scene.vn, first),))

    assert seen_of(scene) == head_of(scene.vn)
    assert kinds(scene.ke) == []


def test_growth_without_a_proof_is_not_seen_and_the_peer_is_told_from_where(scene: Scene) -> None:
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    before = seen_of(scene)
    assert before is not None
    scene.vn.seat().ask(asked(HOME))

    answer = told(scene.vn, scene.ke, logs=(state_of(scene.vn),))

    assert seen_of(scene) == before
    assert [(each.origin, each.size) for each in answer.seen] == [(before.origin, before.size)]
    assert all(each.size == before.size for each in answer.cosignatures)
    assert kinds(scene.ke) == []


def test_a_proof_that_leads_from_elsewhere_than_what_we_saw_accuses_nobody(scene: Scene) -> None:
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    before = seen_of(scene)
    assert before is not None
    for _ in range(3):
        scene.vn.seat().ask(asked(HOME))

    # Two answers were on their way, and the one that begins further on or further back comes first.
    for old in sorted({*range(1, size(scene.vn))} - {before.size}):
        told(scene.vn, scene.ke, logs=(state_of(scene.vn, old),))

    assert kinds(scene.ke) == []
    assert seen_of(scene) == before
    told(scene.vn, scene.ke, logs=(state_of(scene.vn, before.size),))
    assert seen_of(scene) == head_of(scene.vn)


def test_an_older_checkpoint_that_comes_late_moves_nothing_back(scene: Scene) -> None:
    late = state_of(scene.vn)
    scene.vn.seat().ask(asked(HOME))
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    before, leaves = seen_of(scene), size(scene.ke)

    answer = told(scene.vn, scene.ke, logs=(late,))

    assert seen_of(scene) == before
    assert size(scene.ke) == leaves
    assert answer.seen[0].size == size(scene.vn)
    assert kinds(scene.ke) == []


def test_what_comes_with_a_stale_checkpoint_is_taken_all_the_same(scene: Scene) -> None:
    late = state_of(scene.vn)
    done = scene.vn.seat().ask(asked(HOME))
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    parcel = read(scene.ke, made(scene.vn, scene.ke))

    answer = scene.ke.node.courier.incoming(again(scene.ke, parcel, logs=(late,)), scene.vn.id)

    assert done.thread in {line.thread for line in scene.ke.inbox()}
    assert len(read(scene.vn, answer).receipts) == 1


def test_a_fork_is_kept_with_both_notes_and_a_leaf_once(scene: Scene) -> None:
    honest = state_of(scene.vn)
    told(scene.vn, scene.ke, logs=(honest,))
    before, leaves = seen_of(scene), size(scene.ke)
    assert before is not None
    other = signed(scene.vn, replace(head_of(scene.vn), root=bytes(32)))
    false = LogState(note=other, old=0)

    answers = [told(scene.vn, scene.ke, logs=(false,)) for _ in range(2)]

    assert kept_against(scene.ke) == [("fork", honest.note + other)]
    assert size(scene.ke) == leaves + 1
    assert seen_of(scene) == before
    vouched = {each.size for answer in answers for each in answer.cosignatures}
    assert vouched == {before.size}
    with scene.ke.house.store.read() as reading:
        entry = logs.leaves_from(reading, 1, leaves)[0].entry or b""
    assert b"untrusted.fork" in entry
    assert scene.ke.verify().sound


def test_a_longer_history_that_leaves_the_one_we_saw_is_a_fork(scene: Scene) -> None:
    honest = state_of(scene.vn)
    told(scene.vn, scene.ke, logs=(honest,))
    first = size(scene.vn)
    scene.vn.seat().ask(asked(HOME))
    proof = state_of(scene.vn, first).consistency
    other = signed(scene.vn, replace(head_of(scene.vn), root=bytes(32)))

    told(scene.vn, scene.ke, logs=(LogState(note=other, old=first, consistency=proof),))

    hashes = "".join(f"{note.encode64(each)}\n" for each in proof)
    body = honest.note + other + f"\n{first}\n{hashes}".encode()
    assert kept_against(scene.ke) == [("fork", body)]


def test_what_comes_beside_a_fork_is_taken_but_proves_nothing(scene: Scene) -> None:
    mine = scene.ke.seat().ask(asked())
    answer = read(scene.ke, scene.vn.node.courier.incoming(made(scene.ke, scene.vn), scene.ke.id))
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    theirs = scene.vn.seat().ask(asked(HOME))
    items = read(scene.ke, made(scene.vn, scene.ke)).items
    fork = LogState(note=signed(scene.vn, replace(head_of(scene.vn), root=bytes(32))), old=0)

    false = again(scene.ke, answer, items=items, logs=(*answer.logs, fork))
    scene.ke.node.courier.incoming(false, scene.vn.id)

    assert stages(scene.ke, mine.act) == []
    assert theirs.thread in {line.thread for line in scene.ke.inbox()}


def _by_another_key(scene: Scene) -> bytes:
    return note.write(checkpoint.sign(head_of(scene.vn), SigningKey(b"k" * 32)))


def _of_another_node(scene: Scene) -> bytes:
    head = scene.ke.house.store.head()
    assert head is not None
    return head.note


def _no_note(_scene: Scene) -> bytes:
    return b"nothing that was ever signed\n"


@pytest.mark.parametrize("forge", [_by_another_key, _of_another_node, _no_note])
def test_a_checkpoint_that_the_peer_did_not_sign_is_evidence(
    scene: Scene, forge: Callable[[Scene], bytes]
) -> None:
    false = forge(scene)

    told(scene.vn, scene.ke, logs=(LogState(note=false, old=0),))

    assert seen_of(scene) is None
    assert kept_against(scene.ke) == [("log", false)]


# A restored peer.


def begin_next(node: WorldNode) -> LogState:
    """Let *node* go on under its next origin, as after a restore; return what it shows then."""
    house, before = node.house, head_of(node)
    origin = Origin(node.id, Origin.parse(before.origin).number + 1)
    salt = house.random(SALT_SIZE)
    entry = Succession(origin, before).entry

    def work(writing: Writing) -> None:
        logs.start(writing, str(origin), house.millis())
        writing.append([Opening(LeafType.OPENING, salt, entry)])

    house.store.write(work)
    with house.store.read() as reading:
        head = reading.head()
        assert head is not None
        inclusion = reading.inclusions([0], head.size, head.log)[0]
    return LogState(note=head.note, old=0, salt=salt, opening=entry, inclusion=inclusion)


def test_a_peer_that_was_restored_and_says_so_is_followed(scene: Scene) -> None:
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))

    told(scene.vn, scene.ke, logs=(begin_next(scene.vn),))

    seen = seen_of(scene)
    assert seen is not None
    assert Origin.parse(seen.origin).number == 2
    assert kinds(scene.ke) == []


def test_a_next_ledger_without_its_opening_is_not_followed(scene: Scene) -> None:
    told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    shown = replace(begin_next(scene.vn), salt=b"", opening=b"", inclusion=())

    told(scene.vn, scene.ke, logs=(shown,))

    seen = seen_of(scene)
    assert seen is not None
    assert Origin.parse(seen.origin).number == 1


# Being seen.


def line_of(scene: Scene, shown: Checkpoint, by: WorldNode | None = None) -> CosignedNote:
    """Return *by*'s line on a checkpoint that may never have been."""
    house = (by or scene.vn).house
    said = cosignature.cosign(
        shown, witness.own_witnesses(house)[0].name, house.keys.witness, house.now()
    )
    return CosignedNote(origin=shown.origin, size=shown.size, line=note.write_line(said))


def lines(scene: Scene, shown: Checkpoint) -> int:
    with scene.ke.house.store.read() as reading:
        return len(witnessed.cosignatures(reading, shown.origin, shown.size))


def test_a_line_on_our_checkpoint_is_kept_and_makes_it_proven(scene: Scene) -> None:
    head = head_of(scene.ke)

    answer = told(scene.vn, scene.ke, cosignatures=(line_of(scene, head),))

    assert lines(scene, head) == 1
    [notice] = answer.proven
    assert docket_wire.read(notice, Proven).said.size == head.size


def test_a_line_on_a_size_that_we_never_signed_is_passed_over(scene: Scene) -> None:
    grown = replace(head_of(scene.ke), size=size(scene.ke) + 1)

    answer = told(scene.vn, scene.ke, cosignatures=(line_of(scene, grown),))

    assert (lines(scene, grown), answer.proven, kinds(scene.ke)) == (0, (), [])


def test_a_line_on_a_ledger_that_is_not_ours_is_passed_over(scene: Scene) -> None:
    other = head_of(scene.vn)

    answer = told(scene.vn, scene.ke, cosignatures=(line_of(scene, other),))

    assert (lines(scene, other), answer.proven, kinds(scene.ke)) == (0, (), [])


def test_a_line_on_another_root_is_evidence(scene: Scene) -> None:
    head = head_of(scene.ke)
    false = line_of(scene, replace(head, root=bytes(32)))

    told(scene.vn, scene.ke, cosignatures=(false,))

    assert lines(scene, head) == 0
    assert kept_against(scene.ke) == [("cosignature", false.line)]


def test_a_line_that_says_no_time_is_evidence(scene: Scene) -> None:
    head, own = head_of(scene.ke), witness.own_witnesses(scene.vn.house)[0]
    key, never = scene.vn.house.keys.witness, datetime(1970, 1, 1, tzinfo=UTC)
    line = note.write_line(cosignature.cosign(head, own.name, key, never))
    false = CosignedNote(origin=head.origin, size=head.size, line=line)

    told(scene.vn, scene.ke, cosignatures=(false,))

    assert lines(scene, head) == 0
    assert kept_against(scene.ke) == [("cosignature", line)]


def test_a_proven_notice_needs_enough_lines(scene: Scene) -> None:
    head = head_of(scene.ke)
    with scene.ke.house.store.read() as reading:
        for size in (head.size, 10**6):
            own = (head.origin, size)
            notice = witness.proven_notice(
                reading, scene.ke.house, own, agency=scene.ke.agency, to=scene.vn.agency
            )
            assert notice is None


# Proven notices.


def notice_of(scene: Scene) -> Proven:
    """Return what Viet Nam says once Kenya has cosigned its checkpoint."""
    answer = told(scene.vn, scene.ke, logs=(state_of(scene.vn),))
    back = told(scene.ke, scene.vn, cosignatures=answer.cosignatures)
    return docket_wire.read(back.proven[0], Proven).said


def proven(scene: Scene) -> int:
    with scene.ke.house.store.read() as reading:
        origin = head_of(scene.vn).origin
        return receipts.proven_up_to(reading, [origin])[origin]


def test_a_proven_notice_that_we_ourselves_cosigned_is_kept(scene: Scene) -> None:
    said = notice_of(scene)

    told(scene.vn, scene.ke, proven=(docket_wire.sign(said, scene.vn.house.keys.carrier).dsse,))

    assert proven(scene) == said.size


def _without_our_line(scene: Scene, said: Proven) -> Proven:
    bare = signed(scene.vn, head_of(scene.vn))
    return replace(said, checkpoint=bare.decode())


def _with_somebody_elses_line(scene: Scene, said: Proven) -> Proven:
    line = line_of(scene, head_of(scene.vn), scene.vn)
    one = note.read(signed(scene.vn, head_of(scene.vn))).add(note.read_line(line.line))
    return replace(said, checkpoint=note.write(one).decode())


def _of_our_ledger(scene: Scene, said: Proven) -> Proven:
    return replace(said, origin=head_of(scene.ke).origin)


def _by_our_node(scene: Scene, said: Proven) -> Proven:
    return replace(said, node=scene.ke.id)


def _of_another_size(scene: Scene, said: Proven) -> Proven:
    return replace(said, size=said.size + 1)


@pytest.mark.parametrize(
    "turn",
    [
        _without_our_line,
        _with_somebody_elses_line,
        _of_our_ledger,
        _by_our_node,
        _of_another_size,
    ],
)
def test_a_proven_notice_that_is_not_so_is_evidence(
    scene: Scene, turn: Callable[[Scene, Proven], Proven]
) -> None:
    false = docket_wire.sign(turn(scene, notice_of(scene)), scene.vn.house.keys.carrier).dsse

    told(scene.vn, scene.ke, proven=(false,))

    assert proven(scene) == 0
    assert kept_against(scene.ke) == [("proven", false)]


def test_a_proven_notice_of_another_key_is_evidence(scene: Scene) -> None:
    false = docket_wire.sign(notice_of(scene), SigningKey(b"k" * 32)).dsse

    told(scene.vn, scene.ke, proven=(false,))

    assert proven(scene) == 0
    assert kinds(scene.ke) == ["proven"]


def test_our_word_is_said_again_until_the_peer_says_proven(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    answer = scene.vn.node.courier.incoming(made(scene.ke, scene.vn), scene.ke.id)
    receive.take(scene.ke.house, answer, scene.vn.id)  # and what Kenya owes for it is lost

    words = [read(scene.vn, made(scene.ke, scene.vn)).cosignatures for _ in range(2)]
    scene.sync()
    after = read(scene.vn, made(scene.ke, scene.vn)).cosignatures

    assert [len(each) for each in words] == [1, 1]
    assert after == ()
    assert stages(scene.ke, done.act) == ["delivered"]
