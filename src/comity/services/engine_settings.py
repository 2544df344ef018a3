# SPDX-License-Identifier: Apache-2.0
"""By what this server translates free text: nothing by default, and an operator's choice.

The engine runs on this machine; text of a case goes to nobody's service.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from comity.errors import Misused
from comity.services.house import House
from comity.storage import housed
from comity.storage.housed import Housed
from comity.wire import canonical

ROOM: Final = "engine"
_NAME: Final = "settings"
_LIMIT: Final = 4096


class EngineKind(StrEnum):
    NONE = "none"
    ARGOS = "argos"
    """Argos Translate, with the language packages that the operator installed."""
    COMMAND = "command"
    """A program: two language tags as arguments, the text on standard input and output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    kind: EngineKind = EngineKind.NONE
    command: str = ""
    """Its whole path."""

    def __post_init__(self) -> None:
        if (self.kind is EngineKind.COMMAND) is not bool(self.command):
            raise Misused("engine-command")
        if self.command and not Path(self.command).is_absolute():
            raise Misused("engine-command")


def read_engine(house: House) -> EngineSettings:
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [_NAME])
    if not rows:
        return EngineSettings()
    opened = house.vault.open(rows[0].body, f"{ROOM}/{_NAME}")
    return canonical.decode(opened, EngineSettings, limit=_LIMIT)


def set_engine(house: House, settings: EngineSettings) -> None:
    body = house.vault.lock(canonical.encode(settings), f"{ROOM}/{_NAME}")
    row = Housed(room=ROOM, name=_NAME, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))
