# SPDX-License-Identifier: Apache-2.0
"""What is said of how we stand to another agency, by code."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked

MARKS: Final[Mapping[str, str]] = {
    "forked": marked("it showed two histories of its record that cannot both be true"),
    "roster-forked": marked("it told two lists of its people under one number"),
    "unproven": marked("it does not show that its record is one"),
    "replayed": marked("it told an old list of its people as its newest, again and again"),
    "key-differs": marked("by voice it read another key than the one you were given"),
    "false-introduction": marked("it introduced an agency with a key that was not theirs"),
}
SUSPENSIONS: Final[Mapping[str, str]] = {
    "forked": marked("it showed two histories"),
    "replayed": marked("it repeats what is old"),
    "key-differs": marked("its key is another than was given"),
    "compromised": marked("its keys or its people may be in other hands"),
    "introduction-ended": marked("its introduction has ended"),
    "introduction-uncompared": marked("its key was not compared in thirty days"),
    "policy": marked("by your agency's policy"),
    "other": marked("for another reason"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "accepted": marked("accepted"),
    "declined": marked("not accepted"),
    "known": marked("knew it already"),
    "": marked("not decided yet"),
}
STATES: Final[Mapping[str, str]] = {
    "waiting": marked("waits for two of your people"),
    "accepted": marked("accepted"),
    "declined": marked("not accepted"),
    "known": marked("you knew it already"),
    "refused": marked("refused by the rules"),
}
