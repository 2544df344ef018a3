# SPDX-License-Identifier: Apache-2.0
"""The sentences that an officer may choose for a nudge: marked, and of no meaning to others."""

from typing import Final

from comity.language.marks import marked

NUDGES: Final = (
    marked("Something is waiting for you."),
    marked("Please look in when you can."),
    marked("Do not forget our meeting."),
    marked("Your parcel is ready to be collected."),
    marked("Call home when you have a moment."),
)
