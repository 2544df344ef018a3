# SPDX-License-Identifier: Apache-2.0
"""Large files on their way: in chunks, over as many exchanges as it takes, whole or not at all."""

import io
from dataclasses import replace

import pytest
from tests.services.parcels import has, kinds, made, read, told, waiting_rows
from tests.services.scene import Scene, asked
from tests.world import WorldNode

from comity.domain.ids import BlobId, digest
from comity.domain.statement import Attachment
from comity.errors import Unreachable
from comity.services import deliver
from comity.services.dockets_in import part_of
from comity.services.release import Done
from comity.wire.parcel import Chunk, Parcel, Refusal, Want

LARGE = bytes(range(256)) * 10_000
"""About 2.5 MB: it takes several parcels."""
SMALL = b"a seal" * 1000


def attached(node: WorldNode, content: bytes) -> Attachment:
    return node.seat().attach(io.BytesIO(content), "seal.jpg", "image/jpeg")


def ask_with(scene: Scene, *contents: bytes) -> tuple[Done, tuple[Attachment, ...]]:
    files = tuple(attached(scene.ke, each) for each in contents)
    return scene.ke.seat().ask(asked(attachments=files)), files


def came(scene: Scene, file: Attachment) -> bytes:
    sink = io.BytesIO()
    scene.vn.seat().detach(file, sink)
    return sink.getvalue()


def parts(node: WorldNode) -> list[str]:
    """Return what lies half-finished in the folder of *node*."""
    return sorted(each.name for each in (node.house.store.folder.path / "part").glob("*"))


def sent(scene: Scene, to: WorldNode) -> list[Parcel]:
    """Return the parcels that were handed over to *to* so far."""
    return [read(to, each.parcel) for each in scene.travelled if each.recipient == to.id]


def test_a_large_file_arrives_over_several_exchanges_and_its_question_with_it(scene: Scene) -> None:
    done, [file] = ask_with(scene, LARGE)
    exchanges = 0
    while waiting_rows(scene.ke):
        scene.ke.node.courier.exchange(scene.vn.id)
        exchanges += 1
        assert has(scene.vn, done.act) == (not waiting_rows(scene.ke))

    assert exchanges >= 4
    assert came(scene, file) == LARGE
    assert parts(scene.vn) == []
    assert all(len(each.parcel) <= 1 << 20 for each in scene.travelled)


def test_a_file_that_broke_off_goes_on_where_it_stopped(scene: Scene) -> None:
    done, [file] = ask_with(scene, LARGE)
    for _ in range(2):
        scene.ke.node.courier.exchange(scene.vn.id)
    scene.weather.drop = 1
    with pytest.raises(Unreachable):
        scene.ke.node.courier.exchange(scene.vn.id)
    scene.weather.clear()
    scene.vn.restart()
    before = scene.vn.house.store.folder.have(part_of(file.blob, scene.ke.id))
    scene.travelled.clear()

    scene.sync()

    offsets = [each.offset for parcel in sent(scene, scene.vn) for each in parcel.chunks]
    assert 0 < before <= min(offsets)
    assert len(set(offsets)) == len(offsets)
    assert has(scene.vn, done.act)
    assert came(scene, file) == LARGE


def test_a_file_arrives_when_only_the_other_side_calls(scene: Scene) -> None:
    done, [file] = ask_with(scene, LARGE)

    scene.vn.node.courier.call(scene.ke.id)

    assert has(scene.vn, done.act)
    assert came(scene, file) == LARGE
    assert waiting_rows(scene.ke) == ()


@pytest.mark.parametrize("_", range(4))  # the files' names, and so their order, are random
def test_several_files_of_several_questions_arrive(scene: Scene, _: int) -> None:
    asked_ = [ask_with(scene, LARGE[:600_000], SMALL) for _ in range(3)]

    exchanges = scene.ke.node.courier.call(scene.vn.id)

    assert exchanges < 12
    for done, (large, small) in asked_:
        assert has(scene.vn, done.act)
        assert (came(scene, large), came(scene, small)) == (LARGE[:600_000], SMALL)


