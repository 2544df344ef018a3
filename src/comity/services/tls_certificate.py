# SPDX-License-Identifier: Apache-2.0
"""The certificate of a node's TLS key: peers pin the key, and believe nothing else in it."""

from datetime import datetime

from comity.crypto.tls import TlsKey
from comity.domain.ids import NodeId, Random


def certificate(tls: TlsKey, node: NodeId, at: datetime, random: Random) -> bytes:
    serial = int.from_bytes(random(16), "big") | 1
    # Peers pin the key; the host in the certificate is for nobody to believe.
    return tls.certificate(node, hosts=["localhost", "127.0.0.1"], at=at, serial=serial)
