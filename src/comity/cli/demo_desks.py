# SPDX-License-Identifier: Apache-2.0
"""The demonstration's desks: when the story is told its servers go on, and people click.

Prints where each country's desk is, who may sign in there with which words, and a tour of two
minutes. Everything is invented and for practice: the passphrases stand on the screen.
"""

import contextlib
import sys
import threading
from collections.abc import Sequence
from typing import Final

from comity.cli import cast
from comity.cli.play import PASSPHRASE, Play, Side, free_port
from comity.domain.roster import Role
from comity.language import words
from comity.language.marks import marked

_HEAD = marked("The desks are open: sign in with a browser on this machine")
_COLUMNS = (marked("Desk"), marked("Name"), marked("Part"), marked("Passphrase"))
_TOUR = marked("A tour of two minutes")
_STEPS: Final = (
    marked("Sign in at the first desk as Amina Wanjala: what waits for her stands on Today."),
    marked("Open the thread of the phone: question, receipts and answer; then its timeline."),
    marked(
        "Choose Ask, Viet Nam, and the first card; type six things and look at who will see it."
    ),
    marked("Send it; for a minute it can still be stopped."),
    marked("In another window sign in at Hai Phong as Nguyen Thi Lan: take it, and answer."),
    marked("Back in Mombasa the answer is there, in the words of the reader's own language."),
    marked("Try the language of the desk, the phone's width, and Leave now."),
)
_UNTIL = marked("Ctrl-C ends it, and nothing of it stays.")
_GONE: Final = frozenset({"Juma"})
"""Who left in the story."""


def has_onlooker() -> bool:
    """Return whether a person sits at the terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_desks(play: Play, sides: Sequence[Side], stopped: threading.Event | None = None) -> None:
    """Serve the desks of *sides* until Ctrl-C, or until *stopped* is set."""
    rows: list[tuple[str, ...]] = []
    for side in sides:
        port = free_port()
        play.serve(side, desk_port=port)
        rows += _people(play, side, f"http://{side.country.lower()}.localhost:{port}")
    out = play.out
    out.heading(_HEAD)
    out.table(_COLUMNS, rows)
    out.heading(_TOUR)
    for number, each in enumerate(_STEPS, 1):
        out.line(f"  {number}. {out.say_in.of(each)}")
    out.line("")
    out.say(_UNTIL)
    with contextlib.suppress(KeyboardInterrupt):
        (stopped or threading.Event()).wait()


def _people(play: Play, side: Side, address: str) -> list[tuple[str, ...]]:
    """Return who may sign in at a desk, with the address before the first."""
    found = [
        (
            cast.NAMES[name],
            play.out.say_in.of(words.ROLES[Role(role)]),
            play.passphrases.get(name, PASSPHRASE),
        )
        for name, role in cast.AGENCIES[side.country].people
        if name not in _GONE
    ]
    return [(address if not at else "", *each) for at, each in enumerate(found)]
