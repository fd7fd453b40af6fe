"""The circuit breaker: closed, open, half-open."""

from __future__ import annotations

import pytest

from minigram_site.redis.circuit_breaker import CLOSED, HALF_OPEN, OPEN, CircuitBreaker


@pytest.fixture
def breaker() -> CircuitBreaker:
    """Return a breaker that has rested as soon as it opens."""
    return CircuitBreaker(rest_seconds=0)


def test_the_first_failure_opens_it(breaker: CircuitBreaker) -> None:
    assert breaker.state == CLOSED
    assert breaker.record_failure()
    assert not breaker.record_failure()
    assert breaker.state == OPEN


def test_a_closed_breaker_needs_no_trial(breaker: CircuitBreaker) -> None:
    assert not breaker.begin_trial()
    assert breaker.state == CLOSED


def test_a_trial_begins_after_the_rest_and_not_before() -> None:
    breaker = CircuitBreaker(rest_seconds=60)
    breaker.record_failure()
    assert not breaker.begin_trial()
    assert breaker.begin_trial(rested=False)


def test_one_caller_makes_the_trial(breaker: CircuitBreaker) -> None:
    breaker.record_failure()
    assert breaker.begin_trial()
    assert breaker.state == HALF_OPEN
    assert not breaker.begin_trial()


def test_a_trial_that_succeeds_closes_it(breaker: CircuitBreaker) -> None:
    breaker.record_failure()
    breaker.begin_trial()
    assert breaker.record_success()
    assert breaker.state == CLOSED


def test_a_trial_that_fails_opens_it_again(breaker: CircuitBreaker) -> None:
    breaker.record_failure()
    breaker.begin_trial()
    assert not breaker.record_failure()
    assert breaker.state == OPEN


def test_a_success_from_before_the_failure_does_not_close_it(breaker: CircuitBreaker) -> None:
    breaker.record_failure()
    assert not breaker.record_success()
    assert breaker.state == OPEN
