# SPDX-License-Identifier: Apache-2.0
"""Invitations: what a peer needs to admit an agency, as text that fits into a mail.

An armoured, signed, canonical value: the signed root, the newest head, the digests of everything
that peers see and as many entries as fit, the node among them; the others follow in parcels. It
verifies by itself, and says nothing about whose it is until the fingerprint of its root key has
been compared by voice. Nobody is admitted by holding it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, verifying_key
from comity.errors import Malformed
from comity.wire import canonical, roster
from comity.wire.roster import RosterState, RosterUpdate

BEGIN: Final = "-----BEGIN COMITY INVITATION-----"
END: Final = "-----END COMITY INVITATION-----"
TEXT_LIMIT: Final = 256 * 1024
"""Characters of the armour, its two lines among them."""
AROUND_LIMIT: Final = 1024 * 1024
"""Characters of a text in which an invitation is looked for: a mail with its quotations."""
ROSTER_ROOM: Final = 136 * 1024
"""Bytes of the roster in it: what they grow to in DSSE and armour stays below the limit."""
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


def write(invitation: Invitation, key: SigningKey) -> str:
    """Return *invitation* as armoured text, signed by the agency's roster key."""
    signed = dsse.sign(canonical.encode(invitation), [key])
    encoded = base64.b64encode(signed).decode()
    lines = [encoded[at : at + _WIDTH] for at in range(0, len(encoded), _WIDTH)]
    text = "\n".join((BEGIN, *lines, END, ""))
    if len(text) > TEXT_LIMIT:
        raise Malformed("size", limit=TEXT_LIMIT)
    return text


def read(text: str) -> Invited:
    """Return the invitation in *text*, whatever a mail program put around it; raise Untrusted.

    (1) One armour, of bounded length. (2) Canonical. (3) The first root is that of its agency, each
    is signed by itself, and each follows the one before. (4) The roster key that the last one names
    signed the whole. (5) The roster is the set to which its head commits.
    """
    signed = dsse.read(_unarmoured(text), TEXT_LIMIT)  # (1)
    invitation = canonical.decode(signed.payload, Invitation, limit=TEXT_LIMIT)  # (2)
    update = read_full(roster.write_update(invitation.roster))
    state = state_of(update)  # (3) (5)
    dsse.verify(signed, verifying_key(state.root.roster))  # (4)
    return Invited(invitation=invitation, state=state)


def read_full(data: bytes) -> RosterUpdate:
    """Return the full copy of a roster that *data* writes; raise Malformed if it is none."""
    update = roster.read_update(data)
    if update.base:
        raise Malformed("roster")
    return update


def state_of(update: RosterUpdate) -> RosterState:
    """Return the roster of an agency that nobody here knows yet, by its own roots alone."""
    first, *later = roster.read_roots(update)
    roster.check_first(first)
    return roster.apply(None, update, root=(later or [first])[-1])


def _unarmoured(text: str) -> bytes:
    if len(text) > AROUND_LIMIT:
        raise Malformed("size", limit=AROUND_LIMIT)
    _, begin, rest = text.partition(BEGIN)
    body, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in body or BEGIN in after:
        raise Malformed("armour")
    if len(body) > TEXT_LIMIT:
        raise Malformed("size", limit=TEXT_LIMIT)
    try:
        # A mail program may wrap lines anew and quote them.
        lines = (line.strip().lstrip("> ") for line in body.splitlines())
        return base64.b64decode("".join(lines), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("armour") from None
