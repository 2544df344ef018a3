# SPDX-License-Identifier: Apache-2.0
"""What laws say of what an NGO may hold or pass.

A country without a row is *unknown*, and so is most of the field: nobody has settled whether a
private body may hold a suspect's telephone number. A row says by which law it would be judged.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from comity.domain.broker import ANY, Dealing, Matter, May, Rule
from comity.errors import Misused
from comity.knowledge.countries import countries
from comity.knowledge.rows import Confidence, ours, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerRow:
    country: str
    dealing: str
    matter: str
    may: May
    law: str
    conditions: str
    ask: str
    confidence: Confidence
    as_of: str
    source: str

    def rule(self) -> Rule:
        """Return what the rules of the domain look at."""
        return Rule(
            country=self.country,
            dealing=self.dealing,
            matter=self.matter,
            may=self.may,
            law=self.law,
            conditions=self.conditions,
            ask=self.ask,
        )


@cache
def broker_rows() -> tuple[BrokerRow, ...]:
    rows = read_table(ours("data", "broker.csv"), BrokerRow)
    if not all(_holds(each) for each in rows):
        raise Misused("data-file", file="broker.csv")
    return rows


def places(country: str) -> Collection[str]:
    """Return *country* and the groups of states whose law binds there; Misused if unknown."""
    known = countries().get(country)
    if known is None:
        raise Misused("country-unknown")
    return (country, "EU") if known.eu == "yes" else (country,)


def _holds(row: BrokerRow) -> bool:
    return (
        (row.country == "EU" or row.country in countries())
        and row.dealing in {ANY, *Dealing}
        and row.matter in {ANY, *Matter}
        and bool(row.law and row.source and row.as_of)
        # Who says "with conditions" says which; who does not know says whom to ask.
        and bool(row.conditions) == (row.may is May.CONDITIONS or row.may is May.NO)
        and (bool(row.ask) or row.may is not May.UNKNOWN)
    )
