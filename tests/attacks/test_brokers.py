# SPDX-License-Identifier: Apache-2.0
"""What an NGO and a body of states try beyond their bounds, typed: the program says no.

Mombasa and Hai Phong exchange; Wildlife Watch, an NGO in Kenya, and the secretariat of a regional
network are known to both. Nothing that states ask and answer each other lies on the broker's disk.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.desk_top import Typed, Typist
from tests.cli.homes import DECIDED, Homes, Office
from tests.faults.canaries import MARK, planted

OFFICES = {
    "ke": Office(
        agency="Customs, Mombasa", country="KE", desk="Operations desk", people=("Amina Otieno",)
    ),
    "vn": Office(
        agency="Customs, Hai Phong", country="VN", desk="Hai Phong desk", people=("Tran Minh",)
    ),
    "ngo": Office(
        agency="Wildlife Watch",
        country="KE",
        desk="Liaison desk",
        people=("Grace Wambui",),
        kind="ngo",
    ),
    "body": Office(
        agency="Regional network",
        country="XN",
        desk="Secretariat",
        people=("Leila Haddad",),
        kind="body",
    ),
}
NUMBER, TO_VN, TO_KE = "+84901234567", "VN/Hai Phong desk", "Customs, Mombasa/Operations desk"
TO_NGO, TO_BODY = "Wildlife Watch/Liaison desk", "Regional network/Secretariat"
FACTS = f"312 kg of ivory {MARK} under timber."
COERCIVE = """\
id: listening
version: 1
question: May you listen in on this number?
line: For practice.
identifiers: [phone]
coercive: true
letter: UNTOC art. 18(3), a letter rogatory.
limb: b-i
clock: normal
confidence: low
as_of: 2026-11
source: invented, for a test
fields:
  - name: number
    label: Phone number
    type: identifier
    identifier: phone
    required: true
    nominal: true
    many: true
    limit: 40
answer:
  - name: answer
    label: Answer
    type: text
    nominal: true
    many: true
    limit: 200
"""


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    homes = Homes.made(tmp_path_factory.mktemp("brokers"), OFFICES)
    for here, there in (("ke", "vn"), ("ke", "ngo"), ("vn", "ngo"), ("ke", "body")):
        homes.admit(here, there)
        homes.admit(there, here)
    return homes


@pytest.fixture
def homes(brokers: Homes, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Homes:
    return brokers.copied(tmp_path, capfd)


def ask(hand: Typist, to: str, *more: str, kind: str = "phone") -> Typed:
    words = ("ask", "--to", to, "--kind", kind, "--ref", "R/1", "--set", "number=-", *more)
    return hand.act(*words, "--facts", FACTS, "--json", stdin=NUMBER.encode())


def tell(hand: Typist, to: str, facts: str = FACTS) -> Typed:
    words = ("tell", "--to", to, "--kind", "seizure", "--ref", "R/2", "--facts", facts, "--json")
    return hand.act(*words)


def refused(done: Typed) -> str:
    """Return the code by which the program refused; it must have."""
    assert done.code == 1, done.out + done.err
    code: str = done.told["code"]
    return code


def short_of(done: Typed) -> str:
    assert done.code == 0, done.out + done.err
    short: str = done.told["short"]
    return short


def answered(homes: Homes) -> str:
    """Let Mombasa ask and be answered, onward to whomever; return the thread's number."""
    short = short_of(ask(homes.sits("ke"), TO_VN, "--onward", "yes", "--see", "community"))
    homes.exchange()
    answer = ("--outcome", "information", "--set", "registered_name=-", "--onward", "yes")
    homes.sits("vn").act_json("answer", short, *answer, "--see", "community", stdin=MARK.encode())
    homes.exchange()
    return short


