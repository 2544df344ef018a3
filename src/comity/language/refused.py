# SPDX-License-Identifier: Apache-2.0
"""What is said when the rules say no, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import counted, marked
from comity.language.sentence import Sentence

REFUSED: Final[Mapping[str, Sentence]] = {
    "refused": Sentence(
        happened=marked("The rules do not allow this, so nothing was done."),
        then=marked("Ask your supervisor which rule stands in the way."),
    ),
    "refused.no-mandate": Sentence(
        happened=marked(
            "No mandate of your agency covers this kind of question for this country and purpose "
            "today. Nothing was sent."
        ),
        then=marked("Ask who signs mandates in your agency to add or extend one."),
    ),
    "refused.not-checked": Sentence(
        happened=marked(
            "This question names or identifies a person, and nobody has checked the other "
            "agency's key by voice yet. Nothing was sent."
        ),
        then=marked("Call a number that you know to be theirs and compare the digits."),
    ),
    "refused.not-admitted": Sentence(
        happened=marked("Your agency has not admitted this agency, so nothing goes to it."),
        then=marked("Ask your administrator to admit it, or choose another agency."),
    ),
    "refused.excluded": Sentence(
        happened=marked("This person or desk is barred from this thread. Nothing was sealed."),
        then=marked("Choose somebody else, or ask the integrity officer."),
    ),
    "refused.handling": Sentence(
        happened=marked("Who told you this did not allow it to be used in this way."),
        then=marked("Ask the originator for consent."),
    ),
    "refused.needs-reason": Sentence(
        happened=marked("This is possible, but only with a reason, which stays in the record."),
        then=marked("Say why, and try again."),
    ),
    "refused.needs-reason.urgency": Sentence(
        happened=marked("An urgent question needs the reason why it is urgent."),
        then=marked("Say why it cannot wait, or choose a longer time."),
    ),
    "refused.needs-reason.basis": Sentence(
        happened=marked("You chose another legal basis and did not say which."),
        then=marked("Name the law, treaty or agreement."),
    ),
    "refused.needs-reason.roster": Sentence(
        happened=counted(
            "The other agency's list of keys is {days} day old: somebody may have left since.",
            "The other agency's list of keys is {days} days old: somebody may have left since.",
        ),
        by="days",
        then=marked("Exchange messages with them first, or say why it cannot wait."),
    ),
    "refused.needs-countersignature": Sentence(
        happened=marked("Your message is held until the oversight desk has signed too."),
        then=marked(
            "In an urgent case, call the desk: what is said by telephone is confirmed within a day."
        ),
    ),
    "refused.too-late": Sentence(
        happened=marked("It is too late for this: the moment has passed."),
        then=marked("Open the thread and see where it stands now."),
    ),
    "refused.not-competent": Sentence(
        happened=marked("You may not do this here."),
        then=marked("Ask a colleague who has the role, or your administrator."),
    ),
    "refused.no-mandate.none": Sentence(
        happened=marked("Your agency holds no mandate to share abroad. Nothing was sent."),
        then=marked("Ask who signs mandates in your agency for one."),
    ),
    "refused.no-mandate.kind": Sentence(
        happened=marked(
            "No mandate of your agency covers this kind of question. Nothing was sent."
        ),
        then=marked("Ask another kind of question, or for a wider mandate."),
    ),
    "refused.no-mandate.country": Sentence(
        happened=marked("Your agency's mandate does not cover this country. Nothing was sent."),
        then=marked("Ask for a wider mandate, or go through your central authority."),
    ),
    "refused.no-mandate.purpose": Sentence(
        happened=marked("Your agency's mandate does not cover this use. Nothing was sent."),
        then=marked("Choose the use that is true and covered, or ask for a wider mandate."),
    ),
    "refused.no-mandate.time": Sentence(
        happened=marked(
            "The mandate that covers this has ended or has not begun. Nothing was sent."
        ),
        then=marked("Ask who signs mandates in your agency to renew it."),
    ),
    "refused.reader-unknown": Sentence(
        happened=marked(
            "One of the readers is not in his agency's list of keys. Nothing was sent."
        ),
        then=marked("Exchange messages with that agency, then choose the reader again."),
    ),
    "refused.reader-revoked": Sentence(
        happened=marked("The key of one of the readers was withdrawn. Nothing was sent."),
        then=marked("Choose another reader, or the desk."),
    ),
    "refused.reader-expired": Sentence(
        happened=marked("The key of one of the readers has ended. Nothing was sent."),
        then=marked("Choose another reader, or the desk."),
    ),
    "refused.reader-not-yet": Sentence(
        happened=marked("The key of one of the readers is not valid yet. Nothing was sent."),
        then=marked("Choose another reader, or the desk."),
    ),
    "refused.not-competent.body-reads-no-request": Sentence(
        happened=marked("A body such as a secretariat reads no question or answer between states."),
        then=marked("Leave it out of the readers."),
    ),
    "refused.not-competent.ngo-not-a-party": Sentence(
        happened=marked("An NGO is never a reader of what states ask each other."),
        then=marked("Leave it out of the readers."),
    ),
    "refused.not-competent.ngo-asks-nothing": Sentence(
        happened=marked("An NGO cannot ask a state; it can tell and introduce."),
        then=marked("Tell what you know, or introduce two agencies to each other."),
    ),
    "refused.not-competent.nothing-coercive": Sentence(
        happened=marked("Nothing coercive can be asked of an NGO or a body."),
        then=marked("Ask a police, customs or wildlife agency."),
    ),
    "refused.exists": Sentence(
        happened=marked("This is there already, and it was left as it is."),
        then=marked("Look at what is there."),
    ),
}
