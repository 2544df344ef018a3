# SPDX-License-Identifier: Apache-2.0
"""The worker, and the key of the drafts on a device: for its officer alone, on no shared phone."""

import base64

import pytest
from tests.services.settle import PASSPHRASE
from tests.web.desk import Visitor, application
from tests.world import WorldNode

from comity.crypto import age
from comity.errors import Malformed
from comity.services import draft_key
from comity.services.draft_key import LIMIT


def test_the_next_sign_in_opens_the_drafts_of_before(kenya: WorldNode) -> None:
    app = application(kenya)
    first = Visitor.signed_in(app, "investigator KE").get("/draft-key")
    told = first.get_json()

    again = Visitor.signed_in(app, "investigator KE").post(
        "/draft-key/open", wrapped=told["wrapped"]
    )

    assert len(base64.b64decode(told["key"])) == 32
    assert again.get_json() == told
    assert "no-store" in first.headers["Cache-Control"]


def test_no_two_keys_are_the_same(kenya: WorldNode) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")

    assert officer.get("/draft-key").get_json() != officer.get("/draft-key").get_json()


def test_another_officer_and_a_stranger_open_nothing(kenya: WorldNode) -> None:
    app = application(kenya)
    told = Visitor.signed_in(app, "investigator KE").get("/draft-key").get_json()

    other = Visitor.signed_in(app, "colleague KE").post("/draft-key/open", wrapped=told["wrapped"])
    stranger = Visitor.at(app).post("/draft-key/open", wrapped=told["wrapped"])

    assert other.status_code == 409
    assert told["key"] not in other.text
    assert stranger.status_code == 303


@pytest.mark.parametrize("wrapped", ["", "no base64!", base64.b64encode(b"no seal").decode()])
def test_what_is_no_wrapped_key_is_refused(kenya: WorldNode, wrapped: str) -> None:
    officer = Visitor.signed_in(application(kenya), "investigator KE")

    assert officer.post("/draft-key/open", wrapped=wrapped).status_code in (409, 422)


def test_something_else_that_was_sealed_to_him_is_not_handed_out(kenya: WorldNode) -> None:
    officer = kenya.seat().unlocked
    letter = age.encrypt(b"his own letter", [officer.storage.recipient])

    for each in (letter, bytes(LIMIT + 1)):
        with pytest.raises(Malformed):
            draft_key.opened(officer, each)


def test_on_a_shared_phone_there_is_no_key(kenya: WorldNode) -> None:
    shared = Visitor.at(application(kenya))
    shared.post("/in", who="investigator KE", passphrase=PASSPHRASE, shared="1")

    assert shared.get("/draft-key").get_json() == {}
    assert shared.post("/draft-key/open", wrapped="x").get_json() == {}
    assert "data-shared" in shared.get("/today").text


def test_the_worker_and_the_icon_are_handed_to_whoever_comes(kenya: WorldNode) -> None:
    stranger = Visitor.at(application(kenya))

    worker, icon = stranger.get("/worker.js"), stranger.get("/icon.svg")

    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert "sandbox" not in worker.headers["Content-Security-Policy"]
    assert icon.headers["Content-Type"].startswith("image/svg+xml")
