"""The stage that is measured: a running cluster, and which of its processes belong together."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.cluster import Cluster, running
from infra.cluster.cache_warmup import WARMUP_SECONDS, wait_until_cache_serves
from infra.lab.data_set import DataSet
from infra.lab.load.api_session import ApiSession
from infra.lab.measure.logins import Logins

PASSWORD = "lab-measures-password-7"  # noqa: S105 - of a data set that exists for measurements only
# Parts of a cluster that are counted together.
GROUPS = {"web1": "web", "web2": "web", "web3": "web"}
# A measured site has no rate limits (all load comes from one address) and logs what goes wrong.
ENVIRONMENT = {"RATE_LIMITS": "false", "LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class Target:
    """A stage that is up and holds a data set."""

    cluster: Cluster
    stage: int
    data_set: DataSet
    password: str = PASSWORD
    logins: Logins = field(default_factory=Logins, compare=False)

    @property
    def url(self) -> str:
        """The address of its front."""
        return self.cluster.url

    @property
    def env(self) -> dict[str, str]:
        """The environment of the site's processes."""
        return self.cluster.env

    def groups(self) -> dict[str, list[int]]:
        """Return the first processes of each group; read anew, since parts are restarted."""
        found: dict[str, list[int]] = {}
        for name, process in self.cluster.state.processes.items():
            found.setdefault(GROUPS.get(name, name), []).append(process.pid)
        return found

    def instances(self) -> list[str]:
        """Return the names of the gunicorn instances."""
        return [part.name for part in self.cluster.parts if part.name.startswith("web")]

    def has(self, part: str) -> bool:
        """Return whether the stage has this part."""
        return part in {each.name for each in self.cluster.parts}

    def access_log(self) -> Path:
        """Return nginx's log of requests; it may not exist."""
        return self.cluster.layout.logs / "access.log"


@contextmanager
def stage(
    number: int,
    data_set: DataSet,
    report: Callable[[str], None],
    *,
    data: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Target]:
    """Bring a stage up with a data set, and down again: nothing is left unless ``data`` is given.

    A cluster that is up in ``data`` is used as it is and stays up.
    """
    wanted: dict[str, Any] = {**ENVIRONMENT, **(env or {})}
    if data is not None and _is_up(data):
        yield _loaded(Cluster(data), data_set, report)
        return
    with tempfile.TemporaryDirectory(prefix="minigram-lab-") as folder:
        place = data or Path(folder)
        place.chmod(0o755)
        report(f"Starting Stage {number} ...")
        with running(number, place, report=report, keep=data is not None, **wanted) as cluster:
            yield _loaded(cluster, data_set, report)


def _is_up(data: Path) -> bool:
    state = Cluster(data).file.read()
    return state is not None and any(each.alive for each in state.processes.values())


def _loaded(cluster: Cluster, data_set: DataSet, report: Callable[[str], None]) -> Target:
    report(f"Loading {data_set.photos:,} photos and {data_set.likes:,} likes ...")
    cluster.manage("populate", *data_set.arguments(), f"--password={PASSWORD}", "--verbosity", "0")
    target = Target(cluster, cluster.state.stage, data_set)
    if target.has("redis"):
        session = ApiSession(target.url, name="user1", password=PASSWORD)
        session.log_in()
        if not wait_until_cache_serves(cluster, lambda: session.ask("GET", "/api/v1/feed/")):
            report(f"Redis has answered nothing for {WARMUP_SECONDS} s: measuring without it.")
    return target
