"""What was seen of the servers is shared out over the rounds and the instances."""

from __future__ import annotations

import pytest

from infra.lab.measure.observer import _INSTANCE, _per_round


def test_cpu_of_rounds_is_taken_from_the_samples_around_their_ends() -> None:
    samples = [(10.0, 0.0), (12.0, 2.0), (14.0, 2.0)]
    assert _per_round(samples, 10.0, 4.0, 4) == pytest.approx([1, 1, 0, 0])


def test_the_last_instance_that_was_asked_is_the_one_that_answered() -> None:
    line = (
        b'{"upstream":"unix:/run/x/web2.sock, unix:/run/x/web3.sock","upstream_status":"502, 200"}'
    )
    match = _INSTANCE.search(line)
    assert match
    assert match[1] == b"web3"
