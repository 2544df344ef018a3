# SPDX-License-Identifier: Apache-2.0
"""A scene for the fold: Mombasa asks Hai Phong; both, and whoever meddles, act in turn.

Times run on by a minute an act. Nothing is signed here: the fold begins where verification ends.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.strategies import NOW

from comity.domain.docket import ClockClass, Docket, Proven, Receipt, ReceiptStage
from comity.domain.fold import fold
from comity.domain.handling import Handling
from comity.domain.ids import (
    ActId,
    AgencyId,
    CertificateHash,
    CopyId,
    EnvelopeId,
    NodeId,
    OfficerId,
    ThreadId,
    agency_id,
    base32,
    digest,
)
from comity.domain.release import stage_of
from comity.domain.statement import (
    TYPES,
    Acknowledgement,
    Answer,
    AskBack,
    Author,
    Basis,
    Body,
    Countersignature,
    Decision,
    HandOver,
    Note,
    Outcome,
    Reader,
    ReaderKind,
    Request,
    Statement,
    Stop,
    Take,
    Unknown,
    Urgency,
    Why,
)
from comity.domain.thread import Released, Seen, Thread


def an_id(name: str) -> str:
    return base32(bytes.fromhex(digest(name.encode()))[:16])


MINUTE = timedelta(minutes=1)
THREAD = ThreadId(an_id("thread"))
KENYA = agency_id(b"kenya".ljust(32))
VIETNAM = agency_id(b"vietnam".ljust(32))
BUREAU = agency_id(b"national bureau".ljust(32))
STRANGER = agency_id(b"stranger".ljust(32))
AMINA, JUMA, CHIEF = (OfficerId(an_id(each)) for each in ("amina", "juma", "chief"))
LAN, MINH, EVE = (OfficerId(an_id(each)) for each in ("lan", "minh", "eve"))
PORT, HAIPHONG, OVERSIGHT = (an_id(each) for each in ("port", "haiphong", "oversight"))
NODE = NodeId(an_id("node"))

REQUEST = Request(
    kind="phone",
    kind_version=1,
    ref="MSA/114",
    short="KV-4821",
    fields={"number": ("+84 90 000 0000",)},
    facts="Written on the seal.",
    offence="ivory",
    why_you="The number is yours.",
    link="On the seal.",
    use="intelligence",
    handling=Handling(),
    urgency=Urgency.URGENT,
    urgency_reason="The ship leaves.",
    basis=Basis(code="untoc-27-1"),
    mandate=an_id("mandate"),
)
NOTE = Note(
    kind="seizure",
    kind_version=1,
    ref="MSA/115",
    short="KV-4822",
    fields={},
    facts="",
    offence="ivory",
    why_you="",
    handling=Handling(),
    basis=Basis(code="untoc-18-4"),
    mandate=an_id("mandate"),
)


@dataclass
class Scene:
    """What one viewer has seen of a thread, act by act."""

    viewer: AgencyId = KENYA
    seen: list[Seen] = field(default_factory=list)
    dockets: list[Released] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    proven: list[Proven] = field(default_factory=list)
    held: set[ActId] = field(default_factory=set)
    now: datetime = NOW
    count: int = 0

    def act(
        self,
        body: Body,
        *,
        by: OfficerId,
        of: AgencyId,
        to: AgencyId,
        desk: str = "",
        act: ActId | None = None,
        copy: str = "",
        at: datetime | None = None,
        overseer: str = "",
        private: bool = False,
        ours: bool | None = None,
        addressed: bool = True,
    ) -> ActId:
        """Add one copy of an act; the next minute begins."""
        self.count += 1
        self.now += MINUTE
        act = act or ActId(an_id(f"act {self.count}"))
        when = at or self.now
        named = [self._reader(of, by, ReaderKind.OFFICER, Why.AUTHOR)]
        if addressed:
            named.append(self._reader(to, HAIPHONG, ReaderKind.DESK, Why.ADDRESSED))
        if overseer:
            named.append(self._reader(of, overseer, ReaderKind.DESK, Why.OVERSIGHT))
        statement = Statement(
            type=next((name for name, kind in TYPES.items() if kind is type(body)), "x/new@1"),
            act=act,
            thread=THREAD,
            at=when,
            author=Author(
                agency=of,
                officer=by,
                certificate=CertificateHash(digest(by.encode())),
                desk=desk,
            ),
            to=to,
            readers=tuple(named),
            language="sw",
            roster=1,
            body=body,
        )
        self.seen.append(
            Seen(
                statement=statement,
                copy=CopyId(digest(f"copy {self.count} {copy}".encode())),
                judged_at=when,
                provisional=False,
                ours=of == self.viewer if ours is None else ours,
                private=private,
            )
        )
        self._release(statement, addressed=addressed)
        return act

    def ask(self, body: Body = REQUEST, **how: object) -> ActId:
        return self.act(body, **{"by": AMINA, "of": KENYA, "to": VIETNAM, **how})  # type: ignore[arg-type]  # the caller's own words

    def by_asked(self, body: Body, **how: object) -> ActId:
        return self.act(body, **{"by": LAN, "of": VIETNAM, "to": KENYA, **how})  # type: ignore[arg-type]  # likewise

    def at_home(self, body: Body, **how: object) -> ActId:
        """Act on a thread without sending anything abroad."""
        home = self.viewer
        by = AMINA if home == KENYA else LAN
        return self.act(body, **{"by": by, "of": home, "to": home, "addressed": False, **how})  # type: ignore[arg-type]  # likewise

    def acknowledge(self, to: ActId, expect: str = "") -> ActId:
        return self.by_asked(Acknowledgement(to=to, expect=expect))

    def ask_back(self, to: ActId) -> ActId:
        return self.by_asked(AskBack(to=to, reasons=("period",), fields=("period",)))

    def answer(self, to: ActId, outcome: Outcome = Outcome.INFORMATION, **how: object) -> ActId:
        return self.by_asked(Answer(to=to, outcome=outcome, ref="HP/9"), **how)

    def supply(self, to: ActId) -> ActId:
        return self.ask(Answer(to=to, outcome=Outcome.INFORMATION))

    def take(self, to: ActId, **how: object) -> ActId:
        return self.at_home(Take(to=to), **how)

    def hand_over(self, to: ActId, taker: str, **how: object) -> ActId:
        return self.at_home(HandOver(to=to, taker=taker, remark="night"), **how)

    def stop(self, to: ActId, **how: object) -> ActId:
        return self.at_home(Stop(to=to), **how)

    def countersign(self, act: ActId, decision: Decision, **how: object) -> ActId:
        body = Countersignature(to=act, decision=decision)
        return self.at_home(body, **{"by": CHIEF, "desk": OVERSIGHT, **how})

    def receipt(
        self,
        act: ActId,
        stage: ReceiptStage = ReceiptStage.DELIVERED,
        *,
        agency: AgencyId = VIETNAM,
        size: int = 5,
        origin: str = "comity/vn/1",
        reader: str = "",
    ) -> Receipt:
        self.now += MINUTE
        of = next(each for each in self.seen if each.statement.act == act)
        receipt = Receipt(
            stage=stage,
            agency=agency,
            to=of.statement.author.agency,
            node=NODE,
            act=act,
            copy=of.copy,
            envelope=EnvelopeId(digest(b"envelope")),
            thread=THREAD,
            docket=digest(b"docket"),
            at=self.now,
            origin=origin,
            size=size,
            reader=reader,
        )
        self.receipts.append(receipt)
        return receipt

    def prove(self, size: int = 5, origin: str = "comity/vn/1") -> None:
        self.now += MINUTE
        self.proven.append(
            Proven(
                agency=VIETNAM,
                to=KENYA,
                node=NODE,
                origin=origin,
                size=size,
                at=self.now,
                checkpoint="",
            )
        )

    def forget(self, act: ActId) -> None:
        """Leave an act known by its docket alone."""
        self.seen = [each for each in self.seen if each.statement.act != act]

    def folded(self) -> Thread:
        return fold(
            THREAD,
            self.seen,
            dockets=self.dockets,
            receipts=self.receipts,
            proven=self.proven,
            held=self.held,
        )

    def _reader(self, agency: AgencyId, id: str, kind: ReaderKind, why: Why) -> Reader:  # noqa: A002  # the reader's own field
        return Reader(agency=agency, id=id, kind=kind, epoch=1, why=why)

    def _release(self, statement: Statement, *, addressed: bool) -> None:
        seen = self.seen[-1]
        docket = Docket(
            agency=statement.author.agency,
            to=statement.to,
            act=statement.act,
            copy=seen.copy,
            envelope=EnvelopeId(digest(b"envelope")),
            size=1,
            thread=THREAD,
            readers=(),
            stage=stage_of(statement.body),
            clock=ClockClass.NONE,
            at=statement.at,
        )
        self.dockets.append(Released(docket=docket, at=statement.at, ours=seen.ours and addressed))


def unknown() -> Unknown:
    return Unknown(raw=b'{"act":"x"}')


def with_body(seen: Seen, body: Body, copy: str) -> Seen:
    """Return another copy of the same act, with another body."""
    statement = replace(seen.statement, body=body)
    return replace(seen, statement=statement, copy=CopyId(digest(copy.encode())))
