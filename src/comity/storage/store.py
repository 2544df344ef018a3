# SPDX-License-Identifier: Apache-2.0
"""The store: one place to read from and one to write to, whatever engine is below.

``write`` takes a function and returns what it returned, durable. On SQLite one writer groups
callers: each in a savepoint, so that one who fails takes nobody along; one checkpoint and one
commit for all. On PostgreSQL each caller has its own transaction and waits for the log's row. A
function handed to ``write`` must not call ``write``, must not wait for the network, and, because it
may run in another thread, must not use what belongs to its own.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final, Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from comity.errors import Misused
from comity.storage import edge, schema
from comity.storage.edge import Head, Signer
from comity.storage.engine import open_engine, reader, transaction, translated, watcher
from comity.storage.folder import Folder
from comity.storage.reading import Reading, Writing
from comity.storage.writer import GroupWriter, RowLockWriter

T = TypeVar("T")

POLL_SECONDS: Final = 0.05
"""How often another process's writing is looked for."""


class Store:
    """An open database, its folder of sealed files and its log."""

    def __init__(self, engine: Engine, folder: Folder) -> None:
        self._engine = engine
        self.folder = folder
        grouped = engine.dialect.name == "sqlite"
        self._writer = (GroupWriter if grouped else RowLockWriter)(engine, folder)
        self._watch = _Watch(engine)
        self._readers = _Readers(engine, keep=grouped)
        self._local = threading.local()
        """The snapshot that this thread is in, so that what it calls sees the same."""

    @classmethod
    def create(cls, url: str, *, signer: Signer | None = None, home: Path | None = None) -> Self:
        """Make the tables in an empty database and open it."""
        return cls._of(url, schema.create, signer, home)

    @classmethod
    def open(cls, url: str, *, signer: Signer | None = None, home: Path | None = None) -> Self:
        """Open the database at *url*; its sealed files lie in *home*, beside a SQLite file."""
        return cls._of(url, schema.check, signer, home)

    @classmethod
    def _of(
        cls,
        url: str,
        prepare: Callable[[Engine], None],
        signer: Signer | None,
        home: Path | None,
    ) -> Self:
        folder = Folder((home or _beside(url)) / "blobs")
        engine = open_engine(url)
        try:
            prepare(engine)
            store = cls(engine, folder)
        except BaseException:
            engine.dispose()
            raise
        if signer is not None:
            store.sign_with(signer)
        return store

    def sign_with(self, signer: Signer) -> None:
        """Sign checkpoints with *signer* from now on; until then nothing can be appended."""
        self._writer.signer = signer

    def read(self) -> AbstractContextManager[Reading]:
        """Open a consistent snapshot of the database; inside another, that one goes on."""
        held: Reading | None = getattr(self._local, "reading", None)
        return self._snapshot() if held is None else nullcontext(held)

    @contextmanager
    def _snapshot(self) -> Iterator[Reading]:
        with translated():
            connection = self._readers.take()
            try:
                with transaction(connection):
                    self._local.reading = Reading(connection, self.folder)
                    yield self._local.reading
            except BaseException:
                connection.close()
                raise
            finally:
                self._local.reading = None
            self._readers.give_back(connection)

    @property
    def is_reading(self) -> bool:
        """Return whether this thread is inside a ``read``."""
        return getattr(self._local, "reading", None) is not None

    def write(self, work: Callable[[Writing], T]) -> T:
        """Do *work* in a transaction; return its value once that is durable."""
        value = self._writer.run(work)
        self._watch.tell()
        return value

    def head(self) -> Head | None:
        """Return the newest signed checkpoint of the open log."""
        with self.read() as reading:
            return edge.head(reading.connection)

    def version(self) -> str:
        """Return a word that changes whenever anybody, here or elsewhere, has written."""
        return self._watch.version()

    def wait(self, version: str, timeout: float, stop: threading.Event | None = None) -> str:
        """Return the version as soon as it is not *version*, or *stop* is set, or time is over."""
        return self._watch.wait(version, timeout, stop or threading.Event())

    def scrub(self) -> None:
        """Let go of pages of before that the write-ahead log still holds; best when nobody reads.

        SQLite keeps what was overwritten there until it has gone round once. PostgreSQL has its
        own ways (``VACUUM``), which are its operator's.
        """
        if self._engine.dialect.name == "sqlite":
            with translated(), watcher(self._engine) as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._writer.close()
        self._watch.close()
        self._readers.close()
        self._engine.dispose()


KEPT: Final = 8
"""Readers that are kept open. The pool's other places go back to it, for the writer among them."""


class _Readers:
    """Connections for reading, a few of them kept open between two uses where that is safe.

    A SQLite file does not go away; a server may, and there the pool looks before each use.
    """

    def __init__(self, engine: Engine, *, keep: bool) -> None:
        self._engine = engine
        self._keep = keep
        self._idle: list[Connection] = []

    def take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return reader(self._engine)

    def give_back(self, connection: Connection) -> None:
        if self._keep and len(self._idle) < KEPT:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _beside(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Misused("home")
    return Path(parsed.database).parent


class _Watch:
    """Sees that somebody wrote: at once in this process, by looking in others.

    SQLite counts other connections' commits (``PRAGMA data_version``): this needs its own.
    PostgreSQL's snapshot text changes whenever a writing transaction ends.
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = watcher(engine)
        sqlite = engine.dialect.name == "sqlite"
        self._question = "PRAGMA data_version" if sqlite else "SELECT pg_current_snapshot()::text"
        self._lock = threading.Lock()
        self._told = threading.Condition()
        self._times = 0

    def version(self) -> str:
        with self._lock, translated():
            cursor = self._connection.connection.cursor()
            try:
                cursor.execute(self._question)
                return str(cursor.fetchall()[0][0])
            finally:
                cursor.close()

    def tell(self) -> None:
        with self._told:
            self._times += 1
            self._told.notify_all()

    def wait(self, version: str, timeout: float, stop: threading.Event) -> str:
        end = time.monotonic() + timeout
        while True:
            times = self._times
            now = self.version()
            left = end - time.monotonic()
            if now != version or left <= 0 or stop.is_set():
                return now
            with self._told:
                self._told.wait_for(lambda: self._times != times, min(left, POLL_SECONDS))  # noqa: B023 called here

    def close(self) -> None:
        with self._lock:
            self._connection.close()
