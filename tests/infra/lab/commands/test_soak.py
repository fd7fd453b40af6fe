"""A soak passes if each process lived through it and has stopped growing."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rich.console import Console

from infra.lab.commands.soak import report
from infra.lab.measure.memory import MEGABYTE, Curve, Sample


def curve(pid: int, *megabytes: int) -> Curve:
    sizes = [size * MEGABYTE for size in megabytes]
    return Curve(
        "web1", pid, [Sample(number * 10.0, size, size, size) for number, size in enumerate(sizes)]
    )


def shown(*curves: Curve) -> str:
    console = Console(width=100, file=StringIO())
    report(curves, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_flat_curves_are_printed_with_their_slopes() -> None:
    text = shown(curve(7, 85, *[120] * 9), curve(8, *[60] * 10))
    assert "web1, process 7: MB" in text
    assert "web1, process 8: MB" in text
    assert "MB/hour" in text
    assert "anonymous memory +0.0%" in text
    assert "Flat: no process has grown" in text


def test_a_process_that_grows_fails() -> None:
    with pytest.raises(CommandError, match=r"Not flat, in the second half: web1 \(8\) by 6\.0%"):
        shown(curve(7, *[60] * 10), curve(8, *range(60, 70)))


def test_a_process_that_was_replaced_fails() -> None:
    with pytest.raises(CommandError, match=r"did not live through the whole run: web1 \(8\)\."):
        shown(curve(7, *[60] * 10), curve(8, *[60] * 4))


@pytest.mark.parametrize("options", [["--every=0"], ["--every=10", "--duration=79"]])
def test_a_time_with_too_few_samples_is_refused(options: list[str]) -> None:
    with pytest.raises(CommandError, match="--duration must be at least 8 times --every"):
        call_command("lab", "soak", "--stage=1", *options)