def test_a_question_goes_beside_a_large_file(scene: Scene) -> None:
    ask_with(scene, LARGE)
    scene.ke.node.courier.exchange(scene.vn.id)
    short = scene.ke.seat().ask(asked())

    scene.ke.node.courier.exchange(scene.vn.id)

    assert has(scene.vn, short.act)


def test_a_chunk_that_nobody_asked_for_is_not_kept(scene: Scene) -> None:
    blob = BlobId(digest(SMALL))

    answer = told(
        scene.ke, scene.vn, chunks=(Chunk(blob=blob, offset=0, total=len(SMALL), data=SMALL),)
    )

    assert parts(scene.vn) == []
    assert not scene.vn.house.store.folder.has(blob)
    assert (answer.wants, kinds(scene.vn)) == ((), [])


def wanted(scene: Scene) -> tuple[Done, Attachment, Parcel, Parcel]:
    """Let Kenya's docket be read by Viet Nam, which now wants its file; return both parcels."""
    done, [file] = ask_with(scene, SMALL)
    parcel = read(scene.vn, made(scene.ke, scene.vn))
    answer = told(scene.ke, scene.vn, items=parcel.items)
    assert answer.wants == (Want(blob=BlobId(file.blob), offset=0),)
    assert answer.receipts == ()
    return done, file, parcel, answer


def chunk_of(scene: Scene, file: Attachment, **changed: object) -> Chunk:
    data = scene.ke.house.store.folder.read(file.blob)
    whole = Chunk(blob=BlobId(file.blob), offset=0, total=len(data), data=data)
    return replace(whole, **changed)  # type: ignore[arg-type]  # as the test says it


def test_a_file_with_other_bytes_is_thrown_away_and_its_docket_refused(scene: Scene) -> None:
    done, file, parcel, _ = wanted(scene)
    false = chunk_of(scene, file, data=bytes(file.size))

    answer = told(scene.ke, scene.vn, items=parcel.items, chunks=(false,))

    refusal = Refusal(docket=digest(parcel.items[0].docket), code="untrusted.malformed.digest")
    assert (answer.wants, answer.refusals, answer.receipts) == ((), (refusal,), ())
    assert parts(scene.vn) == []
    assert not has(scene.vn, done.act)
    good = told(scene.ke, scene.vn, items=parcel.items, chunks=(chunk_of(scene, file),))
    assert len(good.receipts) == 1
    assert came(scene, file) == SMALL


def test_a_sender_whose_disk_changed_a_file_is_not_asked_for_it_without_end(scene: Scene) -> None:
    done, [file] = ask_with(scene, LARGE)
    kept = scene.ke.house.store.folder.of(file.blob)
    good = kept.read_bytes()
    kept.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))

    exchanges = scene.ke.node.courier.call(scene.vn.id)

    assert exchanges < 12
    assert not has(scene.vn, done.act)
    kept.write_bytes(good)  # from a backup
    scene.hours.pass_(hours=1)
    scene.sync()
    assert has(scene.vn, done.act)
    assert came(scene, file) == LARGE


def test_one_file_attached_twice_arrives(scene: Scene) -> None:
    file = attached(scene.ke, SMALL)
    done = scene.ke.seat().ask(asked(attachments=(file, file)))

    scene.ke.node.courier.call(scene.vn.id)

    assert has(scene.vn, done.act)
    assert came(scene, file) == SMALL


def test_files_of_one_question_may_come_one_after_the_other(scene: Scene) -> None:
    done, files = ask_with(scene, SMALL, LARGE[:5000], LARGE[:9000])
    parcel = read(scene.vn, made(scene.ke, scene.vn))

    answers = [
        told(scene.ke, scene.vn, items=parcel.items, chunks=(chunk_of(scene, each),))
        for each in files
    ]

    assert [len(each.wants) for each in answers] == [2, 1, 0]
    assert [len(each.receipts) for each in answers] == [0, 0, 1]
    assert has(scene.vn, done.act)
    assert [came(scene, each) for each in files] == [SMALL, LARGE[:5000], LARGE[:9000]]
    assert parts(scene.vn) == []


