# SPDX-License-Identifier: Apache-2.0
"""Two countries' homes, made by the commands themselves, and a hand to type more of them.

``two_homes`` is made once a worker; each test gets its own copy. ``Typist`` runs a command here, in
this process, as ``main`` would be called, with what stands on standard input and in the environment.
"""

import io
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.cli.main import main, now
from comity.domain.ids import Random
from comity.domain.time import Clock
from comity.node import Node
from comity.services import admit as admission
from comity.services.address_book import read_book
from comity.storage import copies, envelopes, outbox
from comity.storage.copies import CopyState

PASSPHRASE = "practice"
AMINA, JOSEPH, WANJIRU = "Amina Otieno", "Joseph Kiptoo", "Wanjiru Njoroge"
MINH, LAN = "Tran Minh", "Nguyen Lan"
ABEBE, SARA = "Abebe Girma", "Sara Haile"
NUMBER = "+84901234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """Return the one object that was printed."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self.out + self.err
        object_: dict[str, Any] = json.loads(lines[0])
        return object_


@dataclass(slots=True)
class Typist:
    """Types commands for one home."""

    home: Path
    who: str = ""
    capture: pytest.CaptureFixture[str] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    clock: Clock = now

    def type(self, *words: str | Path, stdin: bytes = b"", passphrase: str = PASSPHRASE) -> Typed:
        """Run a command; the home is named by the environment."""
        given = {
            "COMITY_HOME": str(self.home),
            "COMITY_PASSPHRASE": passphrase,
            "COMITY_NEW_PASSPHRASE": PASSPHRASE,
            "LC_ALL": "C",
            "TZ": "UTC",
            **self.environment,
        }
        return typed([str(word) for word in words], given, stdin, self.capture, clock=self.clock)

    def at_terminal(self, *words: str | Path, answers: Sequence[str]) -> Typed:
        """Run a command where somebody can be asked, and give *answers* in turn."""
        given = {"COMITY_HOME": str(self.home), "LC_ALL": "C", "TZ": "UTC", **self.environment}
        left = list(answers)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("getpass.getpass", lambda _prompt: left.pop(0))
            patch.setattr("builtins.input", lambda _prompt="": left.pop(0))
            patch.setattr("click.termui.visible_prompt_func", lambda _prompt="": left.pop(0))
            said = [str(word) for word in words]
            return typed(said, given, b"", self.capture, terminal=True, clock=self.clock)

    def act(self, *words: str | Path, stdin: bytes = b"") -> Typed:
        """Run a command as the person at this desk."""
        return self.type(*words, "--as", self.who, stdin=stdin)

    def json(self, *words: str | Path, stdin: bytes = b"") -> dict[str, Any]:
        """Run a command that must succeed, and return what it tells programs."""
        done = self.type(*words, "--json", stdin=stdin)
        assert done.code == 0, done.err
        return done.told

    def act_json(self, *words: str | Path, stdin: bytes = b"") -> dict[str, Any]:
        return self.json(*words, "--as", self.who, stdin=stdin)

    def sits(self, who: str) -> "Typist":
        """Return another person at the same home."""
        return Typist(self.home, who, self.capture, self.environment, self.clock)


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def typed(
    words: list[str],
    environment: dict[str, str],
    stdin: bytes,
    capture: pytest.CaptureFixture[str] | None,
    *,
    terminal: bool = False,
    clock: Clock = now,
    random: Random = os.urandom,
) -> Typed:
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("COMITY_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(
            sys, "stdin", (_Terminal if terminal else io.TextIOWrapper)(io.BytesIO(stdin))
        )
        try:
            main(words, clock=clock, random=random)
        except SystemExit as ended:
            code = int(ended.code or 0)
    out = capture.readouterr() if capture else None
    return Typed(code=code, out=out.out if out else "", err=out.err if out else "")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def settle(home: Path, country: str, port: int) -> None:
    """Make a home with an agency, its people, its desks and a mandate; no address without a port."""
    agency, desk, zone, people, supervisor = {
        "KE": (
            "Customs, Mombasa",
            "Operations desk",
            "Africa/Nairobi",
            (AMINA, JOSEPH),
            WANJIRU,
        ),
        "ET": (
            "Wildlife authority, Addis Ababa",
            "Duty desk",
            "Africa/Addis_Ababa",
            (ABEBE,),
            SARA,
        ),
        "VN": ("Customs, Hai Phong", "Anti-smuggling desk", "Asia/Ho_Chi_Minh", (MINH,), LAN),
    }[country]
    hand = Typist(home)
    commands: list[tuple[str | Path, ...]] = [
        (
            "node",
            "create",
            "--agency",
            agency,
            "--country",
            country,
            "--practice",
            *(("--address", f"http://127.0.0.1:{port}") if port else ()),
        ),
        *(("officer", "add", "--name", each) for each in people),
        ("officer", "add", "--name", supervisor, "--role", "supervisor"),
        ("desk", "add", "--name", desk, "--zone", zone, *members(people)),
        ("desk", "add", "--name", "Oversight", "--oversight", *members([supervisor])),
        (
            "mandate",
            "add",
            "--law",
            "Act 12",
            "--signed-by",
            "The minister",
            "--until",
            "2099-12-31",
        ),
        ("peer", "invite", "-o", home.with_suffix(".invitation")),
    ]
    for each in commands:
        assert hand.type(*each).code == 0, each


