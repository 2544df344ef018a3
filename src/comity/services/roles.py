# SPDX-License-Identifier: Apache-2.0
"""Roles, changed: an officer's next certificate names other ones, and the one before is withdrawn.

Whoever lost a role would else go on signing with the certificate that names it. His keys and his
desks stay as they are.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from comity.domain.ids import AgencyId, OfficerId
from comity.domain.roster import OfficerEntry, Role
from comity.errors import Misused
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.enrol import officer_of, own_card
from comity.services.house import House
from comity.services.revoke import withdrawals
from comity.services.rosters import Change, amend


def change_roles(
    house: House, agency: AgencyId, officer: OfficerId, roles: Sequence[Role]
) -> OfficerEntry:
    """Give *officer* these *roles* from now on."""
    own_card(house, agency)
    if not roles:
        raise Misused("field-missing", field="role")

    def decide(card: AgencyCard) -> Change:
        before = officer_of(card, officer)
        wanted = tuple(dict.fromkeys(roles))
        begins = max(house.now(), before.begins + timedelta(seconds=1))
        after = replace(before, roles=wanted, begins=begins)
        lost = set(before.roles) - set(wanted)
        # Each certificate with a role that he has no more, also those that ended before.
        gone = [
            named
            for named, each in card.history.items()
            if isinstance(each, OfficerEntry)
            and each.id == officer
            and named not in card.revoked
            and lost.intersection(each.roles)
        ]
        return Change(
            add=[after, *withdrawals(house, card, gone, reason="superseded")],
            end=[card.certificate_of(officer)],
        )

    amend(house, agency, decide)
    return officer_of(read_book(house).agency(agency), officer)
