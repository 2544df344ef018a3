# SPDX-License-Identifier: Apache-2.0
"""Parcels over HTTP: the client, and the route that peers call.

One exchange is ``POST /parcels`` with a sealed parcel; the answer's body is a sealed parcel too.
Both are signed (``signed_http``), and a request's headers are believed or refused before its body
is read. TLS is pinned to the key in the invitation; plain HTTP is for loopback alone. Bodies are at
most 1 MiB and are never spooled to disk. An answer has an end, as a request has at the server
(``server``): a peer who drips holds up the courier no longer than the slowest line would.
"""

import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any, Final
from urllib.parse import urlsplit

import flask
import urllib3
from urllib3.exceptions import HTTPError
from werkzeug.exceptions import RequestEntityTooLarge

from comity.carriers.server import CALLER, GRACE_SECONDS, SLOWEST, Caller, server_name
from comity.carriers.signed_http import (
    RECIPIENT,
    Message,
    Reply,
    Signed,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)
from comity.crypto.signing import SigningKey, VerifyingKey, verifying_key
from comity.crypto.tls import spki_pin
from comity.domain.ids import NodeId, Random, mint
from comity.domain.time import Clock, whole
from comity.errors import (
    BadSignature,
    Busy,
    ComityError,
    Malformed,
    NotForUs,
    Stale,
    Unavailable,
    Unreachable,
)
from comity.services.ports import Destination

BODY_LIMIT: Final = 1 << 20
"""Bodies between nodes are at most 1 MiB (design §3 *Processes*)."""
COVERED_LIMIT: Final = BODY_LIMIT + 2048
"""Of a parcel in its cover, as a mailbox takes and gives it."""
PATH: Final = "/parcels"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
MEDIA: Final = "application/vnd.comity.parcel"
READ_SECONDS: Final = 60.0
TIMEOUT: Final = urllib3.Timeout(connect=5.0, read=READ_SECONDS)
ANSWER_SECONDS: Final = READ_SECONDS + GRACE_SECONDS + BODY_LIMIT / SLOWEST
"""For the peer to think, and for its whole answer to come on the slowest line."""


ANSWER_KEY: Final = "comity-answer-key"
"""A request says by which of the recipient's keys its caller will verify the answer: while keys
change it may know an older one. No signature covers it; who changes it spoils one answer."""
Keys = Callable[[], Sequence[SigningKey]]
"""Return the keys as which a node may be known, the newest first; they change while it runs."""


class _Stranger(Unreachable):
    """The peer does not know our key."""


