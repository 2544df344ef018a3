# SPDX-License-Identifier: Apache-2.0
"""The source store: who a source is, kept apart from all else; elsewhere he is a number.

One file a source in ``HOME/sources``, outside the database and its backups: an age file sealed to
the officer who runs him and to a deputy, padded so that its size tells little, and locked once more
under the house key. No desk, no oversight and no recovery holder reads it. What is told about him
names ``S-0417`` and no more, and the program looks that it does not name him by mistake.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from comity.crypto.age import HybridRecipient, decrypt, encrypt
from comity.crypto.vault import HOUSE_KEY_SIZE, Vault
from comity.domain.ids import ActId, Random
from comity.errors import Malformed, Misused, Refused, Untrusted
from comity.services.address_book import read_book
from comity.services.compose import author_of
from comity.services.fields import line
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.relock import place_of_secret
from comity.storage import keys
from comity.storage.keys import Secret
from comity.storage.reading import Writing
from comity.storage.vaulted import Vaulted
from comity.wire import canonical
from comity.wire.padding import padme

FOLDER: Final = "sources"
OWN_KEY: Final = "sources"
LIMIT: Final = 64 * 1024
TEXT_LIMIT: Final = 8000
DIGITS: Final = 4
SMALLEST: Final = 4096
"""Every record is at least as large: most are alike."""
WORD: Final = 3
"""Letters of a word of a name that are looked for in what is told."""
CONTACT_DIGITS: Final = 6
_NUMBER = re.compile(r"S-([0-9]{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source, as his handler knows him."""

    type: str = "comity/source@1"
    number: str
    """``S-0417``: drawn at random, so that it tells nothing of how many there are."""
    name: str
    contact: str = ""
    risk: str = ""
    """What would happen to him, and what was promised."""
    remark: str = ""
    handler: str
    """The officer's id."""
    readers: tuple[str, ...]
    """The age recipients to whom it is sealed."""
    used: tuple[ActId, ...] = ()
    """What was told on his word."""
    at: datetime


def add_source(
    unlocked: Unlocked,
    house: House,
    *,
    name: str,
    contact: str = "",
    risk: str = "",
    remark: str = "",
    deputy: str = "",
) -> str:
    """Keep a new source of *unlocked*'s and return his number.

    *deputy* is a colleague, by name or id, who can read the record when the handler cannot.
    """
    book = read_book(house)
    author_of(unlocked, book)
    for field, text in (("contact", contact), ("risk", risk), ("remark", remark)):
        if len(text) > TEXT_LIMIT:
            raise Misused("field-long", field=field, limit=TEXT_LIMIT)
    readers = [str(unlocked.storage.recipient)]
    if deputy:
        card = book.agency(unlocked.agency)
        wanted = deputy.strip().casefold()
        found = [
            e for e in card.officers if wanted in (e.id, e.name.casefold(), e.label.casefold())
        ]
        if len(found) != 1:
            raise Misused("reader-unknown")
        readers.append(found[0].storage)
    number = _free(house)
    kept = Source(
        number=number,
        name=line(name, "name"),
        contact=contact.strip(),
        risk=risk.strip(),
        remark=remark.strip(),
        handler=unlocked.entry.id,
        readers=tuple(dict.fromkeys(readers)),
        at=house.now(),
    )
    if not _store(house).add(number, _sealed(house, kept)):
        raise Misused("source-number")
    return number


def sources(unlocked: Unlocked, house: House) -> tuple[Source, ...]:
    """Return the sources that *unlocked* can read, by number."""
    found = (_try(unlocked, house, each) for each in _store(house).names())
    return tuple(each for each in found if each is not None)


def source(unlocked: Unlocked, house: House, number: str) -> Source:
    """Return the source *number*; Misused if there is none that this officer can read.

    Who cannot read it is not told that it exists.
    """
    found = _try(unlocked, house, parse(number))
    if found is None:
        raise Misused("source-unknown")
    return found


def remove_source(unlocked: Unlocked, house: House, number: str) -> None:
    """Remove a source for ever: nobody can say afterwards who he was."""
    kept = source(unlocked, house, number)
    _store(house).remove(kept.number)


