# SPDX-License-Identifier: Apache-2.0
"""What was said, in words: each kind of act with its codes, for whichever face shows it.

Each side reads codes in its own language; free text stands beside them with its language tag.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from comity.domain.consent import Consent, ConsentRequest
from comity.domain.ids import AgencyId
from comity.domain.pressing import Urgent
from comity.domain.readers import display_of
from comity.domain.release import stage_of
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Attachment,
    Body,
    Countersignature,
    Decision,
    HandOver,
    Note,
    PassOn,
    Request,
    Stop,
    Take,
)
from comity.domain.taking_back import Recall, Withdrawal
from comity.domain.thread import Act, Effect, Side, Thread
from comity.knowledge.codes import (
    ask_back_reasons,
    bases,
    outcomes,
    purposes,
    refusals,
    urgencies,
)
from comity.knowledge.request_kind import KindField, RequestKind
from comity.language import words
from comity.language.marks import marked
from comity.language.translator import Translator
from comity.services.address_book import Book
from comity.services.compose import attachments_of

_REF = marked("Their file number")
_FACTS = marked("What happened")
_OFFENCE = marked("Offence")
_WHY_YOU = marked("Why you")
_LINK = marked("How it hangs together")
_USE = marked("Use")
_URGENCY = marked("How soon")
_BASIS = marked("Legal basis")
_SPOKEN = marked("Signed by telephone")
FILES = marked("Files")
_EXPECT = marked("An answer may come")
_REMARK = marked("Remark")
_MISSING = marked("What is missing")
_IN_QUESTION = marked("About")
_TEXT = marked("In their words")
_OUTCOME = marked("Outcome")
_GROUND = marked("Ground")
_STEPS = marked("What you can do")
_COMPETENT = marked("Who is competent")
_TAKER = marked("To")
_REASON = marked("Reason")
_WISH = marked("What for")
_FOR = marked("For")
_HOLDER = marked("Who would do it")
_NAMED = marked("As they name them")
_WORD = marked("Consent")
_UNTIL = marked("Until")
_CONDITION = marked("Condition")
_SIZE = marked("{name} ({size} bytes, {media})")

_SHOWN: Final = frozenset(
    {
        Effect.APPLIED,
        Effect.HELD,
        Effect.SENT_BACK,
        Effect.WITHHELD,
        Effect.STOPPED,
        Effect.RECALLED,
    }
)
_DECIDED: Final = {
    Decision.APPROVE: "countersigned",
    Decision.RETURN: "sent-back",
    Decision.REFUSE: "withheld",
}
_AT_HOME: Final = {Take: "taken", HandOver: "handed-over", Stop: "stop"}

ID_LENGTH: Final = 26

Lines = Iterator[tuple[str, str]]


class Names:
    """How the people, desks and agencies of the address book are shown."""

    def __init__(self, book: Book) -> None:
        self._readers = {
            str(each.id): display_of(each)
            for card in book.cards.values()
            for each in card.readers.values()
        }
        self._agencies = {str(card.id): card.name for card in book.cards.values()}

    def of(self, id_: str) -> str:
        """Return who has the id *id_*; its first letters if nobody has it now, a name as it is."""
        known = self._readers.get(id_) or self._agencies.get(id_)
        return known or (id_[:8] if len(id_) == ID_LENGTH else id_)

    def agency(self, id_: AgencyId) -> str:
        return self._agencies.get(id_, id_[:8])


class Speaker(Protocol):
    """A face, as far as words need it."""

    @property
    def say_in(self) -> Translator: ...

    def coded(self, label: str, code: str) -> str:
        """Return the marked *label* in the reader's language, and the code after it."""
        ...


