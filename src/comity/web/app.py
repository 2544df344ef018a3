# SPDX-License-Identifier: Apache-2.0
"""The application of the pages: every noun's routes, behind the guard."""

from collections.abc import Sequence
from typing import Final

from flask import Flask

from comity.web import (
    admit,
    agency,
    answer,
    ask,
    ask_back,
    away,
    barred,
    before_you_act,
    bring,
    countersign,
    custody,
    desks,
    drafts,
    elsewhere,
    files,
    guest,
    introduce,
    mandates,
    marked_identifiers,
    more,
    officers,
    onward,
    oversight_rules,
    owed,
    people,
    practice,
    press,
    proof,
    retention,
    sent,
    shell,
    shown,
    sign_in,
    sign_in_by,
    source,
    stick,
    suspend,
    taking_back,
    tell,
    thread,
    today,
    transfers,
    translated,
    typed_for,
    uploads,
)
from comity.web import help as help_pages
from comity.web.answers import Route
from comity.web.kit import Kit, prepare
from comity.web.practising import Practising
from comity.web.uploads import sealing
from comity.web.visit import Desk

PRACTISING: Final = "comity.practising"
ROUTES: Final[Sequence[Route]] = (
    *sign_in.ROUTES,
    *today.ROUTES,
    *ask.ROUTES,
    *tell.ROUTES,
    *elsewhere.ROUTES,
    *drafts.ROUTES,
    *sent.ROUTES,
    *shown.ROUTES,
    *thread.ROUTES,
    *files.ROUTES,
    *shell.ROUTES,
    *uploads.ROUTES,
    *custody.ROUTES,
    *answer.ROUTES,
    *ask_back.ROUTES,
    *press.ROUTES,
    *onward.ROUTES,
    *bring.ROUTES,
    *taking_back.ROUTES,
    *countersign.ROUTES,
    *owed.ROUTES,
    *typed_for.ROUTES,
    *translated.ROUTES,
    *guest.ROUTES,
    *more.ROUTES,
    *admit.ROUTES,
    *people.ROUTES,
    *suspend.ROUTES,
    *introduce.ROUTES,
    *away.ROUTES,
    *agency.ROUTES,
    *officers.ROUTES,
    *desks.ROUTES,
    *mandates.ROUTES,
    *oversight_rules.ROUTES,
    *barred.ROUTES,
    *marked_identifiers.ROUTES,
    *retention.ROUTES,
    *transfers.ROUTES,
    *proof.ROUTES,
    *stick.ROUTES,
    *before_you_act.ROUTES,
    *source.ROUTES,
    *help_pages.ROUTES,
)


def pages(desk: Desk) -> Flask:
    """Return the application that serves the pages of *desk*."""
    app = Flask("comity.web", static_folder=None, template_folder=None)
    app.request_class = sealing(desk.house)
    kit = Kit(desk, desk.house.random)
    prepare(app, kit)
    for each in ROUTES:
        kit.attach(app, each)
    if not desk.at:  # practice has no practice of its own, and no second factor
        for each in (*practice.ROUTES, *sign_in_by.ROUTES):
            kit.attach(app, each)
        before = Practising(app.wsgi_app, desk, pages)
        app.wsgi_app = before  # type: ignore[assignment, method-assign]  # how Flask is wrapped
        app.extensions[PRACTISING] = before
    return app


def close_pages(app: Flask) -> None:
    """Close what *app* opened for itself: its practice worlds."""
    app.extensions[PRACTISING].close()
