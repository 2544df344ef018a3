# SPDX-License-Identifier: Apache-2.0
"""The second act of the demonstration, inside an agency: somebody leaves, forgets, or restores.

Called by ``demo_roads.py``, whose servers go on.
"""

import shutil
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

from comity.cli import cast, forgery
from comity.cli.play import Handed, Play, Side
from comity.language.marks import marked

NEW_WORDS: Final = "other words of practice"
CONTAINER: Final = "MSCU4406170"
LATER: Final = "A third container was seen at the gate."
_DESK: Final = "VN/Anti-smuggling desk"
_AMINA, _JUMA = "officer 1", "officer 2"
"""As others know them."""
_STALE: Final = "untrusted.stale.ended"
_HOLDERS: Final = 3
_NEEDED: Final = 2

_REVOKE = marked("An officer of Mombasa leaves, and is revoked")
_BEFORE = marked("{who} reads before he is revoked")
_REFUSED = marked("{who} reads and asks nothing any more: the program refuses")
_TOLD = marked("Hai Phong is told, and has him on Mombasa's list no more")
_KEPT_COPY = marked("what he signs on a copy of the server that he kept is not believed: {code}")
_RECOVER = marked("Amina has forgotten her passphrase; {needed} of {holders} holders bring shares")
_SHUT = marked("her old passphrase opens nothing any more")
_TOO_FEW = marked("one share alone opens nothing")
_READS = marked("she reads her old thread with a new passphrase")
_SIGNS = marked("she signs with a new key, and Hai Phong verifies it")
_RESTORE = marked("Hai Phong's server breaks and is put back from yesterday's backup")
_FORGOTTEN = marked("the backup knows nothing of the question that came since")
_GAP = marked("Mombasa shows: restored, gap of {gap}")
_NO_FORK = marked("nobody takes it for a second history, and nothing is held against Hai Phong")
_CAUGHT_UP = marked("the question that came after the backup is there again, once")

_LEFT = marked("An officer revoked")
_LOST = marked("A lost passphrase")
_RESTORED = marked("A server restored")
_NOTHING_MORE = marked("reads and signs nothing any more; others are told")
_BACK = marked("recovered with {needed} of {holders} shares; a new key")
_WENT_ON = marked("gap of {gap} shown, no second history, caught up")


