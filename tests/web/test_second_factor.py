# SPDX-License-Identifier: Apache-2.0
"""Besides the passphrase: a code of the telephone, of a sheet, or a passkey; each counts once."""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from tests.services.settle import PASSPHRASE
from tests.web.desk import Visitor, words
from tests.web.door import INVESTIGATOR, Phone, cookie_of, first_door, kenya, knock, sheet_of
from tests.world import WorldNode

from comity.crypto import one_time
from comity.crypto.age import Passphrase, decrypt
from comity.domain.ids import RANDOM_BYTES
from comity.errors import Refused, TooLate
from comity.services import second_factor
from comity.services.epochs import sign_in
from comity.services.export import export
from comity.services.renew import renew_keys
from comity.services.second_factor import Part, Rule
from comity.services.unlock import change_passphrase

__all__ = ["first_door", "kenya"]
_NEW: dict[Callable[..., object], dict[str, str]] = {
    change_passphrase: {"new": "other words"},
    renew_keys: {"new_passphrase": "other words"},
}
WRONG = "The name, the passphrase or the code is not right."


def test_who_has_a_phone_signs_in_with_its_code(kenya: WorldNode, app: Flask) -> None:
    phone = Phone(kenya)

    assert knock(app, code=phone.code).headers["Location"] == "/today"


@pytest.mark.parametrize("code", ["", "000000", "abcdefgh"])
def test_the_passphrase_alone_opens_nothing_and_nobody_learns_that_it_was_right(
    kenya: WorldNode, app: Flask, code: str
) -> None:
    Phone(kenya)

    without, strange = knock(app, code=code), knock(app, "nobody", code=code)

    assert (without.status_code, strange.status_code) == (403, 403)
    assert WRONG in words(without)
    assert words(without).replace(INVESTIGATOR, "") == words(strange).replace("nobody", "")


def test_a_code_that_was_looked_at_over_his_shoulder_is_used_up(
    kenya: WorldNode, app: Flask
) -> None:
    phone = Phone(kenya)
    seen = phone.code
    knock(app, code=seen)

    assert knock(app, code=seen).status_code == 403
    phone.wait()
    assert knock(app, code=phone.code).status_code == 303


def test_a_code_counts_once_also_where_what_was_used_is_lost(kenya: WorldNode, app: Flask) -> None:
    phone = Phone(kenya)
    officer = kenya.settled.people["investigator"]
    kenya.house.store.write(lambda w: second_factor.forget_factors(w, officer))

    first, again = knock(app, code=phone.code), knock(app, code=phone.code)

    assert (first.status_code, again.status_code) == (303, 403)


@pytest.mark.parametrize("late", [change_passphrase, renew_keys])
def test_what_he_sets_up_at_the_same_moment_is_not_lost(
    kenya: WorldNode, late: Callable[..., object]
) -> None:
    """A second session sets up a sheet while the first derives a key."""
    codes: list[tuple[str, ...]] = []

    def random(size: int) -> bytes:
        if size == RANDOM_BYTES and not codes:  # an attempt begins: his file was read
            codes.append(())
            codes[0] = sheet_of(kenya)
        return os.urandom(size)

    first = replace(kenya.house, random=random)
    with pytest.raises(TooLate):
        late(first, INVESTIGATOR, PASSPHRASE, **_NEW[late])

    [sheet] = codes
    text = decrypt(
        export(kenya.house, kenya.settled.people["investigator"]), [Passphrase(PASSPHRASE)]
    ).decode()
    assert sheet
    assert "# sheet-seed: " in text


def test_a_code_from_before_the_last_one_used_opens_nothing(kenya: WorldNode, app: Flask) -> None:
    phone = Phone(kenya)
    earlier = phone.code
    phone.wait()
    knock(app, code=phone.code)

    assert knock(app, code=earlier).status_code == 403


def test_each_code_of_a_sheet_opens_once(kenya: WorldNode, app: Flask) -> None:
    codes = sheet_of(kenya)

    first = knock(app, code=codes[3].upper())
    again = knock(app, code=codes[3])
    another = knock(app, code=f"{codes[0][:4]} {codes[0][4:]}")

    assert (first.status_code, again.status_code, another.status_code) == (303, 403, 303)
    assert second_factor.stands(kenya.house, kenya.settled.people["investigator"]).left == 18


def test_a_new_sheet_voids_the_one_that_was_lost(kenya: WorldNode, app: Flask) -> None:
    lost, new = sheet_of(kenya), sheet_of(kenya)

    assert knock(app, code=lost[0]).status_code == 403
    assert knock(app, code=new[0]).status_code == 303


def test_guessing_codes_is_slowed_like_guessing_passphrases(kenya: WorldNode, app: Flask) -> None:
    phone = Phone(kenya)
    for code in ("000001", "000002", "000003"):
        knock(app, code=code)

    throttled = knock(app, code=phone.code)

    assert throttled.status_code == 403
    assert WRONG not in words(throttled)


def test_his_file_opens_with_stock_age_all_the_same(kenya: WorldNode) -> None:
    Phone(kenya)
    sheet_of(kenya)
    text = decrypt(
        export(kenya.house, kenya.settled.people["investigator"]), [Passphrase(PASSPHRASE)]
    ).decode()

    others = [each for each in text.splitlines() if not each.startswith("#")]

    assert all(each.startswith("AGE-SECRET-KEY-PQ-1") for each in others)
    assert "# totp-seed: " in text
    assert "# sheet-seed: " in text


