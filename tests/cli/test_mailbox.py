# SPDX-License-Identifier: Apache-2.0
"""``comity mailbox`` on the command line: what is used, what is kept, and how it is said."""

import pytest
from tests.cli.desk_top import Countries


def test_a_mailbox_is_kept_and_shown(countries: Countries) -> None:
    ke = countries.ke

    none = ke.type("mailbox", "show")
    kept = ke.type("mailbox", "host", "--for", "VN", "--quota", "5")
    shown = ke.type("mailbox", "show")
    ended = ke.type("mailbox", "host", "--for", "VN", "--stop")
    again = ke.type("mailbox", "host", "--for", "VN", "--stop")

    assert "No mailbox" in none.out
    assert "30 days" in kept.out
    assert "Customs, Hai Phong" in shown.out
    assert (ended.code, again.code) == (0, 2)
    assert "[usage.mailbox-unknown]" in again.err


def test_a_mailbox_that_is_used_is_visited_by_sync_and_shown(countries: Countries) -> None:
    ke, vn = countries.ke, countries.vn
    vn.type("mailbox", "host", "--for", "KE")
    ke.type("mailbox", "use", "--at", "VN")
    away = ke.type("sync")
    before = ke.type("mailbox", "show")

    with countries.vietnam_serving():
        told = ke.json("sync")

    assert away.code == 4
    assert "Mailbox of" in away.out
    assert "unavailable.unreachable.http" in before.out
    assert [each["code"] for each in told["mailboxes"]] == ["done"]
    assert "you" in ke.type("mailbox", "show").out
    assert ke.type("mailbox", "use", "--at", "VN", "--stop").code == 0
    assert "No mailbox" in ke.type("mailbox", "show").out


@pytest.mark.parametrize(
    "words",
    [
        ("use", "--at", "KE"),
        ("use", "--at", "VN", "--for", "KE"),
        ("use", "--at", "VN", "--for", "VN"),
        ("host", "--for", "KE"),
    ],
)
def test_nobodys_mailbox_is_his_own(countries: Countries, words: tuple[str, ...]) -> None:
    refused = countries.ke.type("mailbox", *words)

    assert refused.code == 2
    assert "[usage.mailbox-own]" in refused.err
