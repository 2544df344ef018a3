# SPDX-License-Identifier: Apache-2.0
"""Invite: what a peer needs to know of one of our agencies, as text to be sent by any means."""

from comity.domain.ids import AgencyId
from comity.services.enrol import own_card
from comity.services.house import House
from comity.services.rosters import full_update, roster_key
from comity.wire import invite as invite_wire
from comity.wire.invite import ROSTER_ROOM, Invitation


def invite(house: House, agency: AgencyId, *, to_witness: bool = False) -> str:
    """Return the invitation of *agency*, which must be one of this house.

    One that is *to_witness* our record, and no more, is told of our server and of nobody.
    """
    card = own_card(house, agency)
    update = full_update(house, card, ROSTER_ROOM, bare=to_witness)
    invitation = Invitation(roster=update, practice=house.practice)
    return invite_wire.write(invitation, roster_key(house, agency))
