# SPDX-License-Identifier: Apache-2.0
"""What is said when the rules say no, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import counted, marked
from comity.language.on_pages import OPERATOR
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
    "refused.roster-behind": Sentence(
        happened=marked(
            "Others hold a later list of your agency, signed with its key, which was not issued "
            "here. Nothing was changed: it would be a second history."
        ),
        then=marked(
            "If this server was put back from a backup: comity roster --catch-up. If not, somebody "
            "else has the key: comity rotate roster --stolen"
        ),
        page=OPERATOR,
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
    "refused.not-competent.body-reads-no-request": Sentence(
        happened=marked("A body such as a secretariat reads no question or answer between states."),
        then=marked("Leave it out of the readers."),
    ),
    "refused.not-competent.body-alone": Sentence(
        happened=marked(
            "A body such as a secretariat admits no agency alone. Nothing was changed."
        ),
        then=marked("Let an agency that you have admitted introduce it, and accept that."),
    ),
    "refused.not-competent.overseer-elsewhere": Sentence(
        happened=marked("Only a desk of your own State oversees what you send. Nothing was set."),
        then=marked("Name a desk of your agency, or of another agency of your State."),
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
    "refused.needs-consent": Sentence(
        happened=marked("Whoever told this decides whether it goes further. Nothing was sent."),
        then=marked("Ask for consent first."),
    ),
    "refused.consent-waits": Sentence(
        happened=marked("Consent was asked for, and there is no answer yet. Nothing was sent."),
        then=marked("Wait for the answer, or call them with the thread's number."),
    ),
    "refused.consent-no": Sentence(
        happened=marked("Whoever told this has said no. Nothing was sent."),
        then=marked("Keep it to those who have it; call them if there is a new reason."),
    ),
    "refused.consent-over": Sentence(
        happened=marked("The consent for this is over. Nothing was sent."),
        then=marked("Ask for consent again."),
    ),
    "refused.consent-not-needed": Sentence(
        happened=marked("What was told allows this already: no consent is needed."),
        then=marked("Go on."),
    ),
    "refused.consent-not-there": Sentence(
        happened=marked("There is no consent in that thread for what is asked here."),
        then=marked("Ask whoever told it first, in their name."),
    ),
    "refused.consent-unproved": Sentence(
        happened=marked(
            "A consent was brought, but nothing shows here whose key signed it. Nothing was sent."
        ),
        then=marked("Admit the agency that told this first, or ask it through another way."),
    ),
    "refused.not-originator": Sentence(
        happened=marked("Another agency told this first: only that agency can consent."),
        then=marked("Ask it in their name, where it was told to you, and bring the answer here."),
    ),
    "refused.nothing-told": Sentence(
        happened=marked("Nothing in this thread was told to your agency by another."),
        then=marked("What is your own, tell it."),
    ),
    "refused.pass-on-no": Sentence(
        happened=marked("Whoever told this allows nobody to pass it on. Nothing was sent."),
        then=marked("Send those who need it to whoever told it."),
    ),
    "refused.court-no": Sentence(
        happened=marked("Whoever told this allows no use of it in court."),
        then=marked("Ask for it by letter, through the central authority."),
    ),
    "refused.handling-expired": Sentence(
        happened=marked("The time for which this may be used is over. Nothing was sent."),
        then=marked("Ask whoever told it anew."),
    ),
    "refused.hands-many": Sentence(
        happened=marked("This went through too many hands already ({limit} at most)."),
        then=marked("Send those who need it to whoever told it first."),
    ),
    "refused.not-competent.ngo-passes-nothing-on": Sentence(
        happened=marked("An NGO passes on nothing that it was told."),
        then=marked("Introduce the two agencies to each other."),
    ),
    "refused.not-competent.not-his-word": Sentence(
        happened=marked("Consent is given by whoever told it, or by somebody of his desk."),
        then=marked("Hand the thread to him."),
    ),
    "refused.exists": Sentence(
        happened=marked("This is there already, and it was left as it is."),
        then=marked("Look at what is there."),
    ),
    "refused.not-submitted": Sentence(
        happened=marked("This has not been handed over yet, so there is no receipt for it."),
        then=marked("Wait until it is countersigned and released."),
    ),
    "refused.erased": Sentence(
        happened=marked("What would prove this was erased by law; that it was there still stands."),
        then=marked("Ask your administrator for the record of the erasure."),
    ),
    "refused.admitted-already": Sentence(
        happened=marked("This agency is admitted already."),
        then=marked("To check its key, compare the digits."),
    ),
    "refused.practice": Sentence(
        happened=marked("A practice server and a real one never exchange."),
        then=marked(
            "Ask for an invitation from their real server, or practise with a practice one."
        ),
    ),
    "refused.revoked-already": Sentence(
        happened=marked("This was revoked before, from the same time on."),
        then=marked("You need do nothing."),
    ),
    "refused.roster-full": Sentence(
        happened=marked("Your agency's list holds as many people and desks as it can."),
        then=marked("Revoke who has left."),
    ),
    "refused.reader-key-retired": Sentence(
        happened=marked("The desk has a newer key: this was sealed to the old one."),
        then=marked("Exchange messages with that agency, then send it again."),
    ),
    "refused.expired": Sentence(
        happened=marked("What was sent was over before it arrived."),
        then=marked("Send it again with a later end."),
    ),
    "refused.author-revoked": Sentence(
        happened=marked("Who wrote this may not sign any more. Nothing was sent."),
        then=marked("Let a colleague write it."),
    ),
    "refused.needs-countersignature.nobody": Sentence(
        happened=marked(
            "This needs a countersignature, and your agency has nobody who could give it."
        ),
        then=marked("Ask your administrator to open an oversight desk."),
    ),
    "refused.needs-reason.countersignature": Sentence(
        happened=marked("Sending back or refusing needs a reason."),
        then=marked("Say why: its author will read it."),
    ),
    "refused.needs-reason.ask-back": Sentence(
        happened=marked("You chose “something else” and did not say what."),
        then=marked("Say in your own words what you need."),
    ),
    "refused.not-admitted.node": Sentence(
        happened=marked(
            "No certificate of this agency's server is good now, so nothing goes to it."
        ),
        then=marked("Call that agency: it must renew the certificate, or end a dispute about it."),
    ),
    "refused.not-admitted.suspended": Sentence(
        happened=marked("Your agency suspended this agency: nothing goes to it or comes from it."),
        then=marked("Ask your administrator why."),
    ),
    "refused.not-checked.voucher": Sentence(
        happened=marked("Only an agency whose own key was checked by voice can vouch for another."),
        then=marked("Check its key first."),
    ),
    "refused.not-competent.certificate": Sentence(
        happened=marked("Your own key is not valid now."),
        then=marked("Ask your administrator."),
    ),
    "refused.not-competent.not-a-member": Sentence(
        happened=marked("Only a member of the desk can do this."),
        then=marked("Ask one of them."),
    ),
    "refused.not-competent.not-a-party": Sentence(
        happened=marked("Your agency has no part in this thread: it only sees it."),
        then=marked("Leave it to those who have."),
    ),
    "refused.recalled": Sentence(
        happened=marked("Its author took this back, and it was deleted here. It is not shown."),
        then=marked("Delete what you have of it; ask its author if you need it."),
    ),
    "refused.not-competent.not-asker": Sentence(
        happened=marked("Only whoever asked a question can say that no answer is wanted."),
        then=marked("Answer it, or refuse it."),
    ),
    "refused.not-competent.not-author": Sentence(
        happened=marked("Only who sent it can stop it."),
        then=marked("Call who wrote it."),
    ),
    "refused.too-late.not-lost": Sentence(
        happened=marked("Nobody on the other side has said that they could not open this."),
        then=marked("Wait for them to open it, or call them."),
    ),
    "refused.not-competent.not-his-desk": Sentence(
        happened=marked("You are not a member of this desk, so you cannot sign for it."),
        then=marked("Choose one of your own desks."),
    ),
    "refused.not-competent.not-his-thread": Sentence(
        happened=marked("This thread belongs to another desk."),
        then=marked("Ask one of its members."),
    ),
    "refused.not-competent.not-overseer": Sentence(
        happened=marked("You are not a member of the oversight desk that decides this."),
        then=marked("Leave it to them."),
    ),
    "refused.not-competent.not-the-holder": Sentence(
        happened=marked("A colleague has this thread."),
        then=marked("Ask for it, or take it anyway."),
    ),
    "refused.not-competent.own-act": Sentence(
        happened=marked("Nobody signs for the oversight desk what he wrote himself."),
        then=marked("Let a colleague of that desk decide."),
    ),
    "refused.not-competent.not-the-asker": Sentence(
        happened=marked("Only who asked the question can do this."),
        then=marked("Acknowledge, answer, or ask back."),
    ),
    "refused.not-competent.taker-not-of-desk": Sentence(
        happened=marked(
            "This colleague is not a member of a desk that has the thread, so he could not read it."
        ),
        then=marked("Choose somebody else, or let him join the desk first."),
    ),
    "refused.too-late.step": Sentence(
        happened=marked("This cannot be done with the thread as it stands now."),
        then=marked("Open it and see what can."),
    ),
    "refused.too-late.moved": Sentence(
        happened=marked("A colleague acted on this thread meanwhile. Nothing was sent."),
        then=marked("Open it again, and see whether this is still needed."),
    ),
    "refused.too-late.taken": Sentence(
        happened=marked("A colleague has this thread."),
        then=marked("Take it anyway if it cannot wait."),
    ),
    "refused.too-late.taken-already": Sentence(
        happened=marked("You have this thread already."),
        then=marked("You need do nothing."),
    ),
    "refused.too-late.not-held": Sentence(
        happened=marked("This message is not held."),
        then=marked("Open the thread and see where it stands now."),
    ),
    "refused.too-late.decided-already": Sentence(
        happened=marked("A colleague decided on this message before you."),
        then=marked("Open the thread and see what was decided."),
    ),
    "refused.too-late.confirmed-already": Sentence(
        happened=marked("This was confirmed before."),
        then=marked("You need do nothing."),
    ),
    "refused.too-late.left-already": Sentence(
        happened=marked("It has left already, and cannot be stopped."),
        then=marked("Call the other side, and ask them to leave it unread."),
    ),
    "refused.too-late.answered-already": Sentence(
        happened=marked("This question has its answer already."),
        then=marked("Open it and read the answer."),
    ),
    "refused.too-late.urgent-already": Sentence(
        happened=marked("This question is urgent already."),
        then=marked("See whom to ring."),
    ),
    "refused.too-late.nothing-due": Sentence(
        happened=marked("Nothing is overdue in this thread. Nothing was sent."),
        then=marked("Wait, or ring the desk."),
    ),
    "refused.too-late.reminded-already": Sentence(
        happened=marked("The other side was reminded of this already. Nothing was sent."),
        then=marked("Ring the desk."),
    ),
    "refused.too-late.thread-waiting": Sentence(
        happened=marked("What opens this thread has not arrived yet."),
        then=marked("Exchange messages with the other agency, then try again."),
    ),
    "refused.needs-letter": Sentence(
        happened=marked(
            "This interferes with somebody's rights: it goes by a letter of request and not "
            "from desk to desk. Nothing was sent."
        ),
        then=marked("Ask your central authority for a letter of request ({letter})."),
    ),
}
