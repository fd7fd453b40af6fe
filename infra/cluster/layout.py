"""Where a cluster keeps its things: one data folder, and a short one for sockets."""

from __future__ import annotations

import os
import secrets
import shutil
import string
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.processes import identity

# The user that PostgreSQL runs as when we are root, which it refuses.
POSTGRES_USER = "postgres"
# Root may work where that user cannot enter (/root): its files are here then.
POSTGRES_HOME = Path("/var/lib/postgresql")


@dataclass(frozen=True)
class Layout:
    """The folders of one cluster. ``run`` holds sockets, whose paths must be short."""

    data: Path
    run: Path

    @property
    def logs(self) -> Path:
        """One file per part."""
        return self.data / "logs"

    @property
    def configuration(self) -> Path:
        """The filled-in configuration of nginx and Redis."""
        return self.data / "etc"

    @property
    def site(self) -> Path:
        """``DATA_DIR`` of the site: its SQLite database, static files, media."""
        return self.data / "site"

    @property
    def sockets(self) -> Path:
        """The folder of PostgreSQL's sockets."""
        return self.run / "postgres"

    @cached_property
    def user(self) -> str | None:
        """Whom PostgreSQL runs as if not as ourselves."""
        return POSTGRES_USER if os.geteuid() == 0 else None

    @cached_property
    def servers(self) -> Path:
        """The folder that holds the data folders of PostgreSQL's servers."""
        if self.user is None or _may_enter(self.user, self.data):
            return self.data / "postgresql"
        name = sha256(str(self.data).encode()).hexdigest()[:16]
        return POSTGRES_HOME / f"minigram-{name}"

    def log(self, name: str) -> Path:
        """Return the log file of a part."""
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Make the folders that are missing."""
        for folder in (self.logs, self.configuration, self.site, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.servers, self.sockets):
            self.give(folder)

    def give(self, path: Path) -> None:
        """Make a folder (where there is none) and give it to PostgreSQL's user."""
        if not path.exists():
            path.mkdir(parents=True, mode=0o755)
        if self.user is not None:
            shutil.chown(path, self.user, self.user)

    def secret(self, name: str) -> str:
        """Return a secret of this cluster; it is made once, and its owner alone may read it."""
        path = self.data / f"{name}.secret"
        if not path.exists():
            new = self.data / f"{name}.secret.{secrets.token_hex(4)}"
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(48))
            # Whoever comes first wins; two starts at once have one secret.
            try:
                os.link(new, path)
            except FileExistsError:
                pass
            finally:
                new.unlink()
        return path.read_text()

    def purge(self) -> None:
        """Remove everything that a cluster made."""
        for folder in (self.servers, self.logs, self.configuration, self.site, self.run):
            shutil.rmtree(folder, ignore_errors=True)
        for path in (*self.data.glob("*.secret"), *self.data.glob("cluster.*")):
            path.unlink(missing_ok=True)
        if self.data.is_dir() and not any(self.data.iterdir()):
            self.data.rmdir()


def new_run_folder() -> str:
    """Make a folder for sockets and return its path: short, and of letters only.

    Paths of sockets end at 107 bytes, and the address of a Redis socket must not hold digits
    (Django's parser of ``CACHE_URL`` takes the first one for the number of the database).
    """
    while True:
        letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))
        path = Path(tempfile.gettempdir()) / f"minigram-{letters}"
        try:
            path.mkdir(mode=0o755)
        except FileExistsError:
            continue
        return str(path)


def _may_enter(user: str, folder: Path) -> bool:
    try:
        options = identity(user)
    except KeyError:
        raise ClusterError(
            f"The user {user} is missing: PostgreSQL does not run as root. "
            "Install it with: apt-get install postgresql"
        ) from None
    command = ["test", "-x", str(folder)]
    return subprocess.run(command, check=False, cwd="/", **options).returncode == 0  # noqa: S603
