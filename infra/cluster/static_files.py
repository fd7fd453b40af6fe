"""Static files, collected once for all clusters of the same code.

Collecting and compressing them takes half a minute of CPU, most of it for the API's documentation,
so that the result is kept in the checkout, by a fingerprint of the sources.
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

COLLECTED = PROJECT / "data" / "collected"
# Results for other versions of the code, which may be checked out again.
OTHER_VERSIONS = 3


def collect(site: Path, collector: Callable[[Mapping[str, str]], None]) -> bool:
    """Bring the static files into the data folder of a site; tell whether they had to be collected.

    ``collector`` runs ``collectstatic`` with some variables replaced, and raises its own errors.
    """
    name = fingerprint()
    stamp = site / "static.fingerprint"
    if stamp.exists() and stamp.read_text() == name:
        return False
    new = not (COLLECTED / name).exists()
    if new:
        _collect_once(name, collector)
    shutil.copytree(COLLECTED / name, site / "static", dirs_exist_ok=True)
    stamp.write_text(name)
    return new


def collect_for(env: Mapping[str, str]) -> None:
    """Bring the static files into the data folder of the site with this environment.

    Raises ``subprocess.CalledProcessError`` if ``collectstatic`` fails.
    """
    collect(
        Path(env["DATA_DIR"]),
        lambda other: manage({**env, **other}, "collectstatic", "--no-input", "--verbosity", "0"),
    )


def fingerprint() -> str:
    """Return a text that changes with the source of any static file. Costs 20 ms."""
    digest = sha256(f"{version('django')} {version('whitenoise')}".encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _collect_once(name: str, collector: Callable[[Mapping[str, str]], None]) -> None:
    """Collect into ``COLLECTED / name``, and remove the results for the oldest versions."""
    COLLECTED.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(dir=COLLECTED, prefix="new-"))
    try:
        collector({"DATA_DIR": str(work)})
        (work / "static").rename(COLLECTED / name)
    except OSError:
        # Another process may have been faster, which is as good.
        if not (COLLECTED / name).exists():
            raise
    finally:
        shutil.rmtree(work)
    others = [folder for folder in COLLECTED.iterdir() if not folder.name.startswith("new-")]
    for folder in sorted(others, key=lambda one: one.stat().st_mtime)[: -OTHER_VERSIONS - 1]:
        shutil.rmtree(folder, ignore_errors=True)
