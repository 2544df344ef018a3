# SPDX-License-Identifier: Apache-2.0
"""J1, steps 11 and 12, typed: three countries' homes, made and used by the commands alone."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from tests.cli.desk_top import (
    ABEBE,
    AMINA,
    JOSEPH,
    MINH,
    Typist,
    admit,
    free_port,
    settle,
)
from tests.cli.test_json import compare

from comity.node import Node
from comity.storage import outbox


class Three:
    """Kenya, Viet Nam and Ethiopia, each with whoever does the work there."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("ke", "vn", "et")}
        for name, port in self.ports.items():
            settle(folder / name, name.upper(), port)
        for here, there in permutations(self.ports, 2):
            admit(folder / here, folder / there, there.upper())
        capture.readouterr()
        self.ke = Typist(folder / "ke", AMINA, capture)
        self.vn = Typist(folder / "vn", MINH, capture)
        self.et = Typist(folder / "et", ABEBE, capture)

    @contextmanager
    def serving(self) -> Iterator[list[Node]]:
        """Let Viet Nam's and Ethiopia's servers answer until the block ends."""
        with ExitStack() as stack:
            nodes = []
            for name in ("vn", "et"):
                node = Node.open(self.folder / name, ask_house=str, clock=lambda: datetime.now(UTC))
                stack.callback(node.close)
                stack.enter_context(node.serving("127.0.0.1", self.ports[name]))
                nodes.append(node)
            yield nodes

    def exchange(self) -> None:
        """Let what waits anywhere cross."""
        with self.serving() as nodes:
            for _ in range(100):
                assert self.ke.type("sync").code == 0
                if not any(_waits(node) for node in nodes):
                    return
                time.sleep(0.1)
        raise AssertionError("something still waits")


def _waits(node: Node) -> bool:
    with node.house.store.read() as reading:
        return bool(outbox.pending(reading))


