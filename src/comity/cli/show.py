# SPDX-License-Identifier: Apache-2.0
"""``comity show``: a thread as one officer may see it; opening it tells the other side.

What did not pass its checks is told beside the thread, by code and never as content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from comity.cli.attached import save_all
from comity.cli.call import Call, acting
from comity.cli.done import say_next
from comity.cli.files import sink
from comity.cli.handling import lines as handling_lines
from comity.cli.output import Json, time
from comity.cli.passed_on import consents_told, passed_on_of, passed_on_told, say_passed_on
from comity.cli.said import told
from comity.cli.send_again import say_lost
from comity.cli.session import seated
from comity.cli.silence import say_raised, say_silences, told_raised
from comity.cli.taken import given, onward_given, say_of, say_onward, say_tallies, warn_first
from comity.domain.statement import Attachment, Opener, PassOn
from comity.domain.taking_back import Taking
from comity.domain.thread import Act, Event
from comity.domain.time import read
from comity.errors import Misused
from comity.knowledge.request_kind import RequestKind
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.compose import attachments_of
from comity.services.escalate import raised_of
from comity.services.recalled_onward import onward_in
from comity.services.said import Names, Sayer, is_shown, what
from comity.services.said_of_agencies import against
from comity.services.seat import Seat
from comity.services.thread import OpenThread, parties

_STANDS = marked("Where it stands: {stage}")
_ACKNOWLEDGE = marked("Acknowledge: {when}")
_DUE = marked("Answer: {when}")
_EXPECT = marked("An answer may come {when}.")
_HOLDER = marked("{who} has it, since {when}.")
_HANDLING = marked("What may be done with it")
_HISTORY = marked("Timeline")
_HISTORY_COLUMNS = (marked("When"), marked("What"), marked("Who"))
_HEAD = marked("{who}, {agency}: {what}")
_WHEN = marked("{when}, in {language}")
_PROVISIONAL = marked("time not yet witnessed")
_MISTRUSTED = marked("Something of {agency} did not pass its checks and is not shown [{code}].")
_MORE = marked("{count} more messages are in this thread and were not opened.")
_APART = marked("The clocks differ: here {ours}, there {theirs}.")
_AGAINST = marked("{agency}: {what}")
_DELETED = marked("Deleted here, as its author asked: {what}, {agency}")
_CLOSED = marked("Something here is not sealed to you: {what}, {agency}")
_SAVED = marked("Saved: {path}")


@click.command()
@click.argument("thread")
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Save the files that came with it there.",
)
@click.option(
    "--file",
    "number",
    type=click.IntRange(1),
    metavar="N",
    help="Write its Nth file to standard output, and nothing else.",
)
@acting
def show(call: Call, *, thread: str, save: Path | None, number: int | None) -> None:
    """Open a thread and show all that was said.

    THREAD is its number (KV-4821), or the first letters of its id. The other side is told that it
    was opened, as far as your agency lets it.
    """
    with seated(call) as seat:
        opened = seat.thread(thread)
        files = _attachments(opened)
        if number:
            _write(seat, files, number)
            return
        saved = save_all(seat, files, save) if save else []
        raised = raised_of(seat.house, seat.unlocked.agency, opened.id)
        if not call.json:
            _Page(call, seat, opened).say(raised)
        passed_on = passed_on_told(seat, opened)
        taken = given(seat, opened)
        onward = onward_given(seat, opened)
    for each in saved:
        call.out.say(_SAVED, path=str(each))
    more = _More(passed_on=passed_on, raised=raised, taken=taken, onward=onward)
    _give(call, opened, saved, more)


class _Page:
    """One thread, for people."""

    def __init__(self, call: Call, seat: Seat, opened: OpenThread) -> None:
        self._out = call.out
        self._call = call
        self._seat = seat
        self._opened = opened
        self._thread = opened.thread
        self._book = read_book(seat.house)
        self._names = Names(self._book)
        self._kind = _kind(seat, opened)

    def say(self, raised: Sequence[tuple[str, datetime]]) -> None:
        self._say_head()
        say_onward(self._out, self._names, self._seat, self._opened)
        self._say_doubts()
        sayer = Sayer(self._out, self._names, self._kind)
        for each in self._thread.acts:
            self._say_act(each, sayer)
        self._say_unseen()
        say_silences(self._out, self._thread)
        say_raised(self._out, raised)
        say_tallies(self._out, self._names, self._seat, self._opened)
        self._out.heading(_HANDLING)
        self._out.pairs(handling_lines(self._out, self._thread.handling))
        self._out.heading(_HISTORY)
        self._out.table(_HISTORY_COLUMNS, [self._event(each) for each in self._thread.events])
        self._out.line("")
        say_next(self._call, self._opened.next)

    def _say_head(self) -> None:
        out, thread = self._out, self._thread
        warn_first(out, self._names, thread.taken_back)
        question = out.say_in.label(self._kind.question) if self._kind else ""
        head = [each for each in (thread.short or thread.id, question) if each]
        out.line(" · ".join(head), style="bold")
        out.say(_STANDS, stage=out.coded(words.STAGES[thread.stage], thread.stage))
        if thread.due and thread.answered is None:
            if thread.acknowledged is None:
                out.say(_ACKNOWLEDGE, when=out.due(thread.due.acknowledge))
            out.say(_DUE, when=out.due(thread.due.answer))
        if thread.expect and thread.answered is None:
            out.say(_EXPECT, when=out.when(read(thread.expect)))
        holder = thread.holder_in(self._opened.viewer)
        if holder:
            out.say(_HOLDER, who=self._names.of(holder.id), when=out.when(holder.since))

    def _say_doubts(self) -> None:
        """Say what is held against those who speak in this thread: it may be others who did."""
        book = self._book
        for each in sorted(parties(self._thread)):
            for said in against(self._out, book.agency(each)) if each in book.cards else ():
                self._out.warn(_AGAINST, agency=self._names.agency(each), what=said)

    def _say_act(self, act: Act, sayer: Sayer) -> None:
        out = self._out
        code = what(act, self._thread)
        author = self._opened.author_of(act.id)
        who = self._names.of(act.officer) if author is None else author.name or author.label
        out.heading(
            _HEAD,
            who=who,
            agency=self._names.agency(act.agency),
            what=out.coded(words.EVENTS.get(code, code), code),
        )
        language = out.say_in.language(act.statement.language)
        out.line(out.say_in.of(_WHEN, when=out.when(act.at), language=language), style="dim")
        say_of(out, self._names, self._thread.taken_back, act.id)
        if is_shown(act):
            asks = act.agency == self._thread.asker
            out.pairs(sayer.lines(act.body, by_asker=asks))
            if isinstance(act.body, PassOn):
                say_passed_on(out, self._names, sayer, passed_on_of(self._seat, act))

    def _say_unseen(self) -> None:
        out = self._out
        deleted = {e.act for e in self._thread.taken_back if e.what is Taking.RECALL}
        beyond = onward_in(self._seat.house, self._opened)
        deleted |= {each.act for each, order in beyond if order.what is Taking.RECALL}
        for each in self._thread.closed:
            said = out.say_in.of(words.EVENTS.get(each.stage, each.stage))
            sentence = _DELETED if each.act in deleted else _CLOSED
            out.say(sentence, what=said, agency=self._names.agency(each.agency))
        if self._opened.more:
            out.say(_MORE, count=str(self._opened.more))
        say_lost(self._call, self._seat, self._opened)
        for wrong in self._opened.mistrusted:
            out.warn(_MISTRUSTED, agency=self._names.agency(wrong.agency), code=wrong.code)
        for apart in self._opened.apart:
            out.warn(_APART, ours=out.when(apart.ours), theirs=out.when(apart.theirs))

    def _event(self, event: Event) -> Sequence[str]:
        out = self._out
        said = out.coded(words.EVENTS.get(event.what, event.what), event.what)
        if event.provisional:
            said += f", {out.say_in.of(_PROVISIONAL)}"
        who = self._names.of(event.who or event.agency)
        return (out.exact(event.at), said, who)


def _write(seat: Seat, files: Sequence[Attachment], number: int) -> None:
    if number > len(files):
        raise Misused("file-number", count=len(files))
    with sink(None) as output:
        seat.detach(files[number - 1], output)


def _kind(seat: Seat, opened: OpenThread) -> RequestKind | None:
    body = opened.thread.opening.body if opened.thread.opening else None
    return seat.house.kinds.get(body.kind) if isinstance(body, Opener) else None


def _attachments(opened: OpenThread) -> list[Attachment]:
    """Return the files of every act that is shown, each once."""
    found = {
        each.blob: each
        for act in opened.thread.acts
        if is_shown(act)
        for each in attachments_of(act.body)
    }
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _More:
    """What is told of a thread besides its acts."""

    passed_on: Json
    raised: Sequence[tuple[str, datetime]]
    taken: Sequence[Json]
    onward: Sequence[Json]


def _give(call: Call, opened: OpenThread, saved: Sequence[Path], more: _More) -> None:
    thread = opened.thread
    call.out.give(
        id=thread.opening.id if thread.opening else "",
        thread=thread.id,
        stage=thread.stage.value,
        next=opened.next,
        short=thread.short,
        asker=thread.asker or "",
        asked=list(thread.asked),
        due=time(thread.due.answer) if thread.due else "",
        passed_on=more.passed_on,
        consents=consents_told(thread),
        items=[told(each, thread) for each in thread.acts],
        receipts=[
            {
                "act": each.act,
                "copy": each.copy,
                "stage": each.stage.value,
                "agency": each.agency,
                "reader": each.reader,
                "reason": each.reason,
                "at": time(each.at),
            }
            for each in thread.receipts
        ],
        more=opened.more,
        mistrusted=[
            {"act": e.act, "copy": e.copy, "agency": e.agency, "code": e.code, "at": time(e.at)}
            for e in opened.mistrusted
        ],
        closed=[
            {"act": each.act, "agency": each.agency, "stage": each.stage.value}
            for each in thread.closed
        ],
        retired=sorted(opened.retired),
        saved=[str(each) for each in saved],
        reminders=told_raised(more.raised),
        taken_back=more.taken,
        originator_took_back=more.onward,
    )
