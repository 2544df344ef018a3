# SPDX-License-Identifier: Apache-2.0
"""Every locked row, locked again under another house key, in one transaction.

Where each kind of row is locked stands once, here: verifying a home goes by it too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from comity.crypto.vault import Vault
from comity.services.address_book import root_place
from comity.services.desks import place_of_desk_key
from comity.services.history import entry_place
from comity.services.wraps import place_of_wrap
from comity.storage import housed, keys, whole
from comity.storage.keys import Secret
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Shape
from comity.wire import canonical

TAG_KEYS: Final = "tag-keys"
_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A table with a locked column, and where each of its rows is locked."""

    shape: Shape[Any]
    place: Callable[[Any], str]
    column: str = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class _TagKey:
    room: str
    key: bytes


def place_of_secret(row: Secret) -> str:
    owner = f"{row.agency}/" if row.agency else ""
    return f"secrets/{row.name}/{owner}{row.version}"


LOCKED: Final = (
    Locked(shape=whole.ROOTS, place=lambda row: root_place(row.agency, row.number)),
    Locked(shape=whole.ENTRIES, place=lambda row: entry_place(row.agency, row.hash)),
    Locked(shape=whole.SECRETS, place=place_of_secret),
    Locked(shape=whole.IDENTITIES, place=lambda row: f"identities/{row.officer}"),
    Locked(shape=whole.HOUSED, place=lambda row: f"{row.room}/{row.name}"),
    Locked(
        shape=whole.DESK_KEYS,
        place=lambda row: place_of_desk_key(row.desk, row.epoch, row.member),
        column="sealed",
    ),
    Locked(
        shape=whole.WRAPS,
        place=lambda row: place_of_wrap(row.envelope, row.reader),
        column="stanza",
    ),
)


def relock(writing: Writing, before: Vault, after: Vault, at: int) -> int:
    """Lock every row anew; return how many there were."""
    _ = writing.log  # its lock: nobody else writes until this is durable
    count = 0
    for each in LOCKED:
        for page in whole.pages(writing, each.shape):
            rows = [_again(row, each, before, after) for row in page]
            count += each.shape.put(writing.connection, rows)
    rooms = housed.rooms(writing)
    _keep_tags(writing, {room: before.tag_key(room) for room in rooms}, after, at)
    return count


def remember_tags(reading: Reading, vault: Vault) -> None:
    """Let *vault* make the tags of before: rows are found by them, and their keys stay."""
    row = keys.secret(reading, TAG_KEYS)
    if row is not None:
        opened = vault.open(row.body, place_of_secret(row))
        told = canonical.decode(opened, tuple[_TagKey, ...], limit=_LIMIT)
        vault.remember({each.room: each.key for each in told})


def _again(row: Any, locked: Locked, before: Vault, after: Vault) -> Any:  # noqa: ANN401  # any row
    place = locked.place(row)
    opened = before.open(getattr(row, locked.column), place)
    return replace(row, **{locked.column: after.lock(opened, place)})


def _keep_tags(writing: Writing, tags: dict[str, bytes], after: Vault, at: int) -> None:
    told: Sequence[_TagKey] = [_TagKey(room=room, key=key) for room, key in sorted(tags.items())]
    row = Secret(name=TAG_KEYS, body=b"", at=at)
    locked = after.lock(canonical.encode(told), place_of_secret(row))
    keys.put_secrets(writing, [replace(row, body=locked)])
