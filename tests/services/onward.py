# SPDX-License-Identifier: Apache-2.0
"""What Hai Phong told Mombasa, and what Mombasa then wants: the first steps of many tests."""

from dataclasses import replace
from typing import Final

from tests.services.settle import ADMISSION, befriend, settle
from tests.world import World, WorldNode, question

from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import ThreadId
from comity.domain.onward import Use
from comity.domain.statement import Outcome
from comity.services import admit
from comity.services.answer import Reply
from comity.services.consent import Leave as Said
from comity.services.consent import Wish
from comity.services.invite import invite
from comity.services.pass_on import Onward

THERE: Final = "VN/Anti-smuggling desk"
ADDIS: Final = Onward(to="ET/Duty desk", ref="MSA/114")
CAREFUL: Final = Handling(see=See.DESK, onward=Leave.ASK, judicial=Leave.ASK)
YES: Final = Said(yes=True)
NO: Final = Said(yes=False, text="Not while our own case runs.")


def told(world: World, handling: Handling = CAREFUL, **more: object) -> ThreadId:
    """Let Hai Phong answer a question of Mombasa's, and let it arrive."""
    ke, vn = world.nodes("ke", "vn")
    asked = ke.seat().ask(question(THERE))
    world.sync()
    reply = Reply(outcome=Outcome.INFORMATION, text="Nguyen Van A.", handling=handling)
    vn.seat().answer(asked.thread, replace(reply, **more))  # type: ignore[arg-type]  # as the test says it
    world.sync()
    world.hours.pass_(minutes=5)
    return asked.thread


def wish(use: Use = Use.PASS_ON, **more: object) -> Wish:
    meant = Wish(use=use, to=("ET",) if use is Use.PASS_ON else (), reason="The ship calls there.")
    return replace(meant, **more)  # type: ignore[arg-type]  # likewise


def asked(world: World, thread: ThreadId, meant: Wish | None = None) -> None:
    """Let Mombasa ask Hai Phong for consent, and let it arrive."""
    world["ke"].seat().ask_consent(thread, meant or wish())
    world.sync()
    world.hours.pass_(minutes=5)


def consented(world: World, said: Said = YES, handling: Handling = CAREFUL) -> ThreadId:
    """Return a thread in which Hai Phong told, was asked, and gave its word."""
    thread = told(world, handling)
    asked(world, thread)
    world["vn"].seat().give_consent(thread, said)
    world.sync()
    world.hours.pass_(minutes=5)
    return thread


def joined(world: World, country: str, *, checked: bool = True) -> WorldNode:
    """Let another country settle, whom Ethiopia alone has admitted, and perhaps called."""
    settled = settle(world.path, country, clock=lambda: world.hours.now)
    node = WorldNode(world, settled)
    node.restart()
    world._nodes[country.lower()] = node
    if checked:
        befriend(settled, world["et"].settled)
    else:
        admit.accept(world["et"].house, invite(settled.house, settled.agency), ADMISSION)
    return node


def befriended(one: WorldNode, other: WorldNode) -> None:
    """Let two that know each other from others alone admit each other."""
    befriend(one.settled, other.settled)
