"""Where a cluster keeps its things: one data folder, and a short one for sockets."""

from __future__ import annotations

import os
import secrets
import shutil
import string
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.processes.process import identity

# The user that PostgreSQL runs as when we are root, which it refuses.
POSTGRES_USER = "postgres"
# Root may work where that user cannot enter (/root): its files are here then.
POSTGRES_HOME = Path("/var/lib/postgresql")
MARK = "minigram-cluster"


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
        return self.data / "configuration"

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
        for folder in self.possible_servers:
            if folder.is_dir():
                return folder
        usual, elsewhere = self.possible_servers
        return usual if self.user is None or _may_enter(self.user, self.data) else elsewhere

    @property
    def possible_servers(self) -> tuple[Path, Path]:
        """Where that folder is: in the data folder, or where PostgreSQL's user can enter."""
        name = sha256(str(self.data).encode()).hexdigest()[:16]
        return self.data / "postgresql", POSTGRES_HOME / f"minigram-{name}"

    def log(self, name: str) -> Path:
        """Return the log file of a part."""
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Make the folders that are missing; what is in them concerns nobody else."""
        for folder in (self.logs, self.configuration, self.site):
            folder.mkdir(mode=0o700, exist_ok=True)

    def make_for_postgres(self) -> None:
        """Make the folders of PostgreSQL's servers, and let its user through to its sockets."""
        for folder in (self.servers, self.sockets):
            folder.mkdir(exist_ok=True)
            self.give(folder)
        if self.user is not None:
            shutil.chown(self.run, group=self.user)
            self.run.chmod(0o710)

    def give(self, path: Path) -> None:
        """Give a file or folder to PostgreSQL's user."""
        if self.user is not None:
            shutil.chown(path, self.user, self.user)

    def secret(self, name: str) -> str:
        """Return a secret of this cluster; it is made once, and its owner alone may read it."""
        path = self.data / f"{name}.secret"
        if not path.exists():
            new = path.with_suffix(f".{secrets.token_hex(4)}")
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


def claim(data: Path) -> None:
    """Mark a data folder as a cluster's, so that a purge can never hit anything else.

    Raises ``ClusterError`` if it holds other things.
    """
    data.mkdir(parents=True, exist_ok=True)
    if not is_claimed(data):
        # Another start may have claimed it in this moment: its mark comes before anything else.
        if any(data.iterdir()) and not is_claimed(data):
            raise ClusterError(f"{data} is not empty and not a cluster's: choose another folder.")
        (data / MARK).write_text("This folder belongs to manage.py cluster.\n")


def is_claimed(data: Path) -> bool:
    """Tell whether a folder is a cluster's, running or not."""
    return (data / MARK).exists()


def purge_data(data: Path) -> None:
    """Remove everything that a cluster made here; nothing if none was ever here."""
    if not is_claimed(data):
        return
    layout = Layout(data, run=data)
    folders = (*layout.possible_servers, layout.logs, layout.configuration, layout.site)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: shutil.rmtree(folder, ignore_errors=True), folders))
    for path in (*data.glob("cluster.*"), *data.glob("*.secret"), data / MARK):
        path.unlink(missing_ok=True)
    if not any(data.iterdir()):
        data.rmdir()


def new_run_folder() -> str:
    """Make a folder for sockets and return its path: short, and of letters only.

    Paths of sockets end at 107 bytes, and the address of a Redis socket must not hold digits
    (Django's parser of ``CACHE_URL`` takes the first one for the number of the database).
    """
    while True:
        letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))
        path = Path(tempfile.gettempdir()) / f"minigram-{letters}"
        try:
            path.mkdir(mode=0o700)
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
