# SPDX-License-Identifier: Apache-2.0
"""The keyring: whose signature is whose, from certificates that were just verified.

Whoever checks a home or a proof must not ask the address book, which believes what is stored. Here
are only keys from entries that a roster's head commits to, under a root that names the agency. Keys
that ended are kept: what they signed in their time still stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from comity.crypto.signing import (
    QuantumVerifyingKey,
    VerifyingKey,
    quantum_verifying_key,
    verifying_key,
)
from comity.domain.ids import AgencyId, CertificateHash, NodeId
from comity.domain.roster import Entry, NodeEntry, OfficerEntry, WitnessesEntry
from comity.errors import BadSignature
from comity.ledger.cosignature import Witness, witness_name


@dataclass(slots=True)
class Keyring:
    _nodes: dict[NodeId, list[NodeEntry]] = field(default_factory=dict)
    _of_agency: dict[AgencyId, list[NodeEntry]] = field(default_factory=dict)
    _officers: dict[CertificateHash, OfficerEntry] = field(default_factory=dict)
    _named: dict[AgencyId, list[WitnessesEntry]] = field(default_factory=dict)

    def add(self, entries: Iterable[tuple[CertificateHash, Entry]]) -> None:
        for named, entry in entries:
            match entry:
                case NodeEntry():
                    self._nodes.setdefault(entry.node, []).append(entry)
                    self._of_agency.setdefault(entry.agency, []).append(entry)
                case OfficerEntry():
                    self._officers[named] = entry
                case WitnessesEntry():
                    self._named.setdefault(entry.agency, []).append(entry)
                case _:
                    continue

    def carrier(self, agency: AgencyId, key_id: str) -> VerifyingKey:
        """Return the carrier key *key_id* if *agency* ever certified it, or raise BadSignature."""
        for entry in self._of_agency.get(agency, ()):
            key = verifying_key(entry.carrier)
            if key.key_id == key_id:
                return key
        raise BadSignature("unknown", key=key_id)

    def officer(self, certificate: str) -> OfficerEntry:
        found = self._officers.get(CertificateHash(certificate))
        if found is None:
            raise BadSignature("not-an-officer")
        return found

    def ledgers(self, node: NodeId) -> tuple[VerifyingKey, ...]:
        """Return every key with which *node* may have signed checkpoints, the newest first."""
        keys = [verifying_key(each.ledger) for each in reversed(self._nodes.get(node, ()))]
        return tuple(dict.fromkeys(keys))

    def quantum(self, node: NodeId) -> tuple[QuantumVerifyingKey, ...]:
        keys = [quantum_verifying_key(e.ledger_quantum) for e in self._nodes.get(node, ())]
        return tuple(dict.fromkeys(keys))

    def witnesses(self) -> tuple[Witness, ...]:
        """Return every witness key of every node."""
        named = [
            Witness(witness_name(entry.node), verifying_key(entry.witness))
            for entries in self._nodes.values()
            for entry in entries
        ]
        return tuple(dict.fromkeys(named))

    def namings(self, agency: AgencyId) -> tuple[tuple[tuple[Witness, ...], int], ...]:
        """Return whom *agency* ever named as its witnesses, each time with how many it takes."""
        return tuple(
            (
                tuple(Witness(witness_name(w.node), verifying_key(w.key)) for w in each.witnesses),
                each.threshold,
            )
            for each in self._named.get(agency, ())
            if each.threshold
        )
