# SPDX-License-Identifier: Apache-2.0
"""What the database itself refuses, on both engines: changing what may only be added to.

Leaves may lose their opening (erasure by law) and nothing else; a tile's new hashes must extend
its old ones; a log and what we have witnessed of another's may only grow. Code that forgets a rule
is stopped here; somebody with the database in his hands is caught by ``comity verify``.
"""

from typing import Final

from sqlalchemy import Connection

APPEND_ONLY: Final = ("checkpoints", "evidence", "receipts", "rosters", "shown")
UNDELETABLE: Final = (*APPEND_ONLY, "leaves", "logs", "tiles")

_SQLITE_SAME: Final = "NEW.{0} IS OLD.{0}"
_POSTGRES_SAME: Final = "NEW.{0} IS NOT DISTINCT FROM OLD.{0}"

_PURPOSES: Final = {
    "leaves": "{log} AND {idx} AND {type} AND (NEW.salt IS NULL OR {salt})"
    " AND (NEW.entry IS NULL OR {entry})",
    "tiles": "{log} AND {level} AND {idx} AND length(NEW.hashes) >= length(OLD.hashes)"
    " AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes",
    "logs": "{log} AND {origin} AND NEW.size >= OLD.size"
    " AND (OLD.closed_at = 0 OR (NEW.closed_at = OLD.closed_at AND NEW.size = OLD.size))",
    "witnessed": "{origin} AND NEW.size >= OLD.size AND (NEW.size > OLD.size OR {root})",
}
"""What an ``UPDATE`` must satisfy, by table."""
_COLUMNS: Final = ("log", "idx", "type", "salt", "entry", "level", "origin", "root")

_POSTGRES_REFUSAL: Final = """\
CREATE FUNCTION comity_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"""


def rules(same: str) -> dict[str, str]:
    """Return what an update must satisfy, by table; *same* says how a column stays as it was."""
    kept = {name: same.format(name) for name in _COLUMNS}
    return {table: rule.format(**kept) for table, rule in _PURPOSES.items()}


def statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the triggers of one engine."""
    return _for_sqlite() if dialect == "sqlite" else _for_postgresql()


def create(connection: Connection) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _for_sqlite() -> tuple[str, ...]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    return (
        *(f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} {refuse}" for t in APPEND_ONLY),
        *(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} WHEN NOT ({rule}) {refuse}"
            for table, rule in rules(_SQLITE_SAME).items()
        ),
        *(f"CREATE TRIGGER {t}_delete BEFORE DELETE ON {t} {refuse}" for t in UNDELETABLE),
    )


def _for_postgresql() -> tuple[str, ...]:
    refuse = "EXECUTE FUNCTION comity_append_only()"
    return (
        _POSTGRES_REFUSAL,
        *(
            f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} FOR EACH ROW {refuse}"
            for t in APPEND_ONLY
        ),
        *(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN (NOT ({rule})) {refuse}"
            for table, rule in rules(_POSTGRES_SAME).items()
        ),
        *(
            f"CREATE TRIGGER {t}_delete BEFORE DELETE OR TRUNCATE ON {t}"
            f" FOR EACH STATEMENT {refuse}"
            for t in UNDELETABLE
        ),
    )
