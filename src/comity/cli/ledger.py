# SPDX-License-Identifier: Apache-2.0
"""``comity ledger``: the record of proof, and proofs that leave the house."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from comity.cli.call import Call, shared
from comity.cli.files import read_bytes, sink
from comity.cli.output import Json, time
from comity.cli.session import opened
from comity.cli.values import VALUE
from comity.domain.ids import AgencyId
from comity.domain.time import from_millis
from comity.language import words
from comity.language.marks import counted, marked
from comity.services.address_book import read_book
from comity.services.erase import erase
from comity.services.ledger import LEAVES_SHOWN, LeafShown, LogShown, PeerShown, show
from comity.services.prove import check_proof, prove
from comity.services.reopen import reopen
from comity.wire.proof import PROOF_LIMIT, Place, Shown

_LOG = marked("Record {origin}: {size} entries")
_COSIGNED = marked("Others vouch for its first {size}.")
_WITNESSES = marked("{threshold} of your witnesses vouch for its first {size}.")
_WITNESS = marked("{who} vouches for its first {size}.")
_NAMED = marked("{who}, a witness of yours, vouches for its first {size}.")
_PEERS = marked("Records of other servers, as far as they were shown to us")
_PEER_COLUMNS = (
    marked("Record"),
    marked("Entries"),
    marked("Proven"),
    marked("Seen"),
    marked("Remark"),
)
_RESTORED = marked("restored, gap of {gap}")
_REOPENED = marked("The record is closed. The next is open: {origin}.")
_LEAF_COLUMNS = ("#", marked("What"), marked("Stage"), marked("Of"), marked("When"))
_WRITTEN = marked("The proof is written: {path}. It holds no content.")
_ERASED = counted("{count} entry is erased.", "{count} entries are erased.")
_HOLDS = marked("The proof holds.")
_COMPARE = marked("Compare the digits of these agencies by voice, or with a treaty's annex:")
_COPY_COLUMNS = (marked("What"), marked("From"), marked("To"), marked("Witnessed since"))


@click.group()
def ledger() -> None:
    """Show the record of proof, prove a thread, check a proof."""


@ledger.command(name="show")
@click.option("--from", "start", type=click.IntRange(0), help="The first entry to show.")
@click.option("--limit", type=click.IntRange(1, 1000), default=LEAVES_SHOWN, show_default=True)
@shared
def show_(call: Call, *, start: int | None, limit: int) -> None:
    """Show this server's record and what it saw of others'."""
    with opened(call) as house:
        told = show(house, start=-1 if start is None else start, limit=limit)
        names = {str(e.node): card.name for card in read_book(house).peers for e in card.nodes[:1]}
    out = call.out
    for each in told.logs:
        out.say(_LOG, origin=each.origin, size=each.size)
        out.say(_COSIGNED, size=each.cosigned)
        if each.threshold:
            out.say(_WITNESSES, threshold=each.threshold, size=each.proven)
        for by in each.witnesses:
            out.say(_NAMED if by.named else _WITNESS, who=names.get(by.node, by.node), size=by.size)
    out.table(_LEAF_COLUMNS, [_leaf_row(each) for each in told.leaves])
    if told.peers:
        out.heading(_PEERS)
        out.table(_PEER_COLUMNS, [_peer_row(call, each) for each in told.peers])
    out.give(
        logs=[_log(each) for each in told.logs],
        peers=[_peer(each) for each in told.peers],
        items=[_leaf(each) for each in told.leaves],
    )


@ledger.command(name="prove")
@click.argument("id_", metavar="ID")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Where it goes."
)
@shared
def prove_(call: Call, *, id_: str, output: Path) -> None:
    """Write the proof of a thread or message, to be checked by anybody, offline.

    ID is that of a thread or of one message, in full.
    """
    with opened(call) as house:
        data = prove(house, id_)
    with sink(output) as file:
        file.write(data)
    call.out.say(_WRITTEN, path=str(output))
    call.out.give(id=id_, path=str(output), size=len(data))


@ledger.command(name="reopen")
@shared
def reopen_(call: Call) -> None:
    """Close this server's record and open the next: after a backup was put back.

    Do it before the server runs again. Other servers then see that it was restored, and how many
    entries are gone. A server that is not told finds out from the first server that it meets.
    """
    with opened(call) as house:
        origin = reopen(house)
    call.out.say(_REOPENED, origin=str(origin))
    call.out.give(id=str(origin))


@ledger.command(name="erase")
@click.argument("entries", type=click.IntRange(0), nargs=-1, required=True, metavar="ENTRY...")
@click.option("--ground", type=VALUE, required=True, help="By which law or decision.")
@click.option("--record", default="", help="Of which record. Default: the newest.")
@shared
def erase_(call: Call, *, entries: tuple[int, ...], ground: str, record: str) -> None:
    """Erase entries by law: what they were of can never be shown again.

    The record stays whole, and says that and on what ground it was done.
    """
    with opened(call) as house:
        origin = record or show(house, limit=1).logs[-1].origin
        done = erase(house, origin, entries, ground)
    out = call.out
    out.line(out.say_in.count(_ERASED.one, _ERASED.many, len(done.leaves)))
    out.give(id=done.origin, items=list(done.leaves), at=time(done.at))


@ledger.command(name="check")
@click.argument("file", type=click.Path(path_type=Path))
@shared
def check(call: Call, *, file: Path) -> None:
    """Check a proof; no home is needed, and nobody is asked."""
    shown = check_proof(read_bytes(file, PROOF_LIMIT))
    out = call.out
    out.say(_HOLDS)
    names = {each.root.agency: each.root.name for each in shown.agencies}
    out.table(_COPY_COLUMNS, _copies(call, shown, names))
    out.say(_COMPARE)
    out.table(("", ""), [(each.root.name, each.fingerprint) for each in shown.agencies])
    out.give(
        items=[
            {
                "stage": each.docket.stage.value,
                "agency": each.docket.agency,
                "to": each.docket.to,
                "act": each.docket.act,
                "copy": each.docket.copy,
                "thread": each.docket.thread,
                **_placed(each.place),
            }
            for each in shown.dockets
        ],
        receipts=[
            {
                "stage": each.receipt.stage.value,
                "agency": each.receipt.agency,
                "copy": each.receipt.copy,
                "at": time(each.receipt.at),
                **(_placed(each.place) if each.place else {}),
            }
            for each in shown.receipts
        ],
        agencies=[
            {"id": a.root.agency, "name": a.root.name, "fingerprint": a.fingerprint}
            for a in shown.agencies
        ],
    )


def _copies(call: Call, shown: Shown, names: Mapping[AgencyId, str]) -> list[tuple[str, ...]]:
    out = call.out
    rows: list[tuple[str, ...]] = []
    for each in shown.dockets:
        stage = each.docket.stage
        since = min((at for _, at in each.place.witnesses), default=None)
        rows.append(
            (
                out.coded(words.EVENTS.get(stage, stage), stage),
                names.get(each.docket.agency, each.docket.agency),
                names.get(each.docket.to, each.docket.to),
                out.exact(since) if since else "",
            )
        )
    for told in shown.receipts:
        stage_ = told.receipt.stage
        rows.append(
            (
                out.coded(words.EVENTS.get(stage_, stage_), stage_),
                names.get(told.receipt.agency, told.receipt.agency),
                names.get(told.receipt.to, told.receipt.to),
                out.exact(told.receipt.at),
            )
        )
    return rows


def _placed(place: Place) -> Mapping[str, Json]:
    return {
        "origin": place.origin,
        "index": place.index,
        "size": place.size,
        "witnesses": [{"name": name, "at": time(at)} for name, at in place.witnesses],
        "quantum": place.quantum,
    }


def _leaf_row(leaf: LeafShown) -> tuple[str, ...]:
    return (
        str(leaf.index),
        leaf.type,
        leaf.stage or leaf.code or (str(leaf.number) if leaf.number else ""),
        leaf.copy[:16] or leaf.thread or leaf.digest[:16],
        leaf.at,
    )


def _peer_row(call: Call, peer: PeerShown) -> tuple[str, ...]:
    seen = call.out.exact(from_millis(peer.at))
    remark = call.out.say_in.of(_RESTORED, gap=peer.gap) if peer.before else ""
    return (peer.origin, str(peer.size), str(peer.proven), seen, remark)


def _leaf(leaf: LeafShown) -> Json:
    return asdict(leaf)


def _log(log: LogShown) -> Json:
    return asdict(log)


def _peer(peer: PeerShown) -> Json:
    return {**asdict(peer), "at": time(from_millis(peer.at))}
