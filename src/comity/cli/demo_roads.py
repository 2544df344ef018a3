# SPDX-License-Identifier: Apache-2.0
"""The second act of the demonstration, between agencies: no line, no leave, and taken back.

Ethiopia and an NGO join Kenya and Viet Nam. What happens inside one agency, when somebody leaves,
forgets or loses a server, stands in ``demo_mishaps.py``.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any, Final

from comity.cli import cast, forgery
from comity.cli.demo_mishaps import Mishaps
from comity.cli.play import Handed, Play, Side, free_port
from comity.language.marks import marked

ANSWER: Final = "Sent by Bien Dong Timber, to be unloaded in Djibouti."
REMARK: Final = "The ship calls at Djibouti first."
NEWS: Final = "A second container of the same shipper has left Mombasa."
WHY: Final = "The number was misread."
SHIPPER: Final = "Bien Dong Timber"
CONTAINER: Final = "MSKU9070323"
_UNTIL: Final = "2027-10-31"
_DESK: Final = "VN/Anti-smuggling desk"
_DUTY_DESK: Final = "ET/Duty desk"

_JOIN = marked("Ethiopia and an NGO join; Kenya, Viet Nam and Ethiopia know the NGO")
_INTRODUCE = marked("The NGO introduces Ethiopia to Viet Nam, who do not know each other")
_ALONE = marked("one person alone cannot accept an introduction")
_ACCEPTED = marked("the NGO is told that both accepted")
_BLIND = marked("a question passed between the two, and nothing of it is on the NGO's server")
_BY_STICK = marked("Hai Phong's line is cut; its answer travels on a stick")
_CARRIED = marked("one message came out of the file")
_RECEIPT = marked("the receipt came back in the answering file, and is verified")
_ONCE = marked("the same stick a second time brings nothing")
_CONSENT = marked("Mombasa wants Ethiopia to have the answer, and has to ask")
_NEEDED = marked("without Hai Phong's consent the program refuses to pass it on")
_GIVEN = marked("Hai Phong is asked, and consents on a condition: {condition}")
_VERIFIED = marked("Ethiopia reads what Hai Phong signed, verified to Hai Phong's own key")
_RECALL = marked("Mombasa takes back what it told Hai Phong, and what it passed to Ethiopia")
_TALLY = marked("{who} answers: deleted")
_GONE = marked("the sealed bytes are gone from {who}'s server")
_REPLAYED = marked("an old stick with the message brings nothing back")
_VERIFY = marked("All four homes are checked to the byte")
_CLEAN = marked("{side}: no fault")

CONDITION: Final = "by their duty desk alone"
_INTRODUCED = marked("Introduced by an NGO")
_STICK = marked("One message by stick")
_ASKED = marked("Consent asked and given")
_TAKEN_BACK = marked("Recalled")
_SAW_ACCEPTED = marked("accepted by both, compared by voice; no content seen")
_CAME_ONCE = marked("delivered with its receipt, once")
_READ_BEYOND = marked("read in Ethiopia, signed by Hai Phong")
_ALL_DELETED = marked("{count} of {count} holders deleted it")


class Roads:
    """Four agencies, and what lies between them."""

    def __init__(self, play: Play, kenya: Side, vietnam: Side, container: str) -> None:
        folder = play.folder
        self.play, self.ke, self.vn = play, kenya, vietnam
        self.et = Side(country="ET", home=folder / "et", port=free_port())
        self.ngo = Side(country="ZA", home=folder / "ngo", port=free_port())
        self.container = container
        self.passed = ""
        self.came: list[tuple[str, str]] = []
        """What happened and what came of it, for the last table."""

    @property
    def everybody(self) -> tuple[Side, ...]:
        return (self.ke, self.vn, self.et, self.ngo)

    def tell(self) -> None:
        for said, scene in (
            (_JOIN, self._join),
            (_INTRODUCE, self._introduce),
            (_BY_STICK, self._by_stick),
            (_CONSENT, self._consent),
            (_RECALL, self._recall),
        ):
            self.play.step(said)
            scene()
        mishaps = Mishaps(self.play, self.ke, self.vn, self.container)
        mishaps.tell()
        self.came += mishaps.came
        self.play.step(_VERIFY)
        self.play.stop_all()
        for side in self.everybody:
            told = self.play.run(side, "verify")
            name = cast.AGENCIES[side.country].name
            self.play.claim(told["ok"] and not told["items"], _CLEAN, side=name)

    def note(self, what: str, came: str, **values: str | int) -> None:
        """Note for the last table what came of it."""
        say_in = self.play.out.say_in
        self.came.append((say_in.of(what), say_in.of(came, **values)))

    def _join(self) -> None:
        play = self.play
        with ThreadPoolExecutor(2) as both:
            list(both.map(partial(cast.settle, play), (self.et, self.ngo)))
            invited = {
                each.country: play.run(each, "peer", "invite")["invitation"]
                for each in self.everybody
            }
            meetings = ((self.ngo, self.et), (self.ngo, self.vn), (self.ke, self.et))
            for one, other in meetings:
                cast.admit(play, one, other, invited[other.country])
                cast.admit(play, other, one, invited[one.country])
            list(both.map(play.serve, self.everybody))

    def _introduce(self) -> None:
        play = self.play
        made = play.run(
            self.ngo,
            *("introduce", "ET", "--to", "VN", "--scope", "*", "--until", _UNTIL),
            *("--reason", "ivory by sea"),
            who="Grace",
        )["id"]
        accept = ("peer", "accept", "--introduction", made)
        for side in (self.et, self.vn):
            play.until(partial(self._introductions, side))
        alone = play.run(self.et, *accept, *cast.decided()[:2], ends=2)
        play.claim(not alone["ok"], _ALONE)
        for side in (self.et, self.vn):
            play.run(side, *accept, *cast.decided())
        play.until(lambda: self._outcomes() == ["accepted", "accepted"])
        play.claim(self._outcomes() == ["accepted", "accepted"], _ACCEPTED)
        cast.compare(play, self.et, self.vn)
        cast.compare(play, self.vn, self.et)
        self._ask_beyond()
        self.note(_INTRODUCED, _SAW_ACCEPTED)

    def _introductions(self, side: Side) -> object:
        return self.play.run(side, "peer", "introductions")["items"]

    def _outcomes(self) -> list[str]:
        [made] = self.play.run(self.ngo, "peer", "introductions")["made"]
        return [each["outcome"] for each in made["sides"]]

    def _ask_beyond(self) -> None:
        """Let the two that were introduced use it, and look for it at the NGO."""
        play = self.play
        asked = play.run(
            self.vn,
            *("ask", "--to", _DUTY_DESK, "--kind", "container", "--ref", "HP/2026/9"),
            *("--set", "container=-", "--set", "asked=movements"),
            who="Lan",
            given=CONTAINER,
        )["thread"]
        play.until(lambda: play.run(self.et, "inbox", who="Abebe")["items"])
        read = play.run(self.et, "show", asked, who="Abebe")
        waits = play.run(self.ngo, "inbox", who="Grace")["items"]
        files = [each for each in self.ngo.home.rglob("*") if each.is_file()]
        held = b"".join(each.read_bytes() for each in files)
        there = any(each.encode() in held for each in (asked, CONTAINER))
        play.claim(CONTAINER in str(read) and not waits and not there, _BLIND)

    def _by_stick(self) -> None:
        play = self.play
        stick, back = play.folder / "to-mombasa.comity", play.folder / "to-hai-phong.comity"
        play.kill(self.vn)
        play.run(
            self.vn,
            *("answer", self.container, "--outcome", "information", "--onward", "ask"),
            *("--set", "sender=-", "--text", Handed(ANSWER)),
            who="Lan",
            given=SHIPPER,
        )
        play.run(self.vn, "carry", "out", "--to", "KE", str(stick))
        came = play.run(self.ke, "carry", "in", str(stick), "--answer", str(back))
        play.claim(came["messages"] == 1, _CARRIED)
        play.run(self.vn, "carry", "in", str(back))
        answer = self._show(self.vn, "Lan", self.container)["items"][-1]["act"]
        receipts = self._show(self.vn, "Lan", self.container)["receipts"]
        verified = [e for e in receipts if (e["act"], e["stage"]) == (answer, "delivered")]
        play.claim(verified, _RECEIPT)
        again = play.run(self.ke, "carry", "in", str(stick))
        items = self._show(self.ke, "Amina", self.container)["items"]
        answers = [each for each in items if each["act"] == answer]
        play.claim(again["messages"] == 0 and len(answers) == 1, _ONCE)
        play.serve(self.vn)
        self.note(_STICK, _CAME_ONCE)

    def _consent(self) -> None:
        play = self.play
        onward = ("pass-on", self.container, "--to", _DUTY_DESK, "--ref", "CM/2026/1124")
        refused = play.run(self.ke, *onward, who="Amina", ends=1)
        play.claim(refused["code"] == "refused.needs-consent", _NEEDED)
        play.run(self.ke, "consent", "ask", self.container, "--to", "ET", "--urgent", who="Amina")
        play.until(lambda: self._consents(self.vn, "Lan"))
        give = ("consent", "give", self.container, "--condition", Handed(CONDITION))
        play.run(self.vn, *give, who="Lan")
        play.until(lambda: self._consents(self.ke, "Amina")[0]["stands"] != "waits")
        stands = self._consents(self.ke, "Amina")[0]["stands"]
        play.claim(stands == "conditions", _GIVEN, condition=CONDITION)
        sent = play.run(self.ke, *onward, "--remark", Handed(REMARK), who="Amina")
        self.passed = sent["thread"]
        play.until(lambda: self._waits(self.et, "Abebe", self.passed))
        shown = self._show(self.et, "Abebe", self.passed)
        told = play.run(self.et, "show", self.passed, who="Abebe")
        first = shown["passed_on"]["originator"] == play.run(self.vn, "roster")["id"]
        sure = shown["passed_on"]["backing"] == "verified"
        play.claim(first and sure and ANSWER in str(told), _VERIFIED)
        self.note(_ASKED, _READ_BEYOND)

    def _consents(self, side: Side, who: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._show(side, who, self.container)["consents"]
        return found

    def _recall(self) -> None:
        play = self.play
        stick = play.folder / "news.comity"
        play.kill(self.ke)
        told = play.run(
            self.ke,
            *("tell", "--to", _DESK, "--kind", "container", "--ref", "CM/2026/1125"),
            *("--facts", Handed(NEWS)),
            who="Amina",
        )
        play.run(self.ke, "carry", "out", "--to", "VN", str(stick))
        play.run(self.vn, "carry", "in", str(stick))
        read = self._show(self.vn, "Lan", told["thread"])
        passed = self._show(self.ke, "Amina", self.passed)["items"][0]["act"]
        held = {self.vn: (told["thread"], told["id"]), self.et: (self.passed, passed)}
        before = [sealed_of(side, act) for side, (_, act) in held.items()]
        play.serve(self.ke)
        for side, (thread, act) in held.items():
            play.run(self.ke, "recall", thread, "--text", Handed(WHY), who="Amina")
            play.until(partial(self._is_removed, thread))
            name = cast.AGENCIES[side.country].name
            play.claim(self._is_removed(thread), _TALLY, who=name)
            play.claim(all(before) and not sealed_of(side, act), _GONE, who=name)
        again = play.run(self.vn, "carry", "in", str(stick))
        after = self._show(self.vn, "Lan", told["thread"])
        kept = NEWS in str(read) and NEWS not in str(after)
        gone = not sealed_of(self.vn, told["id"])
        play.claim(again["messages"] == 0 and kept and gone, _REPLAYED)
        self.note(_TAKEN_BACK, _ALL_DELETED, count=len(held))

    def _is_removed(self, thread: str) -> bool:
        """Return whether every holder has answered that it is deleted, and there is but one."""
        return self._tally(thread) == ["removed"]

    def _tally(self, thread: str) -> list[str]:
        items = self.play.run(self.ke, "recall", thread, "--tally", who="Amina")["items"]
        return [each["held"] for item in items for each in item["tally"]]

    def _waits(self, side: Side, who: str, thread: str) -> bool:
        lines = self.play.run(side, "inbox", who=who)["items"]
        return thread in {each["thread"] for each in lines}

    def _show(self, side: Side, who: str, thread: str) -> dict[str, Any]:
        return self.play.run(side, "show", thread, who=who)


def sealed_of(side: Side, act: str) -> int:
    """Return how many sealed envelopes of *act* lie in *side*'s home, as its thief would count."""
    with closing(forgery.look(side.home)) as database:
        [count] = database.execute(
            "SELECT count(*) FROM copies JOIN envelopes USING (envelope) WHERE act = ?", (act,)
        ).fetchone()
        return int(count)
