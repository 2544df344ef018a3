# SPDX-License-Identifier: Apache-2.0
"""Translating handling into another system's codes rounds to caution and never widens."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests import strategies

from comity.domain import codes_3x5x2, codes_4x4
from comity.domain.handling import Action, Credibility, Handling, Leave, Sanitise, See, Source
from comity.domain.onward import WIDEST, is_within
from comity.errors import Misused

Read = Callable[[str], Handling]
Write = Callable[[Handling], str]
SYSTEMS: list[tuple[Read, Write]] = [
    (codes_3x5x2.read, codes_3x5x2.write),
    (codes_4x4.read, codes_4x4.write),
]

brief = st.text(max_size=20)
gradings_3x5x2 = st.builds(
    lambda source, letter, rest, terms, said: f"{source}{letter}{rest}{terms}{said}",
    st.sampled_from("123"),
    st.sampled_from("ABCDE"),
    st.sampled_from(["P", "C", "C A1", "C A2 S1", "C S2 A3", "C A1 A3 S1 S2"]),
    st.sampled_from(["", " see=named", " onward=no judicial=yes", " expires=2027-01-01T00:00:00Z"]),
    st.one_of(st.just(""), brief.map(lambda said: f": {said}")),
)
gradings_4x4 = st.builds(
    lambda source, digit, codes, terms, said: f"{source}{digit}{codes}{terms}{said}",
    st.sampled_from("ABCX"),
    st.sampled_from("1234"),
    st.sampled_from(["", " H0", " H1", " H1 H2", " H3", " H1 H2 H3"]),
    st.sampled_from(["", " credibility=suspected-false", " action=none see=community"]),
    st.one_of(st.just(""), brief.map(lambda said: f": {said}")),
)


def meaning(handling: Handling) -> Handling:
    return replace(handling, original="")


@pytest.mark.parametrize(("read", "write"), SYSTEMS)
def test_what_is_written_is_read_back_nowhere_wider(read: Read, write: Write) -> None:
    @given(strategies.handlings)
    @example(WIDEST)
    @example(replace(WIDEST, condition="not before the raid: wait"))
    @example(Handling(action=Action.NONE, expires="soon"))
    @example(Handling(expires="2027-01-01T00:00:00Z", condition="onward=yes: see=community"))
    def holds(handling: Handling) -> None:
        back = read(write(handling))

        assert is_within(back, handling)
        assert back.condition == handling.condition

    holds()


@pytest.mark.parametrize(
    ("system", "gradings"),
    [(SYSTEMS[0], gradings_3x5x2), (SYSTEMS[1], gradings_4x4)],
)
def test_a_code_that_nobody_changed_is_given_back_to_the_letter(
    system: tuple[Read, Write], gradings: st.SearchStrategy[str]
) -> None:
    read, write = system

    @given(gradings)
    def holds(text: str) -> None:
        assert write(read(text)) == text

    holds()


@pytest.mark.parametrize(("read", "write"), SYSTEMS)
def test_a_code_whose_handling_was_narrowed_is_written_anew(read: Read, write: Write) -> None:
    @given(st.one_of(gradings_3x5x2, gradings_4x4))
    def holds(text: str) -> None:
        try:
            handling = replace(read(text), onward=Leave.NO)
        except Misused:
            return
        back = read(write(handling))

        assert back.onward is Leave.NO
        assert is_within(back, handling)

    holds()


@given(strategies.handlings)
def test_through_both_systems_and_back_nothing_widens(handling: Handling) -> None:
    there = codes_4x4.read(codes_4x4.write(handling))
    back = codes_3x5x2.read(codes_3x5x2.write(there))

    assert is_within(back, handling)


@pytest.mark.parametrize(
    ("text", "handling"),
    [
        (
            "1AC A1 S2",
            Handling(
                source=Source.RELIABLE,
                credibility=Credibility.KNOWN_DIRECTLY,
                action=Action.COVERT_DEVELOPMENT,
                sanitise=Sanitise.CONSULT,
            ),
        ),
        (
            "2bp",
            Handling(
                source=Source.UNTESTED,
                credibility=Credibility.CORROBORATED,
                see=See.STATE,
                onward=Leave.YES,
            ),
        ),
        (
            "3ec a3 s1 a2 see=named: not by telephone",
            Handling(
                source=Source.UNRELIABLE,
                credibility=Credibility.SUSPECTED_FALSE,
                see=See.NAMED,
                action=Action.COVERT_USE,
                sanitise=Sanitise.DELEGATED,
                condition="not by telephone",
            ),
        ),
    ],
)
def test_3x5x2_is_read_in_its_narrowest_sense(text: str, handling: Handling) -> None:
    found = codes_3x5x2.read(text)

    assert meaning(found) == handling
    assert found.original == f"3x5x2:{text}"


@pytest.mark.parametrize(
    ("handling", "text"),
    [
        (WIDEST, "1AP"),
        (Handling(), "2DC A1 S2 see=desk onward=ask judicial=ask"),
        (replace(WIDEST, source=Source.MOSTLY), "2AP"),
        (replace(WIDEST, source=Source.SOMETIMES), "3AP"),
        (replace(WIDEST, action=Action.NONE), "1AC S1 action=none"),
        (replace(WIDEST, condition="only by voice"), "1AC A3 S1: only by voice"),
        (
            replace(WIDEST, expires="2027-01-01T00:00:00Z"),
            "1AC A3 S1 expires=2027-01-01T00:00:00Z",
        ),
        (replace(WIDEST, original="4x4:A1 H0"), "1AP"),
        (replace(WIDEST, original="3x5x2:9ZZ"), "1AP"),
    ],
)
def test_3x5x2_is_written_with_what_it_cannot_say(handling: Handling, text: str) -> None:
    assert codes_3x5x2.write(handling) == text


@pytest.mark.parametrize(
    ("text", "handling"),
    [
        (
            "B2 H1 H2",
            Handling(source=Source.MOSTLY, credibility=Credibility.KNOWN_DIRECTLY, see=See.STATE),
        ),
        (
            "a1 h0",
            Handling(
                source=Source.RELIABLE,
                credibility=Credibility.KNOWN_DIRECTLY,
                see=See.STATE,
                onward=Leave.YES,
                judicial=Leave.YES,
            ),
        ),
        ("X4", Handling(source=Source.UNTESTED, credibility=Credibility.UNKNOWN)),
        (
            "C3 H3",
            Handling(source=Source.UNRELIABLE, credibility=Credibility.CORROBORATED),
        ),
        (
            "C3 H3: not by telephone",
            Handling(
                source=Source.UNRELIABLE,
                credibility=Credibility.CORROBORATED,
                see=See.STATE,
                onward=Leave.YES,
                judicial=Leave.YES,
                condition="not by telephone",
            ),
        ),
    ],
)
def test_4x4_is_read_in_its_narrowest_sense(text: str, handling: Handling) -> None:
    found = codes_4x4.read(text)

    assert meaning(found) == handling
    assert found.original == f"4x4:{text}"


@pytest.mark.parametrize(
    ("handling", "text"),
    [
        (WIDEST, "A2 H0"),
        (replace(WIDEST, onward=Leave.ASK, judicial=Leave.ASK), "A2 H1 H2"),
        (replace(WIDEST, onward=Leave.NO), "A2 H2 H3 onward=no"),
        (
            replace(WIDEST, credibility=Credibility.SUSPECTED_FALSE),
            "A4 H3 credibility=suspected-false",
        ),
        (replace(WIDEST, condition="only by voice"), "A2 H3: only by voice"),
    ],
)
def test_4x4_is_written_with_what_it_cannot_say(handling: Handling, text: str) -> None:
    assert codes_4x4.write(handling) == text


def test_a_term_never_widens_what_its_code_says() -> None:
    handling = codes_3x5x2.read("3EC A1 S2 onward=yes source=reliable action=overt see=community")

    assert is_within(handling, codes_3x5x2.read("3EC A1 S2"))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (codes_3x5x2.read, ""),
        (codes_3x5x2.read, ": words alone"),
        (codes_3x5x2.read, "4AC"),
        (codes_3x5x2.read, "1AC A4"),
        (codes_3x5x2.read, "1AP A1"),
        (codes_3x5x2.read, "1AC see=everybody"),
        (codes_3x5x2.read, "1AC when=now"),
        (codes_3x5x2.read, "1AC expires=soon"),
        (codes_3x5x2.read, "1AC original=x"),
        (codes_3x5x2.read, "1AC: " + "x" * 4000),
        (codes_4x4.read, ""),
        (codes_4x4.read, "E1"),
        (codes_4x4.read, "B2 H4"),
    ],
)
def test_a_code_of_no_system_is_refused(read: Read, text: str) -> None:
    with pytest.raises(Misused, match="handling"):
        read(text)
