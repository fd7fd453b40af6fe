"""``manage.py cluster`` as a person runs it: it says what it does and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from django.core.management import CommandError, call_command

from infra.cluster import Cluster, ClusterError, layout
from infra.cluster.layout import claim
from infra.cluster.processes import executables
from infra.cluster.processes.process import Process, spawn
from infra.cluster.state import State
from infra.project import PROJECT

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]

BOOT = Path("/proc/sys/kernel/random/boot_id")


def command(*arguments: str | Path) -> subprocess.Popen[str]:
    """Run ``manage.py cluster`` in a terminal of its own, without any secret in its environment."""
    env = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    # Tests that run in the background ignore Ctrl-C, and so would the command.
    heeding = ["env", "--default-signal=INT"]
    words = [*heeding, sys.executable, "manage.py", "cluster", *map(str, arguments)]
    return subprocess.Popen(
        words, cwd=PROJECT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def output(*arguments: str | Path) -> str:
    """Run ``manage.py cluster`` to its end, which must be a good one; return what it printed."""
    with command(*arguments) as process:
        text, _ = process.communicate(timeout=90)
    assert process.returncode == 0, text
    return text


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of all processes that were started with this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and str(folder) in "\n".join(words):
            found.append(" ".join(process.cmdline()))
    return found


def wait_until(happens: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something; fail if it does not happen."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def taken_down(folder: Path) -> Iterator[Path]:
    """Return an empty folder whose cluster is taken down in any case."""
    yield folder
    Cluster(folder).down(purge=True)


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that no cluster started."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_cluster_lives_as_long_as_it_is_wanted(taken_down: Path) -> None:
    data = ("--data", taken_down)
    said = output("up", "--stage", "2", "--env", "SITE_NAME=Other", *data)
    assert "postgres (PostgreSQL, primary) is up" in said
    assert "Stage 2 is up at http://127.0.0.1:" in said
    assert output("status", *data).count(" ok ") == 3
    assert "Listening at" in output("logs", "web1", *data)
    output("kill", "web1", *data)
    assert " down " in output("status", *data)
    output("start", "web1", *data)
    assert (
        output(
            "manage",
            *data,
            "shell",
            "-v0",
            "-c",
            "from django.conf import settings; print(settings.SITE_NAME)",
        )
        == "Other\n"
    )
    assert "The data stays" in output("down", *data)
    assert processes_of(taken_down) == []
    assert (taken_down / "site").is_dir()
    output("down", "--purge", *data)
    assert not taken_down.exists()


def test_a_log_is_followed_until_ctrl_c_that_of_requests_too(stage3: Cluster) -> None:
    with command("logs", "access", "--follow", "--data", stage3.data) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        # It has opened the log once it has shown the end of it.
        next(line for line in lines if '"uri":' in line)
        asked = httpx.get(f"{stage3.url}/followed?secret", trust_env=False)
        line = next(line for line in lines if "/followed" in line)
        assert "secret" not in line
        assert asked.headers["X-Request-ID"] in line
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert process.returncode == 130


def test_a_stage_without_nginx_has_no_log_of_its_requests(stage2: Cluster) -> None:
    with pytest.raises(CommandError, match="no part 'nginx'"):
        call_command("cluster", "logs", "access", "--data", str(stage2.data))


def test_a_replica_is_late_by_what_was_asked_for(taken_down: Path) -> None:
    output("up", "--stage", "4", "--replay-delay", "replica2=7s", "--data", taken_down)
    shown = "SHOW recovery_min_apply_delay"
    cluster = Cluster(taken_down)
    late = [cluster.sql(name, shown)[0][0] for name in ("replica1", "replica2")]
    assert late == ["0", "7s"]


def test_ctrl_c_stops_what_was_started(taken_down: Path) -> None:
    with command("up", "--stage", "3", "--data", taken_down) as process:
        assert process.stdout
        said = ""
        while "postgres (PostgreSQL, primary) is up" not in said:
            said += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopping what was started" in said
    assert processes_of(taken_down) == []
    assert not (taken_down / "cluster.json").exists()


def test_a_part_that_cannot_start_stops_the_others_and_shows_its_log(taken_down: Path) -> None:
    cluster = Cluster(taken_down)
    with pytest.raises(ClusterError, match=r"web1 did not start: it ended(.|\n)*THREADS must be"):
        cluster.up(2, port=0, env={"THREADS": "many"})
    assert processes_of(taken_down) == []
    cluster.up(1, port=0)
    assert cluster.ready()


def test_two_at_once_start_one_cluster(taken_down: Path) -> None:
    both = [command("up", "--stage", "1", "--data", taken_down) for _ in range(2)]
    said = [process.communicate(timeout=90)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("web1 (gunicorn) is up" in text for text in said) == 1


def test_a_killed_test_leaves_no_cluster(taken_down: Path) -> None:
    code = (
        "import django, os, signal, sys; django.setup()\n"
        "from pathlib import Path; from infra.cluster import running\n"
        "with running(1, Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "minigram_site.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", code, taken_down], env=env, cwd=PROJECT, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    wait_until(lambda: processes_of(taken_down) == [])


def test_missing_packages_are_named_with_the_way_to_get_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executables, "POSTGRESQL_FOLDERS", "/nonexistent/*")
    monkeypatch.setattr(executables, "SYSTEM_FOLDERS", "/nonexistent")
    with pytest.raises(CommandError, match="apt-get install nginx postgresql redis-server"):
        call_command("cluster", "up", "--stage", "5", "--data", str(folder))
    assert list(folder.iterdir()) == []


def test_a_port_in_use_is_refused_and_left_alone(taken_down: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ClusterError, match="is in use"):
            Cluster(taken_down).up(1, port=other.getsockname()[1])


def test_a_folder_of_something_else_is_neither_used_nor_purged(folder: Path) -> None:
    (folder / "site").mkdir()
    with pytest.raises(ClusterError, match="not empty"):
        Cluster(folder).up(1)
    Cluster(folder).down(purge=True)
    assert [path.name for path in folder.iterdir()] == ["site"]


def test_a_folder_that_another_start_claims_in_this_moment_is_the_clusters(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(folder)
    before_and_after = iter([False, True])
    monkeypatch.setattr(layout, "is_claimed", lambda _: next(before_and_after))
    claim(folder)


def test_a_process_that_has_got_the_pid_of_a_part_is_not_touched(
    folder: Path, stranger: subprocess.Popen[bytes]
) -> None:
    claim(folder)
    cluster = Cluster(folder)
    now = psutil.Process(stranger.pid)
    lost = Process(stranger.pid, started=1, boot=BOOT.read_text().strip())
    cluster.file.write(State(1, 8000, str(folder / "run"), processes={"web1": lost}))
    assert not cluster.is_alive("web1")
    cluster.pause("web1")
    cluster.kill("web1")
    cluster.down()
    assert now.status() == psutil.STATUS_SLEEPING


def test_a_process_of_another_boot_is_not_ours(tmp_path: Path) -> None:
    process = spawn(["sleep", "60"], dict(os.environ), tmp_path / "log")
    assert process.alive
    replace(process, boot="another").kill()
    assert process.alive
    process.kill()
    assert not process.alive


def test_a_cluster_that_was_never_up_is_down(folder: Path) -> None:
    assert "The cluster is down" in output("down", "--data", folder)
    with pytest.raises(CommandError, match="No cluster is up"):
        call_command("cluster", "status", "--data", str(folder))
    assert list(folder.iterdir()) == []
