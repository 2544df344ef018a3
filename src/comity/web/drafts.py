# SPDX-License-Identifier: Apache-2.0
"""Drafts on pages: listed where one begins anew, taken up again, removed; and the files in them."""

from dataclasses import dataclass

from comity.domain.statement import Attachment
from comity.services.drafts import Kept
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.files import attached
from comity.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """One draft as a line."""

    kept: Kept
    to: str
    what: str

    @property
    def place(self) -> str:
        """Where it is taken up again."""
        step = "/form" if self.kept.text("kind") else ""
        return f"/{self.kept.purpose}/{self.kept.id}{step}"


def begun(visit: Visit, *purposes: str) -> tuple[Begun, ...]:
    """Return the officer's drafts for *purposes*, the newest first; all of them if none is said."""
    return tuple(
        _begun(visit, each)
        for each in visit.seat.drafts()
        if not purposes or each.purpose in purposes
    )


def _begun(visit: Visit, kept: Kept) -> Begun:
    kind = visit.house.kinds.get(kept.text("kind"))
    to = kept.text("to")
    return Begun(
        kept=kept,
        to=visit.people.of(to) if to else visit.say_in.country(kept.text("country")),
        what=visit.say_in.label(kind.question) if kind else "",
    )


def remove_page(visit: Visit, draft: str) -> Result:
    return page("draft_remove.html", begun=_begun(visit, visit.seat.draft(draft)))


def remove(visit: Visit, draft: str) -> Result:
    kept = visit.seat.draft(draft)
    visit.seat.discard_draft(draft)
    return SeeOther(f"/{kept.purpose}")


def take_files(visit: Visit, kept: Kept) -> tuple[Attachment, ...]:
    """Return the files of *kept* with those that came with the form, without what is dropped."""
    dropped = visit.form.text("drop")
    files = {each.blob: each for each in kept.files if each.blob != dropped}
    files |= {each.blob: each for each in attached(visit)}
    return tuple(files.values())


def drafts_page(visit: Visit) -> Result:
    return page("drafts.html", drafts=begun(visit, "ask", "tell"))


ROUTES = (
    get("/drafts", drafts_page),
    get("/draft/<draft>/remove", remove_page),
    post("/draft/<draft>/remove", remove),
)
