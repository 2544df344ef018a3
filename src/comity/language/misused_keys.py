# SPDX-License-Identifier: Apache-2.0
"""What is said when a call to change or end a key is wrong, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import OPERATOR, OURS
from comity.language.sentence import Sentence

MISUSED_KEYS: Final[Mapping[str, Sentence]] = {
    "usage.successor-circle": Sentence(
        happened=marked("Nobody follows himself, or somebody who follows him."),
        then=marked("Name somebody else."),
    ),
    "usage.roster-newest": Sentence(
        happened=marked("Nobody has shown a later list of your agency than the one that is here."),
        then=marked("Exchange with others first."),
    ),
    "usage.roster-key-lost": Sentence(
        happened=marked(
            "The key that signs your agency's list was changed after this backup was made, and it "
            "is not in it."
        ),
        then=marked("Bring the agency's first key: comity rotate roster --stolen"),
        page=OPERATOR,
    ),
    "usage.house-key.next": Sentence(
        happened=marked("The next key of this server has not been given."),
        then=marked(
            "Make the credential comity-house-next, as comity-house was made, and start this "
            "command with both."
        ),
        page=OPERATOR,
    ),
    "usage.house-key.same": Sentence(
        happened=marked("The next key of this server is the one that it has."),
        then=marked("Make another one."),
    ),
    "usage.house-key.no-passphrase": Sentence(
        happened=marked("The key of this server is not kept under a passphrase."),
        then=marked("Change the key itself: comity rotate house"),
        page=OPERATOR,
    ),
    "usage.root-file-missing": Sentence(
        happened=marked("The file with the agency's first key is not there, or cannot be read."),
        then=marked("Bring the medium on which it is kept, and name it: --root-file"),
        page=OPERATOR,
    ),
    "usage.root-file-other": Sentence(
        happened=marked(
            "This file does not hold the first key that the agency named. Nothing was changed."
        ),
        then=marked("Look for the newest file: each takes the place of the one before."),
    ),
    "usage.root-succeeded": Sentence(
        happened=marked("The second key in this file has taken over already."),
        then=marked("Use the file that was written then."),
    ),
    "usage.root-changed": Sentence(
        happened=marked("Somebody else changed the agency's first keys just now."),
        then=marked("Look what stands, and begin again if it is still needed."),
    ),
    "usage.officer-changed": Sentence(
        happened=marked("Somebody else renewed this officer's keys just now."),
        then=marked("Look what stands, and begin again if it is still needed."),
    ),
    "usage.mandate-unknown": Sentence(
        happened=marked("Your agency has no mandate of this name."),
        then=marked("See those that it has: comity roster"),
        page=OURS,
    ),
    "usage.mandate-ambiguous": Sentence(
        happened=marked("Your agency has more than one mandate of this name."),
        then=marked("Name it by its id: comity roster --json"),
        page=marked("Choose one from the list."),
    ),
}
