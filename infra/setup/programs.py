"""Programs that setup and upgrade run: of the system, and ``manage.py`` as the site's user."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.project import PROJECT
from infra.setup.errors import SetupError

# Of the environment of the caller, what a command of the site may see.
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TERM")
UMASK = 0o027


@dataclass(frozen=True)
class Site:
    """The commands of a site: its variables, and whose they run as (empty: the caller's)."""

    variables: Mapping[str, str]
    user: str = ""
    folder: Path = PROJECT
    python: str = field(default=sys.executable)

    def manage(self, *arguments: str, given: Mapping[str, str] | None = None) -> str:
        """Run a command of the site; return what it said. ``given`` are more variables.

        Raises ``SetupError`` with the end of what it said if it fails.
        """
        return run(
            [self.python, "manage.py", *arguments],
            folder=self.folder,
            env=self.environment(given),
            user=self.user,
        )

    def show(self, *arguments: str, given: Mapping[str, str] | None = None) -> bool:
        """Run a command of the site at the terminal of the caller; tell whether it went well."""
        command = [self.python, "manage.py", *arguments]
        env = self.environment(given)
        return _start(command, folder=self.folder, env=env, user=self.user, captured=False)[0]

    def environment(self, given: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the whole environment of a command."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {**kept, **self.variables, **(given or {})}


def run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: str = "",
) -> str:
    """Run a program; return what it said on both outputs.

    Raises ``SetupError`` with the end of it if the program fails or is missing.
    """
    went_well, said = _start(command, folder=folder, env=env, user=user, captured=True)
    if not went_well:
        shown = " ".join(command[-3:] if command[0] == sys.executable else command[:3])
        raise SetupError(f"{shown} failed: {said.strip()[-1500:] or 'it says nothing'}")
    return said


def _start(
    command: Sequence[str],
    *,
    folder: Path | None,
    env: Mapping[str, str] | None,
    user: str,
    captured: bool,
) -> tuple[bool, str]:
    try:
        done = subprocess.run(  # noqa: S603 - programs that are named in this package
            list(command),
            cwd=folder,
            env=None if env is None else dict(env),
            check=False,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
            text=True,
            umask=UMASK,
            user=user or None,
            group=user or None,
            extra_groups=[] if user else None,
        )
    except FileNotFoundError as error:
        raise SetupError(f"{command[0]} is missing: {error}") from error
    except PermissionError as error:
        whose = user or "You"
        raise SetupError(
            f"{whose} may not run {command[0]}: all users must be able to read the folder of the "
            "checkout and its .venv (chmod -R go+rX)."
        ) from error
    return done.returncode == 0, done.stdout or ""


def nginx_version() -> str:
    """Return the version of the nginx that is installed. Raises ``SetupError`` if there is none."""
    command = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(command).exists():
        raise SetupError("nginx is missing: apt-get install nginx")
    found = re.search(r"nginx/([\d.]+)", run([command, "-v"]))
    return found[1] if found else ""
