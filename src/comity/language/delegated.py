# SPDX-License-Identifier: Apache-2.0
"""What is said when deciding or typing for another goes wrong, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

DELEGATED: Final[Mapping[str, Sentence]] = {
    "usage.delegation-days": Sentence(
        happened=marked("You can let somebody decide for 1 to {limit} days."),
        then=marked("Choose fewer; it can be done again."),
    ),
    "usage.delegation-own": Sentence(
        happened=marked("You decide for your desk already."),
        then=marked("Choose a colleague."),
    ),
    "usage.delegation-unknown": Sentence(
        happened=marked("Nobody decides for another by this any more."),
        then=marked("You need do nothing."),
    ),
    "refused.not-competent.delegation-over": Sentence(
        happened=marked("The time is over for which you could decide for the oversight desk."),
        then=marked("Leave it to them, or ask them to let you again."),
    ),
    "usage.typed-for-own": Sentence(
        happened=marked("What you type for yourself is yours already."),
        then=marked("Choose the colleague who dictated it, or nobody."),
    ),
    "refused.too-late.typed-decided": Sentence(
        happened=marked("You have said before whether you dictated this."),
        then=marked("You need do nothing."),
    ),
}
