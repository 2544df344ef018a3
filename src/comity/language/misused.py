# SPDX-License-Identifier: Apache-2.0
"""What is said when the call itself is wrong, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import OPERATOR, OURS, PEOPLE, TODAY
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
    "usage.file-number": Sentence(
        happened=marked("The thread has no file of that number; it has {count}."),
        then=marked("Number them as they are shown, from 1."),
    ),
    "usage.field-missing": Sentence(
        happened=marked("The field “{field}” is empty, and it is needed."),
        then=marked("Fill it in."),
    ),
    "usage.draft-unknown": Sentence(
        happened=marked("There is no such draft: it was sent or removed already."),
        then=marked("Look at Today: what was sent stands there."),
    ),
    "usage.draft-long": Sentence(
        happened=marked("A draft cannot hold more than {limit} KiB of text."),
        then=marked("Shorten it, or attach a file."),
    ),
    "usage.drafts-many": Sentence(
        happened=marked("You have {limit} drafts: no more can be kept."),
        then=marked("Send or remove one of them first."),
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
    "usage.mailbox-own": Sentence(
        happened=marked(
            "A mailbox is another agency's server, and for somebody else than its own."
        ),
        then=marked("Name two other agencies, each on a server of its own."),
    ),
    "usage.mailbox-unknown": Sentence(
        happened=marked("There is no such mailbox here."),
        then=marked("Look at the list of those that there are."),
    ),
    "usage.file-there": Sentence(
        happened=marked("There is a file of that name already. Nothing was written."),
        then=marked("Choose another name, or write over it: --force"),
        page=marked("Choose another place or name."),
    ),
    "usage.file-folder": Sentence(
        happened=marked("This is a folder, and a file is needed."),
        then=marked("Check the name and try again."),
    ),
    "usage.file-closed": Sentence(
        happened=marked("You may not read this file."),
        then=marked("Ask your administrator."),
    ),
    "usage.file-long": Sentence(
        happened=marked("This is longer than it may be (limit: {limit} bytes)."),
        then=marked("Check that it is the right file."),
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
    "usage.field-many": Sentence(
        happened=marked("The field “{field}” holds more values than it may."),
        then=marked("Keep the most important ones, or attach a list as a file."),
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
        page=OPERATOR,
    ),
    "usage.house-key.mode": Sentence(
        happened=marked("Other users of this machine can read the key of this server."),
        then=marked("Let its file be read by its owner alone (chmod 600)."),
        page=OPERATOR,
    ),
    "usage.house-key.credential": Sentence(
        happened=marked("The system did not hand over the key of this server."),
        then=marked("Make the credential with: {command}"),
        page=OPERATOR,
    ),
    "usage.house-key.other": Sentence(
        happened=marked("The system handed over the key of another server."),
        then=marked("Make the credential again with: {command}"),
        page=OPERATOR,
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
    "usage.period": Sentence(
        happened=marked("One reading key is used for {least} to {most} days."),
        then=marked("Choose a number of days between these."),
    ),
    "usage.not-at-desk": Sentence(
        happened=marked("Only another member of the desk can be given what came before."),
        then=marked("Let that officer join first."),
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
    "usage.passphrase.absent": Sentence(
        happened=marked("A passphrase is needed, and there is no terminal at which to type it."),
        then=marked("Give it through a file descriptor or the environment: see --help."),
        page=marked("Try again."),
    ),
    "usage.passphrase.descriptor": Sentence(
        happened=marked("Nothing could be read from the file descriptor of the passphrase."),
        then=marked("Open it for reading, and write one line."),
    ),
    "usage.passphrase.twice": Sentence(
        happened=marked("What you typed the second time is something else."),
        then=marked("Try again."),
    ),
    "usage.passphrase.unassigned": Sentence(
        happened=marked("Character {position} of the passphrase is not known to every machine."),
        then=marked("Use letters, digits and spaces."),
    ),
    "usage.stdin-twice": Sentence(
        happened=marked("Only one value can come from standard input."),
        then=marked("Give the others in files: @name."),
    ),
    "usage.port": Sentence(
        happened=marked("This server cannot answer at port {port}: it is taken or not allowed."),
        then=marked("Choose another, above 1024."),
    ),
    "usage.thread-unknown": Sentence(
        happened=marked("There is no such thread for you."),
        then=marked("Look at the number again: comity inbox shows them all."),
        page=TODAY,
    ),
    "usage.thread-ambiguous": Sentence(
        happened=marked("More than one thread is meant by this."),
        then=marked("Give more of its letters, or the whole of them."),
    ),
    "usage.act-unknown": Sentence(
        happened=marked("There is no such message here."),
        then=marked("Open the thread: it shows what can be meant."),
    ),
    "usage.act-stays": Sentence(
        happened=marked("This stays in your agency, so there is nothing to stop."),
        then=marked("Do the opposite: take the thread again, or hand it over."),
    ),
    "usage.expect-past": Sentence(
        happened=marked("The day on which an answer may come is over."),
        then=marked("Name a later one."),
    ),
    "usage.not-spoken": Sentence(
        happened=marked("Nothing was said by telephone about this message."),
        then=marked("Leave the confirmation out, and decide on it."),
    ),
    "usage.nothing-owed": Sentence(
        happened=marked("Nothing is owed on paper here."),
        then=marked("Look at the list again: somebody may have handed it in."),
    ),
    "usage.proof-unknown": Sentence(
        happened=marked("Nothing that left or arrived here has this id."),
        then=marked("Give the whole id of a thread or message: comity show --json has it."),
        page=marked("Look at the number again."),
    ),
    "usage.purpose-unknown": Sentence(
        happened=marked("There is no such use."),
        then=marked("Choose one of the uses in the list."),
    ),
    "usage.basis-unknown": Sentence(
        happened=marked("There is no such legal basis here."),
        then=marked("Choose one from the list, or “other” and name it."),
    ),
    "usage.reason-unknown": Sentence(
        happened=marked("There is no such reason for asking back."),
        then=marked("Choose one of the reasons in the list."),
    ),
    "usage.ground-unknown": Sentence(
        happened=marked("There is no such ground for refusing."),
        then=marked("Choose one of the grounds in the list."),
    ),
    "usage.ground-without-refusal": Sentence(
        happened=marked("A ground was given, and nothing is refused."),
        then=marked("Leave the ground out, or refuse."),
    ),
    "usage.competent-without-code": Sentence(
        happened=marked("Another authority is named, and the answer does not say why."),
        then=marked("Answer that it was passed on, or refuse as not competent."),
    ),
    "usage.fields-without-information": Sentence(
        happened=marked("This answer says that nothing is told, and something stands beside it."),
        then=marked("Choose another outcome, or leave the rest out."),
    ),
    "usage.files-many": Sentence(
        happened=marked("There are more files than one message may have."),
        then=marked("Send the rest with another one."),
    ),
    "usage.language": Sentence(
        happened=marked("This is not the tag of a language."),
        then=marked("Write it like this: en, fr, zh-Hans"),
    ),
    "usage.handling-expired": Sentence(
        happened=marked("What you tell would be over before it arrives."),
        then=marked("Choose a later end, or none."),
    ),
    "usage.handling-expires": Sentence(
        happened=marked("The end of what may be done with it is not a time."),
        then=marked("Write it like this: 2027-01-31T00:00:00Z"),
    ),
    "usage.identifier-kind-unknown": Sentence(
        happened=marked("This kind of number or mark is not known here."),
        then=marked("Choose one of the kinds in the list."),
    ),
    "usage.short-numbers-full": Sentence(
        happened=marked("Every number that can be said by telephone is taken by an open thread."),
        then=marked("Answer or close some of the threads between the two agencies."),
    ),
    "usage.agency-unknown": Sentence(
        happened=marked("No agency of that name, country or id is known here."),
        then=marked("Look at the list: comity home shows them."),
        page=PEOPLE,
    ),
    "usage.agency-ambiguous": Sentence(
        happened=marked("More than one agency is meant by this."),
        then=marked("Give its whole name."),
    ),
    "usage.agency-none": Sentence(
        happened=marked("No agency is founded on this server yet."),
        then=marked("Add one: comity agency add"),
        page=OPERATOR,
    ),
    "usage.agency-own": Sentence(
        happened=marked("This is your own agency."),
        then=marked("Name the other one."),
    ),
    "usage.passed-on-back": Sentence(
        happened=marked("It would go back to the agency that told it, or to your own."),
        then=marked("Answer in the thread in which it was told."),
    ),
    "usage.agency-not-ours": Sentence(
        happened=marked("This agency is not one of this server."),
        then=marked("Name one of yours."),
    ),
    "usage.agency-exists": Sentence(
        happened=marked("An agency of this name is there already."),
        then=marked("Choose another name."),
    ),
    "usage.reader-unknown": Sentence(
        happened=marked("Nobody of that name is in the list of that agency."),
        then=marked("Look at the list: comity roster shows it."),
        page=PEOPLE,
    ),
    "usage.reader-ambiguous": Sentence(
        happened=marked("More than one person or desk is meant by this."),
        then=marked("Give the id instead of the name."),
    ),
    "usage.desk-unknown": Sentence(
        happened=marked("There is no such desk."),
        then=marked("Look at the list: comity roster shows it."),
        page=PEOPLE,
    ),
    "usage.desk-ambiguous": Sentence(
        happened=marked("This agency has several desks."),
        then=marked("Name one of them: agency/desk"),
    ),
    "usage.desk-exists": Sentence(
        happened=marked("A desk of this name is there already."),
        then=marked("Choose another name."),
    ),
    "usage.officer-unknown": Sentence(
        happened=marked("There is no such officer here."),
        then=marked("Look at the list: comity roster shows it."),
        page=OURS,
    ),
    "usage.officer-ambiguous": Sentence(
        happened=marked("More than one officer is meant by this."),
        then=marked("Give the whole name, or the agency before it: KE/A. Mwangi"),
    ),
    "usage.officer-exists": Sentence(
        happened=marked("An officer of this name is there already."),
        then=marked("Choose another name, or what others see."),
    ),
    "usage.address": Sentence(
        happened=marked("This address cannot be used by others."),
        then=marked("Write it like this: https://host:8443. On this machine alone, http will do."),
    ),
    "usage.admission-missing": Sentence(
        happened=marked(
            "The record of an admission lacks something: who nominated the agency, by which "
            "letter, which number was called, or where that came from."
        ),
        then=marked("Fill in what is missing."),
    ),
    "usage.admission-deciders": Sentence(
        happened=marked("An admission is decided by two different people."),
        then=marked("Name both."),
    ),
    "usage.admission-review": Sentence(
        happened=marked("An admission is looked at again on a day to come."),
        then=marked("Write that day like this: 2027-11-24"),
    ),
    "usage.certificate-unknown": Sentence(
        happened=marked("There is nothing here that could be revoked by this name."),
        then=marked("Look at the list: comity roster shows it."),
        page=OURS,
    ),
    "usage.compromised-since": Sentence(
        happened=marked("The time from which the keys were stolen is in the future."),
        then=marked("Write when it happened."),
    ),
    "usage.revocation-reason": Sentence(
        happened=marked("There is no such reason for revoking."),
        then=marked("Choose one of the reasons in the list."),
    ),
    "usage.mandate-ended": Sentence(
        happened=marked("This mandate would be over already."),
        then=marked("Name a later last day."),
    ),
    "usage.root-file-exists": Sentence(
        happened=marked("There is a file already where the agency's first key would go."),
        then=marked("Choose another place: --root-file"),
        page=marked("Choose another place or name."),
    ),
    "usage.key-home": Sentence(
        happened=marked("The key of this server cannot be kept in this way."),
        then=marked("Choose one of the ways that --help names."),
        page=OPERATOR,
    ),
    "usage.home.path": Sentence(
        happened=marked("A home cannot be made at this place."),
        then=marked("Choose another folder."),
    ),
    "usage.database-url": Sentence(
        happened=marked("This is not the address of a PostgreSQL database."),
        then=marked("Write it like this: postgresql+psycopg://user@host/name"),
    ),
    "usage.database-password": Sentence(
        happened=marked(
            "The password of the database stood in its address, where it would be kept."
        ),
        then=marked("Leave it out, and give it through PGPASSWORD or the system's own file."),
    ),
    "usage.leaf-unknown": Sentence(
        happened=marked("There is no such entry in the record of proof."),
        then=marked("Look at it: comity ledger show"),
        page=marked("Look at what is there."),
    ),
    "usage.leaf-stays": Sentence(
        happened=marked("This entry of the record of proof cannot be erased."),
        then=marked("Only what concerns a person can be."),
    ),
    "usage.entry": Sentence(
        happened=marked(
            "A name, an address or a key in this cannot be used: the other side would refuse it."
        ),
        then=marked("Write it without control characters, and shorter than 400 characters."),
    ),
    "usage.readers-many": Sentence(
        happened=marked("More than {limit} people and desks would read this. Nothing was sent."),
        then=marked("Ask your administrator to copy fewer desks."),
    ),
    "usage.statement-large": Sentence(
        happened=marked("This is longer than {limit} KiB in all. Nothing was sent."),
        then=marked("Shorten it, or attach a file."),
    ),
}
