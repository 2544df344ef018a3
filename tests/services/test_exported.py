# SPDX-License-Identifier: Apache-2.0
"""A letter is handed out as an age file that opens with the officer's own key file."""

import json

import pytest
from tests.services.scene import INFORMATION, Scene, rows_of
from tests.services.settle import PASSPHRASE
from tests.services.test_epochs import days, seat, signed_in

from comity.crypto import dsse
from comity.crypto.age import HybridIdentity, Passphrase, decrypt
from comity.domain.docket import ReceiptStage
from comity.domain.ids import ActId
from comity.errors import Damaged, Misused, NotForUs
from comity.services.by_hand import open_by_hand
from comity.services.export import export
from comity.services.exported import export_act, export_thread
from comity.storage import envelopes
from comity.wire import statement


def key_file(scene: Scene, who: str = "investigator") -> list[HybridIdentity]:
    """Return the keys that stock age reads from an officer's exported key file."""
    officer = scene.vn.settled.people[who]
    text = decrypt(export(scene.vn.house, officer), [Passphrase(PASSPHRASE)]).decode()
    return [HybridIdentity.parse(each) for each in text.splitlines() if not each.startswith("#")]


def test_the_exported_letter_opens_with_the_exported_key_file(scene: Scene) -> None:
    done = scene.ask()

    sealed = export_act(signed_in(scene.vn), scene.vn.house, done.act)

    opened = decrypt(sealed, key_file(scene))
    assert json.loads(opened)["payloadType"] == "application/vnd.comity+json"
    assert statement.author_of(opened.rstrip(b"\n")).statement.act == done.act
    assert sealed.count(b"\n-> ") == 1


def test_its_payload_is_the_envelope_s_and_the_envelope_stays(scene: Scene) -> None:
    done = scene.ask()
    row = next(row for row in rows_of(scene.vn, done.act))

    sealed = export_act(signed_in(scene.vn), scene.vn.house, done.act)

    with scene.vn.house.store.read() as reading:
        envelope = envelopes.get(reading, [row.envelope])[row.envelope]
    payload = envelope[envelope.index(b"\n--- ") + 5 :]
    assert sealed.endswith(payload[44:])
    assert scene.vn.verify().sound


def test_it_opens_when_the_reading_key_is_gone_and_for_nobody_else(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    days(scene, 90)
    signed_in(scene.vn)
    days(scene, 181)

    sealed = export_act(signed_in(scene.vn), scene.vn.house, done.act)

    assert decrypt(sealed, key_file(scene)[-1:])
    with pytest.raises(NotForUs):
        decrypt(sealed, key_file(scene, "colleague"))


def test_a_thread_is_handed_out_letter_by_letter(scene: Scene) -> None:
    done = scene.ask()
    answered = seat(scene.vn).answer(done.thread, INFORMATION)

    found = export_thread(signed_in(scene.vn), scene.vn.house, done.thread)

    assert set(found) == {done.act, answered.act}
    for sealed in found.values():
        assert dsse.read(decrypt(sealed, key_file(scene)).rstrip(b"\n"), 1 << 20).signatures


def test_who_hands_it_out_has_opened_it_and_the_author_is_told(scene: Scene) -> None:
    done = scene.ask()
    export_act(signed_in(scene.vn), scene.vn.house, done.act)
    scene.sync()

    told = seat(scene.ke).thread(done.thread).thread.receipts
    assert ReceiptStage.OPENED in {each.stage for each in told}


def test_opened_by_hand_it_is_known_for_what_it_is(scene: Scene) -> None:
    done = scene.ask()
    reader = signed_in(scene.vn)

    found = open_by_hand(reader, scene.vn.house, export_act(reader, scene.vn.house, done.act))

    assert found.in_thread
    assert found.statement.act == done.act


def test_what_is_not_his_is_not_handed_out(scene: Scene) -> None:
    done = scene.ask()
    supervisor = signed_in(scene.vn, "supervisor")

    for act in (ActId("a" * 26), done.act):
        with pytest.raises(Misused):
            export_act(supervisor, scene.vn.house, act)


def test_a_wrap_that_was_changed_here_is_our_damage_and_nobody_else_s(scene: Scene) -> None:
    done = scene.ask()
    seat(scene.vn).thread(done.thread)
    scene.vn.house.store.write(
        lambda w: w.connection.exec_driver_sql("UPDATE wraps SET stanza = zeroblob(99)")
    )

    assert seat(scene.vn).thread(done.thread).thread.request is not None
    with pytest.raises(Damaged):
        export_act(signed_in(scene.vn), scene.vn.house, done.act)
    assert seat(scene.vn).thread(done.thread).mistrusted == ()
