# SPDX-License-Identifier: Apache-2.0
"""The ports: what the services need of the world outside, and no more.

A clock, randomness and key homes are injected likewise (``domain.time.Clock``,
``domain.ids.Random``, ``services.key_homes.KeyHome``).
"""

from dataclasses import dataclass
from typing import Protocol

from comity.domain.ids import NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a peer node can be reached, and by which keys it is known there."""

    node: NodeId
    address: str
    tls: str
    """SHA-256 of the peer's TLS key, hexadecimal; empty on loopback."""
    carrier: bytes
    """The Ed25519 key that signs its answers."""


class Nudge(Protocol):
    """Says one fixed sentence to an officer outside Comity; off unless an operator sets it up."""

    def send(self, to: str, sentence: str) -> None:
        """Hand *sentence* over for the mail address or telephone number *to*, in bounded time.

        Raise ``Unreachable`` when that did not work; no error ever holds the address.
        """
        ...


class Carrier(Protocol):
    """Takes sealed parcels to a peer node; at least once, in any order."""

    def exchange(self, to: Destination, parcel: bytes) -> bytes:
        """Hand *parcel* over and return the sealed parcel that came back, empty if none did.

        Raise ``Unreachable`` when nobody answered, a child of ``Untrusted`` when who answered is
        not the peer.
        """
        ...


class Mailbox(Protocol):
    """Leaves carry files at a node that keeps them for others, and collects what is kept for us."""

    def leave(self, at: Destination, file: bytes) -> None:
        """Leave *file*; raise ``Unreachable`` if it is not known to be kept."""
        ...

    def collect(self, at: Destination, said: bytes) -> bytes:
        """Return the next file that waits, empty if none does; *said* confirms what is safe here.

        Raise ``Unreachable`` when nobody answered, a child of ``Untrusted`` when who answered is
        not the mailbox.
        """
        ...


class Engine(Protocol):
    """Translates free text on this machine; off unless an operator sets one up.

    What it makes is shown as made by a machine, beside the original, and is never sent.
    """

    @property
    def name(self) -> str: ...

    def translate(self, text: str, source: str, target: str) -> str:
        """Return *text* of the language *source* in *target* (BCP 47), in bounded time.

        Raise ``Unavailable`` where it does not know the pair, or did not work.
        """
        ...
