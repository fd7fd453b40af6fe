"""What each stage is built for: the targets of the original plan, quoted here and nowhere else.

The original plan is the page of targets that the project began with. It grows MiniGram in five
stages, from one process with SQLite to replicas and a cache, and names for each stage from the
second on what it should reach. The numbers of people of Stages 3 to 5, and all of Stage 1, are the
project's own: the plan names none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StageGoal:
    """The rate, errors and people that a stage is built for, on two cores."""

    rate: float  # requests a second
    errors: float  # share of the requests, not reached
    users: int  # at once
    profile: str = "mix"  # the runs whose rate is judged


@dataclass(frozen=True)
class LatencyGoal:
    """How long an answer may take under moderate load, median and p95."""

    data: str  # as the plan calls it
    operation: str
    most_ms: float


@dataclass(frozen=True)
class CacheGoal:
    """What the cache of Stage 5 should do for one kind of data."""

    data: str  # as the plan calls it
    kind: str  # as the site counts it
    hit_rate: float
    operation: str  # that is answered sooner; empty: all of them
    times: int  # as soon as without the cache


GOALS = {
    1: StageGoal(100, 0.01, 100),
    2: StageGoal(150, 0.01, 500),
    3: StageGoal(500, 0.005, 500),
    4: StageGoal(1_000, 0.001, 1_000, "reads"),
    5: StageGoal(10_000, 0.0001, 1_000, "reads"),
}
# Stage 2: milliseconds of a write, and connections of the database.
WRITE_MS = (5, 10)
CONNECTIONS = 100
WRITE_LATENCIES = tuple(
    LatencyGoal(f"write ({name})", name, WRITE_MS[1]) for name in ("like", "follow", "comment")
)
# The plan's absolute latencies, by stage. The session is what is known behind a token.
LATENCIES = {
    2: WRITE_LATENCIES,
    5: (
        LatencyGoal("user session", "session", 1),
        LatencyGoal("hot photo", "photo", 2),
        LatencyGoal("feed data", "feed", 3),
        *WRITE_LATENCIES,
    ),
}
# Stage 4: how many times as many reads as Stage 3 answers.
READ_TIMES = 3
# Stage 5. The people of the lab are mobile clients: what stands behind their token is the account.
CACHE_GOALS = (
    CacheGoal("user sessions", "account", 0.95, "", 100),
    CacheGoal("hot photos", "photo", 0.80, "photo", 50),
    CacheGoal("feed data", "feed", 0.70, "feed", 30),
)
# What the plan promises beside rate, errors and people, by stage.
PROMISES = {
    2: f"a write takes {WRITE_MS[0]} to {WRITE_MS[1]} ms; {CONNECTIONS} connections",
    3: "more instances serve more; one of them may fail; the load is even",
    4: f"{READ_TIMES} times the reads; one replica may fail; writes are no slower",
    5: "; ".join(
        f"{one.data}: {one.hit_rate * 100:.0f} % from the cache, {one.times} times as fast"
        for one in CACHE_GOALS
    )
    + "; under moderate load "
    + ", ".join(f"{one.data} {one.most_ms} ms" for one in LATENCIES[5] if one.most_ms < WRITE_MS[0])
    + "; the mix is answered sooner than on Stage 4",
}
# The plan's growth: 500 people who ask 150 times a second, a hundredfold twice over.
GROWTH_STEPS = (500, 50_000, 5_000_000)
RATE_PER_PERSON = 0.3
