# SPDX-License-Identifier: Apache-2.0
"""The id of a thread: nobody but who opened it could have opened it."""

from comity.domain.ids import ActId, AgencyId, thread_of

AGENCY = AgencyId("a" * 26)
OPENING = ActId("b" * 25 + "a")


def test_the_example_of_the_specification_comes_out() -> None:
    assert thread_of(AGENCY, OPENING) == "mqc7ggcpljw2tytb466x3eaggy"


def test_another_agency_or_another_act_opens_another_thread() -> None:
    opened = {
        thread_of(agency, act)
        for agency in (AGENCY, AgencyId("c" * 25 + "a"))
        for act in (OPENING, ActId("d" * 25 + "a"))
    }

    assert len(opened) == 4
