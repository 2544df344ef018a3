# SPDX-License-Identifier: Apache-2.0
"""What verifying a home says: how much was looked at, and each thing that is not as it was written.

A fault names a table, a row by its key, the column, and the first byte where that can be told. It
holds ids, numbers and codes, never content.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.errors import ComityError

Progress = Callable[[str, int, int], None]
"""Told the part at hand, how many rows of the whole home are done, and how many there are."""

FAULTS_KEPT: Final = 100
"""Faults that are named; of the rest only their number is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is not as it was written."""

    table: str
    row: str
    """The row's key, its parts joined by slashes; of a file, its name."""
    cause: str
    """A code: ``gone``, ``surplus``, ``differs``, ``digest``, ``signature``, ``proof`` …"""
    column: str = ""
    position: int | None = None
    """The first wrong byte in the column, or the first wrong hash in a tile, where it is known."""

    def __str__(self) -> str:
        where = f"{self.table} {self.row}"
        where += f" {self.column}" if self.column else ""
        where += f" at {self.position}" if self.position is not None else ""
        return f"{where}: {self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFound:
    """One of this node's logs, as it was found."""

    origin: str
    size: int
    root: bytes
    """That of its newest checkpoint."""
    erased: int
    """Leaves whose opening was destroyed by law, each said in a later leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    checked: Mapping[str, int]
    """How many rows of each table were looked at."""
    logs: tuple[LogFound, ...]
    faults: tuple[Fault, ...]
    """The first ones found, in the order in which the home is walked."""
    more: int
    """How many faults there were besides."""

    @property
    def sound(self) -> bool:
        return not self.faults

    @property
    def first(self) -> Fault | None:
        return self.faults[0] if self.faults else None


class Tally:
    """Counts what is done and keeps what is wrong, on the way through a home."""

    def __init__(self, totals: Mapping[str, int], progress: Progress) -> None:
        self._total = sum(totals.values())
        self._progress = progress
        self._done = 0
        self._checked: dict[str, int] = dict.fromkeys(totals, 0)
        self._faults: list[Fault] = []
        self._more = 0

    def done(self, table: str, rows: int = 1) -> None:
        """Note that so many rows of *table* were looked at."""
        self._checked[table] += rows
        # A table may say more rows than were counted when a log's own size was changed.
        self._done = min(self._done + rows, self._total)
        self._progress(table, self._done, self._total)

    def fault(
        self, table: str, row: object, cause: str, *, column: str = "", position: int | None = None
    ) -> None:
        if len(self._faults) == FAULTS_KEPT:
            self._more += 1
            return
        self._faults.append(
            Fault(table=table, row=str(row), cause=cause, column=column, position=position)
        )

    def report(self, logs: tuple[LogFound, ...]) -> Report:
        return Report(
            checked=dict(self._checked), logs=logs, faults=tuple(self._faults), more=self._more
        )


def cause_of(error: ComityError) -> str:
    """Return the code of a fault that *error* tells of."""
    return error.cause.split(".", 1)[-1]


def first_difference(one: bytes, other: bytes) -> int:
    """Return the first position at which two texts that are not equal differ."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))