class HttpCarrier:
    """The client: keeps one pinned pool a peer, and checks every answer's signature."""

    def __init__(self, *, keys: Keys, clock: Clock, random: Random) -> None:
        self._keys = keys
        self._clock = clock
        self._random = random
        self._pools: dict[tuple[str, str], urllib3.HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def exchange(self, to: Destination, parcel: bytes) -> bytes:
        """Post *parcel* and return the parcel that answers it."""
        return self.post(to, PATH, parcel)

    def post(
        self,
        to: Destination,
        path: str,
        body: bytes,
        *,
        media: str = MEDIA,
        limit: int = BODY_LIMIT,
    ) -> bytes:
        """Post *body*, signed, to *path*; return what the peer answered, its signature verified.

        A peer that does not know the newest of our keys yet is called with the one before.
        """
        *newer, oldest = self._keys()
        for key in newer:
            with suppress(_Stranger):
                return self._post(to, path, body, key, media=media, limit=limit)
        return self._post(to, path, body, oldest, media=media, limit=limit)

    def _post(
        self, to: Destination, path: str, body: bytes, key: SigningKey, *, media: str, limit: int
    ) -> bytes:
        pool = self._pool(to)
        url = to.address.rstrip("/") + path
        known = verifying_key(to.carrier)
        headers = {"Content-Type": media, ANSWER_KEY: known.key_id}
        message = Message(method="POST", url=url, headers=headers)
        sign_request(
            message,
            body,
            key=key,
            to=to.node,
            at=whole(self._clock()),
            nonce=mint(self._random),
        )
        status, headers, answer = _post(pool, message, body, limit)
        reply = Reply(status_code=status, request=message, headers=headers)
        if status != HTTPStatus.OK:
            # An unsigned refusal proves nothing: it is a peer that cannot be reached.
            failed = _Stranger if status == HTTPStatus.FORBIDDEN else Unreachable
            raise failed("status", status=status)
        verify_response(reply, answer, key=known)
        return answer

    def _pool(self, to: Destination) -> urllib3.HTTPConnectionPool:
        place = urlsplit(to.address)
        host = place.hostname or ""
        with self._lock:
            pool = self._pools.get((to.address, to.tls))
            if pool is None:
                pool = self._open(place.scheme, host, place.port, to.tls)
                self._pools[to.address, to.tls] = pool
            return pool

    def _open(
        self, scheme: str, host: str, port: int | None, pin: str
    ) -> urllib3.HTTPConnectionPool:
        if scheme == "http":
            if host not in LOOPBACK and not host.endswith(".localhost"):
                raise Unreachable("plain-http")
            return _PlainPool(host, port, maxsize=4)
        if scheme != "https" or not pin:
            raise Unreachable("address")
        # The pin replaces certificate authorities: we trust the key in the roster, nobody else.
        return _PinnedPool(host, port, maxsize=4, pin=pin)


def _post(
    pool: urllib3.HTTPConnectionPool, message: Message, body: bytes, limit: int
) -> tuple[int, dict[str, str], bytes]:
    try:
        answer = pool.urlopen(
            "POST",
            urlsplit(message.url).path,
            body=body,
            headers=dict(message.headers),
            retries=False,
            redirect=False,
            timeout=TIMEOUT,
            preload_content=False,
        )
        try:
            data = answer.read(limit + 1, decode_content=False)
            if len(data) <= limit:
                answer.drain_conn()
            else:
                answer.close()
        finally:
            answer.release_conn()
    except (HTTPError, OSError) as error:
        raise Unreachable("http") from error
    if len(data) > limit:
        raise Malformed("size", limit=limit)
    return answer.status, dict(answer.headers.items()), data


class _Ending(RawIOBase):
    """What a socket brings until one moment, however much arrives in between."""

    def __init__(self, sock: socket, source: RawIOBase) -> None:
        self._sock = sock
        self._source = source
        self._end = time.monotonic() + ANSWER_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401  # whatever is to be filled
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(min(left, READ_SECONDS))
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Answer(HTTPResponse):
    """An answer whose status line, headers, chunks and body all come before the one end."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # its own
        super().__init__(sock, *args, **kwargs)
        self.fp = BufferedReader(_Ending(sock, self.fp.detach()))


class _PlainConnection(urllib3.connection.HTTPConnection):
    response_class = _Answer


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _PinnedConnection(urllib3.connection.HTTPSConnection):
    response_class = _Answer
    pin = ""

    def connect(self) -> None:
        super().connect()
        secured = self.sock
        certificate = (
            secured.getpeercert(binary_form=True) if isinstance(secured, ssl.SSLSocket) else None
        )
        if certificate is None or spki_pin(certificate).hex() != self.pin:
            self.close()
            raise ssl.SSLError("the peer's TLS key is not the one in its roster")
        self.is_verified = True


class _PinnedPool(urllib3.HTTPSConnectionPool):
    def __init__(self, host: str, port: int | None, *, maxsize: int, pin: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the pin is checked in its place, after connecting
        super().__init__(
            host,
            port,
            maxsize=maxsize,
            ssl_context=context,
            assert_hostname=False,
            # The server may have two keys for a while: it is told which of them we know.
            server_hostname=server_name(pin),
        )
        self.ConnectionCls = type("Pinned", (_PinnedConnection,), {"pin": pin})


Incoming = Callable[[bytes, NodeId], bytes]
"""Take a sealed parcel from a verified peer node and return the sealed answer."""
Peers = Callable[[str], tuple[NodeId, VerifyingKey] | None]
"""Return the peer node whose carrier key has this key id."""
Fresh = Callable[[str, str], None]
"""Remember a nonce of a key; raise Stale if it has been seen."""
Replayed = Callable[[NodeId, str], None]
"""Note that a request that this node had signed came again, and from which address."""


def unnoticed(_node: NodeId, _address: str) -> None:
    """Note nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request whose sender and body are verified."""

    message: Message
    sender: NodeId
    body: bytes
    caller: Caller | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The server's end of what is said between nodes: who may be heard, and how he is answered."""

    node: NodeId
    keys: Keys
    clock: Clock
    peers: Peers
    fresh: Fresh
    replayed: Replayed = unnoticed

    def receive(self, limit: int = BODY_LIMIT) -> Received:
        """Return the request at hand; raise before its body is read if it is not to be."""
        request = flask.request
        message = Message(method="POST", url=request.url, headers=dict(request.headers.items()))
        sender, signed = _sender(message, self.peers)
        if request.headers[RECIPIENT] != self.node:
            raise NotForUs("recipient")
        length = request.content_length
        if length is None:  # a body in pieces says no length, and might never end
            raise Malformed("length")
        if length > limit:
            raise RequestEntityTooLarge
        try:
            self.fresh(signed.key_id, signed.nonce)
        except Stale:
            self.replayed(sender, request.remote_addr or "")
            raise
        # Not before now is it worth anything to read on: who sent it is known, and answers for it.
        caller: Caller | None = request.environ.get(CALLER)
        if caller is not None and not caller.known(sender, length):
            raise Busy("peers")
        body = request.get_data(cache=False)
        signed.check(body)
        return Received(message=message, sender=sender, body=body, caller=caller)

    def answer(self, to: Received, body: bytes, *, media: str = MEDIA) -> flask.Response:
        reply = Reply(
            status_code=HTTPStatus.OK, request=to.message, headers={"Content-Type": media}
        )
        key = _asked_for(self.keys(), flask.request.headers.get(ANSWER_KEY, ""))
        sign_response(reply, body, key=key, at=whole(self.clock()))
        if to.caller is not None:
            to.caller.answered(len(body))
        return flask.Response(body, HTTPStatus.OK, dict(reply.headers))


def peer_routes(
    *,
    node: NodeId,
    keys: Keys,
    clock: Clock,
    incoming: Incoming,
    peers: Peers,
    fresh: Fresh,
    replayed: Replayed = unnoticed,
    also: Callable[[flask.Flask, Channel], None] | None = None,
) -> flask.Flask:
    """Return the WSGI application that peers call; *also* gives it more routes."""
    app = flask.Flask("comity-peers", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = COVERED_LIMIT
    channel = Channel(
        node=node, keys=keys, clock=clock, peers=peers, fresh=fresh, replayed=replayed
    )

    @app.post(PATH)
    def parcels() -> flask.Response:
        received = channel.receive()
        return channel.answer(received, incoming(received.body, received.sender))

    @app.errorhandler(ComityError)
    def refused(error: ComityError) -> flask.Response:
        # A stranger learns nothing but that he was refused.
        return flask.Response("", _status(error))

    if also is not None:
        also(app, channel)
    return app


def _asked_for(keys: Sequence[SigningKey], named: str) -> SigningKey:
    """Return the one of *keys* whose id is *named*, else the newest."""
    return next((each for each in keys if each.public.key_id == named), keys[0])


def _sender(message: Message, peers: Peers) -> tuple[NodeId, Signed]:
    """Return which node signed the headers of *message*; raise BadSignature for a stranger."""
    known: dict[str, NodeId] = {}

    def certified(key_id: str) -> VerifyingKey | None:
        peer = peers(key_id)
        if peer is None:
            return None
        known[key_id] = peer[0]
        return peer[1]

    signed = verify_request(message, public=certified)
    return known[signed.key_id], signed


def _status(error: ComityError) -> HTTPStatus:
    match error:
        case Unavailable():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case BadSignature() | NotForUs():
            return HTTPStatus.FORBIDDEN
        case _:
            return HTTPStatus.BAD_REQUEST
