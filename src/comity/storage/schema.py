# SPDX-License-Identifier: Apache-2.0
"""Make the tables, or bring old ones up to date.

``create`` writes today's schema at once; ``migrate`` runs Alembic's revisions. A test holds that
both end in the same database.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect

from comity.errors import Damaged, Misused
from comity.storage import triggers
from comity.storage.engine import open_engine, translated, watcher, writer
from comity.storage.tables import metadata

REVISION: Final = "0008"
"""The newest revision in ``migrations/versions``."""
_VERSIONS: Final = "alembic_version"
MIGRATIONS: Final = Path(__file__).parent / "migrations"


def create(engine: Engine) -> None:
    """Make every table in an empty database; one that has tables is refused."""
    with translated():
        _prepare_file(engine)
        with writer(engine) as connection, connection.begin():
            if inspect(connection).has_table(_VERSIONS):
                raise Misused("exists")
            metadata.create_all(connection, checkfirst=False)
            triggers.create(connection)
            _stamp(connection)


def check(engine: Engine) -> None:
    """Raise ``Damaged`` unless the database has the schema of this program."""
    with translated(), engine.connect() as connection:
        if not inspect(connection).has_table(_VERSIONS):
            raise Damaged("schema")
        found = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSIONS}").scalar()  # noqa: S608 a constant
    if found != REVISION:
        raise Damaged("revision")


def migrate(url: str) -> None:
    """Bring the database at *url* to this program's schema."""
    # Alembic takes a third of a second to import and is needed once in a version.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    engine = open_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with translated():
            _prepare_file(engine)
            with writer(engine) as connection, connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    finally:
        engine.dispose()


def _prepare_file(engine: Engine) -> None:
    """Set what a SQLite file keeps for ever: it cannot be set inside a transaction."""
    if engine.dialect.name != "sqlite":
        return
    with watcher(engine) as connection:
        connection.exec_driver_sql("PRAGMA page_size=4096")
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _stamp(connection: Connection) -> None:
    connection.exec_driver_sql(
        f"CREATE TABLE {_VERSIONS} (version_num VARCHAR(32) NOT NULL,"
        f" CONSTRAINT {_VERSIONS}_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO {_VERSIONS} VALUES ('{REVISION}')")  # noqa: S608 constants
