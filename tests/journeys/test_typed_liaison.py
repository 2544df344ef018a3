# SPDX-License-Identifier: Apache-2.0
"""J3, steps 2 to 7, typed as one story: an NGO's liaison, on her own server, until the raid and after.

Four servers and the commands alone. Mombasa, Addis Ababa and Hai Phong know the NGO; the two last do
not know each other. All persons, companies and numbers are invented.
"""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.desk_top import ABEBE, AMINA, MINH, Typist
from tests.cli.homes import DECIDED, Homes, Office, StoryClock
from tests.faults.canaries import MARK, Cage, planted

from comity.crypto.age import HybridIdentity, decrypt

COLLEAGUE, LIAISON, DIRECTOR = "Peter Kamau", "Grace Wambuizq", "Daniel Mutuaxz"
OFFICES = {
    "ngo": Office(
        agency="Wildlife Watch",
        country="KE",
        desk="Liaison desk",
        people=(COLLEAGUE, LIAISON),
        supervisor=DIRECTOR,
        kind="ngo",
        zone="Africa/Nairobi",
    ),
    "ke": Office(agency="Customs, Mombasa", country="KE", desk="Operations desk", people=(AMINA,)),
    "et": Office(
        agency="Wildlife authority, Addis Ababa", country="ET", desk="Duty desk", people=(ABEBE,)
    ),
    "vn": Office(
        agency="Customs, Hai Phong", country="VN", desk="Anti-smuggling desk", people=(MINH,)
    ),
}
NGO, MOMBASA = "Wildlife Watch/Liaison desk", "Customs, Mombasa/Operations desk"
SOURCE, CONTACT, CAMERA = "Baraka Nyamwezqk", "+254700919191", "canary-camera"
FACTS = f"Two sacks of tusks {MARK} go to the yard at Changamwe on Friday."
LATER, LIST = "The yard was emptied zqTuesdayxk.", "zqListxk of all numbers that you hold"
CONTAINER = "MSKU9070323"
QUESTION = ("--act", "hold", "--what", "phone", "--in", "KE")
LAWYER = "W. Kariuki, advocate"
SECRETS = {
    "facts": MARK,
    "later": "zqTuesdayxk",
    "list": "zqListxk",
    "source": SOURCE,
    "contact": CONTACT,
    "camera": CAMERA,
    "lawyer": LAWYER,
    **{who: who for who in (COLLEAGUE, LIAISON, DIRECTOR)},
}