class Mishaps:
    """What happens to people and servers, with what was said before still there."""

    def __init__(self, play: Play, kenya: Side, vietnam: Side, thread: str) -> None:
        self.play, self.ke, self.vn = play, kenya, vietnam
        self.thread = thread
        """An old one of Amina's."""
        self.came: list[tuple[str, str]] = []
        """What happened and what came of it, for the last table."""

    def tell(self) -> None:
        self.play.step(_REVOKE)
        self._revoke()
        self.play.step(_RECOVER, needed=_NEEDED, holders=_HOLDERS)
        self._recover()
        self.play.step(_RESTORE)
        self._restore()

    def _note(self, what: str, came: str, **values: str | int) -> None:
        say_in = self.play.out.say_in
        self.came.append((say_in.of(what), say_in.of(came, **values)))

    def _revoke(self) -> None:
        play = self.play
        said = self._said("Juma")
        play.claim(said and said == self._said("Amina"), _BEFORE, who="Juma")
        kept = self._copy(self.ke)
        play.run(self.ke, "revoke", "person", Handed(cast.NAMES["Juma"]), "--reason", "left")
        shown = play.run(self.ke, "show", self.thread, who="Juma", ends=4)
        asked = self._ask("CM/2026/1126", "Juma", ends=4)
        play.claim(not (shown["ok"] or asked["ok"]), _REFUSED, who="Juma")
        play.until(lambda: _JUMA not in self._listed())
        play.claim(_JUMA not in self._listed() and "left" in self._ended(), _TOLD)
        self._ask_from_a_copy(kept)
        self._note(_LEFT, _NOTHING_MORE)

    def _copy(self, side: Side) -> Side:
        """Copy *side*'s home as it stands, to be misused; its server stops meanwhile."""
        self.play.kill(side)
        home = side.home.with_name(f"{side.home.name}-kept")
        shutil.copytree(side.home, home)
        self.play.serve(side)
        return replace(side, home=home)

    def _ask_from_a_copy(self, kept: Side) -> None:
        """Let Juma ask from a copy of the whole server, which does not know that he was revoked."""
        play, stick = self.play, self.play.folder / "kept.comity"
        asked = self._ask("CM/2026/1127", "Juma", at=kept)["thread"]
        play.run(kept, "carry", "out", "--to", "VN", str(stick))
        theirs = self._copy(self.vn)
        play.run(theirs, "carry", "in", str(stick))
        shown = play.run(theirs, "show", asked, who="Lan")
        codes = [each["code"] for each in shown["mistrusted"]]
        play.claim(codes == [_STALE] and not shown["items"], _KEPT_COPY, code=_STALE)

    def _said(self, who: str) -> list[Any]:
        """Return all that was said in the old thread, as *who* of Mombasa reads it."""
        items = self.play.run(self.ke, "show", self.thread, who=who)["items"]
        return [each["body"] for each in items]

    def _ask(self, ref: str, who: str, *, ends: int = 0, at: Side | None = None) -> dict[str, Any]:
        return self.play.run(
            at or self.ke,
            *("ask", "--to", _DESK, "--kind", "container", "--ref", ref),
            *("--set", "container=-", "--set", "asked=movements", "--facts", Handed(LATER)),
            who=who,
            given=CONTAINER,
            ends=ends,
        )

    def _listed(self) -> list[str]:
        """Return the officers of Mombasa as Hai Phong knows them."""
        return [each["label"] for each in self._roster() if each["type"] == "officer"]

    def _ended(self) -> list[str]:
        """Return why keys of Mombasa ended, as Hai Phong knows it."""
        return [each["reason"] for each in self._roster() if each["type"] == "revocation"]

    def _roster(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.play.run(self.vn, "roster", "KE")["items"]
        return items

    def _recover(self) -> None:
        play = self.play
        deciders = cast.decided()
        who = [word for each in ("Wanjiru", "Otieno") for word in ("--holder", self._named(each))]
        split = play.run(
            self.ke,
            *("recover", "split", "--threshold", str(_NEEDED), *who, "--holder", "VN/officer 1"),
            *(*deciders, "-o", str(play.folder / "shares")),
        )["items"]
        play.run(self.ke, "inbox", who="Amina")  # her keys are left with the holders
        words = [
            play.run(side, "recover", "share", split[at]["path"], who=name)["words"]
            for side, name, at in ((self.ke, "Wanjiru", 0), (self.vn, "Lan", 2))
        ]
        join = ("recover", "join", self._named("Amina"), *deciders, "--share", "-")
        new = {"COMITY_NEW_PASSPHRASE": NEW_WORDS}
        few = play.run(self.ke, *join, given=words[0], env=new, ends=1)
        play.claim(not few["ok"], _TOO_FEW)
        before, said = self._key_of_amina(), self._said("Amina")
        play.run(self.ke, *join, given="\n".join(words), env=new)
        shut = play.run(self.ke, "show", self.thread, who="Amina", ends=4)
        play.claim(not shut["ok"], _SHUT)
        play.passphrases["Amina"] = NEW_WORDS
        play.claim(said and said == self._said("Amina"), _READS)
        asked = self._ask("CM/2026/1128", "Amina")["thread"]
        play.until(lambda: asked in self._waiting())
        read = play.run(self.vn, "show", asked, who="Lan")
        verified = LATER in str(read) and not read["mistrusted"]
        play.claim(verified and self._key_of_amina() != before, _SIGNS)
        self._note(_LOST, _BACK, needed=_NEEDED, holders=_HOLDERS)

    def _named(self, who: str) -> Handed:
        return Handed(cast.NAMES[who])

    def _key_of_amina(self) -> bytes:
        return forgery.signing_key(self.vn.home, "KE", _AMINA)

    def _waiting(self) -> list[str]:
        return [each["thread"] for each in self.play.run(self.vn, "inbox", who="Lan")["items"]]

    def _restore(self) -> None:
        play = self.play
        backup = self.vn.home.with_name("vn-yesterday")
        play.kill(self.vn)
        shutil.copytree(self.vn.home, backup)
        play.serve(self.vn)
        asked = self._ask("CM/2026/1129", "Amina")["thread"]
        play.until(lambda: "proven" in self._stages(asked))
        play.kill(self.vn)
        shutil.rmtree(self.vn.home)
        backup.rename(self.vn.home)
        play.claim(asked not in self._waiting(), _FORGOTTEN)
        play.serve(self.vn)
        play.until(self._gaps)
        [gap] = self._gaps()
        play.claim(gap > 0, _GAP, gap=gap)
        play.until(lambda: asked in self._waiting())
        play.claim(self._waiting().count(asked) == 1, _CAUGHT_UP)
        held = self._standing()["standing"]["marks"]
        play.claim(not (held or _forks(self.ke) or _forks(self.vn)), _NO_FORK)
        self._note(_RESTORED, _WENT_ON, gap=gap)

    def _stages(self, thread: str) -> set[str]:
        told = self.play.run(self.ke, "show", thread, who="Amina")["receipts"]
        return {each["stage"] for each in told}

    def _standing(self) -> dict[str, Any]:
        return self.play.run(self.ke, "peer", "show", "VN")

    def _gaps(self) -> list[int]:
        gaps: list[int] = self._standing()["restored"]
        return gaps


def _forks(side: Side) -> int:
    """Return how many forks are kept as evidence in *side*'s home."""
    with closing(forgery.look(side.home)) as database:
        [count] = database.execute("SELECT count(*) FROM evidence WHERE kind = 'fork'").fetchone()
        return int(count)
