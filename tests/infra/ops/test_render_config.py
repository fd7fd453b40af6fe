"""Templates are rendered from the environment as a whole, or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.ops.render_config import MissingValues, render
from infra.project import PROJECT

VALUES = {"REDIS_SOCKET": "/run/r.sock", "REDIS_DIR": "/var/redis"}


def render_redis(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Render Redis's template into a folder."""
    module = "infra.ops.render_config"
    command = [sys.executable, "-m", module, str(folder), "infra/redis/redis.conf"]
    return subprocess.run(
        command, cwd=PROJECT, env=env, check=False, capture_output=True, text=True
    )


def test_a_missing_variable_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    failed = render_redis(tmp_path / "etc", VALUES)
    assert failed.returncode != 0
    assert "REDIS_MEMORY" in failed.stderr
    assert not (tmp_path / "etc").exists()


def test_a_rendered_template_keeps_its_name(tmp_path: Path) -> None:
    assert render_redis(tmp_path / "etc", VALUES | {"REDIS_MEMORY": "9mb"}).returncode == 0
    assert "unixsocket /run/r.sock\n" in (tmp_path / "etc" / "redis.conf").read_text()


def test_comments_and_the_variables_of_nginx_are_left_alone(tmp_path: Path) -> None:
    template = tmp_path / "site.conf"
    template.write_text("# ${ABSENT}\nset ${remote_addr} $host ${PORT};\n")
    assert render(template, {"PORT": 80}) == "# ${ABSENT}\nset ${remote_addr} $host 80;\n"


def test_all_missing_values_are_named_at_once(tmp_path: Path) -> None:
    template = tmp_path / "site.conf"
    template.write_text("${ONE} ${TWO} ${PORT}")
    with pytest.raises(MissingValues, match=r"site\.conf needs values for ONE, TWO\."):
        render(template, {"PORT": 80})
