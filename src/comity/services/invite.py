# SPDX-License-Identifier: Apache-2.0
"""Invite: what a peer needs to know of one of our agencies, as text to be sent by any means."""

from comity.domain.ids import AgencyId
from comity.services.enrol import own_card
from comity.services.house import House
from comity.services.rosters import full_update, roster_key
from comity.wire import invite as invite_wire
from comity.wire.invite import ROSTER_ROOM, Invitation


def invite(house: House, agency: AgencyId) -> str:
    """Return the invitation of *agency*, which must be one of this house."""
    card = own_card(house, agency)
    invitation = Invitation(roster=full_update(house, card, ROSTER_ROOM), practice=house.practice)
    return invite_wire.write(invitation, roster_key(house, agency))
