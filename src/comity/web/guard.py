# SPDX-License-Identifier: Apache-2.0
"""The guard: what every answer carries, and which calls are not answered at all.

Nothing is loaded from anywhere else, nothing is run that is not a file of ours, nothing with
content is kept by a browser. A call that changes something is taken only where the browser says
that our own page made it; a browser that says nothing of that is not believed.
"""

from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import urlsplit

from comity.errors import Refused

SAFE: Final = frozenset({"GET", "HEAD"})
_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
CSP: Final = "; ".join(_POLICY)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CSP,
    # With no-referrer a browser would say "Origin: null" of our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), interest-cohort=()",
    "X-Robots-Tag": "noindex, nofollow",
}
NO_STORE: Final = "no-store, max-age=0"


class Headers(Protocol):
    """Headers of a request; upper and lower case are one."""

    def get(self, name: str, default: str, /) -> str: ...


_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


def check_host(host: str, names: frozenset[str]) -> None:
    """Raise Refused for a call to a name that is not ours: no stranger's name leads here.

    ``*.localhost`` never leaves the machine (RFC 6761 §6.3).
    """
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.lower()
    if name not in names and name not in _LOCAL and not name.endswith(".localhost"):
        raise Refused("strange-host")


def check_source(method: str, headers: Headers) -> None:
    """Raise Refused for a call that changes something and that our own page did not make.

    Fetch Metadata where the browser sends it, else the Origin; with neither, nothing is believed.
    """
    if method in SAFE:
        return
    site, origin = headers.get("Sec-Fetch-Site", ""), headers.get("Origin", "")
    ours = not origin or urlsplit(origin).netloc.lower() == headers.get("Host", "").lower()
    if site not in {"", "same-origin"} or not ours or not (site or origin):
        raise Refused("strange-page")
