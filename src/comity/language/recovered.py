# SPDX-License-Identifier: Apache-2.0
"""What is said of recovery and of closed servers, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import OPERATOR
from comity.language.sentence import Sentence

RECOVERED: Final[Mapping[str, Sentence]] = {
    "refused.recovery": Sentence(
        happened=marked("The shares do not open this. Nothing was done."),
        then=marked("See who brought which share, and try again."),
    ),
    "refused.recovery.too-few": Sentence(
        happened=marked("These are {given} shares, and {needed} are needed. Nothing was opened."),
        then=marked("Bring in another holder."),
    ),
    "refused.recovery.mixed": Sentence(
        happened=marked("Share number {place} in your list is not of the same set as the first."),
        then=marked("Ask its holder for the share of the newest change of holders."),
    ),
    "refused.recovery.repeated": Sentence(
        happened=marked("Share {share} is there twice. Two holders have the same one, or one did."),
        then=marked("Bring in another holder."),
    ),
    "refused.recovery.wrong-share": Sentence(
        happened=marked(
            "Share number {place} in your list is not one that was handed out for this."
        ),
        then=marked("Ask that holder again, or another; and ask yourself why it is wrong."),
    ),
    "refused.recovery.not-escrowed": Sentence(
        happened=marked("The keys of this officer were never left with the holders."),
        then=marked("Enrol him anew; what was sealed to his desks the others there still read."),
    ),
    "refused.recovery.moved": Sentence(
        happened=marked("The officer's keys were changed meanwhile. Nothing was done."),
        then=marked("Do it again with the same shares."),
    ),
    "refused.recovery.split-meanwhile": Sentence(
        happened=marked("Somebody else changed the holders meanwhile. Nothing was done."),
        then=marked("See who the holders are now."),
    ),
    "refused.recovery.old-holders": Sentence(
        happened=marked("There are holders already: {needed} of them must bring their shares."),
        then=marked("Bring the shares, or say --start-over and give up what they could open."),
        page=OPERATOR,
    ),
    "refused.recovery.no-escrow": Sentence(
        happened=marked("Nobody holds shares of this server's key: closed, it is closed for good."),
        then=marked("Choose holders first: comity recover split"),
        page=OPERATOR,
    ),
    "usage.recovery.threshold": Sentence(
        happened=marked("At least {least} holders must be needed, and there are {most} at most."),
        then=marked("Choose a smaller number, or name more holders."),
    ),
    "usage.recovery.none": Sentence(
        happened=marked("This agency has no holders of shares."),
        then=marked("Choose them: comity recover split"),
        page=OPERATOR,
    ),
    "usage.recovery.two-people": Sentence(
        happened=marked("Two people decide this, and only one is named."),
        then=marked("Give two names."),
    ),
    "usage.recovery.recipient": Sentence(
        happened=marked("What stands behind the = is not the public key of an age key file."),
        then=marked("Ask the holder for the line that begins with age1pq."),
    ),
    "usage.recovery.holder-desk": Sentence(
        happened=marked("A share is held by a person, and this is a desk."),
        then=marked("Name an officer, or NAME=age1pq…."),
        page=OPERATOR,
    ),
    "usage.recovery.holder-twice": Sentence(
        happened=marked("One holder is named twice: each has one share."),
        then=marked("Name each holder once."),
    ),
    "usage.recovery.share-exists": Sentence(
        happened=marked("There is a share of that name in the folder already. Nothing was done."),
        then=marked("Choose an empty folder."),
    ),
    "usage.recovery.not-closed": Sentence(
        happened=marked("This server is not closed."),
        then=marked("Open it as usual."),
    ),
    "usage.recovery.not-typed": Sentence(
        happened=marked("The word was not typed as asked. Nothing was done."),
        then=marked("Type it exactly, or say --now."),
        page=marked("Try again."),
    ),
    "untrusted.malformed.share": Sentence(
        happened=marked("This is not a share, or a word of it is wrong."),
        then=marked("Read the words again, one by one, with their holder."),
    ),
    "untrusted.differs.shares": Sentence(
        happened=marked("The shares fit together, but what they make is not what was split here."),
        then=marked("Somebody changed a share: try with other holders."),
    ),
    "unavailable.recovery": Sentence(
        happened=marked("This program was installed without what splits and joins shares."),
        then=marked("Install it again with comity[recovery]."),
        page=OPERATOR,
    ),
    "unavailable.closed": Sentence(
        happened=marked("This server is closed."),
        then=marked("Only the holders of its recovery can reopen it: comity node reopen"),
        page=OPERATOR,
    ),
    "unavailable.busy.recovery": Sentence(
        happened=marked("Somebody else changed the holders meanwhile. Nothing was done."),
        then=marked("See who the holders are now."),
    ),
}
