"""Another revision is checked out beside this one, used by its own commands, and removed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from infra.lab.bench.checkout import (
    CannotCheckOut,
    Checkout,
    environment,
    short_name,
    worktree,
)

MANAGE = """
import os, sys
if sys.argv[1] == "fail":
    sys.exit("The reason.")
print("{version}", *sys.argv[1:], bool(os.environ["SECRET_KEY"]))
"""


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, without the configuration of this machine."""
    who = ["-c", "user.name=alice", "-c", "user.email=alice@example.org"]
    run = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return run.stdout


def commit(folder: Path, version: str, lock: str) -> None:
    (folder / "manage.py").write_text(MANAGE.format(version=version))
    (folder / "requirements").mkdir(exist_ok=True)
    (folder / "requirements/run.txt").write_text(lock)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", version)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with two versions of a project, the newer one checked out."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, "old", "django==5.1 \\\n    --hash=x\npillow==13\n")
    commit(folder, "new", "django==5.2 \\\n    --hash=y\npillow==13\npsutil==7\n")
    return folder


def worktrees(project: Path) -> int:
    return git(project, "worktree", "list").count("\n")


def test_a_revision_runs_its_own_commands_and_leaves_nothing(project: Path) -> None:
    with worktree("HEAD~1", project) as checkout:
        folder = checkout.folder
        assert checkout.manage("cluster", "up") == "old cluster up True\n"
        assert Checkout(project).manage("status") == "new status True\n"
        (folder / "left").write_text("behind")
    assert not folder.parent.exists()
    assert worktrees(project) == 1


def test_it_is_removed_when_the_measurement_fails_or_is_interrupted(project: Path) -> None:
    for error in (RuntimeError, KeyboardInterrupt, SystemExit):
        with pytest.raises(error), worktree("HEAD", project):
            raise error
    assert worktrees(project) == 1


def test_static_files_that_were_collected_once_are_found_again(project: Path) -> None:
    times = []
    for _ in range(2):
        with worktree("HEAD~1", project) as checkout:
            times.append((checkout.folder / "manage.py").stat().st_mtime_ns)
            (checkout.folder / "data/collected/of-this-version").touch()
    assert times[0] == times[1]
    assert (project / "data/collected/of-this-version").exists()


def test_other_packages_are_named(project: Path) -> None:
    with worktree("HEAD~1", project) as checkout:
        [note] = checkout.notes
    assert "locks others: django 5.1, psutil not at all." in note
    with worktree("HEAD", project) as checkout:
        assert checkout.notes == ()


def test_what_is_no_revision_is_refused(project: Path, tmp_path: Path) -> None:
    for name in ("nothing", "--all"):
        with pytest.raises(CannotCheckOut):
            short_name(name, project)
    with pytest.raises(CannotCheckOut), worktree("HEAD", tmp_path):
        pass


def test_a_command_that_fails_tells_the_end_of_its_output(project: Path) -> None:
    with pytest.raises(RuntimeError, match=r"manage.py fail failed:\nThe reason\."):
        Checkout(project).manage("fail")


def test_nothing_leads_a_command_to_other_code() -> None:
    made = environment({"PYTHONPATH": "/elsewhere", "HOME": "/root"})
    assert set(made) == {"HOME", "SECRET_KEY"}
    assert environment({"SECRET_KEY": "mine"})["SECRET_KEY"] == "mine"
