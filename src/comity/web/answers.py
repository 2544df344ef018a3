# SPDX-License-Identifier: Apache-2.0
"""What a handler answers with: a page, another address, or bytes; ``kit`` sends it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from comity.web.forms import TEXT_LIMIT

OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A template with its values."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A page as it was made before."""

    html: bytes
    status: int


@dataclass(frozen=True, slots=True)
class SeeOther:
    """Go on to a page of ours (RFC 9110 §15.4.4)."""

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """A file that is shown or saved; it is named by us and never run."""

    content: bytes | Iterable[bytes]
    media: str
    name: str = ""
    """Under which it is saved; empty where it is shown in place."""
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A small answer to our own script."""

    values: Mapping[str, str | int | bool]
    status: int = OK


Result = Page | Made | SeeOther | Bytes | Told


def page(template: str, /, **values: Any) -> Page:  # noqa: ANN401  # whatever a template shows
    return Page(template=template, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a handler is called.

    A handler takes the visit, then what stands in the address. One that is ``open`` is called for
    whoever comes; any other has a signed-in officer. ``again`` shows the form once more, with what
    was typed, where a POST is refused by the rules.
    """

    path: str
    handler: Callable[..., Result]
    method: str = "GET"
    open: bool = False
    guest: bool = False
    """Also called for a guest, who reaches nothing else."""
    again: Callable[..., Result] | None = None
    streams: bool = False
    """Reads its body itself, as it arrives."""
    limit: int = 256 * 1024
    """Bytes of its body, at most."""
    text: int = TEXT_LIMIT
    """Characters of one of its fields, at most."""


def get(
    path: str, handler: Callable[..., Result], *, open_: bool = False, guest: bool = False
) -> Route:
    return Route(path=path, handler=handler, open=open_, guest=guest)


def post(
    path: str,
    handler: Callable[..., Result],
    *,
    again: Callable[..., Result] | None = None,
    open_: bool = False,
    guest: bool = False,
    streams: bool = False,
    limit: int = 256 * 1024,
    text: int = TEXT_LIMIT,
) -> Route:
    return Route(
        path=path,
        handler=handler,
        method="POST",
        again=again,
        open=open_,
        guest=guest,
        streams=streams,
        limit=limit,
        text=text,
    )
