# SPDX-License-Identifier: Apache-2.0
"""A request kind is data: it loads whole or not at all, and its fields hold what they say."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.domain.statement import Urgency
from comity.errors import Misused
from comity.knowledge.kinds import fill, fill_answer, fill_supplied, load_kinds
from comity.knowledge.request_kind import (
    Choice,
    FieldType,
    KindField,
    Limb,
    RequestKind,
    check_answer,
    check_fields,
    is_nominal,
)
from comity.knowledge.rows import Confidence

BOAT = """\
id: boat
version: 1
question: Who owns this boat?
line: The registered owner.
identifiers: []
coercive: false
limb: b-i
clock: normal
source: invented
as_of: 2026-11
confidence: high
fields:
  - {name: plate, label: Plate, type: text, required: true, nominal: true}
answer:
  - {name: owner, label: Owner, type: text, nominal: true}
"""


def _kind(*fields: KindField) -> RequestKind:
    return RequestKind(
        id="test",
        version=1,
        question="?",
        line="line",
        identifiers=(),
        coercive=False,
        limb=Limb.PERSONS,
        clock=Urgency.NORMAL,
        fields=fields,
        answer=fields,
        source="invented",
        as_of="2026-11",
        confidence=Confidence.HIGH,
    )


def _field(kind: FieldType, **more: object) -> KindField:
    choices = (Choice(code="a", label="A"),) if kind in {FieldType.CHOICE, FieldType.CODES} else ()
    return KindField(name="it", label="It", type=kind, choices=choices, **more)  # type: ignore[arg-type] # a test's shorthand


def _cause(kind: RequestKind, values: Mapping[str, tuple[str, ...]]) -> str:
    with pytest.raises(Misused) as caught:
        check_fields(kind, values)
    return caught.value.cause


def test_seventeen_kinds_come_with_the_program() -> None:
    kinds = load_kinds()

    assert sorted(kinds) == [
        *("air-waybill", "bill-of-lading", "cites-permit", "company", "container", "finance"),
        *("other", "person", "phone", "preservation", "requirements", "sample", "seizure"),
        *("species", "travel", "vehicle", "vessel"),
    ]
    assert not any(each.coercive for each in kinds.values())
    assert kinds["phone"].question == "Who uses this phone?"
    assert kinds["container"].clock is Urgency.SOON


def test_every_kind_says_on_what_it_rests() -> None:
    for kind in load_kinds().values():
        assert "UNTOC art" in kind.source or "CITES art" in kind.source
        assert kind.as_of >= "2026-11"


def test_what_identifies_a_person_is_marked_so() -> None:
    for kind in load_kinds().values():
        for field in (*kind.fields, *kind.answer):
            if field.identifier in {"phone", "imei", "passport"} or "name" in field.name:
                assert field.nominal, (kind.id, field.name)


def test_codes_of_cites_become_choices() -> None:
    specimen = next(each for each in load_kinds()["seizure"].fields if each.name == "specimen")

    assert Choice(code="TUS", label="tusk") in specimen.choices


def test_a_new_kind_needs_no_code(tmp_path: Path) -> None:
    (tmp_path / "boat.yaml").write_text(BOAT)
    (tmp_path / "notes.txt").write_text("not a kind")

    kinds = load_kinds(tmp_path)

    assert len(kinds) == 18
    assert fill(kinds["boat"], {"plate": (" KBZ 123A ",)}) == {"plate": ("KBZ 123A",)}
    assert is_nominal(kinds["boat"], {"plate": ("KBZ 123A",)})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: boat", "id: ship"),
        ("id: boat", "id: Boat!"),
        ("version: 1", "version: 0"),
        ("version: 1", "version: one"),
        ("version: 1", "version: 1\nversion: 2"),
        ("version: 1", "version: 1\ncolour: red"),
        ("question: Who owns this boat?", "question: ''"),
        ("source: invented\n", ""),
        ("identifiers: []", "identifiers: [phone]"),
        ("coercive: false", "coercive: true"),
        ("limb: b-i", "limb: z"),
        ("clock: normal", "clock: someday"),
        ("type: text, required", "type: novel, required"),
        ("type: text, required", "type: choice, required"),
        ("type: text, required", "type: identifier, required"),
        ("type: text, required", "type: identifier, identifier: shoe-size, required"),
        ("type: text, required", "type: codes, of: no-such-list, required"),
        ("type: text, required", "type: text, limit: 0, required"),
        ("type: text, required", "type: text, choices: [{code: a, label: A}], required"),
        ("name: plate, label: Plate", "name: Plate Number, label: Plate"),
        ("name: plate, label: Plate", "name: plate, label: ''"),
        ("nominal: true}\nanswer", "nominal: true, hue: red}\nanswer"),
        (
            "nominal: true}\nanswer",
            "nominal: true}\n  - {name: plate, label: P, type: text}\nanswer",
        ),
        ("fields:", "fields: &x"),
        ("line: The registered owner.", "line: *x"),
        ("fields:", "fields: [}"),
    ],
)
def test_a_kind_that_does_not_hold_together_is_refused_by_name(
    tmp_path: Path, old: str, new: str
) -> None:
    assert old in BOAT
    text = BOAT.replace(old, new, 1)
    (tmp_path / "boat.yaml").write_text(text)

    if new == "fields: &x":  # an anchor that nothing uses is harmless
        assert "boat" in load_kinds(tmp_path)
        return
    with pytest.raises(Misused) as caught:
        load_kinds(tmp_path)

    assert caught.value.cause == "usage.kind-file"
    assert caught.value.values == {"file": "boat.yaml"}


def test_a_kind_of_ours_cannot_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "phone.yaml").write_text(BOAT.replace("id: boat", "id: phone"))

    with pytest.raises(Misused) as caught:
        load_kinds(tmp_path)

    assert caught.value.cause == "usage.kind-file"


def test_a_file_too_large_or_too_deep_or_not_text_is_refused(tmp_path: Path) -> None:
    for data in (b"#" * (512 * 1024 + 1), b"\xff\xfe", b"[" * 100_000 + b"]" * 100_000):
        (tmp_path / "boat.yaml").write_bytes(data)

        with pytest.raises(Misused):
            load_kinds(tmp_path)


def test_a_question_is_filled_in_and_its_identifiers_made_normal() -> None:
    phone = load_kinds()["phone"]

    filled = fill(
        phone,
        {
            "number": ("+84 (0)24 3825-5555", ""),
            "period": ("2026-11-01/2026-11-20",),
            "user": ("",),
        },
    )

    assert filled == {"number": ("+842438255555",), "period": ("2026-11-01/2026-11-20",)}
    assert is_nominal(phone, filled)


def test_a_seizure_names_nobody() -> None:
    values = {"date": ("2026-11-20",), "country": ("VN",), "species": ("Loxodonta africana",)}

    assert not is_nominal(load_kinds()["seizure"], values)


def test_what_is_missing_unknown_or_too_much_is_named_by_its_field() -> None:
    kind = _kind(_field(FieldType.TEXT, required=True, limit=5))

    assert _cause(kind, {}) == "usage.field-missing"
    assert _cause(kind, {"it": ("a",), "other": ("b",)}) == "usage.field-unknown"
    assert _cause(kind, {"it": ("a", "b")}) == "usage.field-many"
    assert _cause(kind, {"it": ("abcdef",)}) == "usage.field-long"
    assert _cause(kind, {"it": ("  ",)}) == "usage.field-value"


def test_a_list_has_an_end() -> None:
    kind = _kind(_field(FieldType.LIST))

    check_fields(kind, {"it": ("a",) * 50})

    assert _cause(kind, {"it": ("a",) * 51}) == "usage.field-many"


def test_an_answer_may_leave_fields_out_but_not_add_any() -> None:
    kind = _kind(_field(FieldType.TEXT, required=True))

    check_answer(kind, {})
    check_answer(kind, {"it": ("a",)})

    with pytest.raises(Misused):
        check_answer(kind, {"other": ("a",)})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            FieldType.DATE,
            ["2026", "2026-02", "2024-02-29"],
            ["26", "2026-13", "2026-02-30", "2026-1-1", "20261101", "٢٠٢٦"],
        ),
        (
            FieldType.PERIOD,
            [
                "2026-11-01/2026-11-20",
                "2026/2026",
                "../2026-11",
                "2026-11/..",
                "2026-11-20/2026-11",
                "2026-11-20/2026",
            ],
            [
                "2026-11-20",
                "../..",
                "2026-11-20/2026-11-01",
                "2026-11-20/x",
                "/",
                "2026-12/2026-11",
            ],
        ),
        (FieldType.COUNTRY, ["KE", "XX"], ["ke", "KEN", "K1"]),
        (
            FieldType.QUANTITY,
            ["312 KGM", "0.5 KGM", "12 NAR"],
            ["312", "312kg", "012 KGM", "-1 KGM", "1e9 KGM", "1. KGM"],
        ),
        (
            FieldType.SPECIES,
            [
                "Loxodonta africana",
                "Manis spp.",
                "Panthera",
                "Panthera tigris altaica",
                "Felis x hybrida",
            ],
            ["elephant", "LOXODONTA", "Loxodonta africana <b>", "Loxodonta  africana"],
        ),
        (FieldType.CHOICE, ["a"], ["b", "A"]),
        (FieldType.CODES, ["a"], ["b"]),
        (FieldType.TEXT, ["anything <at> all"], []),
        (FieldType.IDENTIFIER, ["+254"], []),
    ],
)
def test_a_value_has_the_form_of_its_type(kind: FieldType, good: list[str], bad: list[str]) -> None:
    request = _kind(_field(kind))

    for text in good:
        check_fields(request, {"it": (text,)})

    for text in bad:
        assert _cause(request, {"it": (text,)}) == "usage.field-value", text


@given(st.sampled_from(FieldType), st.text(max_size=60))
def test_any_text_is_taken_or_refused_and_never_shown(kind: FieldType, text: str) -> None:
    refused: Misused | None = None

    try:
        check_fields(_kind(_field(kind)), {"it": (text,)})
    except Misused as error:
        refused = error

    assert refused is None or set(refused.values) <= {"field", "limit"}


def test_an_answer_and_what_is_supplied_are_made_normal_like_a_question() -> None:
    phone = load_kinds()["phone"]

    assert fill_answer(phone, {"operator": (" Viettel ", ""), "document": ("",)}) == {
        "operator": ("Viettel",)
    }
    assert fill_supplied(phone, {"number": ("+84 90 000 0000",)}) == {"number": ("+84900000000",)}
    assert fill_supplied(phone, {}) == {}


def test_an_answer_has_the_fields_of_an_answer_and_what_is_supplied_those_of_the_question() -> None:
    phone = load_kinds()["phone"]

    with pytest.raises(Misused, match=r"usage\.field-unknown"):
        fill_answer(phone, {"number": ("+84900000000",)})
    with pytest.raises(Misused, match=r"usage\.field-unknown"):
        fill_supplied(phone, {"operator": ("Viettel",)})
