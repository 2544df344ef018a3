# SPDX-License-Identifier: Apache-2.0
"""What is said of bytes that failed verification, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

UNTRUSTED: Final[Mapping[str, Sentence]] = {
    "untrusted": Sentence(
        happened=marked(
            "What arrived did not pass its checks. It is not shown, and it is kept as evidence."
        ),
        then=marked("Tell your administrator; do not act on it."),
    ),
    "untrusted.signature": Sentence(
        happened=marked(
            "The signature does not match, or its key is not valid for this. Somebody "
            "else may have made or changed it."
        ),
        then=marked("Do not act on it; ask the sender by a channel that you know."),
    ),
    "untrusted.signature.age": Sentence(
        happened=marked("This file was changed after it was sealed. Nothing of it is shown."),
        then=marked("Ask the sender for it again."),
    ),
    "untrusted.not-for-us": Sentence(
        happened=marked("This is not addressed to you, and your keys do not open it."),
        then=marked("Ask the sender to name you or your desk."),
    ),
    "untrusted.malformed": Sentence(
        happened=marked(
            "What arrived is cut short, damaged or not of its type. It was refused whole."
        ),
        then=marked("Ask for it again; if it comes back like this, tell your administrator."),
    ),
    "untrusted.malformed.size": Sentence(
        happened=marked(
            "What arrived is larger than is allowed here (limit: {limit}). It was refused whole."
        ),
        then=marked("Ask the sender to attach it as a file."),
    ),
    "untrusted.malformed.age": Sentence(
        happened=marked("This is not a sealed file, or it is cut short or damaged."),
        then=marked("Ask the sender for it again."),
    ),
    "untrusted.malformed.photograph": Sentence(
        happened=marked("This is not a whole photograph (JPEG or PNG)."),
        then=marked("Take it again, or send it as it is without cleaning."),
    ),
    "untrusted.malformed.text": Sentence(
        happened=marked("This file holds no text that can be read here."),
        then=marked("Check that it is the right file."),
    ),
    "untrusted.malformed.carry": Sentence(
        happened=marked(
            "This is no file that one server wrote for another, or its beginning is damaged. "
            "Nothing was taken in."
        ),
        then=marked("Check that it is the right file, or ask for it again."),
    ),
    "untrusted.malformed.carry-cut": Sentence(
        happened=marked(
            "The file is cut short, or its end was changed. What stood before that was taken in."
        ),
        then=marked("Take the file in again from where it came: nothing comes twice."),
    ),
    "untrusted.signature.carry": Sentence(
        happened=marked(
            "Part {part} of the file was changed, or somebody else made it. It was left out; what "
            "verifies was taken in."
        ),
        then=marked("Take the file in again from where it came: nothing comes twice."),
    ),
    "untrusted.not-for-us.carry": Sentence(
        happened=marked("This file was written for another server. Nothing was taken in."),
        then=marked("Give it to whom it is for."),
    ),
    "untrusted.stale": Sentence(
        happened=marked("This is older than what is already here, or its key was no longer valid."),
        then=marked(
            "Exchange messages with the other agency once more; if it comes back, call them."
        ),
    ),
    "untrusted.differs": Sentence(
        happened=marked(
            "What the sending agency released is not what was inside. It is not "
            "shown, and both are kept as evidence."
        ),
        then=marked("Call the sending agency, and tell your integrity officer."),
    ),
    "untrusted.two-bodies": Sentence(
        happened=marked(
            "The same message came with two different texts. Both are kept as evidence."
        ),
        then=marked("Act on neither; call the sending agency."),
    ),
    "untrusted.proof": Sentence(
        happened=marked("The proof that came with it does not hold."),
        then=marked("Do not rely on it; tell your administrator."),
    ),
    "untrusted.fork": Sentence(
        happened=marked(
            "The other agency's record showed two histories that cannot both be "
            "true. Both are kept as evidence."
        ),
        then=marked("Tell your integrity officer before you write to them again."),
    ),
    "untrusted.fingerprint": Sentence(
        happened=marked("The digits are not those of this key."),
        then=marked(
            "Read them again, group by group; if they still differ, tell your integrity officer."
        ),
    ),
    "untrusted.stale.replayed": Sentence(
        happened=marked("This was received before; it changes nothing."),
        then=marked("You need do nothing."),
    ),
    "untrusted.stale.checkpoint": Sentence(
        happened=marked("The other agency's record is older than what it showed before."),
        then=marked("Ask whether their server was restored from a backup."),
    ),
    "untrusted.stale.revoked": Sentence(
        happened=marked("The key that signed this was withdrawn before."),
        then=marked("Do not act on it; ask the sender by a channel that you know."),
    ),
    "untrusted.stale.ended": Sentence(
        happened=marked("Who signed this had left, or changed desks, before it came."),
        then=marked("Ask his agency to send it again. Nothing says that it is false."),
    ),
    "untrusted.stale.expired": Sentence(
        happened=marked("The key that signed this had ended."),
        then=marked("Ask the sender to sign it again."),
    ),
    "untrusted.differs.file": Sentence(
        happened=marked("The file is not the one that the message names. Nothing of it is shown."),
        then=marked("Call the sending agency, and ask for it again."),
    ),
    "untrusted.stale.not-yet": Sentence(
        happened=marked("The key that signed this was not valid yet when it came."),
        then=marked("Exchange messages once more: if only a clock was wrong, it will be shown."),
    ),
    "untrusted.home": Sentence(
        happened=marked("This home is not as it was written."),
        then=marked("Stop this server, keep the disk as it is, and restore from a backup."),
    ),
    "untrusted.malformed.armour": Sentence(
        happened=marked("There is no whole invitation in this text."),
        then=marked("Take all of it, with its first and its last line; or ask for it again."),
    ),
    "untrusted.malformed.characters": Sentence(
        happened=marked("A name in it holds characters that cannot be shown safely."),
        then=marked("Call the agency that it came from; do not take it in."),
    ),
    "untrusted.differs.passed-on": Sentence(
        happened=marked("What is passed on here was not told as is said, or not to who passes it."),
        then=marked("Do not use it; ask the agency that is said to have told it."),
    ),
    "untrusted.differs.consent": Sentence(
        happened=marked("This was passed on without the consent of the agency that told it."),
        then=marked("Do not use it; ask the agency that told it."),
    ),
    "untrusted.differs.recipient": Sentence(
        happened=marked("This was passed on to another agency, and not to yours."),
        then=marked("Do not use it; tell your integrity officer."),
    ),
    "untrusted.stale.consent-over": Sentence(
        happened=marked("The consent to pass this on was over when it arrived."),
        then=marked("Ask who sent it to have the consent renewed, and to send it again."),
    ),
    "untrusted.stale.handling-expired": Sentence(
        happened=marked("The time for which this may be used was over when it arrived."),
        then=marked("Ask who sent it to ask the agency that told it anew."),
    ),
    "untrusted.differs.id-taken": Sentence(
        happened=marked("It claims an id that belongs to another agency. It was not taken in."),
        then=marked("Tell your integrity officer; call both agencies."),
    ),
    "untrusted.differs.roster": Sentence(
        happened=marked("This list of keys is not the one that its agency signed."),
        then=marked("Do not rely on it; call the agency."),
    ),
    "untrusted.differs.entry": Sentence(
        happened=marked("Somebody is in this list of keys who does not belong there."),
        then=marked("Do not rely on it; call the agency."),
    ),
    "untrusted.two-bodies.roster": Sentence(
        happened=marked(
            "The other agency's list of keys showed two histories that cannot both be true. "
            "Both are kept as evidence."
        ),
        then=marked("Tell your integrity officer before you write to them again."),
    ),
}
