# SPDX-License-Identifier: Apache-2.0
"""The application of the pages: every noun's routes, behind the guard."""

from collections.abc import Sequence
from typing import Final

from flask import Flask

from comity.web import files, guest, shell, sign_in, thread, today, uploads
from comity.web.answers import Route
from comity.web.kit import Kit, prepare
from comity.web.uploads import sealing
from comity.web.visit import Desk

ROUTES: Final[Sequence[Route]] = (
    *sign_in.ROUTES,
    *today.ROUTES,
    *thread.ROUTES,
    *files.ROUTES,
    *shell.ROUTES,
    *uploads.ROUTES,
    *guest.ROUTES,
)


def pages(desk: Desk) -> Flask:
    """Return the application that serves the pages of *desk*."""
    app = Flask("comity.web", static_folder=None, template_folder=None)
    app.request_class = sealing(desk.house)
    kit = Kit(desk, desk.house.random)
    prepare(app, kit)
    for each in ROUTES:
        kit.attach(app, each)
    return app
