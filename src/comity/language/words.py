# SPDX-License-Identifier: Apache-2.0
"""The words for our codes: stages, standings, reasons, steps, as officers say them.

Codes travel and stand in ``--json``; a face shows the word and, after it, the code. What is not
here is shown as its code.
"""

from collections.abc import Mapping
from typing import Final

from comity.domain.clocks import Standing
from comity.domain.consent import Word
from comity.domain.docket import DocketStage, OpenedBy, ReceiptStage
from comity.domain.handling import Action, Credibility, Leave, Sanitise, See, Source
from comity.domain.onward import Use
from comity.domain.policy import Mode, Sensitivity
from comity.domain.readers import Age
from comity.domain.roster import AgencyType, Role
from comity.domain.statement import Why
from comity.domain.thread import Effect, Stage
from comity.language.marks import marked

STAGES: Final[Mapping[str, str]] = {
    Stage.WAITING: marked("not yet arrived whole"),
    Stage.HELD: marked("held until the oversight desk has signed"),
    Stage.SENT_BACK: marked("sent back by the oversight desk"),
    Stage.WITHHELD: marked("not let go by the oversight desk"),
    Stage.STOPPED: marked("stopped"),
    Stage.ASKED: marked("asked"),
    Stage.TOLD: marked("told"),
    Stage.ACKNOWLEDGED: marked("acknowledged"),
    Stage.ASKED_BACK: marked("asked back"),
    Stage.CANNOT_READ: marked("cannot be read in this language"),
    Stage.SUPPLIED: marked("what was missing was given"),
    Stage.ANSWERED: marked("answered"),
    Stage.REFUSED: marked("refused"),
    Stage.WITHDRAWN: marked("withdrawn: no answer is wanted"),
    Stage.RECALLED: marked("taken back by its author"),
}

STANDINGS: Final[Mapping[str, str]] = {
    Standing.FINE: marked("in time"),
    Standing.DUE_SOON: marked("due soon"),
    Standing.LATE: marked("late"),
}

EFFECTS: Final[Mapping[str, str]] = {
    Effect.HELD: marked("held"),
    Effect.SENT_BACK: marked("sent back"),
    Effect.WITHHELD: marked("not let go"),
    Effect.STOPPED: marked("stopped before it left"),
    Effect.RECALLED: marked("taken back by its author"),
    Effect.NARROWED: marked("shown to others alone now"),
    Effect.WAITING: marked("what it replies to has not arrived"),
    Effect.UNKNOWN: marked("of a kind that this version does not know"),
    Effect.CONFLICT: marked("signed with two different texts; neither counts"),
    Effect.STRANGER: marked("from somebody who has no part in this"),
}

EVENTS: Final[Mapping[str, str]] = {
    **STAGES,
    **EFFECTS,
    "sent": marked("sent to"),
    "taken": marked("taken"),
    "handed-over": marked("handed over"),
    "stop": marked("stopped by its author"),
    "countersigned": marked("signed by the oversight desk"),
    "sent-back": marked("sent back by the oversight desk"),
    "withheld": marked("not let go by the oversight desk"),
    DocketStage.CONSENT_ASKED: marked("consent asked"),
    DocketStage.CONSENT_GIVEN: marked("consent answered"),
    ReceiptStage.SUBMITTED: marked("handed in, with proof"),
    ReceiptStage.DELIVERED: marked("delivered, with proof"),
    ReceiptStage.PROVEN: marked("delivery witnessed"),
    ReceiptStage.OPENED: marked("opened"),
    ReceiptStage.UNREADABLE: marked("could not be opened"),
    ReceiptStage.RETURNED: marked("came back"),
    ReceiptStage.NOT_DELIVERED: marked("not delivered in time"),
    ReceiptStage.NOT_OPENED: marked("delivered, and not opened in time"),
    DocketStage.HASTENED: marked("made urgent"),
    DocketStage.REMINDED: marked("reminded"),
    ReceiptStage.REMOVED: marked("removed there"),
    ReceiptStage.KEPT: marked("kept there"),
    DocketStage.TAKEN_BACK: marked("asked to delete or correct"),
}

STEPS: Final[Mapping[str, str]] = {
    "ask": marked("ask again"),
    "tell": marked("tell again"),
    "acknowledge": marked("acknowledge"),
    "ask-back": marked("ask back"),
    "answer": marked("answer"),
    "consent": marked("give or refuse consent"),
    "pass-on": marked("pass it on again"),
    "take": marked("take it"),
    "hand-over": marked("hand it over"),
    "countersign": marked("sign for the oversight desk"),
    "stop": marked("stop it"),
}

WHYS: Final[Mapping[str, str]] = {
    Why.AUTHOR: marked("writes it"),
    Why.ADDRESSED: marked("is addressed"),
    Why.OVERSIGHT: marked("supervisor's copy"),
    Why.MUST_COPY: marked("the mandate says so"),
    Why.OWN_DESK: marked("own desk"),
    Why.SUCCESSOR: marked("follows a colleague"),
}

