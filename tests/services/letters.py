# SPDX-License-Identifier: Apache-2.0
"""Letters between two settled nodes, honest or not: copies made by hand from the wire's own parts.

``Post`` holds Kenya and Viet Nam, their clocks and a carrier in memory. ``send`` signs, seals and
releases an act with whatever is bent on the way: the statement before it is signed, the docket
before it is, the key, the readers' keys. What is bent is the sender's doing; both nodes run the
services as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.domain import scene
from tests.services.settle import Settled, befriend, settle

from comity.crypto.signing import SigningKey
from comity.domain.docket import Docket
from comity.domain.ids import ActId, AgencyId, NodeId, ThreadId, mint, thread_of
from comity.domain.readers import display_of
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.domain.statement import (
    Author,
    Body,
    Note,
    Reader,
    ReaderKind,
    Request,
    Statement,
    Unknown,
    Why,
    type_of,
)
from comity.domain.time import to_millis
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.address_book import read_book
from comity.services.compose import docket_for, recipient
from comity.services.courier import Courier
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.ports import Destination
from comity.services.thread import OpenThread, open_thread
from comity.services.thread_rows import refresh
from comity.storage import copies, envelopes, outbox, receipts
from comity.storage.copies import Copy, CopyReader, CopyState
from comity.storage.outbox import Waiting
from comity.storage.reading import Writing
from comity.storage.receipts import Evidence
from comity.wire import docket as docket_wire
from comity.wire import envelope as envelope_wire
from comity.wire import statement as statement_wire
from comity.wire.docket import Released
from comity.wire.envelope import Envelope
from comity.wire.statement import SignedCopy

START = datetime(2026, 11, 23, 4, 40, tzinfo=UTC)
THREAD = ThreadId(mint(lambda size: b"t" * size))
REQUEST = scene.REQUEST
NOTE = replace(scene.NOTE, facts="Two tonnes.")


@dataclass(slots=True)
class Hands:
    """A clock that stands until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One copy as its author's node has it."""

    signed: SignedCopy
    envelope: Envelope
    docket: Docket
    released: Released[Docket]

    @property
    def act(self) -> ActId:
        return self.signed.statement.act


@dataclass(slots=True)
class _Carrier:
    """Hands parcels to the other node of this process, while the line holds."""

    post: "Post"
    of: NodeId

    def exchange(self, to: Destination, parcel: bytes) -> bytes:
        return self.post.couriers[to.node].incoming(parcel, self.of)


