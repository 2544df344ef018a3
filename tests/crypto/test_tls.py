# SPDX-License-Identifier: Apache-2.0
"""The TLS key: one key, one pin; a real TLS 1.3 handshake; the same inputs give the same bytes."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.tls import TlsKey, spki_pin
from comity.errors import Malformed

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = TlsKey.generate(lambda size: bytes(range(size)))
CERTIFICATE = KEY.certificate("node-ke", hosts=["localhost", "127.0.0.1"], at=NOW, serial=7)


def pem_of(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> ssl.SSLObject:
    """Return the client's end of a handshake carried by hand, without a socket."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = server.wrap_bio(to_server, to_client, server_side=True)
    here = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    for end in (here, there, here, there):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return here


def test_a_peer_that_knows_the_certificate_shakes_hands_in_tls_1_3(tmp_path: Path) -> None:
    bundle = tmp_path / "tls.pem"
    bundle.write_bytes(KEY.bundle(CERTIFICATE))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.minimum_version = ssl.TLSVersion.TLSv1_3
    server.load_cert_chain(bundle)
    client = ssl.create_default_context(cadata=CERTIFICATE.decode())

    end = shake_hands(server, client)

    assert end.version() == "TLSv1.3"
    shown = end.getpeercert(binary_form=True)
    assert shown is not None
    assert spki_pin(shown) == KEY.pin


def test_the_same_inputs_give_the_same_certificate() -> None:
    again = KEY.certificate("node-ke", hosts=["localhost", "127.0.0.1"], at=NOW, serial=7)
    other = KEY.certificate("node-ke", hosts=["localhost", "127.0.0.1"], at=NOW, serial=8)

    assert again == CERTIFICATE
    assert other != CERTIFICATE


def test_a_new_certificate_over_the_same_key_has_the_same_pin() -> None:
    later = KEY.certificate("node-ke", hosts=["ke.example"], at=NOW + timedelta(days=9), serial=9)

    assert spki_pin(later) == spki_pin(CERTIFICATE) == KEY.pin
    assert spki_pin(KEY.bundle(later)) == KEY.pin
    assert TlsKey.generate().pin != KEY.pin


def test_it_is_valid_for_ten_years_from_the_day_before() -> None:
    parsed = x509.load_pem_x509_certificate(CERTIFICATE)

    assert parsed.not_valid_before_utc == NOW - timedelta(days=1)
    assert parsed.not_valid_after_utc == datetime(2036, 2, 29, 12, 0, tzinfo=UTC)
    assert parsed.serial_number == 7


@given(st.binary(min_size=40, max_size=40))
def test_a_key_survives_its_pem(seed: bytes) -> None:
    key = TlsKey.generate(lambda _: seed)

    assert TlsKey.from_pem(key.pem).pem == key.pem
    assert TlsKey.from_pem(key.bundle(CERTIFICATE)).pin == key.pin


@pytest.mark.parametrize("seed", [bytes(40), b"\xff" * 40])
def test_any_randomness_gives_a_key(seed: bytes) -> None:
    assert len(TlsKey.generate(lambda _: seed).pin) == 32


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no key",
        CERTIFICATE,
        pem_of(ed25519.Ed25519PrivateKey.generate()),
        pem_of(ec.generate_private_key(ec.SECP384R1())),
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        ),
    ],
)
def test_what_is_no_p256_key_is_refused(pem: bytes) -> None:
    with pytest.raises(Malformed):
        TlsKey.from_pem(pem)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    for junk in (data, b"-----BEGIN CERTIFICATE-----\n" + data, KEY.pem + data):
        with pytest.raises(Malformed):
            spki_pin(junk)


def test_a_huge_certificate_is_refused_unread() -> None:
    with pytest.raises(Malformed) as caught:
        spki_pin(CERTIFICATE + bytes(20_000))

    assert caught.value.cause == "untrusted.malformed.size"


def test_a_certificate_needs_a_time_zone_a_host_and_a_sound_serial_number() -> None:
    with pytest.raises(ValueError, match="time zone"):
        KEY.certificate("n", hosts=["h"], at=datetime(2026, 3, 1), serial=1)  # noqa: DTZ001  # that is the mistake
    with pytest.raises(ValueError, match="host"):
        KEY.certificate("n", hosts=[], at=NOW, serial=1)
    for serial in (0, -1, 1 << 159):
        with pytest.raises(ValueError, match="serial"):
            KEY.certificate("n", hosts=["h"], at=NOW, serial=serial)


def test_no_repr_shows_the_key() -> None:
    assert repr(KEY) == "TlsKey()"


def test_a_certificate_of_an_unknown_kind_of_key_is_refused() -> None:
    # An X25519 key cannot sign, but it can stand in a certificate signed by another.
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "n")])
    odd = x509.CertificateBuilder(
        name, name, x25519.X25519PrivateKey.generate().public_key(), 1, NOW, NOW + timedelta(1)
    ).sign(ed25519.Ed25519PrivateKey.generate(), None)
    der = odd.public_bytes(Encoding.DER)

    with pytest.raises(Malformed):
        spki_pin(der.replace(bytes.fromhex("06032b656e"), bytes.fromhex("06032b657f")))
