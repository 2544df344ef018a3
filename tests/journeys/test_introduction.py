# SPDX-License-Identifier: Apache-2.0
"""J3, step 6: an NGO introduces Addis Ababa to Hai Phong, typed on three servers.

Both compare the digits by voice; she sees "accepted", and never what they say to each other.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.desk_top import Typist, admit, fingerprint, free_port

from comity.node import Node

LIAISON, ABEBE, MINH = "Liaison", "Abebe Bikila", "Tran Minh"
NAMES = {
    "ngo": ("Wildlife Watch", "KE", "Liaison desk", LIAISON, "ngo"),
    "et": ("Wildlife authority, Addis Ababa", "ET", "Duty desk", ABEBE, "agency"),
    "vn": ("Customs, Hai Phong", "VN", "Anti-smuggling desk", MINH, "agency"),
}
TWO = ("--decided-by", "A. First", "--decided-by", "B. Second")
CONTAINER = "MSKU9070323"


def settle(folder: Path, where: str, port: int) -> None:
    """Make a home by the commands themselves."""
    agency, country, desk, person, kind = NAMES[where]
    hand = Typist(folder / where)
    commands: list[tuple[str | Path, ...]] = [
        (
            *("node", "create", "--agency", agency, "--country", country, "--type", kind),
            *("--practice", "--address", f"http://127.0.0.1:{port}"),
        ),
        ("officer", "add", "--name", person),
        ("desk", "add", "--name", desk, "--member", person),
        ("mandate", "add", "--law", "Act 12", "--signed-by", "M", "--until", "2099-12-31"),
        ("peer", "invite", "-o", hand.home.with_suffix(".invitation")),
    ]
    for each in commands:
        done = hand.type(*each)
        assert done.code == 0, (each, done.err)


@pytest.fixture
def ports(tmp_path: Path) -> dict[str, int]:
    """Make three homes: the NGO knows both, who do not know each other."""
    told = {where: free_port() for where in NAMES}
    for where, port in told.items():
        settle(tmp_path, where, port)
    for where in ("et", "vn"):
        admit(tmp_path / "ngo", tmp_path / where, where.upper())
        admit(tmp_path / where, tmp_path / "ngo", NAMES["ngo"][0])
    return told


@contextmanager
def serving(folder: Path, ports: dict[str, int], *where: str) -> Iterator[None]:
    """Let the servers *where* answer until the block ends."""
    with ExitStack() as stack:
        for each in where:
            node = Node.open(folder / each, ask_house=str, clock=lambda: datetime.now(UTC))
            stack.callback(node.close)
            stack.enter_context(node.serving("127.0.0.1", ports[each]))
        yield


def carry(folder: Path, ports: dict[str, int], capture: pytest.CaptureFixture[str]) -> None:
    """Let each server call the others, which answer."""
    for caller in NAMES:
        with serving(folder, ports, *(each for each in NAMES if each != caller)):
            assert Typist(folder / caller, capture=capture).type("sync").code == 0


@pytest.mark.slow
def test_an_ngo_introduces_two_agencies_and_sees_that_they_accepted(
    tmp_path: Path, ports: dict[str, int], capfd: pytest.CaptureFixture[str]
) -> None:
    ngo, et, vn = (
        Typist(tmp_path / where, NAMES[where][3], capfd) for where in ("ngo", "et", "vn")
    )
    capfd.readouterr()
    until = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"

    made = ngo.act_json(
        *("introduce", "ET", "--to", "VN", "--scope", "container,note/intelligence"),
        *("--until", until, "--reason", "ivory by sea"),
    )
    carry(tmp_path, ports, capfd)
    came = {hand.home.name: hand.json("peer", "introductions")["items"] for hand in (et, vn)}

    for where, other in (("et", "VN"), ("vn", "ET")):
        [told] = came[where]
        assert (told["id"], told["state"], told["country"]) == (made["id"], "waiting", other)
        assert (told["kinds"], told["reason"]) == (["container", "note"], "ivory by sea")

    # Two people of each side decide, and Hai Phong sees on whose word, how far and until when.
    one = et.type("peer", "accept", "--introduction", made["id"], "--decided-by", "A. First")
    for hand in (et, vn):
        hand.json("peer", "accept", "--introduction", made["id"], *TWO)
    standing = vn.json("peer", "show", "ET")["standing"]
    told_ngo = vn.json("home")["items"]
    carry(tmp_path, ports, capfd)

    assert one.code == 2
    assert standing["introduced_until"].startswith(until)
    assert standing["compare_by"]
    [row] = [each for each in told_ngo if each["country"] == "ET"]
    assert row["introduced_by"] == standing["introduced_by"]
    [seen] = ngo.json("peer", "introductions")["made"]
    assert [each["outcome"] for each in seen["sides"]] == ["accepted", "accepted"]

    # Within the scope a question goes through, a telephone number does not.
    asked = vn.act(
        *("ask", "--to", "ET/Duty desk", "--kind", "phone", "--ref", "1", "--set", "number=-"),
        stdin=b"+251900000000",
    )
    box = vn.act_json(
        *("ask", "--to", "ET/Duty desk", "--kind", "container", "--ref", "HP/9"),
        *("--set", "container=-", "--set", "asked=movements"),
        stdin=CONTAINER.encode(),
    )
    carry(tmp_path, ports, capfd)

    assert "[refused.not-admitted.introduced-kind]" in asked.err
    [line] = et.act_json("inbox")["items"]
    assert line["thread"] == box["thread"]
    assert CONTAINER in et.act("show", box["thread"]).out
    # She sees "accepted", never content: nothing of it is on her server.
    assert ngo.act_json("inbox")["items"] == []
    for path in (tmp_path / "ngo").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert box["thread"].encode() not in content
            assert CONTAINER.encode() not in content

    # Both compare the digits by voice.
    for hand, other, whom in ((vn, "et", "ET"), (et, "vn", "VN")):
        digits = fingerprint(tmp_path / other)
        said = hand.type(
            *("peer", "check", whom, "--digits", "-", "--by", "A. First"), stdin=digits.encode()
        )
        assert said.code == 0
        assert hand.json("peer", "show", whom)["standing"]["compare_by"] == ""
    assert "introduced by Wildlife Watch" in vn.type("peer", "show", "ET").out


def test_what_was_introduced_can_be_suspended_and_lifted_by_two(
    tmp_path: Path, ports: dict[str, int], capfd: pytest.CaptureFixture[str]
) -> None:
    ngo, vn = (Typist(tmp_path / where, NAMES[where][3], capfd) for where in ("ngo", "vn"))
    capfd.readouterr()
    until = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"
    ngo.act_json("introduce", "ET", "--to", "VN", "--scope", "*", "--until", until)
    carry(tmp_path, ports, capfd)
    [told] = vn.json("peer", "introductions")["items"]
    vn.json("peer", "accept", "--introduction", told["id"], *TWO)

    wrong = vn.type("suspend", "ET", "--reason", "because", "--by", "A. First")
    vn.json("suspend", "ET", "--reason", "policy", "--by", "A. First", "--until", until)
    shown = vn.type("peer", "show", "ET").out
    alone = vn.type("suspend", "ET", "--lift", "--reason", "well", "--by", "A. First")
    lifted = vn.json(
        *("suspend", "ET", "--lift", "--reason", "well", "--by", "A. First", "--by", "B. Second")
    )
    declined = vn.type("peer", "decline", told["id"])

    assert (wrong.code, alone.code, declined.code) == (2, 2, 1)
    assert "suspended until" in shown
    assert not lifted["suspended"]
    assert vn.type("verify").code == 0
