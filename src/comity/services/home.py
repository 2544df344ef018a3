# SPDX-License-Identifier: Apache-2.0
"""Homes: the folder of one node, made whole or not at all, and opened with its house key.

``node.toml`` says only what is needed before the house key is open: where the database is, where
the house key lives, whether this is a practice node. Everything else is in the database, locked,
and what is locked says again whether it is for practice: an edited line makes no real node a toy.

A home is made beside its place, ``node.toml`` last, and then moved there in one step: a kill in the
middle leaves a folder with a dot that nothing takes for a home. Several processes may have one home
open; the database decides between them.
"""

import errno
import json
import os
import shutil
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SEED_SIZE, SigningKey
from comity.crypto.tls import TlsKey
from comity.crypto.vault import Vault
from comity.domain.ids import NodeId, Random, mint
from comity.domain.time import Clock, to_millis
from comity.errors import Damaged, DiskFull, Misused, Unavailable
from comity.knowledge.kinds import load_kinds
from comity.ledger.checkpoint import Origin
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.ledger.succession import Succession
from comity.services import home_lock
from comity.services.agencies import PRACTICE_FACTOR
from comity.services.closed import check_open
from comity.services.house import House
from comity.services.key_homes import (
    HOUSE_KEY_SIZE,
    CredentialHome,
    FileHome,
    KeyHome,
    PromptHome,
    TpmHome,
)
from comity.services.next_key import opening_key
from comity.services.node_keys import KeyShelf, Seeds, put, signed
from comity.services.relock import remember_tags
from comity.services.sources import own_key
from comity.services.tls_certificate import certificate
from comity.storage import keys, logs
from comity.storage.folder import settle_folder
from comity.storage.reading import Writing
from comity.storage.store import Store

CONFIG: Final = "node.toml"
DATABASE: Final = "comity.db"
HOUSE_KEY: Final = "house.key"
KINDS: Final = "kinds"
"""An agency's own request kinds, if it has any, lie in this folder of the home."""
_SETTINGS_LIMIT: Final = 16 * 1024
_THERE: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``node.toml`` says: technical things, and no name."""

    key_home: str
    """``prompt``, ``tpm``, ``credential`` or ``file``."""
    practice: bool = False
    url: str = ""
    """Of the database; empty for a SQLite file in the home. A password comes from the environment
    (``PGPASSWORD``) or the system's own file, never from here."""


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
    """Make a home at *path*, where nothing or an empty folder may be, and open it.

    A bare key file is only for practice nodes and for who asks for it by name (the command says
    what it means); *ask_house* returns the new house passphrase for ``prompt``. A database at *url*
    must be empty.
    """
    path = path.absolute()
    if not path.name or "?" in str(path):  # a question mark would end the database's name
        raise Misused("home.path")
    settings = Settings(key_home=key_home, practice=practice, url=url)
    _check_url(settings)
    beside = path.with_name(f".{path.name}.{mint(random)}")
    try:
        _check_free(path)
        beside.mkdir(parents=True, mode=0o700)
        try:
            house_key = _furnish(beside, settings, ask_house, clock, random)
            _move(beside, path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise _said(error) from None
    return _opened(path, settings, lambda _: house_key, clock, random)


def open_(
    path: Path,
    *,
    ask_house: Callable[[], str],
    clock: Clock,
    random: Random = os.urandom,
) -> House:
    """Open the home at *path*; raise Locked where the house passphrase is wanting."""
    path = path.absolute()
    settings = read_settings(path)
    check_open(path)
    kept = _key_home(path, settings, _once(ask_house))
    return _opened(path, settings, lambda store: opening_key(kept, store), clock, random)


def open_with(path: Path, key: bytes, *, clock: Clock, random: Random = os.urandom) -> House:
    """Open the home at *path* with its house *key* at hand, closed or not: holders brought it."""
    path = path.absolute()
    return _opened(path, read_settings(path), lambda _: key, clock, random)


def rehouse(path: Path, key: bytes, *, key_home: str, ask_house: Callable[[], str]) -> None:
    """Keep *key* in *key_home* from now on; it is durable before the settings name that."""
    settings = replace(read_settings(path), key_home=key_home)
    _key_home(path, settings, ask_house).store(key)
    beside = path / f".{CONFIG}"
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(_written(settings))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path / CONFIG)
        settle_folder(path)
    except OSError:
        raise DiskFull("home") from None


def close(house: House) -> None:
    home_lock.leave(house.store)
    house.store.close()


def read_settings(path: Path) -> Settings:
    """Return what the home at *path* says of itself; raise Misused if there is no home."""
    try:
        with (path / CONFIG).open("rb") as file:
            text = file.read(_SETTINGS_LIMIT).decode("utf-8")
        told = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        raise Misused("home") from None
    except OSError:
        raise Unavailable("settings") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Damaged("settings") from None
    kinds = {each.name: each.type for each in fields(Settings)}
    if "key_home" not in told or any(type(v) is not kinds.get(k) for k, v in told.items()):
        raise Damaged("settings")
    return Settings(**told)


def key_home(path: Path, ask_house: Callable[[], str]) -> KeyHome:
    """Return where the house key of the home at *path* lives: for warnings on status pages."""
    return _key_home(path, read_settings(path), ask_house)


