# SPDX-License-Identifier: Apache-2.0
"""Revision 0001: an empty database becomes today's schema, to the last trigger."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from comity.storage import logs, schema
from comity.storage.engine import open_engine
from comity.storage.store import Store
from comity.storage.tables import metadata

_SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
_TRIGGERS = """\
SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid)
FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"""
_COLUMNS = """\
SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3"""
_CONSTRAINTS = """\
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"""
_INDEXES = """\
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"""
_POSTGRESQL = (_TRIGGERS, _COLUMNS, _CONSTRAINTS, _INDEXES)


def described(connection: Connection) -> list[Any]:
    """Return all that the engine can say of its tables, in order."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(_SQLITE)
        return [(*row[:3], _plain(row[3] or "")) for row in rows]
    return [tuple(row) for query in _POSTGRESQL for row in connection.exec_driver_sql(query)]


def _plain(sql: str) -> str:
    return "".join(sql.replace(chr(34), "").split())


@pytest.fixture
def migrated(blank_url: str) -> Iterator[Engine]:
    schema.migrate(blank_url)
    engine = open_engine(blank_url)
    yield engine
    engine.dispose()


def test_the_newest_revision_is_the_one_that_the_program_expects() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.REVISION]


def test_a_migrated_database_is_a_created_one(
    migrated: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if migrated.dialect.name == "postgresql":
        created = open_engine(request.getfixturevalue("postgres_url"))
    else:
        created = open_engine(f"sqlite:///{tmp_path}/created.db")
        schema.create(created)

    with migrated.connect() as one, created.connect() as other:
        assert described(one) == described(other)
        assert len(described(one)) > 60
    created.dispose()


def test_a_migrated_database_differs_in_nothing_from_the_tables(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing_and_the_store_opens(
    blank_url: str, tmp_path: Path
) -> None:
    schema.migrate(blank_url)
    store = Store.open(blank_url, signer=lambda c: c.text.encode(), home=tmp_path)
    log = store.write(lambda w: logs.start(w, "log/1", 1))

    schema.migrate(blank_url)

    with store.read() as reading:
        assert logs.every(reading) == (log,)
    store.close()
