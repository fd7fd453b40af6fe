"""How to see from records whether a stage has reached each of its goals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from infra.lab.analysis.formatting import fixed, percent, stable, whole_percent
from infra.lab.analysis.goals import (
    CACHE_GOALS,
    CONNECTIONS,
    GOALS,
    LATENCIES,
    READ_TIMES,
    WRITE_MS,
    CacheGoal,
    LatencyGoal,
)
from infra.lab.analysis.judgement import (
    NO,
    NOT_MEASURED,
    UNSURE,
    YES,
    Judgement,
    doubts,
    judge_errors,
    judge_rate,
    limit_of,
    unlike,
)
from infra.lab.analysis.latency_criteria import judge_latency, judge_mix_faster
from infra.lab.analysis.scalability import points
from infra.lab.analysis.stage_records import Stage
from infra.lab.records import Operation, Record

AllStages = tuple[Stage, ...]
# A password hash is meant to be slow: these two are no measure of writing.
HASHES = ("register", "log in")


@dataclass(frozen=True)
class Criterion:
    """One row: what is expected, and how to see from the records whether it was reached."""

    name: str
    expected: str
    judge: Callable[[Stage, AllStages], Judgement]


def criteria_of(number: int) -> tuple[Criterion, ...]:
    """Return the rows of a stage: its targets, then what the original plan promises beside them."""
    target = GOALS[number]
    of = "reads" if target.profile == "reads" else "the mix"
    common = (
        Criterion("Concurrent users", f"{target.users:,}+", _users),
        Criterion(f"Rate of {of}", f"{fixed(target.rate)}+/s", lambda stage, _: rate(stage)),
        Criterion("Error rate", f"<{percent(target.errors)}", _errors),
    )
    absolute = (_within(goal) for goal in LATENCIES.get(number, ()))
    return (*common, *PLANNED.get(number, ()), *absolute)


def _within(goal: LatencyGoal) -> Criterion:
    return Criterion(
        f"Moderate load: {goal.data}",
        f"≤{fixed(goal.most_ms)} ms",
        lambda stage, _: judge_latency(stage, goal),
    )


def _users(stage: Stage, _: AllStages) -> Judgement:
    if stage.breaking is None:
        return NOT_MEASURED
    target, reached = GOALS[stage.number].users, stage.users or 0
    if reached >= target:
        return Judgement(f"{reached:,}", YES)
    steps = stage.breaking.steps
    after = next((step for step in steps if step.users > reached), None)
    if after is None:
        return Judgement(f"{reached:,}", UNSURE, "no more were tried")
    if after.generator_limit:
        return Judgement(f"{reached:,}", UNSURE, "beyond, the load generator was the limit")
    cause = f"at {after.users:,} success is {percent(after.success)} and p95 {fixed(after.p95)} ms"
    return Judgement(f"{reached:,}", NO, cause)


def runs_asked(stage: Stage) -> tuple[Record, ...]:
    """Return the runs that the rate of a stage is asked of."""
    if GOALS[stage.number].profile == "reads":
        return stage.all_reads
    return stage.mixes or ((stage.main,) if stage.main else ())


def judged_errors(stage: Stage) -> Judgement:
    """Judge the errors of all people who used the stage, whether they wrote or only read."""
    runs = stage.mixes + stage.all_reads or runs_asked(stage)
    return judge_errors(runs, GOALS[stage.number].errors) if runs else NOT_MEASURED


def rate(stage: Stage) -> Judgement:
    """Judge the rate of a stage, by simulated people and by the lean driver."""
    runs, target = runs_asked(stage), GOALS[stage.number]
    judged = judge_rate(runs, target.rate) if runs else NOT_MEASURED
    raw = raw_rate(stage)
    if target.profile != "reads" or raw is None or (runs and raw <= runs[-1].totals.rate):
        return judged
    # Simulated people cost the machine more than a lean driver: both are shown.
    reached = f"{judged.reached} by simulated people, {fixed(raw)}/s by the lean driver"
    if raw >= target.rate and judged.status == NO:
        return Judgement(reached, UNSURE, f"by the lean driver only; {judged.cause}")
    return Judgement(reached, judged.status, judged.cause)


def raw_rate(stage: Stage) -> float | None:
    """Return the highest rate of a read under the lean driver, if that was measured."""
    if stage.ceiling is None or stage.ceiling.void:
        return None
    found = [one.rate for one in stage.ceiling.operations.values() if one.kind == "read"]
    return max(found, default=None)


def _errors(stage: Stage, _: AllStages) -> Judgement:
    return judged_errors(stage)


def writes(record: Record) -> float | None:
    """Return the mean milliseconds of a write, without the two that hash a password."""
    found = [
        (one.mean, one.requests - one.failed)
        for name, one in record.operations.items()
        if one.kind == "write" and name not in HASHES and one.requests > one.failed
    ]
    count = sum(requests for _, requests in found)
    return sum(mean * requests for mean, requests in found) / count if count else None


def reads(record: Record) -> float | None:
    """Return the mean milliseconds of a read."""
    found = [one for one in record.operations.values() if one.kind == "read"]
    count = sum(one.requests - one.failed for one in found)
    return sum(one.mean * (one.requests - one.failed) for one in found) / count if count else None


def _write_latency(stage: Stage, _: AllStages) -> Judgement:
    if stage.main is None or (took := writes(stage.main)) is None:
        return NOT_MEASURED
    reached = f"{fixed(took, 1)} ms (mean, without password hashes)"
    if stable(took) <= WRITE_MS[1]:
        return Judgement(reached, YES)
    return Judgement(reached, NO, limit_of(stage.main))


def _connections(stage: Stage, _: AllStages) -> Judgement:
    run = stage.main
    if run is None or run.database.connections is None:
        return NOT_MEASURED
    peak = run.database.connections
    if peak <= CONNECTIONS:
        return Judgement(f"{peak} at the peak", YES)
    return Judgement(f"{peak} at the peak", NO, "more workers than the budget")


def _scaling(stage: Stage, _: AllStages) -> Judgement:
    found = points(stage.records)
    rates = {
        n: fmean(p.rate for p in found if p.instances == n) for n in {p.instances for p in found}
    }
    if len(rates) < 2 or 1 not in rates:
        return NOT_MEASURED
    most = max(rates)
    times = rates[most] / rates[1]
    reached = f"{most} instances serve {fixed(times, 2)} times the rate of one"
    if stable(times) >= 1.1:
        return Judgement(reached, YES)
    cores = stage.main.machine.cores if stage.main else 0
    return Judgement(reached, NO, f"all share {cores} cores with databases and load generator")


def _fault(*words: str) -> Callable[[Stage, AllStages], Judgement]:
    """Return a judge that looks for the drill whose fault is named with one of these words."""

    def judge(stage: Stage, _: AllStages) -> Judgement:
        found = [one for one, _ in stage.drills if any(word in one.fault for word in words)]
        if not found:
            return NOT_MEASURED
        odd = [one for one in found if not one.as_expected]
        one = odd[0] if odd else found[0]
        reached = f"{one.fault}: {one.failed:,} of {one.sent:,} failed, {one.lost} lost"
        return Judgement(reached, NO if odd else YES, one.observed if odd else "")

    return judge


def _even(stage: Stage, _: AllStages) -> Judgement:
    answers = stage.main.answers if stage.main else {}
    if len(answers) < 2:
        return NOT_MEASURED
    shares = {name: count / sum(answers.values()) for name, count in answers.items()}
    reached = ", ".join(f"{name} {whole_percent(share)}" for name, share in shares.items())
    even = max(answers.values()) <= 1.2 * min(answers.values())
    return Judgement(reached, YES if even else NO, "" if even else "instances differ in speed")


def _against_before(
    measure: Callable[[Record], float | None],
    wanted: Callable[[float], bool],
    run_of: Callable[[Stage], Record | None],
) -> Callable[[Stage, AllStages], Judgement]:
    """Return a judge of how many times the stage before the figure is."""

    def judge(stage: Stage, all_stages: AllStages) -> Judgement:
        runs = run_of(all_stages[stage.number - 2]), run_of(stage)
        if runs[0] is None or runs[1] is None:
            return NOT_MEASURED
        old, new = measure(runs[0]), measure(runs[1])
        if not old or new is None:
            return NOT_MEASURED
        reached = f"{fixed(new / old, 2)}x ({fixed(old, 1)} → {fixed(new, 1)})"
        if doubt := doubts(runs[0]) or doubts(runs[1]) or unlike(runs[0], runs[1]):
            return Judgement(reached, UNSURE, doubt)
        if wanted(stable(new / old)):
            return Judgement(reached, YES)
        return Judgement(reached, NO, limit_of(runs[1]))

    return judge


def _hits(goal: CacheGoal) -> Callable[[Stage, AllStages], Judgement]:
    """Return a judge of the hit rate of one kind of data."""

    def judge(stage: Stage, _: AllStages) -> Judgement:
        found = stage.main.cache.get(goal.kind) if stage.main else None
        rate = found.hit_rate if found else None
        if found is None or rate is None:
            return NOT_MEASURED
        asked = found.hits + found.stale + found.misses
        reached = f"{percent(rate)} of {asked:,} ({percent(found.hits / asked)} fresh)"
        if stable(rate) >= goal.hit_rate:
            return Judgement(reached, YES)
        each = asked / found.rebuilds if found.rebuilds else 0
        cause = f"each key is asked for {fixed(each, 1)} times while it lives"
        return Judgement(reached, NO, cause)

    return judge


def _sooner(goal: CacheGoal) -> Callable[[Stage, AllStages], Judgement]:
    """Return a judge of how much sooner an operation is answered than a stage before.

    By the lean driver where both stages have its figures: both were asked for the same, as often
    as they could answer. Without a name: all requests, since each of them asks for the session or
    the token's person.
    """

    def judge(stage: Stage, all_stages: AllStages) -> Judgement:
        before = all_stages[stage.number - 2]
        lean = stage.ceiling is not None and before.ceiling is not None
        runs = (stage.ceiling, before.ceiling) if lean else (stage.main, before.main)
        if runs[0] is None or runs[1] is None:
            return NOT_MEASURED
        new, old = (_one(run, goal.operation) for run in runs if run)
        if new is None or old is None or not new.p50:
            return NOT_MEASURED
        who = "lean driver" if lean else "simulated people"
        factor = old.p50 / new.p50
        medians = f"{fixed(old.p50, 1)} → {fixed(new.p50, 1)} ms"
        reached = f"{fixed(factor, 1)}x ({medians}, median, {who})"
        if not lean and (doubt := unlike(runs[1], runs[0])):
            return Judgement(reached, UNSURE, doubt)
        ok = stable(factor) >= goal.times
        cause = "" if ok else "an answer costs HTTP and authentication as well, cached or not"
        return Judgement(reached, YES if ok else NO, cause)

    return judge


def _one(run: Record, operation: str) -> Operation | None:
    return run.operations.get(operation) if operation else run.totals


def _read_rate(record: Record) -> float:
    return record.totals.rate


PLANNED: dict[int, tuple[Criterion, ...]] = {
    2: (
        Criterion("Write latency", f"{WRITE_MS[0]}-{WRITE_MS[1]} ms", _write_latency),
        Criterion("Connections", f"{CONNECTIONS}", _connections),
    ),
    3: (
        Criterion("Horizontal scaling", "more instances, more rate", _scaling),
        Criterion("Fault tolerance", "1 server can fail", _fault("instance", "web")),
        Criterion("Load distribution", "even", _even),
    ),
    4: (
        Criterion(
            "Read performance (lean driver, reads/s)",
            f"{READ_TIMES}x",
            _against_before(_read_rate, lambda x: x >= READ_TIMES, lambda stage: stage.ceiling),
        ),
        Criterion("Read availability", "can lose 1 replica", _fault("replica")),
        Criterion(
            "Write performance (ms)",
            "no change",
            _against_before(writes, lambda x: x <= 1.2, lambda stage: stage.mix),
        ),
    ),
    5: (
        Criterion(
            "Mix against Stage 4",
            "faster",
            lambda stage, all_stages: judge_mix_faster(stage, all_stages[3]),
        ),
        *(
            Criterion(f"Hit rate: {goal.data}", percent(goal.hit_rate), _hits(goal))
            for goal in CACHE_GOALS
        ),
        *(
            Criterion(f"Latency: {goal.data}", f"{goal.times}x", _sooner(goal))
            for goal in CACHE_GOALS
        ),
    ),
}
