"""Stages that tests share: each is started by the first test that asks for it.

They are servers of their own with a small data set (60 people, 300 photos), driven over HTTP. Two
of them at most live at a time, since a later one stops those before it: tests are sorted by stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

import pytest

from infra.cluster import Cluster, running

# Of user1 to user60.
PASSWORD = "quite-a-long-password-7"
SIZES = ("--users=60", "--follows=10", "--photos=300", "--likes=900")
AT_ONCE = 2


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Make a folder, in memory if there is room: what is killed there loses no less."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of random name inside it
    roomy = shared.is_dir() and disk_usage(shared).free > 2 * 2**30
    with TemporaryDirectory(prefix="minigram-", dir=shared if roomy else None) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's user has to get through
        yield folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return an empty folder for a cluster of its own."""
    with folder_in_memory() as folder:
        yield folder


class Stages:
    """The stages that run now."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[Cluster, ExitStack]] = {}

    def get(self, number: int) -> Cluster:
        """Return a stage with every part of it up; it is started if need be. Repeated: 50 ms."""
        if number in self._running:
            cluster = self._running[number][0]
            # A test that failed may have left a part down.
            cluster.up(number)
            return cluster
        while len(self._running) >= AT_ONCE:
            self.stop(next(iter(self._running)))
        stack = ExitStack()
        folder = stack.enter_context(folder_in_memory())
        cluster = stack.enter_context(
            running(number, folder, RATE_LIMITS="false", ACCESS_LOG="true")
        )
        self._running[number] = (cluster, stack)
        cluster.manage("populate", *SIZES, f"--password={PASSWORD}", "--verbosity=0")
        return cluster

    def stop(self, number: int) -> None:
        """Stop one of them."""
        self._running.pop(number)[1].close()

    def stop_all(self) -> None:
        """Stop all of them."""
        for number in list(self._running):
            self.stop(number)


@pytest.fixture(scope="session")
def stages() -> Iterator[Stages]:
    """Return what starts stages, and stop them at the end."""
    stages = Stages()
    try:
        yield stages
    finally:
        stages.stop_all()


def _fixture(number: int) -> Callable[[Stages], Cluster]:
    def stage(stages: Stages) -> Cluster:
        return stages.get(number)

    stage.__doc__ = f"Return Stage {number}."
    # Not for the session: a stage may have been stopped for another one since.
    return pytest.fixture(stage, name=f"stage{number}", scope="module")


stage1, stage2, stage3, stage4, stage5 = (_fixture(number) for number in range(1, 6))


@pytest.fixture(autouse=True)
def every_part_is_up(request: pytest.FixtureRequest) -> None:
    """Let each test find its stage whole, whatever the one before has left down or paused."""
    for number in _stages_of(request.fixturenames):
        request.getfixturevalue("stages").get(number)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort tests by the stage they need, so that each is started once."""

    def stage_of(item: pytest.Item) -> int:
        if item.get_closest_marker("stage") is None:
            return 0
        named = getattr(getattr(item, "callspec", None), "params", {}).get("stage", 0)
        return max(int(named), *_stages_of(getattr(item, "fixturenames", ())), 0)

    items.sort(key=stage_of)


def _stages_of(fixtures: Iterable[str]) -> list[int]:
    return [int(name[5:]) for name in fixtures if name[:5] == "stage" and name[5:].isdigit()]
