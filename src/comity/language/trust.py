# SPDX-License-Identifier: Apache-2.0
"""What is said when trust between agencies stands in the way, by cause."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.on_pages import INTRODUCED, STANDING
from comity.language.sentence import Sentence

TRUST: Final[Mapping[str, Sentence]] = {
    "refused.not-checked.introducer": Sentence(
        happened=marked(
            "The agency that introduces has not been checked by voice itself, so its word does not "
            "count yet."
        ),
        then=marked("Check its key first: call a number that you know to be theirs."),
    ),
    "refused.not-checked.introduced": Sentence(
        happened=marked("You can introduce only agencies whose keys you have checked by voice."),
        then=marked("Compare the digits with both, then introduce them."),
    ),
    "refused.not-admitted.held": Sentence(
        happened=marked(
            "Something is held against this agency that people of yours must look at first. "
            "Nothing was sent; receipts go on."
        ),
        then=marked("Ask your administrator; comity peer show says what it is."),
        page=STANDING,
    ),
    "refused.not-admitted.witness-only": Sentence(
        happened=marked(
            "This one vouches for your record and does nothing else. Nothing is sent to it, and "
            "nothing of it is taken."
        ),
        then=marked("To deal with it, let two of your people admit it."),
    ),
    "refused.not-admitted.introduction-ended": Sentence(
        happened=marked("The introduction of this agency has ended, so nothing passes any more."),
        then=marked("Ask your administrator to admit it in the ordinary way."),
    ),
    "refused.not-admitted.introduction-uncompared": Sentence(
        happened=marked("This agency was introduced, and its key was not compared in thirty days."),
        then=marked("Call a number that you know to be theirs and compare the digits."),
    ),
    "refused.not-admitted.introduced-kind": Sentence(
        happened=marked("This agency was introduced to you for other kinds of questions."),
        then=marked("Ask your administrator to admit it in the ordinary way."),
    ),
    "refused.not-admitted.introduced-purpose": Sentence(
        happened=marked("This agency was introduced to you for other uses."),
        then=marked("Ask your administrator to admit it in the ordinary way."),
    ),
    "refused.not-admitted.introduced-sensitivity": Sentence(
        happened=marked("This is more sensitive than the introduction of this agency allows."),
        then=marked("Ask your administrator to admit it in the ordinary way."),
    ),
    "refused.introducer-suspended": Sentence(
        happened=marked("Your agency suspended the one that introduces."),
        then=marked("Ask your administrator why."),
    ),
    "refused.introducer-doubted": Sentence(
        happened=marked("Something is held against the agency that introduces."),
        then=marked("Look at it first: comity peer show. Two of your people can lift it."),
        page=STANDING,
    ),
    "refused.introduction-decided": Sentence(
        happened=marked("This introduction was decided already."),
        then=marked("List them: comity peer introductions"),
        page=INTRODUCED,
    ),
    "refused.introductions-many": Sentence(
        happened=marked("More than {limit} introductions by this agency wait for a decision."),
        then=marked("Decide about those first."),
    ),
    "refused.introduction-ended": Sentence(
        happened=marked("Its introduction has ended: there is nothing to take back."),
        then=marked("Admit it in the ordinary way, with its own invitation."),
    ),
    "refused.introduction-uncompared": Sentence(
        happened=marked("Its key was not compared in thirty days: there is nothing to take back."),
        then=marked("Compare the digits by voice; then it is taken back."),
    ),
    "refused.not-suspended": Sentence(
        happened=marked("This agency is not suspended, and nothing is held against it."),
        then=marked("See how you stand to it: comity peer show"),
        page=STANDING,
    ),
    "refused.witnesses-same": Sentence(
        happened=marked("These are your witnesses already."),
        then=marked("Nothing needs to be done."),
    ),
    "refused.too-late.introduction": Sentence(
        happened=marked("This introduction has ended."),
        then=marked("Ask whoever introduces to do it again."),
    ),
    "refused.not-competent.not-abroad": Sentence(
        happened=marked("Other agencies are not told of you, so they cannot check your signature."),
        then=marked("Ask a colleague who signs abroad."),
    ),
    "usage.introduction-self": Sentence(
        happened=marked("An introduction is between two other agencies."),
        then=marked("Name two agencies that you know, neither of them yours."),
    ),
    "usage.introduction-end": Sentence(
        happened=marked("An introduction ends on a day to come, within {limit} days."),
        then=marked("Choose another day."),
    ),
    "usage.introduction-unknown": Sentence(
        happened=marked("There is no introduction with this id."),
        then=marked("List them: comity peer introductions"),
        page=INTRODUCED,
    ),
    "usage.admission-of": Sentence(
        happened=marked("Either an invitation is admitted or an introduction, and one of them."),
        then=marked("Name the invitation, or give --introduction."),
        page=marked("Try again."),
    ),
    "usage.suspend-until": Sentence(
        happened=marked("That day has passed."),
        then=marked("Choose a day to come, or none."),
    ),
    "usage.suspend-code": Sentence(
        happened=marked("That is not one of the reasons for which an agency is suspended."),
        then=marked("Choose one of the reasons in the list."),
    ),
    "usage.witness-own": Sentence(
        happened=marked("Nobody is his own witness."),
        then=marked("Name another agency."),
    ),
    "usage.witness-unknown": Sentence(
        happened=marked("This agency is not one of your witnesses."),
        then=marked("Look at the list of those that there are."),
    ),
    "usage.witness-threshold": Sentence(
        happened=marked("With {limit} witnesses at least one and at most {limit} can be enough."),
        then=marked("Choose another number."),
    ),
    "untrusted.differs.introduction": Sentence(
        happened=marked(
            "An introduction contradicts what is known here: another key under a known name, or "
            "another agency than it says. It is kept as evidence."
        ),
        then=marked("Call the agency that it names, and then the one that introduced."),
    ),
    "untrusted.proof.unseen": Sentence(
        happened=marked("Witnesses vouch for a record that was never shown to us."),
        then=marked("Tell your administrator; it is told again."),
    ),
    "unavailable.roster-arriving": Sentence(
        happened=marked("The list of keys of one of them has not come whole yet."),
        then=marked("Exchange messages with it, then try again."),
    ),
}
