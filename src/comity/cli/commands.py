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
            Listed("inbox", "inbox", "List what waits for you, the most pressing first."),
            Listed("show", "show", "Open a thread and show all that was said."),
            Listed("acknowledge", "reply", "Say that you have it and somebody is on it."),
            Listed("ask-back", "reply", "Ask for what is missing before you can answer."),
            Listed("answer", "reply", "Answer a question, or what was asked back."),
            Listed(
                "take", "custody", "Take a thread of your desk; your colleagues see who has it."
            ),
            Listed("hand-over", "custody", "Hand a thread to a colleague, or back to the desk."),
            Listed("stop", "custody", "Stop what you sent before it leaves."),
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
            Listed("node", "node", "Create the home of a server."),
            Listed("agency", "agency", "Add another agency to this server, or move it."),
            Listed("officer", "officer", "Enrol officers, revoke them, hand out their keys."),
            Listed("desk", "desk", "Open desks and change their members."),
            Listed("mandate", "mandate", "Record by which law an agency may share abroad."),
            Listed(
                "oversight", "oversight", "Set who sees or signs what leaves, and who is barred."
            ),
            Listed("peer", "peer", "Invite, admit and check other agencies."),
            Listed("roster", "roster", "Show the desks, officers and mandates of an agency."),
            Listed("home", "home", "Show what this server is and whom it knows."),
        ),
    ),
    Section(
        "Running a server",
        (
            Listed("serve", "carry", "Answer other servers and carry, until stopped."),
            Listed("sync", "carry", "Exchange with other servers now."),
            Listed("ledger", "ledger", "Show the record of proof, prove a thread, check a proof."),
            Listed("verify", "verify", "Check the whole home, to the byte."),
            Listed(
                "demo",
                "demo",
                "Two countries on this machine: a question, its answer, and the proof.",
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
