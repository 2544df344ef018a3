# SPDX-License-Identifier: Apache-2.0
"""Free text is translated on this machine or not at all."""

from pathlib import Path

import pytest
from tests.services.settle import settle

from comity.carriers.engines import CommandEngine, argos, engine_of
from comity.errors import Misused, Unavailable
from comity.node import Node
from comity.services.engine_settings import EngineKind, EngineSettings, set_engine

SHOUT = '#!/bin/sh\nprintf \'%s>%s: \' "$1" "$2"\ntr a-z A-Z\n'


def _program(folder: Path, text: str) -> str:
    place = folder / "translate"
    place.write_text(text)
    place.chmod(0o755)
    return str(place)


def test_by_default_nothing_translates(tmp_path: Path) -> None:
    node = Node(settle(tmp_path).house)

    assert node.engine() is None


def test_an_operators_program_is_given_the_text_by_pipe(tmp_path: Path) -> None:
    node = Node(settle(tmp_path).house)
    command = _program(tmp_path, SHOUT)
    set_engine(node.house, EngineSettings(kind=EngineKind.COMMAND, command=command))
    engine = node.engine()

    assert engine is not None
    assert engine.translate("a company", "en", "vi") == "en>vi: A COMPANY"


def test_a_program_that_fails_is_said(tmp_path: Path) -> None:
    engine = CommandEngine(command=_program(tmp_path, "#!/bin/sh\nexit 3\n"))

    with pytest.raises(Unavailable, match="engine"):
        engine.translate("a company", "en", "vi")


def test_a_language_is_no_argument_of_another_kind(tmp_path: Path) -> None:
    engine = CommandEngine(command=_program(tmp_path, SHOUT))

    with pytest.raises(Unavailable):
        engine.translate("a company", "--help", "vi")


def test_a_program_has_a_whole_path() -> None:
    with pytest.raises(Misused, match="engine-command"):
        EngineSettings(kind=EngineKind.COMMAND, command="translate")


def test_argos_is_used_where_it_is_installed_and_absent_where_not() -> None:
    found = argos()

    assert engine_of(EngineSettings(kind=EngineKind.ARGOS)) == found
    assert found is None or found.name == "Argos Translate"
