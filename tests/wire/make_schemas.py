# SPDX-License-Identifier: Apache-2.0
"""Make the JSON Schemas in spec/schemas anew, one for each type that travels.

Run by hand when the wire changes: ``python -m tests.wire.make_schemas``. They say less than the
code does (an id's alphabet, a date that exists, canonical form); what they refuse is refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import msgspec

from comity.domain.compared import CommonTags, ConsistencyAsked, ConsistencyShown, SeenNotes
from comity.domain.docket import Docket, OrderedDocket, Proven, Receipt
from comity.domain.epochs import HandedOn, KeyDestroyed, Rewrapped
from comity.domain.erasure import Erasure
from comity.domain.introduction import Introduction, IntroductionOutcome
from comity.domain.recall_onward import OnwardHeld, RecallOnward
from comity.domain.recall_order import RecallOrder
from comity.domain.removal import Removal
from comity.domain.roster import (
    DeskEntry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    RecoveryEntry,
    RestartEntry,
    RevocationEntry,
    Root,
    RosterHead,
    SuccessorEntry,
    WitnessesEntry,
)
from comity.domain.statement import TYPES
from comity.wire import parcel, statement
from comity.wire.invite import Invitation
from comity.wire.proof import Proof
from comity.wire.recovery import HouseEscrow
from comity.wire.roster import RosterUpdate

SCHEMAS = Path(__file__).parents[2] / "spec" / "schemas"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TIMES: Final = frozenset({"at", "begins", "ends", "checked_at"})
"""The fields that hold a time and are never empty."""
Schema = dict[str, Any]
TYPED: Final = (
    Docket,
    Receipt,
    Proven,
    Root,
    RosterHead,
    OfficerEntry,
    DeskEntry,
    NodeEntry,
    MandateEntry,
    RestartEntry,
    RevocationEntry,
    RecoveryEntry,
    HouseEscrow,
    SuccessorEntry,
    RosterUpdate,
    Invitation,
    Proof,
    Erasure,
    WitnessesEntry,
    Introduction,
    IntroductionOutcome,
    CommonTags,
    SeenNotes,
    ConsistencyAsked,
    ConsistencyShown,
    OrderedDocket,
    RecallOrder,
    Removal,
    KeyDestroyed,
    Rewrapped,
    HandedOn,
    RecallOnward,
    OnwardHeld,
)


def schemas() -> Iterator[tuple[str, Schema]]:
    """Yield the name and the schema of each type."""
    for name, body in TYPES.items():
        yield short(name), statement_of(name, body)
    for kind in TYPED:
        told = next(each.default for each in fields(kind) if each.name == "type")
        yield short(str(told)), written(kind)
    yield "parcel-manifest", written(parcel._Manifest)


def short(name: str) -> str:
    return name.removeprefix("comity/").replace("@", "-")


def statement_of(name: str, body: type) -> Schema:
    """Return the schema of a statement: the header, with what this type has for a body."""
    schema = written(statement._Wire, body)
    header = schema["$defs"][statement._Wire.__name__]
    header["properties"]["body"] = {"$ref": f"#/$defs/{body.__name__}"}
    header["properties"]["type"] = {"const": name}
    return schema


def written(*kinds: type) -> Schema:
    """Return the schema of the first of *kinds*; the others are defined beside it."""
    refs, defined = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    return {"$schema": DIALECT, **refs[0], "$defs": {n: closed(d) for n, d in defined.items()}}


def closed(defined: Mapping[str, Any]) -> Schema:
    """Return *defined* as it is on the wire: every field is there, and no other."""
    if "properties" not in defined:
        return dict(defined)
    properties = {name: dict(each) for name, each in sorted(defined["properties"].items())}
    for name, each in properties.items():
        default = each.pop("default", "")
        if name == "type" and default:
            properties[name] = {"const": default}
        if name in TIMES:
            each["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def text_of(schema: Schema) -> str:
    """Return *schema* as it is kept; the wire's own classes go without their underscore."""
    text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return re.sub(r'"(#/\$defs/)?_([A-Z])', r'"\1\2', text.replace("_Wire", "Statement"))


if __name__ == "__main__":
    SCHEMAS.mkdir(exist_ok=True)
    for file in SCHEMAS.glob("*.json"):
        file.unlink()
    for name, schema in schemas():
        (SCHEMAS / f"{name}.json").write_text(text_of(schema), "utf-8")
