"""The site's settings file, which ``manage.py`` finds where no variables were given.

``make run`` writes it into the data folder of a checkout; a host has ``/etc/minigram/site.env``.
Whoever sets ``SECRET_KEY`` has given the whole configuration, and no file is looked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from dotenv import dotenv_values

from infra.ops.site_variables import site_variables
from infra.project import PROJECT

NAME = "site.env"
OF_HOST = Path("/etc/minigram") / NAME


def use() -> None:
    """Put the variables of the first settings file that there is into ``os.environ``.

    Variables that are set already win. A file that may not be read is left to the message that the
    configuration is incomplete.
    """
    if os.environ.get("SECRET_KEY"):
        return
    for path in candidates():
        if os.access(path, os.R_OK):
            for name, value in dotenv_values(path, interpolate=False).items():
                os.environ.setdefault(name, value or "")
            return


def write(path: Path) -> None:
    """Write the site's variables of ``os.environ`` into a file that its owner alone can read.

    Raises ``OSError`` if it cannot be written; then a former file is as it was.
    """
    given = {name: os.environ[name] for name in sorted(site_variables()) if name in os.environ}
    if "DATA_DIR" in given:
        given["DATA_DIR"] = str(Path(given["DATA_DIR"]).resolve())
    unfinished = path.with_name(f"{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={_quoted(value)}\n" for name, value in given.items())
    unfinished.replace(path)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def candidates() -> Iterator[Path]:
    """Yield where a settings file may be: in the data folder of the checkout, then the host's."""
    yield PROJECT / (os.environ.get("DATA_DIR") or "data") / NAME
    yield OF_HOST


def hint() -> str:
    """Return what to do where this user may not read a settings file, or nothing."""
    closed = [path for path in candidates() if path.exists() and not os.access(path, os.R_OK)]
    if not closed:
        return ""
    return f"\nYou may not read {closed[0]}: run this as the site's user (sudo -u minigram)."


if __name__ == "__main__":
    write(Path(sys.argv[1]))
