# SPDX-License-Identifier: Apache-2.0
"""Sticks between the nodes of a world: a file is bytes, written by one and read by another."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from tests.world import WorldNode

from comity.services.carry_in import CarriedIn, carry_in
from comity.services.carry_out import carry_out
from comity.services.receive import Taken
from comity.wire.carry import Cover, Packer, Unpacker


def written(node: WorldNode, to: WorldNode, answering: Taken | None = None) -> bytes:
    """Return the file that *node* writes for *to*; empty if there is nothing to write."""
    sink = io.BytesIO()

    @contextmanager
    def place() -> Iterator[io.BytesIO]:
        yield sink

    carry_out(node.house, to.id, place, answering=answering)
    return sink.getvalue()


def taken(node: WorldNode, file: bytes) -> CarriedIn:
    return carry_in(node.house, io.BytesIO(file).read)


def answered(node: WorldNode, to: WorldNode, file: bytes) -> bytes:
    """Let *node* take in *file* of *to*; return the file that answers it."""
    return written(node, to, taken(node, file).owed)


def back_and_forth(one: WorldNode, other: WorldNode, *, most: int = 12) -> int:
    """Carry a stick between both until one has nothing to answer; return how often it travelled."""
    file, count = written(one, other), 0
    while file and count < most:
        count += 1
        file = answered(other, one, file)
        one, other = other, one
    return count


def parcels(file: bytes, by: WorldNode) -> list[bytes]:
    """Return the sealed parcels in the file of *by*."""
    frames = Unpacker(io.BytesIO(file).read).frames(by.house.keys.carrier.public)
    return [each.sealed for each in frames]


def forged(by: WorldNode, cover: Cover, *sealed: bytes) -> bytes:
    """Return a file under any cover, signed by *by*."""
    packer = Packer(cover, by.house.keys.carrier)
    return b"".join([packer.begin(), *(packer.frame(each) for each in sealed), packer.end()])
