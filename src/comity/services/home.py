# SPDX-License-Identifier: Apache-2.0
"""Homes: the folder of one node, made whole or not at all, and opened with its house key.

``node.toml`` says only what is needed before the house key is open: where the database is, where
the house key lives, whether this is a practice node. Everything else is in the database, locked.
The folder is made beside its place and moved there, so that a kill in the middle leaves nothing
that could be taken for a home.
"""

import os
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import QuantumSigningKey, SigningKey
from comity.crypto.tls import TlsKey
from comity.crypto.vault import Vault
from comity.domain.ids import NodeId, Random, mint
from comity.domain.time import Clock, to_millis
from comity.errors import Damaged, Misused
from comity.knowledge.kinds import load_kinds
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.ledger.succession import Succession
from comity.services.house import House, NodeKeys
from comity.services.key_homes import (
    HOUSE_KEY_SIZE,
    CredentialHome,
    FileHome,
    KeyHome,
    PromptHome,
    TpmHome,
)
from comity.storage import keys, logs
from comity.storage.reading import Writing
from comity.storage.store import Store
from comity.wire import canonical

CONFIG: Final = "node.toml"
DATABASE: Final = "comity.db"
HOUSE_KEY: Final = "house.key"
NODE_KEYS: Final = "node-keys"
KINDS: Final = "kinds"
"""An agency's own request kinds, if it has any, lie in this folder of the home."""
_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``node.toml`` says: technical things, and no name."""

    key_home: str
    """``prompt``, ``tpm``, ``credential`` or ``file``."""
    practice: bool = False
    url: str = ""
    """Of the database; empty for a SQLite file in the home. A password comes from the environment
    (``PGPASSWORD``) or the system's own file, never from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seeds:
    """The node's secret halves, as they are locked in ``secrets``."""

    node: NodeId
    carrier: bytes
    parcel: str
    tls: bytes
    ledger: bytes
    ledger_quantum: bytes
    witness: bytes
    matching: bytes


def create(
    path: Path,
    *,
    key_home: str,
    ask_house: Callable[[], str],
    clock: Clock,
    random: Random = os.urandom,
    url: str = "",
    practice: bool = False,
) -> House:
    """Make a home at *path*, which must not exist, and open it.

    A bare key file is only for practice nodes and for who asks for it by name (the command says
    what it means); *ask_house* returns the new house passphrase for ``prompt``.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Misused("home-exists")
    settings = Settings(key_home=key_home, practice=practice, url=url)
    beside = path.with_name(f".{path.name}.{mint(random)}")
    beside.mkdir(parents=True, mode=0o700)
    try:
        home = _key_home(beside, settings, ask_house)
        house_key = home.open() if isinstance(home, CredentialHome) else random(HOUSE_KEY_SIZE)
        home.store(house_key)
        (beside / CONFIG).write_text(_written(settings), encoding="utf-8")
        store = Store.create(_url(beside, settings), home=beside)
        try:
            _settle(store, Vault(house_key, random), clock, random, path.name)
        finally:
            store.close()
        if path.exists():
            path.rmdir()
        beside.rename(path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return _open(path, settings, house_key, clock, random)


def open_(
    path: Path,
    *,
    ask_house: Callable[[], str],
    clock: Clock,
    random: Random = os.urandom,
) -> House:
    """Open the home at *path*; raise Locked where the house passphrase is wanting."""
    settings = read_settings(path)
    house_key = _key_home(path, settings, ask_house).open()
    return _open(path, settings, house_key, clock, random)


def close(house: House) -> None:
    house.store.close()


def read_settings(path: Path) -> Settings:
    """Return what the home at *path* says of itself; raise Misused if there is no home."""
    try:
        told = tomllib.loads((path / CONFIG).read_text(encoding="utf-8"))
        return Settings(**told)
    except FileNotFoundError:
        raise Misused("home-absent") from None
    except (tomllib.TOMLDecodeError, TypeError, UnicodeDecodeError):
        raise Damaged("settings") from None


def key_home(path: Path, ask_house: Callable[[], str]) -> KeyHome:
    """Return where the house key of the home at *path* lives: for warnings on status pages."""
    return _key_home(path, read_settings(path), ask_house)


def _open(path: Path, settings: Settings, house_key: bytes, clock: Clock, random: Random) -> House:
    vault = Vault(house_key, random)
    store = Store.open(_url(path, settings), home=path)
    try:
        node_keys = _read_keys(store, vault)
        own = path / KINDS
        kinds = load_kinds(own if own.is_dir() else None)
    except BaseException:
        store.close()
        raise
    store.sign_with(_signer(node_keys.ledger))
    return House(
        home=path,
        store=store,
        vault=vault,
        keys=node_keys,
        clock=clock,
        random=random,
        kinds=kinds,
        practice=settings.practice,
    )


def _signer(key: SigningKey) -> Callable[[Checkpoint], bytes]:
    return lambda made: note.write(checkpoint.sign(made, key))


def _settle(store: Store, vault: Vault, clock: Clock, random: Random, name: str) -> None:
    """Make the node's keys and open its first log."""
    del name
    node = NodeId(mint(random))
    tls = TlsKey.generate(random)
    seeds = _Seeds(
        node=node,
        carrier=random(32),
        parcel=str(HybridIdentity.generate(random)),
        tls=tls.bundle(_certificate(tls, node, clock(), random)),
        ledger=random(32),
        ledger_quantum=random(32),
        witness=random(32),
        matching=random(32),
    )
    store.sign_with(_signer(SigningKey(seeds.ledger)))
    now = to_millis(clock())
    locked = vault.lock(canonical.encode(seeds), _place())
    origin = Origin(node, 1)

    def work(writing: Writing) -> None:
        row = keys.Secret(name=NODE_KEYS, agency="", version=1, body=locked, at=now)
        keys.put_secrets(writing, [row])
        logs.start(writing, str(origin), now)
        entry = Succession(origin).entry
        writing.append([Opening(LeafType.OPENING, random(SALT_SIZE), entry)])

    store.write(work)


