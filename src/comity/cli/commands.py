# SPDX-License-Identifier: Apache-2.0
"""Every command in the order in which somebody meets them, and the file in which each stands."""

from typing import Final

from comity.cli.group import Listed, Section

SECTIONS: Final = (
    Section(
        "Asking and answering",
        (
            Listed("kinds", "kinds", "List what can be asked, or the fields of one kind."),
            Listed("ask", "ask", "Ask a desk in another country a question."),
            Listed("tell", "tell", "Tell another agency something without being asked."),
            Listed("source", "source", "Keep who a source is, apart from all else."),
            Listed("inbox", "inbox", "List what waits for you, the most pressing first."),
            Listed("show", "show", "Open a thread and show all that was said."),
            Listed("acknowledge", "reply", "Say that you have it and somebody is on it."),
            Listed("ask-back", "reply", "Ask for what is missing before you can answer."),
            Listed("answer", "reply", "Answer a question, or what was asked back."),
            Listed("typed", "typed", "Say whether you dictated what a colleague typed for you."),
            Listed("pass-on", "pass_on", "Pass on to a third agency what another told you."),
            Listed("consent", "consent", "Ask leave of whoever told you something, or give it."),
            Listed(
                "take", "custody", "Take a thread of your desk; your colleagues see who has it."
            ),
            Listed("hand-over", "custody", "Hand a thread to a colleague, or back to the desk."),
            Listed("stop", "custody", "Stop what you sent before it leaves."),
            Listed("urgent", "press", "Say that a question you have sent is urgent now."),
            Listed("remind", "press", "Remind the other side of a question that is overdue."),
            Listed("call", "press", "Show whom to ring, the time there, and what to say.", "call_"),
            Listed("nudge", "nudge", "Be told outside Comity that something waits."),
            Listed("recall", "recall", "Ask everybody who has it to delete what you sent."),
            Listed(
                "narrow", "recall", "Let less be done with what you sent, or fewer people see it."
            ),
            Listed(
                "correct",
                "recall",
                "Tell everybody that it is about the wrong person, or that one is cleared.",
            ),
            Listed("withdraw", "recall", "Say that you want no answer any more."),
            Listed("send-again", "send_again", "Send again what the other side could not open."),
            Listed("export", "export", "Write messages as files that your own key file opens."),
            Listed("owed", "owed", "List what is owed on paper, or note that it was handed in."),
            Listed("by-hand", "by_hand", "Open a sealed message that came on a stick or by mail."),
            Listed(
                "countersign", "oversight", "Let a held message go, send it back, or refuse it."
            ),
        ),
    ),
    Section(
        "Agencies and people",
        (
            Listed("node", "node", "Create the home of a server, close it, reopen it."),
            Listed("agency", "agency", "Add another agency to this server, or move it."),
            Listed("officer", "officer", "Enrol officers, renew and revoke them."),
            Listed(
                "desk",
                "desk",
                "Serve your own desk to this machine's browser; or open desks and change their "
                "members.",
            ),
            Listed("mandate", "mandate", "Record by which law an agency may share abroad."),
            Listed(
                "oversight", "oversight", "Set who sees or signs what leaves, and who is barred."
            ),
            Listed(
                "broker", "broker", "Before you act, learn whether you may hold or pass something."
            ),
            Listed("limits", "limits", "Show or shorten the time after which silence is recorded."),
            Listed(
                "retention",
                "retention",
                "Set how long an agency keeps what is over, and how it takes requests to delete.",
            ),
            Listed("peer", "peer", "Invite, admit and check other agencies."),
            Listed(
                "introduce",
                "introduce",
                "Tell ONE and another agency of each other; both know you.",
            ),
            Listed(
                "suspend", "suspend", "Send PEER nothing and take nothing from it, or lift that."
            ),
            Listed("guest", "guest", "Invite an official without a server, and end his visit."),
            Listed("roster", "roster", "Show the desks, officers and mandates of an agency."),
            Listed(
                "recover",
                "recover",
                "Choose people who together can open again what one person lost.",
            ),
            Listed("revoke", "revoke", "End what a person, a device or this server may sign."),
            Listed("rotate", "rotate", "Change the keys of this server or of an agency."),
            Listed("home", "home", "Show what this server is and whom it knows."),
        ),
    ),
    Section(
        "Running a server",
        (
            Listed("serve", "carry", "Answer other servers and carry, until stopped."),
            Listed("sync", "carry", "Exchange with other servers now."),
            Listed(
                "carry", "stick", "Send by USB, e-mail or any messenger, and take in what came so."
            ),
            Listed(
                "mailbox",
                "mailbox",
                "Leave and collect messages at another server, or keep them for others.",
            ),
            Listed("ledger", "ledger", "Show the record of proof, prove a thread, check a proof."),
            Listed("verify", "verify", "Check the whole home, to the byte."),
            Listed(
                "demo",
                "demo",
                "Four agencies on this machine: a question, its proof, and hard roads.",
            ),
        ),
    ),
    Section(
        "Files",
        (
            Listed(
                "seal", "age", "Seal SOURCE to each recipient, or to a passphrase, as an age file."
            ),
            Listed(
                "open",
                "age",
                "Open SOURCE with an identity, or by passphrase when none is given.",
                "open_",
            ),
        ),
    ),
)
