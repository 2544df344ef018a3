# SPDX-License-Identifier: Apache-2.0
"""Make the vectors of signed requests and answers anew: ``python -m tests.carriers.http_cases``.

Keys, nonce and time are fixed and Ed25519 takes no chance, so they come out the same each time.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comity.carriers.signed_http import Message, Reply, sign_request, sign_response
from comity.crypto.signing import SigningKey

SPEC = Path(__file__).parents[2] / "spec" / "vectors" / "http"
AT = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
KENYA = SigningKey.from_seed(bytes([1]) * 32)
VIETNAM = SigningKey.from_seed(bytes([2]) * 32)
THIEF = SigningKey.from_seed(bytes([3]) * 32)
VN = "f6u3kbk3hzrpzvq2r3tvsc3l7e"
NONCE = "ncjnse2jrr5rivo3qpscjdegqe"
URL = "https://vn.example:8443/parcels"
BODY = b"a sealed parcel"
ANSWER = b"the parcel that answers it"
BAD = "untrusted.signature"
Case = dict[str, Any]


class Heard:
    """A key that remembers what it signed: the signature base of RFC 9421."""

    def __init__(self, key: SigningKey) -> None:
        self.public = key.public
        self.base = ""
        self._key = key

    def sign(self, message: bytes) -> bytes:
        self.base = message.decode()
        return self._key.sign(message)


def request(key: SigningKey = KENYA, **changed: Any) -> Case:
    given: Case = {"body": BODY, "to": VN, "nonce": NONCE, "at": AT, "url": URL, **changed}
    message = Message(method="POST", url=given["url"])
    heard: Any = Heard(key)
    sign_request(
        message, given["body"], key=heard, to=given["to"], at=given["at"], nonce=given["nonce"]
    )
    return {
        "key": KENYA.public.key_id,
        "public": text(KENYA.public.raw),
        "method": "POST",
        "url": given["url"],
        "headers": dict(message.headers),
        "body": text(given["body"]),
        "base": heard.base,
    }


def response(key: SigningKey = VIETNAM, asked: Case | None = None) -> Case:
    asked = asked or request()
    question = Message(method="POST", url=URL, headers=dict(asked["headers"]))
    reply = Reply(status_code=200, request=question)
    heard: Any = Heard(key)
    sign_response(reply, ANSWER, key=heard, at=AT)
    return {
        "key": VIETNAM.public.key_id,
        "public": text(VIETNAM.public.raw),
        "status": 200,
        "headers": dict(reply.headers),
        "body": text(ANSWER),
        "base": heard.base,
        "request": {each: asked[each] for each in ("method", "url", "headers")},
    }


def cases() -> Iterator[tuple[str, Case]]:
    for name, about, outcome, case in requests():
        yield name, {"about": about, "outcome": outcome, "kind": "request", **case}
    for name, about, outcome, case in responses():
        yield name, {"about": about, "outcome": outcome, "kind": "response", **case}


def requests() -> Iterator[tuple[str, str, str, Case]]:
    good = request()
    yield "request", "a parcel, and who brings it", "ok", good
    yield "request-empty", "nothing in it, signed all the same", "ok", request(body=b"")
    long_ago = request(at=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    yield "request-1970", "its clock has stopped: times are not judged", "ok", long_ago
    stranger = {**request(THIEF), "base": ""}
    yield "bad-request-stranger", "by a key that is nobody's", f"{BAD}.http", stranger
    named = request(THIEF)
    named["headers"] = renamed(named["headers"], THIEF.public.key_id, KENYA.public.key_id)
    yield "bad-request-forged", "by another under this key's id", f"{BAD}.http", named
    yield "bad-request-body", "another body", f"{BAD}.http", {**good, "body": text(BODY + b"!")}
    for name, about, header, value in SPOILT:
        headers = {**good["headers"], header: value}
        yield f"bad-request-{name}", about, f"{BAD}.http", {**good, "headers": headers}
    for header in ("Content-Digest", "Signature", "Signature-Input"):
        rest = {name: value for name, value in good["headers"].items() if name != header}
        name = f"bad-request-no-{header.lower()}"
        yield name, "one is missing", f"{BAD}.http", {**good, "headers": rest}
    moved = {**good, "url": URL + "?again"}
    yield "bad-request-query", "a query was added", f"{BAD}.http", moved
    yield "bad-request-path", "it goes elsewhere", f"{BAD}.http", {**good, "url": URL + "/x"}
    yield "bad-request-method", "it asks otherwise", f"{BAD}.http", {**good, "method": "PUT"}
    input_ = good["headers"]["Signature-Input"].replace('"@query" ', "")
    less = {**good["headers"], "Signature-Input": input_}
    yield "bad-request-covers", "less is covered", f"{BAD}.http", {**good, "headers": less}
    for name, nonce in (("short", "x" * 15), ("long", "x" * 65), ("none", "")):
        case = request(nonce=nonce)
        yield f"bad-request-nonce-{name}", "no such nonce", f"{BAD}.nonce", case


SPOILT = (
    ("recipient", "meant for another node", "comity-recipient", "mufjaida6oayg64erx3rmjhuam"),
    ("digest", "the digest of another body", "Content-Digest", "sha-256=:" + "A" * 43 + "=:"),
    ("signature", "no signature at all", "Signature", "comity=:AAAA:"),
)


def responses() -> Iterator[tuple[str, str, str, Case]]:
    good = response()
    yield "response", "the answer to the first request", "ok", good
    yield "bad-response-stranger", "by another key", f"{BAD}.http", response(THIEF)
    yield "bad-response-body", "another body", f"{BAD}.http", {**good, "body": text(b"other")}
    yield "bad-response-status", "another status", f"{BAD}.http", {**good, "status": 201}
    other = response(asked=request(nonce="mufjaida6oayg64erx3rmjhuam"))
    moved = {**other, "request": good["request"]}
    yield "bad-response-moved", "the answer to another request", f"{BAD}.http", moved


def renamed(headers: dict[str, str], old: str, new: str) -> dict[str, str]:
    return {name: value.replace(old, new) for name, value in headers.items()}


def text(data: bytes) -> str:
    return b64encode(data).decode()


def written(case: Case) -> str:
    return json.dumps(case, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    SPEC.mkdir(exist_ok=True)
    for old in SPEC.glob("*.json"):
        old.unlink()
    for name, case in cases():
        (SPEC / f"{name}.json").write_text(written(case), "utf-8")
