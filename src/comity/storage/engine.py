# SPDX-License-Identifier: Apache-2.0
"""The two engines, opened the same way, and their errors in our words.

SQLite: WAL, every commit on the disk before it is said (``synchronous=FULL``), deleted content
overwritten, temporary tables in memory (design §3 *Transactions*). We say ``BEGIN`` ourselves: the
driver would begin too late for a consistent read.
"""

import sqlite3
import uuid
from contextlib import AbstractContextManager
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from comity.errors import Busy, ComityError, Damaged, DiskFull, Refused

BUSY_MILLIS: Final = 5000
READERS: Final = 32
"""Connections that may read at once; the rest wait."""

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={BUSY_MILLIS}",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA cache_size=-32768",
    "PRAGMA wal_autocheckpoint=4000",
)

# Primary result codes, https://www.sqlite.org/rescode.html
_SQLITE: Final[dict[int, type[ComityError]]] = {
    5: Busy,
    6: Busy,
    8: DiskFull,
    10: DiskFull,
    11: Damaged,
    13: DiskFull,
    14: DiskFull,
    26: Damaged,
}
_SQLITE_TRIGGER: Final = 1811

# Classes and codes of SQLSTATE, PostgreSQL manual, appendix A.
_POSTGRESQL: Final[dict[str, type[ComityError]]] = {
    "25006": DiskFull,
    "53": DiskFull,
    "58": DiskFull,
    "XX": Damaged,
}


def open_engine(url: str) -> Engine:
    """Return an engine for *url*: a SQLite file, ``sqlite://`` in memory, or PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        paramstyle="format",
        pool_size=READERS,
        pool_pre_ping=True,
    )


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        # One memory for all connections of this process (https://www.sqlite.org/inmemorydb.html).
        name = f"file:/comity-{uuid.uuid4().hex}"
        url = URL.create("sqlite", database=name, query={"vfs": "memdb", "uri": "true"})
    engine = create_engine(
        url, pool_size=READERS, max_overflow=0, connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    begin = _beginning(connection)
    driver = _driver(connection)
    # Inside a ``transaction`` Core meets one that has begun.
    if begin and not driver.in_transaction:
        driver.execute(begin)


def _beginning(connection: Connection) -> str:
    begin: str = connection.get_execution_options().get("begin", "BEGIN")
    return begin


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def transaction(connection: Connection) -> AbstractContextManager[object]:
    """Begin a transaction; commit it at the end of the block, or take all of it back.

    On SQLite in the driver's own words: what Core does around each costs as much as a small act's
    statements together. A statement that goes through Core joins in.
    """
    if connection.dialect.name != "sqlite":
        return connection.begin()
    return _Transaction(connection)


class _Transaction:
    """One transaction of SQLite; a class, since a generator would cost as much as its BEGIN."""

    __slots__ = ("_connection", "_driver")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = _driver(connection)

    def __enter__(self) -> None:
        self._driver.execute(_beginning(self._connection))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._commit()
            else:
                self._driver.rollback()
        finally:
            if self._connection.in_transaction():  # as Core sees it
                self._connection.rollback()

    def _commit(self) -> None:
        try:
            self._driver.commit()
        except BaseException:
            self._driver.rollback()
            raise


def reader(engine: Engine) -> Connection:
    """Return a connection whose transactions see one moment of the database."""
    connection = engine.connect()
    if engine.dialect.name == "sqlite":
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writer(engine: Engine) -> Connection:
    """Return a connection that takes SQLite's one write lock at once, not at its first write."""
    return engine.connect().execution_options(begin="BEGIN IMMEDIATE")


def watcher(engine: Engine) -> Connection:
    """Return a connection that is never inside a transaction."""
    if engine.dialect.name == "sqlite":
        return engine.connect().execution_options(begin="")
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


class _Translated:
    """Raises our error in place of the driver's."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing is held: one of these serves every thread."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        known = _known(error) if error is not None else None
        if known is not None:
            raise known from error


_TRANSLATED: Final = _Translated()


def translated() -> AbstractContextManager[None]:
    """Turn the driver's errors into ours; what is not foreseen stays what it is."""
    return _TRANSLATED


def _known(error: BaseException) -> ComityError | None:
    if isinstance(error, PoolTimeout):
        return Busy("readers")
    # Hot statements go past SQLAlchemy, so their errors are the driver's own.
    return _translate(error.orig if isinstance(error, DBAPIError) else error)


def _translate(cause: BaseException | None) -> ComityError | None:
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, getattr(cause, "sqlite_errorcode", 0))
    if type(cause).__module__.startswith("psycopg"):
        return _of_postgresql(getattr(cause, "sqlstate", None) or "")
    return None


def _of_sqlite(error: sqlite3.Error, code: int) -> ComityError | None:
    if code == _SQLITE_TRIGGER:
        return Refused("append-only")
    if isinstance(error, sqlite3.IntegrityError):
        return Refused("exists")
    kind = _SQLITE.get(code & 0xFF)
    return kind("database") if kind else None


def _of_postgresql(state: str) -> ComityError | None:
    if state == "P0001":
        return Refused("append-only")
    if state.startswith("23"):
        return Refused("exists")
    kind = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    if kind:
        return kind("database")
    # No state: the server is away. 08, 40, 55, 57: gone, deadlock, locked, shut down.
    return Busy("database") if state[:2] in {"", "08", "40", "55", "57"} else None
