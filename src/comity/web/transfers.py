# SPDX-License-Identifier: Apache-2.0
"""Transfers abroad: the register for whoever answers for the protection of data, and its table."""

import csv
import io
from datetime import datetime, timedelta
from typing import Final

from comity.domain.time import written
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.office import Office
from comity.services.transfers import MOST, Transfer
from comity.web.answers import Bytes, Result, get, page
from comity.web.forms import end_of_day
from comity.web.visit import Visit

_YEAR: Final = timedelta(days=365)
_DAY: Final = timedelta(days=1)
_COLUMNS: Final = (
    marked("When"),
    marked("Country"),
    marked("Agency"),
    marked("What"),
    marked("Kind"),
    marked("What it holds"),
    marked("Legal basis"),
    marked("Mandate"),
    marked("Persons"),
    marked("Files"),
    marked("File number"),
)
_RISKY: Final = "=+-@\t\r"
"""What begins a formula where a table is opened."""


def register(visit: Visit) -> Result:
    since, until = _time(visit)
    told = Office.of(visit.seat).transfers(since=since, until=until)
    return page(
        "transfers.html",
        transfers=[_row(visit, each) for each in told],
        columns=[visit.say(each) for each in _COLUMNS],
        since=since.date().isoformat(),
        until=(until - _DAY).date().isoformat(),
        cut=len(told) == MOST,
    )


def table(visit: Visit) -> Result:
    """Return the register as a table for other programs; times in it are exact."""
    since, until = _time(visit)
    told = Office.of(visit.seat).transfers(since=since, until=until)
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(visit.say(each) for each in _COLUMNS)
    for each in told:
        lines.writerow(map(_safe, (written(each.at), *_row(visit, each)[1:])))
    # The mark by which a table program knows that these are letters of every script.
    return Bytes(
        content=b"\xef\xbb\xbf" + text.getvalue().encode(), media="text/csv", name="transfers.csv"
    )


def _time(visit: Visit) -> tuple[datetime, datetime]:
    until = end_of_day(visit.query.get("until", ""), "until") or visit.now + _DAY
    since = end_of_day(visit.query.get("since", ""), "since")
    since = since - _DAY if since else until - _YEAR
    if since >= until:
        raise Misused("field-value", field="until")
    return since, until


def _row(visit: Visit, told: Transfer) -> tuple[str, ...]:
    kind = visit.house.kinds.get(told.kind)
    sensitivity = words.SENSITIVITIES.get(told.sensitivity, "")
    return (
        visit.exact(told.at),
        visit.say_in.country(told.country),
        visit.agency(told.agency),
        visit.say(words.EVENTS.get(told.stage, told.stage)),
        visit.say_in.label(kind.question) if kind else "",
        visit.say(sensitivity) if sensitivity else "",
        told.basis,
        told.mandate,
        str(told.persons) if told.readable else "",
        str(told.files) if told.readable else "",
        told.ref,
    )


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(tuple(_RISKY)) else text


ROUTES = (
    get("/agency/transfers", register),
    get("/agency/transfers.csv", table),
)
