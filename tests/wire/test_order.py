# SPDX-License-Identifier: Apache-2.0
"""The order beside a recall says what docket and statement say, or nothing is shown."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.wire import tale
from tests.wire.tale import AMINA

from comity.domain.docket import OrderedDocket
from comity.domain.ids import ActId, AgencyId, CertificateHash, ThreadId, digest
from comity.domain.recall_order import RecallOrder
from comity.domain.statement import Statement
from comity.domain.taking_back import Recall, Taking
from comity.errors import Differs
from comity.wire import order

RECALL = tale.said(tale.BODIES["comity/recall@1"])


def ordered(**changed: object) -> OrderedDocket:
    """Return a docket whose order says something else than it."""
    said: RecallOrder = replace(tale.ORDER, **changed)  # type: ignore[arg-type]  # as the test says
    return replace(tale.ORDERED, order=order.sign(said, AMINA).dsse)


def test_what_agrees_passes() -> None:
    order.compare(tale.ORDERED, RECALL)
    order.compare(tale.RELEASE, tale.QUESTION)


@pytest.mark.parametrize(
    ("docket", "field"),
    [
        (lambda: ordered(agency=AgencyId("b" * 26)), "agency"),
        (lambda: ordered(thread=ThreadId("b" * 26)), "thread"),
        (lambda: ordered(acts=(ActId("b" * 26),)), "recalls"),
    ],
)
def test_an_order_for_something_else_than_its_docket_is_caught(
    docket: Callable[[], OrderedDocket], field: str
) -> None:
    with pytest.raises(Differs) as raised:
        order.check_docket(docket())

    assert raised.value.cause == f"untrusted.differs.{field}"


@pytest.mark.parametrize(
    ("docket", "said"),
    [
        (tale.RELEASE, RECALL),
        (tale.ORDERED, tale.QUESTION),
        (ordered(what=Taking.NARROW), RECALL),
        (ordered(certificate=CertificateHash(digest(b"another"))), RECALL),
    ],
)
def test_an_order_that_is_not_what_the_statement_says_is_caught(
    docket: OrderedDocket, said: Statement
) -> None:
    with pytest.raises(Differs) as raised:
        order.compare(docket, said)

    assert raised.value.cause == "untrusted.differs.order"


def test_an_order_for_other_acts_than_the_statement_is_caught() -> None:
    other = replace(RECALL, body=Recall(acts=(ActId("b" * 26),), what=Taking.RECALL))

    with pytest.raises(Differs):
        order.compare(tale.ORDERED, other)
