"""What each page and call answers while a part is broken: the one declared table.

``manage.py lab drill`` makes these faults under load and compares. Operations stand for calls:

- reads: feed, next page, photo (API), pages for visitors, pictures; log-in, which writes a session;
- writes: register, like, follow, comment, log out; uploads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from infra.lab.load import spec

PAGE = "page"
# Which answer of the table below is meant for which operation.
GROUPS: Mapping[str, str] = {
    spec.SESSION: "reads",
    spec.FEED: "reads",
    spec.NEXT_PAGE: "reads",
    spec.PHOTO: "reads",
    PAGE: "reads",
    spec.PICTURE: "reads",
    spec.LOG_IN: "log in",
    spec.REGISTER: "writes",
    spec.LIKE: "writes",
    spec.FOLLOW: "writes",
    spec.COMMENT: "writes",
    spec.LOG_OUT: "writes",
    spec.UPLOAD: "uploads",
}


@dataclass(frozen=True)
class AllowedAnswer:
    """What may be answered instead of success: causes named by ``load.response_checks``."""

    text: str
    causes: frozenset[str] = frozenset()
    # Share of the requests with this answer, during the whole drill, that may be answered so.
    share: float = 1.0


OK = AllowedAnswer("as always")
# 503 with Retry-After; a bare 503 is another cause, and never right.
UNAVAILABLE = AllowedAnswer("503 with Retry-After", frozenset({"503"}))
# Requests in the hands of a process that is killed; a write is never tried again by itself.
CUT = AllowedAnswer(
    "those in its hands fail, 502 or 503", frozenset({"502", "503", "refused"}), 0.05
)
GONE = AllowedAnswer("refused until it is back", frozenset({"refused", "502", "503", "timeout"}))
# The proxy has handed them over and waits, until it gives that instance up or the client hangs up.
WAITING = AllowedAnswer(
    "those in its hands wait, a few past their time-out",
    frozenset({"timeout", "502", "503", "504"}),
    0.2,
)
# A write that is sent again with its key while the first still hangs gets 409.
WAITING_WRITES = AllowedAnswer(
    "those in its hands wait; sent again with its key meanwhile: 409, it still runs",
    WAITING.causes | {"409"},
    0.2,
)
# Served, or given up by a time limit of the site before the client's.
HANGING = AllowedAnswer("503 with Retry-After for some", frozenset({"503"}), 0.5)


@dataclass(frozen=True)
class Expectation:
    """One fault, and what people are answered meanwhile; never stale, wrong, lost or doubled."""

    fault: str
    stages: tuple[int, ...]
    reads: AllowedAnswer
    log_in: AllowedAnswer
    writes: AllowedAnswer
    uploads: AllowedAnswer
    # Every failure has ended so long after the fault, or after its repair has begun.
    seconds: float
    counted_from: Literal["fault", "repair"] = "fault"

    def answer(self, operation: str) -> AllowedAnswer:
        """Return what may be answered to ``operation``; raises ``KeyError`` for an unknown one."""
        group = GROUPS[operation]
        return {
            "reads": self.reads,
            "log in": self.log_in,
            "writes": self.writes,
            "uploads": self.uploads,
        }[group]

    @property
    def text(self) -> str:
        """The row as one sentence."""
        answers = {"reads": self.reads, "log-in": self.log_in}
        answers |= {"writes": self.writes, "uploads": self.uploads}
        if len({answer.text for answer in answers.values()}) == 1:
            said = f"everything {self.reads.text}"
        else:
            said = "; ".join(f"{name} {answer.text}" for name, answer in answers.items())
        return f"{said}; over within {self.seconds:g} s of the {self.counted_from}"


TABLE: tuple[Expectation, ...] = (
    Expectation("site killed", (1, 2), GONE, GONE, GONE, GONE, 15, "repair"),
    Expectation("instance killed", (3, 4, 5), OK, CUT, CUT, CUT, 2),
    Expectation(
        "instance paused",
        (3, 4, 5),
        WAITING,
        WAITING,
        WAITING_WRITES,
        WAITING_WRITES,
        6,
        "repair",
    ),
    Expectation("restart in turn", (3, 4, 5), OK, OK, OK, OK, 0),
    Expectation("worker killed", (2, 3, 4, 5), OK, OK, OK, OK, 0),
    Expectation(
        "primary killed", (2, 3), UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, 15, "repair"
    ),
    Expectation("primary killed", (4, 5), OK, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, 15, "repair"),
    Expectation("replica killed", (4, 5), OK, OK, OK, OK, 0),
    Expectation("replica late", (4, 5), OK, OK, OK, OK, 0),
    Expectation("replica paused", (4, 5), OK, HANGING, HANGING, HANGING, 10),
    Expectation("cache flushed", (5,), OK, OK, OK, OK, 0),
    Expectation("cache stopped", (5,), OK, OK, OK, OK, 0),
    Expectation("cache paused", (5,), OK, OK, OK, OK, 0),
)


def for_stage(stage: int) -> list[Expectation]:
    """Return the faults of a stage, in the order of the table."""
    return [row for row in TABLE if stage in row.stages]


def faults() -> list[str]:
    """Return the names of all faults, once each."""
    return list(dict.fromkeys(row.fault for row in TABLE))
