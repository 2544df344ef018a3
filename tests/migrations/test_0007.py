# SPDX-License-Identifier: Apache-2.0
"""Revision 0007: a home of before gets room for wraps, and loses nothing."""

from alembic import command
from alembic.config import Config

from comity.storage import schema
from comity.storage.engine import open_engine, writer

_KEPT = "INSERT INTO envelopes (envelope, size, sealed) VALUES ('e', 1, 'x')"
_WRAP = "INSERT INTO wraps (envelope, reader, stanza, at) VALUES ('e', 'r', 'x', 1)"


def test_envelopes_of_before_stay_and_can_have_wraps(blank_url: str) -> None:
    engine = open_engine(blank_url)
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(_KEPT)

    schema.migrate(blank_url)

    with writer(engine) as connection, connection.begin():
        connection.exec_driver_sql(_WRAP)
        rows = connection.exec_driver_sql("SELECT envelope FROM envelopes").scalars()
        assert list(rows) == ["e"]
    engine.dispose()
