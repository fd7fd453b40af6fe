"""The folders of a cluster: one for its data, and a run folder of short path for sockets."""

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
from infra.cluster.processes.process import credentials

# PostgreSQL refuses to run as root: under root it runs as this user.
POSTGRES_USER = "postgres"
# Where PostgreSQL's data is if that user cannot enter the cluster's folder (below /root).
POSTGRES_HOME = Path("/var/lib/postgresql")
# The file that marks a folder as the data folder of a cluster.
MARKER = "minigram-cluster"


@dataclass(frozen=True)
class Layout:
    """The folders of one cluster: ``data``, and ``run`` for sockets, whose paths must be short."""

    data: Path
    run: Path

    @property
    def logs(self) -> Path:
        """The folder of log files, one for each part."""
        return self.data / "logs"

    @property
    def configuration(self) -> Path:
        """The folder of the rendered configuration of nginx and Redis."""
        return self.data / "configuration"

    @property
    def site(self) -> Path:
        """``DATA_DIR`` of the site: its SQLite database, static files, media."""
        return self.data / "site"

    @property
    def postgres_sockets(self) -> Path:
        """The folder of PostgreSQL's sockets."""
        return self.run / "postgres"

    @cached_property
    def postgres_user(self) -> str | None:
        """The user that PostgreSQL runs as; ``None`` for ourselves."""
        return POSTGRES_USER if os.geteuid() == 0 else None

    @cached_property
    def postgres_data(self) -> Path:
        """The folder that holds the data folder of each PostgreSQL server.

        Raises ``ClusterError`` if it has to be another user's and that user does not exist.
        """
        for folder in self.possible_postgres_data:
            if folder.is_dir():
                return folder
        usual, elsewhere = self.possible_postgres_data
        user = self.postgres_user
        return usual if user is None or _may_enter(user, self.data) else elsewhere

    @property
    def possible_postgres_data(self) -> tuple[Path, Path]:
        """Where ``postgres_data`` may be: in ``data``, or in the home of PostgreSQL's user."""
        name = sha256(str(self.data).encode()).hexdigest()[:16]
        return self.data / "postgresql", POSTGRES_HOME / f"minigram-{name}"

    def log(self, name: str) -> Path:
        """Return the path of a part's log file."""
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Make the folders that are missing, readable by their owner alone."""
        for folder in (self.logs, self.configuration, self.site):
            folder.mkdir(mode=0o700, exist_ok=True)

    def make_for_postgres(self) -> None:
        """Make the folders of PostgreSQL's servers, and let its user reach its sockets."""
        for folder in (self.postgres_data, self.postgres_sockets):
            folder.mkdir(exist_ok=True)
            self.chown(folder)
        if self.postgres_user is not None:
            shutil.chown(self.run, group=self.postgres_user)
            self.run.chmod(0o710)

    def chown(self, path: Path) -> None:
        """Give a file or folder to PostgreSQL's user, unless that is ourselves."""
        if self.postgres_user is not None:
            shutil.chown(path, self.postgres_user, self.postgres_user)

    def secret(self, name: str) -> str:
        """Return a random secret of this cluster, kept in a file that its owner alone may read."""
        path = self.data / f"{name}.secret"
        if not path.exists():
            new = path.with_suffix(f".{secrets.token_hex(4)}")
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(48))
            # The first of two concurrent starts wins, so that both have one secret.
            try:
                os.link(new, path)
            except FileExistsError:
                pass
            finally:
                new.unlink()
        return path.read_text()


def claim(data: Path) -> None:
    """Mark a folder as a cluster's data folder, so that a purge can never remove anything else.

    Raises ``ClusterError`` if it holds other files.
    """
    data.mkdir(parents=True, exist_ok=True)
    if not is_claimed(data):
        # A concurrent start writes its marker before anything else, and may just have done so.
        if any(data.iterdir()) and not is_claimed(data):
            raise ClusterError(f"{data} is not empty and not a cluster's: choose another folder.")
        (data / MARKER).write_text("This folder belongs to manage.py cluster.\n")


def is_claimed(data: Path) -> bool:
    """Tell whether a folder is a cluster's data folder, running or not."""
    return (data / MARKER).exists()


def purge_data(data: Path) -> None:
    """Remove everything that a cluster made in its data folder; nothing if there was no cluster."""
    if not is_claimed(data):
        return
    layout = Layout(data, run=data)
    folders = (*layout.possible_postgres_data, layout.logs, layout.configuration, layout.site)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: shutil.rmtree(folder, ignore_errors=True), folders))
    for path in (*data.glob("cluster.*"), *data.glob("*.secret"), data / MARKER):
        path.unlink(missing_ok=True)
    if not any(data.iterdir()):
        data.rmdir()


def new_run_folder() -> str:
    """Make a folder for sockets, of its owner's, and return its path: short, letters only.

    The path of a socket has at most 107 bytes, and that of a Redis socket must not hold digits
    (the parser of ``CACHE_URL`` takes the first digit for the number of the database).
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
    """Tell whether a user may enter a folder. Raises ``ClusterError`` if there is no such user."""
    try:
        options = credentials(user)
    except KeyError:
        raise ClusterError(
            f"The user {user} is missing: PostgreSQL does not run as root. "
            "Install it with: apt-get install postgresql"
        ) from None
    command = ["test", "-x", str(folder)]
    return subprocess.run(command, check=False, cwd="/", **options).returncode == 0  # noqa: S603