def test_a_question_with_more_files_than_are_asked_for_at_once_arrives(scene: Scene) -> None:
    done, files = ask_with(scene, *(bytes([each]) * 70_000 for each in range(20)))

    exchanges = scene.ke.node.courier.call(scene.vn.id)

    assert exchanges < 12
    assert has(scene.vn, done.act)
    assert [came(scene, each) for each in files] == [bytes([n]) * 70_000 for n in range(20)]


def test_a_chunk_beyond_the_promised_end_is_not_kept(scene: Scene) -> None:
    _, file, parcel, _ = wanted(scene)
    long = chunk_of(scene, file, total=file.size + 10, data=bytes(file.size + 10))

    answer = told(scene.ke, scene.vn, items=parcel.items, chunks=(long,))

    assert answer.wants[0].offset == 0
    assert parts(scene.vn) == []


def test_chunks_may_come_twice_and_overlap_and_leave_no_gap(scene: Scene) -> None:
    done, file, parcel, _ = wanted(scene)
    data = scene.ke.house.store.folder.read(file.blob)
    cut = [(0, 400), (200, 900), (2000, 2400), (200, 900), (900, len(data))]
    chunks = tuple(
        Chunk(blob=BlobId(file.blob), offset=a, total=len(data), data=data[a:b]) for a, b in cut
    )

    answer = told(scene.ke, scene.vn, items=parcel.items, chunks=chunks)

    assert len(answer.receipts) == 1
    assert has(scene.vn, done.act)
    assert came(scene, file) == SMALL


def test_bytes_that_came_whole_before_a_crash_are_not_lost(scene: Scene) -> None:
    done, file, parcel, _ = wanted(scene)
    folder = scene.vn.house.store.folder
    folder.write(file.blob, scene.ke.house.store.folder.read(file.blob))  # and the row was not

    answer = told(scene.ke, scene.vn, items=parcel.items, chunks=(chunk_of(scene, file),))

    assert len(answer.receipts) == 1
    assert has(scene.vn, done.act)
    assert parts(scene.vn) == []


def test_a_file_is_given_to_nobody_to_whom_it_was_not_released(scene: Scene) -> None:
    file = attached(scene.ke, SMALL)  # named by nothing yet
    unknown = BlobId("0" * 64)

    answer = told(
        scene.vn,
        scene.ke,
        wants=(Want(blob=BlobId(file.blob), offset=0), Want(blob=unknown, offset=0)),
    )

    assert answer.chunks == ()


def test_what_is_wanted_beyond_the_end_is_not_there(scene: Scene) -> None:
    _, [file] = ask_with(scene, SMALL)

    answer = told(scene.vn, scene.ke, wants=(Want(blob=BlobId(file.blob), offset=file.size),))

    assert answer.chunks == ()


def test_a_file_that_is_here_already_is_not_carried_again(scene: Scene) -> None:
    _, [file] = ask_with(scene, LARGE)
    scene.sync()
    scene.travelled.clear()
    again_ = scene.ke.seat().ask(asked(attachments=(file,)))

    scene.sync()

    assert has(scene.vn, again_.act)
    assert [each for parcel in sent(scene, scene.vn) for each in parcel.chunks] == []


def test_a_large_file_leaves_room_for_receipts(scene: Scene) -> None:
    _, [file] = ask_with(scene, LARGE)
    made(scene.ke, scene.vn)  # and the docket is on its way

    answer = told(scene.vn, scene.ke, wants=(Want(blob=BlobId(file.blob), offset=0),))

    assert 0 < sum(len(each.data) for each in answer.chunks) <= deliver.BUDGET * 3 // 4
