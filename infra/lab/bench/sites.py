"""The sites that are measured: any stage with a data set of its own, from the real servers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from infra.cluster import Cluster, running
from infra.cluster.cache_warmup import WARMUP_SECONDS, wait_until_cache_serves
from infra.cluster.static_files import collect_for
from infra.lab.bench.case import MeasuredSite, call
from infra.lab.bench.server import Server, cpu_seconds, environment, serving
from infra.lab.data_set import DataSet
from infra.project import free_port, manage

APPLICATION = "minigram_site.wsgi:application"
PASSWORD = "bench-mark-password-1"  # noqa: S105 - of people who exist for the measurement only
# Parts of a cluster by kind; what is not named (the worker, the keeper) serves no request.
_KINDS = {
    "gunicorn": ("web1", "web2", "web3"),
    "database": ("postgres", "replica1", "replica2"),
    "nginx": ("nginx",),
    "redis": ("redis",),
}


@dataclass(frozen=True)
class ClusterSite:
    """A running cluster of Stages 2 to 5, as a site whose CPU time can be asked for."""

    cluster: Cluster

    @property
    def port(self) -> int:
        """The port of its front."""
        return self.cluster.port

    @property
    def env(self) -> dict[str, str]:
        """The environment of its processes."""
        return self.cluster.env

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time that each kind of server has used so far."""
        there = {part.name for part in self.cluster.parts}
        return {
            kind: sum(cpu_seconds(self.cluster.part(name).pid) for name in names if name in there)
            for kind, names in _KINDS.items()
            if there.intersection(names)
        }


def start(
    stack: ExitStack, stage: int, data_set: DataSet, report: Callable[[str], None]
) -> Server | ClusterSite:
    """Start a stage, load a data set and return its site, which is stopped with the ``stack``.

    Raises ``RuntimeError`` if a Stage 5 answers nothing from its cache within ``WARM_SECONDS``,
    and ``ClusterError`` if a server of the stage does not start.
    """
    report(f"Loading {data_set.photos} photos, {data_set.dormant} dormant follows ...")
    if stage == 1:
        return _stage_1(stack, data_set)
    cluster = stack.enter_context(running(stage, RATE_LIMITS="false", LOG_LEVEL="WARNING"))
    cluster.manage("populate", *data_set.arguments(), f"--password={PASSWORD}", "--verbosity=0")
    site = ClusterSite(cluster)
    if stage == 5:
        token = token_of(site)
        if not wait_until_cache_serves(
            cluster, lambda: call(site, "GET", "/api/v1/feed/", token=token)
        ):
            raise RuntimeError(f"Redis has answered nothing for {WARMUP_SECONDS} s.")
    return site


def token_of(site: MeasuredSite) -> str:
    """Log the first person of the data set in and return the access token."""
    credentials = {"username": "user1", "password": PASSWORD}
    return str(call(site, "POST", "/api/v1/auth/token/", credentials)["access"])


def session_of(site: MeasuredSite) -> str:
    """Log the first person in through the form; return the ``Cookie`` header of the session.

    Raises ``RuntimeError`` if the site does not let them in.
    """
    connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request("GET", "/login/")
    response = connection.getresponse()
    response.read()
    token = SimpleCookie(response.headers["Set-Cookie"])["csrftoken"].value
    form = {"username": "user1", "password": PASSWORD, "csrfmiddlewaretoken": token}
    headers = {
        "Cookie": f"csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/login/", urlencode(form), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status != 302:
        raise RuntimeError(f"POST /login/ answered {response.status} instead of 302.")
    cookies = SimpleCookie()
    for header in response.headers.get_all("Set-Cookie", []):
        cookies.load(header)
    return "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())


def _stage_1(stack: ExitStack, data_set: DataSet) -> Server:
    data = Path(stack.enter_context(TemporaryDirectory(prefix="minigram-bench-")))
    env = environment(data, free_port())
    manage(env, "migrate", "--verbosity", "0")
    collect_for(env)
    manage(env, "populate", *data_set.arguments(), f"--password={PASSWORD}", "--verbosity", "0")
    return stack.enter_context(serving(env, APPLICATION, "/readyz"))
