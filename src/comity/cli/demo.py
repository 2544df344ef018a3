# SPDX-License-Identifier: Apache-2.0
"""``comity demo``: a question crosses a border on this machine, and every claim is checked.

Kenya and Viet Nam are two servers in two processes with their own homes; in the second act
(``demo_roads.py``) Ethiopia and an NGO have theirs. All persons, companies and numbers are
invented. It ends with exit code 0 only if everything that it says was checked.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import click

from comity.cli import cast, demo_desks, forgery
from comity.cli.call import Call, shared
from comity.cli.demo_desks import has_onlooker
from comity.cli.demo_roads import Roads
from comity.cli.play import PATIENCE, Handed, Play, Side, free_port
from comity.language.marks import marked

DESK: Final = "VN/Anti-smuggling desk"
NUMBER: Final = "+254202012345"
CONTAINER: Final = "CSQU3054383"
REF: Final = "CM/2026/1123"
FACTS: Final = (
    "312.5 kg of raw ivory in nine sacks under planks of timber, in a container declared as timber."
)
OWNER: Final = "Minh Long Timber"
ANSWER: Final = "Registered since May 2025 to Minh Long Timber, Hai Phong."

_TITLE = marked("A question from Mombasa to Hai Phong; all persons and numbers are invented")
_SETTLE = marked("Two countries, two servers, each with its people, its desks and its mandate")
_VOICE = marked("They admit each other, and compare their keys by voice")
_ASK = marked("Mombasa asks who uses the number on the seal, with a report and a photograph")
_SEE = marked("before sending, {count} readers are shown, the oversight desk among them")
_SHORT = marked("the question has a number to be said by telephone: {short}")
_DELIVER = marked("Hai Phong's server receives it and says so, with proof")
_DELIVERED = marked("delivered and proven in {seconds} s; nobody's passphrase was needed")
_READ = marked("Hai Phong opens it, in its own words")
_OPENED = marked(
    "the report and the photograph came to the byte; the number is the one that was sent"
)
_BACK = marked("Hai Phong takes it and asks back; Mombasa answers")
_SUPPLIED = marked("the period arrived: {period}")
_OUTAGE = marked("Hai Phong's server is killed; Mombasa asks about the container meanwhile")
_WAITS = marked("it is kept and not called delivered while nobody is there")
_RETURN = marked("{seconds} s after its return it was there, once")
_ANSWER = marked("Hai Phong answers in part, for the desk alone and not for court")
_ANSWERED = marked("Mombasa reads it, with the handling that Hai Phong gave it")
_WHO = marked("Who can read it, and who cannot")
_READS = marked("{who} reads question and answer")
_OVERSEES = marked("{who}, who oversees, reads what her own side said, and no more")
_CANNOT = marked("{who}, of another desk, is told of no such thread")
_PROOF = marked("Proof leaves the house")
_PROVEN = marked("others have vouched for the receipt of the question")
_PROVED = marked("{count} receipts check offline, with no content in the proof")
_VERIFY = marked("Both homes are checked to the byte")
_CLEAN = marked("{side}: {count} rows, no fault")
_FORGE = marked("A forged message, a lying server and a rewritten record")
_TABLE = (marked("Asked"), marked("Answered"), marked("Readable by"), marked("Proof"))
_ROADS = (marked("Hard roads"), marked("What came of it"))
_END = marked("{claims} claims were checked in {steps} steps; every one holds.")


@click.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the homes in this folder.")
@click.option(
    "--desks/--no-desks",
    default=None,
    help="Serve the officers' pages at the end, until Ctrl-C; by itself where a person looks on.",
)
@shared
def demo(call: Call, *, keep: Path | None, desks: bool | None) -> None:
    """Four agencies on this machine: a question, its proof, and hard roads.

    Needs nothing and leaves nothing behind; ends with 0 only if every claim was checked. Where a
    person looks on, the desks of the four go on in the browser, with a tour of two minutes.
    """
    watched = has_onlooker() and not call.json if desks is None else desks
    with tempfile.TemporaryDirectory(prefix="comity-demo-") as told:
        folder = keep or Path(told)
        folder.mkdir(parents=True, exist_ok=True)
        play = Play(folder, call.out)
        try:
            story = Story(play)
            told_ = story.tell()
            if watched:
                demo_desks.open_desks(play, story.sides)
        finally:
            play.close()
    call.out.give(steps=play.steps, claims=play.claims, **told_)


class Story:
    """Mombasa asks, Hai Phong answers."""

    def __init__(self, play: Play) -> None:
        self.play = play
        play.names = cast.NAMES
        self.ke = Side(country="KE", home=play.folder / "ke", port=free_port())
        self.vn = Side(country="VN", home=play.folder / "vn", port=free_port())
        self.thread = ""
        self.short = ""
        self.container = ""
        """The thread about the container, which is answered in the second act."""
        self.outcome = ""
        self.proof = ""
        self.readers: list[str] = []
        self.sides: tuple[Side, ...] = (self.ke, self.vn)
        """Everybody who has a home when the story is told."""

    def tell(self) -> dict[str, Any]:
        play = self.play
        play.out.line(play.out.say_in.of(_TITLE), style="bold")
        play.step(_SETTLE)
        with ThreadPoolExecutor(2) as both:
            list(both.map(partial(cast.settle, play), (self.ke, self.vn)))
        play.step(_VOICE)
        invited = {side: play.run(side, "peer", "invite") for side in (self.ke, self.vn)}
        cast.admit(play, self.ke, self.vn, invited[self.vn]["invitation"])
        cast.admit(play, self.vn, self.ke, invited[self.ke]["invitation"])
        for side in (self.ke, self.vn):
            play.serve(side)
        play.step(_ASK)
        self._ask()
        play.step(_DELIVER)
        spent = play.until(lambda: "proven" in self._receipts(self.ke, "Amina"))
        play.claim(spent < PATIENCE, _DELIVERED, seconds=f"{spent:.1f}")
        play.step(_READ)
        self._read()
        play.step(_BACK)
        self._ask_back()
        play.step(_OUTAGE)
        self._outage()
        play.step(_ANSWER)
        self._answer()
        play.step(_WHO)
        self._who()
        play.step(_PROOF)
        self._prove()
        play.step(_VERIFY)
        play.stop_all()
        self._verify()
        play.step(_FORGE)
        forgery.perform(play, self.ke, self.vn)
        roads = Roads(play, self.ke, self.vn, self.container)
        roads.tell()
        self.sides = roads.everybody
        play.end_step()
        return self._table(roads.came)

    def _ask(self) -> None:
        play = self.play
        words = (
            *("ask", "--to", DESK, "--kind", "phone", "--ref", Handed(REF)),
            *("--set", "number=-", "--set", "found=seal", "--facts", Handed(FACTS)),
            *("--why-you", Handed("The number was written on the seal.")),
        )
        seen = play.run(self.ke, *words, "--dry-run", who="Amina", given=NUMBER)["items"]
        whys = {each["why"] for each in seen}
        play.claim({"author", "addressed", "oversight"} <= whys, _SEE, count=len(seen))
        with _attachments() as (report, photograph):
            asked = play.run(
                self.ke,
                *words,
                *("--attach", str(report), "--attach", str(photograph)),
                who="Amina",
                given=NUMBER,
            )
        self.thread, self.short = asked["thread"], asked["short"]
        play.claim(self.short.startswith("KV-"), _SHORT, short=self.short)

    def _read(self) -> None:
        play = self.play
        said = self._show(self.vn, "Lan")["items"][0]["body"]
        show = ("show", self.thread, "--file")
        came = {play.read(self.vn, *show, str(1 + at), who="Lan") for at in range(2)}
        with _attachments() as originals:
            same = came == {each.read_bytes() for each in originals}
        play.claim(same and said["fields"]["number"] == [NUMBER], _OPENED)

    def _ask_back(self) -> None:
        play, period = self.play, "2026-11-01/2026-11-20"
        play.run(self.vn, "take", self.short, who="Lan")
        play.run(self.vn, "acknowledge", self.short, who="Lan")
        play.run(
            self.vn,
            *("ask-back", self.short, "--reason", "period", "--field", "period"),
            who="Lan",
        )
        play.until(lambda: self._show(self.ke, "Amina")["stage"] == "asked-back")
        play.run(
            self.ke,
            *("answer", self.short, "--outcome", "information"),
            *("--text", Handed(period)),
            who="Amina",
        )
        play.until(lambda: self._show(self.vn, "Lan")["stage"] == "supplied")
        last = self._show(self.vn, "Lan")["items"][-1]
        play.claim(period in str(last), _SUPPLIED, period=period)

    def _outage(self) -> None:
        play = self.play
        play.kill(self.vn)
        second = play.run(
            self.ke,
            *("ask", "--to", DESK, "--kind", "container", "--ref", "CM/2026/1124"),
            *("--set", "container=-", "--set", "asked=parties", "--facts", Handed(FACTS)),
            who="Amina",
            given=CONTAINER,
        )
        thread = self.container = second["thread"]
        before = self._receipts(self.ke, "Amina", thread)
        play.claim("delivered" not in before, _WAITS)
        play.serve(self.vn)
        spent = play.until(lambda: "delivered" in self._receipts(self.ke, "Amina", thread))
        waiting = play.run(self.vn, "inbox", who="Lan")["items"]
        found = [each for each in waiting if each["thread"] == thread]
        play.claim(len(found) == 1, _RETURN, seconds=f"{spent:.1f}")

    def _answer(self) -> None:
        play = self.play
        play.run(
            self.vn,
            *("answer", self.short, "--outcome", "partly", "--set", "registered_name=-"),
            *("--text", Handed(ANSWER), "--see", "desk", "--onward", "no", "--court", "no"),
            who="Lan",
            given=OWNER,
        )
        play.until(lambda: self._show(self.ke, "Amina")["stage"] == "answered")
        last = self._show(self.ke, "Amina")["items"][-1]
        handling = last["body"]["handling"]
        kept = (handling["onward"], handling["judicial"]) == ("no", "no")
        play.claim(kept and ANSWER in str(last), _ANSWERED)
        self.outcome = last["body"]["outcome"]

    def _who(self) -> None:
        play = self.play
        for side, who in ((self.ke, "Otieno"), (self.vn, "Tuan")):
            refused = play.run(side, "show", self.thread, who=who, ends=2)
            play.claim(refused["code"].endswith("thread-unknown"), _CANNOT, who=who)
        for side, names in ((self.ke, ("Amina", "Juma")), (self.vn, ("Lan", "Minh"))):
            for who in names:
                told = self._show(side, who)
                play.claim(FACTS in str(told) and ANSWER in str(told), _READS, who=who)
                self.readers.append(who)
        for side, who, own, other in (
            (self.ke, "Wanjiru", FACTS, ANSWER),
            (self.vn, "Huong", ANSWER, FACTS),
        ):
            seen = str(self._show(side, who))
            play.claim(own in seen and other not in seen, _OVERSEES, who=who)

    def _prove(self) -> None:
        play = self.play
        proof = play.folder / "thread.proof"
        play.run(self.ke, "ledger", "prove", self.thread, "--output", str(proof))
        shown = play.run(self.ke, "ledger", "check", str(proof))
        content = proof.read_bytes()
        hidden = not any(each.encode() in content for each in (FACTS, NUMBER, ANSWER))
        stages = {each["stage"] for each in shown["receipts"]}
        play.claim(hidden and "delivered" in stages, _PROVED, count=len(shown["receipts"]))
        proven = {
            e["act"] for e in self._show(self.ke, "Amina")["receipts"] if e["stage"] == "proven"
        }
        asked = self._show(self.ke, "Amina")["items"][0]["act"]
        play.claim(asked in proven, _PROVEN)
        self.proof = "proven"

    def _verify(self) -> None:
        for side in (self.ke, self.vn):
            told = self.play.run(side, "verify")
            rows = sum(told["checked"].values())
            self.play.claim(told["ok"] and not told["items"], _CLEAN, side=side.country, count=rows)

    def _table(self, roads: Sequence[tuple[str, str]]) -> dict[str, Any]:
        row = {
            "asked": f"{self.short} · {REF}",
            "answered": self.outcome,
            "readable": ", ".join(self.readers),
            "proof": self.proof,
        }
        out = self.play.out
        out.line("")
        out.table(_TABLE, [tuple(row.values())])
        out.line("")
        out.table(_ROADS, roads)
        out.say(_END, claims=self.play.claims, steps=self.play.steps)
        return {"thread": self.thread, "items": [row], "roads": [list(each) for each in roads]}

    def _show(self, side: Side, who: str, *more: str) -> dict[str, Any]:
        return self.play.run(side, "show", self.thread, *more, who=who)

    def _receipts(self, side: Side, who: str, thread: str = "") -> set[str]:
        told = self.play.run(side, "show", thread or self.thread, who=who)
        return {each["stage"] for each in told["receipts"]}


@contextlib.contextmanager
def _attachments() -> Iterator[tuple[Path, Path]]:
    """Yield the report and the photograph that go with the question."""
    told = files("comity.cli") / "story"
    with as_file(told / "seizure.pdf") as report, as_file(told / "seal.jpg") as photograph:
        yield report, photograph
