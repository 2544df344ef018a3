# SPDX-License-Identifier: Apache-2.0
"""Reading keys from the command line: shown, ended, and what is lost with them sent again."""

import json
from base64 import b64decode

from tests.cli.desk_top import LAN, PASSPHRASE, Countries

from comity.crypto.age import HybridIdentity, Passphrase, decrypt


def key_file(countries: Countries, who: str) -> list[HybridIdentity]:
    path = countries.folder / "keys.age"
    assert countries.ke.type("officer", "export", who, "-o", path).code == 0
    text = decrypt(path.read_bytes(), [Passphrase(PASSPHRASE)]).decode()
    return [HybridIdentity.parse(each) for each in text.splitlines() if not each.startswith("#")]


def test_a_message_whose_key_was_destroyed_is_sent_again_and_answered(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    short = countries.ask()
    countries.exchange()
    assert vn.act("desk", "change", "--desk", "Anti-smuggling desk").code == 0
    with countries.later(160):
        warned = vn.act("officer", "keys")
        assert "1 old key is destroyed soon" in warned.err
        assert "1 old key is destroyed soon" in vn.act("inbox").err
    with countries.later(181):
        countries.exchange()
        thread = vn.act_json("inbox")["items"][0]["thread"]
        shown = vn.act("show", thread)
        assert "can no longer be opened" in shown.err
        countries.exchange()
        assert "comity send-again" in ke.act("show", short).err

        again = ke.act("send-again", short)

        assert again.code == 0, again.err
        assert "once more" in again.out
        countries.exchange()
        opened = vn.act("show", short)
        assert "312 kg" in opened.out
        assert "can no longer be opened" not in opened.err
        assert vn.act_json("show", short)["retired"] == []
        assert ke.act("send-again", short).code == 1


def test_messages_are_written_as_files_that_the_key_file_opens(countries: Countries) -> None:
    ke = countries.ke
    short = countries.ask()
    folder = countries.folder / "letters"

    done = ke.act("export", short, "-o", folder)

    assert done.code == 0, done.err
    [path] = folder.iterdir()
    opened = decrypt(path.read_bytes(), key_file(countries, ke.who))
    assert b"312 kg" in b64decode(json.loads(opened)["payload"])
    one = countries.folder / "one.age"
    assert ke.act("export", path.stem, "-o", one).code == 0
    assert decrypt(one.read_bytes(), key_file(countries, ke.who)[-1:])
    assert one.stat().st_mode & 0o077 == 0
    assert ke.act("export", "zzzzzz", "-o", one).code == 2


def test_who_joined_is_let_read_what_came_before(countries: Countries) -> None:
    vn = countries.vn
    short = countries.ask()
    countries.exchange()
    joined = vn.act("desk", "change", "--desk", "Anti-smuggling desk", "--join", LAN)
    assert joined.code == 0
    give = ("desk", "rewrap", "--desk", "Anti-smuggling desk", "--for", LAN)
    assert "312 kg" not in vn.sits(LAN).act("show", short).out
    assert vn.act(*give).code == 2
    assert vn.act(*give, "--all", "--thread", short).code == 2

    done = vn.act(*give, "--all")

    assert "1 message can be read by the new member" in done.out
    assert "312 kg" in vn.sits(LAN).act("show", short).out


def test_keys_are_shown_with_what_is_opened_again(countries: Countries) -> None:
    vn = countries.vn
    assert vn.type("officer", "period", "30").code == 0
    countries.ask()
    countries.exchange()
    with countries.later(31):
        shown = vn.act("officer", "keys", "--check")

    assert shown.code == 0, shown.err
    assert "Anti-smuggling desk" in shown.out
    assert vn.type("officer", "period", "3").code == 2
