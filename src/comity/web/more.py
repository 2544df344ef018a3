# SPDX-License-Identifier: Apache-2.0
"""More: the places beside Today, Ask and Tell, each with one line on what is done there."""

from comity.web.answers import Result, get, page
from comity.web.visit import Visit


def more(_visit: Visit) -> Result:
    return page("more.html")


ROUTES = (get("/more", more),)
