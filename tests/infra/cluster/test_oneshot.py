"""Programs that end by themselves: their output, their failure, and that they can be cancelled."""

from __future__ import annotations

import os
import threading
import time

import pytest

from infra.cluster import ClusterError
from infra.cluster.processes.oneshot import OneShotRunner

ENV = dict(os.environ)


def test_what_a_program_prints_is_returned() -> None:
    assert OneShotRunner().run("Saying hello", ["echo", "hello"], ENV) == "hello\n"


def test_a_failed_program_is_named_with_its_output() -> None:
    with pytest.raises(ClusterError, match=r"Listing failed:\n.*no-such-file"):
        OneShotRunner().run("Listing", ["ls", "/no-such-file"], ENV)


def test_cancelling_ends_what_runs_and_refuses_what_comes() -> None:
    runner = OneShotRunner()
    threading.Timer(0.3, runner.cancel).start()
    began = time.monotonic()
    with pytest.raises(ClusterError, match="Waiting failed"):
        runner.run("Waiting", ["sleep", "30"], ENV)
    assert time.monotonic() - began < 20
    with pytest.raises(ClusterError, match="Saying hello was called off"):
        runner.run("Saying hello", ["echo", "hello"], ENV)
    runner.reset()
    assert runner.run("Saying hello", ["echo", "hello"], ENV) == "hello\n"
