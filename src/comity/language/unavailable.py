# SPDX-License-Identifier: Apache-2.0
"""What is said when the machine cannot, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import OPERATOR
from comity.language.sentence import Sentence

UNAVAILABLE: Final[Mapping[str, Sentence]] = {
    "unavailable": Sentence(
        happened=marked("This does not work right now. Nothing was lost."),
        then=marked("Try again later."),
    ),
    "unavailable.locked": Sentence(
        happened=marked("This server waits for the operator's passphrase."),
        then=marked("Ask the operator to enter it; what you wrote is kept."),
    ),
    "unavailable.disk": Sentence(
        happened=marked("The disk is full or cannot be written. Nothing was sent or half-written."),
        then=marked("Ask the operator to make room, then try again."),
    ),
    "unavailable.busy": Sentence(
        happened=marked(
            "Another process is using the records, or too many people sign in at once."
        ),
        then=marked("Wait a moment and try again."),
    ),
    "unavailable.unreachable": Sentence(
        happened=marked(
            "The other side did not answer. Your message is kept and goes as soon as "
            "they can be reached."
        ),
        then=marked("If it is urgent, call their duty number."),
    ),
    "unavailable.unreachable.mail": Sentence(
        happened=marked("The mail server did not take the nudge."),
        then=marked("Ask the operator; what waits for you waits here all the same."),
    ),
    "unavailable.unreachable.gateway": Sentence(
        happened=marked("The gateway for short messages did not take the nudge."),
        then=marked("Ask the operator; what waits for you waits here all the same."),
    ),
    "unavailable.damaged": Sentence(
        happened=marked("Something stored here is no longer what was written."),
        then=marked("Run “comity verify”: it says where; then restore from a backup."),
        page=OPERATOR,
    ),
    "unavailable.locked.passphrase": Sentence(
        happened=marked("The passphrase is not the right one, or it was mistyped."),
        then=marked("Try again; after several attempts there is a pause."),
    ),
    "unavailable.locked.epoch": Sentence(
        happened=marked("You have a newer reading key since you signed in elsewhere."),
        then=marked("Sign in again."),
    ),
    "unavailable.unreachable.address": Sentence(
        happened=marked("The other side published no address that can be reached from here."),
        then=marked("Send by USB, or ask them for an address."),
    ),
    "unavailable.unreachable.plain-http": Sentence(
        happened=marked(
            "The address is not protected, and it is not on this machine. Nothing was sent."
        ),
        then=marked("Ask them for an address that begins with https."),
    ),
    "unavailable.busy.database": Sentence(
        happened=marked("Another process is using the records."),
        then=marked("Wait a moment and try again."),
    ),
    "unavailable.locked.ledger": Sentence(
        happened=marked("The record of proof is closed until the key of this server is open."),
        then=marked("Ask the operator to enter the passphrase."),
    ),
    "unavailable.house-key": Sentence(
        happened=marked("The key of this server cannot be read or written."),
        then=marked("Ask the operator to look at its file and folder."),
    ),
    "unavailable.tpm": Sentence(
        happened=marked("The security chip of this machine did not do what was asked."),
        then=marked("Ask the operator; the passphrase opens this server as well."),
    ),
    "unavailable.tpm.tools": Sentence(
        happened=marked("The command {tool} is not on this machine."),
        then=marked("Ask the operator to install tpm2-tools."),
    ),
    "unavailable.disk.blob": Sentence(
        happened=marked(
            "The disk is full or cannot be written: the file was not kept, and nothing was sent."
        ),
        then=marked("Ask the operator to make room, then attach it again."),
    ),
    "unavailable.damaged.house-key": Sentence(
        happened=marked("The key of this server is damaged where it is kept."),
        then=marked("Restore it from where the operator keeps a second one."),
    ),
    "unavailable.damaged.revision": Sentence(
        happened=marked("This home was written by another version of the program."),
        then=marked("Install that version, or bring the home up to date."),
    ),
    "unavailable.file-arriving": Sentence(
        happened=marked("The file has not arrived whole yet."),
        then=marked("Try again once the other side has been reached."),
    ),
    "unavailable.locked.throttled": Sentence(
        happened=marked("There were too many tries. Wait {seconds} s."),
        then=marked("Then try again, slowly."),
    ),
    "unavailable.busy.home": Sentence(
        happened=marked("Another process has this home open, or is changing its key."),
        then=marked("Stop the server and every other command, and try again."),
    ),
    "unavailable.busy.unlocks": Sentence(
        happened=marked("Too many people sign in at once."),
        then=marked("Wait a moment and try again."),
    ),
    "unavailable.no-address": Sentence(
        happened=marked("The other side published no address that can be reached from here."),
        then=marked("Wait until it calls, or ask for an address."),
    ),
}
