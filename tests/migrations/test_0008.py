# SPDX-License-Identifier: Apache-2.0
"""Revision 0008: a home of before finds what expires by a smaller index, and loses nothing."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from comity.storage import copies, schema
from comity.storage.engine import open_engine, writer
from comity.storage.store import Store

TEXTS = ("act", "thread", "agency", "to", "node", "envelope", "stage", "clock", "docket", "release")
NUMBERS = ("size", "at", "stored_at", "log", "leaf")


def insert(copy: str, expires: str) -> str:
    told = {"copy": copy, "state": "home", "expires": expires, **dict.fromkeys(TEXTS, "x")}
    names = ", ".join(f'"{each}"' for each in (*told, *NUMBERS))
    values = [*(f"'{each}'" for each in told.values()), *("1" for _ in NUMBERS)]
    return f"INSERT INTO copies ({names}) VALUES ({', '.join(values)})"


def test_what_expired_before_is_found_and_what_never_does_is_not(
    blank_url: str, tmp_path: Path
) -> None:
    engine = open_engine(blank_url)
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        connection.exec_driver_sql(insert("kept", ""))
        connection.exec_driver_sql(insert("over", "2026-01-01T00:00:00Z"))
    engine.dispose()

    schema.migrate(blank_url)

    store = Store.open(blank_url, home=tmp_path)
    with store.read() as reading:
        over = copies.expired(reading, "2026-02-01T00:00:00Z", limit=10)
        assert [each.copy for each in over] == ["over"]
        assert sorted(copies.known(reading, ["kept", "over"])) == ["kept", "over"]
    store.close()
