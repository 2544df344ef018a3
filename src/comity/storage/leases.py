# SPDX-License-Identifier: Apache-2.0
"""Leases: one process at a time does a named piece of work, until it lets go or its time is up."""

from dataclasses import dataclass

from sqlalchemy import delete, or_, update

from comity.storage import tables
from comity.storage.reading import Writing
from comity.storage.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    name: str
    owner: str
    until: int


_LEASE = Shape(tables.leases, Lease)
_L = tables.leases.c


def claim(writing: Writing, name: str, owner: str, now: int, until: int) -> bool:
    """Take or renew the lease *name*; return whether *owner* holds it now."""
    lease = Lease(name=name, owner=owner, until=until)
    if _LEASE.add_new(writing.connection, [lease]):
        return True
    taken = (
        update(tables.leases)
        .values(owner=owner, until=until)
        .where(_L.name == name, or_(_L.owner == owner, _L.until <= now))
    )
    return writing.connection.execute(taken).rowcount == 1


def let_go(writing: Writing, name: str, owner: str) -> bool:
    """Give the lease back; return whether *owner* held it."""
    gone = delete(tables.leases).where(_L.name == name, _L.owner == owner)
    return writing.connection.execute(gone).rowcount == 1
