# SPDX-License-Identifier: Apache-2.0
"""What is said when something cannot be taken back like this, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import TODAY
from comity.language.sentence import Sentence

TAKING_BACK: Final[Mapping[str, Sentence]] = {
    "usage.act-which": Sentence(
        happened=marked("You sent several messages in this thread. Nothing was taken back."),
        then=marked("Name one with --act, or take all back with --all; --list shows them."),
        page=marked("Open the thread: it shows what can be meant."),
    ),
    "usage.nothing-to-take-back": Sentence(
        happened=marked("Nothing of yours is left in this thread that could be taken back."),
        then=marked("See who has answered with: comity recall --tally"),
        page=marked("Open the thread and see where it stands now."),
    ),
    "usage.correction-missing": Sentence(
        happened=marked("It was not said what is wrong. Nothing was sent."),
        then=marked("Say --wrong-person or --cleared."),
        page=marked("Choose one of the reasons in the list."),
    ),
    "usage.act-held": Sentence(
        happened=marked("This has not left: it waits for the oversight desk."),
        then=marked("Stop it instead."),
    ),
    "usage.acts-of-several": Sentence(
        happened=marked("These messages were not all sent for one desk."),
        then=marked("Take them back one after the other."),
    ),
    "usage.recalled-already": Sentence(
        happened=marked("This was taken back before."),
        then=marked("See who has answered with: comity recall --tally"),
        page=marked("Open the thread and see where it stands now."),
    ),
    "usage.recall": Sentence(
        happened=marked("These messages cannot be taken back together like this."),
        then=marked("Name each message once, and say what is wrong or what may still be done."),
    ),
    "usage.here-too": Sentence(
        happened=marked("Only what is to be deleted elsewhere is deleted here too."),
        then=marked("Leave that out."),
    ),
    "usage.handling-absent": Sentence(
        happened=marked("This message says nothing of what may be done with it."),
        then=marked("Choose the question, note or answer that does."),
    ),
    "usage.handling-wider": Sentence(
        happened=marked("This would let more be done with it than before. Nothing was changed."),
        then=marked("Leave at least as it was what you do not want to narrow."),
    ),
    "usage.handling-same": Sentence(
        happened=marked("This is what may be done with it already."),
        then=marked("Say what is to be narrower, or who alone may see it."),
    ),
    "usage.nothing-recalled": Sentence(
        happened=marked("Nothing is kept in this thread, and nobody wants anything deleted."),
        then=marked("See what waits for you with: comity recall --pending"),
        page=TODAY,
    ),
    "usage.days": Sentence(
        happened=marked("Backups are kept for at most {limit} days."),
        then=marked("Give fewer days."),
    ),
}
