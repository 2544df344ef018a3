# SPDX-License-Identifier: Apache-2.0
"""Rows of signed-in officers, in a file of their own that no backup holds.

What a row says in clear is when it began, was last used and ends, and a tag by which an officer's
rows are found together. Whose it is and his keys stand in the body, which opens with the cookie's
secret and the house key alone. The file lies outside the database on purpose: a backup of that,
or a dump of PostgreSQL, has no session in it. Losing it signs people out and no more.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from comity.storage.engine import open_engine, translated, writer

_METADATA = MetaData()
_SESSIONS = Table(
    "sessions",
    _METADATA,
    Column("id", String(64), primary_key=True),
    Column("officer", String(64), nullable=False, index=True),
    Column("begun", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("idle", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)
_PAGES = Table(
    "pages",
    _METADATA,
    Column("id", String(64), primary_key=True),
    Column("session", String(64), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
_ORPHANED = delete(_PAGES).where(_PAGES.c.session.not_in(select(_SESSIONS.c.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """One page that answered a posted form, for as long as its session lasts."""

    id: str
    session: str
    at: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    id: str
    """SHA-256 of the cookie's secret: whoever reads the file cannot present it."""
    officer: str
    """A tag under the house key."""
    begun: int
    seen: int
    idle: int
    """Milliseconds without a call after which it is over."""
    ends: int
    """When it is over whatever happens."""
    body: bytes


class SessionFile:
    """The open file; any number of processes have it open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Self:
        with translated():
            engine = open_engine(f"sqlite:///{path}")
            with writer(engine) as connection, connection.begin():
                _METADATA.create_all(connection)
        path.chmod(0o600)
        return cls(engine)

    def close(self) -> None:
        self._engine.dispose()

    def put(self, row: SessionRow) -> None:
        with translated(), writer(self._engine) as connection, connection.begin():
            connection.execute(insert(_SESSIONS).values(**asdict(row)))

    def get(self, id_: str) -> SessionRow | None:
        with translated(), self._engine.connect() as connection:
            found = connection.execute(select(_SESSIONS).where(_SESSIONS.c.id == id_)).first()
        return SessionRow(**found._mapping) if found else None  # noqa: SLF001  # public by its docs

    def known(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of *ids* whose rows are here."""
        wanted = select(_SESSIONS.c.id).where(_SESSIONS.c.id.in_(ids))
        with translated(), self._engine.connect() as connection:
            return frozenset(connection.scalars(wanted))

    def of(self, officer: str) -> tuple[SessionRow, ...]:
        """Return the rows of the officer with this tag, the newest first."""
        wanted = (
            select(_SESSIONS)
            .where(_SESSIONS.c.officer == officer)
            .order_by(_SESSIONS.c.begun.desc(), _SESSIONS.c.id)
        )
        with translated(), self._engine.connect() as connection:
            return tuple(SessionRow(**row._mapping) for row in connection.execute(wanted))  # noqa: SLF001

    def touch(self, id_: str, seen: int) -> None:
        """Note that the row *id_* was used."""
        with translated(), writer(self._engine) as connection, connection.begin():
            connection.execute(update(_SESSIONS).where(_SESSIONS.c.id == id_).values(seen=seen))

    def discard(self, ids: Sequence[str]) -> None:
        with translated(), writer(self._engine) as connection, connection.begin():
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.id.in_(ids)))
            connection.execute(_ORPHANED)

    def discard_of(self, officer: str) -> int:
        """Remove every row of the officer with this tag; return how many there were."""
        with translated(), writer(self._engine) as connection, connection.begin():
            gone = connection.execute(delete(_SESSIONS).where(_SESSIONS.c.officer == officer))
            connection.execute(_ORPHANED)
            return gone.rowcount

    def discard_over(self, now: int) -> None:
        """Remove what is over at *now*."""
        over = (_SESSIONS.c.ends <= now) | (_SESSIONS.c.seen + _SESSIONS.c.idle <= now)
        with translated(), writer(self._engine) as connection, connection.begin():
            connection.execute(delete(_SESSIONS).where(over))
            connection.execute(_ORPHANED)

    def put_page(self, row: PageRow, most: int) -> None:
        """Keep a page, and of the others of its session no more than the newest *most* less one."""
        mine = _PAGES.c.session == row.session
        newest = select(_PAGES.c.id).where(mine).order_by(_PAGES.c.at.desc(), _PAGES.c.id)
        kept = newest.limit(most - 1)
        with translated(), writer(self._engine) as connection, connection.begin():
            connection.execute(delete(_PAGES).where(mine, _PAGES.c.id.not_in(kept)))
            connection.execute(insert(_PAGES).values(**asdict(row)))

    def page(self, id_: str, session: str) -> PageRow | None:
        """Return the page *id_* if it is one of *session*."""
        wanted = select(_PAGES).where(_PAGES.c.id == id_, _PAGES.c.session == session)
        with translated(), self._engine.connect() as connection:
            found = connection.execute(wanted).first()
        return PageRow(**found._mapping) if found else None  # noqa: SLF001  # public by its docs
