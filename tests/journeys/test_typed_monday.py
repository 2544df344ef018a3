# SPDX-License-Identifier: Apache-2.0
"""J1, steps 8 to 12, typed as one story: a sergeant in Mombasa, a quarter to eleven to three.

Three servers and the commands alone. The question about the number on the seal left at five past
eight; nobody in Hai Phong has opened it. All persons, companies and numbers are invented.
"""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.cli.desk_top import ABEBE, AMINA, JOSEPH, LAN, MINH, SARA, WANJIRU
from tests.cli.homes import Homes, Office, StoryClock

DAYS = ("mon", "tue", "wed", "thu", "fri")
HOURS = [
    word
    for day in DAYS
    for span in ("07:30-11:30", "13:30-17:00")
    for word in ("--hours", f"{day} {span}")
]
TELEPHONE = "+84 225 000 000"
OFFICES = {
    "ke": Office(
        agency="Customs, Mombasa",
        country="KE",
        desk="Operations desk",
        people=(AMINA, JOSEPH),
        supervisor=WANJIRU,
        zone="Africa/Nairobi",
    ),
    "vn": Office(
        agency="Customs, Hai Phong",
        country="VN",
        desk="Anti-smuggling desk",
        people=(MINH,),
        supervisor=LAN,
        zone="Asia/Ho_Chi_Minh",
        language="vi",
        duty=(*HOURS, "--holiday", "2027-01-01", "--urgent-telephone", TELEPHONE),
    ),
    "et": Office(
        agency="Wildlife authority, Addis Ababa",
        country="ET",
        desk="Duty desk",
        people=(ABEBE,),
        supervisor=SARA,
        zone="Africa/Addis_Ababa",
    ),
}
NUMBER, COMPANY = "+84901234567", "Công ty Gỗ Minh Long"
IN_VIETNAMESE = "Đăng ký từ năm 2024, đang sử dụng."


