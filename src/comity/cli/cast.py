# SPDX-License-Identifier: Apache-2.0
"""Who plays in the demonstration, and how their servers come to be. All of it is invented."""

from dataclasses import dataclass
from typing import Final

from comity.cli.play import Handed, Play, Side
from comity.language.marks import marked

CALLED: Final = "+254 20 000 0000"
DECIDERS: Final = ("A. Mwangi", "B. Otieno")
_HEARD = marked("{who} refuses a wrong digit of the key of {whom}, and keeps the right ones")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    name: str
    desk: str
    zone: str
    kind: str = "agency"
    people: tuple[tuple[str, str], ...]
    """First names and roles: two of the desk, who oversees it, and one of another desk; or one."""


AGENCIES: Final = {
    "KE": Agency(
        name="Customs, Mombasa",
        desk="Operations desk",
        zone="Africa/Nairobi",
        people=(
            ("Amina", "investigator"),
            ("Juma", "investigator"),
            ("Wanjiru", "supervisor"),
            ("Otieno", "investigator"),
        ),
    ),
    "VN": Agency(
        name="Customs, Hai Phong",
        desk="Anti-smuggling desk",
        zone="Asia/Ho_Chi_Minh",
        people=(
            ("Lan", "investigator"),
            ("Minh", "investigator"),
            ("Huong", "supervisor"),
            ("Tuan", "investigator"),
        ),
    ),
    "ET": Agency(
        name="Wildlife authority, Addis Ababa",
        desk="Duty desk",
        zone="Africa/Addis_Ababa",
        people=(("Abebe", "investigator"),),
    ),
    "ZA": Agency(
        name="Wildlife Watch",
        desk="Liaison desk",
        zone="Africa/Johannesburg",
        kind="ngo",
        people=(("Grace", "liaison"),),
    ),
}

NAMES: Final = {
    "Amina": "Amina Wanjala",
    "Juma": "Juma Kiprono",
    "Wanjiru": "Wanjiru Njoroge",
    "Otieno": "Otieno Ochieng",
    "Lan": "Nguyen Thi Lan",
    "Minh": "Tran Quang Minh",
    "Huong": "Le Thu Huong",
    "Tuan": "Pham Anh Tuan",
    "Abebe": "Abebe Girma",
    "Grace": "Grace Dlamini",
}
"""Known to their own agencies alone; abroad they are officer 1, officer 2."""


def settle(play: Play, side: Side) -> None:
    """Make *side*'s home, with its people, its desks and its mandate."""
    agency = AGENCIES[side.country]
    play.run(
        side,
        *("node", "create", "--agency", agency.name, "--country", side.country),
        *("--type", agency.kind, "--practice", "--address", side.address),
    )
    for name, role in agency.people:
        play.run(side, "officer", "add", "--name", Handed(NAMES[name]), "--role", role)
    desks = (
        ((agency.desk, "--zone", agency.zone), agency.people[:2]),
        (("Oversight desk", "--oversight"), agency.people[2:3]),
        (("Registry",), agency.people[3:]),
    )
    for told, members in desks:
        joined = [word for name, _ in members for word in ("--member", Handed(NAMES[name]))]
        if joined:
            play.run(side, "desk", "add", "--name", *told, *joined)
    play.run(
        side,
        *("mandate", "add", "--law", "Wildlife Act, section 12 (invented)"),
        *("--signed-by", "The Commissioner", "--until", "2030-12-31"),
    )


def decided() -> tuple[str | Handed, ...]:
    """Return the words by which two people decide."""
    return tuple(word for each in DECIDERS for word in ("--decided-by", Handed(each)))


def admit(play: Play, host: Side, guest: Side, invitation: str) -> None:
    """Let *host* admit *guest* after a letter and a call, and compare its key by voice."""
    play.run(
        host,
        *("peer", "accept", "-", "--nominated-by", "Ministry of the Interior"),
        *("--letter", "MI/2026/44", "--called", Handed(CALLED)),
        *("--number-from", "the ministry's own site", *decided(), "--review", "2027-11-24"),
        given=invitation,
    )
    compare(play, host, guest)


def compare(play: Play, host: Side, guest: Side) -> None:
    """Let *host* hear a wrong digit of *guest*'s key, and then the right ones."""
    digits = play.run(guest, "peer", "fingerprint")["fingerprint"]
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    check = ("peer", "check", guest.country, "--by", Handed(DECIDERS[0]), "--digits", "-")
    play.run(host, *check, given=wrong, ends=3)
    told = {"who": AGENCIES[host.country].name, "whom": AGENCIES[guest.country].name}
    play.claim(play.run(host, *check, given=digits)["ok"], _HEARD, **told)
