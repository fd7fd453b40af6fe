"""Static files, collected once for all clusters of the same code.

To collect and compress them takes half a minute of CPU, most of it for the API's documentation, and
every cluster would do it again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp

from django.contrib.staticfiles.finders import get_finders

from infra.project import PROJECT, manage

KEPT = PROJECT / "data" / "collected"
# Of other versions of the code, which may be checked out again.
OTHERS_KEPT = 3


def collect(site: Path, collector: Callable[[Mapping[str, str]], None]) -> bool:
    """Bring the static files into a site's folder; tell whether they had to be collected.

    ``collector`` runs ``collectstatic`` with some variables replaced.
    """
    name = fingerprint()
    stamp = site / "static.fingerprint"
    if stamp.exists() and stamp.read_text() == name:
        return False
    new = not (KEPT / name).exists()
    if new:
        _keep(name, collector)
    shutil.copytree(KEPT / name, site / "static", dirs_exist_ok=True)
    stamp.write_text(name)
    return new


def collect_for(env: Mapping[str, str]) -> None:
    """Bring the static files into the data folder of the site that has this environment."""
    collect(
        Path(env["DATA_DIR"]),
        lambda other: manage({**env, **other}, "collectstatic", "--no-input", "--verbosity", "0"),
    )


def fingerprint() -> str:
    """Return a text that differs if any source of a static file does. Costs 20 ms."""
    digest = sha256(f"{version('django')} {version('whitenoise')}".encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _keep(name: str, collector: Callable[[Mapping[str, str]], None]) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(dir=KEPT, prefix="new-"))
    try:
        collector({"DATA_DIR": str(work)})
        (work / "static").rename(KEPT / name)
    except OSError:
        # Somebody else was faster, which is as good.
        if not (KEPT / name).exists():
            raise
    finally:
        shutil.rmtree(work)
    others = [folder for folder in KEPT.iterdir() if not folder.name.startswith("new-")]
    for folder in sorted(others, key=lambda one: one.stat().st_mtime)[: -OTHERS_KEPT - 1]:
        shutil.rmtree(folder, ignore_errors=True)
