# SPDX-License-Identifier: Apache-2.0
"""The order of a recall to bytes and back: canonical JSON in DSSE (``spec/recall.md``).

It is signed by the officer's own key, not by his node's: the node that acts on it has a person's
word, which it can show.
"""

from dataclasses import dataclass

from comity.crypto import dsse
from comity.crypto.signing import SigningKey, VerifyingKey
from comity.domain.docket import ORDER_LIMIT, Docket, OrderedDocket
from comity.domain.ids import Digest, digest
from comity.domain.recall_order import RecallOrder
from comity.domain.statement import Statement
from comity.domain.taking_back import Recall
from comity.errors import Differs
from comity.wire import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOrder:
    """An order with its signature."""

    said: RecallOrder
    payload: bytes
    dsse: bytes

    @property
    def digest(self) -> Digest:
        return digest(self.payload)


def sign(said: RecallOrder, key: SigningKey) -> SignedOrder:
    payload = canonical.encode(said)
    return SignedOrder(said=said, payload=payload, dsse=dsse.sign(payload, [key]))


def read(data: bytes) -> SignedOrder:
    """Return the order in the DSSE bytes *data*, still unverified: to find whose key signed it."""
    signed = dsse.read(data, ORDER_LIMIT)
    said = canonical.decode(signed.payload, RecallOrder, limit=ORDER_LIMIT)
    return SignedOrder(said=said, payload=signed.payload, dsse=data)


def verify(order: SignedOrder, key: VerifyingKey) -> RecallOrder:
    """Return what was ordered; raise BadSignature unless *key* signed it."""
    dsse.verify(dsse.read(order.dsse, ORDER_LIMIT), key)
    return order.said


def check_docket(docket: OrderedDocket) -> SignedOrder:
    """Return the order in *docket*, still unverified; raise Differs if the two say different."""
    order = read(docket.order)
    said = order.said
    pairs = {
        "agency": (docket.agency, said.agency),
        "thread": (docket.thread, said.thread),
        "recalls": (docket.recalls, said.acts),
    }
    for name, (carried, ordered) in pairs.items():
        if carried != ordered:
            raise Differs(name)
    return order


def compare(docket: Docket, opened: Statement) -> None:
    """Raise Differs unless the order beside *docket* is what the opened recall says."""
    body = opened.body
    if not isinstance(docket, OrderedDocket) or not isinstance(body, Recall):
        if isinstance(docket, OrderedDocket) is not isinstance(body, Recall):
            raise Differs("order")
        return
    said = check_docket(docket).said
    found = (said.acts, said.what, said.certificate)
    if found != (body.acts, body.what, opened.author.certificate):
        raise Differs("order")
