# SPDX-License-Identifier: Apache-2.0
"""What is said when the call itself is wrong, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

MISUSED: Final[Mapping[str, Sentence]] = {
    "usage": Sentence(
        happened=marked("Something is missing or not understood. Nothing was done."),
        then=marked("Look at what you typed and try again."),
    ),
    "usage.kind-unknown": Sentence(
        happened=marked("There is no such kind of question here."),
        then=marked("Choose one of the kinds in the list."),
    ),
    "usage.kind-file": Sentence(
        happened=marked("The file {file} does not describe a kind of question."),
        then=marked("Compare it with the kinds that come with the program."),
    ),
    "usage.data-file": Sentence(
        happened=marked("The file {file} is not as it should be."),
        then=marked("Install the program again."),
    ),
    "usage.field-missing": Sentence(
        happened=marked("The field “{field}” is empty, and it is needed."),
        then=marked("Fill it in."),
    ),
    "usage.field-unknown": Sentence(
        happened=marked("This kind of question has no such field."),
        then=marked("Leave it out, or write it among the facts."),
    ),
    "usage.field-value": Sentence(
        happened=marked("The field “{field}” holds something that does not fit it."),
        then=marked("See the hint under the field."),
    ),
    "usage.field-long": Sentence(
        happened=marked("The field “{field}” holds more than {limit} characters."),
        then=marked("Shorten it, or attach a file."),
    ),
    "usage.file-missing": Sentence(
        happened=marked("There is no such file, or it cannot be read."),
        then=marked("Check the name and try again."),
    ),
    "usage.identity-on-command-line": Sentence(
        happened=marked(
            "A secret key stood on the command line, where others on this machine can read it."
        ),
        then=marked("Put it in a file, and do not use this key any more."),
    ),
    "usage.no-recipient": Sentence(
        happened=marked("Nobody is named who could open this."),
        then=marked("Name at least one reader."),
    ),
    "usage.passphrase-alone": Sentence(
        happened=marked("A passphrase cannot stand beside other readers of the same file."),
        then=marked("Seal it twice: once to the readers, once with the passphrase."),
    ),
    "usage.identifier": Sentence(
        happened=marked("This number or mark is not written as one of its kind."),
        then=marked("Compare it with the document, sign for sign."),
    ),
    "usage.identifier.phone": Sentence(
        happened=marked("This is not a telephone number with its country code."),
        then=marked("Begin with + and the country code: +254 …"),
    ),
    "usage.identifier.container": Sentence(
        happened=marked("A container number has four letters and seven digits."),
        then=marked("Compare it with the door of the container or the bill of lading."),
    ),
    "usage.identifier.imei": Sentence(
        happened=marked("An IMEI has fifteen digits."),
        then=marked("Dial *#06# on the device, or look at the label under the battery."),
    ),
    "usage.identifier.check-digit": Sentence(
        happened=marked(
            "The last digit does not fit the others: one sign is wrong or two are exchanged."
        ),
        then=marked("Compare it with the original, sign for sign."),
    ),
    "usage.field-many": Sentence(
        happened=marked("The field “{field}” holds more values than it may."),
        then=marked("Keep the most important ones, or attach a list as a file."),
    ),
    "usage.identifier.passport": Sentence(
        happened=marked("A document number has letters and digits only."),
        then=marked("Copy it from the document, without the country."),
    ),
    "usage.identifier.cites-permit": Sentence(
        happened=marked("This is not written as a permit number."),
        then=marked("Copy it from box 1 of the permit."),
    ),
    "usage.passphrase": Sentence(
        happened=marked("This passphrase cannot be used."),
        then=marked("Take the words that the program offers."),
    ),
    "usage.passphrase.empty": Sentence(
        happened=marked("The passphrase is empty."),
        then=marked("Type it, or give it through a file or the environment."),
    ),
    "usage.passphrase.short": Sentence(
        happened=marked("The passphrase is shorter than {shortest} characters."),
        then=marked("Take the words that the program offers."),
    ),
    "usage.passphrase.long": Sentence(
        happened=marked("The passphrase is longer than {longest} characters."),
        then=marked("Choose a shorter one."),
    ),
    "usage.passphrase.trivial": Sentence(
        happened=marked("This passphrase is among the first that a thief would try."),
        then=marked("Take the words that the program offers."),
    ),
    "usage.passphrase.character": Sentence(
        happened=marked("Character {position} of the passphrase cannot be typed everywhere."),
        then=marked("Use letters, digits and spaces."),
    ),
    "usage.fingerprint": Sentence(
        happened=marked("The key has {digits} digits: some are missing or too many."),
        then=marked("Ask for them again, in groups."),
    ),
    "usage.house-key": Sentence(
        happened=marked("The key of this server cannot be used as it is kept."),
        then=marked("Ask the operator; the handbook names the ways to keep it."),
    ),
    "usage.house-key.absent": Sentence(
        happened=marked("There is no key of this server in its place."),
        then=marked("Restore it from where the operator keeps it."),
    ),
    "usage.exists": Sentence(
        happened=marked("There is something there already, and it was left as it is."),
        then=marked("Choose another place or name."),
    ),
    "usage.home": Sentence(
        happened=marked("There is no home of a server here."),
        then=marked("Name it with --home, or create one."),
    ),
    "usage.house-key.mode": Sentence(
        happened=marked("Other users of this machine can read the key of this server."),
        then=marked("Let its file be read by its owner alone (chmod 600)."),
    ),
    "usage.house-key.credential": Sentence(
        happened=marked("The system did not hand over the key of this server."),
        then=marked("Make the credential with: {command}"),
    ),
    "usage.house-key.other": Sentence(
        happened=marked("The system handed over the key of another server."),
        then=marked("Make the credential again with: {command}"),
    ),
    "usage.handling-code": Sentence(
        happened=marked("This handling code is not one of its system."),
        then=marked("Write it as the other side did: 3x5x2:1AC, or 4x4:B2 H1."),
    ),
    "usage.handling-term": Sentence(
        happened=marked("This is not a word of handling."),
        then=marked("Choose one of the words in the list."),
    ),
    "usage.hours": Sentence(
        happened=marked("These duty hours cannot be read."),
        then=marked("Write them like this: mon 08:00-17:00"),
    ),
    "usage.hours-many": Sentence(
        happened=marked("There are more than {limit} lines of duty hours."),
        then=marked("Join those of the same day."),
    ),
    "usage.holiday": Sentence(
        happened=marked("This holiday is not a date."),
        then=marked("Write it like this: 2027-01-01"),
    ),
    "usage.zone": Sentence(
        happened=marked("There is no such time zone."),
        then=marked("Write it like this: Africa/Nairobi"),
    ),
    "usage.country": Sentence(
        happened=marked("This is not a country code."),
        then=marked("Write two letters, such as KE or VN."),
    ),
    "usage.short-number": Sentence(
        happened=marked("This is not a short number."),
        then=marked("Write it like this: KV-4821"),
    ),
    "usage.stop-seconds": Sentence(
        happened=marked("A message can be kept for at most {limit} seconds before it leaves."),
        then=marked("Choose a shorter time."),
    ),
    "usage.passphrase-empty": Sentence(
        happened=marked("The passphrase is empty."),
        then=marked("Type it, or give it through a file or the environment."),
    ),
    "usage.recipients-mixed": Sentence(
        happened=marked("Readers with keys of two generations cannot share one sealed file."),
        then=marked("Seal it twice."),
    ),
    "usage.work-factor": Sentence(
        happened=marked("The work factor is outside 1 to {limit}."),
        then=marked("Leave it out to take the usual one."),
    ),
    "usage.media": Sentence(
        happened=marked("The type of the file is not written as one, such as image/jpeg."),
        then=marked("Leave it out, or correct it."),
    ),
    "usage.file-large": Sentence(
        happened=marked("The file is larger than may be attached (limit: {limit} bytes)."),
        then=marked("Attach a part of it, or hand it over on a disk."),
    ),
}
