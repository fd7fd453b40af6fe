"""A checkout of the project, this one or another revision's, and its own ``manage.py``."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from infra.project import PROJECT

# What the processes of a site are installed from.
LOCK = "requirements/run.txt"
# Where a checkout keeps its static files (infra/cluster/static_files.py).
COLLECTED = "data/collected"
# For what a command does when it is told to end, such as stopping the servers that it has started.
END_SECONDS = 60


class CannotCheckOut(Exception):
    """A revision cannot be measured; the message says why."""


@dataclass(frozen=True)
class Checkout:
    """A folder with the project in it, and what is to be said of it beside its figures."""

    folder: Path
    notes: tuple[str, ...] = ()

    def manage(self, *arguments: str) -> str:
        """Run a command of its ``manage.py`` by this Python; return what it printed.

        Raises ``RuntimeError`` with the end of the output if it fails.
        """
        command = [sys.executable, "manage.py", *arguments]
        # A session of its own: Ctrl-C reaches us alone, and we end the command in order.
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=self.folder,
            env=environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate()
        except BaseException:
            process.terminate()
            process.communicate(timeout=END_SECONDS)
            raise
        if process.returncode:
            told = output.strip()[-2000:]
            raise RuntimeError(f"manage.py {' '.join(arguments[:2])} failed:\n{told}")
        return output


@contextmanager
def worktree(revision: str, project: Path = PROJECT) -> Iterator[Checkout]:
    """Check a revision out beside this one for the body of the ``with``, and remove it again.

    It shares this environment's packages; where it locks others, a note of it says which. Raises
    ``CannotCheckOut`` if there is no Git, no repository, or no such revision.
    """
    commit = short_name(revision, project)
    parent = Path(mkdtemp(prefix="minigram-revision-"))
    # PostgreSQL's user must be able to enter.
    parent.chmod(0o755)
    folder = parent / commit
    try:
        _git(project, "worktree", "add", "--detach", "--quiet", str(folder), commit)
        _share_static_files(folder, project)
        yield Checkout(folder, other_locks(commit, folder, project))
    finally:
        if folder.exists():
            _git(project, "worktree", "remove", "--force", str(folder))
        parent.rmdir()


def _share_static_files(folder: Path, project: Path) -> None:
    """Let a revision keep its static files with those of this checkout, to be found again.

    They are found by the times of their sources, and collecting them takes half a minute of CPU:
    the sources get the time of the commit instead of that of the checkout.
    """
    committed = int(_git(folder, "log", "-1", "--format=%ct"))
    for path in folder.rglob("*"):
        os.utime(path, (committed, committed), follow_symlinks=False)
    kept = project / COLLECTED
    kept.mkdir(parents=True, exist_ok=True)
    (folder / COLLECTED).parent.mkdir(parents=True, exist_ok=True)
    (folder / COLLECTED).symlink_to(kept)


def short_name(revision: str, project: Path = PROJECT) -> str:
    """Return the abbreviated commit of a revision.

    Raises ``CannotCheckOut`` if there is no Git, no repository, or no such revision.
    """
    if revision.startswith("-"):
        raise CannotCheckOut(f"{revision} is no revision.")
    return _git(project, "rev-parse", "--short", f"{revision}^{{commit}}")


def other_locks(commit: str, folder: Path, project: Path = PROJECT) -> tuple[str, ...]:
    """Return one sentence that names the packages that a revision locks otherwise, or nothing."""
    ours, theirs = (_locked(each / LOCK) for each in (project, folder))
    other = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
    if not other:
        return ()
    pairs = ", ".join(f"{name} {theirs.get(name, 'not at all')}" for name in other)
    told = f"was measured with the packages of this checkout, although it locks others: {pairs}."
    return (f"{commit} {told}",)


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a checkout's commands: nothing leads to other code, and a secret.

    The clusters that they start have secrets of their own.
    """
    kept = {name: value for name, value in inherited.items() if name != "PYTHONPATH"}
    return {"SECRET_KEY": secrets.token_urlsafe(64), **kept}


def _locked(file: Path) -> dict[str, str]:
    """Return the versions in a lock file, by package; nothing if there is no such file."""
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.split()[0].partition("==") for line in lines if "==" in line and line[0] != " ")
    return {name: version for name, _, version in pairs}


def _git(project: Path, *arguments: str) -> str:
    """Run git; raises ``CannotCheckOut`` with its words if it fails."""
    if shutil.which("git") is None:
        raise CannotCheckOut("git is missing.")
    run = subprocess.run(  # noqa: S603 - our own command
        ["git", *arguments],  # noqa: S607 - whichever git the person uses
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if run.returncode:
        raise CannotCheckOut(f"git {' '.join(arguments[:2])}: {run.stderr.strip()}")
    return run.stdout.strip()
