# SPDX-License-Identifier: Apache-2.0
"""How writing callers take turns on each engine.

``GroupWriter`` (SQLite): one thread takes whatever callers wait and commits them together; the disk
is asked once for all of them. ``RowLockWriter`` (PostgreSQL): each caller by itself.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from comity.errors import Busy, ComityError
from comity.storage.edge import Edge, Signer
from comity.storage.engine import translated, writer
from comity.storage.folder import Folder
from comity.storage.reading import Writing

T = TypeVar("T")

GROUP: Final = 256
"""Callers in one commit, at most: the first of them is not to wait for ever."""


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Writing], Any]
    future: Future[Any] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Done:
    value: Any = None
    error: BaseException | None = None


class RowLockWriter:
    """Each caller in its own thread and transaction; appending waits for the log's row."""

    def __init__(self, engine: Engine, folder: Folder) -> None:
        self._engine = engine
        self._folder = folder
        self._edge = Edge()
        self.signer: Signer | None = None

    def run(self, work: Callable[[Writing], T]) -> T:
        with translated(), writer(self._engine) as connection:
            with connection.begin():
                writing = Writing(connection, self._folder, self.signer, self._edge)
                value = work(writing)
                edge = writing.settle()
            self._edge = edge
        writing.finish()
        return value

    def close(self) -> None:
        """Nothing is held between writes."""


class GroupWriter:
    """One thread that writes for everybody; started with the first caller."""

    def __init__(self, engine: Engine, folder: Folder) -> None:
        self._engine = engine
        self._folder = folder
        self._edge = Edge()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._turn = threading.Lock()
        self._closed = False
        self.signer: Signer | None = None

    def run(self, work: Callable[[Writing], T]) -> T:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write")
        job = _Job(work)
        with self._turn:
            self._admit(job)
        value: T = job.future.result()
        return value

    def close(self) -> None:
        """Write for those who wait already, then stop; whoever comes later is refused."""
        with self._turn:
            self._closed = True
            self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()

    def _admit(self, job: _Job) -> None:
        """Queue *job*, never behind the word that ends the queue: it would wait for ever."""
        if self._closed:
            raise Busy("closed")
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        connection: Connection | None = None
        while jobs := self._next():
            try:
                connection = connection or self._connect()
                done = self._group(connection, jobs)
            except BaseException as error:  # noqa: BLE001 it is every waiting caller's
                if connection is not None:
                    _drop(connection)
                    connection = None
                done = [_Done(error=_again(error)) for _ in jobs]
            for job, outcome in zip(jobs, done, strict=True):
                _tell(job.future, outcome)
        if connection is not None:
            connection.close()

    def _connect(self) -> Connection:
        with translated():
            return writer(self._engine)

    def _next(self) -> list[_Job]:
        """Wait for a caller and take along whoever waits by now; nothing once closed."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == GROUP:
                return jobs
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs
        if jobs:
            self._jobs.put(None)
        return jobs

    def _group(self, connection: Connection, jobs: list[_Job]) -> list[_Done]:
        with translated():
            with connection.begin():
                writing = Writing(connection, self._folder, self.signer, self._edge)
                done = [self._one(writing, job) for job in jobs]
                edge = writing.settle()
            self._edge = edge
        writing.finish()
        return done

    def _one(self, writing: Writing, job: _Job) -> _Done:
        """Do one caller's work so that its failure leaves the others' in place."""
        mark = writing.mark()
        connection = writing.connection
        connection.exec_driver_sql("SAVEPOINT caller")
        try:
            with translated():
                value = job.work(writing)
        except Exception as error:
            if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr] # sqlite3's own
                # A full disk makes SQLite roll everything back: it is the whole group's failure.
                raise
            connection.exec_driver_sql("ROLLBACK TO caller")
            connection.exec_driver_sql("RELEASE caller")
            writing.rewind(mark)
            return _Done(error=error)
        connection.exec_driver_sql("RELEASE caller")
        return _Done(value=value)


def _drop(connection: Connection) -> None:
    """Give up a connection whose state is unknown."""
    try:
        connection.invalidate()
        connection.close()
    except SQLAlchemyError:
        pass


def _again(error: BaseException) -> BaseException:
    """Return the group's error for one caller: an exception object belongs to one thread."""
    if isinstance(error, ComityError):
        code = error.cause.removeprefix(type(error).code).removeprefix(".")
        own = type(error)(code or None, **error.values)
        own.__cause__ = error
        return own
    return error


def _tell(future: Future[Any], outcome: _Done) -> None:
    if outcome.error is not None:
        future.set_exception(outcome.error)
    else:
        future.set_result(outcome.value)
