# SPDX-License-Identifier: Apache-2.0
"""Revision 0005: what stood in the tables stays, and what is raised is kept once."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from comity.storage import schema
from comity.storage.engine import open_engine, writer

_THREAD = "INSERT INTO threads VALUES ('t', 'own', 'peer', 'urgent', 'asked', 1, 0, 0, 5, {due}, 1)"
_RECEIPT = "INSERT INTO receipts VALUES ('{0}', 'copy', '{1}', 'agency', 1, 2, '', 0, {2}, {2})"


@pytest.fixture
def before(blank_url: str) -> Iterator[Engine]:
    """Yield a database of the first revision."""
    engine = open_engine(blank_url)
    _upgrade(engine, "0001")
    yield engine
    engine.dispose()


def _upgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _said(connection: Connection, receipt: str, stage: str) -> None:
    empty = "X''" if connection.dialect.name == "sqlite" else "''::bytea"
    connection.exec_driver_sql(_RECEIPT.format(receipt, stage, empty))


def test_threads_and_receipts_stay_as_they_were(before: Engine) -> None:
    with writer(before) as connection, connection.begin():
        connection.exec_driver_sql(_THREAD.format(due=9))
        _said(connection, "one", "delivered")
        _said(connection, "two", "opened")

    _upgrade(before, "0005")

    with before.connect() as connection:
        threads = connection.exec_driver_sql("SELECT thread, due_answer FROM threads").all()
        receipts = connection.exec_driver_sql("SELECT receipt FROM receipts ORDER BY 1").all()
        reminders = connection.exec_driver_sql("SELECT * FROM reminders").all()
    assert [tuple(row) for row in threads] == [("t", 9)]
    assert [tuple(row) for row in receipts] == [("one",), ("two",)]
    assert reminders == []
