"""What one run of the lab measured: typed, versioned, stored as one small JSON file.

Records are the only source of ``docs/performance.md``. They hold no path and no name of a machine,
so that they can be published. ``records.storage`` writes and reads them. Times are milliseconds,
shares lie between 0 and 1, ``started`` is ISO 8601 in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

SCHEMA = 1

# A stage is broken at a step where fewer requests succeed, or where p95 (milliseconds) is larger.
LEAST_SUCCESS = 0.99
LARGEST_P95 = 500.0

RecordKind = Literal["stress", "breaking", "growth", "drill", "ceiling"]


@dataclass(frozen=True)
class Machine:
    """The machine that a run ran on, without its name."""

    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str


@dataclass(frozen=True)
class Configuration:
    """How the stage was set up, and how much it held."""

    instances: int = 1
    workers: int = 1  # processes per instance
    threads: int = 8  # per worker
    pool: int = 0  # database connections per worker
    replicas: int = 0
    cache_mb: int = 0  # memory that Redis may use
    background_worker: bool = False
    edge: bool = False  # whether nginx answers reads itself (Stage 5)
    # The sizes that `populate` was given: users, follows (of each), photos, likes, ...
    data: dict[str, int] = field(default_factory=dict)
    # Anything else worth knowing, e.g. {"shared_buffers": "128MB"}
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """What was asked of the stage."""

    users: int
    duration: float  # seconds that were measured
    loop: Literal["closed", "open"] = "closed"
    arrival_rate: float | None = None  # requests a second that an open loop intended
    think_time: float = 0.0  # mean seconds between two requests of a person
    # "journey": the nine operations of a new person; "mix": real use; "reads": reads only;
    # "moderate": real use by few, for latencies
    profile: str = "mix"
    mix: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    # Whether people loaded the pictures that they were shown: another load, never compared silently
    pictures: bool = False


@dataclass(frozen=True)
class Operation:
    """Latencies and failures of one kind of request (milliseconds, successful answers)."""

    requests: int
    rate: float  # successful answers a second
    p50: float
    p75: float
    p90: float
    p95: float
    p99: float
    p999: float
    max: float
    mean: float
    kind: Literal["read", "write", "all"] = "read"
    # By cause: timeout, refused, 404, 5xx, lock, wrong content, ...
    failures: dict[str, int] = field(default_factory=dict)
    # CPU milliseconds per request and process group, where this operation ran alone
    cpu_ms: dict[str, float] = field(default_factory=dict)
    queries: float | None = None  # per request, where this operation ran alone

    @property
    def failed(self) -> int:
        """Number of requests that failed, of any cause."""
        return sum(self.failures.values())


@dataclass(frozen=True)
class Round:
    """One of some ten equal slices of a run: what the noise is judged by."""

    requests: int
    failed: int
    rate: float  # successful answers a second
    mean: float
    p95: float
    cpu_ms: float | None = None  # of all server processes, per request
    operations: dict[str, float] = field(default_factory=dict)  # median latency of each


@dataclass(frozen=True)
class Step:
    """One step of a search for the breaking point, or one number of instances of a growth run."""

    users: int
    requests: int
    rate: float
    p50: float
    p95: float  # the larger of that of requests and that of pictures
    failures: dict[str, int] = field(default_factory=dict)
    instances: int = 1
    generator_limit: bool = False  # the load generator was the limit here

    @property
    def success(self) -> float:
        """Share of the requests that succeeded."""
        return 1 - sum(self.failures.values()) / self.requests if self.requests else 0.0

    @property
    def broken(self) -> bool:
        """Whether this step is past the breaking point."""
        return self.success < LEAST_SUCCESS or self.p95 > LARGEST_P95


@dataclass(frozen=True)
class Drill:
    """One fault under load: what was sent, what went wrong, and what had been declared."""

    fault: str
    sent: int
    failed: int
    stale: int
    wrong: int
    lost: int
    doubled: int
    recovery_seconds: float | None  # None: it did not recover while it was watched
    expected: str  # of the declared table
    observed: str
    as_expected: bool


@dataclass(frozen=True)
class Group:
    """Processes of one kind: nginx, web, postgres, replica1, replica2, redis, worker, keeper."""

    cpu_ms_per_request: float
    cpu_seconds: float
    memory_mb: float  # peak


@dataclass(frozen=True)
class Database:
    """What the database servers say about the run."""

    queries_per_second: float | None = None  # None: not counted on this stage
    queries_per_request: float | None = None
    connections: int | None = None  # peak
    lock_waits: int | None = None
    replica_lag_ms: float | None = None  # the largest that was seen
    reads: dict[str, float] = field(default_factory=dict)  # share of the reads per server
    rows_per_request: float | None = None  # that the servers looked at: grows without an index


@dataclass(frozen=True)
class CacheLookups:
    """Lookups in the cache of one kind of data: account, photo, feed, ..."""

    hits: int  # fresh
    stale: int  # served stale while one request rebuilt it
    misses: int
    rebuilds: int = 0
    waits: int = 0

    @property
    def hit_rate(self) -> float | None:
        """Share of the lookups answered without SQL, fresh or stale; ``None`` for no lookup."""
        asked = self.hits + self.stale + self.misses
        return (self.hits + self.stale) / asked if asked else None


@dataclass(frozen=True)
class Bytes:
    """What went over the wire, as the load generator counts it."""

    received: int = 0
    sent: int = 0


@dataclass(frozen=True)
class GeneratorUsage:
    """The load generator itself: whether it was the limit."""

    cpu_share_of_core: float  # of its busiest process
    dropped: int = 0
    limit: bool = False


@dataclass(frozen=True)
class Record:
    """What one run has measured, and under which conditions."""

    kind: RecordKind
    stage: int
    started: str
    seconds: float
    commit: str
    machine: Machine
    versions: dict[str, str]
    configuration: Configuration
    load: Load
    totals: Operation
    generator: GeneratorUsage
    operations: dict[str, Operation] = field(default_factory=dict)
    # Those that answers show. No other figure has them in it, but for CPU, bytes and the errors.
    pictures: Operation | None = None
    peak_rps: float = 0.0  # best second
    rounds: tuple[Round, ...] = ()
    steps: tuple[Step, ...] = ()
    drills: tuple[Drill, ...] = ()
    server: dict[str, Group] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)  # by instance, as the proxy counts
    database: Database = field(default_factory=Database)
    cache: dict[str, CacheLookups] = field(default_factory=dict)
    bytes: Bytes = field(default_factory=Bytes)
    overhead_share: float = 0.0  # what measuring cost
    void: str = ""  # why the run does not count; empty if it does
    notes: tuple[str, ...] = ()
    schema: int = SCHEMA

    @property
    def name(self) -> str:
        """Name of its file, without ending: ``stage3-stress-mix-20261126T101500Z``."""
        moment = re.sub(r"[-:]|\.\d+|\+00:00|Z", "", self.started)
        profile = f"-{self.load.profile}" if self.kind in {"stress", "ceiling"} else ""
        open_loop = "-open" if self.load.loop == "open" else ""
        return f"stage{self.stage}-{self.kind}{profile}{open_loop}-{moment}Z"
