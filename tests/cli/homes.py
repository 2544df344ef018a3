# SPDX-License-Identifier: Apache-2.0
"""Several offices' homes, made by the commands themselves, on one clock that a story moves.

``Homes(folder, offices, at=…)`` makes them; ``admit`` lets one admit another and compare its
digits; ``sits`` gives the hand that types there; ``exchange`` lets what waits anywhere cross.
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.desk_top import Typed, Typist, free_port, members

from comity.cli.main import now
from comity.node import Node
from comity.services import admit as admission
from comity.services import duties
from comity.services.address_book import read_book
from comity.storage import outbox

ROUNDS = 100
DECIDED = ("--decided-by", "A. First", "--decided-by", "B. Second")


class StoryClock:
    """A clock that runs from where the story put it last; from now, if it did not."""

    def __init__(self, at: datetime | None = None) -> None:
        self._begun = time.monotonic()
        self._at = at or now()

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._begun)

    def put(self, at: datetime) -> None:
        """Let it be *at* now."""
        self._begun, self._at = time.monotonic(), at

    def pass_(self, **of: float) -> None:
        self.put(self() + timedelta(**of))


@dataclass(frozen=True, kw_only=True)
class Office:
    """An agency with one desk, whoever works there, and who oversees them."""

    agency: str
    country: str
    desk: str
    people: tuple[str, ...]
    supervisor: str = ""
    kind: str = "agency"
    zone: str = "UTC"
    language: str = "en"
    duty: tuple[str, ...] = ()
    """More options of its desk: hours, holidays, telephone."""


@dataclass(slots=True)
class Homes:
    folder: Path
    offices: Mapping[str, Office]
    ports: dict[str, int]
    clock: StoryClock
    capture: pytest.CaptureFixture[str] | None = None
    away: set[str] = field(default_factory=set)
    """Homes whose servers nobody reaches, and which call nobody."""
    ids: dict[str, str] = field(default_factory=dict)
    """The id of each server."""

    @classmethod
    def made(
        cls, folder: Path, offices: Mapping[str, Office], clock: StoryClock | None = None
    ) -> "Homes":
        """Make a home for each of *offices*; nobody has admitted anybody yet."""
        ports = {name: free_port() for name in offices}
        homes = cls(folder, offices, ports, clock or StoryClock())
        for name in offices:
            homes._settle(name)
            with homes.opened(name) as node:
                homes.ids[name] = node.house.keys.node
        return homes

    def copied(self, folder: Path, capture: pytest.CaptureFixture[str]) -> "Homes":
        """Return a copy of them in *folder*, for one test."""
        for name in self.offices:
            shutil.copytree(self.folder / name, folder / name)
            shutil.copy(self.invitation(name), folder)
        capture.readouterr()
        return replace(self, folder=folder, capture=capture, away=set())

    def sits(self, name: str, who: str = "") -> Typist:
        """Return the hand of *who* at the home *name*; else of the first who works there."""
        person = who or self.offices[name].people[0]
        return Typist(self.folder / name, person, self.capture, clock=self.clock)

    def admit(self, here: str, there: str) -> None:
        """Let *here* admit *there* on a letter and a call, and compare its digits."""
        done = self.accept(here, there)
        assert done.code == 0, done.err
        said = self.check(here, there)
        assert said.code == 0, said.err

    def accept(self, here: str, there: str) -> Typed:
        """Let *here* admit *there* on a letter and a call."""
        return self.sits(here).type(
            *("peer", "accept", f"@{self.invitation(there)}"),
            *("--nominated-by", "Ministry", "--letter", "M/1", "--called", "-"),
            *("--number-from", "own site", "--review", "2099-01-01", *DECIDED),
            stdin=b"+254 20 000 0000",
        )

    def check(self, here: str, there: str) -> Typed:
        """Let *here* compare the digits that *there* reads aloud."""
        digits = self.digits(there).encode()
        name = self.offices[there].agency
        words = ("peer", "check", name, "--digits", "-", "--by", "A. First")
        return self.sits(here).type(*words, stdin=digits)

    def invitation(self, name: str) -> Path:
        return self.folder / f"{name}.invitation"

    def digits(self, name: str) -> str:
        with self.opened(name) as node:
            return admission.fingerprint(read_book(node.house).own[0])

    @contextmanager
    def opened(self, name: str) -> Iterator[Node]:
        node = Node.open(self.folder / name, ask_house=str, clock=self.clock)
        try:
            yield node
        finally:
            node.close()

    def exchange(self) -> None:
        """Let the first call, and the others answer and call, until nothing waits that can cross."""
        caller, *others = self._there()
        with ExitStack() as stack:
            nodes = []
            for each in others:
                nodes.append(stack.enter_context(self.opened(each)))
                stack.enter_context(nodes[-1].serving("127.0.0.1", self.ports[each]))
            for _ in range(ROUNDS):
                # Some of those whom it knows may not know it, or may not be there.
                assert self.sits(caller).type("sync").code in (0, 4)
                with self.opened(caller) as node:
                    if not any(map(self._waiting, [node, *nodes])):
                        break
                time.sleep(0.1)
            else:
                raise AssertionError("something still waits")

    def look(self) -> None:
        """Let every server look at the clock, as it does while it runs."""
        for each in self._there():
            with self.opened(each) as node:
                duties.look(node.house, "clock")

    def _waiting(self, node: Node) -> int:
        there = {self.ids[each] for each in self._there()}
        with node.house.store.read() as reading:
            return sum(e.count for e in outbox.pending(reading) if e.to_node in there)

    def _there(self) -> list[str]:
        return [each for each in self.offices if each not in self.away]

    def _settle(self, name: str) -> None:
        office, hand = self.offices[name], self.sits(name)
        desk = ("desk", "add", "--name", office.desk, "--zone", office.zone)
        commands: list[tuple[str | Path, ...]] = [
            (
                *("node", "create", "--agency", office.agency, "--country", office.country),
                *("--type", office.kind, "--practice"),
                *("--address", f"http://127.0.0.1:{self.ports[name]}"),
            ),
            *(("officer", "add", "--name", each) for each in office.people),
            (*desk, "--language", office.language, *office.duty, *members(office.people)),
            ("mandate", "add", "--law", "Act 12", "--signed-by", "M", "--until", "2099-12-31"),
        ]
        if office.supervisor:
            who = office.supervisor
            commands += [
                ("officer", "add", "--name", who, "--role", "supervisor"),
                ("desk", "add", "--name", "Oversight", "--oversight", "--member", who),
            ]
        for each in (*commands, ("peer", "invite", "-o", self.invitation(name))):
            done = hand.type(*each)
            assert done.code == 0, (each, done.err)
