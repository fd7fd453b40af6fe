"""A stage for the time of a ``with``: for tests and measurements."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from infra.cluster.cluster import Cluster, silent
from infra.project import PROJECT


@contextmanager
def running(
    stage: int,
    data: Path | None = None,
    *,
    port: int = 0,
    delays: Mapping[str, str] | None = None,
    report: Callable[[str], None] = silent,
    keep: bool = False,
    **env: str,
) -> Iterator[Cluster]:
    """Run a stage for the body of the ``with``; afterwards nothing of it is left.

    ``env`` are variables of the site. ``delays`` (``{"replica1": "5s"}``) make replicas late.
    ``keep`` leaves the data where it is. Django must be set up.
    """
    folder = data or Path(mkdtemp(prefix="minigram-cluster-"))
    if data is None:
        folder.chmod(0o755)
    cluster = Cluster(folder, report)
    with _guarded(folder, purge=not keep):
        try:
            cluster.up(stage, port=port, env=env, delays=delays)
            yield cluster
        finally:
            cluster.down(purge=not keep)


@contextmanager
def _guarded(folder: Path, *, purge: bool) -> Iterator[None]:
    """Have the cluster taken down even if we are killed: then nobody holds this pipe any more."""
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