def at(clock: str) -> datetime:
    """Return *clock* in Mombasa, on that Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 23, hour, minute, tzinfo=ZoneInfo("Africa/Nairobi")).astimezone(UTC)


@pytest.fixture
def homes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Homes:
    made = Homes.made(tmp_path, OFFICES, StoryClock(at("07:30")))
    for here, there in (("ke", "vn"), ("ke", "et"), ("vn", "et")):
        made.admit(here, there)
        made.admit(there, here)
    capfd.readouterr()
    made.capture = capfd
    return made


@pytest.mark.slow
def test_from_unopened_at_a_quarter_to_eleven_to_the_late_shift_at_three(homes: Homes) -> None:
    clock = homes.clock
    ke, vn, et = (homes.sits(each) for each in ("ke", "vn", "et"))

    # 08:05: asked. Delivered, and then nothing.
    clock.put(at("08:05"))
    short = ke.act_json(
        *("ask", "--to", "VN/Anti-smuggling desk", "--kind", "phone", "--ref", "MSA/114/2026"),
        *("--set", "number=-", "--facts", "312 kg of ivory in CSQU3054383, declared as timber."),
        *("--why-you", "The number is written on the seal."),
        stdin=NUMBER.encode(),
    )["short"]
    homes.exchange()

    # 10:45: unopened. He marks it urgent, says why, and is shown whom to ring and what to say.
    clock.put(at("10:45"))
    homes.look()
    [line] = ke.act_json("inbox")["items"]
    unsaid = ke.act("urgent", short)
    told = ke.act("urgent", short, "--reason", "-", stdin=b"The ship leaves tonight.")
    rung = ke.act_json("call", short)["ring"]
    again = ke.act("urgent", short, "--reason", "x", "--json")
    homes.exchange()

    assert (line["short"], line["stage"]) == (short, "asked")
    assert unsaid.code == 2
    assert told.code == 0, told.err
    for each in (TELEPHONE, "14:45", short, "có một câu hỏi khẩn"):
        assert each in told.out, each
    assert (rung["telephone"], rung["language"]) == (TELEPHONE, "vi")
    assert rung["there"].startswith("2026-11-23T14:45")
    # What is read aloud on an open line tells who and which, and nothing of what.
    assert short in rung["sentence"]
    for secret in (NUMBER, "ivory", "CSQU3054383", AMINA):
        assert secret not in rung["sentence"]
    assert again.told["code"] == "refused.too-late.urgent-already"

    # It is urgent there too, and its clock is the shorter one.
    [there] = vn.act_json("inbox")["items"]
    assert there["due"] < line["due"]

    # 11:20: Hai Phong asks back, in codes; he reads them in Swahili, and answers with a period.
    clock.put(at("11:20"))
    assert "312 kg" in vn.act("show", short, "--lang", "vi").out
    vn.act_json("acknowledge", short)
    vn.act_json("ask-back", short, "--reason", "period", "--field", "period")
    homes.exchange()
    read = ke.act("show", short, "--lang", "sw").out
    ke.act_json(
        *("answer", short, "--outcome", "information", "--set", "period=-"),
        stdin=b"2026-11-01/2026-11-20",
    )
    homes.exchange()

    assert "Kipindi kipi?" in read
    assert "[period]" in read
    assert "Which period?" not in read
    seen = vn.act("show", short, "--lang", "vi").out
    assert "2026-11-01/2026-11-20" in seen

    # 13:05: partly; a company, a text in Vietnamese beside its tag; for his desk, not for court.
    clock.put(at("13:05"))
    vn.act_json(
        *("answer", short, "--outcome", "partly", "--ref", "HP/2026/903"),
        *("--set", "registered_name=-", "--set", "status=in-use"),
        *("--language", "vi", "--text", IN_VIETNAMESE),
        *("--see", "desk", "--onward", "ask", "--court", "no"),
        stdin=COMPANY.encode(),
    )
    homes.exchange()
    shown = ke.act("show", short)
    told_ = ke.act_json("show", short)
    swahili = ke.act("show", short, "--lang", "sw").out

    for each in (COMPANY, IN_VIETNAMESE, "Vietnamese", "[partly]", "HP/2026/903"):
        assert each in shown.out, each
    last = told_["items"][-1]
    assert (last["language"], last["body"]["outcome"]) == ("vi", "partly")
    assert last["body"]["handling"]["see"] == "desk"
    assert last["body"]["handling"]["judicial"] == "no"
    assert IN_VIETNAMESE in swahili
    assert "Kivietinamu" in swahili

    # He tries to pass it to Ethiopia: the program says no. One tap asks Hai Phong.
    onward = ("pass-on", short, "--to", "ET/Duty desk", "--ref", "MSA/114/2026")
    first = ke.act(*onward)
    assert (first.code, "[refused.needs-consent]" in first.err) == (1, True)
    assert "Ask for consent first." in first.err
    court = ke.act("consent", "ask", short, "--use", "court", "--json")
    assert court.told["code"] == "refused.court-no"
    ke.act_json("consent", "ask", short, "--to", "ET", "--urgent")
    homes.exchange()
    assert et.act_json("inbox")["items"] == []

    # 14:10: consent. Ethiopia reads what Hai Phong signed.
    clock.put(at("14:10"))
    [waiting] = [each for each in vn.act_json("inbox")["items"] if each["waits"]]
    assert (waiting["short"], waiting["next"]) == (short, ["consent"])
    vn.act_json("consent", "give", short, "--condition", "by their duty desk alone")
    homes.exchange()
    ke.act_json(*onward, "--remark", "The ship calls at Djibouti first.")
    homes.exchange()
    [arrived] = et.act_json("inbox")["items"]
    there_ = et.act("show", arrived["short"])

    for each in (
        COMPANY,
        IN_VIETNAMESE,
        "Customs, Hai Phong told this first",
        "by their duty desk alone",
        "The ship calls at Djibouti first.",
    ):
        assert each in there_.out, each
    # Of the question that it answers Addis Ababa has nothing.
    assert "312 kg" not in there_.out
    assert NUMBER not in there_.out

    # 15:00: the late shift gets it, with a remark; whoever leaves has nothing open any more.
    clock.put(at("15:00"))
    ke.act_json("hand-over", short, "--to", JOSEPH, "--remark", "Company search is next.")
    late = ke.sits(JOSEPH)
    [held] = [each for each in late.act_json("inbox")["items"] if each["short"] == short]
    [mine] = [each for each in ke.act_json("inbox")["items"] if each["short"] == short]
    assert held["holder"] == mine["holder"] != ""
    assert "Company search is next." in late.act("show", short).out
    homes.exchange()
    assert "Company search is next." not in vn.act("show", short).out

    # Each side's record stands, and the proof of the question leaves the house.
    for name in OFFICES:
        assert homes.sits(name).json("verify")["ok"] is True