class Sayer:
    """Says the acts of one thread in one language."""

    def __init__(self, out: Speaker, names: Names, kind: RequestKind | None) -> None:
        self._out = out
        self._names = names
        self._kind = kind

    def lines(self, said: Body, *, by_asker: bool = False) -> Lines:
        """Yield a label and what stands beside it for everything that is *said*.

        What an answer *by_asker* supplies are fields of his question.
        """
        match said:
            case Request() as body:
                yield from self._question(body)
                yield self._of(_LINK), body.link
                yield self._of(_USE), self._code(purposes(), body.use)
                yield self._of(_URGENCY), self._code(urgencies(), body.urgency)
                yield "", body.urgency_reason
                yield self._of(_SPOKEN), body.spoken
            case Note() as body:
                yield from self._question(body)
            case Acknowledgement() as body:
                yield self._of(_EXPECT), body.expect
                yield self._of(_REMARK), body.remark
            case AskBack() as body:
                yield from self._asked_back(body)
            case Answer() as body:
                yield from self._answer(body, by_asker=by_asker)
            case HandOver() | Countersignature() | Urgent() | Recall() | Withdrawal() as body:
                yield from self._short(body)
            case PassOn() | ConsentRequest() | Consent() as body:
                yield from self._onward(body)
            case _:
                return
        yield self._of(FILES), "\n".join(self._file(each) for each in attachments_of(said))

    def _short(self, said: HandOver | Countersignature | Urgent | Recall | Withdrawal) -> Lines:
        if isinstance(said, HandOver):
            yield self._of(_TAKER), self._names.of(said.taker)
            yield self._of(_REMARK), said.remark
        else:
            yield self._of(_REASON), _reason(said)

    def _onward(self, said: PassOn | ConsentRequest | Consent) -> Lines:
        """Yield what is said of passing on and of consent to it."""
        match said:
            case PassOn() as body:
                yield self._of(_REMARK), body.remark
                yield self._of(_USE), self._code(purposes(), body.use)
                yield self._of(_REF), body.ref
                yield self._of(_BASIS), self._code(bases(), body.basis.code)
                yield "", body.basis.text
            case ConsentRequest() as body:
                yield self._of(_WISH), self._word(words.USES, body.use)
                yield self._of(_HOLDER), self._names.agency(body.holder)
                yield self._of(_FOR), self._agencies(body.agencies)
                yield self._of(_NAMED), body.named
                yield self._of(_USE), self._code(purposes(), body.purpose) if body.purpose else ""
                yield self._of(_REASON), body.reason
            case Consent() as body:
                yield self._of(_WORD), self._word(words.CONSENTS, body.word)
                yield self._of(_WISH), self._word(words.USES, body.use)
                yield self._of(_FOR), self._agencies(body.agencies)
                yield self._of(_UNTIL), body.until
                yield self._of(_CONDITION), body.handling.condition
                yield self._of(_TEXT), body.text

    def _question(self, body: Request | Note) -> Lines:
        yield from self._fields(self._kind.fields if self._kind else (), body.fields)
        yield self._of(_FACTS), body.facts
        yield self._of(_OFFENCE), body.offence
        yield self._of(_WHY_YOU), body.why_you
        yield self._of(_REF), body.ref
        yield self._of(_BASIS), self._code(bases(), body.basis.code)
        yield "", body.basis.text

    def _asked_back(self, body: AskBack) -> Lines:
        told = [self._code(ask_back_reasons(), each) for each in body.reasons]
        labels = {each.name: each.label for each in self._kind.fields} if self._kind else {}
        named = [self._out.coded(labels.get(each, ""), each) for each in body.fields]
        yield self._of(_MISSING), "\n".join(told)
        yield self._of(_IN_QUESTION), "\n".join(named)
        yield self._of(_TEXT), body.text

    def _answer(self, body: Answer, *, by_asker: bool) -> Lines:
        yield self._of(_OUTCOME), self._code(outcomes(), body.outcome)
        if body.ground:
            ground = refusals().get(body.ground)
            steps = [self._out.say_in.label(each) for each in ground.steps] if ground else []
            yield self._of(_GROUND), self._code(refusals(), body.ground)
            yield self._of(_STEPS), "\n".join(steps)
        yield self._of(_COMPETENT), body.competent
        known: Sequence[KindField] = ()
        if self._kind:
            known = self._kind.fields if by_asker else self._kind.answer
        yield from self._fields(known, body.fields)
        yield self._of(_TEXT), body.text
        yield self._of(_REF), body.ref

    def _fields(self, known: Sequence[KindField], values: Mapping[str, tuple[str, ...]]) -> Lines:
        by_name = {each.name: each for each in known}
        for name in sorted(values, key=list(by_name).index if _all(values, by_name) else str):
            field = by_name.get(name)
            label = self._out.say_in.label(field.label) if field else name
            choices = {each.code: each.label for each in field.choices} if field else {}
            told = [
                self._out.coded(choices[each], each) if each in choices else each
                for each in values[name]
            ]
            yield label, "\n".join(told)

    def _file(self, each: Attachment) -> str:
        return self._out.say_in.of(_SIZE, name=each.name, size=each.length, media=each.media)

    def _code(self, codes: Mapping[str, Any], code: str) -> str:
        known = codes.get(code)
        return self._out.coded(known.label if known else "", code)

    def _agencies(self, ids: Sequence[AgencyId]) -> str:
        """Return whom *ids* mean by our own list of agencies, whatever others call them."""
        return "\n".join(map(self._names.agency, ids))

    def _word(self, known: Mapping[str, str], code: str) -> str:
        return self._out.coded(known[code], code)

    def _of(self, text: str) -> str:
        return self._out.say_in.of(text)


def _reason(body: Countersignature | Urgent | Recall | Withdrawal) -> str:
    return body.reason if isinstance(body, Countersignature | Urgent) else body.text


def what(act: Act, thread: Thread) -> str:
    """Return the code of what *act* did, or came to."""
    if act.effect is not Effect.APPLIED:
        return act.effect.value
    if isinstance(act.body, Countersignature):
        return _DECIDED[act.body.decision]
    asks = thread.side_of(act.agency) is Side.ASKER
    return _AT_HOME.get(type(act.body)) or stage_of(act.body, author_asked=asks).value


def is_shown(act: Act) -> bool:
    """Return whether the content of *act* is shown; what counts for nothing is told and no more.

    An oversight desk has the copy of what its own side replied, and not the question: that counts
    for it all the same.
    """
    return act.effect in _SHOWN or (act.effect is Effect.WAITING and act.ours)


def _all(values: Mapping[str, object], known: Mapping[str, object]) -> bool:
    return all(each in known for each in values)
