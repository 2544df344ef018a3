# SPDX-License-Identifier: Apache-2.0
"""A mailbox that withholds, repeats, reorders or changes what it was given: nothing is lost, and it shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.mail import Mail, cut_off
from tests.services.parcels import has, kept_against, size, waiting_rows
from tests.services.scene import asked
from tests.services.sticks import answered, written
from tests.services.test_stick import states
from tests.world import World

from comity.services import mailbox, postman
from comity.services.mailbox import Collection
from comity.wire import canonical


@pytest.fixture(scope="session")
def away(tmp_path_factory: pytest.TempPathFactory) -> World:
    with cut_off(tmp_path_factory.mktemp("away")) as world:
        return world


@pytest.fixture
def mail(away: World, tmp_path: Path) -> Iterator[Mail]:
    with away.copied(tmp_path) as world:
        yield Mail(world)


def test_a_mailbox_that_withholds_loses_nothing_and_its_silence_shows(mail: Mail) -> None:
    done = mail.ke.seat().ask(asked())
    mail.ways[mail.vn.id].give = lambda _file: b""

    for _ in range(4):
        mail.go(mail.ke)
        mail.go(mail.vn)
        mail.world.hours.pass_(hours=25)

    assert states(mail.ke, done.act) == ["sent"]  # and not "delivered": who asked sees it
    assert sum(each.count for each in waiting_rows(mail.ke)) == 1
    assert len(mail.ways[mail.ke.id].left) > 1
    back = answered(mail.vn, mail.ke, written(mail.ke, mail.vn))  # by another way, then
    assert has(mail.vn, done.act)
    assert back


def test_a_mailbox_that_repeats_brings_nothing_twice_and_holds_nobody(mail: Mail) -> None:
    done = mail.ke.seat().ask(asked())
    mail.go(mail.ke)
    [old] = mail.ways[mail.ke.id].left
    mail.ways[mail.vn.id].give = lambda _file: old
    for _ in range(3):
        assert mail.go(mail.vn) is None
    before = size(mail.vn)

    assert mail.go(mail.vn) is None

    assert has(mail.vn, done.act)
    assert len(mail.vn.inbox()) == 1
    assert size(mail.vn) == before
    assert len(mail.ways[mail.vn.id].collected) == 2 * 4


def test_a_mailbox_that_reorders_changes_nothing(mail: Mail) -> None:
    done = []
    for _ in range(3):
        done.append(mail.ke.seat().ask(asked()))
        mail.go(mail.ke)
    late = iter([*reversed(mail.ways[mail.ke.id].left), b""])
    mail.ways[mail.vn.id].give = lambda _file: next(late)

    mail.go(mail.vn)
    mail.ways[mail.vn.id].give = bytes
    mail.rounds()

    assert all(states(mail.ke, each.act) == ["delivered"] for each in done)
    assert len(mail.vn.inbox()) == 3
    assert kept_against(mail.ke) == kept_against(mail.vn) == []


@pytest.mark.parametrize("at", [3, 40, 200, -200, -1])
def test_a_mailbox_that_changes_a_file_is_found_out_and_the_sender_leaves_it_again(
    mail: Mail, at: int
) -> None:
    done = mail.ke.seat().ask(asked())
    mail.go(mail.ke)

    def bent(file: bytes) -> bytes:
        where = at % len(file) if file else 0
        return file and file[:where] + bytes([file[where] ^ 1]) + file[where + 1 :]

    mail.ways[mail.vn.id].give = bent
    mail.go(mail.vn)
    spoiled = postman.last_visit(mail.vn.house, mail.et.id).spoiled
    came = has(mail.vn, done.act)
    mail.ways[mail.vn.id].give = bytes
    mail.world.hours.pass_(hours=25)
    mail.rounds()

    assert spoiled == 1
    assert came == (at == -1)  # only its end was changed: the parcel itself verifies
    assert states(mail.ke, done.act) == ["delivered"]
    assert len(mail.vn.inbox()) == 1


def test_a_mailbox_cannot_write_in_anothers_name(mail: Mail) -> None:
    """It knows every key that is public, and seals a parcel that takes back what was sent."""
    mail.ke.seat().ask(asked())
    mail.go(mail.ke)
    file = mail.ways[mail.ke.id].left[0]
    cover = file[: file.index(b"}") + 1]
    forged = cover + file[len(cover) :].replace(file[-68:], b"")[:100]
    mail.ways[mail.vn.id].give = lambda _file: forged
    before = size(mail.vn)

    assert mail.go(mail.vn) is None

    assert size(mail.vn) == before
    assert postman.last_visit(mail.vn.house, mail.et.id).spoiled == 1


def test_a_mailbox_that_never_ends_is_left(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postman, "LETTERS", 20)
    counted = iter(range(1_000))
    mail.ways[mail.vn.id].give = lambda _file: b"%d" % next(counted)

    assert mail.go(mail.vn) is None

    assert len(mail.ways[mail.vn.id].collected) == 20


def test_the_mailbox_sees_who_and_how_large_and_when_and_nothing_else(mail: Mail) -> None:
    seat = mail.ke.seat()
    seat.ask(asked(facts="Two tonnes of raw ivory under timber."))
    mail.go(mail.ke)

    file = mail.et.node.collect(canonical.encode(Collection()), mail.vn.id)
    names = [mail.ke.settled.people["investigator"], mail.ke.agency, mail.vn.settled.desk]

    assert b"ivory" not in file
    assert not any(each.encode() in file for each in names)
    [held] = mailbox.kept(mail.et.house)
    assert (held.depositor, held.recipient, held.count) == (mail.ke.id, mail.vn.id, 1)
    assert mail.et.inbox() == ()
