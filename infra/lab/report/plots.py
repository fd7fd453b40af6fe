"""Plots as SVG, equal on every machine: no date, no setting of the user, rounded coordinates.

matplotlib computes coordinates in floats and derives the ids of shapes from them. Both depend, in
their last digits, on the processor and on the build of the libraries; here coordinates are rounded
to hundredths of a point and ids are numbered in the order of their appearance.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from infra.lab.analysis import capacity, scalability
from infra.lab.analysis.criteria import raw_rate, runs_asked
from infra.lab.analysis.goals import GOALS, GROWTH_STEPS, RATE_PER_PERSON
from infra.lab.analysis.judgement import mean_rate
from infra.lab.analysis.request_costs import costs_of, newest
from infra.lab.analysis.stage_records import Stage
from infra.lab.records import Record
from infra.lab.records.storage import RecordInvalid

_SETTINGS: Any = {
    "svg.fonttype": "none",
    # The font that matplotlib brings along: no picture depends on what a machine has installed.
    "font.family": "DejaVu Sans",
    "path.simplify": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.alpha": 0.3,
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_BESIDE: Any = {"loc": "upper left", "bbox_to_anchor": (1, 1)}
# Tags without comments, in which texts are repeated; numbers in them that are worth rounding.
_TAG = re.compile(r"<(?!!--)[^>]*>", re.DOTALL)
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
# matplotlib's names of shapes: a letter and ten hexadecimal digits of a hash.
_ID = re.compile(r"(?<=[\"#])[a-z][0-9a-f]{10}(?=[\")])")
Draw = Callable[[Any], bool]


def all_plots(all_stages: tuple[Stage, ...], records: list[Record]) -> dict[str, str]:
    """Return the SVG of every plot that these records can fill, by name. Costs about a second."""
    draws: dict[str, Draw] = {
        "rates": lambda axes: _rates(axes, all_stages),
        "latencies": lambda axes: _latencies(axes, all_stages),
        "cpu": lambda axes: _cpu(axes, all_stages),
        "breaking": lambda axes: _breaking(axes, all_stages),
        "growth": lambda axes: _growth(axes, records),
        "scaling": lambda axes: _scaling(axes, records),
    }
    drawn = {name: _svg(draw) for name, draw in draws.items()}
    return {name: svg for name, svg in drawn.items() if svg}


def _svg(draw: Draw) -> str:
    """Return the picture, or nothing if there is nothing to draw."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        figure = Figure(figsize=(8, 4), layout="tight")
        if not draw(figure.subplots()):
            return ""
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata=_NO_METADATA)
    lines = (line.rstrip() for line in out.getvalue().splitlines())
    return normalised("\n".join(lines) + "\n")


def normalised(svg: str) -> str:
    """Return the SVG with rounded numbers inside its tags, and with ids numbered one by one."""
    rounded = _TAG.sub(lambda tag: _NUMBER.sub(_rounded, tag[0]), svg)
    names: dict[str, str] = {}
    return _ID.sub(lambda found: names.setdefault(found[0], f"shape{len(names) + 1}"), rounded)


def _rounded(number: re.Match[str]) -> str:
    """Return a number of a path or an attribute with at most two digits after the point."""
    return f"{float(number[0]):z.2f}".rstrip("0").rstrip(".")


def _rates(axes: Any, all_stages: tuple[Stage, ...]) -> bool:
    found = [stage for stage in all_stages if runs_asked(stage)]
    numbers = [stage.number for stage in found]
    axes.bar(numbers, [mean_rate(runs_asked(stage)) for stage in found], label="simulated people")
    raw = [(stage.number, rate) for stage in found if (rate := raw_rate(stage))]
    axes.plot([n for n, _ in raw], [rate for _, rate in raw], "C1D", label="one read, lean driver")
    axes.plot(numbers, [GOALS[n].rate for n in numbers], "k_", markersize=30, label="expected")
    axes.set(yscale="log", xlabel="stage", ylabel="requests a second", xticks=numbers)
    axes.set_ylim(bottom=10)
    axes.legend(**_BESIDE)
    return bool(found)


