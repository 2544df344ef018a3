# SPDX-License-Identifier: Apache-2.0
"""What an operator set up for nudging, ready to be used."""

from comity.carriers.gateway import CommandNudge, GatewayNudge
from comity.carriers.smtp import MailNudge
from comity.domain.time import Clock
from comity.services.nudge import Outlets
from comity.services.nudge_settings import Gateway, Settings
from comity.services.ports import Nudge


def outlets_of(settings: Settings, clock: Clock) -> Outlets:
    """Return the outlets of *settings*; none where nothing was set up."""
    mail = next(iter(settings.mail), None)
    short = next(iter(settings.short), None)
    return Outlets(
        mail=None if mail is None else MailNudge(settings=mail, clock=clock),
        short=None if short is None else _short(short),
    )


def _short(gateway: Gateway) -> Nudge:
    if gateway.command:
        return CommandNudge(command=gateway.command)
    return GatewayNudge(settings=gateway)
