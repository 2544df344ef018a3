# SPDX-License-Identifier: Apache-2.0
"""An Ecomessage has every heading in its place; a post without names has no name."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from comity.formats.ecomessage import HEADINGS, NAMELESS, Told, ecomessage, post
from comity.knowledge.kinds import load_kinds
from comity.knowledge.request_kind import RequestKind, Values

KINDS = load_kinds()
BARE = Told(
    country="VN", fields={}, agency="Customs, Mombasa", own_country="KE", at=date(2026, 11, 23)
)


def told(kind: str, fields: Values, **more: str) -> Told:
    return replace(BARE, kind=KINDS[kind], fields=fields, **more)  # type: ignore[arg-type]


def test_every_heading_stands_there_in_order_whatever_is_missing() -> None:
    for each in (BARE, *(told(kind, {}) for kind in KINDS)):
        lines = ecomessage(each).splitlines()
        assert [line for line in lines if line[:1].isdigit()] == [
            f"{number}. {heading}" for number, heading in enumerate(HEADINGS, 1)
        ]


def test_a_seizure_stands_under_its_headings() -> None:
    said = told(
        "seizure",
        {
            "species": ("Loxodonta africana",),
            "country": ("KE",),
            "date": ("2026-11-20",),
            "quantity": ("312 KGM",),
            "container": ("CSQU3054383",),
            "route": ("KE", "MY"),
            "asked": ("method",),
        },
        facts="Declared as timber.\nFound by scanner.",
        offence="Wildlife Act, s.92",
        ref="MSA/114",
    )

    parts = ecomessage(said).split("\n\n", 1)[1]

    assert _under(parts, 1) == ["Species: Loxodonta africana", "Wildlife Act, s.92"]
    assert _under(parts, 3) == ["Date of the seizure: 2026-11-20"]
    assert "Found by scanner." in _under(parts, 4)
    assert _under(parts, 7) == ["Container number, if any: CSQU3054383"]
    assert _under(parts, 11) == ["Countries on the way, in order: Kenya, Malaysia"]
    assert _under(parts, 16) == [
        "Can you tell us more about this seizure? (Vietnam)",
        "What you need to know: How it was hidden and carried",
    ]


def test_a_person_is_named_under_persons_alone() -> None:
    parts = ecomessage(told("person", {"family_name": ("BARAKA",)})).split("\n\n", 1)[1]

    assert _under(parts, 5) == ["Family name: BARAKA"]
    assert parts.count("BARAKA") == 1


def test_urgent_is_said_in_the_head() -> None:
    assert "Urgency: urgent" in ecomessage(replace(BARE, urgent=True))


def _under(parts: str, number: int) -> list[str]:
    lines = parts.splitlines()
    begins = lines.index(f"{number}. {HEADINGS[number - 1]}")
    under = []
    for line in lines[begins + 1 :]:
        if not line.startswith("   "):
            break
        under.append(line.strip())
    return under


MARK = "SECRET-WORD-77"


@given(st.sampled_from(sorted(KINDS)))
def test_no_word_that_somebody_typed_stands_in_a_post(kind: str) -> None:
    known: RequestKind = KINDS[kind]
    typed = {e.name: (MARK,) for e in known.fields if e.nominal or e.type not in NAMELESS}
    said = told(kind, typed, facts=MARK, offence=MARK, why_you=MARK, ref=MARK)

    written = post(said)

    assert MARK not in written
    assert "Customs, Mombasa" in written


def test_codes_countries_and_quantities_stand_in_a_post() -> None:
    written = post(told("seizure", {"quantity": ("312 KGM",), "route": ("KE", "MY")}))

    assert "Quantity: 312 KGM" in written
    assert "Kenya, Malaysia" in written


def test_a_post_about_nothing_yet_names_the_country() -> None:
    assert post(BARE).splitlines()[0] == "Counterpart sought in Vietnam"
