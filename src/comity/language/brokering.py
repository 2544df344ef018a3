# SPDX-License-Identifier: Apache-2.0
"""What is said to brokers: of sources, and of what a lawyer answered."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

BROKERING: Final[Mapping[str, Sentence]] = {
    "refused.source-named": Sentence(
        happened=marked("What you tell names the source, or how the source is reached."),
        then=marked("Take it out; write the number of the source, and nothing else."),
    ),
    "usage.country-unknown": Sentence(
        happened=marked("There is no country with this code."),
        then=marked("Write its two letters, as in KE or VN."),
    ),
    "usage.source-unknown": Sentence(
        happened=marked("There is no source of this number that you can read."),
        then=marked("Look at your list of sources."),
    ),
    "usage.source-number": Sentence(
        happened=marked("This is not the number of a source."),
        then=marked("A number is written S-0417."),
    ),
    "usage.source-again": Sentence(
        happened=marked("The two numbers differ: nothing was removed."),
        then=marked("Type the same number twice."),
    ),
    "usage.source-long": Sentence(
        happened=marked("The record of this source has become too long."),
        then=marked("Keep less about each source."),
    ),
    "usage.broker-answer": Sentence(
        happened=marked("Not knowing is not an answer that can be recorded."),
        then=marked("Record yes, no or conditions, as the lawyer said it."),
    ),
    "usage.broker-ended": Sentence(
        happened=marked("This answer would have ended already."),
        then=marked("Give a later last day, or none."),
    ),
}