def _certificate(tls: TlsKey, node: NodeId, at: datetime, random: Random) -> bytes:
    serial = int.from_bytes(random(16), "big") | 1
    # Peers pin the key; the host in the certificate is for nobody to believe.
    return tls.certificate(node, hosts=["localhost", "127.0.0.1"], at=at, serial=serial)


def _read_keys(store: Store, vault: Vault) -> NodeKeys:
    with store.read() as reading:
        row = keys.secret(reading, NODE_KEYS)
    if row is None:
        raise Damaged("node-keys")
    seeds = canonical.decode(vault.open(row.body, _place()), _Seeds, limit=_LIMIT)
    return NodeKeys(
        node=seeds.node,
        carrier=SigningKey(seeds.carrier),
        parcel=HybridIdentity.parse(seeds.parcel),
        tls=seeds.tls,
        ledger=SigningKey(seeds.ledger),
        ledger_quantum=QuantumSigningKey(seeds.ledger_quantum),
        witness=SigningKey(seeds.witness),
        matching=seeds.matching,
    )


def _key_home(path: Path, settings: Settings, ask_house: Callable[[], str]) -> KeyHome:
    match settings.key_home:
        case "file":
            return FileHome(path / HOUSE_KEY)
        case "prompt":
            home = PromptHome(path=path / HOUSE_KEY, ask=ask_house, practice=settings.practice)
            return replace(home, factor=10) if settings.practice else home
        case "tpm":
            return TpmHome(path=path / HOUSE_KEY)
        case "credential":
            return CredentialHome.from_environment(os.environ)
        case _:
            raise Misused("key-home")


def _url(path: Path, settings: Settings) -> str:
    return settings.url or f"sqlite:///{path / DATABASE}"


def _written(settings: Settings) -> str:
    practice = "true" if settings.practice else "false"
    return (
        "# Technical settings of this node. No secret and no name belongs here.\n"
        f'key_home = "{settings.key_home}"\npractice = {practice}\nurl = "{settings.url}"\n'
    )


def _place() -> str:
    return f"secrets/{NODE_KEYS}/1"


VALIDITY: Final = timedelta(days=3650)
"""Of a node's entry in a roster; rotation comes before."""
