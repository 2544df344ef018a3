# SPDX-License-Identifier: Apache-2.0
"""A witness that is no peer is let in on the command line, by its invitation and its digits."""

from pathlib import Path

import pytest
from tests.cli.homes import Homes, Office

OFFICES = {
    "ke": Office(agency="Customs, Mombasa", country="KE", desk="Operations", people=("Amina",)),
    "university": Office(
        agency="University of Addis", country="ET", desk="Registry", people=("Abebe",)
    ),
}


def test_a_university_vouches_for_a_record_and_does_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homes = Homes.made(tmp_path, OFFICES)
    homes.capture = capsys
    for here, there in (("ke", "university"), ("university", "ke")):
        bare = tmp_path / f"{there}.bare"
        wrote = homes.sits(there).type("peer", "invite", "--to-witness", "-o", str(bare))
        assert wrote.code == 0, wrote.err
        assert OFFICES[there].desk not in bare.read_text()
        let_in = ("peer", "witness", "--let-in", f"@{bare}", "--digits", "-", "--by", "A. First")
        wrong = homes.sits(here).type(*let_in, stdin=homes.digits(here).encode())
        assert wrong.code == 3
        done = homes.sits(here).type(*let_in, stdin=homes.digits(there).encode())
        assert done.code == 0, done.err
        assert OFFICES[there].agency in done.out
    homes.exchange()

    shown = homes.sits("ke").type("home")
    asked = homes.sits("ke").type(
        *("ask", "ET", "--kind", "phone", "--number", "+84900000000", "--as", "Amina")
    )

    assert "vouches for your record, and nothing else" in shown.out
    assert asked.code != 0
    for each in OFFICES:
        assert homes.sits(each).type("verify").code == 0
