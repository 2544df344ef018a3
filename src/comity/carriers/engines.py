# SPDX-License-Identifier: Apache-2.0
"""Engines that translate on this machine: Argos Translate, or a program of the operator's.

Neither comes with Comity: Argos brings several hundred megabytes for each pair of languages. Text
goes to them in memory or in a pipe, never as an argument and never into a file.
"""

import importlib
import re
import subprocess
from dataclasses import dataclass
from typing import Any, Final

from comity.errors import Unavailable
from comity.services.engine_settings import EngineKind, EngineSettings
from comity.services.ports import Engine

SECONDS: Final = 30.0
MOST: Final = 64 * 1024
"""Characters of one text."""
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgosEngine:
    """Argos Translate (https://www.argosopentech.com), in this process."""

    module: Any
    name: str = "Argos Translate"

    def translate(self, text: str, source: str, target: str) -> str:
        try:
            made = self.module.translate(_fit(text), _first(source), _first(target))
        except Exception:  # noqa: BLE001  # whatever a model raises, the page goes on without it
            raise Unavailable("engine") from None
        return str(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEngine:
    """A program that is given the text on standard input and writes what it made of it."""

    command: str

    @property
    def name(self) -> str:
        return self.command.rpartition("/")[2]

    def translate(self, text: str, source: str, target: str) -> str:
        if not (_TAG.fullmatch(source) and _TAG.fullmatch(target)):
            raise Unavailable("engine")
        try:
            done = subprocess.run(  # noqa: S603  # the operator named it, by its whole path
                [self.command, source, target],
                input=_fit(text).encode(),
                capture_output=True,
                env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
                timeout=SECONDS,
                check=True,
            )
            return done.stdout[: 4 * MOST].decode().strip()
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            raise Unavailable("engine") from None


def engine_of(settings: EngineSettings) -> Engine | None:
    """Return the engine of *settings*; None where none was set up, or it is not installed."""
    match settings.kind:
        case EngineKind.NONE:
            return None
        case EngineKind.COMMAND:
            return CommandEngine(command=settings.command)
        case EngineKind.ARGOS:
            return argos()


def argos() -> Engine | None:
    """Return Argos Translate, if the operator installed it."""
    try:
        module = importlib.import_module("argostranslate.translate")
    except ImportError:
        return None
    return ArgosEngine(module=module)


def _fit(text: str) -> str:
    if len(text) > MOST:
        raise Unavailable("engine")
    return text


def _first(tag: str) -> str:
    return tag.partition("-")[0].lower()
