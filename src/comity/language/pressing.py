# SPDX-License-Identifier: Apache-2.0
"""Silence and reminders in words: marked English, which the catalogues translate."""

from collections.abc import Mapping
from typing import Final

from comity.domain.limits import Silence
from comity.domain.pressing import Limit
from comity.domain.reminders import Rung
from comity.language.marks import marked

SILENCES: Final[Mapping[Silence, str]] = {
    Silence.NOT_SENT: marked("Not delivered within {time}: it could not be sent."),
    Silence.NO_RECEIPT: marked("Not delivered within {time}: it was sent, and no receipt came."),
    Silence.UNOPENED: marked("Delivered, and not opened within {time}."),
}
LIMITS: Final[Mapping[Limit, str]] = {
    Limit.HALF: marked("half of the time has passed and nobody opened it"),
    Limit.ACKNOWLEDGE: marked("nobody acknowledged it in time"),
    Limit.ANSWER: marked("nobody answered it in time"),
}
RUNGS: Final[Mapping[Rung, str]] = {
    Rung.ASKER: marked("to whoever asked"),
    Rung.DESK: marked("to the desk"),
    Rung.ALTERNATES: marked("to the desk's alternates"),
    Rung.SUPERVISOR: marked("to the supervisor"),
}
