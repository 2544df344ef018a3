# SPDX-License-Identifier: Apache-2.0
"""HTTP messages between nodes, signed by their carrier keys (RFC 9421, RFC 9530).

A request covers its method, path, query, content digest and the recipient's node id; a response
covers its status, its content digest and the signature of the request that it answers, so that an
answer cannot be moved to another question. Times are not judged: two clocks may be a day apart.
Replay is stopped by the nonce, which the server keeps, and by the ids inside the parcel.
"""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
    VerifyResult,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from comity.crypto.signing import SigningKey, VerifyingKey
from comity.errors import BadSignature

RECIPIENT: Final = "comity-recipient"
REQUEST_COVERS: Final = ("@method", "@path", "@query", "content-digest", RECIPIENT)
RESPONSE_COVERS: Final = ("@status", "content-digest", '"signature";req')
NONCE_LEAST: Final = 16
NONCE_MOST: Final = 64


@dataclass(slots=True, kw_only=True)
class Message:
    """A request as the signature library wants to see it."""

    method: str
    url: str
    headers: MutableMapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Reply:
    """A response, with the request that it answers."""

    status_code: int
    request: Message
    headers: MutableMapping[str, str] = field(default_factory=dict)


class _Ed25519(HTTPSignatureAlgorithm):
    """Our own key objects behind the library's interface: one place holds the key."""

    algorithm_id = "ed25519"

    def __init__(
        self, public_key: VerifyingKey | None = None, private_key: SigningKey | None = None
    ) -> None:
        self.public_key = public_key
        self.private_key = private_key

    def sign(self, message: bytes) -> bytes:
        assert self.private_key is not None
        return self.private_key.sign(message)

    def verify(self, signature: bytes, message: bytes) -> None:
        assert self.public_key is not None
        self.public_key.verify(signature, message)


class _Keys(HTTPSignatureKeyResolver):
    def __init__(
        self,
        private: SigningKey | None = None,
        public: Callable[[str], VerifyingKey | None] | None = None,
    ) -> None:
        self._private = private
        self._public = public

    def resolve_private_key(self, _key_id: str) -> SigningKey:
        assert self._private is not None
        return self._private

    def resolve_public_key(self, key_id: str) -> VerifyingKey | None:
        assert self._public is not None
        return self._public(key_id)


class _Verifier(HTTPMessageVerifier):
    # Clocks a day apart must still talk; the nonce stops replay (design §5 *Carriers*).
    max_clock_skew = timedelta(days=36500)


def _sign(
    message: Message | Reply,
    key: SigningKey,
    covers: tuple[str, ...],
    at: datetime,
    nonce: str | None = None,
) -> None:
    signer = HTTPMessageSigner(signature_algorithm=_Ed25519, key_resolver=_Keys(private=key))
    signer.sign(
        message,
        key_id=key.public.key_id,
        created=at,
        covered_component_ids=covers,
        label="comity",
        nonce=nonce,
        use_existing_digest=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Headers whose signature holds; the body is yet to be compared with the digest in them."""

    key_id: str
    nonce: str
    _message: Message | Reply
    _verifier: HTTPMessageVerifier
    _results: Sequence[VerifyResult]

    def check(self, body: bytes) -> None:
        """Raise BadSignature unless *body* is the one whose digest was signed."""
        try:
            self._verifier.verify_body(self._message, self._results, body)
        except HTTPMessageSignaturesException as error:
            raise BadSignature("http") from error


def _verify(
    message: Message | Reply,
    covers: tuple[str, ...],
    public: Callable[[str], VerifyingKey | None],
) -> Signed:
    verifier = _Verifier(signature_algorithm=_Ed25519, key_resolver=_Keys(public=public))
    try:
        results = verifier.verify(
            message, max_age=None, require_components=covers, expect_label=None
        )
    except HTTPMessageSignaturesException as error:
        raise BadSignature("http") from error
    told = results[0].parameters
    return Signed(
        key_id=str(told["keyid"]),
        nonce=str(told.get("nonce", "")),
        _message=message,
        _verifier=verifier,
        _results=results,
    )


def sign_request(
    message: Message, body: bytes, *, key: SigningKey, to: str, at: datetime, nonce: str
) -> None:
    """Add digest, recipient and signature to the headers of *message*."""
    message.headers[RECIPIENT] = to
    _add_digest(message.headers, body)
    _sign(message, key, REQUEST_COVERS, at, nonce=nonce)


def verify_request(message: Message, *, public: Callable[[str], VerifyingKey | None]) -> Signed:
    """Return what signed the headers of a request; raise BadSignature.

    Its body need not be here yet: its digest is signed, and who sent it is known before it is read.
    """
    signed = _verify(message, REQUEST_COVERS, public)
    if not NONCE_LEAST <= len(signed.nonce) <= NONCE_MOST:
        raise BadSignature("nonce")
    return signed


def sign_response(reply: Reply, body: bytes, *, key: SigningKey, at: datetime) -> None:
    _add_digest(reply.headers, body)
    _sign(reply, key, RESPONSE_COVERS, at)


def verify_response(reply: Reply, body: bytes, *, key: VerifyingKey) -> None:
    """Raise BadSignature unless *key* signed this very answer to this very request."""
    signed = _verify(reply, RESPONSE_COVERS, lambda named: key if named == key.key_id else None)
    signed.check(body)


def _add_digest(headers: MutableMapping[str, str], body: bytes) -> None:
    HTTPMessageSigner.content_digest_class.add(headers, body)
