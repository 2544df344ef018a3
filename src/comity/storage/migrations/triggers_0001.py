# SPDX-License-Identifier: Apache-2.0
"""The triggers of the first schema, as they were on its day: revision 0001 makes them.

It stands still like the revision itself. It is not in its folder, where Alembic takes every module
for a revision.
"""

from typing import Final

_ADDED_TO: Final = ("checkpoints", "evidence", "receipts", "rosters", "shown")
_KEPT: Final = (*_ADDED_TO, "leaves", "logs", "tiles")


def triggers(dialect: str) -> list[str]:
    """Return the statements that make the triggers of one engine."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _sqlite() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    rules = {
        "leaves": (
            "NEW.log IS OLD.log AND NEW.idx IS OLD.idx AND NEW.type IS OLD.type AND "
            "(NEW.salt IS NULL OR NEW.salt IS OLD.salt) AND (NEW.entry IS NULL OR "
            "NEW.entry IS OLD.entry)"
        ),
        "tiles": (
            "NEW.log IS OLD.log AND NEW.level IS OLD.level AND NEW.idx IS OLD.idx AND "
            "length(NEW.hashes) >= length(OLD.hashes) AND substr(NEW.hashes, 1, "
            "length(OLD.hashes)) = OLD.hashes"
        ),
        "logs": (
            "NEW.log IS OLD.log AND NEW.origin IS OLD.origin AND NEW.size >= OLD.size AND "
            "(OLD.closed_at = 0 OR (NEW.closed_at = OLD.closed_at AND NEW.size = "
            "OLD.size))"
        ),
        "witnessed": (
            "NEW.origin IS OLD.origin AND NEW.size >= OLD.size AND (NEW.size > OLD.size OR "
            "NEW.root IS OLD.root)"
        ),
    }
    return [
        *(f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} {refuse}" for t in _ADDED_TO),
        *(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} WHEN NOT ({rule}) {refuse}"
            for table, rule in rules.items()
        ),
        *(f"CREATE TRIGGER {t}_delete BEFORE DELETE ON {t} {refuse}" for t in _KEPT),
    ]


def _postgresql() -> list[str]:
    refuse = "EXECUTE FUNCTION comity_append_only()"
    rules = {
        "leaves": (
            "NEW.log IS NOT DISTINCT FROM OLD.log AND NEW.idx IS NOT DISTINCT FROM OLD.idx "
            "AND NEW.type IS NOT DISTINCT FROM OLD.type AND (NEW.salt IS NULL OR NEW.salt "
            "IS NOT DISTINCT FROM OLD.salt) AND (NEW.entry IS NULL OR NEW.entry IS NOT "
            "DISTINCT FROM OLD.entry)"
        ),
        "tiles": (
            "NEW.log IS NOT DISTINCT FROM OLD.log AND NEW.level IS NOT DISTINCT FROM "
            "OLD.level AND NEW.idx IS NOT DISTINCT FROM OLD.idx AND length(NEW.hashes) >= "
            "length(OLD.hashes) AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes"
        ),
        "logs": (
            "NEW.log IS NOT DISTINCT FROM OLD.log AND NEW.origin IS NOT DISTINCT FROM "
            "OLD.origin AND NEW.size >= OLD.size AND (OLD.closed_at = 0 OR (NEW.closed_at "
            "= OLD.closed_at AND NEW.size = OLD.size))"
        ),
        "witnessed": (
            "NEW.origin IS NOT DISTINCT FROM OLD.origin AND NEW.size >= OLD.size AND "
            "(NEW.size > OLD.size OR NEW.root IS NOT DISTINCT FROM OLD.root)"
        ),
    }
    return [
        "CREATE FUNCTION comity_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        "\n$$ BEGIN RAISE EXCEPTION 'append-only'; END $$",
        *(
            f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} FOR EACH ROW {refuse}"
            for t in _ADDED_TO
        ),
        *(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN (NOT ({rule})) {refuse}"
            for table, rule in rules.items()
        ),
        *(
            f"CREATE TRIGGER {t}_delete BEFORE DELETE OR TRUNCATE ON {t}"
            f" FOR EACH STATEMENT {refuse}"
            for t in _KEPT
        ),
    ]
