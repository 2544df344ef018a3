# SPDX-License-Identifier: Apache-2.0
"""Sent: until when it may still be stopped, and what happens next."""

from comity.domain.time import from_millis
from comity.errors import TooLate
from comity.services.thread import OpenThread
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit


def sent(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread, receipt=False)
    at = visit.seat.leaves_at(_opening(opened))
    peers = [e for e in opened.thread.asked if e != opened.viewer]
    left = at - visit.house.millis()
    if left > 0:
        # Once, so that the page says so when it has left; where there is no script too.
        visit.headers["Refresh"] = str(-(-left // 1000) + 1)
    return page(
        "sent.html",
        thread=opened.thread,
        peer=visit.agency(peers[0]) if peers else "",
        held=opened.thread.stage.value == "held",
        stopped=opened.thread.stage.value == "stopped",
        until=from_millis(at) if left > 0 else None,
        seconds=max(0, -(-left // 1000)),
    )


def stop(visit: Visit, thread: str) -> Result:
    """Take back what has not left yet."""
    opened = visit.seat.thread(thread, receipt=False)
    visit.seat.stop(_opening(opened))
    return SeeOther(f"/sent/{opened.id}")


def _opening(opened: OpenThread) -> str:
    act = opened.thread.opening
    if act is None or act.agency != opened.viewer:
        raise TooLate
    return act.id


ROUTES = (
    get("/sent/<thread>", sent),
    post("/sent/<thread>/stop", stop, again=sent),
)