@dataclass(slots=True)
class Post:
    ke: Settled
    vn: Settled
    hands: dict[AgencyId, Hands]
    couriers: dict[NodeId, Courier] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, *, vn_ahead: timedelta = timedelta(0)) -> "Post":
        here, there = Hands(), Hands(START + vn_ahead)
        ke, vn = settle(path, "KE", clock=here), settle(path, "VN", clock=there)
        befriend(ke, vn)
        return cls(ke=ke, vn=vn, hands={ke.agency: here, vn.agency: there})

    def __post_init__(self) -> None:
        _OPENED.clear()
        for each in (self.ke, self.vn):
            node = each.house.keys.node
            self.couriers[node] = Courier(each.house, _Carrier(self, node))

    def copied(self, path: Path) -> "Post":
        """Return another post that begins where this one, which must be closed, ended."""
        hands = {each: Hands(hand.now) for each, hand in self.hands.items()}
        ke, vn = (each.copied(path, hands[each.agency]) for each in (self.ke, self.vn))
        return Post(ke=ke, vn=vn, hands=hands)

    def close(self) -> None:
        for each in (self.ke, self.vn):
            each.house.store.close()

    def wait(self, span: timedelta = timedelta(minutes=1)) -> None:
        for each in self.hands.values():
            each.now += span

    def sync(self) -> None:
        """Exchange until nothing is due on either side."""
        for one, other in ((self.ke, self.vn), (self.vn, self.ke)):
            self.couriers[one.house.keys.node].call(other.house.keys.node)

    def ask(self, **how: object) -> Letter:
        """Ask from Kenya's investigator to Viet Nam's desk, and carry it there."""
        sent = self.send(REQUEST, **how)  # type: ignore[arg-type]  # the caller's own words
        self.sync()
        return sent

    def send(
        self,
        body: Body,
        *,
        of: Settled | None = None,
        who: str = "investigator",
        to: Settled | None = None,
        thread: ThreadId = THREAD,
        act: ActId | None = None,
        type_: str = "",
        readers: Sequence[DeskEntry | OfficerEntry] = (),
        supplies: bool = False,
        unlocked: Unlocked | None = None,
        statement: Callable[[Statement], Statement] = lambda said: said,
        docket: Callable[[Docket], Docket] = lambda said: said,
        carrier: SigningKey | None = None,
        signing: SigningKey | None = None,
        dsse: Callable[[bytes], bytes] = lambda data: data,
        sealed_to: Sequence[str] | None = None,
        home: bool = True,
    ) -> Letter:
        """Release an act of *who* to *readers*, by default the other side's desk."""
        of = of or self.ke
        to = to or (self.vn if of is self.ke else self.ke)
        author = unlocked or of.unlocked(who)
        again = act is not None
        act = act or ActId(mint(of.house.random))
        if isinstance(body, Request | Note) and not (again and thread in _OPENED):
            # A thread is named after its opening; tests name it before, by a stand-in.
            _OPENED[thread] = thread_of(author.agency, act)
        thread = real(thread)
        named = tuple(readers) or (desk_of(of, to),)
        say = partial(_statement, author, of, body=body, thread=thread, act=act, type_=type_)
        made = [say(to.agency, named=named)]
        if home and to is not of:
            own = (desk_of(of, of),)
            kept = say(of.agency, named=own)
            shown = tuple(_reader(each, Why.ADDRESSED) for each in named)
            made.insert(0, replace(kept, shown=shown))
        letters = [
            _seal(
                statement(said),
                of,
                author,
                supplies=supplies,
                docket=docket,
                carrier=carrier,
                signing=signing,
                dsse=dsse,
                sealed_to=sealed_to,
            )
            for said in made
        ]
        of.house.store.write(lambda w: _store(w, of.house, author, letters))
        return letters[-1]


def opened(settled: Settled, who: str = "investigator", thread: ThreadId = THREAD) -> OpenThread:
    return open_thread(settled.unlocked(who), settled.house, real(thread))


def real(stand_in: ThreadId = THREAD) -> ThreadId:
    """Return the thread for which a test says *stand_in*: the one that was last opened under it."""
    return _OPENED.get(stand_in, stand_in)


_OPENED: dict[ThreadId, ThreadId] = {}


def evidence(settled: Settled) -> tuple[Evidence, ...]:
    with settled.house.store.read() as reading:
        return receipts.evidence(reading)


def codes(found: OpenThread) -> list[str]:
    return [each.code for each in found.mistrusted]


def contents(found: OpenThread) -> list[object]:
    return [act.body for act in found.thread.acts]


def hold(settled: Settled, letter: Letter) -> None:
    """Turn a copy that has not left into one that waits for a countersignature."""
    row = row_of(settled, letter)
    bare = replace(row, state=CopyState.HELD, release=b"", docket="", log=0, leaf=0)
    settled.house.store.write(lambda w: copies.release(w, [bare]))


def row_of(settled: Settled, letter: Letter) -> Copy:
    with settled.house.store.read() as reading:
        return copies.by_ids(reading, [letter.signed.copy])[0]


def desk_of(reader: Settled, settled: Settled) -> DeskEntry:
    """Return the desk of *settled* as *reader*'s book has it."""
    card = read_book(reader.house).agency(settled.agency)
    return next(each for each in card.desks if each.id == settled.desk)


def _reader(entry: DeskEntry | OfficerEntry, why: Why) -> Reader:
    kind = ReaderKind.DESK if isinstance(entry, DeskEntry) else ReaderKind.OFFICER
    return Reader(agency=entry.agency, id=entry.id, kind=kind, epoch=entry.epoch, why=why)


