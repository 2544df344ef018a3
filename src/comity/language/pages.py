# SPDX-License-Identifier: Apache-2.0
"""What is said on the pages of the desk when a call cannot be answered, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import OPERATOR
from comity.language.sentence import Sentence

PAGES: Final[Mapping[str, Sentence]] = {
    "refused.strange-page": Sentence(
        happened=marked("This did not come from a page of this desk, so nothing was done."),
        then=marked("Open the desk itself, and do it there."),
    ),
    "refused.strange-host": Sentence(
        happened=marked("The desk is not known under this address."),
        then=marked("Use the address that your operator gave you."),
    ),
    "refused.too-many": Sentence(
        happened=marked("Too much is being sent at once."),
        then=marked("Wait until the rest has arrived."),
    ),
    "unavailable.locked.session": Sentence(
        happened=marked("You are not signed in any more."),
        then=marked("Sign in again; drafts are kept."),
    ),
    "unavailable.page": Sentence(
        happened=marked("The page could not be made. Nothing was lost."),
        then=marked("Go back and try again; tell your operator if it happens again."),
    ),
    "unavailable.typesetter": Sentence(
        happened=marked("This server cannot make documents."),
        then=marked("Print the page from your browser instead."),
    ),
    "unavailable.engine": Sentence(
        happened=marked("The text could not be translated here."),
        then=marked("Ask the author for another language, or a colleague who reads it."),
    ),
    "usage.engine-command": Sentence(
        happened=marked("A program that translates is named by its whole path."),
        then=marked("Give it as --command /path/to/program."),
        page=OPERATOR,
    ),
    "usage.form-large": Sentence(
        happened=marked("More was sent than a form may hold."),
        then=marked("Put long text or lists into a file, and attach it."),
    ),
    "usage.page-unknown": Sentence(
        happened=marked("There is no such page."),
        then=marked("Go back to the beginning."),
    ),
    "usage.desk-clear": Sentence(
        happened=marked("The pages would cross the network unprotected."),
        then=marked("Give a certificate (--desk-certificate), or serve this machine alone."),
        page=OPERATOR,
    ),
    "usage.guest-days": Sentence(
        happened=marked("A guest's link is open for {least} to {most} days."),
        then=marked("Choose another number of days."),
    ),
    "usage.guest-unknown": Sentence(
        happened=marked("Your agency has no such guest."),
        then=marked("Choose one from the list."),
    ),
}
