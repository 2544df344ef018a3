# SPDX-License-Identifier: Apache-2.0
"""By what one signs in: a second factor, a lock phrase, the passphrase, and where one is signed in.

Each change asks for the passphrase, ends every session of his, and begins one here.
"""

from typing import Final

from comity.crypto import passkey
from comity.crypto.passkey import Door
from comity.domain.ids import OfficerId, mint
from comity.domain.time import from_millis
from comity.errors import Malformed, Misused
from comity.formats import qr
from comity.services import lock_phrase, second_factor
from comity.services.enrol import names
from comity.services.second_factor import Offer, Part, Rule
from comity.services.unlock import change_passphrase
from comity.web.answers import Bytes, Result, SeeOther, get, page, post
from comity.web.kit import COOKIE, SIGN_IN, cookie_of
from comity.web.sign_in import secret_of
from comity.web.visit import Visit
from comity.wire.identity import Passkey

_NONCE: Final = 26
_PAIR: Final = 4


def overview(visit: Visit) -> Result:
    me = _me(visit)
    places = visit.desk.sessions.of(me)
    here = visit.session.id if visit.session else ""
    return page(
        "sign_in_by.html",
        stands=second_factor.stands(visit.house, me),
        required=_rule(visit) is Rule.REQUIRED,
        passkeys=visit.door() is not None and passkey.is_there(),
        places=[(each, from_millis(each.begun), each.id == here) for each in places],
        saved=visit.query.get("saved") == "1",
    )


def phone_page(visit: Visit) -> Result:
    offered = _offer(visit, visit.form.text("nonce") or mint(visit.house.random))
    return page("sign_in_phone.html", offer=offered, words=_in_fours(offered.secret))


def phone_picture(visit: Visit, nonce: str) -> Result:
    """Return what the telephone's camera reads."""
    offered = _offer(visit, nonce)
    return Bytes(content=qr.svg(offered.address), media="image/svg+xml")


def phone(visit: Visit) -> Result:
    form = visit.form
    offered, code = _offer(visit, form.need("nonce")), form.need("code")
    second_factor.set_phone(visit.house, offered, secret_of(form, "passphrase"), code)
    return _saved(visit)


def sheet_page(visit: Visit) -> Result:
    return page("sign_in_sheet.html", stands=second_factor.stands(visit.house, _me(visit)))


def sheet(visit: Visit) -> Result:
    """Make a new sheet and show it, this once."""
    typed = secret_of(visit.form, "passphrase")
    codes = second_factor.set_sheet(visit.house, _me(visit), typed)
    _saved(visit)
    return page("sign_in_codes.html", codes=[_in_fours(each) for each in codes])


def passkey_page(visit: Visit) -> Result:
    nonce = visit.form.text("nonce") or mint(visit.house.random)
    door = _door(visit, nonce)
    user = _user(visit)
    return page("sign_in_passkey.html", nonce=nonce, options=passkey.to_register(door, user, ()))


def add_passkey(visit: Visit) -> Result:
    form = visit.form
    door = _door(visit, form.need("nonce"))
    try:
        made = passkey.registered(door, form.text("said"))
        kept = Passkey(host=door.host, id=made.id, public=made.public)
    except (Malformed, ValueError):
        raise Misused("passkey", field="said") from None
    second_factor.add_passkey(visit.house, _me(visit), secret_of(form, "passphrase"), kept)
    return _saved(visit)


def remove_page(visit: Visit, part: str) -> Result:
    del visit
    return page("sign_in_remove.html", part=_part(part).value)


def remove(visit: Visit, part: str) -> Result:
    typed = secret_of(visit.form, "passphrase")
    second_factor.remove(visit.house, _me(visit), typed, _part(part))
    return _saved(visit)


def lock_page(visit: Visit) -> Result:
    me, known = _me(visit), names(visit.house)
    card = visit.book.agency(visit.seat.unlocked.agency)
    others = [(each.id, known.get(each.id) or each.label) for each in card.officers]
    # Whether he has one already is not shown: whoever forces him may look at this page.
    return page("sign_in_lock.html", people=[each for each in others if each[0] != me])


def lock(visit: Visit) -> Result:
    form = visit.form
    typed, phrase = secret_of(form, "passphrase"), secret_of(form, "phrase")
    if phrase != secret_of(form, "again"):
        raise Misused("passphrase.twice", field="again")
    lock_phrase.choose_lock_phrase(visit.house, _me(visit), typed, phrase, form.all("people"))
    return SeeOther(f"{SIGN_IN}?saved=1")


