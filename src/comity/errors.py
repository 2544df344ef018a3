# SPDX-License-Identifier: Apache-2.0
"""Every error an officer, a peer agency or an operator can meet.

Each class carries a stable ``code`` that keys the translated sentence (``language/sentences.py``),
appears in ``--json`` and in the node API, and is listed in ``docs/errors.md``. ``values`` fill the
sentence; they hold ids, sizes and names of fields, never content, names of people or numbers.

ComityError
├── Refused          we understood, and the rules say no                        exit 1
│   ├── NoMandate, NotChecked, NotAdmitted, Excluded
│   ├── NeedsReason, NeedsCountersignature, TooLate, NotCompetent
│   └── Misused      the call itself is wrong: a missing field, an unknown word exit 2
├── Untrusted        bytes that failed verification: never shown, recorded      exit 3
│   ├── BadSignature, NotForUs, Malformed, Stale, Differs, TwoBodies
│   └── BadProof
│       └── LedgerFork
└── Unavailable      try again later, or mend the machine                       exit 4
    └── Locked, DiskFull, Busy, Unreachable, Damaged
"""

from collections.abc import Mapping
from typing import ClassVar


class ComityError(Exception):
    """The root: catch it once, at a face."""

    code: ClassVar[str] = "error"
    exit: ClassVar[int] = 1

    def __init__(self, code: str | None = None, /, **values: str | int) -> None:
        """Keep *values* for the sentence; *code* narrows the class's own to one cause."""
        self.cause = f"{type(self).code}.{code}" if code else type(self).code
        self.values: Mapping[str, str | int] = values
        super().__init__(self.cause, dict(values))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.cause} ({told})" if told else self.cause


class Refused(ComityError):
    """We understood, and the rules say no."""

    code = "refused"
    exit = 1


class NoMandate(Refused):
    """No mandate of this agency covers this kind, country and purpose at this time."""

    code = "refused.no-mandate"


class NotChecked(Refused):
    """Nothing with a name in it goes to a peer whose key nobody compared by voice."""

    code = "refused.not-checked"


class NotAdmitted(Refused):
    """The agency is not among the peers that this agency has admitted."""

    code = "refused.not-admitted"


class Excluded(Refused):
    """The reader is barred from this thread."""

    code = "refused.excluded"


class NeedsReason(Refused):
    """Possible, with a reason that stays in the statement."""

    code = "refused.needs-reason"


class NeedsCountersignature(Refused):
    """Held until the oversight desk has countersigned."""

    code = "refused.needs-countersignature"


class TooLate(Refused):
    """The moment for this act has passed."""

    code = "refused.too-late"


class NotCompetent(Refused):
    """This person may not do this here."""

    code = "refused.not-competent"


class Misused(Refused):
    """The call itself is wrong: a field is missing, a word unknown, a file absent."""

    code = "usage"
    exit = 2


class Untrusted(ComityError):
    """Bytes that failed verification: never shown, always recorded."""

    code = "untrusted"
    exit = 3


class BadSignature(Untrusted):
    """A signature does not match, or its key is not certified for this purpose."""

    code = "untrusted.signature"


class NotForUs(Untrusted):
    """Sealed to somebody else, or addressed to another node."""

    code = "untrusted.not-for-us"


class Malformed(Untrusted):
    """Truncated, oversized, too deep, not canonical, or not of its type."""

    code = "untrusted.malformed"


class Stale(Untrusted):
    """Older than what is already held, or judged at a time when its key was not valid."""

    code = "untrusted.stale"


class Differs(Untrusted):
    """A docket says one thing and its opened statement another."""

    code = "untrusted.differs"


class TwoBodies(Untrusted):
    """One act id came with two bodies: both are kept as evidence."""

    code = "untrusted.two-bodies"


class BadProof(Untrusted):
    """An inclusion or consistency proof does not lead to the signed root."""

    code = "untrusted.proof"


class LedgerFork(BadProof):
    """A ledger showed two histories that cannot both be true."""

    code = "untrusted.fork"


class Unavailable(ComityError):
    """Try again later, or mend the machine."""

    code = "unavailable"
    exit = 4


class Locked(Unavailable):
    """The house key is not open: the operator's passphrase is awaited."""

    code = "unavailable.locked"


class DiskFull(Unavailable):
    """Nothing was written: the disk is full or read-only."""

    code = "unavailable.disk"


class Busy(Unavailable):
    """Another process holds the database, or too many unlocks run at once."""

    code = "unavailable.busy"


class Unreachable(Unavailable):
    """The peer did not answer."""

    code = "unavailable.unreachable"


class Damaged(Unavailable):
    """Something stored here is not what was written; ``comity verify`` says where."""

    code = "unavailable.damaged"