def _check_free(path: Path) -> None:
    """Raise Misused if there is anything at *path* but an empty folder."""
    with suppress(FileNotFoundError):
        if any(path.iterdir()):
            raise Misused("exists")


def _check_url(settings: Settings) -> None:
    """Raise Misused for a database that is not PostgreSQL, or whose password would be kept."""
    if not settings.url:
        return
    try:
        parts = urlsplit(settings.url)
        secret = parts.password or parse_qs(parts.query).get("password")
    except ValueError:
        raise Misused("database-url") from None
    if not parts.scheme.startswith("postgresql"):
        raise Misused("database-url")
    if secret:
        raise Misused("database-password")


def _furnish(
    beside: Path,
    settings: Settings,
    ask_house: Callable[[], str],
    clock: Clock,
    random: Random,
) -> bytes:
    """Put into the folder *beside* all that a home has, ``node.toml`` last; return its key."""
    home = _key_home(beside, settings, ask_house)
    house_key = home.open() if isinstance(home, CredentialHome) else random(HOUSE_KEY_SIZE)
    home.store(house_key)
    store = Store.create(_url(beside, settings), home=beside)
    try:
        _settle(store, Vault(house_key, random), settings, clock, random)
    finally:
        store.close()
    with (beside / CONFIG).open("x", encoding="utf-8") as file:
        file.write(_written(settings))
        file.flush()
        os.fsync(file.fileno())
    return house_key


def _move(beside: Path, path: Path) -> None:
    """Give the home its name; it takes the place of an empty folder and of nothing else."""
    settle_folder(beside)
    beside.rename(path)
    settle_folder(path.parent)


def _said(error: OSError) -> Misused | DiskFull:
    return Misused("exists") if error.errno in _THERE else DiskFull("home")


def _once(ask: Callable[[], str]) -> Callable[[], str]:
    """Return *ask*, which asks the first time alone: one passphrase may be tried on two keys."""
    told: list[str] = []

    def once() -> str:
        if not told:
            told.append(ask())
        return told[0]

    return once


def _store(path: Path, settings: Settings) -> Store:
    if not settings.url and not (path / DATABASE).exists():
        raise Damaged("database")  # SQLite would make an empty one
    return Store.open(_url(path, settings), home=path)


def _opened(
    path: Path, settings: Settings, key: Callable[[Store], bytes], clock: Clock, random: Random
) -> House:
    """Open the home at *path* together with whoever else has it open."""
    store = _store(path, settings)
    try:
        home_lock.share(path, store)
        return _open(path, settings, store, Vault(key(store), random), clock)
    except BaseException:
        home_lock.leave(store)
        store.close()
        raise


def _open(path: Path, settings: Settings, store: Store, vault: Vault, clock: Clock) -> House:
    shelf = KeyShelf(store, vault, practice=settings.practice)
    with store.read() as reading:
        remember_tags(reading, vault)
    own = path / KINDS
    kinds = load_kinds(own if own.is_dir() else None)
    store.sign_with(shelf.sign)
    return House(
        home=path,
        store=store,
        vault=vault,
        shelf=shelf,
        clock=clock,
        random=vault.random,
        kinds=kinds,
        practice=settings.practice,
    )


def _settle(store: Store, vault: Vault, settings: Settings, clock: Clock, random: Random) -> None:
    """Make the node's keys and open its first log."""
    node = NodeId(mint(random))
    tls = TlsKey.generate(random)
    seeds = Seeds(
        node=node,
        practice=settings.practice,
        carrier=random(SEED_SIZE),
        parcel=str(HybridIdentity.generate(random)),
        tls=tls.bundle(certificate(tls, node, clock(), random)),
        ledger=random(SEED_SIZE),
        ledger_quantum=random(SEED_SIZE),
        witness=random(SEED_SIZE),
        matching=random(SEED_SIZE),
    )
    store.sign_with(lambda made: signed(made, SigningKey(seeds.ledger)))
    now = to_millis(clock())
    origin = Origin(node, 1)

    def work(writing: Writing) -> None:
        put(writing, vault, seeds, now)
        keys.put_secrets(writing, [own_key(vault, random, now)])
        logs.start(writing, str(origin), now)
        entry = Succession(origin).entry
        writing.append([Opening(LeafType.OPENING, random(SALT_SIZE), entry)])

    store.write(work)


def _key_home(path: Path, settings: Settings, ask_house: Callable[[], str]) -> KeyHome:
    match settings.key_home:
        case "file":
            return FileHome(path / HOUSE_KEY)
        case "prompt":
            home = PromptHome(path=path / HOUSE_KEY, ask=ask_house, practice=settings.practice)
            return replace(home, factor=PRACTICE_FACTOR) if settings.practice else home
        case "tpm":
            return TpmHome(path=path / HOUSE_KEY)
        case "credential":
            return CredentialHome.from_environment(os.environ)
        case _:
            raise Misused("key-home")


def _url(path: Path, settings: Settings) -> str:
    return settings.url or f"sqlite:///{path / DATABASE}"


def _written(settings: Settings) -> str:
    # A JSON string is a TOML string too.
    return (
        "# Technical settings of this node. No secret and no name belongs here.\n"
        f"key_home = {json.dumps(settings.key_home)}\n"
        f"practice = {json.dumps(settings.practice)}\n"
        f"url = {json.dumps(settings.url)}\n"
    )
