# SPDX-License-Identifier: Apache-2.0
"""``comity desk`` alone: the pages, served to this machine's own browser over the home here.

It is a node of its own and nobody's client: it calls others, or has its post carried by a mailbox
or a stick, and answers nobody that calls.
"""

import contextlib
import webbrowser
from typing import Final

from comity.cli.call import Call
from comity.cli.carry import open_node, until_stopped
from comity.language.marks import marked
from comity.web.serving import Place, serving_pages

_HERE: Final = marked("Your desk is at {address}, for this machine alone. Stop it with Ctrl-C.")


def serve_own(call: Call, port: int, opening: str) -> None:
    """Serve the pages to this machine until stopped; *opening* is ``open`` to open a browser."""
    node = open_node(call)
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(node.carrying())
            address = stack.enter_context(serving_pages(node, Place(port=port, own=True)))
            ended = stack.enter_context(until_stopped(call))
            call.out.say(_HERE, address=address)
            call.out.give(code="serving", id=node.house.keys.node, desk=address)
            if opening:
                webbrowser.open(address)
            ended()
    finally:
        node.close()