def _statement(
    author: Unlocked,
    of: Settled,
    to: AgencyId,
    *,
    body: Body,
    thread: ThreadId,
    act: ActId,
    named: Sequence[DeskEntry | OfficerEntry],
    type_: str,
) -> Statement:
    home = to == author.agency
    why = Why.OWN_DESK if home else Why.ADDRESSED
    others = [_reader(each, why) for each in named if each.id != author.entry.id]
    return Statement(
        type=type_ or ("x/new@1" if isinstance(body, Unknown) else type_of(body)),
        act=act,
        thread=thread,
        at=of.house.now(),
        author=Author(
            agency=author.agency,
            officer=author.entry.id,
            certificate=author.certificate,
            desk=of.desk if of.desk in author.entry.desks else "",
            display=display_of(author.entry),
        ),
        to=to,
        readers=(_reader(author.entry, Why.AUTHOR), *others),
        language="en",
        roster=1,
        body=body,
    )


def _seal(
    said: Statement,
    of: Settled,
    author: Unlocked,
    *,
    supplies: bool,
    docket: Callable[[Docket], Docket],
    carrier: SigningKey | None,
    signing: SigningKey | None,
    dsse: Callable[[bytes], bytes],
    sealed_to: Sequence[str] | None,
) -> Letter:
    signed = statement_wire.sign(said, signing or author.signing)
    known = read_book(of.house).cards.values()
    lines: dict[str, str] = {
        entry.id: entry.reading
        for card in known
        for entry in card.history.values()
        if isinstance(entry, DeskEntry | OfficerEntry)
    }
    to = sealed_to if sealed_to is not None else [lines[each.id] for each in said.readers]
    sealed = envelope_wire.seal(dsse(signed.dsse), [recipient(line) for line in sorted(set(to))])
    made = docket(docket_for(signed, sealed, supplies=supplies))
    released = docket_wire.sign(made, carrier or of.house.keys.carrier)
    return Letter(signed=signed, envelope=sealed, docket=made, released=released)


def _store(writing: Writing, house: House, author: Unlocked, letters: Sequence[Letter]) -> None:
    book, now = read_book(house), house.millis()
    log = writing.log
    leaves = [
        Opening(LeafType.DOCKET, house.random(SALT_SIZE), each.released.payload) for each in letters
    ]
    first = writing.append(leaves)
    for at, each in enumerate(letters, first):
        docket = each.docket
        home = docket.to == docket.agency
        node = house.keys.node if home else book.node_of(docket.to).node
        row = Copy(
            copy=docket.copy,
            act=docket.act,
            thread=docket.thread,
            agency=docket.agency,
            to=docket.to,
            node=node,
            envelope=docket.envelope,
            size=docket.size,
            stage=docket.stage,
            clock=docket.clock,
            state=CopyState.HOME if home else CopyState.QUEUED,
            at=to_millis(docket.at),
            stored_at=now,
            docket=each.released.digest,
            release=each.released.dsse,
            log=log,
            leaf=at,
        )
        envelopes.add(
            writing,
            [
                envelopes.Envelope(
                    envelope=each.envelope.id,
                    size=len(each.envelope.sealed),
                    sealed=each.envelope.sealed,
                )
            ],
        )
        copies.add(writing, [row])
        copies.add_readers(writing, _readers(each, author, now))
        if not home:
            waiting = Waiting(
                to_node=node, kind=outbox.Item.DOCKET, ref=docket.copy, not_before=now
            )
            outbox.add(writing, [waiting])
    refresh(writing, {author.agency}, [letters[0].docket.thread])


def _readers(letter: Letter, author: Unlocked, now: int) -> list[CopyReader]:
    """Return whose keys open the copy here: the author's, and at home his desk's."""
    home = letter.docket.to == letter.docket.agency
    return [
        CopyReader(
            reader=each.id, at=now, copy=letter.docket.copy, kind=each.kind, epoch=each.epoch
        )
        for each in letter.signed.statement.readers
        if home or each.id == author.entry.id
    ]
