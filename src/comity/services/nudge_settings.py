# SPDX-License-Identifier: Apache-2.0
"""How this server nudges, if at all: by which mail server and which gateway; set by its operator.

Off by default. What opens them (a password, a token) is locked under the house key with the rest.
Everything leaves this machine protected: plain only to the loopback, where a relay may stand.
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from comity.domain.nudging import check_address
from comity.errors import Misused
from comity.services.house import House
from comity.storage import housed
from comity.storage.housed import Housed
from comity.wire import canonical

ROOM: Final = "nudge-server"
_NAME: Final = "settings"
_LIMIT: Final = 256 * 1024
_SECRET_MOST: Final = 4096
_AUTHORITY_MOST: Final = 128 * 1024
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_HOST: Final = re.compile(r"[A-Za-z0-9:.-]{1,253}")


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"
    """To a relay on this machine alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """A mail server."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = ""
    """PEM of who certifies it, where the system does not know him."""

    def __post_init__(self) -> None:
        check_address(self.sender)
        if not _HOST.fullmatch(self.host) or not 0 < self.port < 65536:
            raise Misused("nudge-server")
        if self.security is Security.PLAIN and self.host not in LOOPBACK:
            raise Misused("nudge-plain")
        _check_secret(self.user, self.password, self.authority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway for short messages: a service that is called, or a program on this machine."""

    url: str = ""
    token: str = field(default="", repr=False)
    authority: str = ""
    command: str = ""
    """Of a program: it is given the number and the sentence on standard input, a line each."""

    def __post_init__(self) -> None:
        if bool(self.url) is bool(self.command):
            raise Misused("nudge-server")
        _check_secret(self.token, self.authority)
        if self.url:
            _check_url(self.url)
        elif not Path(self.command).is_absolute():
            raise Misused("nudge-command")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Empty means off."""

    mail: tuple[Smtp, ...] = ()
    """One at most."""
    short: tuple[Gateway, ...] = ()
    """One at most."""


def read_settings(house: House) -> Settings:
    """Return how this server nudges."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [_NAME])
    if not rows:
        return Settings()
    return canonical.decode(
        house.vault.open(rows[0].body, f"{ROOM}/{_NAME}"), Settings, limit=_LIMIT
    )


def set_mail(house: House, mail: Smtp | None) -> None:
    """Nudge by *mail* from now on, or by mail no more."""
    _put(house, replace(read_settings(house), mail=() if mail is None else (mail,)))


def set_gateway(house: House, gateway: Gateway | None) -> None:
    """Nudge by *gateway* from now on, or by short messages no more."""
    _put(house, replace(read_settings(house), short=() if gateway is None else (gateway,)))


def _put(house: House, settings: Settings) -> None:
    body = house.vault.lock(canonical.encode(settings), f"{ROOM}/{_NAME}")
    row = Housed(room=ROOM, name=_NAME, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    loopback = parts.hostname in LOOPBACK
    if parts.username or parts.password or not parts.hostname:
        raise Misused("nudge-server")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise Misused("nudge-plain")


def _check_secret(*texts: str) -> None:
    *secrets, authority = texts
    if len(authority) > _AUTHORITY_MOST or any(len(each) > _SECRET_MOST for each in secrets):
        raise Misused("nudge-server")
    if any(not each.isprintable() for each in secrets):
        raise Misused("nudge-server")
