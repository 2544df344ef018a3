# SPDX-License-Identifier: Apache-2.0
"""A question as an Ecomessage for the national bureau, and as a post that names nobody.

The Ecomessage is the INTERPOL form for environmental crime (circular letter of 9 June 1994): its
sixteen headings are those that we know, to be compared with the bureau's own form. It is English,
as the form is. The post is for platforms on which no name may stand: only codes, countries, days
and quantities go into it, never a word that somebody typed, for words name people.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.knowledge.request_kind import FieldType, KindField, RequestKind, Values
from comity.language.translator import Translator

HEADINGS: Final = (
    "Subject (type of violation, species, material)",
    "Place and method of discovery",
    "Date and time",
    "Contents and description",
    "Identity of persons",
    "Companies",
    "Means of transport and route",
    "Documents and permits used",
    "Country and town of origin",
    "Country of provenance",
    "Countries of transit",
    "Country and address of destination",
    "Law enforcement agency (contact)",
    "Modus operandi",
    "Additional information",
    "Information or action requested, from which country",
)
(
    _SUBJECT,
    _PLACE,
    _DATE,
    _CONTENTS,
    _PERSONS,
    _COMPANIES,
    _TRANSPORT,
    _PAPERS,
    _ORIGIN,
    _PROVENANCE,
    _TRANSIT,
    _DESTINATION,
    _AGENCY,
    _MODUS,
    _MORE,
    _REQUESTED,
) = HEADINGS

_BY_FIELD: Final[Mapping[str, str]] = {
    "species": _SUBJECT,
    "thought": _SUBJECT,
    "place": _PLACE,
    "found": _PLACE,
    "country": _PLACE,
    "date": _DATE,
    "taken": _DATE,
    "specimen": _CONTENTS,
    "quantity": _CONTENTS,
    "declared": _CONTENTS,
    "pieces": _CONTENTS,
    "company": _COMPANIES,
    "name": _COMPANIES,
    "container": _TRANSPORT,
    "seal": _TRANSPORT,
    "vessel": _TRANSPORT,
    "flight": _TRANSPORT,
    "plate": _TRANSPORT,
    "vin": _TRANSPORT,
    "imo": _TRANSPORT,
    "waybill": _TRANSPORT,
    "bill": _TRANSPORT,
    "bill_of_lading": _TRANSPORT,
    "carrier": _TRANSPORT,
    "permit": _PAPERS,
    "issuer": _PAPERS,
    "passport": _PAPERS,
    "origin": _ORIGIN,
    "from": _PROVENANCE,
    "through": _TRANSIT,
    "route": _TRANSIT,
    "to": _DESTINATION,
    "asked": _REQUESTED,
    "question": _REQUESTED,
}
"""Under which heading a field stands; another that may name somebody stands under *persons*."""

NAMELESS: Final = frozenset(
    {
        FieldType.CHOICE,
        FieldType.CODES,
        FieldType.COUNTRY,
        FieldType.PERIOD,
        FieldType.QUANTITY,
        FieldType.SPECIES,
    }
)
"""Types whose values are chosen from a list or are numbers: nobody is named by them."""

_ENGLISH: Final = Translator("en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was typed so far; anything but the country may be missing."""

    country: str
    """Of whom it is asked, ISO 3166-1 alpha-2."""
    kind: RequestKind | None = None
    fields: Values
    facts: str = ""
    offence: str = ""
    why_you: str = ""
    ref: str = ""
    agency: str
    own_country: str
    at: date
    urgent: bool = False


def ecomessage(told: Told) -> str:
    """Return *told* as an Ecomessage, every heading in its place."""
    parts: dict[str, list[str]] = {each: [] for each in HEADINGS}
    if told.kind is not None:
        for field in told.kind.fields:
            parts[_heading(field)] += _lines([field], told.fields)
        parts[_REQUESTED].insert(0, f"{told.kind.question} ({_country(told.country)})")
    parts[_SUBJECT] += _some(told.offence)
    parts[_CONTENTS] += _some(told.facts)
    parts[_AGENCY] += [told.agency, _country(told.own_country)]
    parts[_MORE] += _some(told.why_you)
    head = [
        "ECOMESSAGE",
        f"From: NCB {_country(told.own_country)}",
        f"To: NCB {_country(told.country)}; copy: IPSG",
        f"Reference: {told.ref}",
        f"Date: {told.at.isoformat()}",
        f"Urgency: {'urgent' if told.urgent else 'normal'}",
    ]
    body = [
        "\n".join([f"{number}. {heading}", *(f"   {each}" for each in parts[heading] or ["-"])])
        for number, heading in enumerate(HEADINGS, 1)
    ]
    return "\n".join([*head, "", *body, ""])


def post(told: Told) -> str:
    """Return *told* as a post that names nobody: no name, no number, no free text."""
    kind = told.kind
    fields = kind.fields if kind else ()
    open_ = [each for each in fields if each.type in NAMELESS and not each.nominal]
    lines = [f"Counterpart sought in {_country(told.country)}"]
    lines += [f"Question: {kind.question}"] if kind else []
    lines += _lines(open_, told.fields)
    lines += [f"Contact: {told.agency}, {_country(told.own_country)}", ""]
    return "\n".join(lines)


def _heading(field: KindField) -> str:
    return _BY_FIELD.get(field.name, _PERSONS if field.nominal else _MORE)


def _lines(fields: Iterable[KindField], values: Values) -> list[str]:
    return [
        f"{field.label}: {', '.join(_said(field, each) for each in values[field.name])}"
        for field in fields
        if values.get(field.name)
    ]


def _said(field: KindField, value: str) -> str:
    if field.type is FieldType.COUNTRY:
        return _country(value)
    named = {each.code: each.label for each in field.choices}
    return named.get(value, value).replace("\n", " ")


def _country(code: str) -> str:
    return _ENGLISH.country(code)


def _some(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
