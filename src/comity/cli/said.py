# SPDX-License-Identifier: Apache-2.0
"""What was said, for programs: each act as it stands in JSON, without any key."""

from collections.abc import Mapping

import msgspec

from comity.cli.output import Json, time
from comity.domain.consent import Consent
from comity.domain.statement import Body, PassOn, Unknown
from comity.domain.thread import Act, Thread
from comity.services.compose import attachments_of
from comity.services.said import is_shown, what
from comity.wire.statement import author_of


def told(act: Act, thread: Thread) -> Json:
    """Return *act* as it stands in JSON: no key of a file is in it."""
    statement = act.statement
    return {
        "act": act.id,
        "what": what(act, thread),
        "type": statement.type,
        "agency": act.agency,
        "officer": act.officer,
        "desk": statement.author.desk,
        "at": time(act.at),
        "provisional": act.provisional,
        "effect": act.effect.value,
        "why": act.why,
        "language": statement.language,
        "body": body_of(act.body) if is_shown(act) else {},
        "files": [
            {"name": each.name, "media": each.media, "length": each.length, "sha256": each.clear}
            for each in (attachments_of(act.body) if is_shown(act) else ())
        ],
    }


def body_of(body: Body) -> Mapping[str, Json]:
    """Return *body* as it stands in JSON, without the files' keys; an unknown one is not shown."""
    if isinstance(body, Unknown):
        return {}
    told: dict[str, Json] = msgspec.to_builtins(body)
    told.pop("attachments", None)
    match body:
        case PassOn():
            told.pop("certified", None)
            told |= {"original": _signed(body.original), "consent": _signed(body.consent)}
        case Consent():
            told.pop("certified", None)
            told |= {"signed": _signed(body.signed)}
        case _:
            pass
    return told


def _signed(data: bytes) -> Json:
    """Return another's statement as it stands in JSON inside one: it is shown once verified."""
    if not data:
        return {}
    said = author_of(data).statement
    return {
        "act": said.act,
        "type": said.type,
        "agency": said.author.agency,
        "officer": said.author.officer,
        "desk": said.author.desk,
        "at": time(said.at),
        "language": said.language,
        "body": body_of(said.body),
    }
