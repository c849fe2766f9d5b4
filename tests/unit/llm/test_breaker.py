"""When a model is left alone, and when it is tried again."""

from __future__ import annotations

import pytest

from blossomer.services.llm.breaker import Breaker, Permit
from blossomer.services.llm.failures import AttemptFailed


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, recovery_seconds=60, clock=clock)


def enter(breaker: Breaker) -> Permit:
    permit = breaker.enter()
    assert permit is not None
    return permit


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        enter(breaker).failed(AttemptFailed("server_error"))


def test_it_opens_after_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    enter(breaker).succeeded()
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
    assert breaker.retry_in == 60
    assert breaker.enter() is None


def test_one_probe_decides(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 60
    assert breaker.state == "half-open"
    probe = enter(breaker)
    assert breaker.enter() is None
    probe.failed(AttemptFailed("timeout"))
    assert breaker.state == "open"
    clock.now = 120
    enter(breaker).succeeded()
    assert breaker.state == "closed"
    assert breaker.failures == 0


def test_a_probe_that_was_given_up_makes_room_for_another(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 60
    enter(breaker).released()
    assert breaker.state == "half-open"
    assert breaker.enter() is not None


def test_a_late_failure_from_before_does_not_undo_a_probe(breaker: Breaker, clock: Clock) -> None:
    old = [enter(breaker) for _ in range(3)]
    fail(breaker, 3)
    clock.now = 60
    enter(breaker).succeeded()
    for permit in old:
        permit.failed(AttemptFailed("timeout"))
    assert breaker.state == "closed"
    assert breaker.failures == 0


@pytest.mark.parametrize("cause", ["invalid_key", "no_credit", "unknown_model"])
def test_what_only_a_person_can_mend_opens_it_at_once_and_for_longer(
    breaker: Breaker, cause: str
) -> None:
    enter(breaker).failed(AttemptFailed(cause))  # type: ignore[arg-type]
    assert breaker.state == "open"
    assert breaker.retry_in == 600


def test_retry_after_is_kept_and_then_everyone_may_come(breaker: Breaker, clock: Clock) -> None:
    enter(breaker).failed(AttemptFailed("rate_limited", retry_after=5))
    assert breaker.enter() is None
    assert breaker.retry_in == 5
    clock.now = 5
    assert breaker.enter() is not None
    assert breaker.enter() is not None


def test_a_refused_request_says_nothing_about_the_next(breaker: Breaker) -> None:
    for _ in range(5):
        enter(breaker).failed(AttemptFailed("refused", status=400))
    assert breaker.state == "closed"
    assert breaker.last_error == "refused"
