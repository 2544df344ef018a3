# SPDX-License-Identifier: Apache-2.0
"""What a caller holds while it reads or writes: one consistent view of the database.

Query functions take a ``Reading``; those that change something take a ``Writing``, which is a
``Reading`` too, so that a decision can be checked again inside the write.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from comity.errors import Unavailable
from comity.ledger import tile
from comity.ledger.leaf import Opening
from comity.storage import edge
from comity.storage.edge import Edge, Head, Log, Signer
from comity.storage.folder import Folder


class Reading:
    """A consistent snapshot, for as long as its ``with`` block."""

    def __init__(self, connection: Connection, folder: Folder) -> None:
        self.connection = connection
        self.folder = folder

    def head(self, log: int = 0) -> Head | None:
        """Return the newest checkpoint of *log*, the open one unless told."""
        return edge.head(self.connection, log)

    def inclusions(
        self, indexes: Sequence[int], size: int, log: int = 0
    ) -> tuple[tuple[bytes, ...], ...]:
        """Return the inclusion proofs of leaves in the tree of *size* (RFC 6962 §2.1.1)."""
        read = edge.tiles_of(self.connection, log or self._open_log())
        return tuple(tile.inclusions(indexes, size, read))

    def consistency(self, old: int, new: int, log: int = 0) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes (RFC 6962 §2.1.2)."""
        read = edge.tiles_of(self.connection, log or self._open_log())
        return tile.consistency(old, new, read)

    def _open_log(self) -> int:
        found = edge.current(self.connection)
        if found is None:
            raise Unavailable("no-log")
        return found.log


class Writing(Reading):
    """A transaction: the caller's rows and leaves become durable together or not at all."""

    def __init__(
        self, connection: Connection, folder: Folder, signer: Signer | None, edge_: Edge
    ) -> None:
        super().__init__(connection, folder)
        self._signer = signer
        self._edge = edge_
        self._log: Log | None = None
        self._runs: list[tuple[Log, list[Opening]]] = []
        self._after: list[Callable[[], object]] = []

    @property
    def log(self) -> int:
        """The number of the log that ``append`` writes to."""
        return self._sequence()[0].log

    @property
    def waiting(self) -> bool:
        """Whether leaves wait to be written at the end of the transaction."""
        return any(leaves for _, leaves in self._runs)

    def append(self, leaves: Sequence[Opening]) -> int:
        """Put *leaves* at the end of the log; return the index of the first."""
        log, run = self._sequence()
        first = log.size + len(run)
        run.extend(leaves)
        return first

    def after(self, then: Callable[[], object]) -> None:
        """Run *then* once the transaction is durable: for files that no row names any longer."""
        self._after.append(then)

    def begin_log(self, log: Log) -> None:
        """Append to *log*, just opened in this transaction, from now on."""
        self._runs.append((log, []))

    def mark(self) -> tuple[int, int, int]:
        """Return where this transaction stands, to ``rewind`` to if a caller fails."""
        last = len(self._runs[-1][1]) if self._runs else 0
        return len(self._runs), last, len(self._after)

    def rewind(self, mark: tuple[int, int, int]) -> None:
        """Forget the leaves and the files of a caller whose rows are rolled back."""
        runs, last, after = mark
        del self._runs[runs:]
        if self._runs:
            del self._runs[-1][1][last:]
        del self._after[after:]

    def settle(self) -> Edge:
        """Write the leaves of all callers, and one signed checkpoint; return the new edge."""
        for log, leaves in self._runs:
            if leaves:
                self._edge = edge.extend(self.connection, log, leaves, self._signer, self._edge)
        return self._edge

    def finish(self) -> None:
        """Do what was to be done once the transaction is durable."""
        for then in self._after:
            then()

    def _sequence(self) -> tuple[Log, list[Opening]]:
        if not self._runs:
            found = edge.current(self.connection, lock=True)
            if found is None:
                raise Unavailable("no-log")
            self._runs.append((found, []))
        return self._runs[-1]
