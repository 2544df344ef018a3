# SPDX-License-Identifier: Apache-2.0
"""Revision 0003: a home of before keeps what it holds, and remembers what is removed from now on."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from comity.domain.ids import digest
from comity.storage import copies, removed, schema
from comity.storage.copies import Copy
from comity.storage.engine import open_engine, writer
from comity.storage.removed import Removed
from comity.storage.store import Store

COPY = Copy(
    copy=digest(b"copy"),
    act="a" * 26,
    thread="t" * 26,
    agency="k" * 26,
    to="v" * 26,
    node="n" * 26,
    envelope=digest(b"envelope"),
    size=7,
    stage="asked",
    clock="normal",
    state="received",
    at=1,
    stored_at=1,
    expires="2026-12-01T00:00:00Z",
)


def test_what_was_there_stays_and_is_found_by_its_expiry(blank_url: str, tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    engine = open_engine(blank_url)
    with writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        copies._COPY.add(connection, [COPY])
    engine.dispose()

    schema.migrate(blank_url)

    store = Store.open(blank_url, home=tmp_path)
    gone = Removed(
        agency=COPY.agency,
        act=COPY.act,
        to=COPY.to,
        copy=COPY.copy,
        thread=COPY.thread,
        why="recall",
        answer="removed",
        at=2,
    )
    store.write(lambda w: removed.add_new(w, [gone]))
    with store.read() as reading:
        assert copies.expired(reading, "2026-12-02T00:00:00Z", limit=9) == (COPY,)
        assert copies.expired(reading, "2026-11-30T00:00:00Z", limit=9) == ()
        assert removed.by_copies(reading, [COPY.copy]) == (gone,)
    store.close()