def drop_lock(visit: Visit) -> Result:
    lock_phrase.drop_lock_phrase(visit.house, _me(visit), secret_of(visit.form, "passphrase"))
    return SeeOther(f"{SIGN_IN}?saved=1")


def passphrase_page(visit: Visit) -> Result:
    del visit
    return page("sign_in_passphrase.html")


def passphrase(visit: Visit) -> Result:
    form = visit.form
    typed, new = secret_of(form, "passphrase"), secret_of(form, "new")
    if new != secret_of(form, "again"):
        raise Misused("passphrase.twice", field="again")
    change_passphrase(visit.house, _me(visit), typed, new)
    return _saved(visit)


def end(visit: Visit) -> Result:
    """End one session of his, or all of them but this."""
    me, here = _me(visit), visit.session.id if visit.session else ""
    chosen = visit.form.text("place")
    ends = [each.id for each in visit.desk.sessions.of(me)] if chosen == "others" else [chosen]
    for each in ends:
        if each != here:
            visit.desk.sessions.end_one(me, each)
    return SeeOther(f"{SIGN_IN}?saved=1")


def let_in_page(visit: Visit, officer: str) -> Result:
    """Ask for an administrator, who lets a colleague in again together with this officer."""
    found = [e for e in visit.seat.alerts() if e.officer == officer]
    if not found:
        raise Misused("page-unknown")
    return page("let_in.html", officer=_name(visit, found[0].officer), at=found[0].at)


def let_in(visit: Visit, officer: str) -> Result:
    form = visit.form
    administrator = visit.desk.sessions.witness(
        form.need("who"), secret_of(form, "passphrase"), form.text("code"), visit.address
    )
    lock_phrase.let_in(visit.house, visit.seat.unlocked, OfficerId(officer), administrator)
    return SeeOther("/today")


def _user(visit: Visit) -> bytes:
    """Return what stands for the officer on his telephone: it tells nothing and stays the same."""
    return visit.house.vault.tag(_me(visit).encode(), "passkey")[:16]


def _me(visit: Visit) -> OfficerId:
    return visit.seat.unlocked.entry.id


def _name(visit: Visit, officer: OfficerId) -> str:
    return names(visit.house).get(officer) or visit.people.of(officer)


def _rule(visit: Visit) -> Rule:
    return second_factor.read_rule(visit.house, visit.seat.unlocked.agency)


def _offer(visit: Visit, nonce: str) -> Offer:
    if len(nonce) != _NONCE or not nonce.isalnum() or not nonce.isascii():
        raise Misused("page-unknown")
    return second_factor.offer(visit.seat.unlocked, visit.house, nonce)


def _door(visit: Visit, nonce: str) -> Door:
    door = visit.door(_offer(visit, nonce).seed)
    if door is None:
        raise Misused("page-unknown")
    return door


def _part(named: str) -> Part:
    try:
        return Part(named)
    except ValueError:
        raise Misused("page-unknown") from None


def _in_fours(code: str) -> str:
    return " ".join(code[at : at + _PAIR] for at in range(0, len(code), _PAIR))


def _saved(visit: Visit) -> Result:
    """Begin a session with another secret: those of before have ended."""
    if visit.session is not None:
        secret, _ = visit.desk.sessions.again(visit.session)
        visit.cookies[COOKIE] = cookie_of(secret)
    return SeeOther(f"{SIGN_IN}?saved=1")


ROUTES = (
    get(SIGN_IN, overview),
    get(f"{SIGN_IN}/phone", phone_page),
    post(f"{SIGN_IN}/phone", phone, again=phone_page),
    get(f"{SIGN_IN}/phone/<nonce>.svg", phone_picture),
    get(f"{SIGN_IN}/sheet", sheet_page),
    post(f"{SIGN_IN}/sheet", sheet, again=sheet_page),
    get(f"{SIGN_IN}/passkey", passkey_page),
    post(f"{SIGN_IN}/passkey", add_passkey, again=passkey_page),
    get(f"{SIGN_IN}/remove/<part>", remove_page),
    post(f"{SIGN_IN}/remove/<part>", remove, again=remove_page),
    get(f"{SIGN_IN}/lock", lock_page),
    post(f"{SIGN_IN}/lock", lock, again=lock_page),
    post(f"{SIGN_IN}/lock/drop", drop_lock, again=lock_page),
    get(f"{SIGN_IN}/passphrase", passphrase_page),
    post(f"{SIGN_IN}/passphrase", passphrase, again=passphrase_page),
    post(f"{SIGN_IN}/end", end),
    get("/let-in/<officer>", let_in_page),
    post("/let-in/<officer>", let_in, again=let_in_page),
)
