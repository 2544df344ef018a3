# SPDX-License-Identifier: Apache-2.0
"""The vectors of what is signed: statements, dockets, receipts; good ones and bad ones."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.wire import tale
from tests.wire.tale import AMINA, CARRIER, QUESTION, text_of

from comity.crypto import dsse
from comity.crypto.signing import SigningKey
from comity.domain.docket import DocketReader, DocketStage, OpenedBy, ReceiptStage
from comity.domain.ids import ActId, AgencyId, ThreadId, digest
from comity.domain.statement import TYPES, ReaderKind, Statement, Unknown
from comity.domain.taking_back import Taking
from comity.wire import canonical, docket, envelope, statement

OK = "accepted"
FORGED = "untrusted.signature"
Case = dict[str, Any]
"""What one file holds."""
Row = tuple[str, str, bytes, str]
"""A name, what is wrong, the bytes, the outcome."""


def malformed(cause: str) -> str:
    return f"untrusted.malformed.{cause}"


def changed(payload: bytes, old: str, new: str) -> bytes:
    assert old.encode() in payload, old
    return payload.replace(old.encode(), new.encode(), 1)


def flipped(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def signed(
    kind: str, about: str, payload: bytes, outcome: str, key: SigningKey, **more: Any
) -> Case:
    """Return a case that *key* has signed, whatever the payload is."""
    return {
        "about": about,
        "outcome": outcome,
        "kind": kind,
        "seed": key.seed.hex(),
        "key": text_of(key.public.raw),
        "dsse": dsse.sign(payload, [key]).decode(),
        **more,
    }


def spellings(good: bytes, number: str, last: str, empty: str) -> Iterator[Row]:
    """Yield other spellings of one value, of which *number*, *last* and *empty* are members."""
    key, value = number.split(":")
    for name, about, payload, cause in (
        ("empty", "nothing at all, signed", b"", "syntax"),
        ("array", "a list instead of an object", b"[" + good + b"]", "type"),
        ("truncated-payload", "the payload without its last byte", good[:-1], "syntax"),
        ("trailing", "a line feed behind the value", good + b"\n", "canonical"),
        ("white-space", "a space behind a colon", changed(good, number, f"{key}: {value}"), "canonical"),
        ("duplicate-key", "one key twice", changed(good, number, f"{number},{number}"), "canonical"),
        ("key-order", "the last key first", changed(changed(good, "," + last, ""), "{", "{" + last + ","), "canonical"),
        ("unknown-field", "a field that this version does not have", changed(good, last, f'{last},"zzz":""'), "canonical"),
        ("missing-field", "a field that may be empty left out", changed(good, "," + empty, ""), "canonical"),
        ("escaped", "a letter written as an escape", changed(good, '"comity', '"\\u0063omity'), "canonical"),
        ("float", "a whole number written as a float", changed(good, number, number + ".0"), "number"),
        ("exponent", "a number written with an exponent", changed(good, number, number + "e0"), "number"),
        ("too-large", "2^53", changed(good, number, f"{key}:9007199254740992"), "number"),
        ("number-as-text", "a number written as a text", changed(good, number, f'{key}:"{value}"'), "type"),
        ("true-for-a-number", "true where a number belongs", changed(good, number, f"{key}:true"), "type"),
        ("null", "null instead of a number", changed(good, number, f"{key}:null"), "null"),
        ("key-upper-case", "a key that is no snake_case", changed(good, number, f"{key.upper()}:{value}"), "key"),
        ("zone", "a time in another zone", changed(good, "07:40:00Z", "10:40:00+03:00"), "type"),
        ("fraction", "a time with a fraction of a second", changed(good, "07:40:00Z", "07:40:00.5Z"), "type"),
        ("no-zone", "a time without a zone", changed(good, "07:40:00Z", "07:40:00"), "type"),
        ("no-such-day", "the thirtieth of February", changed(good, "2026-11-23T07", "2026-02-30T07"), "type"),
        ("act-no-id", "an act id of another form", changed(good, f'"act":"{tale.ACT}"', '"act":"42"'), "type"),
        ("not-utf-8", "a byte that is no UTF-8", good.replace(b'"comity', b'"\xffomity', 1), "syntax"),
        ("surrogate", "half a surrogate pair", changed(good, '"comity', '"\\ud800omity'), "syntax"),
        ("deep", "seventeen deep", b'{"a":' * 16 + b"[]" + b"}" * 16, "depth"),
        ("deep-unclosed", "a thousand brackets and nothing else", b"[" * 1000, "depth"),
    ):  # fmt: skip
        yield name, about, payload, malformed(cause)


def envelopes_of_signatures(good: Case, forged: bytes) -> Iterator[tuple[str, Case]]:
    """Yield what befell the signed bytes of *good* on the way; *forged* is another payload."""
    text = good["dsse"]
    payload, signature = json.loads(text)["payload"], json.loads(text)["signatures"][0]["sig"]
    other = "f" if signature[0] != "f" else "g"
    for name, about, dsse_text, outcome in (
        ("truncated", "without its last byte", text[:-1], malformed("dsse")),
        ("cut-in-half", "half of it", text[: len(text) // 2], malformed("dsse")),
        ("dsse-white-space", "a line feed behind all", text + "\n", malformed("canonical")),
        ("payload-type", "of another payload type", text.replace("comity+json", "in-toto+json"), malformed("payload-type")),
        ("unsigned", "without a signature", text[: text.index("[")] + "[]}", malformed("dsse")),
        ("forged", "another payload under the old signature", text.replace(payload, text_of(forged)), FORGED),
        ("flipped", "a changed bit of the signature", text.replace(signature, other + signature[1:]), FORGED),
    ):  # fmt: skip
        yield f"bad-{name}", {**good, "about": about, "outcome": outcome, "dsse": dsse_text}
    stranger = SigningKey.from_seed(bytes([9]) * 32)
    another = {"about": "signed by somebody else", "outcome": FORGED + ".absent"}
    yield "bad-another-key", {**good, **another, "key": text_of(stranger.public.raw)}
    grown = {"field": "dsse", "at": text.index(":") + 2, "text": "AAAA", "times": 100_000}
    large = {"about": "more bytes than may be", "outcome": malformed("size"), "grow": grown}
    yield "bad-oversized", {**good, **large}


def statements() -> Iterator[tuple[str, Case]]:
    for name in TYPES:
        short = name.removeprefix("comity/").removesuffix("@1").replace("@", "-")
        yield short, good_statement(f"a statement of type {name}", tale.said(tale.BODIES[name]))
    raw = canonical.encode({"dance": "jig", "steps": [[[[[[[[[[[[[1]]]]]]]]]]]]]})
    unknown = replace(QUESTION, type="comity/dance@7", body=Unknown(raw=raw))
    yield "unknown-type-kept", good_statement("of a type that nobody knows yet, 16 deep", unknown)
    home = replace(QUESTION, to=tale.KE, readers=QUESTION.readers[:1])
    yield "home-copy", good_statement("another copy of the act in request.json: same body", home)
    most = replace(QUESTION, readers=QUESTION.readers * 32)
    yield "readers-64", good_statement("as many readers as there may be", most)

    good = statement.write(QUESTION)
    rows = list(spellings(good, '"roster":7', '"type":"comity/request@1"', '"spoken":""'))
    more = replace(QUESTION, readers=QUESTION.readers * 32, shown=QUESTION.readers[:1])
    for name, about, payload, cause in (
        ("duplicate-key-in-body", "one key of the body twice", changed(good, '"spoken":', '"spoken":"x","spoken":'), "canonical"),
        ("duplicate-field", "one coded field twice", changed(good, '"number":', '"number":["1"],"number":'), "canonical"),
        ("unknown-field-in-body", "a field of a newer body", changed(good, '"spoken":', '"sparkle":"","spoken":'), "canonical"),
        ("field-upper-case", "a coded field that is no snake_case", changed(good, '"number":', '"Number":'), "key"),
        ("urgency-unknown", "an urgency that there is not", changed(good, '"urgent"', '"at-once"'), "type"),
        ("reader-kind-unknown", "a reader who is no person and no desk", changed(good, '"kind":"desk"', '"kind":"dog"'), "type"),
        ("seed-short", "an attachment's seed of 31 bytes", changed(good, text_of(tale.SEED), text_of(tale.SEED[1:])), "type"),
        ("body-of-another-type", "a question said to be an answer", changed(good, "comity/request@1", "comity/answer@1"), "type"),
        ("unknown-type-null", "of an unknown type, with a null", changed(good, '/request@1"', '/dance@7"').replace(b'"spoken":""', b'"spoken":null'), "null"),
        ("readers-65", "one reader too many", statement.write(more), "size"),
    ):  # fmt: skip
        rows.append((name, about, payload, malformed(cause)))
    for name, about, payload, outcome in rows:
        yield f"bad-{name}", signed("statement", about, payload, outcome, AMINA)
    forged = changed(good, "+84900000000", "+84900000001")
    yield from envelopes_of_signatures(signed("statement", "", good, OK, AMINA), forged)
    yield from two_bodies()


def good_statement(about: str, said: Statement) -> Case:
    payload = statement.write(said)
    return signed(
        "statement",
        about,
        payload,
        OK,
        AMINA,
        text=payload.decode(),
        type=said.type,
        copy=digest(payload),
        body=statement.body_digest(said),
    )


def two_bodies() -> Iterator[tuple[str, Case]]:
    home = replace(QUESTION, to=tale.KE, readers=QUESTION.readers[:1])
    other = replace(home, body=replace(tale.QUESTION_BODY, facts="Timber, no more."))
    for name, about, copies, outcome in (
        ("copies-one-body", "two copies of one act", (QUESTION, home), OK),
        ("bad-two-bodies", "one act told in two ways", (QUESTION, other), "untrusted.two-bodies"),
    ):
        yield (
            name,
            {
                "about": about,
                "outcome": outcome,
                "kind": "copies",
                "key": text_of(AMINA.public.raw),
                "copies": [statement.sign(each, AMINA).dsse.decode() for each in copies],
            },
        )


def dockets() -> Iterator[tuple[str, Case]]:
    for stage in DocketStage:
        said = replace(tale.RELEASE, stage=stage)
        yield f"stage-{stage}", good_release("docket", f"a docket of stage {stage}", said, CARRIER)
    bare = replace(tale.RELEASE, blobs=(), readers=(), supersedes=tale.ACT, recalls=(tale.ACT,))
    yield "recalls", good_release("docket", "recalls and supersedes", bare, CARRIER)

    ordered = tale.ORDERED
    yield "ordered", good_release("docket", "a recall with its order", ordered, CARRIER)

    good = canonical.encode(tale.RELEASE)
    size, last = '"size":8192', '"type":"comity/docket@1"'
    rows = list(spellings(good, size, last, '"supersedes":""'))
    for name, about, old, new in (
        ("another-version", "a docket of another version", "docket@1", "docket@2"),
        ("stage-unknown", "a stage that there is not", '"asked"', '"sung"'),
        ("negative-size", "fewer bytes than none", size, '"size":-1'),
        ("file-too-large", "a file larger than may be sent", f'"size":{tale.PHOTOGRAPH.size}', '"size":4503599627370496'),
        ("copy-upper-case", "a digest in capitals", str(tale.RELEASE.copy), tale.RELEASE.copy.upper()),
    ):  # fmt: skip
        rows.append((name, about, changed(good, old, new), malformed("type")))
    rows.append(("receipt", "a receipt", canonical.encode(tale.DELIVERED), malformed("type")))
    whole = canonical.encode(ordered)
    for name, about, old, new in (
        ("ordered-empty", "a recall without its order", text_of(ordered.order), ""),
        ("ordered-stage", "an order beside a question", '"taken-back"', '"asked"'),
        ("ordered-nothing", "an order that takes nothing back", f'"recalls":["{tale.ACT}"]', '"recalls":[]'),
        ("ordered-large", "an order larger than may be", text_of(ordered.order), text_of(bytes(8193))),
    ):  # fmt: skip
        rows.append((name, about, changed(whole, old, new), malformed("type")))
    as_one = changed(whole, "docket@2", "docket@1")
    about = "an order in a docket of the first version"
    rows.append(("ordered-as-one", about, as_one, malformed("canonical")))
    for name, about, payload, outcome in rows:
        yield f"bad-{name}", signed("docket", about, payload, outcome, CARRIER)
    forged = changed(good, '"urgent"', '"normal"')
    yield from envelopes_of_signatures(signed("docket", "", good, OK, CARRIER), forged)
    yield from compared()


def orders() -> Iterator[tuple[str, Case]]:
    good = canonical.encode(tale.ORDER)
    yield "author", good_release("order", "the author takes his own act back", tale.ORDER, AMINA)
    desk = replace(tale.ORDER, desk=tale.THEIR_DESK, what=Taking.CORRECT)
    yield "desk", good_release("order", "corrected by who signs for the desk", desk, AMINA)
    rows: list[Row] = [
        ("white-space", "with a space", changed(good, ",", ", "), malformed("canonical")),
        ("unknown-field", "a field more", changed(good, '"desk"', '"dance":"","desk"'), malformed("canonical")),
        ("missing-field", "a field less", changed(good, '"desk":"",', ""), malformed("canonical")),
        ("truncated-payload", "cut short", good[:-9], malformed("syntax")),
    ]  # fmt: skip
    many = ",".join(f'"{letter}{"a" * 25}"' for letter in "abcdefghijklmnopqrstuvwxyz234567" * 3)
    for name, about, old, new in (
        ("another-version", "an order of another version", "order@1", "order@2"),
        ("what-unknown", "something that there is not", '"recall"', '"forget"'),
        ("nothing", "that names no act", f'"acts":["{tale.ACT}"]', '"acts":[]'),
        ("twice", "that names one act twice", f'["{tale.ACT}"]', f'["{tale.ACT}","{tale.ACT}"]'),
        ("many", "that names too many acts", f'["{tale.ACT}"]', f"[{many}]"),
        ("author-no-id", "by nobody", f'"author":"{tale.OFFICER}"', '"author":""'),
        ("desk-no-id", "for a desk that is none", '"desk":""', '"desk":"oversight"'),
        ("certificate-short", "with a cut certificate", tale.ORDER.certificate, "00"),
    ):
        rows.append((name, about, changed(good, old, new), malformed("type")))
    for name, about, payload, outcome in rows:
        yield f"bad-{name}", signed("order", about, payload, outcome, AMINA)
    forged = changed(good, '"recall"', '"narrow"')
    yield from envelopes_of_signatures(signed("order", "", good, OK, AMINA), forged)


def good_release(kind: str, about: str, said: Any, key: SigningKey) -> Case:
    payload = canonical.encode(said)
    case = signed(kind, about, payload, OK, key)
    return {**case, "text": payload.decode(), "digest": digest(payload)}


def compared() -> Iterator[tuple[str, Case]]:
    """Yield dockets beside the statements that they release; all but the first tell a lie."""
    opened = statement.sign(QUESTION, AMINA)
    sealed = envelope.seal(opened.dsse, [tale.HER.recipient, tale.DESK.recipient])
    size = len(sealed.sealed)
    honest = replace(tale.RELEASE, copy=opened.copy, envelope=sealed.id, size=size)
    stranger = DocketReader(id="s" * 26, kind=ReaderKind.OFFICER, epoch=1)
    lies: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
        "agrees": ("a docket that agrees with its statement", OK, {}),
        "act": ("names another act", "act", {"act": ActId("b" * 26)}),
        "thread": ("names another thread", "thread", {"thread": ThreadId("b" * 26)}),
        "copy": ("names another copy", "copy", {"copy": digest(b"other")}),
        "size": ("says another size", "envelope", {"size": size + 1}),
        "agency": ("releases for another agency", "agency", {"agency": AgencyId("b" * 26)}),
        "to": ("is for another agency", "agency", {"to": AgencyId("b" * 26)}),
        "reader-more": ("names a reader more", "readers", {"readers": (*honest.readers, stranger)}),
        "reader-less": ("names no reader", "readers", {"readers": ()}),
        "reader-epoch": ("names another epoch", "readers", {"readers": (replace(honest.readers[0], epoch=3),)}),
        "file-less": ("names no file", "blobs", {"blobs": ()}),
        "file-size": ("says another size of the file", "blobs", {"blobs": (replace(honest.blobs[0], size=1),)}),
    }  # fmt: skip
    for name, (about, field, lie) in lies.items():
        yield (
            ("compare" if field == OK else f"bad-compare-{name}"),
            {
                "about": about,
                "outcome": OK if field == OK else f"untrusted.differs.{field}",
                "kind": "compare",
                "carrier": text_of(CARRIER.public.raw),
                "author": text_of(AMINA.public.raw),
                "identity": tale.DESK.seed.hex(),
                "docket": docket.sign(replace(honest, **lie), CARRIER).dsse.decode(),
                "sealed": text_of(sealed.sealed),
            },
        )


def receipts() -> Iterator[tuple[str, Case]]:
    theirs = tale.THEIR_CARRIER
    for stage in (ReceiptStage.SUBMITTED, ReceiptStage.DELIVERED):
        said = replace(tale.DELIVERED, stage=stage)
        yield str(stage), good_release("receipt", f"{stage}, said by the node", said, theirs)
    for stage in (ReceiptStage.OPENED, ReceiptStage.UNREADABLE, ReceiptStage.RETURNED):
        reason = "" if stage is ReceiptStage.OPENED else "untrusted.signature"
        said = replace(tale.OPENED, stage=stage, reason=reason)
        yield str(stage), good_release("receipt", f"{stage}, said by the node", said, theirs)
    for stage, reason in (
        (ReceiptStage.NOT_DELIVERED, "no-receipt.within-60-minutes"),
        (ReceiptStage.NOT_OPENED, "unopened.within-120-minutes"),
    ):
        said = replace(tale.OPENED, stage=stage, agency=tale.OPENED.to, reason=reason)
        about = f"{stage}, said by the node that sent it"
        yield str(stage), good_release("receipt", about, said, CARRIER)
    for stage, reason in (
        (ReceiptStage.REMOVED, "backups-until-2026-12-23"),
        (ReceiptStage.KEPT, "evidence"),
    ):
        said = replace(tale.OPENED, stage=stage, reason=reason)
        yield str(stage), good_release("receipt", f"{stage}, said by the node", said, theirs)
    person = replace(
        tale.OPENED,
        shows=OpenedBy.PERSON,
        reader=tale.OFFICER,
        certificate=digest(b"their certificate"),
    )
    yield "opened-person", good_release("receipt", "opened, said by a person", person, AMINA)
    yield "proven", good_release("proven", "enough witnesses cosigned", tale.NOTICE, theirs)

    good, salt = canonical.encode(tale.DELIVERED), text_of(tale.DELIVERED.salt)
    rows = list(spellings(good, '"size":9', '"type":"comity/receipt@1"', '"reason":""'))
    for name, about, old, new in (
        ("another-version", "a receipt of another version", "receipt@1", "receipt@2"),
        ("stage-unknown", "a stage that there is not", '"delivered"', '"believed"'),
        ("salt-unpadded", "a salt without its padding", salt, salt.rstrip("=")),
        ("docket-empty", "without the docket that it answers", str(tale.DELIVERED.docket), ""),
        ("reason-words", "a reason that is no code", '"reason":""', '"reason":"Approved!"'),
    ):
        rows.append((name, about, changed(good, old, new), malformed("type")))
    notice = canonical.encode(tale.NOTICE)
    rows.append(("notice", "a proven notice", notice, malformed("type")))
    for name, about, payload, outcome in rows:
        yield f"bad-{name}", signed("receipt", about, payload, outcome, theirs)
    yield "bad-proven-receipt", signed("proven", "a receipt, said to be a notice", good, malformed("type"), theirs)  # fmt: skip
    forged = changed(good, '"index":4', '"index":5')
    yield from envelopes_of_signatures(signed("receipt", "", good, OK, theirs), forged)
