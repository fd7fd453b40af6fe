"""Runs a stage for the body of a ``with``: for tests and measurements."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from infra.cluster.cluster import Cluster, discard
from infra.project import PROJECT


@contextmanager
def running(
    stage: int,
    data: Path | None = None,
    *,
    port: int = 0,
    delays: Mapping[str, str] | None = None,
    report: Callable[[str], None] = discard,
    keep: bool = False,
    sentinels: bool = False,
    **env: str,
) -> Iterator[Cluster]:
    """Run a stage in the folder ``data``, or in a temporary one, for the body of the ``with``.

    ``env`` are variables of the site, ``delays`` the replay delays of replicas
    (``{"replica1": "5s"}``), ``sentinels`` is whether Stage 5 has a second Redis and Sentinels, and
    ``report`` gets a sentence for each step. Afterwards no process
    is left, and no data unless ``keep`` is set. Django must be set up. Raises ``ClusterError`` if
    the stage does not start.
    """
    folder = data or Path(mkdtemp(prefix="minigram-cluster-"))
    if data is None:
        folder.chmod(0o755)
    cluster = Cluster(folder, report)
    with _taken_down_if_killed(folder, purge=not keep):
        try:
            cluster.up(stage, port=port, env=env, delays=delays, sentinels=sentinels)
            yield cluster
        finally:
            cluster.down(purge=not keep)


@contextmanager
def _taken_down_if_killed(folder: Path, *, purge: bool) -> Iterator[None]:
    """Let a second process take the cluster down if we are killed, which closes its pipe."""
    down = ["cluster", "down", "--data", str(folder), *(["--purge"] if purge else [])]
    wait = "import os, sys; os.read(0, 1) or os.execv(sys.executable, sys.argv[1:])"
    guard = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", wait, sys.executable, "manage.py", *down],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guard.communicate(b".")
