# SPDX-License-Identifier: Apache-2.0
"""Rows as frozen values: a dataclass whose fields are a table's columns, in and out.

Writing many rows is the hot path of a node, so an insert is compiled once for each engine and then
handed to the driver with plain tuples; nothing is ever interpolated. Reading goes through Core.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar, cast

from sqlalchemy import Column, Connection, Insert, Select, Table, bindparam, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.sql.dml import Delete, Update


class Kept(Protocol):
    """Any dataclass: what a row is made into."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Row = TypeVar("Row", bound=Kept)

CHUNK: Final = 512
"""Ids in one ``IN (…)``: the statement stays short and every engine takes it."""


@dataclass(frozen=True)
class Shape(Generic[Row]):
    """A table, or some of its columns, as values of one kind."""

    table: Table
    kind: type[Row]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns that the kind has a field for, in the table's order."""
        wanted = {each.name for each in fields(self.kind)}
        return tuple(column.name for column in self.table.columns if column.name in wanted)

    @cached_property
    def columns(self) -> tuple[Column[Any], ...]:
        return tuple(self.table.columns[name] for name in self.names)

    @cached_property
    def _tuple(self) -> Callable[[Row], tuple[object, ...]]:
        return attrgetter(*self.names)

    @cached_property
    def _compiled(self) -> dict[tuple[str, str], str]:
        return {}

    def select(self) -> Select[Any]:
        return select(*self.columns)

    def fetch(
        self, connection: Connection, statement: Select[Any] | Update | Delete, **values: object
    ) -> tuple[Row, ...]:
        """Return the rows that *statement* (of ``select()``) yields."""
        names, kind = self.names, self.kind
        found = connection.execute(statement, values).all()
        return tuple(kind(**dict(zip(names, row, strict=True))) for row in found)

    def add(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert *rows*; a row that is already there is an error."""
        return self._many(connection, "add", rows)

    def add_new(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert those of *rows* that are not there yet; return how many were new."""
        return self._many(connection, "add_new", rows)

    def put(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert *rows*, or overwrite those with the same key."""
        return self._many(connection, "put", rows)

    def advance(self, connection: Connection, rows: Sequence[Row], by: str) -> int:
        """Like ``put``, but only where *by* is larger than in the row that is here."""
        return self._many(connection, by, rows)

    def _many(self, connection: Connection, how: str, rows: Sequence[Row]) -> int:
        if not rows:
            return 0
        key = (connection.dialect.name, how)
        text = self._compiled.get(key)
        if text is None:
            text = self._compiled[key] = self._compile(connection, how)
        return run(connection, text, [self._tuple(row) for row in rows])

    def _compile(self, connection: Connection, how: str) -> str:
        statement = self._insert(connection.dialect.name).values(
            {name: bindparam(name) for name in self.names}
        )
        keys = [column.name for column in self.table.primary_key]
        if how == "add_new":
            statement = statement.on_conflict_do_nothing()
        elif how != "add":
            larger = None if how == "put" else statement.excluded[how] > self.table.columns[how]
            others = {n: statement.excluded[n] for n in self.names if n not in keys}
            statement = statement.on_conflict_do_update(
                index_elements=keys, set_=others, where=larger
            )
        return _compile(connection, statement, self.names).sql

    def _insert(self, dialect: str) -> SqliteInsert:
        if dialect == "sqlite":
            return sqlite.insert(self.table)
        # Whoever has SQLite alone does not wait for it: it takes as long as half of Core.
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return cast("SqliteInsert", postgresql.insert(self.table))  # of the same methods


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement as the driver takes it, and what to put in its places."""

    sql: str
    places: tuple[tuple[int, object], ...]
    """For each place, which of the row's values goes there; -1 for the constant beside it."""
    plain: bool
    """Whether a row is put in as it is: most statements name their values in order."""

    def fill(self, row: tuple[object, ...]) -> tuple[object, ...]:
        if self.plain:
            return row
        return tuple([row[at] if at >= 0 else fixed for at, fixed in self.places])


def _compile(
    connection: Connection,
    statement: Insert | Update | Delete | Select[Any],
    names: Sequence[str],
) -> _Text:
    """Compile *statement*, whose named parameters are *names*, for the connection's engine."""
    compiled = statement.compile(dialect=connection.dialect)
    index = {name: at for at, name in enumerate(names)}
    order = compiled.positiontup or []
    places = tuple((index.get(n, -1), compiled.params[n]) for n in order)
    plain = [at for at, _ in places] == list(range(len(names)))
    return _Text(str(compiled), places, plain)


def run(connection: Connection, sql: str, rows: Sequence[tuple[object, ...]]) -> int:
    """Run *sql* for each of *rows* on the driver's own cursor; return how many rows it met.

    The transaction is the connection's, which has begun it; what Core would do between is three
    quarters of the price of a short statement. Errors are the driver's (``engine.translated``).
    """
    cursor = connection.connection.cursor()
    try:
        # One row by ``execute``: the drivers' ``executemany`` has its own price.
        if len(rows) == 1:
            cursor.execute(sql, rows[0])
        else:
            cursor.executemany(sql, rows)
        return int(cursor.rowcount)
    finally:
        cursor.close()


@dataclass(frozen=True)
class Change:
    """One ``UPDATE`` or ``DELETE`` for many keys: compiled once, run with plain tuples."""

    statement: Update | Delete
    names: tuple[str, ...]

    @cached_property
    def _compiled(self) -> dict[str, _Text]:
        return {}

    def __call__(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> int:
        """Run it for each of *rows* (values in the order of ``names``); return how many it met."""
        if not rows:
            return 0
        dialect = connection.dialect.name
        text = self._compiled.get(dialect)
        if text is None:
            text = self._compiled[dialect] = _compile(connection, self.statement, self.names)
        return run(connection, text.sql, [text.fill(row) for row in rows])


@dataclass(frozen=True)
class Query:
    """One statement that yields rows: compiled once, run with plain values in the order of *names*.

    What Core does between is three quarters of the price of a short statement.
    """

    statement: Select[Any] | Update
    names: tuple[str, ...] = ()

    @cached_property
    def _compiled(self) -> dict[str, _Text]:
        return {}

    def __call__(self, connection: Connection, *values: object) -> Sequence[tuple[Any, ...]]:
        dialect = connection.dialect.name
        text = self._compiled.get(dialect)
        if text is None:
            text = self._compiled[dialect] = _compile(connection, self.statement, self.names)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text.sql, text.fill(values))
            return cursor.fetchall()
        finally:
            cursor.close()


class Lookup(Generic[Row]):
    """A ``Query`` whose rows are of one shape."""

    def __init__(
        self, shape: Shape[Row], statement: Select[Any] | Update, names: tuple[str, ...] = ()
    ) -> None:
        self._shape = shape
        self._query = Query(statement, names)

    def __call__(self, connection: Connection, *values: object) -> tuple[Row, ...]:
        names, kind = self._shape.names, self._shape.kind
        found = self._query(connection, *values)
        return tuple([kind(**dict(zip(names, row, strict=True))) for row in found])


@dataclass(frozen=True)
class Among(Generic[Row]):
    """The rows in which a column has one of many values; asked a chunk at a time.

    A statement is compiled for one value, two, four and so on; the places left over repeat the last
    value, which changes nothing.
    """

    shape: Shape[Row]
    column: str
    order: tuple[str, ...]
    """Names of columns; the first is best the column itself, since chunks come one by one."""
    also: tuple[str, ...] = ()
    """Names of columns that must have one value each, given first."""

    @cached_property
    def _lookups(self) -> dict[int, Lookup[Row]]:
        return {}

    def __call__(
        self, connection: Connection, values: Sequence[str] | Sequence[int], *also: str | int
    ) -> tuple[Row, ...]:
        if len(values) == 1:
            return self._lookup(1)(connection, *also, values[0])
        found: tuple[Row, ...] = ()
        for start in range(0, len(values), CHUNK):
            filled = _filled(values[start : start + CHUNK])
            found += self._lookup(len(filled))(connection, *also, *filled)
        return found

    def _lookup(self, places: int) -> Lookup[Row]:
        lookup = self._lookups.get(places)
        if lookup is None:
            columns = self.shape.table.columns
            names = tuple(f"value_{at}" for at in range(places))
            wanted = self.shape.select().where(
                *(columns[each] == bindparam(f"also_{each}") for each in self.also),
                columns[self.column].in_([bindparam(each) for each in names]),
            )
            ordered = wanted.order_by(*(columns[each] for each in self.order))
            lookup = Lookup(self.shape, ordered, (*(f"also_{e}" for e in self.also), *names))
            self._lookups[places] = lookup
        return lookup


def present(connection: Connection, column: Column[Any], values: Sequence[Any]) -> frozenset[Any]:
    """Return those of *values* that *column* has."""
    found: set[Any] = set()
    for start in range(0, len(values), CHUNK):
        filled = _filled(values[start : start + CHUNK])
        found.update(each for (each,) in _present(column, len(filled))(connection, *filled))
    return frozenset(found)


def _filled(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return *values* and the last of them again, up to one, two, four … in all."""
    places = 1 << (len(values) - 1).bit_length()
    return (*values, *(values[-1] for _ in range(places - len(values))))


@lru_cache(maxsize=128)
def _present(column: Column[Any], places: int) -> Query:
    names = tuple(f"value_{at}" for at in range(places))
    wanted = select(column).where(column.in_([bindparam(each) for each in names]))
    return Query(wanted.order_by(column), names)
