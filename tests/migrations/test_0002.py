# SPDX-License-Identifier: Apache-2.0
"""Revision 0002: a home of before gets a mailbox, and keeps what it has."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from comity.storage import logs, mailbox, schema
from comity.storage.engine import open_engine, writer
from comity.storage.mailbox import Deposit, Left
from comity.storage.schema import MIGRATIONS
from comity.storage.store import Store


def upgrade(url: str, revision: str) -> None:
    engine = open_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_a_home_of_before_gets_a_mailbox_and_keeps_what_it_has(
    blank_url: str, tmp_path: Path
) -> None:
    upgrade(blank_url, "0001")
    engine = open_engine(blank_url)
    with writer(engine) as connection, connection.begin():
        connection.exec_driver_sql("INSERT INTO leases VALUES ('duties', 'one', 7)")
    engine.dispose()

    schema.migrate(blank_url)

    store = Store.open(blank_url, signer=lambda c: c.text.encode(), home=tmp_path)
    row = Deposit(deposit="a" * 64, depositor="k", recipient="v", size=6, at=1, sealed=b"sealed")
    left = Left(mailbox="e", to_node="v", kind="docket", ref="c", again_at=5)
    store.write(lambda w: logs.start(w, "log/1", 1))
    store.write(lambda w: mailbox.add(w, row, b"sealed"))
    store.write(lambda w: mailbox.leave(w, [left]))
    with store.read() as reading:
        assert mailbox.oldest(reading, "v") == row
        assert list(reading.connection.exec_driver_sql("SELECT owner FROM leases")) == [("one",)]
        assert mailbox.left(reading, "e", "v", ["c"]) == (left,)
    store.close()
