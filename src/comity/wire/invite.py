# SPDX-License-Identifier: Apache-2.0
"""Invitations: what a peer needs to admit an agency, as text that fits into a mail.

An armoured, canonical value: the signed root, the newest head and every entry that peers see, so
that it verifies by itself once the fingerprint of the root key has been compared by voice. Nobody
is admitted by holding it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from comity.errors import Malformed
from comity.wire import canonical, roster
from comity.wire.roster import RosterState, RosterUpdate

BEGIN: Final = "-----BEGIN COMITY INVITATION-----"
END: Final = "-----END COMITY INVITATION-----"
TEXT_LIMIT: Final = 256 * 1024
_WIDTH: Final = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    type: str = "comity/invitation@1"
    roster: RosterUpdate
    """A full copy; the node's address stands in its node entry."""
    practice: bool
    """From a practice node: a real one never admits it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation that verifies."""

    invitation: Invitation
    state: RosterState


def write(invitation: Invitation) -> str:
    """Return *invitation* as armoured text; raise Malformed if it is too long."""
    encoded = base64.b64encode(canonical.encode(invitation)).decode()
    lines = [encoded[at : at + _WIDTH] for at in range(0, len(encoded), _WIDTH)]
    text = "\n".join((BEGIN, *lines, END, ""))
    if len(text) > TEXT_LIMIT:
        raise Malformed("size", limit=TEXT_LIMIT)
    return text


def read(text: str) -> Invited:
    """Return the invitation in *text*, whatever a mail program put around it; raise Untrusted.

    (1) One armour, of bounded length. (2) Canonical. (3) The root is the first of its agency and
    signed by itself. (4) The roster is whole and signed by the key that the root names.
    """
    if len(text) > TEXT_LIMIT:  # (1)
        raise Malformed("size", limit=TEXT_LIMIT)
    _, begin, rest = text.partition(BEGIN)
    body, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in after:
        raise Malformed("armour")
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("armour") from None
    invitation = canonical.decode(data, Invitation, limit=TEXT_LIMIT)  # (2)
    if invitation.type != "comity/invitation@1" or invitation.roster.base:
        raise Malformed("type")
    root = roster.read_root(invitation.roster.root)  # (3)
    roster.check_first(root)
    state = roster.apply(None, invitation.roster, root=root)  # (4)
    return Invited(invitation=invitation, state=state)
