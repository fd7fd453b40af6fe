"""Judges of latencies: absolute ones under moderate load, and those of the mix stage by stage."""

from __future__ import annotations

from statistics import fmean

from infra.lab.analysis import intervals
from infra.lab.analysis.formatting import fixed, stable
from infra.lab.analysis.goals import LatencyGoal
from infra.lab.analysis.judgement import (
    NO,
    NOT_MEASURED,
    UNSURE,
    YES,
    Judgement,
    counted,
    disturbed,
    doubts,
    limit_of,
    unlike,
)
from infra.lab.analysis.stage_records import Stage


def judge_latency(stage: Stage, goal: LatencyGoal) -> Judgement:
    """Judge an operation by its median and its p95 under moderate load: both have to be short."""
    run = stage.moderate
    one = run.operations.get(goal.operation) if run else None
    if run is None or one is None or one.requests <= one.failed:
        return NOT_MEASURED
    load = run.load
    rate = fixed(run.totals.rate)
    reached = (
        f"p50 {fixed(one.p50, 1)} ms, p95 {fixed(one.p95, 1)} ms "
        f"({one.requests:,} requests, {load.users} people, {rate}/s)"
    )
    if doubt := doubts(run):
        return Judgement(reached, UNSURE, doubt)
    if stable(one.p95) <= goal.most_ms:
        return Judgement(reached, YES)
    cause = "the median is short enough, p95 is not" if stable(one.p50) <= goal.most_ms else ""
    return Judgement(reached, NO, cause or disturbed(run) or "so long takes one answer")


def judge_mix_faster(stage: Stage, before: Stage) -> Judgement:
    """Judge whether the mix is answered sooner than on the stage before.

    By its mean latency, since people who think ask for no more than so many requests a second,
    however fast they are answered; runs that repeat each other tell the noise.
    """
    old, new = counted(before.mixes), counted(stage.mixes)
    if not old or not new:
        return NOT_MEASURED
    means = [fmean(run.totals.mean for run in runs) for runs in (old, new)]
    rates = [fmean(run.totals.rate for run in runs) for runs in (old, new)]
    reached = (
        f"{fixed(means[0], 1)} → {fixed(means[1], 1)} ms (mean); "
        f"{fixed(rates[0])} → {fixed(rates[1])}/s"
    )
    if doubt := doubts(old[-1]) or doubts(new[-1]) or unlike(old[-1], new[-1]):
        return Judgement(reached, UNSURE, doubt)
    if stable(means[1]) >= stable(means[0]):
        return Judgement(reached, NO, limit_of(new[-1]))
    if len(old) < 2 or len(new) < 2:
        return Judgement(reached, UNSURE, "a single run does not tell the noise")
    ratio = intervals.of_runs([run.totals.mean for run in old], [run.totals.mean for run in new])
    return Judgement(reached, YES) if ratio.sure else Judgement(reached, UNSURE, "within the noise")