def members(people: tuple[str, ...] | list[str]) -> list[str]:
    return [word for each in people for word in ("--member", each)]


def admit(home: Path, other: Path, name: str) -> None:
    """Let *home* admit *other* and compare its digits."""
    hand = Typist(home)
    accepted = hand.type(
        "peer",
        "accept",
        f"@{other.with_suffix('.invitation')}",
        *("--nominated-by", "Ministry", "--letter", "M/1", "--called", "-"),
        *("--number-from", "own site", "--review", "2099-01-01"),
        *("--decided-by", "A. Mwangi", "--decided-by", "B. Otieno"),
        stdin=b"+254 20 000 0000",
    )
    assert accepted.code == 0
    digits = fingerprint(other)
    checked = hand.type(
        "peer", "check", name, "--digits", "-", "--by", "A. Mwangi", stdin=digits.encode()
    )
    assert checked.code == 0


def fingerprint(home: Path) -> str:
    """Return the digits of the agency at *home*, as its officers read them aloud."""
    node = Node.open(home, ask_house=str, clock=lambda: datetime.now(UTC))
    try:
        return admission.fingerprint(read_book(node.house).own[0])
    finally:
        node.close()


def make_two_homes(folder: Path) -> dict[str, int]:
    """Make Kenya's and Viet Nam's homes in *folder*; return their ports."""
    ports = {"ke": free_port(), "vn": free_port()}
    for name, port in ports.items():
        settle(folder / name, name.upper(), port)
    admit(folder / "ke", folder / "vn", "VN")
    admit(folder / "vn", folder / "ke", "KE")
    return ports


@dataclass(slots=True)
class Countries:
    """Kenya and Viet Nam, each with the person who does the work there."""

    ke: Typist
    vn: Typist
    ports: dict[str, int]
    folder: Path

    @contextmanager
    def vietnam_serving(self) -> Iterator[Node]:
        """Let Viet Nam's server answer until the block ends."""
        node = Node.open(self.vn.home, ask_house=str, clock=self.vn.clock)
        try:
            with node.serving("127.0.0.1", self.ports["vn"]):
                yield node
        finally:
            node.close()

    def exchange(self) -> None:
        """Let what waits on either side cross.

        What Viet Nam's own courier has in its hands at one moment comes at the next.
        """
        with self.vietnam_serving() as node:
            for _ in range(100):
                assert self.ke.type("sync").code == 0
                with node.house.store.read() as reading:
                    if not outbox.pending(reading):
                        return
                time.sleep(0.1)
        raise AssertionError("something still waits")

    @contextmanager
    def later(self, days: int) -> Iterator[None]:
        """Let so many days have passed until the block ends, for both servers and every command."""
        sides, before = (self.ke, self.vn), self.ke.clock

        def then() -> datetime:
            return before() + timedelta(days=days)

        for each in sides:
            each.clock = then
        try:
            yield
        finally:
            for each in sides:
                each.clock = before

    def ask(self, *more: str | Path) -> str:
        """Ask Viet Nam who uses a phone, and return the thread's number."""
        told = self.ke.act_json(
            *("ask", "--to", "VN/Anti-smuggling desk", "--kind", "phone", "--ref", "CUS/44"),
            *("--set", "number=-", "--facts", "312 kg declared as timber"),
            *more,
            stdin=NUMBER.encode(),
        )
        short: str = told["short"]
        return short


def copy_of(
    template: Path, ports: dict[str, int], place: Path, capture: pytest.CaptureFixture[str]
) -> Countries:
    for name in ports:
        shutil.copytree(template / name, place / name)
    capture.readouterr()
    return Countries(
        ke=Typist(place / "ke", AMINA, capture),
        vn=Typist(place / "vn", MINH, capture),
        ports=ports,
        folder=place,
    )


def sealed_for_abroad(countries: Countries) -> bytes:
    """Return the sealed message that waits in Mombasa for Hai Phong."""
    node = Node.open(countries.ke.home, ask_house=str, clock=lambda: datetime.now(UTC))
    try:
        with node.house.store.read() as reading:
            [queued] = copies.in_states(reading, [CopyState.QUEUED])
            return envelopes.get(reading, [queued.envelope])[queued.envelope]
    finally:
        node.close()