STAYS: Final[Mapping[str, str]] = {
    "barred": marked("not among those who may have it"),
    "named": marked("by its handling it is not for others"),
    "expired": marked("the time in which it may be used is over"),
    "not-at-desk": marked("a desk has it that is not the colleague's"),
    "shut": marked("you cannot open it yourself"),
}
"""Why a thread does not go along when an officer hands on what is his own."""

MODES: Final[Mapping[str, str]] = {
    Mode.DIRECT: marked("goes directly"),
    Mode.COPY: marked("goes, with a copy to the oversight desk"),
    Mode.COUNTERSIGN: marked("waits until the oversight desk has signed"),
}

SENSITIVITIES: Final[Mapping[str, str]] = {
    Sensitivity.PLAIN: marked("names nobody"),
    Sensitivity.NOMINAL: marked("names or identifies a person"),
    Sensitivity.COERCIVE: marked("interferes with rights"),
}

AGES: Final[Mapping[str, str]] = {
    Age.FRESH: marked("renewed this week"),
    Age.WARN: marked("older than a week"),
    Age.REASON: marked("older than a month"),
}

SHOWS: Final[Mapping[str, str]] = {
    OpenedBy.PERSON: marked("who opened it"),
    OpenedBy.DESK: marked("which desk opened it"),
    OpenedBy.FACT: marked("only that it was opened"),
}

USES: Final[Mapping[str, str]] = {
    Use.PASS_ON: marked("pass it on"),
    Use.COURT: marked("use it in court"),
    Use.OTHER_USE: marked("use it for something else"),
}

CONSENTS: Final[Mapping[str, str]] = {
    Word.YES: marked("yes"),
    Word.CONDITIONS: marked("yes, on a condition"),
    Word.NO: marked("no"),
}

BACKINGS: Final[Mapping[str, str]] = {
    "verified": marked("signed by the agency that told it, and checked"),
    "vouched": marked("signed by an agency that you have not admitted; vouched for by who sent it"),
    "claimed": marked("not checked: that agency's keys are not known here"),
}

AGENCIES: Final[Mapping[str, str]] = {
    AgencyType.AGENCY: marked("police, customs or wildlife agency"),
    AgencyType.CENTRAL_AUTHORITY: marked("central authority"),
    AgencyType.NGO: marked("NGO"),
    AgencyType.BODY: marked("international body"),
}

ROLES: Final[Mapping[str, str]] = {
    Role.INVESTIGATOR: marked("investigator"),
    Role.SUPERVISOR: marked("supervisor"),
    Role.PROSECUTOR: marked("prosecutor"),
    Role.CENTRAL_AUTHORITY: marked("central authority"),
    Role.INTEGRITY: marked("integrity officer"),
    Role.ADMINISTRATOR: marked("administrator"),
    Role.LIAISON: marked("liaison"),
}

SEES: Final[Mapping[str, str]] = {
    See.NAMED: marked("only the people named"),
    See.DESK: marked("the desk"),
    See.AGENCY: marked("the agency"),
    See.CASE: marked("everybody on the case"),
    See.STATE: marked("authorities of the same State"),
    See.COMMUNITY: marked("authorities of all States that take part"),
}

LEAVES: Final[Mapping[str, str]] = {
    Leave.NO: marked("no"),
    Leave.ASK: marked("ask the originator first"),
    Leave.YES: marked("yes"),
}

SOURCES: Final[Mapping[str, str]] = {
    Source.RELIABLE: marked("reliable"),
    Source.MOSTLY: marked("mostly reliable"),
    Source.SOMETIMES: marked("sometimes reliable"),
    Source.UNRELIABLE: marked("unreliable"),
    Source.UNTESTED: marked("untested"),
}

CREDIBILITIES: Final[Mapping[str, str]] = {
    Credibility.KNOWN_DIRECTLY: marked("known directly"),
    Credibility.CORROBORATED: marked("known through another, and confirmed"),
    Credibility.KNOWN_INDIRECTLY: marked("known through another"),
    Credibility.UNKNOWN: marked("not known"),
    Credibility.SUSPECTED_FALSE: marked("suspected to be false"),
}

ACTIONS: Final[Mapping[str, str]] = {
    Action.NONE: marked("nothing"),
    Action.COVERT_DEVELOPMENT: marked("further inquiry that nobody notices"),
    Action.COVERT_USE: marked("covert measures"),
    Action.OVERT: marked("open measures"),
}

SANITISES: Final[Mapping[str, str]] = {
    Sanitise.CONSULT: marked("ask the originator what to take out first"),
    Sanitise.DELEGATED: marked("the receiver decides what to take out"),
}