def assert_nothing_of_it_at(homes: Homes, *where: str) -> None:
    """Look for what states asked and answered in every file of *where*, and in their inboxes."""
    cage = planted({"mark": MARK, "number": NUMBER}, {})
    for name in where:
        assert homes.sits(name).act_json("inbox")["items"] == []
        for each in (homes.folder / name).rglob("*"):
            assert cage.found_in(each) == [], each


@pytest.mark.parametrize(
    ("who", "to", "code"),
    [
        ("ke", TO_NGO, "refused.not-competent.ngo-not-a-party"),
        ("vn", TO_NGO, "refused.not-competent.ngo-not-a-party"),
        ("ke", TO_BODY, "refused.not-competent.body-reads-no-request"),
    ],
)
def test_what_states_ask_and_answer_is_passed_on_to_no_broker(
    homes: Homes, who: str, to: str, code: str
) -> None:
    short = answered(homes)

    onward = homes.sits(who).act("pass-on", short, "--to", to, "--ref", "R/3", "--json")

    assert refused(onward) == code
    homes.exchange()
    assert_nothing_of_it_at(homes, "ngo", "body")


@pytest.mark.parametrize("to", [TO_NGO, TO_BODY, TO_VN])
def test_no_copy_of_what_states_ask_goes_to_a_broker_or_abroad(homes: Homes, to: str) -> None:
    ke = homes.sits("ke")
    overseen = ke.type("oversight", "set", "--mode", "copy", "--to", to, "--json")
    law = ("--law", "Act 13", "--signed-by", "M", "--until", "2099-12-31")
    must_copy = ke.type("mandate", "add", *law, "--copy", to)

    asked = ask(ke, TO_VN)
    homes.exchange()

    assert refused(overseen) == "refused.not-competent.overseer-elsewhere"
    assert must_copy.code == 2
    # Nor is a copy owed on paper to any of them: only to our own supervisor, who has no desk here.
    assert asked.told["owed_on_paper"] == ["supervisor"]
    [arrived] = homes.sits("vn").act_json("inbox")["items"]
    assert arrived["short"] == asked.told["short"]
    assert_nothing_of_it_at(homes, "ngo", "body")


def test_neither_an_ngo_nor_a_body_asks_anybody(homes: Homes) -> None:
    for to in (TO_KE, TO_VN):
        assert refused(ask(homes.sits("ngo"), to)) == "refused.not-competent.ngo-asks-nothing"
    told = refused(ask(homes.sits("body"), TO_KE))
    assert told == "refused.not-competent.body-reads-no-request"


def test_a_body_is_asked_nothing_and_is_told(homes: Homes) -> None:
    ke, body = homes.sits("ke"), homes.sits("body")

    assert refused(ask(ke, TO_BODY)) == "refused.not-competent.body-reads-no-request"
    short = short_of(tell(ke, TO_BODY))
    homes.exchange()

    [line] = body.act_json("inbox")["items"]
    assert (line["short"], line["note"], line["due"]) == (short, True, "")


def test_nothing_coercive_is_asked_of_an_ngo(homes: Homes) -> None:
    for name in ("ke", "vn", "ngo"):
        kinds = homes.folder / name / "kinds"
        kinds.mkdir(exist_ok=True)
        (kinds / "listening.yaml").write_text(COERCIVE)

    # Nobody asks it in this way at all: it goes by letter, and an NGO gets none.
    for name in ("ke", "vn"):
        assert refused(ask(homes.sits(name), TO_NGO, kind="listening")) == "refused.needs-letter"
    homes.exchange()
    assert homes.sits("ngo").act_json("inbox")["items"] == []


@pytest.mark.parametrize("how", ["told", "asked"])
def test_an_ngo_forwards_nothing_that_it_received(homes: Homes, how: str) -> None:
    ke, ngo, vn = (homes.sits(each) for each in ("ke", "ngo", "vn"))
    begin: Callable[..., Typed] = tell if how == "told" else ask
    short = short_of(begin(ke, TO_NGO))
    homes.exchange()

    onward = ngo.act("pass-on", short, "--to", TO_VN, "--ref", "R/3", "--json")

    assert refused(onward) == "refused.not-competent.ngo-passes-nothing-on"
    homes.exchange()
    assert vn.act_json("inbox")["items"] == []


