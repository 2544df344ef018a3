# SPDX-License-Identifier: Apache-2.0
"""The demonstration with canaries in it, each process of it recorded, looked at after each command.

Run by ``test_at_rest.py`` as a program under ``recorder.py``: ``at_rest.py FOLDER`` plays the whole
demonstration, ``at_rest.py FOLDER --traced PROGRAM…`` a shorter one with *PROGRAM* before Python.
Prints what was found as JSON.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.faults.canaries import MARK, Cage, planted, slice_of  # noqa: E402

from comity.cli import cast, demo, demo_mishaps, demo_roads, play  # noqa: E402
from comity.cli.output import Output  # noqa: E402
from comity.cli.play import Handed, Play, Side  # noqa: E402

RECORDER = Path(__file__).with_name("recorder.py")
STORY = Path(demo.__file__).with_name("story")
PERIOD = "2026-11-01/2026-11-20"
WHY = "The number was written on the seal."
CALLED = "+254 20 765 4321"


def plant() -> None:
    """Put a mark into everything that people say in the demonstration."""
    demo.FACTS = f"312.5 kg of raw ivory ({MARK}) in nine sacks under planks."  # type: ignore[misc]
    demo.ANSWER = f"Registered since May 2025 to {MARK}, Hai Phong."  # type: ignore[misc]
    demo.OWNER = f"{MARK} Timber"  # type: ignore[misc]
    demo.REF = f"CM/2026/{MARK}"  # type: ignore[misc]
    cast.CALLED = CALLED  # type: ignore[misc]
    cast.DECIDERS = (f"A. {MARK}", f"B. {MARK}")  # type: ignore[misc]
    cast.NAMES = {who: f"{name} {MARK}" for who, name in cast.NAMES.items()}  # type: ignore[misc]
    for module, names in (
        (demo_roads, ("ANSWER", "NEWS", "REMARK", "WHY", "SHIPPER", "CONDITION")),
        (demo_mishaps, ("LATER", "NEW_WORDS")),
    ):
        for name in names:
            setattr(module, name, f"{getattr(module, name)} {MARK}")
    play.PASSPHRASE = f"{MARK} is a word of practice"  # type: ignore[misc]


def canaries() -> Cage:
    """Return what must not be found anywhere once it has been planted."""
    texts = {
        "mark": MARK,
        "number": demo.NUMBER.removeprefix("+254"),
        "container": demo.CONTAINER,
        "second container": demo_roads.CONTAINER,
        "third container": demo_mishaps.CONTAINER,
        "telephone": CALLED.removeprefix("+254 "),
        "telephone, bare": CALLED.removeprefix("+254 ").replace(" ", ""),
        "period": PERIOD,
        "why": WHY,
        "name of the report": "seizure.pdf",
        "name of the photograph": "seal.jpg",
    }
    raw = {
        f"{name} at {at}": slice_of(STORY / name, at)
        for name in ("seizure.pdf", "seal.jpg")
        for at in (0.1, 0.5, 0.9)
    }
    return planted(texts, raw)


@dataclass(slots=True)
class Watched(Play):
    """A play after each command of which everything that was written is looked at."""

    cage: Cage = field(default_factory=lambda: Cage(()))
    spoken: Cage = field(default_factory=lambda: Cage(()))
    """The same without the names of files: a path has to stand on the command line."""
    found: list[str] = field(default_factory=list)
    commands: int = 0
    looked: int = 0
    idle: list[str] = field(default_factory=list)
    """Commands that succeeded and after which there was nothing new to look at."""
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def _done(
        self,
        side: Side,
        words: Sequence[str | Handed],
        who: str,
        given: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Any:
        before = self.looked
        done = super(Watched, self)._done(side, words, who, given, env)
        self.commands += 1
        said = " ".join(str(each) for each in words[:2] if isinstance(each, str))
        self._note(f"what {said} says aloud", self.cage.found(done.stderr))
        self.look(said)
        if self.looked == before and done.returncode == 0 and "--dry-run" not in words:
            self.idle.append(said)
        return done

    def look(self, after: str) -> None:
        """Look into everything that anybody has written so far and that changed since."""
        for path in self.written():
            try:
                told = path.stat()
            except FileNotFoundError:
                continue
            stamp = (told.st_mtime_ns, told.st_size)
            if self._seen.get(path) != stamp:
                self._seen[path] = stamp
                self.looked += 1
                self._note(f"{path}, after {after}", self.cage.found_in(path))

    def written(self) -> set[Path]:
        """Return every file that was recorded, its siblings, and all that lies in our folders."""
        told = {Path(each["what"]) for each in self.record() if each["kind"] == "path"}
        siblings = {
            path.with_name(path.name + ending)
            for path in told
            if path.name.endswith(".db")
            for ending in ("-wal", "-shm", "-journal")
        }
        here = {each for each in self.folder.parent.rglob("*") if each.is_file()}
        return {each for each in told | siblings | here if each != self.log_file}

    @property
    def log_file(self) -> Path:
        return Path(os.environ["AT_REST_LOG"])

    def record(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def look_at_what_was_called(self) -> dict[str, int]:
        """Look at the arguments of every process and at the heads of every request."""
        count = {"argv": 0, "http": 0, "path": 0}
        for each in self.record():
            count[each["kind"]] += 1
            if each["kind"] != "path":
                said = json.dumps(each["what"]).encode()
                self._note(f"{each['kind']}: {said[:80]!r}", self.spoken.found(said))
        return count

    def _note(self, where: str, names: Sequence[str]) -> None:
        self.found += [f"{name} in {where}" for name in names]


def main(folder: Path, traced: Sequence[str]) -> None:
    plant()
    cage = canaries()
    spoken = Cage(tuple((name, form) for name, form in cage.forms if not name.startswith("name ")))
    out = Output("en", as_json=True, clock=lambda: None)  # type: ignore[arg-type,return-value]
    log = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    recorded = (sys.executable, str(RECORDER))
    watched = Watched(folder / "play", out, python=recorded, log=log, cage=cage, spoken=spoken)
    watched.folder.mkdir()
    story = demo.Story(watched)
    try:
        if traced:
            short(story, (*traced, *recorded))
        else:
            story.tell()
    finally:
        watched.stop_all()
    watched.look("the end")
    told = {
        "found": watched.found,
        "commands": watched.commands,
        "looked": watched.looked,
        "idle": watched.idle,
        "called": watched.look_at_what_was_called(),
        "paths": sorted({str(each) for each in watched.written()}),
        "mark": MARK,
    }
    print(json.dumps(told))


def short(story: demo.Story, python: Sequence[str]) -> None:
    """Play as much of the story as writes something of each kind, traced from the question on."""
    watched = story.play
    for side in (story.ke, story.vn):
        cast.settle(watched, side)
    invited = {side: watched.run(side, "peer", "invite") for side in (story.ke, story.vn)}
    cast.admit(watched, story.ke, story.vn, invited[story.vn]["invitation"])
    cast.admit(watched, story.vn, story.ke, invited[story.ke]["invitation"])
    watched.python = python
    for side in (story.ke, story.vn):
        watched.serve(side)
    story._ask()
    watched.until(lambda: "proven" in story._receipts(story.ke, "Amina"), 120)
    story._read()
    story._answer()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
