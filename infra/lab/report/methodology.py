"""How it was measured, what does not count, and the commands."""

from __future__ import annotations

import re
from collections import defaultdict

from infra.lab.analysis.criteria import AllStages
from infra.lab.analysis.formatting import fixed, percent
from infra.lab.analysis.goals import GOALS, PROMISES
from infra.lab.analysis.judgement import doubts
from infra.lab.records import Record
from infra.lab.report.blocks import Block, Code, Heading, Items, Text
from infra.lab.report.summary import repeats_line
from infra.lab.report.tables import Table

# What stands at the beginning of a page says nothing of why it was sent.
HTML = re.compile(r"<!doctype.*", re.DOTALL | re.IGNORECASE)
CLEAN_HISTORY = re.compile(
    r"(\d+) acknowledged acts were looked up again: "
    "0 lost, 0 doubled, 0 miscounted, 0 unanswered"
)
COMMANDS = """\
manage.py lab diagnostic --stage 1  # system health check
manage.py lab stress --stage 1      # comprehensive load test
manage.py lab stress --stage 1 --mix classic  # with few pictures, as before
manage.py lab breaking --stage 1    # find breaking points
manage.py lab drill --stage 4       # faults under load

manage.py lab collect --stage 1     # measure a stage and keep the records
manage.py lab compare 1 2           # compare stages, or runs
manage.py lab export                # make this document anew
manage.py lab plan --users 50000    # growth on paper

make lab                            # all of it, on every stage
make lab ARGS="--scale 0.1"         # all of it, with shorter runs"""

METHOD = """\
**Load**: simulated people (Locust, a process of its own) on the same machine as the site. In a
closed loop everyone waits for an answer, thinks, and asks again; in an open loop requests arrive
at a fixed rate and are timed from the moment they were meant to be sent: no stall is hidden.

**Pictures**: in the mix people load the pictures that an answer shows and that they have not
loaded yet, as browsers and apps do: for half of the people the rendition 640 wide, for half the one
1,080 wide. Nothing is loaded twice in a visit of about 30 acts; then somebody else begins, who has
loaded nothing. Pictures are counted beside the operations: rates, percentiles and rounds are of
operations alone, CPU and bytes per request hold what the pictures cost, and errors are of both. A
step of a search breaks by whichever is slower. The mix of before, with few pictures, is `--mix
classic`; runs of different mixes are not judged against each other.

**Moderate load** is 50 people who think for half a second, about a hundred operations a second,
pictures as in the mix: what an answer takes where nobody waits in a queue.

**Answers are checked**, not only their status; wrong content is an error.

**Percentiles** are of successful answers; errors are counted by cause.

**Void runs**: the load generator used more than 80 % of a core or dropped requests. They stay in
the tables, marked, and reach no target.

**Error rates** carry their upper bound (Clopper and Pearson, 95 %). Without a failure that is
three over the number of requests (rule of three): a rate below 0.01 % needs 30,000 clean requests
in a row.

**Comparisons** (`manage.py lab compare`): runs that repeat each other by Welch's t on the
logarithms (least change believed: 5 %); single runs by a bootstrap of their rounds (least change
believed: 20 %, since the machine drifts by 10 to 20 % between runs); error rates by their counts.

**Causes** of missed targets are computed: CPU of all servers and of the load generator against the
cores, the rate that the load could ask for, waits for locks.

**Register and log in** cost a password hash by design."""


def overview(records: list[Record]) -> list[Block]:
    """Return the overview: records, commits and machines that the document is made from."""
    if not records:
        return [Text("No records yet: `make lab` measures every stage and fills this document.")]
    machines = sorted({f"{r.machine.cpu}, {r.machine.cores} cores" for r in records})
    commits = sorted({record.commit for record in records})
    return [
        Text(
            f"Made by `manage.py lab export` from {len(records)} records of "
            f"{records_days(records)}, {'commits' if len(commits) > 1 else 'commit'} "
            f"{', '.join(commits)}, on {'; '.join(machines)}. "
            "Nothing here is typed by hand; figures of different machines cannot be compared. What "
            "single calls cost is in [benchmarks.md](benchmarks.md)."
        )
    ]


def records_days(records: list[Record]) -> str:
    """Return the first and the last day of these records."""
    days = sorted(record.started[:10] for record in records)
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def methodology() -> list[Block]:
    """Return how it was measured."""
    items = tuple(" ".join(item.splitlines()) for item in METHOD.split("\n\n"))
    return [Heading(2, "Testing Methodology"), Items(items)]


def targets() -> list[Block]:
    """Return the targets of the original plan, by stage."""
    rows = tuple(
        (
            str(number),
            f"{goal.users:,}",
            f"{fixed(goal.rate)}/s ({goal.profile})",
            f"<{percent(goal.errors)}",
            PROMISES.get(number, "–"),
        )
        for number, goal in GOALS.items()
    )
    headings = ("Stage", "People at once", "Rate", "Errors", "Beside that")
    return [
        Heading(2, "Targets"),
        Text(
            "MiniGram began with a plan of five stages and of what each should reach: the original "
            "plan. The numbers of people of Stages 3 to 5, and all of Stage 1, are added to it."
        ),
        Table(headings, rows, 5),
    ]


def honesty(all_stages: AllStages, records: list[Record]) -> list[Block]:
    """Return what does not count, and how often runs were repeated."""
    found: list[Block] = [Heading(2, "What Does Not Count")]
    rows = tuple((record.name, record.kind, why) for record in records if (why := doubts(record)))
    headings = ("Run", "Kind", "Why")
    found.append(Table(headings, rows, 3) if rows else Text("No run was void."))
    repeated = [repeats_line(stage) for stage in all_stages if stage.mix]
    if repeated:
        found += [Text("How far runs that repeat each other lie apart:"), Items(tuple(repeated))]
    notes = _notes(records)
    if notes:
        found += [Text("Notes of the runs:"), Items(tuple(notes))]
    return found


def _notes(records: list[Record]) -> list[str]:
    """Return every note once, with the run or the number of runs that it belongs to.

    Where all that was looked up again was found, one sentence says so for all runs.
    """
    runs: defaultdict[str, list[str]] = defaultdict(list)
    found = 0
    for record in records:
        for note in record.notes:
            if clean := CLEAN_HISTORY.search(note):
                found += int(clean[1])
            else:
                runs[HTML.sub("a page", note)].append(record.name)
    every = f"{found:,} acknowledged acts were looked up again: all were there, once."
    return [every] * bool(found) + [
        f"{names[0] if len(names) == 1 else f'{len(names)} runs'}: {note}"
        for note, names in runs.items()
    ]


def commands() -> list[Block]:
    """Return the list of the lab's commands."""
    return [Heading(2, "Testing Commands Reference"), Code(COMMANDS, "bash")]
