"""Whether a target was reached, and if not, why: computed from the record, never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from infra.lab.analysis.formatting import fixed, percent, stable, whole_percent
from infra.lab.analysis.intervals import clean_requests_needed, largest_error_rate
from infra.lab.load.spec import PAGE_PICTURE
from infra.lab.records import Record

YES, NO, UNSURE = "✅", "❌", "⚠️"
DISTURBED = "Other processes took"
FULL = 0.75  # share of the machine from which on it is called full


@dataclass(frozen=True)
class Judgement:
    """What was reached against what was expected."""

    reached: str
    status: str  # ✅, ❌ or ⚠️
    cause: str = ""


NOT_MEASURED = Judgement("not measured yet", UNSURE)


def error_rate(*records: Record) -> str:
    """Return the error rate of runs together with what the number of requests lets one claim."""
    failed, requests = failed_of(records)
    share = failed / requests if requests else 1.0
    bound = largest_error_rate(failed, requests)
    of = f"{failed:,} of {requests:,}" + (f" in {len(records)} runs" if len(records) > 1 else "")
    return f"{percent(share)} ({of}; at most {percent(bound)})"


def failed_of(records: Sequence[Record]) -> tuple[int, int]:
    """Return how many requests of these runs have failed, and how many there were.

    The pictures that answers show are among them.
    """
    every = [one for run in records for one in (run.totals, run.pictures) if one]
    return sum(one.failed for one in every), sum(one.requests for one in every)


def failures_of(record: Record) -> dict[str, Counter[str]]:
    """Return the failures of a run by operation and cause, those of pictures among them."""
    pictures = {PAGE_PICTURE: record.pictures} if record.pictures else {}
    return {
        name: Counter(one.failures)
        for name, one in {**record.operations, **pictures}.items()
        if one.failures
    }


def causes_of(record: Record) -> Counter[str]:
    """Return the failures of a run by cause, those of pictures among them."""
    pictures = record.pictures.failures if record.pictures else {}
    return Counter(record.totals.failures) + Counter(pictures)


def judge_errors(records: Sequence[Record], target: float) -> Judgement:
    """Judge the error rate of runs together: a claim needs enough requests, not only few failures.

    Runs that do not count are left out where others do.
    """
    sound = counted(records)
    failed, requests = failed_of(sound)
    reached = error_rate(*sound)
    if doubt := doubts(sound[-1]):
        return Judgement(reached, UNSURE, doubt)
    if not requests or failed / requests >= target:
        every = sum((causes_of(record) for record in sound), Counter[str]())
        return Judgement(reached, NO, f"failures: {causes(every, 3)}")
    if largest_error_rate(failed, requests) <= target:
        return Judgement(reached, YES)
    needed = clean_requests_needed(target)
    return Judgement(
        reached,
        UNSURE,
        f"too few requests for this claim: below {percent(target)} needs {needed:,} clean "
        "requests in a row",
    )


def judge_rate(records: Sequence[Record], target: float) -> Judgement:
    """Judge the mean rate of runs that repeat each other; why it is no higher is the newest's."""
    sound = counted(records)
    rates, mean = [record.totals.rate for record in sound], mean_rate(records)
    reached = f"{fixed(mean)}/s"
    if len(rates) > 1:
        reached += f" (mean of {len(rates)} runs, {fixed(min(rates))} to {fixed(max(rates))})"
    if doubt := doubts(sound[-1]):
        return Judgement(reached, UNSURE, doubt)
    if stable(mean) >= target:
        return Judgement(reached, YES)
    return Judgement(reached, NO, limit_of(sound[-1]))


def mean_rate(records: Sequence[Record]) -> float:
    """Return the mean rate of the runs that count."""
    return fmean(record.totals.rate for record in counted(records))


def counted(records: Sequence[Record]) -> list[Record]:
    """Return the runs that count; all of them where none does."""
    return [record for record in records if not doubts(record)] or list(records)


def doubts(record: Record) -> str:
    """Return why the run does not count, or nothing."""
    if record.void:
        return f"void: {record.void}"
    if record.generator.limit or record.generator.dropped:
        busy, dropped = record.generator.cpu_share_of_core, record.generator.dropped
        return (
            f"the load generator was the limit: {whole_percent(busy)} of a core, "
            f"{dropped:,} requests dropped"
        )
    return ""


def unlike(before: Record, after: Record) -> str:
    """Return why two runs of different stages cannot be compared, or nothing."""
    if before.load.pictures != after.load.pictures:
        mixes = (named_mix(run) for run in (before, after))
        return f"another mix: {' before, '.join(mixes)} now"
    loads = before.load.users, after.load.users
    if loads[0] == loads[1]:
        return ""
    return f"{loads[0]:,} people before, {loads[1]:,} now; {limit_of(after)}"


def named_mix(record: Record) -> str:
    """Return which mix a run had: whether people loaded the pictures that they were shown."""
    return "with the pictures shown" if record.load.pictures else "classic, with few pictures"


def limit_of(record: Record) -> str:
    """Return what kept the rate of a run where it is, as far as the record tells."""
    if not record.server:
        return "the record holds no figures of the servers"
    cores = record.machine.cores
    used = sum(group.cpu_seconds for group in record.server.values()) / record.seconds
    name, largest = max(record.server.items(), key=lambda one: stable(one[1].cpu_seconds))
    share = largest.cpu_seconds / record.seconds / used if used else 0.0
    spent = (
        f"servers used {fixed(used, 1)} of {cores} cores ({name} {whole_percent(share)} of it), "
        f"the load generator {fixed(record.generator.cpu_share_of_core, 1)}"
    )
    if others := disturbed(record):
        spent = f"{spent}. {others}"
    if used + record.generator.cpu_share_of_core >= FULL * cores:
        return f"the machine is full: {spent}"
    asked = offered(record)
    if asked and record.totals.rate >= 0.9 * asked:
        return f"the load asked for no more than {fixed(asked)}/s; {spent}"
    if record.database.lock_waits:
        return f"{record.database.lock_waits:,} waits for locks; {spent}"
    return f"neither CPU nor load: waiting; {spent}"


def disturbed(record: Record) -> str:
    """Return the note of a run during which other processes took much of the machine, if any."""
    return next((note for note in record.notes if note.startswith(DISTURBED)), "").rstrip(".")


def offered(record: Record) -> float | None:
    """Return the rate that the load could ask for at most, had every answer come at once."""
    if record.load.loop == "open":
        return record.load.arrival_rate
    return record.load.users / record.load.think_time if record.load.think_time else None


def causes(failures: dict[str, int], most: int = 5) -> str:
    """Return causes with their counts, the most frequent first; "none" for none."""
    found = Counter(failures).most_common(most)
    return ", ".join(f"{cause} ({count:,})" for cause, count in found if count) or "none"
