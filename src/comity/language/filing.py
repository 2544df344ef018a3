# SPDX-License-Identifier: Apache-2.0
"""What is said about files that an officer sends or saves, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

FILING: Final[Mapping[str, Sentence]] = {
    "usage.upload-unknown": Sentence(
        happened=marked("This file is not here any more, or was never sent by you."),
        then=marked("Choose it again."),
    ),
    "usage.upload-unfinished": Sentence(
        happened=marked("A file that belongs to this has not arrived yet."),
        then=marked("Wait until it has, or choose it again."),
    ),
    "refused.uploads-full": Sentence(
        happened=marked("You have sent many files that were not used yet. No more are taken now."),
        then=marked("Send what they belong to, or wait: after seven days they are removed."),
    ),
    "refused.not-cleaned": Sentence(
        happened=marked(
            "What this file tells about its author, place and device cannot be taken out here. "
            "Nothing was sent."
        ),
        then=marked("Choose another form of it (JPEG, PNG, PDF), or tick that it may go as it is."),
    ),
    "untrusted.malformed.document": Sentence(
        happened=marked("This file cannot be opened safely, so it is not shown here."),
        then=marked("Save it, and open it on a machine that holds nothing else."),
    ),
}
