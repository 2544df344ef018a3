# SPDX-License-Identifier: Apache-2.0
"""What is said at the door: of signing in, of a second factor and of the lock phrase."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

SIGNING_IN: Final[Mapping[str, Sentence]] = {
    "unavailable.locked.sign-in": Sentence(
        happened=marked("The name, the passphrase or the code is not right."),
        then=marked("Try again; after several attempts there is a pause. A code counts once."),
    ),
    "unavailable.passkey.library": Sentence(
        happened=marked("This server cannot use passkeys."),
        then=marked("Use a code from your phone or a printed sheet."),
    ),
    "unavailable.desk.library": Sentence(
        happened=marked("This server cannot draw this picture."),
        then=marked("Type the key that stands beside it."),
    ),
    "usage.second-factor-code": Sentence(
        happened=marked("This is not the code that the phone shows now."),
        then=marked("Type the newest one; the clock of the phone must be right."),
    ),
    "usage.passkey": Sentence(
        happened=marked("The browser gave no passkey for this place."),
        then=marked("Try again, or use a code from your phone or a printed sheet."),
    ),
    "usage.lock-phrase-same": Sentence(
        happened=marked("The lock phrase is the same as the passphrase."),
        then=marked("Choose another."),
    ),
    "usage.lock-phrase-people": Sentence(
        happened=marked("Two colleagues of your agency are told when you use the lock phrase."),
        then=marked("Choose two, neither of them yourself."),
    ),
    "refused.second-factor-many": Sentence(
        happened=marked("You have as many passkeys as fit."),
        then=marked("Remove them first, then add those that you use."),
    ),
    "refused.second-factor-required": Sentence(
        happened=marked("Your agency wants a code or a passkey besides the passphrase."),
        then=marked("Set up another one first."),
    ),
    "refused.not-locked": Sentence(
        happened=marked("There is nobody whom you can let in again."),
        then=marked("Only the two people whom a colleague chose can; else a recovery."),
    ),
    "refused.not-competent.administrator": Sentence(
        happened=marked("An administrator of your agency has to be there too."),
        then=marked("Ask one who is neither you nor the colleague."),
    ),
}
