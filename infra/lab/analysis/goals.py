"""What each stage is built for: the targets of the original plan, quoted here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StageGoal:
    """The rate, errors and people that a stage is built for, on two cores."""

    rate: float
    errors: float
    users: int
    profile: str = "mix"  # which run the rate is asked of


GOALS = {
    1: StageGoal(100, 0.01, 100),
    2: StageGoal(150, 0.01, 500),
    3: StageGoal(500, 0.005, 500),
    4: StageGoal(1_000, 0.001, 1_000, "reads"),
    5: StageGoal(10_000, 0.0001, 1_000, "reads"),
}