def test_it_outlives_new_keys_and_another_passphrase(kenya: WorldNode, app: Flask) -> None:
    phone = Phone(kenya)
    renew_keys(kenya.house, INVESTIGATOR, PASSPHRASE)
    kenya.world.hours.pass_(hours=24 * 100)
    sign_in(kenya.house, INVESTIGATOR, PASSPHRASE)  # begins his next reading epoch
    change_passphrase(kenya.house, INVESTIGATOR, PASSPHRASE, "other words")

    assert knock(app, passphrase="other words").status_code == 403
    assert knock(app, passphrase="other words", code=phone.code).status_code == 303


def test_it_is_set_up_on_a_page(kenya: WorldNode, app: Flask) -> None:
    officer = Visitor.signed_in(app, INVESTIGATOR)
    shown = officer.get("/sign-in/phone")
    found = re.search(r'name="nonce" value="(\w+)"', shown.text)
    assert found
    nonce = found[1]
    seed = second_factor.offer(kenya.settled.unlocked(), kenya.house, nonce).seed
    before = cookie_of(officer)

    picture = officer.get(f"/sign-in/phone/{nonce}.svg")
    wrong = officer.post("/sign-in/phone", nonce=nonce, code="000000", passphrase=PASSPHRASE)
    code = one_time.shown_at(seed, kenya.world.hours.now)
    done = officer.post("/sign-in/phone", nonce=nonce, code=code, passphrase=PASSPHRASE)

    assert picture.mimetype == "image/svg+xml"
    assert "style" not in picture.text
    assert wrong.status_code == 422
    assert nonce in wrong.text  # the same picture, so that the phone need not be set up twice
    assert done.headers["Location"] == "/sign-in?saved=1"
    assert "Set up." in words(officer.get("/sign-in"))
    assert cookie_of(officer) != before


def test_a_sheet_is_made_on_a_page_and_shown_once(kenya: WorldNode, app: Flask) -> None:
    officer = Visitor.signed_in(app, INVESTIGATOR)

    made = officer.post("/sign-in/sheet", passphrase=PASSPHRASE)

    codes = re.findall(r"<code>(\w{4} \w{4})</code>", made.text)
    assert len(codes) == 20
    assert "20 codes are left" in words(officer.get("/sign-in"))
    assert knock(app, code=codes[0]).status_code == 303


def test_nothing_is_changed_without_the_passphrase(kenya: WorldNode, app: Flask) -> None:
    phone = Phone(kenya)
    officer = Visitor.at(app)
    officer.post("/in", who=INVESTIGATOR, passphrase=PASSPHRASE, code=phone.code)

    for path in ("sheet", "remove/phone"):
        assert officer.post(f"/sign-in/{path}", passphrase="a guess").status_code == 403

    assert officer.get("/sign-in").status_code == 200


def test_what_he_changes_ends_his_other_sessions(kenya: WorldNode, app: Flask) -> None:
    one, other = Visitor.signed_in(app, INVESTIGATOR), Visitor.signed_in(app, INVESTIGATOR)

    one.post("/sign-in/passphrase", passphrase=PASSPHRASE, new="other words", again="other words")

    assert one.get("/today").status_code == 200
    assert other.get("/today").headers["Location"] == "/?over=1"


def test_he_has_it_removed(kenya: WorldNode, app: Flask) -> None:
    phone = Phone(kenya)
    officer = Visitor.at(app)
    officer.post("/in", who=INVESTIGATOR, passphrase=PASSPHRASE, code=phone.code)

    asked = officer.get("/sign-in/remove/phone")
    officer.post("/sign-in/remove/phone", passphrase=PASSPHRASE)

    assert "not be asked for any more" in words(asked)
    assert knock(app).status_code == 303


def test_an_agency_that_wants_one_lets_nobody_on_without(kenya: WorldNode, app: Flask) -> None:
    second_factor.set_rule(kenya.house, kenya.agency, Rule.REQUIRED)

    officer = Visitor.at(app)
    signed_in = officer.post("/in", who=INVESTIGATOR, passphrase=PASSPHRASE)
    elsewhere = officer.get("/today")
    made = officer.post("/sign-in/sheet", passphrase=PASSPHRASE)

    assert signed_in.headers["Location"] == "/sign-in"
    assert elsewhere.headers["Location"] == "/sign-in"
    assert made.status_code == 200
    assert officer.get("/today").status_code == 200
    with pytest.raises(Refused, match="second-factor-required"):
        second_factor.remove(
            kenya.house, kenya.settled.people["investigator"], PASSPHRASE, Part.SHEET
        )


def test_whoever_is_at_the_command_line_has_the_machine(kenya: WorldNode) -> None:
    Phone(kenya)

    assert sign_in(kenya.house, INVESTIGATOR, PASSPHRASE).entry.id


def test_what_is_kept_beside_it_holds_no_secret(kenya: WorldNode) -> None:
    phone = Phone(kenya)
    codes = sheet_of(kenya)
    data = b"".join(each.read_bytes() for each in kenya.house.home.glob("comity.db*"))

    assert phone.seed not in data
    assert phone.seed.hex().encode() not in data
    assert not any(each.encode() in data for each in codes)


def test_a_picture_needs_its_library_and_a_browser_that_made_no_passkey_is_told(
    kenya: WorldNode, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = Visitor.signed_in(app, INVESTIGATOR)
    nonce = "a" * 26

    said = officer.post("/sign-in/passkey", nonce=nonce, said="none", passphrase=PASSPHRASE)
    strange = officer.get("/sign-in/phone/short.svg")
    part = officer.get("/sign-in/remove/everything")
    monkeypatch.setitem(sys.modules, "segno", None)
    without = officer.get(f"/sign-in/phone/{nonce}.svg")

    assert [e.status_code for e in (said, strange, part, without)] == [422, 422, 422, 503]
    assert "no passkey for this place" in words(said)
