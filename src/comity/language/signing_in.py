# SPDX-License-Identifier: Apache-2.0
"""What is said at the door: of signing in, of a second factor, of the lock phrase, of strangers."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

SIGNING_IN: Final[Mapping[str, Sentence]] = {
    "unavailable.locked.sign-in": Sentence(
        happened=marked("The name, the passphrase or the code is not right."),
        then=marked("Try again; after several attempts there is a pause. A code counts once."),
    ),
    "unavailable.locked.session": Sentence(
        happened=marked("You are not signed in any more."),
        then=marked("Sign in again."),
    ),
    "unavailable.passkey.library": Sentence(
        happened=marked("This server cannot use passkeys."),
        then=marked("Use a code from your phone or a printed sheet."),
    ),
    "unavailable.desk.library": Sentence(
        happened=marked("This server cannot draw this picture."),
        then=marked("Type the key that stands beside it."),
    ),
    "unavailable.page": Sentence(
        happened=marked("This page could not be made. Nothing was sent."),
        then=marked("Try again; if it happens again, tell your administrator."),
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
    "usage.form-large": Sentence(
        happened=marked("More was typed or attached than fits."),
        then=marked("Shorten it, or send it as a file."),
    ),
    "usage.page-unknown": Sentence(
        happened=marked("There is no such page."),
        then=marked("Go back to the beginning."),
    ),
    "usage.desk-clear": Sentence(
        happened=marked("Pages without a certificate are served to this machine alone."),
        then=marked("Give a certificate, or let a proxy on this machine speak TLS."),
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
    "refused.strange-host": Sentence(
        happened=marked("This place is not called by that name."),
        then=marked("Use the address that your administrator gave you."),
    ),
    "refused.strange-page": Sentence(
        happened=marked("Another page tried to do this for you. Nothing was done."),
        then=marked("Go back to the beginning and do it yourself."),
    ),
    "refused.too-many": Sentence(
        happened=marked("Too much is being loaded at once."),
        then=marked("Wait a moment and try again."),
    ),
}
