# SPDX-License-Identifier: Apache-2.0
"""An agency is founded with a root that leaves the machine, and certifies its node."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.settle import PASSPHRASE, Settled, inhabit, ticking

from comity.crypto.age import Passphrase, decrypt
from comity.crypto.signing import SigningKey
from comity.crypto.tls import TlsKey
from comity.crypto.vault import NONCE_SIZE, Vault
from comity.domain.ids import Random, agency_id, digest
from comity.domain.roster import AgencyType, NodeEntry
from comity.errors import DiskFull, Misused
from comity.services import home
from comity.services.address_book import read_book
from comity.services.agencies import check_address, found_agency, move, own_agency
from comity.services.agency_card import AgencyCard
from comity.services.house import House


def found(house: House, path: Path, **changed: object) -> AgencyCard:
    told: dict[str, object] = {
        "name": "Wildlife Service",
        "country": "KE",
        "kind": AgencyType.AGENCY,
        "address": "",
        "root_file": path / "root.age",
        "root_passphrase": PASSPHRASE,
    }
    return found_agency(house, **{**told, **changed})  # type: ignore[arg-type]


def test_an_agency_s_root_is_in_the_file_and_nowhere_else(kenya: Settled, tmp_path: Path) -> None:
    card = found(kenya.house, tmp_path)

    opened = decrypt((tmp_path / "root.age").read_bytes(), [Passphrase(PASSPHRASE)]).decode()
    root, following = (
        SigningKey(bytes.fromhex(each.rpartition(" ")[2])) for each in opened.splitlines()[1:]
    )

    assert card.id == agency_id(root.public.raw)
    assert card.root.root == root.public.raw
    assert card.root.successor == digest(following.public.raw)
    assert stat.S_IMODE((tmp_path / "root.age").stat().st_mode) == 0o600
    for path in kenya.house.home.rglob("*"):
        if path.is_file():
            assert root.seed not in path.read_bytes()
            assert b"Wildlife Service" not in path.read_bytes()


def test_an_agency_certifies_its_node_s_keys(kenya: Settled) -> None:
    keys, node = kenya.house.keys, kenya.card.node

    assert node.node == keys.node
    assert (node.carrier, node.witness) == (keys.carrier.public.raw, keys.witness.public.raw)
    assert node.parcel == str(keys.parcel.recipient)
    assert (node.ledger, node.ledger_quantum) == (
        keys.ledger.public.raw,
        keys.ledger_quantum.public.raw,
    )
    assert node.origin == f"comity/{keys.node}/1"


def test_an_address_on_the_net_comes_with_the_pin_of_its_tls_key(kenya: Settled) -> None:
    entry = move(kenya.house, kenya.agency, "https://node.customs.example:8443")

    assert kenya.card.node == entry
    assert entry.tls == TlsKey.from_pem(kenya.house.keys.tls).pin.hex()
    current = [each for each in kenya.card.current.values() if isinstance(each, NodeEntry)]
    assert current == [entry]


def test_a_node_that_nobody_can_call_says_no_address(kenya: Settled) -> None:
    entry = move(kenya.house, kenya.agency, "")

    assert (entry.address, entry.tls) == ("", "")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://node.customs.example",
        "https://node.customs.example:8443",
        "https://[2001:db8::1]:8443",
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]:8080",
        "http://ke.localhost:8080",
    ],
)
def test_addresses_that_peers_can_be_told(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "node.customs.example",
        "http://node.customs.example",
        "http://localhost.evil.example",
        "ftp://127.0.0.1",
        "https://",
        "https://:8443",
        "https://user:secret@node.example",
        "https://node.example/path",
        "https://node.example?x",
        "https://node.example#x",
        "https://node.example:0",
        "https://node.example:99999",
        "https://[node.example",
        "HTTPS://node.example",
        "https://n\u00f8de.example",
        "https://node.example\n",
        "https://" + "n" * 255,
    ],
)
def test_addresses_that_peers_cannot_be_told(address: str) -> None:
    with pytest.raises(Misused) as refused:
        check_address(address)
    assert refused.value.cause == "usage.address"


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"name": ""}, "usage.field-missing"),
        ({"name": "Customs/Police"}, "usage.field-value"),
        ({"name": "customs, MOMBASA"}, "usage.agency-exists"),
        ({"country": "Kenya"}, "usage.country"),
        ({"country": "XA"}, "usage.country"),
        ({"country": "XYZ", "kind": AgencyType.BODY}, "usage.country"),
        ({"address": "http://node.example"}, "usage.address"),
        ({"root_passphrase": ""}, "usage.passphrase.empty"),
    ],
)
def test_what_cannot_be_an_agency_is_said_and_leaves_nothing(
    kenya: Settled, tmp_path: Path, changed: dict[str, object], cause: str
) -> None:
    with pytest.raises(Misused) as refused:
        found(kenya.house, tmp_path, **changed)

    assert refused.value.cause == cause
    assert not (tmp_path / "root.age").exists()
    assert len(read_book(kenya.house).own) == 1


def test_a_body_of_several_states_may_have_a_code_of_its_own(
    kenya: Settled, tmp_path: Path
) -> None:
    card = found(kenya.house, tmp_path, country="xa", kind=AgencyType.BODY)

    assert (card.country, card.kind) == ("XA", AgencyType.BODY)


def test_a_root_file_that_is_there_is_left_alone(kenya: Settled, tmp_path: Path) -> None:
    (tmp_path / "root.age").write_text("another agency's")

    with pytest.raises(Misused) as refused:
        found(kenya.house, tmp_path)

    assert refused.value.cause == "usage.root-file-exists"
    assert (tmp_path / "root.age").read_text() == "another agency's"
    assert len(read_book(kenya.house).own) == 1


def test_without_room_for_the_root_there_is_no_agency(kenya: Settled) -> None:
    for path in (Path("/proc"), Path("/dev/full/root")):
        with pytest.raises(DiskFull):
            found(kenya.house, path)

    assert len(read_book(kenya.house).own) == 1


def test_a_disk_that_fills_while_the_root_is_written_leaves_no_agency(
    kenya: Settled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFull):
        found(kenya.house, tmp_path)

    assert not (tmp_path / "root.age").exists()


def test_an_agency_that_cannot_be_written_leaves_no_root_behind(
    kenya: Settled, tmp_path: Path
) -> None:
    def failing(size: int) -> bytes:
        if size == NONCE_SIZE:
            raise MemoryError
        return kenya.house.random(size)

    house = replace(kenya.house, vault=Vault(kenya.house.vault.house_key, failing))
    with pytest.raises(MemoryError):
        found(house, tmp_path)

    assert not (tmp_path / "root.age").exists()
    assert len(read_book(kenya.house).own) == 1


def test_the_only_agency_of_a_home_needs_no_name(kenya: Settled, tmp_path: Path) -> None:
    assert own_agency(kenya.house).id == kenya.agency

    ethiopia = inhabit(kenya.house, tmp_path, "ET")

    assert own_agency(kenya.house, "et").id == ethiopia.agency
    with pytest.raises(Misused) as refused:
        own_agency(kenya.house)
    assert refused.value.cause == "usage.agency-ambiguous"


def test_a_home_without_an_agency_says_so(tmp_path: Path) -> None:
    house = home.create(
        tmp_path / "ke", key_home="file", ask_house=str, clock=ticking(), practice=True
    )

    with pytest.raises(Misused) as refused:
        own_agency(house)
    assert refused.value.cause == "usage.agency-none"
    home.close(house)


def test_a_root_is_made_of_the_randomness_that_was_given(kenya: Settled, tmp_path: Path) -> None:
    drawn: list[bytes] = []

    def recorded(random: Random) -> Random:
        def draw(size: int) -> bytes:
            drawn.append(random(size))
            return drawn[-1]

        return draw

    house = replace(kenya.house, random=recorded(kenya.house.random))
    card = found(house, tmp_path)

    assert SigningKey(drawn[0]).public.raw == card.root.root
