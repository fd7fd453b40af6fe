"""Curves of memory are flat or not by their second half, and samples are what the kernel says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from infra.lab.measure.memory import FLAT_SHARE, MEGABYTE, Curve, MemoryWatch, Sample, memory_of

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the memory is read from /proc")
LASTS = 600


def curve(megabytes: Callable[[float], float]) -> Curve:
    """Return a curve of ten minutes, a sample every ten seconds, with this anonymous memory."""
    sizes = [(second, int(megabytes(second) * MEGABYTE)) for second in range(0, LASTS + 1, 10)]
    return Curve("web1", 1, [Sample(second, size, size, size) for second, size in sizes])


def test_what_is_built_up_once_is_flat() -> None:
    built_up = curve(lambda second: 85 + 60 * min(1, second / 200))
    assert built_up.is_flat
    assert built_up.rise == 0


def test_what_grows_all_the_time_is_not_flat() -> None:
    leaking = curve(lambda second: 100 + second / 60)
    assert not leaking.is_flat
    assert leaking.rise == pytest.approx(5 / 107.5)
    assert leaking.slope("rss") * 60 == pytest.approx(MEGABYTE, rel=0.01)


def test_what_grows_less_than_can_be_told_is_flat() -> None:
    assert curve(lambda second: 100 + 0.9 * FLAT_SHARE * 100 * 2 * second / LASTS).is_flat


def test_a_large_request_at_the_moment_of_a_sample_is_no_growth() -> None:
    assert curve(lambda second: 140 if second >= LASTS else 100).is_flat


def test_what_shrinks_is_flat() -> None:
    assert curve(lambda second: 200 - second / 10).is_flat


@on_linux
def test_a_process_is_sampled_with_all_its_sizes() -> None:
    watch = MemoryWatch(lambda: {"tests": [os.getpid()]}, every=3600)
    watch.begin()
    watch.end()
    (found,) = watch.curves
    (sample,) = found.samples
    assert (found.name, found.pid) == ("tests", os.getpid())
    assert sample.rss >= sample.pss > MEGABYTE
    assert sample.rss >= sample.anonymous > MEGABYTE


@on_linux
def test_a_process_that_has_ended_has_no_memory() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert memory_of(ended.pid) is None
