# SPDX-License-Identifier: Apache-2.0
"""Weight: bytes on the wire between a browser and the desk, headers and both directions counted.

A browser without a screen calls the real server, with gzip, fetches what pages name, as a browser
does once, and sends what our script would. TLS, which adds a few KB a connection, is not counted.
"""

import gzip
import re
import socket
import sys
import tempfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from tests.services.settle import PASSPHRASE
from tests.world import World

from comity.web.serving import Place, serving_pages

KB = 1024
FIRST, PAGE, ALL = 60 * KB, 15 * KB, 150 * KB
ASKED = {
    "f_number": "+84912345678",
    "facts": "312 kg of ivory, container CSQU3054383 declared as timber.",
    "offence": "other",
    "offence_text": "Wildlife Act, section 92",
    "why_you": "The number was written on the seal.",
    "ref": "MSA/114",
}
HEADERS = (
    "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Accept-Language: sw,en;q=0.8\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
)


class Fields(HTMLParser):
    """The form of a page that goes to one place, as it is filled already, and what it names."""

    def __init__(self, to: str = "") -> None:
        super().__init__()
        self.to = to
        self.values: list[tuple[str, str]] = []
        self.files: list[str] = []
        self.drafts = False
        self._inside = False
        self._area = ""
        self._pick = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in {"link", "script"}:
            self.files += [e for e in (told.get("href"), told.get("src")) if e]
        if tag == "form":
            self._inside = bool(self.to) and told.get("action", "").endswith(self.to)
            self.drafts = self.drafts or "data-draft" in told
        if self._inside:
            self._field(tag, told)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        name, kind = told.get("name", ""), told.get("type", "text")
        if tag == "textarea":
            self._area = name
            self.values.append((name, ""))
        elif tag == "select":
            self._pick = name
        elif tag == "option" and "selected" in told:
            self.values.append((self._pick, told.get("value", "")))
        elif tag == "input" and name and _is_filled(kind, told):
            self.values.append((name, told.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[-1] = (self._area, self.values[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "form":
            self._inside = False


def _is_filled(kind: str, told: dict[str, str]) -> bool:
    return kind != "file" and (kind not in {"checkbox", "radio"} or "checked" in told)


@dataclass
class Phone:
    """A browser that counts."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    """Files that it keeps for ever."""
    pages: dict[str, int] = field(default_factory=dict)
    total: int = 0
    text: str = ""
    path: str = ""

    def get(self, path: str) -> None:
        """Open a page, with what it names."""
        self._page(path, *self.call("GET", path))

    def post(self, path: str, form: dict[str, str], *, of: str = "") -> None:
        """Send a form; what the page had filled in goes along."""
        shown = Fields(of or path.rpartition("/")[2])
        shown.feed(self.text)
        kept = [each for each in shown.values if each[0] not in form]
        self._page(path, *self.call("POST", path, urlencode([*kept, *form.items()])))

    def _page(self, path: str, status: int, text: str, to: str, size: int) -> None:
        while status == 303:
            path = to
            status, text, to, more = self.call("GET", path)
            size += more
        if status != 200:
            said = re.sub(r"<[^>]*>|\s+", " ", text)
            raise SystemExit(f"{path}: {status}\n{said}")
        self.text, self.path = text, path
        named = Fields()
        named.feed(text)
        for each in named.files:
            if each not in self.held:
                self.held.add(each)
                size += self.call("GET", each)[3]
        if named.drafts:
            size += self.call("GET", "/draft-key")[3]
        place = re.sub(r"(?<=/)[a-z2-7]{26}|(?<=/)[0-9a-f]{64}", "*", path)
        self.pages[place] = max(self.pages.get(place, 0), size)
        self.total += size

    def call(self, method: str, path: str, body: str = "") -> tuple[int, str, str, int]:
        host = self.address.removeprefix("http://")
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{HEADERS}Connection: close\r\n"
        head += f"Referer: {self.address}{self.path or '/'}\r\n"
        head += f"Cookie: {cookie}\r\n" if cookie else ""
        if method == "POST":
            head += f"Origin: {self.address}\r\nContent-Length: {len(body)}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
        asked = f"{head}\r\n{body}".encode()
        name, port = host.split(":")
        with socket.create_connection((name, int(port))) as wire:
            wire.sendall(asked)
            answer = b"".join(iter(lambda: wire.recv(65536), b""))
        said, _, content = answer.partition(b"\r\n\r\n")
        lines = said.decode("latin-1").split("\r\n")
        headers = [tuple(each.split(": ", 1)) for each in lines[1:]]
        for key, value in headers:
            if key.lower() == "set-cookie":
                given, _, rest = value.partition(";")[0].partition("=")
                self.cookies[given] = rest
        told = {key.lower(): value for key, value in headers}
        if told.get("transfer-encoding") == "chunked":
            content = _unchunked(content)
        if told.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        status = int(lines[0].split()[1])
        text = content.decode("utf-8", "replace")
        return status, text, told.get("location", ""), len(asked) + len(answer)


def _unchunked(content: bytes) -> bytes:
    whole = b""
    while content:
        size, _, content = content.partition(b"\r\n")
        length = int(size, 16)
        whole, content = whole + content[:length], content[length + 2 :]
    return whole


def first_visit(phone: Phone, who: str) -> int:
    """Open the desk, sign in and see Today, with the worker; return what all that weighed."""
    phone.get("/")
    phone.total += phone.call("GET", "/worker.js")[3] + phone.call("GET", "/icon.svg")[3]
    phone.post("/in", {"who": who, "passphrase": PASSPHRASE})
    first, phone.pages = phone.total, {}
    return first


def ask(phone: Phone, desk: str) -> None:
    phone.get("/ask")
    phone.post("/ask", {"to": desk})
    draft = phone.path
    phone.post(draft, {"kind": "phone"}, of="nothing")
    phone.post(f"{draft}/form", {**ASKED, "do": "on"})
    phone.post(f"{draft}/send", {})


def answer(phone: Phone, thread: str) -> None:
    phone.get(f"/t/{thread}")
    phone.post(f"/t/{thread}/take", {})
    phone.get(f"/t/{thread}/answer")
    filled = {"outcome": "information", "f-status": "in-use", "text": "A company in Hai Phong."}
    phone.post(f"/t/{thread}/answer", filled)
    if phone.path.endswith("/answer"):  # who will see it
        phone.post(f"/t/{thread}/answer", {"sure": "1"})


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), "ke", "vn") as world,
        serving_pages(world["ke"].node, Place()) as here,
        serving_pages(world["vn"].node, Place()) as there,
    ):
        sergeant, officer = Phone(here), Phone(there)
        first = first_visit(sergeant, "investigator KE")
        ask(sergeant, world["vn"].settled.desk)
        world.hours.pass_(minutes=2)
        world.sync()
        thread = world["vn"].inbox()[0].thread
        other = first_visit(officer, "investigator VN")
        answer(officer, thread)
        world.hours.pass_(minutes=2)
        world.sync()
        sergeant.get("/today")
        sergeant.get(f"/t/{thread}")
        answered = world["ke"].seat().thread(thread).thread.answered is not None
        pages = sergeant.pages | officer.pages
        walked = "\n".join(f"  {name:<40} {size / KB:>8.1f} KB" for name, size in pages.items())
    heaviest = max(pages.values())
    both = sergeant.total + officer.total
    print(walked)
    for what, size, most in (
        ("first visit, all told", max(first, other), FIRST),
        ("heaviest page after that, both ways", heaviest, PAGE),
        ("ask and answer, both sides", both, ALL),
    ):
        print(f"{what:<42} {size / KB:>8.1f} KB   ≤ {most // KB} KB")
    print(f"{'it was answered':<42} {answered!s:>8}")
    return int(max(first, other) > FIRST or heaviest > PAGE or both > ALL or not answered)


if __name__ == "__main__":
    sys.exit(main())
