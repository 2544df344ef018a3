# SPDX-License-Identifier: Apache-2.0
"""``comity kinds``: what can be asked, and what each kind of question wants to know."""

from collections.abc import Mapping

import click

from comity.cli.call import Call, shared
from comity.cli.output import Json
from comity.errors import Misused
from comity.knowledge.kinds import load_kinds
from comity.knowledge.request_kind import KindField, RequestKind
from comity.language.marks import marked
from comity.services.home import KINDS

_COLUMNS = (marked("Kind"), marked("Question"), "")
_FIELDS = marked("What it asks for")
_ANSWERS = marked("What an answer may hold")
_FIELD_COLUMNS = (marked("Field"), marked("Meaning"), marked("May be"), "")
_NEEDED = marked("needed")
_MANY = marked("several")
_LETTER = marked("This needs a letter of request: it cannot be asked here.")


@click.command()
@click.argument("kind", default="")
@shared
def kinds(call: Call, *, kind: str) -> None:
    """List what can be asked, or the fields of one kind.

    With KIND, the fields that --set fills in, and those that an answer may have.
    """
    known = _known(call)
    if not kind:
        _list(call, known)
        return
    if kind not in known:
        raise Misused("kind-unknown")
    _show(call, known[kind])


def _known(call: Call) -> Mapping[str, RequestKind]:
    """Return the kinds of this home, if there is one; else those that come with the program."""
    try:
        own = call.place / KINDS
    except Misused:
        return load_kinds()
    return load_kinds(own if own.is_dir() else None)


def _list(call: Call, known: Mapping[str, RequestKind]) -> None:
    label = call.out.say_in.label
    call.out.table(_COLUMNS, [(k.id, label(k.question), label(k.line)) for k in known.values()])
    call.out.give(
        items=[{"id": each.id, "question": label(each.question)} for each in known.values()]
    )


def _show(call: Call, kind: RequestKind) -> None:
    out = call.out
    out.line(out.say_in.label(kind.question), style="bold")
    out.line(out.say_in.label(kind.line))
    if kind.coercive:
        out.say(_LETTER)
    for heading, fields in ((_FIELDS, kind.fields), (_ANSWERS, kind.answer)):
        out.heading(heading)
        out.table(_FIELD_COLUMNS, [_row(call, each) for each in fields])
    out.give(
        id=kind.id,
        question=out.say_in.label(kind.question),
        coercive=kind.coercive,
        clock=kind.clock.value,
        items=[_told(call, each, "ask") for each in kind.fields]
        + [_told(call, each, "answer") for each in kind.answer],
    )


def _row(call: Call, field: KindField) -> tuple[str, str, str, str]:
    say_in = call.out.say_in
    marks = (_NEEDED if field.required else "", _MANY if field.takes_many else "")
    meaning = say_in.label(field.label)
    if field.hint:
        meaning += f"\n{say_in.label(field.hint)}"
    return (
        field.name,
        meaning,
        _may_be(call, field),
        ", ".join(say_in.of(each) for each in marks if each),
    )


def _may_be(call: Call, field: KindField) -> str:
    if not field.choices:
        return field.identifier or field.type.value
    told = [call.out.coded(each.label, each.code) for each in field.choices[:12]]
    return "\n".join(told + ["…"] * (len(field.choices) > 12))


def _told(call: Call, field: KindField, of: str) -> Json:
    return {
        "of": of,
        "name": field.name,
        "label": call.out.say_in.label(field.label),
        "type": field.type.value,
        "required": field.required,
        "many": field.takes_many,
        "choices": [each.code for each in field.choices],
    }