@pytest.fixture
def homes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Homes:
    clock = StoryClock(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    made = Homes.made(tmp_path, OFFICES, clock)
    for other in ("ke", "et", "vn"):
        made.admit("ngo", other)
        made.admit(other, "ngo")
    capfd.readouterr()
    made.capture = capfd
    return made


@pytest.mark.slow
def test_from_before_you_act_to_the_raid_and_the_reopening(homes: Homes) -> None:
    she = homes.sits("ngo", LIAISON)

    look_before_she_acts(she)
    number = keep_a_source(she)
    told = tell_mombasa(homes, she, number)
    refuse_the_list(homes, she)
    introduce_the_two(homes, she)
    sealed, judge = choose_holders(homes)
    later = be_raided(homes, she, number)
    reopen_from_abroad(homes, sealed, judge)
    go_on(homes, she, number=number, told=told, later=later)


def look_before_she_acts(she: Typist) -> None:
    """2: may an NGO hold a phone number in Kenya? Unknown, and whom to ask; then a lawyer's word."""
    before = she.json("broker", "check", *QUESTION)
    asked = she.type("broker", "check", *QUESTION).out
    she.act_json("broker", "record", *QUESTION, "--answer", "conditions", "--lawyer", LAWYER)
    after = she.json("broker", "check", *QUESTION)
    read = she.type("broker", "check", *QUESTION).out

    assert (before["may"], after["may"]) == ("unknown", "conditions")
    assert "Office of the Data Protection Commissioner, Nairobi" in asked
    [line] = [each for each in read.splitlines() if each.startswith(LAWYER)]
    assert "2026" in line
    assert "23" in line


def keep_a_source(she: Typist) -> str:
    """3: who told her is a number from now on."""
    number: str = she.act_json(
        *("source", "add", "--name", "-", "--contact", CONTACT), stdin=SOURCE.encode()
    )["id"]
    assert SOURCE not in she.act("source", "list").out
    return number


def tell_mombasa(homes: Homes, she: Typist, number: str) -> str:
    """3 and 4: told without being asked, graded, cleaned, in no personal name; a receipt, no case."""
    ke = homes.sits("ke")
    photograph = homes.folder / "sacks.jpg"
    photograph.write_bytes(taken_with_a_phone())
    tell = ("tell", "--to", MOMBASA, "--kind", "seizure", "--ref", "WW/9", "--source", number)
    named = she.act(*tell, "--facts", f"{SOURCE} saw it.")
    sent = she.act_json(
        *(*tell, "--facts", "-", "--handling", "3x5x2:2CC"),
        *("--attach", photograph, "--clean"),
        stdin=FACTS.encode(),
    )
    homes.exchange()
    short: str = sent["short"]

    assert "[refused.source-named]" in named.err
    [line] = ke.act_json("inbox")["items"]
    assert (line["short"], line["note"], line["due"], line["stage"]) == (short, True, "", "told")
    page = page_of(ke, short)
    shown = ke.act_json("show", short, "--save", homes.folder / "at-mombasa")
    for each in (FACTS, "3x5x2:2CC", "officer 2", "Wildlife Watch"):
        assert each in page, each
    handling = shown["items"][0]["body"]["handling"]
    assert (handling["source"], handling["credibility"]) == ("untested", "known-indirectly")
    assert shown["items"][0]["desk"]
    cleaned = (homes.folder / "at-mombasa" / "sacks.jpg").read_bytes()
    assert CAMERA.encode() not in cleaned
    assert Image.open(io.BytesIO(cleaned)).size == (30, 20)
    for secret in (LIAISON, SOURCE, CONTACT, number):
        assert secret not in page + str(shown), secret
    assert_lies_nowhere(cage_of("source", "contact", "camera", LIAISON), homes.folder / "ke")

    # A receipt, with proof, and what it rests on; no clock runs on either side, then or ever.
    homes.exchange()
    stages = {each["stage"] for each in she.act_json("show", short)["receipts"]}
    assert {"delivered", "proven", "opened"} <= stages
    assert she.act_json("source", "show", number)["items"] == [{"act": sent["id"]}]
    homes.clock.pass_(days=6)
    homes.look()
    for hand in (she, ke):
        told = hand.act_json("inbox")
        assert [each["due"] for each in told["items"]] == [""]
        assert told["overdue"] == []
    homes.exchange()
    return short


def refuse_the_list(homes: Homes, she: Typist) -> None:
    """5: a State asks for what she may not give: recorded, refused with a ground, both can show it."""
    ke = homes.sits("ke")
    short = ke.act_json(
        *("ask", "--to", NGO, "--kind", "other", "--ref", "MSA/7", "--set", "subject=Numbers"),
        *("--set", "question=-"),
        stdin=LIST.encode(),
    )["short"]
    homes.exchange()
    [waiting] = [each for each in she.act_json("inbox")["items"] if each["waits"]]
    assert (waiting["short"], waiting["stage"]) == (short, "asked")
    assert waiting["due"]
    assert LIST in page_of(she, short)
    she.act_json(
        *("answer", short, "--outcome", "refused", "--ground", "policy"),
        *("--text", "Outside our mandate."),
    )
    homes.exchange()

    for hand in (she, ke):
        shown = hand.act_json("show", short)
        assert shown["stage"] == "refused"
        assert [each["what"] for each in shown["items"]] == ["asked", "refused"]
        page = page_of(hand, short)
        for each in ("[policy]", "Outside our mandate.", "officer 2", LIST):
            assert each in page, each
    assert LIAISON not in page_of(ke, short)


def introduce_the_two(homes: Homes, she: Typist) -> None:
    """6: Addis Ababa and Hai Phong; scope, end, digits by voice; she sees "accepted", and no more."""
    et, vn = homes.sits("et"), homes.sits("vn")
    until = f"{homes.clock() + timedelta(days=90):%Y-%m-%d}"
    made = she.act_json(
        *("introduce", "ET", "--to", "VN", "--scope", "container,note/intelligence"),
        *("--until", until, "--reason", "ivory by sea"),
    )
    homes.exchange()
    for hand in (et, vn):
        [came] = hand.json("peer", "introductions")["items"]
        assert (came["state"], came["kinds"]) == ("waiting", ["container", "note"])
        assert came["until"].startswith(until)
        hand.json("peer", "accept", "--introduction", made["id"], *DECIDED)
    homes.exchange()
    for here, there in (("et", "vn"), ("vn", "et")):
        assert homes.check(here, there).code == 0
    asked = vn.act_json(
        *("ask", "--to", "ET/Duty desk", "--kind", "container", "--ref", "HP/9"),
        *("--set", "container=-", "--set", "asked=movements"),
        stdin=CONTAINER.encode(),
    )
    homes.exchange()

    assert CONTAINER in page_of(et, asked["short"])
    homes.exchange()
    [seen] = she.json("peer", "introductions")["made"]
    assert [each["outcome"] for each in seen["sides"]] == ["accepted", "accepted"]
    assert asked["thread"] not in {each["thread"] for each in she.act_json("inbox")["items"]}
    cage = planted({"container": CONTAINER, "thread": asked["thread"]}, {})
    assert_lies_nowhere(cage, homes.folder / "ngo")


def choose_holders(homes: Homes) -> tuple[dict[str, Path], HybridIdentity]:
    """7: five holders, three of whom open together; three live abroad, one has no server."""
    director, judge = homes.sits("ngo", DIRECTOR), HybridIdentity.generate()
    line = homes.folder / "judge.txt"
    line.write_text(f"A judge abroad={judge.recipient}\n")
    names = (COLLEAGUE, DIRECTOR, "VN/officer 1", "ET/officer 1", f"@{line}")
    told = director.json(
        *("recover", "split", "--threshold", "3", *DECIDED, "-o", homes.folder / "shares"),
        *(word for each in names for word in ("--holder", each)),
    )
    for each in (COLLEAGUE, LIAISON, DIRECTOR):
        homes.sits("ngo", each).act_json("inbox")
    assert director.json("recover", "show")["missing"] == []
    return {each["holder"]: Path(each["path"]) for each in told["items"]}, judge


def be_raided(homes: Homes, she: Typist, number: str) -> str:
    """7: one act, and the disk gives no content, no source and no name; return what had waited."""
    later: str = she.act_json(
        *("tell", "--to", MOMBASA, "--kind", "seizure", "--ref", "WW/10", "--facts", LATER),
        *("--source", number),
    )["short"]
    closed = she.json("node", "close", "--now")

    assert closed["code"] == "closed"
    assert_lies_nowhere(cage_of(*SECRETS), homes.folder / "ngo")
    for words in (("inbox", "--as", LIAISON), ("source", "list", "--as", LIAISON), ("home",)):
        shut = she.type(*words)
        assert shut.code == 4
        assert "[unavailable.closed]" in shut.err

    homes.away.add("ngo")
    homes.sits("vn").act_json(
        *("tell", "--to", NGO, "--kind", "seizure", "--ref", "HP/11"),
        *("--facts", "The container is here."),
    )
    homes.exchange()
    return later


def reopen_from_abroad(homes: Homes, sealed: dict[str, Path], judge: HybridIdentity) -> None:
    """7: Hai Phong, Addis Ababa and the judge bring theirs; two of them are not enough."""
    words: list[str | Path] = []
    for where, holder in (("vn", "VN/officer 1"), ("et", "ET/officer 1")):
        opened = homes.folder / f"{where}.words"
        homes.sits(where).act_json("recover", "share", sealed[holder], "-o", opened)
        words += ["--share", opened]
    whole = homes.folder / "judge.words"
    whole.write_bytes(decrypt(sealed["A judge abroad"].read_bytes(), [judge]))
    home = homes.sits("ngo", DIRECTOR)

    few = home.type("node", "reopen", "--key-home", "file", *words)
    done = home.type("node", "reopen", "--key-home", "file", *words, "--share", whole)

    assert few.code == 1
    assert done.code == 0, done.err
    homes.away.clear()
    homes.clock.pass_(hours=2)


def go_on(homes: Homes, she: Typist, *, number: str, told: str, later: str) -> None:
    """7: she reads her threads and her source again, and what came due is delivered, both ways."""
    assert FACTS in page_of(she, told)
    assert she.act_json("source", "show", number)["name"] == SOURCE
    homes.exchange()

    page = page_of(homes.sits("ke"), later)
    assert LATER in page
    assert LIAISON not in page
    notes = [e for e in she.act_json("inbox")["items"] if e["note"] and e["waits"]]
    assert any("The container is here." in page_of(she, each["short"]) for each in notes)
    for name in OFFICES:
        assert homes.sits(name).json("verify")["ok"] is True


def page_of(hand: Typist, short: str) -> str:
    """Return what is shown of a thread, however its lines were broken."""
    return " ".join(hand.act("show", short).out.split())


def cage_of(*names: str) -> Cage:
    return planted({each: SECRETS[each] for each in names}, {})


def assert_lies_nowhere(cage: Cage, folder: Path) -> None:
    """Look for what is in *cage* in every file of *folder*."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert files
    for each in files:
        assert cage.found_in(each) == [], each
        assert cage.found(str(each).encode()) == [], each


def taken_with_a_phone() -> bytes:
    """Return a photograph that says which camera took it."""
    exif, sink = Image.Exif(), io.BytesIO()
    exif[0x010F] = CAMERA
    Image.new("RGB", (30, 20), "white").save(sink, "JPEG", exif=exif)
    assert CAMERA.encode() in sink.getvalue()
    return sink.getvalue()
