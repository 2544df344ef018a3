# SPDX-License-Identifier: Apache-2.0
"""Keys that change between two nodes on real sockets: whoever can call whom, both go on."""

from pathlib import Path

from tests.test_node import Here, both, hosts, soon, template

from comity.services import home
from comity.services.address_book import read_book
from comity.services.rotate_node import EVERY, rotate

__all__ = ["both", "template"]


def rotated_beside(here: Here) -> None:
    """Let another process change every key of a node that may be serving."""
    path: Path = here.node.house.home
    other = home.open_(path, ask_house=str, clock=here.node.house.clock)
    rotate(other, EVERY)
    home.close(other)


@hosts
def test_a_server_that_can_only_be_called_changes_its_keys_while_it_serves(
    both: tuple[Here, Here],
) -> None:
    ke, vn = both
    old = read_book(ke.node.house).node(vn.node.house.keys.node)
    with vn.node.serving(vn.host, vn.port):
        ke.node.courier.call(vn.node.house.keys.node)
        rotated_beside(vn)
        asked = ke.ask("VN/Anti-smuggling desk")

        ke.node.courier.call(vn.node.house.keys.node)
        after = read_book(ke.node.house).node(vn.node.house.keys.node)
        told = ke.ask("VN/Anti-smuggling desk")
        ke.node.courier.call(vn.node.house.keys.node)

    assert after.tls != old.tls
    assert after.carrier != old.carrier == old.carrier
    assert "proven" in ke.stages(asked)
    assert "proven" in ke.stages(told)
    assert vn.thread(told).thread.request is not None


@hosts
def test_a_server_that_can_only_call_changes_its_keys(both: tuple[Here, Here]) -> None:
    ke, vn = both
    rotated_beside(vn)
    with ke.node.serving(ke.host, ke.port):
        asked = vn.ask("KE/Operations desk")

        vn.node.courier.call(ke.node.house.keys.node)
        vn.node.courier.call(ke.node.house.keys.node)

    known = read_book(ke.node.house).node(vn.node.house.keys.node)
    assert known.carrier == vn.node.house.keys.carrier.public.raw
    assert "delivered" in vn.stages(asked)
    assert ke.thread(asked).thread.request is not None


@hosts
def test_both_serve_and_both_change(both: tuple[Here, Here]) -> None:
    ke, vn = both
    with ke.node.serving(ke.host, ke.port), vn.node.serving(vn.host, vn.port):
        asked = ke.ask("VN/Anti-smuggling desk")
        rotated_beside(ke)
        rotated_beside(vn)
        told = vn.ask("KE/Operations desk")

        # It may have come just before the record was closed: it is proven all the same.
        soon(lambda: "proven" in ke.stages(asked), seconds=60)
        again = ke.ask("VN/Anti-smuggling desk")
        soon(lambda: "proven" in ke.stages(again), seconds=60)
        soon(lambda: "proven" in vn.stages(told), seconds=60)
