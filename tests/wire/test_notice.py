# SPDX-License-Identifier: Apache-2.0
"""Notices come to the byte, of a type that is known, or not at all."""

from dataclasses import replace

import pytest
from tests.wire.notice_cases import GOOD, INTRODUCTION, OUTCOME
from tests.wire.tale import AMINA, CARRIER

from comity.domain.roster import NamedWitness, WitnessesEntry
from comity.errors import BadSignature, Malformed
from comity.wire import notice
from comity.wire.keyring import Keyring
from comity.wire.notice import NOTICE_LIMIT, Notice
from comity.wire.roster import entry_hash
from comity.wire.soundness import check_entry


@pytest.mark.parametrize("said", [said for _, _, said in GOOD])
def test_every_notice_goes_to_the_wire_and_back(said: Notice) -> None:
    told = notice.sign(said, CARRIER)

    read = notice.read(told.dsse)
    notice.verify(read, CARRIER.public)

    assert read == told
    assert read.said == said
    assert read.digest == told.digest


def test_an_introduction_is_signed_by_its_officer_too() -> None:
    told = notice.read(notice.sign(INTRODUCTION, CARRIER, AMINA).dsse)

    notice.verify(told, CARRIER.public)
    notice.verify(told, AMINA.public)


def test_who_did_not_sign_is_not_believed() -> None:
    told = notice.sign(OUTCOME, CARRIER)

    with pytest.raises(BadSignature):
        notice.verify(told, AMINA.public)


def test_a_notice_over_the_limit_is_neither_signed_nor_read() -> None:
    large = replace(INTRODUCTION, roster=bytes(NOTICE_LIMIT))

    with pytest.raises(Malformed, match="size"):
        notice.sign(large, CARRIER)
    with pytest.raises(Malformed, match="size"):
        notice.read(b"x" * (NOTICE_LIMIT + 1))


def test_a_keyring_knows_whom_an_agency_named_and_how_many_it_takes() -> None:
    one = NamedWitness(node=INTRODUCTION.node, key=AMINA.public.raw)
    entry = WitnessesEntry(
        agency=INTRODUCTION.agency,
        threshold=1,
        witnesses=(one,),
        compared=True,
        begins=INTRODUCTION.at,
        ends=INTRODUCTION.until,
    )
    none = replace(entry, threshold=0, witnesses=())
    keys = Keyring()
    keys.add((entry_hash(each), each) for each in (entry, none))

    [(named, threshold)] = keys.namings(INTRODUCTION.agency)

    assert ([each.key for each in named], threshold) == ([AMINA.public], 1)
    assert keys.namings(INTRODUCTION.to) == ()


def test_a_named_witness_has_a_key_that_can_be_used() -> None:
    entry = WitnessesEntry(
        agency=INTRODUCTION.agency,
        threshold=1,
        witnesses=(NamedWitness(node=INTRODUCTION.node, key=AMINA.public.raw),),
        compared=True,
        begins=INTRODUCTION.at,
        ends=INTRODUCTION.until,
    )
    check_entry(entry)

    with pytest.raises(Malformed, match="key"):
        check_entry(
            replace(entry, witnesses=(NamedWitness(node=INTRODUCTION.node, key=bytes(32)),))
        )
