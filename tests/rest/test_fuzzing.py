"""Requests that the document allows, and ones that it does not, made up by schemathesis.

Every path gets some as nobody, with a token and with a cookie; those of one entity, and those of
none, get all of them. ``make fuzz`` sends everything to every path.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blossomer.db.roles import DatabaseUrls
from tests.rest.fuzzing import ENDS_THE_SESSION, OTHERS, Load, send
from tests.rest.running import RunningRest
from tests.support.fake_stack import FakeStack

LOADS = {
    "nobody": Load("nobody", 1),
    "token": Load("token", 2, stateful=True),
    "cookie": Load("cookie", 1),
    "token-edges": Load("token", 1, coverage=True, only=f"{OTHERS}|^/api/accounts(/|$)"),
    "cookie-end": Load("cookie", 2, coverage=True, only=ENDS_THE_SESSION),
}


@pytest.fixture(scope="module")
def running(database: DatabaseUrls) -> Iterator[RunningRest]:
    with FakeStack() as stack, RunningRest(database.app, stack) as running:
        yield running


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_every_answer_is_described_and_none_is_a_fault(running: RunningRest, load: Load) -> None:
    outcome = send(running, load)
    assert outcome.is_good, outcome.text[-20_000:]
    assert outcome.cases >= 4
