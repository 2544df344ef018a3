# SPDX-License-Identifier: Apache-2.0
"""A liaison's morning, typed: may I hold this, who said so, and who told me."""

import io

from PIL import Image
from tests.cli.desk_top import Countries

QUESTION = ("--act", "hold", "--what", "phone", "--in", "ke")


def test_it_is_not_known_until_a_lawyer_says_it_and_then_by_name(countries: Countries) -> None:
    before = countries.ke.json("broker", "check", *QUESTION)
    countries.ke.act_json(
        *("broker", "record", *QUESTION, "--answer", "conditions"),
        *("--lawyer", "W. Kariuki, advocate", "--text", "Locked, for the case."),
    )
    after = countries.ke.json("broker", "check", *QUESTION)
    read = countries.ke.type("broker", "check", *QUESTION)

    assert (before["may"], before["advice"]["lawyer"]) == ("unknown", "")
    assert before["items"][0]["ask"]
    assert (after["may"], after["advice"]["lawyer"]) == ("conditions", "W. Kariuki, advocate")
    assert "W. Kariuki, advocate answered on" in read.out


def test_a_country_that_is_none_is_said_to_be_none(countries: Countries) -> None:
    told = countries.ke.type("broker", "check", "--act", "hold", "--what", "phone", "--in", "QQ")

    assert told.code == 2
    assert told.err.startswith("There is no country with this code.")


def test_a_source_is_kept_listed_without_a_name_shown_and_removed(countries: Countries) -> None:
    ke = countries.ke
    number = ke.act_json("source", "add", "--name", "Baraka Otieno")["id"]

    listed = ke.act("source", "list")
    shown = ke.act_json("source", "show", number)
    wrong = ke.act("source", "remove", number, "--sure", "S-0000")
    ke.act_json("source", "remove", number, "--sure", number)
    gone = ke.act("source", "show", number)

    assert number in listed.out
    assert "Baraka" not in listed.out
    assert shown["name"] == "Baraka Otieno"
    assert wrong.code == 2
    assert gone.code == 2


def test_what_names_the_source_is_not_told(countries: Countries) -> None:
    ke = countries.ke
    number = ke.act_json("source", "add", "--name", "Baraka Otieno")["id"]
    tell = ("tell", "--to", "VN/Anti-smuggling desk", "--kind", "seizure", "--ref", "N/1")

    named = ke.act(*tell, "--facts", "Baraka says it.", "--source", number)
    told = ke.act(*tell, "--facts", "It goes on Friday.", "--source", number)

    assert (named.code, told.code) == (1, 0)
    assert "[refused.source-named]" in named.err
    assert len(ke.act_json("source", "show", number)["items"]) == 1


def test_a_photograph_goes_without_place_and_time_where_that_is_asked(
    countries: Countries,
) -> None:
    ke, photograph = countries.ke, countries.ke.home.parent / "ivory.jpg"
    exif = Image.Exif()
    exif[0x010F] = "canary-camera"
    sink = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(sink, "JPEG", exif=exif)
    photograph.write_bytes(sink.getvalue())
    tell = ("tell", "--to", "VN/Anti-smuggling desk", "--kind", "seizure", "--facts", "Ivory.")

    cleaned = ke.act_json(*tell, "--ref", "N/1", "--attach", str(photograph), "--clean")
    asis = ke.act(*tell, "--ref", "N/2", "--attach", str(photograph))

    out = ke.home.parent / "out"
    ke.act_json("show", cleaned["thread"], "--save", str(out))
    assert b"canary-camera" not in (out / "ivory.jpg").read_bytes()
    assert "--clean takes them out" in asis.err
