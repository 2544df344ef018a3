# SPDX-License-Identifier: Apache-2.0
"""``comity node engine``: by what this server translates free text, if by anything."""

import click

from comity.carriers.engines import engine_of
from comity.cli.call import Call, shared
from comity.cli.session import opened
from comity.errors import Misused
from comity.language.marks import marked
from comity.services.engine_settings import EngineKind, EngineSettings, read_engine, set_engine

_OFF = marked("Free text is not translated here.")
_ON = marked("Free text is translated on this machine by {name}; pages say so beside it.")
_ABSENT = marked("Argos Translate is not installed beside Comity: pip install argostranslate")


@click.command()
@click.option("--argos", is_flag=True, help="Argos Translate, which you install beside Comity.")
@click.option("--command", default="", metavar="PATH", help="A program: two tags, text by pipe.")
@click.option("--off", is_flag=True, help="Translate no more.")
@shared
def engine(call: Call, *, argos: bool, command: str, off: bool) -> None:
    """Show or set what translates free text on this machine. Off by default.

    Nothing goes to anybody's service. What an engine makes is shown beside the original and never
    sent.
    """
    if sum((argos, bool(command), off)) > 1:
        raise Misused("engine-command")
    with opened(call) as house:
        if argos:
            set_engine(house, EngineSettings(kind=EngineKind.ARGOS))
        if command:
            set_engine(house, EngineSettings(kind=EngineKind.COMMAND, command=command))
        if off:
            set_engine(house, EngineSettings())
        settings = read_engine(house)
    found = engine_of(settings)
    if found is not None:
        call.out.say(_ON, name=found.name)
    else:
        call.out.say(_ABSENT if settings.kind is EngineKind.ARGOS else _OFF)
    call.out.give(kind=settings.kind.value, installed=found is not None)
