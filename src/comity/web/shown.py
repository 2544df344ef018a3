# SPDX-License-Identifier: Apache-2.0
"""A page that answered a posted form, shown once more: whoever reloads it posts nothing again."""

from comity.errors import Locked
from comity.web.answers import Made, Result, get
from comity.web.kit import SHOWN
from comity.web.visit import Visit


def shown(visit: Visit, page: str) -> Result:
    if visit.session is None:
        raise Locked("session")
    status, html = visit.desk.sessions.page(visit.session, page)
    return Made(html=html, status=status)


ROUTES = (get(f"{SHOWN}/<page>", shown, guest=True),)
