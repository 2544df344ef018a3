# SPDX-License-Identifier: Apache-2.0
"""How writing callers take turns on each engine.

``GroupWriter`` (SQLite): who has the turn takes along whatever callers wait and commits them
together; the disk is asked once for all of them. ``RowLockWriter`` (PostgreSQL): each caller by
itself.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from comity.errors import Busy, ComityError, Unavailable
from comity.storage.edge import Edge, Signer
from comity.storage.engine import transaction, translated, writer
from comity.storage.folder import Folder
from comity.storage.reading import Writing

T = TypeVar("T")

GROUP: Final = 256
"""Callers in one commit, at most: the first of them is not to wait for ever."""


@dataclass(frozen=True, slots=True)
class _Done:
    value: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Job:
    """What a caller wants done; who waits for it waits for the turn, so it needs no lock."""

    work: Callable[[Writing], Any]
    done: _Done | None = None


class RowLockWriter:
    """Each caller in its own thread and transaction; appending waits for the log's row."""

    def __init__(self, engine: Engine, folder: Folder) -> None:
        self._engine = engine
        self._folder = folder
        self._edge = Edge()
        self.signer: Signer | None = None

    def run(self, work: Callable[[Writing], T]) -> T:
        with translated(), writer(self._engine) as connection:
            with transaction(connection):
                writing = Writing(connection, self._folder, self.signer, self._edge)
                value = work(writing)
                edge = writing.settle()
            self._edge = edge
        writing.finish()
        return value

    def close(self) -> None:
        """Nothing is held between writes."""


class GroupWriter:
    """One writer at a time, and it writes for everybody who waits.

    Whoever has the turn takes along all callers that stand behind him: a caller alone writes at
    once, in his own thread, and under load the disk is asked once for many.
    """

    def __init__(self, engine: Engine, folder: Folder) -> None:
        self._engine = engine
        self._folder = folder
        self._edge = Edge()
        self._jobs: deque[_Job] = deque()
        self._turn = threading.Lock()
        self._leader = 0
        self._closed = False
        self._connection: Connection | None = None
        self.signer: Signer | None = None

    def run(self, work: Callable[[Writing], T]) -> T:
        if threading.get_ident() == self._leader:
            raise RuntimeError("a write inside a write")
        job = _Job(work)
        self._jobs.append(job)
        with self._turn:
            # Whoever had the turn before may have written for this caller too.
            while (done := job.done) is None:
                self._lead()
        if done.error is not None:
            raise done.error
        value: T = done.value
        return value

    def close(self) -> None:
        """Write for those who wait already, then stop; whoever comes later is refused."""
        with self._turn:
            while self._jobs:
                self._lead()
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _lead(self) -> None:
        jobs = self._next()
        self._leader = threading.get_ident()
        try:
            done = self._group(self._opened(), jobs)
        except BaseException as error:  # noqa: BLE001 it is every waiting caller's
            if self._connection is not None:
                _drop(self._connection)
                self._connection = None
            done = [_Done(error=_again(error)) for _ in jobs]
        finally:
            self._leader = 0
        for job, outcome in zip(jobs, done, strict=True):
            job.done = outcome

    def _next(self) -> list[_Job]:
        """Take whoever waits by now, the first first, up to a group."""
        return [self._jobs.popleft() for _ in range(min(GROUP, len(self._jobs)))]

    def _opened(self) -> Connection:
        if self._closed:
            raise Busy("closed")
        if self._connection is None:
            with translated():
                self._connection = writer(self._engine)
        return self._connection

    def _group(self, connection: Connection, jobs: list[_Job]) -> list[_Done]:
        if len(jobs) == 1:
            return [self._alone(connection, jobs[0])]
        with translated():
            with transaction(connection):
                writing = Writing(connection, self._folder, self.signer, self._edge)
                done = [self._one(writing, job) for job in jobs]
                edge = writing.settle()
            self._edge = edge
        writing.finish()
        return done

    def _alone(self, connection: Connection, job: _Job) -> _Done:
        """Do the work of one caller with nobody behind him: his failure takes all of it back."""
        try:
            with translated(), transaction(connection):
                writing = Writing(connection, self._folder, self.signer, self._edge)
                value = job.work(writing)
                edge = writing.settle()
        except Unavailable:
            raise  # the database's own trouble: the connection is given up
        except Exception as error:  # noqa: BLE001 it is the caller's
            return _Done(error=error)
        self._edge = edge
        writing.finish()
        return _Done(value=value)

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
