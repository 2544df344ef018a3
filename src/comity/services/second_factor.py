# SPDX-License-Identifier: Apache-2.0
"""A second factor: besides his passphrase an officer shows what he has with him.

A code of his telephone, a code of a printed sheet or a passkey: any one that he has set up. Their
secrets lie in his identity file, under his passphrase, so each is set up with the passphrase at
hand. What is kept beside it, under the house key, is what was used: a code counts once, whichever
process sees it first.

It stands before the pages alone. Whoever is at the command line has the machine, and there nothing
could be asked that stock age does not open without.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from hmac import digest as hmac_of
from typing import Final

from comity.crypto import one_time
from comity.crypto import passphrase as passphrases
from comity.crypto.age import Passphrase, encrypt
from comity.domain.ids import AgencyId, OfficerId
from comity.errors import Misused, Refused
from comity.services.agencies import factor_of
from comity.services.enrol import own_card
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.signed_in import end_everywhere
from comity.services.unlock import Second, identity_of, put_anew
from comity.storage import housed
from comity.storage.housed import Housed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical, identity
from comity.wire.identity import PASSKEYS, Factors, IdentityFile, Passkey

ROOM: Final = "second-factor"
RULE: Final = "second-factor-rule"
ISSUER: Final = "Desk"
_LIMIT: Final = 4096


class Rule(StrEnum):
    """What an agency wants of its officers at the pages."""

    FREE = "free"
    REQUIRED = "required"


class Part(StrEnum):
    PHONE = "phone"
    SHEET = "sheet"
    PASSKEYS = "passkeys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What an officer has set up, and what of it was used."""

    phone: str = ""
    """Which seed his telephone has (by hash); empty if it has none."""
    step: int = 0
    """The last step whose code was used."""
    sheet: str = ""
    """Which sheet he has; empty if none."""
    used: tuple[int, ...] = ()
    """Numbers of its codes that were used."""
    passkeys: int = 0

    @property
    def left(self) -> int:
        """How many codes of the sheet are left."""
        return one_time.CODES - len(self.used) if self.sheet else 0

    @property
    def any(self) -> bool:
        return bool(self.phone or self.sheet or self.passkeys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown at the pages besides the passphrase."""

    code: str = ""
    host: str = ""
    """The host name by which the browser calls: a passkey is for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A seed that a telephone is offered, until the officer shows that it has it."""

    nonce: str
    seed: bytes = field(repr=False)
    officer: OfficerId

    @property
    def address(self) -> str:
        """What the picture says; it names nobody."""
        return one_time.address(self.seed, self.officer[:4], ISSUER)

    @property
    def secret(self) -> str:
        return one_time.secret(self.seed)


def judging(house: House, shown: Shown) -> Callable[[IdentityFile], Second]:
    """Return what judges, once the passphrase is right, whether *shown* is enough besides it."""
    return lambda opened: _judged(house, opened, shown)


def _judged(house: House, opened: IdentityFile, shown: Shown) -> Second:
    factors = opened.factors
    if not factors:
        return Second.GOOD
    if shown.code:
        good = _by_phone(house, opened, shown.code) or _by_sheet(house, opened, shown.code)
        return Second.GOOD if good else Second.WRONG
    awaited = any(each.host == shown.host for each in factors.passkeys)
    return Second.AWAITED if awaited else Second.WRONG


def _by_phone(house: House, opened: IdentityFile, code: str) -> bool:
    seed = opened.factors.phone
    step = one_time.step_of(seed, code, house.now(), after=0) if seed else None
    if step is None:
        return False

    def work(before: Stands) -> Stands | None:
        if before.phone == _named(seed) and step <= before.step:
            return None
        return replace(before, phone=_named(seed), step=step)

    return house.store.write(lambda w: _change(w, house, opened.officer, work))


def _by_sheet(house: House, opened: IdentityFile, code: str) -> bool:
    seed = opened.factors.sheet
    number = one_time.number_of(seed, code) if seed else None
    if number is None:
        return False

    def work(before: Stands) -> Stands | None:
        used = before.used if before.sheet == _named(seed) else ()
        if number in used:
            return None
        return replace(before, sheet=_named(seed), used=(*used, number))

    return house.store.write(lambda w: _change(w, house, opened.officer, work))


def stands(house: House, officer: OfficerId) -> Stands:
    """Return what *officer* has set up."""
    with house.store.read() as reading:
        return _stands(reading, house, officer)


def offer(unlocked: Unlocked, house: House, nonce: str) -> Offer:
    """Return the seed that belongs to *nonce* for this officer here; it is kept nowhere."""
    pepper = house.vault.tag_key(ROOM)
    mixed = hmac_of(pepper, str(unlocked.storage).encode() + b"\n" + nonce.encode(), "sha256")
    return Offer(nonce=nonce, seed=mixed[: one_time.PHONE_SEED], officer=unlocked.entry.id)


def set_phone(house: House, offered: Offer, passphrase: str, code: str) -> None:
    """Ask for the codes of the telephone that shows *code*, which proves that it has the seed."""
    step = one_time.step_of(offered.seed, code, house.now(), after=0)
    if step is None:
        raise Misused("second-factor-code", field="code")
    seed = offered.seed
    _rewrite(
        house,
        offered.officer,
        passphrase,
        lambda held: replace(held, phone=seed),
        lambda told: replace(told, phone=_named(seed), step=step),
    )


def set_sheet(house: House, who: str, passphrase: str) -> tuple[str, ...]:
    """Make a new sheet of codes, and return them; those of the sheet before count no more."""
    seed = house.random(one_time.SHEET_SEED)
    _rewrite(
        house,
        who,
        passphrase,
        lambda held: replace(held, sheet=seed),
        lambda told: replace(told, sheet=_named(seed), used=()),
    )
    return one_time.sheet(seed)


def add_passkey(house: House, who: str, passphrase: str, passkey: Passkey) -> None:
    def with_it(held: Factors) -> Factors:
        if len(held.passkeys) >= PASSKEYS:
            raise Refused("second-factor-many")
        return replace(held, passkeys=(*held.passkeys, passkey))

    _rewrite(
        house, who, passphrase, with_it, lambda told: replace(told, passkeys=told.passkeys + 1)
    )


def remove(house: House, who: str, passphrase: str, part: Part) -> None:
    """Ask for *part* no more; raise Refused where the agency wants one and no other is left."""
    without: dict[Part, tuple[dict[str, object], dict[str, object]]] = {
        Part.PHONE: ({"phone": b""}, {"phone": ""}),
        Part.SHEET: ({"sheet": b""}, {"sheet": "", "used": ()}),
        Part.PASSKEYS: ({"passkeys": ()}, {"passkeys": 0}),
    }
    held, told = without[part]
    _rewrite(
        house,
        who,
        passphrase,
        lambda before: replace(before, **held),  # type: ignore[arg-type]  # by the table above
        lambda before: replace(before, **told),  # type: ignore[arg-type]
    )


def forget_factors(writing: Writing, officer: str) -> None:
    """Forget what was used: the keys of *officer* were made anew, without any of it."""
    housed.discard(writing, ROOM, [officer])


def set_rule(house: House, agency: AgencyId, rule: Rule) -> None:
    """Want a second factor of every officer of *agency* at the pages, or leave it to them."""
    own_card(house, agency)
    body = house.vault.lock(rule.encode(), f"{RULE}/{agency}")
    row = Housed(room=RULE, name=agency, owner=agency, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def read_rule(house: House, agency: AgencyId) -> Rule:
    with house.store.read() as reading:
        rows = housed.get(reading, RULE, [agency])
    if not rows:
        return Rule.FREE
    return Rule(house.vault.open(rows[0].body, f"{RULE}/{agency}").decode())


def _rewrite(
    house: House,
    who: str,
    passphrase: str,
    change: Callable[[Factors], Factors],
    note: Callable[[Stands], Stands],
) -> None:
    """Write the identity file of *who* with other factors; whatever he has open is over."""
    card, entry, opened, before = identity_of(house, who, passphrase)
    made = replace(opened, factors=change(opened.factors))
    if opened.factors and not made.factors and read_rule(house, card.id) is Rule.REQUIRED:
        raise Refused("second-factor-required")
    typed = passphrases.normalise(passphrase)
    sealed = encrypt(identity.write(made), [Passphrase(typed, factor=factor_of(house))])

    def work(writing: Writing) -> None:
        put_anew(writing, house, entry, before=before, sealed=sealed)
        _change(writing, house, entry.id, note)

    house.store.write(work)
    end_everywhere(house, entry.id)


def _change(
    writing: Writing, house: House, officer: OfficerId, work: Callable[[Stands], Stands | None]
) -> bool:
    """Keep what *work* makes of how things stand; return False where it makes nothing of it."""
    _ = writing.log  # its lock: of two who show one code at once one is first
    after = work(_stands(writing, house, officer))
    if after is None:
        return False
    body = house.vault.lock(canonical.encode(after), f"{ROOM}/{officer}")
    housed.put(writing, [Housed(room=ROOM, name=officer, body=body)])
    return True


def _stands(reading: Reading, house: House, officer: OfficerId) -> Stands:
    rows = housed.get(reading, ROOM, [officer])
    if not rows:
        return Stands()
    opened = house.vault.open(rows[0].body, f"{ROOM}/{officer}")
    return canonical.decode(opened, Stands, limit=_LIMIT)


def _named(seed: bytes) -> str:
    """Return by what *seed* is told from another, and nothing else is learned of it."""
    return sha256(seed).hexdigest()[:16]
