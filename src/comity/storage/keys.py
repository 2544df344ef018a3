# SPDX-License-Identifier: Apache-2.0
"""Keys at rest: the node's and the agencies' secrets, officers' age files, desks' sealed keys.

All bodies are locked or sealed before they come here. A secret has versions, so that a changed key
leaves the old one readable; an officer's file has one row, overwritten when the passphrase changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Change, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    name: str
    agency: str = ""
    """Empty for the node's own."""
    version: int = 1
    body: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    officer: str
    agency: str
    body: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskKey:
    desk: str
    epoch: int
    member: str
    sealed: bytes


_SECRET = Shape(tables.secrets, Secret)
_IDENTITY = Shape(tables.identities, Identity)
_DESK_KEY = Shape(tables.desk_keys, DeskKey)
_S = tables.secrets.c
_I = tables.identities.c
_D = tables.desk_keys.c
_LEFT = Change(
    delete(tables.desk_keys).where(
        _D.desk == bindparam("b_desk"), _D.member == bindparam("b_member")
    ),
    ("b_desk", "b_member"),
)
_OVER = Change(
    delete(tables.desk_keys).where(
        _D.desk == bindparam("b_desk"), _D.epoch == bindparam("b_epoch")
    ),
    ("b_desk", "b_epoch"),
)


def put_secrets(writing: Writing, rows: Sequence[Secret]) -> int:
    return _SECRET.put(writing.connection, rows)


def secrets(reading: Reading) -> tuple[Secret, ...]:
    """Return every secret, the newest version of each first."""
    ordered = _SECRET.select().order_by(_S.agency, _S.name, _S.version.desc())
    return _SECRET.fetch(reading.connection, ordered)


def secret(reading: Reading, name: str, agency: str = "") -> Secret | None:
    """Return the newest version of one secret."""
    wanted = (
        _SECRET.select()
        .where(_S.name == name, _S.agency == agency)
        .order_by(_S.version.desc())
        .limit(1)
    )
    return next(iter(_SECRET.fetch(reading.connection, wanted)), None)


def delete_secrets(writing: Writing, name: str, agency: str = "", *, below: int) -> int:
    """Delete the versions of a secret that are older than *below*; return how many."""
    gone = delete(tables.secrets).where(_S.name == name, _S.agency == agency, _S.version < below)
    return writing.connection.execute(gone).rowcount


def put_identities(writing: Writing, rows: Sequence[Identity]) -> int:
    return _IDENTITY.put(writing.connection, rows)


def identities(reading: Reading, officers: Sequence[str]) -> tuple[Identity, ...]:
    wanted = _IDENTITY.select().where(_I.officer.in_(officers)).order_by(_I.officer)
    return _IDENTITY.fetch(reading.connection, wanted)


def delete_identities(writing: Writing, officers: Sequence[str]) -> int:
    gone = delete(tables.identities).where(_I.officer.in_(officers))
    return writing.connection.execute(gone).rowcount


def put_desk_keys(writing: Writing, rows: Sequence[DeskKey]) -> int:
    return _DESK_KEY.put(writing.connection, rows)


def desk_keys_of(reading: Reading, member: str) -> tuple[DeskKey, ...]:
    """Return what is sealed to *member*, by desk, the newest epoch first."""
    wanted = _DESK_KEY.select().where(_D.member == member).order_by(_D.desk, _D.epoch.desc())
    return _DESK_KEY.fetch(reading.connection, wanted)


def desk_members(reading: Reading, desk: str) -> tuple[DeskKey, ...]:
    """Return every sealed key of *desk*, the newest epoch first."""
    wanted = _DESK_KEY.select().where(_D.desk == desk).order_by(_D.epoch.desc(), _D.member)
    return _DESK_KEY.fetch(reading.connection, wanted)


def delete_desk_keys(writing: Writing, rows: Sequence[tuple[str, str]]) -> int:
    """Delete every epoch of *(desk, member)*: of those who left."""
    return _LEFT(writing.connection, rows)


def delete_desk_epochs(writing: Writing, rows: Sequence[tuple[str, int]]) -> int:
    """Delete every member's key of *(desk, epoch)*: of those that are over."""
    return _OVER(writing.connection, rows)
