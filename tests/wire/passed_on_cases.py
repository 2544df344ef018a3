# SPDX-License-Identifier: Apache-2.0
"""The vectors of passing on: Hai Phong told Mombasa, Mombasa tells Addis Ababa, who tells Lomé.

``vietnam``, ``kenya`` and ``ethiopia`` sign; each case is bent in one thing.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from tests.wire import tale
from tests.wire.signed_cases import Case
from tests.wire.tale import AMINA, AT, ET, KE, PHOTOGRAPH, VN

from comity.crypto.signing import SigningKey
from comity.domain.consent import Consent, Word
from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import ActId, AgencyId, CertificateHash, OfficerId, digest
from comity.domain.onward import Use
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    Author,
    Basis,
    Body,
    Outcome,
    PassOn,
    Reader,
    ReaderKind,
    Statement,
    Why,
    type_of,
)
from comity.domain.time import written
from comity.wire import statement

LAN: Final = SigningKey.from_seed(bytes([10]) * 32)
ABEBE: Final = SigningKey.from_seed(bytes([11]) * 32)
TG: Final = AgencyId("t" * 26)
ANSWER: Final = ActId("b" * 26)
ASKED: Final = Handling(see=See.DESK, onward=Leave.ASK, judicial=Leave.NO)
TOLD: Final = Answer(
    to=tale.ACT,
    outcome=Outcome.INFORMATION,
    text="Đăng ký từ năm 2024.",
    handling=ASKED,
    attachments=(PHOTOGRAPH,),
)
DESK: Final = "d" * 26


def said(body: Body, *, of: AgencyId, to: AgencyId, act: str, **more: Any) -> Statement:
    """Return what an officer of *of*, who signs for its desk, says to *to*."""
    officer = OfficerId(of[:1] * 25 + "a")
    made = Statement(
        type=type_of(body),
        act=ActId(act),
        thread=tale.THREAD,
        at=AT,
        author=Author(
            agency=of,
            officer=officer,
            certificate=CertificateHash(digest(of.encode())),
            desk=DESK,
        ),
        to=to,
        readers=(
            Reader(agency=of, id=officer, kind=ReaderKind.OFFICER, epoch=1, why=Why.AUTHOR),
            Reader(agency=to, id=DESK, kind=ReaderKind.DESK, epoch=1, why=Why.ADDRESSED),
        ),
        language="en",
        roster=1,
        body=body,
    )
    return replace(made, **more)


def told(**more: Any) -> Statement:
    return said(more.pop("body", TOLD), **{"of": VN, "to": KE, "act": ANSWER, **more})


def word(*, of: AgencyId = VN, author: Author | None = None, **changed: Any) -> Statement:
    """Return Viet Nam's consent to Kenya's telling Ethiopia, changed as the case says."""
    body = Consent(
        **{
            "to": ActId("c" * 25 + "a"),
            "word": Word.YES,
            "act": ANSWER,
            "use": Use.PASS_ON,
            "holder": KE,
            "agencies": (ET,),
            "handling": ASKED,
            "until": "2026-12-23T07:40:00Z",
            **changed,
        }
    )
    made = said(body, of=of, to=KE, act="f" * 25 + "a")
    return replace(made, author=author) if author else made


def passed(
    original: Statement | None = None,
    consent: Statement | None = None,
    *,
    of: AgencyId = KE,
    to: AgencyId = ET,
    **changed: Any,
) -> Statement:
    original = original or told()
    body = PassOn(
        **{
            "kind": "phone",
            "kind_version": 1,
            "ref": "CID/MSA/2026/1125",
            "short": "KE-4823",
            "recipient": to,
            "original": signed(original),
            "consent": signed(consent) if consent else b"",
            "use": "intelligence",
            "handling": ASKED,
            "basis": Basis(code="untoc-18-4"),
            "mandate": "n" * 26,
            "attachments": (PHOTOGRAPH,),
            **changed,
        }
    )
    return said(body, of=of, to=to, act=of[:1] * 25 + "i")


def signed(made: Statement) -> bytes:
    keys = {VN: LAN, KE: AMINA, ET: ABEBE}
    return statement.sign(made, keys[made.author.agency]).dsse


def cases() -> Iterator[tuple[str, Case]]:
    for name, about, why, made in (*_good(), *_bad(), *_bad_consents()):
        yield (
            name,
            {
                "about": about,
                "outcome": "accepted" if not why else f"refused.{why}",
                "kind": "passed-on",
                "why": why,
                "at": written(AT),
                "dsse": signed(made).decode(),
            },
        )


Row = tuple[str, str, str, Statement]


def _free(leave: Leave = Leave.YES, **more: Any) -> Answer:
    return replace(TOLD, handling=replace(ASKED, onward=leave, **more))


def _good() -> Iterator[Row]:
    yield "consented", "with the originator's consent", "", passed(consent=word())
    wider = replace(ASKED, judicial=Leave.YES)
    yield (
        "widened-by-originator",
        "the originator himself allows more",
        "",
        passed(consent=word(handling=wider), handling=wider),
    )
    yield "free", "handling lets anybody pass it on", "", passed(told(body=_free()))
    seen = told(body=_free(Leave.ASK, see=See.COMMUNITY))
    yield "seen-by-all", "handling lets all authorities see it", "", passed(seen)
    fewer = passed(consent=word(), attachments=())
    yield "without-files", "its files are left out", "", fewer
    first = passed(consent=word())
    second = word(holder=ET, agencies=(TG,))
    yield (
        "twice",
        "passed on again, with a consent of its own",
        "",
        passed(first, second, of=ET, to=TG),
    )


def _bad() -> Iterator[Row]:
    own = said(TOLD, of=KE, to=KE, act=ANSWER)
    yield "bad-own", "what the passer said himself", "not-told", passed(own, word())
    elsewhere = told(to=ET)
    yield (
        "bad-to-another",
        "a copy that went to another agency",
        "not-told",
        passed(elsewhere, word()),
    )
    looker = told()
    copied = replace(
        looker, readers=(looker.readers[0], replace(looker.readers[1], why=Why.OVERSIGHT))
    )
    yield "bad-overseers-copy", "a copy for an oversight desk", "not-told", passed(copied, word())
    nothing = told(body=Acknowledgement(to=tale.ACT))
    yield (
        "bad-nothing-told",
        "an acknowledgement, which tells nothing",
        "not-told",
        passed(nothing, word()),
    )
    other = replace(PHOTOGRAPH, seed=bytes(32))
    yield (
        "bad-files",
        "a file under another seed",
        "files",
        passed(consent=word(), attachments=(other,)),
    )
    over = told(body=_free(expires="2026-11-23T07:40:00Z"))
    yield "bad-expired", "what may not be used any more", "handling-expired", passed(over)
    yield "bad-onward-no", "handling says no", "pass-on-no", passed(told(body=_free(Leave.NO)))
    wide = replace(ASKED, judicial=Leave.YES)
    yield "bad-wider", "under a wider handling", "wider", passed(consent=word(), handling=wide)
    free = told(body=_free())
    yield (
        "bad-wider-free",
        "wider though free",
        "wider",
        passed(free, handling=replace(wide, onward=Leave.YES)),
    )
    narrow = replace(ASKED, see=See.NAMED)
    first = passed(consent=word(), handling=narrow)
    second = word(holder=ET, agencies=(TG,))
    yield (
        "bad-wider-than-hand",
        "wider than the hand before",
        "wider",
        passed(first, second, of=ET, to=TG),
    )
    bent = passed(told(body=_free(Leave.ASK)))
    yield (
        "bad-hand-before",
        "an earlier hand had no consent",
        "needs-consent",
        passed(bent, second, of=ET, to=TG),
    )


def _bad_consents() -> Iterator[Row]:
    lan = word().author
    for name, about, why, consent in (
        ("none", "without consent", "needs-consent", None),
        ("no", "though the originator said no", "consent-no", word(word=Word.NO)),
        ("over", "with a consent that is over", "consent-over", word(until="2026-11-23T07:40:00Z")),
        ("another-act", "with consent to another act", "consent-elsewhere", word(act=tale.ACT)),
        ("another-holder", "with another holder's consent", "consent-elsewhere", word(holder=ET)),
        ("another-recipient", "with consent to tell another", "consent-elsewhere", word(agencies=(TG,))),
        ("another-use", "with consent to another use", "consent-elsewhere", word(use=Use.COURT)),
        ("another-purpose", "with consent to another purpose", "consent-elsewhere", word(purpose="evidence")),
        ("another-agency", "with the passer's own consent", "consent-of-another", word(of=KE)),
        ("another-desk", "with consent of an officer elsewhere in that agency", "consent-of-another",
         word(author=replace(lan, officer=OfficerId("v" * 25 + "e"), desk="e" * 25 + "a"))),
        ("brought", "with a consent that says whose it is", "consent", word(signed=b"{}")),
        ("no-consent", "with what is no consent", "consent", told()),
    ):  # fmt: skip
        yield f"bad-consent-{name}", about, why, passed(consent=consent)
