# SPDX-License-Identifier: Apache-2.0
"""What commands tell programs keeps its shape: compared with ``snapshots/*.json``.

Values that differ from run to run stand there by their kind (``<id>``, ``<time>`` …). To renew the
snapshots after a change that is meant, run with ``COMITY_SNAPSHOTS=write`` and read the difference.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from tests.cli.desk_top import AMINA, LAN, MINH, WANJIRU, Countries, sealed_for_abroad

from comity.crypto.age import HybridIdentity

FOLDER = Path(__file__).parent / "snapshots"
FIRST = ("ok", "code", "id", "thread", "stage", "next")
KINDS = (
    (r"[a-z2-7]{26}", "<id>"),
    (r"[0-9a-f]{64}", "<digest>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d", "<local time>"),
    (r"(\d{5} ){7}\d{5}", "<fingerprint>"),
    (r"[A-Z]{2}-\d{4}", "<short>"),
    (r"comity/[a-z2-7]{26}/(\d+|witness)", "<record>"),
    (r"[A-Z] \([A-Z][a-z]+\) .*", "<spelled>"),
    (r"Hello, .*", "<sentence>"),
    (r"backups-until-\d{4}-\d\d-\d\d", "<until>"),
    (r"/.*", "<path>"),
    (r"http://127\.0\.0\.1:\d+", "<address>"),
    (r"(?s)-----BEGIN.*", "<invitation>"),
    (r"(?s)comity/.*\n.*", "<note>"),
)


def shape(value: Any) -> Any:
    """Return *value* with what differs from run to run replaced by its kind."""
    match value:
        case bool():
            return value
        case int():
            return "<number>"
        case str():
            return next((kind for form, kind in KINDS if re.fullmatch(form, value)), value)
        case dict():
            # Whether a time is witnessed by now depends on which exchange brought the signature.
            return {
                key: "<truth>" if key == "provisional" else shape(each)
                for key, each in value.items()
            }
        case list():
            shapes = {json.dumps(shape(each), sort_keys=True): shape(each) for each in value}
            return [shapes[key] for key in sorted(shapes)]
        case _:
            raise TypeError(type(value))


def compare(name: str, told: dict[str, Any]) -> None:
    assert tuple(told)[: len(FIRST)] == FIRST, name
    found = json.dumps(shape(told), indent=1, ensure_ascii=False) + "\n"
    place = FOLDER / f"{name}.json"
    if os.environ.get("COMITY_SNAPSHOTS") == "write":
        place.write_text(found)
    assert found == place.read_text(), name


def test_acts_and_what_is_read_keep_their_shape(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    photo = countries.folder / "seal.jpg"
    photo.write_bytes(b"\xff\xd8" * 500)
    to = ("--to", "VN/Anti-smuggling desk", "--ref", "CUS/44")
    number = ("--kind", "phone", "--set", "number=-")

    dry = ke.act_json("ask", *to, *number, "--dry-run", stdin=b"+84901234567")
    asked = ke.act_json("ask", *to, *number, "--attach", photo, stdin=b"+84901234567")
    compare("ask-dry-run", dry)
    compare("ask", asked)
    short, thread = asked["short"], asked["thread"]
    stick = countries.folder / "message.age"
    stick.write_bytes(sealed_for_abroad(countries))
    compare("by-hand", vn.act_json("by-hand", stick))
    compare("tell", ke.act_json("tell", *to, "--kind", "container", "--facts", "Two more."))
    with countries.vietnam_serving():
        compare("sync", ke.json("sync"))
    countries.exchange()
    compare("inbox", vn.act_json("inbox"))
    compare("take", vn.act_json("take", short))
    compare("acknowledge", vn.act_json("acknowledge", short))
    back = vn.act_json("ask-back", short, "--reason", "period", "--field", "period")
    compare("ask-back", back)
    countries.exchange()
    ke.act_json("answer", short, "--outcome", "information", "--text", "1-20 November")
    countries.exchange()
    compare("hand-over", vn.act_json("hand-over", short, "--to", "Anti-smuggling desk"))
    vn.act_json("take", short)
    refused = ("--outcome", "refused", "--ground", "policy")
    compare("answer", vn.act_json("answer", short, *refused))
    countries.exchange()
    compare("show", ke.act_json("show", short))
    compare("show-save", vn.act_json("show", short, "--save", countries.folder / "saved"))
    proof = countries.folder / "proof.json"
    compare("ledger-prove", ke.json("ledger", "prove", thread, "-o", proof))
    compare("ledger-check", ke.json("ledger", "check", proof))
    compare("ledger-show", ke.json("ledger", "show"))
    compare("verify", ke.json("verify"))
    entry = next(e["index"] for e in ke.json("ledger", "show")["items"] if e["stage"] == "asked")
    erase = ("ledger", "erase", str(entry), "--ground", "order 4/26")
    compare("ledger-erase", ke.json(*erase))
    compare("ledger-reopen", ke.json("ledger", "reopen"))


def test_oversight_keeps_its_shape(countries: Countries) -> None:
    ke = countries.ke

    compare(
        "oversight-set", ke.json("oversight", "set", "--mode", "countersign", "--kind", "phone")
    )
    compare("oversight-show", ke.json("oversight", "show"))
    marked = ke.json("oversight", "mark", "+84900000009", "--is", "phone", "--remark", "file 12")
    compare("oversight-mark", marked)
    compare("oversight-marks", ke.json("oversight", "marks"))
    compare("oversight-unmark", ke.json("oversight", "unmark", "+84900000009"))
    held = ke.act_json(
        *("ask", "--to", "VN", "--kind", "phone", "--ref", "1", "--set", "number=-"),
        stdin=b"+84901234567",
    )
    compare("ask-held", held)
    overseer = ke.sits(WANJIRU)
    compare("countersign", overseer.act_json("countersign", held["short"], "--approve"))
    other = countries.ask()
    excluded = ke.act_json("oversight", "exclude", other, "--reader", "VN/Anti-smuggling desk")
    compare("oversight-exclude", excluded)
    compare("oversight-readmit", ke.act_json("oversight", "readmit", other))
    compare("stop", ke.act_json("stop", other))


def test_agencies_and_people_keep_their_shape(countries: Countries) -> None:
    ke = countries.ke

    compare("home", ke.json("home"))
    compare("roster", ke.json("roster"))
    compare("roster-peer", ke.json("roster", "VN"))
    compare("kinds", ke.json("kinds"))
    compare("kinds-phone", ke.json("kinds", "phone"))
    compare("peer-invite", ke.json("peer", "invite"))
    compare("peer-fingerprint", ke.json("peer", "fingerprint"))
    compare("peer-show", ke.json("peer", "show", "VN"))
    compare("peer-compare", ke.json("peer", "compare"))
    compare("peer-rule", ke.json("peer", "rule", "--on-fork", "suspend"))
    compare("peer-witness", ke.json("peer", "witness", "--add", "VN"))
    compare("peer-introductions", ke.json("peer", "introductions"))
    compare("suspend", ke.json("suspend", "VN", "--reason", "policy", "--by", "A. Mwangi"))
    lift = ("--lift", "--by", "A. Mwangi", "--by", "B. Otieno", "--reason", "exercise")
    compare("suspend-lift", ke.json("suspend", "VN", *lift))
    export = countries.folder / "amina.age"
    compare("officer-export", ke.json("officer", "export", AMINA, "-o", export))
    compare("officer-add", ke.json("officer", "add", "--name", "Otieno"))
    compare("desk-add", ke.json("desk", "add", "--name", "Port desk", "--member", "Otieno"))
    otieno = ke.sits("Otieno")
    compare(
        "desk-change", otieno.act_json("desk", "change", "--desk", "Port desk", "--join", AMINA)
    )
    compare("officer-revoke", ke.json("officer", "revoke", "Otieno", "--reason", "left"))
    mandate = ("--law", "Act 13", "--signed-by", "The minister", "--until", "2099-12-31")
    compare("mandate-add", ke.json("mandate", "add", *mandate))
    compare("mandate-revoke", ke.json("mandate", "revoke", "Act 13", "--reason", "superseded"))
    compare("agency-add", ke.json("agency", "add", "--agency", "Parks", "--country", "KE"))
    address = ("--address", "http://127.0.0.1:9")
    compare("agency-move", ke.json("agency", "move", *address, "--agency", "Parks"))


def test_admitting_and_founding_keep_their_shape(countries: Countries) -> None:
    vn = countries.vn
    new = type(vn)(countries.folder / "et", capture=vn.capture)
    create = ("node", "create", "--agency", "Wildlife", "--country", "ET", "--practice")

    compare("node-create", new.json(*create, "--address", "http://127.0.0.1:9"))
    invitation = new.json("peer", "invite")["invitation"]
    accepted = vn.json(
        *("peer", "accept", "-", "--nominated-by", "M", "--letter", "1", "--called", "1"),
        *("--number-from", "site", "--decided-by", "A", "--decided-by", "B"),
        *("--review", "2099-01-01"),
        stdin=invitation.encode(),
    )
    compare("peer-accept", accepted)
    why = ("--by", MINH, "--reason", "met in person")
    compare("peer-vouch", vn.json("peer", "vouch", "ET", "--voucher", "KE", *why))
    digits = new.json("peer", "fingerprint")["fingerprint"]
    checked = vn.json("peer", "check", "ET", "--digits", "-", "--by", MINH, stdin=digits.encode())
    compare("peer-check", checked)


def test_what_is_owed_keeps_its_shape(countries: Countries) -> None:
    ke = countries.ke
    ke.json("oversight", "set", "--mode", "copy", "--to", "National bureau")
    countries.ask()

    owed = ke.act_json("owed")

    compare("owed", owed)
    compare("owed-handed-in", ke.act_json("owed", "--handed-in", owed["items"][0]["id"]))


def test_keys_keep_their_shape(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    short = countries.ask()
    countries.exchange()
    with countries.later(1):
        vn.act_json("desk", "change", "--desk", "Anti-smuggling desk", "--join", LAN)
        give = ("desk", "rewrap", "--desk", "Anti-smuggling desk", "--for", LAN)
        compare("desk-rewrap", vn.act_json(*give, "--thread", short))
    with countries.later(100):
        compare("officer-keys", vn.act_json("officer", "keys", "--check"))
    compare("officer-period", vn.json("officer", "period", "30"))
    compare("export", ke.act_json("export", short, "-o", countries.folder / "letters"))


def test_sending_again_keeps_its_shape(countries: Countries) -> None:
    short = countries.ask()
    countries.exchange()
    countries.vn.act_json("desk", "change", "--desk", "Anti-smuggling desk")
    with countries.later(181):
        countries.exchange()
        countries.vn.act_json("show", countries.vn.act_json("inbox")["items"][0]["thread"])
        countries.exchange()
        compare("send-again", countries.ke.act_json("send-again", short))


def test_files_from_and_to_age_keep_their_shape(countries: Countries) -> None:
    ke, folder = countries.ke, countries.folder
    note, sealed, key = (folder / name for name in ("note.txt", "note.age", "amina.key"))
    note.write_text("312 kg, declared as timber")
    identity = HybridIdentity.from_seed(bytes(range(32)))
    key.write_text(f"{identity}\n")

    compare("seal", ke.json("seal", "--to", str(identity.recipient), "-o", sealed, note))
    compare("open", ke.json("open", "--identity", f"@{key}", "-o", folder / "opened", sealed))


def test_recovery_and_closing_keep_their_shape(countries: Countries) -> None:
    ke, folder = countries.ke, countries.folder
    decided = ("--decided-by", "A. Mwangi", "--decided-by", "B. Otieno")
    who = ("--holder", AMINA, "--holder", WANJIRU, "--holder", "VN/officer 1")

    done = ke.json("recover", "split", "--threshold", "2", *who, *decided, "-o", folder / "kept")
    compare("recover-split", done)
    mine, hers = (Path(each["path"]) for each in done["items"][:2])
    opened = ke.act_json("recover", "share", mine)
    compare("recover-share", {**opened, "words": "words"})
    first, second = folder / "first.txt", folder / "second.txt"
    ke.act_json("recover", "share", mine, "-o", first)
    ke.sits(WANJIRU).act_json("recover", "share", hers, "-o", second)
    brought = ("--share", first, "--share", second)
    compare("recover-join", ke.json("recover", "join", AMINA, *decided, *brought))
    practice = (folder / "third.txt", folder / "fourth.txt")
    ke.act_json("recover", "share", mine, "--rehearsal", "-o", practice[0])
    ke.sits(WANJIRU).act_json("recover", "share", hers, "--rehearsal", "-o", practice[1])
    compare(
        "recover-drill",
        ke.json("recover", "drill", "--share", practice[0], "--share", practice[1]),
    )
    compare("recover-show", ke.json("recover", "show"))
    compare("node-close", ke.json("node", "close", "--now"))
    compare("node-reopen", ke.json("node", "reopen", "--key-home", "file", *brought))


def test_what_goes_by_stick_and_mailbox_keeps_its_shape(countries: Countries) -> None:
    ke, vn, folder = countries.ke, countries.vn, countries.folder
    countries.ask()

    compare("carry-out", ke.json("carry", "out", "--to", "VN", folder / "out"))
    compare("carry-in", vn.json("carry", "in", folder / "out", "--answer", folder / "back"))
    compare("carry-nothing", vn.json("carry", "out", "--to", "KE", folder / "none"))
    compare("mailbox-host", vn.json("mailbox", "host", "--for", "KE"))
    compare("mailbox-use", ke.json("mailbox", "use", "--at", "VN"))
    with countries.vietnam_serving():
        ke.json("sync")
    compare("mailbox-show", ke.json("mailbox", "show"))


def test_an_error_keeps_its_shape(countries: Countries) -> None:
    compare("error", countries.ke.type("show", "zzzzzz", "--as", AMINA, "--json").told)


def test_every_snapshot_is_compared() -> None:
    here, journeys = Path(__file__).parent, Path(__file__).parents[1] / "journeys"
    tests = (*here.glob("test_*.py"), *journeys.glob("test_typed_*.py"))
    source = "".join(each.read_text() for each in tests)

    assert [p.stem for p in sorted(FOLDER.glob("*.json")) if f'"{p.stem}"' not in source] == []
