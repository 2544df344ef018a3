# SPDX-License-Identifier: Apache-2.0
"""Nonces: a signed request is heard once, whatever its clock says."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from comity.errors import Stale
from comity.storage import tables
from comity.storage.reading import Writing
from comity.storage.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonce:
    nonce: str
    """With the key id it came under, so that nobody can use up another's."""
    at: int


_NONCE = Shape(tables.nonces, Nonce)


def add(writing: Writing, rows: Sequence[Nonce]) -> None:
    """Remember nonces; raise ``Stale`` if one was heard before."""
    if _NONCE.add_new(writing.connection, rows) != len(rows):
        raise Stale("replayed")


def purge(writing: Writing, before: int) -> int:
    """Forget those older than *before*; return how many. Their requests would be heard again."""
    gone = delete(tables.nonces).where(tables.nonces.c.at < before)
    return writing.connection.execute(gone).rowcount
