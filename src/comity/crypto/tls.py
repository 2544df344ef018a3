# SPDX-License-Identifier: Apache-2.0
"""The node's TLS key and its self-signed certificate, pinned by the peers and signed by nobody.

Peers know the key from the invitation (design §5 *Carriers*): they pin the SHA-256 of its
SubjectPublicKeyInfo (RFC 7469 §2.4), so the certificate may be made anew over the same key and no
authority is asked. The key is ECDSA on P-256, not Ed25519: OpenSSL, urllib3 and cheroot take both,
but browsers refuse Ed25519 certificates and the officers' desks are opened with browsers. It signs
nothing but TLS handshakes. Signatures are deterministic (RFC 6979), so one key, name, time and
serial give one certificate.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.errors import Malformed

VALIDITY = timedelta(days=3653)
"""Ten years. Peers go by the pin; a short life would only break the connection one morning."""

BACKDATED = timedelta(days=1)
"""A peer whose clock runs a day late still sees a certificate that has begun."""

SERIAL_LIMIT = 1 << 159  # RFC 5280 §4.1.2.2: positive, at most 20 octets
PEM_LIMIT = 16 * 1024

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # SP 800-186 §3.2.1.3
# FIPS 186-5 §A.2.1: 64 bits more than the order has, so that the remainder is not skewed.
_SEED_SIZE = 40


@dataclass(frozen=True, slots=True)
class TlsKey:
    """A P-256 private key for TLS alone."""

    _key: ec.EllipticCurvePrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> "TlsKey":
        scalar = int.from_bytes(random(_SEED_SIZE), "big") % (_ORDER - 1) + 1
        return cls(ec.derive_private_key(scalar, ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes) -> "TlsKey":
        """Return the key in *pem*, which may hold its certificate too, as ``bundle`` writes it."""
        try:
            key = load_pem_private_key(pem[:PEM_LIMIT], password=None)
        except (ValueError, TypeError):
            raise Malformed("key") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise Malformed("key")
        return cls(key)

    @property
    def pem(self) -> bytes:
        """Return the private key as unencrypted PKCS #8: to be locked before it is kept."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def pin(self) -> bytes:
        """Return the SHA-256 of the public key, as ``spki_pin`` finds it in a certificate."""
        return _pin(self._key.public_key())

    def certificate(self, name: str, *, hosts: Sequence[str], at: datetime, serial: int) -> bytes:
        """Return a PEM certificate of this key for *hosts*, from a day before *at* for ten years.

        *name* is the node's id: it is public, so no name of a person or an agency belongs there.
        """
        if at.utcoffset() is None:
            raise ValueError("a certificate needs a time zone")
        if not hosts:
            raise ValueError("a certificate needs a host")
        if not 0 < serial < SERIAL_LIMIT:
            raise ValueError("a serial number is positive and below 2^159")
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begin = (at - BACKDATED).replace(microsecond=0)
        builder = x509.CertificateBuilder(
            issuer_name=subject,
            subject_name=subject,
            public_key=self._key.public_key(),
            serial_number=serial,
            not_valid_before=begin,
            not_valid_after=begin + VALIDITY,
        )
        for extension, critical in _extensions(self._key.public_key(), hosts):
            builder = builder.add_extension(extension, critical)
        signed = builder.sign(self._key, SHA256(), ecdsa_deterministic=True)
        return signed.public_bytes(Encoding.PEM)

    def bundle(self, certificate: bytes) -> bytes:
        """Return key and *certificate* in one PEM text, as OpenSSL loads them."""
        return self.pem + certificate


def spki_pin(certificate: bytes) -> bytes:
    """Return the SHA-256 of the SubjectPublicKeyInfo of *certificate*, PEM or DER."""
    if len(certificate) > PEM_LIMIT:
        raise Malformed("size", limit=PEM_LIMIT)
    try:
        if b"-----BEGIN" in certificate:
            parsed = x509.load_pem_x509_certificate(certificate)
        else:
            parsed = x509.load_der_x509_certificate(certificate)
        spki = parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("certificate") from None
    return sha256(spki).digest()


def _pin(public: ec.EllipticCurvePublicKey) -> bytes:
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(spki).digest()


def _extensions(
    public: ec.EllipticCurvePublicKey, hosts: Sequence[str]
) -> list[tuple[x509.ExtensionType, bool]]:
    """Return what RFC 5280 §4.2 wants of one that serves, calls and certifies nobody."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (both, False),
        (x509.SubjectAlternativeName([_host(each) for each in hosts]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False),
    ]


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
