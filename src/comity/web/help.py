# SPDX-License-Identifier: Apache-2.0
"""Help: one short page for each task, in the reader's language."""

from typing import Final

from comity.errors import Misused
from comity.web.answers import Result, get, page
from comity.web.visit import Visit

TASKS: Final = (
    "ask",
    "answer",
    "take",
    "silence",
    "delete",
    "pass-on",
    "usb",
    "sign-in",
    "practice",
    "limits",
)


def help_page(_visit: Visit) -> Result:
    return page("help.html", task="", tasks=TASKS)


def task_page(_visit: Visit, task: str) -> Result:
    if task not in TASKS:
        raise Misused("page-unknown")
    return page("help.html", task=task, tasks=TASKS)


ROUTES = (
    get("/help", help_page),
    get("/help/<task>", task_page),
)