def _latencies(axes: Any, all_stages: tuple[Stage, ...]) -> bool:
    found = [
        (stage.number, stage.main.operations["feed"])
        for stage in all_stages
        if stage.main and "feed" in stage.main.operations
    ]
    if not found:
        # A scale of powers cannot show nothing.
        return False
    for name in ("p50", "p95", "p99"):
        axes.plot([n for n, _ in found], [getattr(one, name) for _, one in found], "o-", label=name)
    axes.set(yscale="log", xlabel="stage", ylabel="feed, ms", xticks=[n for n, _ in found])
    axes.legend()
    return True


def _cpu(axes: Any, all_stages: tuple[Stage, ...]) -> bool:
    found = [(stage.number, stage.main.server) for stage in all_stages if stage.main]
    groups = list(dict.fromkeys(name for _, server in found for name in server))
    numbers, below = [n for n, _ in found], [0.0] * len(found)
    for group in groups:
        heights = [
            server[group].cpu_ms_per_request if group in server else 0.0 for _, server in found
        ]
        axes.bar(numbers, heights, bottom=below, label=group)
        below = [one + two for one, two in zip(below, heights, strict=True)]
    axes.set(xlabel="stage", ylabel="CPU ms per request", xticks=numbers)
    if groups:
        axes.legend(**_BESIDE)
    return bool(groups)


def _breaking(axes: Any, all_stages: tuple[Stage, ...]) -> bool:
    found = [stage for stage in all_stages if stage.breaking and stage.breaking.steps]
    for stage in found:
        steps = stage.breaking.steps if stage.breaking else ()
        users, slow = [step.users for step in steps], [step.p95 for step in steps]
        axes.plot(users, slow, "o-", label=f"stage {stage.number}")
    axes.axhline(500, color="black", linestyle=":", label="broken above")
    axes.set(xscale="log", yscale="log", xlabel="concurrent users", ylabel="p95, ms")
    axes.legend()
    return bool(found)


def _growth(axes: Any, records: list[Record]) -> bool:
    try:
        costs = costs_of(newest(records))
    except RecordInvalid:
        return False
    assumed = capacity.Assumptions()
    people = GROWTH_STEPS
    axes.plot(people, [n * RATE_PER_PERSON for n in people], "o-", label="the original plan")
    axes.plot(people, [capacity.rate_of(n, assumed) for n in people], "o-", label="assumed use")
    most = RATE_PER_PERSON * people[-1]
    for at, limit in enumerate(capacity.limits_of(RATE_PER_PERSON, costs, assumed)):
        if limit.rate is not None and limit.rate < most:
            color = f"C{at + 2}"
            axes.axhline(limit.rate, color=color, linestyle=":", linewidth=1, label=limit.name)
    axes.set(xscale="log", yscale="log", xlabel="people", ylabel="requests a second at the peak")
    axes.legend(fontsize="x-small", **_BESIDE)
    return True


def _scaling(axes: Any, records: list[Record]) -> bool:
    fits = [(stage, fitted) for stage, fitted in scalability.by_stage(records).items() if fitted]
    for at, (stage, fitted) in enumerate(fits):
        most = 2 * max(point.instances for point in fitted.points)
        counts = [1 + step * (most - 1) / 40 for step in range(41)]
        look: Any = {"color": f"C{at}"}
        axes.plot(
            [p.instances for p in fitted.points], [p.rate for p in fitted.points], "o", **look
        )
        axes.plot(counts, [fitted.law.rate(n) for n in counts], label=f"stage {stage}", **look)
        sure = [bound for bound in map(fitted.interval, counts) if bound]
        if len(sure) == len(counts):
            lows, highs = [low for low, _ in sure], [high for _, high in sure]
            axes.fill_between(counts, lows, highs, alpha=0.15, **look)
    axes.set(xlabel="instances", ylabel="reads a second", ylim=(0, None))
    if fits:
        axes.legend(title="law and 95 % interval")
    return bool(fits)
