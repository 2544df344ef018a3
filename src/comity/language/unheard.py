# SPDX-License-Identifier: Apache-2.0
"""What is said when limits, stand-ins or nudges are set wrongly, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import OPERATOR
from comity.language.sentence import Sentence

UNHEARD: Final[Mapping[str, Sentence]] = {
    "usage.alternate-not-a-member": Sentence(
        happened=marked("Who stands in at a desk must be one of its members, to be able to read."),
        then=marked("Let him join the desk first."),
    ),
    "usage.limit-clock": Sentence(
        happened=marked("There is no such clock."),
        then=marked("Choose one of: urgent, soon, normal, none."),
    ),
    "usage.limit-minutes": Sentence(
        happened=marked("A limit has {least} to {most} minutes here: it can only be shortened."),
        then=marked("Choose a time between them."),
    ),
    "usage.marked-unknown": Sentence(
        happened=marked("There is no such marked identifier."),
        then=marked("Look at the list of those that there are."),
    ),
    "usage.nudge-length": Sentence(
        happened=marked("A nudge is one sentence of at most {limit} characters."),
        then=marked("Choose one of the list: comity nudge show"),
        page=marked("Choose one from the list."),
    ),
    "usage.nudge-signs": Sentence(
        happened=marked("A nudge has letters and spaces only: no number, no address, no link."),
        then=marked("Say it in plain words, or choose one of the list: comity nudge show"),
        page=marked("Choose one from the list."),
    ),
    "usage.nudge-names": Sentence(
        happened=marked(
            "A name of a person, a desk, an agency or a country stands in the sentence, and others "
            "would read it."
        ),
        then=marked("Say it without names, or choose one of the list: comity nudge show"),
        page=marked("Choose one from the list."),
    ),
    "usage.nudge-sentence": Sentence(
        happened=marked("There is no such sentence; the list has {count}."),
        then=marked("Choose one from the list."),
    ),
    "usage.nudge-address": Sentence(
        happened=marked("This is not a mail address that can be written to."),
        then=marked("Check it: plain letters, one @ sign, and the name of a mail server."),
    ),
    "usage.nudge-telephone": Sentence(
        happened=marked("This is not a telephone number with its country in front."),
        then=marked("Begin it with + and the country: +254 …"),
    ),
    "usage.nudge-where": Sentence(
        happened=marked("A nudge goes to one place: a mail address or a telephone number."),
        then=marked("Name one of them."),
    ),
    "usage.nudge-hours": Sentence(
        happened=marked("This is not a time of day."),
        then=marked("Write it as 21:00."),
    ),
    "usage.nudge-none": Sentence(
        happened=marked("You are not nudged."),
        then=marked("Say where and how: comity nudge set"),
        page=OPERATOR,
    ),
    "usage.nudge-off": Sentence(
        happened=marked("This server is not set up to nudge that way."),
        then=marked("Ask your administrator."),
    ),
    "usage.nudge-often": Sentence(
        happened=marked("You were nudged within the last hour."),
        then=marked("Try again later."),
    ),
    "usage.nudge-server": Sentence(
        happened=marked("This is not how a mail server or a gateway can be reached."),
        then=marked("Look at the help: comity node nudge --help"),
        page=OPERATOR,
    ),
    "usage.nudge-plain": Sentence(
        happened=marked("This would leave the machine unprotected."),
        then=marked("Choose TLS, or a relay on this machine."),
    ),
    "usage.nudge-command": Sentence(
        happened=marked("The program needs its whole path, from / on."),
        then=marked("Write it whole."),
    ),
}