def test_no_leave_is_asked_for_what_the_bounds_forbid(homes: Homes) -> None:
    ke, ngo = homes.sits("ke"), homes.sits("ngo")
    told = short_of(tell(ke, TO_NGO))
    short = answered(homes)

    forward = ngo.act("consent", "ask", told, "--to", "VN", "--json")
    for_her = ke.act("consent", "ask", short, "--to", "Wildlife Watch", "--json")

    assert refused(forward) == "refused.not-competent.ngo-passes-nothing-on"
    assert refused(for_her) == "refused.not-competent.ngo-not-a-party"


def test_an_ngo_may_refuse_and_may_leave(homes: Homes) -> None:
    ke, ngo = homes.sits("ke"), homes.sits("ngo")
    short = short_of(ask(ke, TO_NGO))
    homes.exchange()

    ngo.act_json("answer", short, "--outcome", "refused", "--ground", "not-stated")
    homes.exchange()
    seen = ke.act_json("show", short)
    ngo.json("suspend", "Customs, Mombasa", "--reason", "policy", "--by", "Grace Wambui")
    later = short_of(ask(ke, TO_NGO))
    assert ke.type("sync").code == 4  # she does not answer any more
    own = refused(tell(ngo, TO_KE))

    assert (seen["stage"], seen["items"][-1]["body"]["ground"]) == ("refused", "not-stated")
    assert own == "refused.not-admitted.suspended"
    assert [
        each["short"] for each in ngo.act_json("inbox")["items"] if each["short"] == later
    ] == []


# A body admits nobody alone.


def test_a_body_lets_nobody_in_alone_but_its_first_peer(homes: Homes) -> None:
    body = homes.sits("body")

    alone = homes.accept("body", "vn")
    by_hand = body.type("peer", "vouch", "VN", "--voucher", "KE", "--by", "x", "--reason", "x")

    assert alone.code == 1
    assert "[refused.not-competent.body-alone]" in alone.err
    assert by_hand.code != 0
    assert [each["country"] for each in body.json("home")["items"]] == ["XN", "KE"]


def test_a_body_accepts_whom_an_agency_that_it_knows_introduced(homes: Homes) -> None:
    ke, body = homes.sits("ke"), homes.sits("body")
    introduce = ("introduce", "VN", "--to", "Regional network", "--scope", "*")
    until = f"{homes.clock():%Y}-12-31"
    ke.act_json(*introduce, "--until", until)
    homes.exchange()
    [waiting] = body.json("peer", "introductions")["items"]

    one = body.type("peer", "accept", "--introduction", waiting["id"], *DECIDED[:2])
    body.json("peer", "accept", "--introduction", waiting["id"], *DECIDED)
    # That word was given, so that a letter and a call may follow it and lift the scope.
    fully = homes.accept("body", "vn")

    assert one.code == 2
    assert fully.code == 0, fully.err
    assert sorted(each["country"] for each in body.json("home")["items"]) == ["KE", "VN", "XN"]


def test_the_word_of_a_suspended_agency_lets_nobody_in_at_a_body(homes: Homes) -> None:
    ke, body = homes.sits("ke"), homes.sits("body")
    until = f"{homes.clock():%Y}-12-31"
    ke.act_json("introduce", "VN", "--to", "Regional network", "--scope", "*", "--until", until)
    homes.exchange()
    [waiting] = body.json("peer", "introductions")["items"]
    body.json("peer", "accept", "--introduction", waiting["id"], *DECIDED)
    body.json("suspend", "KE", "--reason", "compromised", "--by", "Leila Haddad")

    assert "[refused.not-competent.body-alone]" in homes.accept("body", "vn").err