def parse(text: str) -> str:
    found = _NUMBER.fullmatch(text.strip().upper())
    if found is None:
        raise Misused("source-number")
    return found[0]


def check_unnamed(kept: Source, texts: Iterable[str]) -> None:
    """Raise Refused if one of *texts* names the source, or how he is reached."""
    names = {each for each in re.findall(r"\w+", _folded(kept.name)) if len(each) >= WORD}
    digits = {d for d in re.findall(r"\d+", _bare(kept.contact)) if len(d) >= CONTACT_DIGITS}
    words = set(re.findall(r"[\w.+-]+@[\w.-]+", _folded(kept.contact)))
    for text in texts:
        folded, bare = _folded(text), _bare(text)
        if names & set(re.findall(r"\w+", folded)):
            raise Refused("source-named")
        if any(each in bare for each in digits) or any(each in folded for each in words):
            raise Refused("source-named")


def confirmed(number: str, again: str) -> str:
    """Return *number* if *again* says the same; raise Misused: what is removed is gone."""
    if parse(number) != parse(again):
        raise Misused("source-again")
    return parse(number)


def note_use(unlocked: Unlocked, house: House, number: str, act: ActId) -> None:
    """Write into the record of source *number*, and nowhere else, that *act* rests on his word."""
    kept = source(unlocked, house, number)
    if act not in kept.used:
        used = replace(kept, used=(*kept.used, act))
        _store(house).put(kept.number, _sealed(house, used))


def _store(house: House) -> Vaulted:
    return Vaulted(house.home / FOLDER)


def _vault(house: House) -> Vault:
    """Return what locks the records: a key of their own, itself locked under the house key.

    So a new house key needs to touch no file, and a closed node opens none.
    """
    with house.store.read() as reading:
        row = keys.secret(reading, OWN_KEY)
    if row is None:
        made = own_key(house.vault, house.random, house.millis())
        row = house.store.write(partial(_kept_key, made=made))
    return Vault(house.vault.open(row.body, place_of_secret(row)), house.random)


def own_key(vault: Vault, random: Random, at: int) -> Secret:
    """Return a new key of the records: made with the home, so that every backup has it.

    The records lie outside backups, and would outlive a key that was made after one.
    """
    made = Secret(name=OWN_KEY, body=b"", at=at)
    return replace(made, body=vault.lock(random(HOUSE_KEY_SIZE), place_of_secret(made)))


def _kept_key(writing: Writing, made: Secret) -> Secret:
    """Keep *made*, unless another was first; return the one that stays."""
    _ = writing.log  # its lock, before we look
    there = keys.secret(writing, OWN_KEY)
    if there is None:
        keys.put_secrets(writing, [made])
    return there or made


def _free(house: House) -> str:
    taken = set(_store(house).names())
    if len(taken) >= 9 * 10 ** (DIGITS - 1):
        raise Misused("source-number")
    while True:
        number = f"S-{int.from_bytes(house.random(8), 'big') % 10**DIGITS:0{DIGITS}}"
        if number not in taken:
            return number


def _place(number: str) -> str:
    return f"{FOLDER}/{number}"


def _sealed(house: House, kept: Source) -> bytes:
    content = canonical.encode(kept)
    if len(content) > LIMIT:
        raise Misused("source-long")
    padded = content.ljust(max(SMALLEST, padme(len(content))), b"\n")
    sealed = encrypt(padded, [HybridRecipient.parse(each) for each in kept.readers])
    return _vault(house).lock(sealed, _place(kept.number))


def _try(unlocked: Unlocked, house: House, number: str) -> Source | None:
    locked = _store(house).get(number)
    if locked is None:
        return None
    sealed = _vault(house).open(locked, _place(number))
    try:
        opened = decrypt(sealed, [unlocked.storage])
    except Untrusted:
        return None
    kept = canonical.decode(opened.rstrip(b"\n"), Source, limit=LIMIT)
    if kept.number != number:
        raise Malformed("source")
    return kept


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bare(text: str) -> str:
    """Return *text* with what people put between digits taken out."""
    return re.sub(r"[\s().\-/+]", "", unicodedata.normalize("NFKC", text))