@pytest.fixture
def three(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Three:
    return Three(tmp_path, capfd)


def refused(hand: Typist, *words: str) -> str:
    """Run a command that the program refuses; return the code that programs are told."""
    done = hand.act(*words, "--json")
    assert done.code == 1, done.out
    code: str = done.told["code"]
    return code


@pytest.mark.slow
def test_an_answer_goes_on_to_ethiopia_and_the_thread_to_the_late_shift(three: Three) -> None:
    ke, vn, et = three.ke, three.vn, three.et
    photo = three.folder / "card.jpg"
    photo.write_bytes(b"\xff\xd8" * 4000)

    # 08:05 asked; 13:05 answered: for the desk, and not to be passed on without asking.
    short = ke.act_json(
        *("ask", "--to", "VN/Anti-smuggling desk", "--kind", "phone", "--ref", "CUS/44"),
        *("--set", "number=-"),
        stdin=b"+84901234567",
    )["short"]
    three.exchange()
    vn.act_json(
        *("answer", short, "--outcome", "partly", "--set", "registered_name=-", "--court", "no"),
        *("--attach", photo),
        stdin=b"Minh Long Timber",
    )
    three.exchange()

    # He tries to pass it to Ethiopia: refused by the program, and told what to do.
    onward = ("pass-on", short, "--to", "ET/Duty desk", "--ref", "CUS/44")
    assert refused(ke, *onward) == "refused.needs-consent"
    assert "Ask for consent first." in ke.act(*onward).err
    assert et.act_json("inbox")["items"] == []

    # One tap asks Hai Phong, where it waits with its clock.
    wish = ("consent", "ask", short, "--to", "ET", "--urgent")
    compare("consent-ask-dry-run", ke.act_json(*wish, "--dry-run"))
    compare("consent-ask", ke.act_json(*wish))
    assert refused(ke, *onward) == "refused.consent-waits"
    three.exchange()
    [waiting] = [each for each in vn.act_json("inbox")["items"] if each["waits"]]
    assert (waiting["short"], waiting["next"]) == (short, ["consent"])
    assert waiting["due"]
    page = vn.act("show", short)
    assert "Wildlife authority, Addis Ababa (ET)" in page.out

    # 14:10 consent, on a condition.
    give = ("consent", "give", short, "--condition", "by their duty desk alone")
    compare("consent-give", vn.act_json(*give))
    three.exchange()
    [word] = ke.act_json("show", short)["consents"]
    assert word["stands"] == "conditions"

    # Who will see it; sent; Ethiopia reads what Hai Phong signed, and its file.
    seen = ke.act_json(*onward, "--dry-run")
    assert {each["why"] for each in seen["items"]} == {
        "author",
        "addressed",
        "oversight",
        "own-desk",
    }
    compare("pass-on", ke.act_json(*onward, "--remark", "The ship calls at Djibouti first"))
    three.exchange()
    [line] = et.act_json("inbox")["items"]
    read = et.act("show", line["short"])
    for told in (
        "Minh Long Timber",
        "Customs, Hai Phong told this first",
        "Passed on by Customs, Mombasa to Wildlife authority, Addis Ababa, with consent",
        "by their duty desk alone",
        "The ship calls at Djibouti first",
    ):
        assert told in read.out, told
    shown = et.act_json("show", line["short"], "--save", three.folder / "saved")
    compare("show-passed-on", shown)
    assert shown["passed_on"]["backing"] == "verified"
    assert "seed" not in str(shown)
    assert (three.folder / "saved" / "card.jpg").read_bytes() == photo.read_bytes()

    # Use in court was never asked for, and its handling says no.
    court = ("consent", "ask", short, "--use", "court")
    assert refused(ke, *court) == "refused.court-no"

    # 15:00: the late shift gets the thread, with a remark; each side's record stands.
    handed = ke.act_json("hand-over", short, "--to", JOSEPH, "--remark", "Company search is next.")
    assert handed["stage"] == "answered"
    [mine] = [e for e in ke.sits(JOSEPH).act_json("inbox")["items"] if e["short"] == short]
    assert mine["holder"]
    assert "Company search is next." in ke.sits(JOSEPH).act("show", short).out
    three.exchange()
    for hand in (ke, vn, et):
        assert hand.json("verify")["ok"] is True


@pytest.mark.slow
def test_a_second_country_is_told_no(three: Three) -> None:
    ke, vn = three.ke, three.vn
    told = vn.act_json(
        *("tell", "--to", "KE/Operations desk", "--kind", "container", "--ref", "HP/1"),
        *("--facts", "Two more containers of the same shipper"),
    )
    three.exchange()
    short = told["short"]
    abroad = ke.act_json("consent", "ask", short, "--to", "ET", "--reason", "They land there")
    court = ke.act_json("consent", "ask", short, "--use", "court", "--purpose", "evidence")
    three.exchange()

    no = ("consent", "refuse", short, "--request", abroad["id"], "--text", "Not yet")
    compare("consent-refuse", vn.act_json(*no))
    yes = ("--request", court["id"], "--until", "2099-01-01", "--court", "yes")
    vn.act_json("consent", "give", short, *yes)
    three.exchange()

    onward = ("pass-on", short, "--to", "ET/Duty desk", "--ref", "CUS/44")
    assert refused(ke, *onward) == "refused.consent-no"
    stands = {each["use"]: each["stands"] for each in ke.act_json("show", short)["consents"]}
    assert stands == {"pass-on": "no", "court": "yes"}
    assert refused(vn, "consent", "give", short) == "refused.too-late.step"
    bring = ("consent", "bring", short, "--from", short)
    assert refused(ke, *bring) == refused(ke, *bring, "--dry-run") == "refused.too-late.step"
    again = ("consent", "refuse", short, "--request", court["id"], "--dry-run")
    assert vn.act_json(*again)["items"]
    dry = ke.act_json("consent", "ask", short, "--to", "ET", "--dry-run")
    assert dry["items"]
