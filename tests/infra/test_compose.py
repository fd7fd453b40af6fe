"""The compose files, as far as one can tell without an engine: complete, pinned, and consistent."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.project import PROJECT

FOLDER = PROJECT / "infra" / "compose"
STAGES = [FOLDER / f"stage{number}.yml" for number in range(1, 6)]
IMAGES = {"minigram", "postgres:15", "redis:7", "nginx:1"}
SERVERS = {
    1: {"web1"},
    2: {"web1", "worker", "postgres"},
    3: {"web1", "web2", "web3", "worker", "postgres", "nginx"},
    4: {"web1", "web2", "web3", "worker", "postgres", "nginx", "replica1", "replica2", "keeper"},
    5: {
        "web1",
        "web2",
        "web3",
        "worker",
        "postgres",
        "nginx",
        "replica1",
        "replica2",
        "keeper",
        "redis",
    },
}
ONCE = {"setup", "configure", "roles"}


def services(path: Path) -> dict[str, dict[str, Any]]:
    """Return the services of a file with what they extend."""
    return {name: whole(service, path) for name, service in loaded(path)["services"].items()}


@cache
def loaded(path: Path) -> dict[str, Any]:
    """Return what a file holds."""
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def whole(service: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a service with what it extends, as compose does it: lists and mappings add up."""
    if "extends" not in service:
        return service
    file = path.parent / service["extends"].get("file", path.name)
    base = whole(loaded(file)["services"][service["extends"]["service"]], file)
    merged = {**base, **service}
    for key, value in base.items():
        if isinstance(value, dict) and key in service:
            merged[key] = value | service[key]
        elif isinstance(value, list) and key in {"volumes", "ports"}:
            merged[key] = value + service.get(key, [])
    return merged


def variables() -> set[str]:
    """Return the variables that the site and gunicorn read."""
    documented = re.findall(r"^([A-Z_]+)=", (PROJECT / "infra/example.env").read_text(), re.M)
    own = re.findall(
        r"(?:number|switch|get)\(\"(\w+)\"", (PROJECT / "infra/gunicorn.conf.py").read_text()
    )
    return {*documented, *own}


@pytest.fixture(params=STAGES, ids=lambda path: path.stem)
def stage(request: pytest.FixtureRequest) -> Path:
    """Return each of the five files."""
    path: Path = request.param
    return path


def test_a_stage_has_its_servers_and_no_others(stage: Path) -> None:
    assert set(services(stage)) - ONCE == SERVERS[int(stage.stem[-1])]


def test_images_are_pinned(stage: Path) -> None:
    assert {service["image"] for service in services(stage).values()} <= IMAGES


def test_the_site_gets_only_variables_that_exist(stage: Path) -> None:
    known = variables()
    for name, service in services(stage).items():
        if service["image"] == "minigram" and name != "configure":
            assert set(service["environment"]) - known == set(), name


def test_every_placeholder_of_the_servers_has_a_value() -> None:
    configure = whole({"extends": {"service": "configure"}}, FOLDER / "services.yml")
    templates = [
        path
        for folder in ("nginx", "postgres", "redis")
        for path in (PROJECT / "infra" / folder).iterdir()
        if path.suffix in {".conf", ".sql"}
    ]
    lines = [line for path in templates for line in path.read_text().splitlines()]
    code = "\n".join(line for line in lines if not line.lstrip().startswith(("#", "--")))
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", code))
    # The script gives each server its own name.
    assert wanted - set(configure["environment"]) == {"POSTGRES_NAME"}
    assert set(configure["environment"]) - wanted == set()


def test_every_secret_and_choice_is_in_the_example() -> None:
    example = set(re.findall(r"^([A-Z_]+)=", (FOLDER / "example.env").read_text(), re.M))
    asked = set()
    for path in FOLDER.glob("*.yml"):
        asked |= set(re.findall(r"\$\{([A-Z_]+)", path.read_text()))
    assert asked == example


def test_every_mounted_file_and_volume_exists(stage: Path) -> None:
    volumes = set(loaded(stage)["volumes"])
    for service in services(stage).values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (FOLDER / source).exists() if source[0] == "." else source in volumes


def test_everything_that_is_waited_for_can_be_waited_for(stage: Path) -> None:
    found = services(stage)
    for service in found.values():
        for name, wait in service.get("depends_on", {}).items():
            ends = found[name].get("restart") == "no"
            assert wait["condition"] == (
                "service_completed_successfully" if ends else "service_healthy"
            )
            checked = "healthcheck" in found[name] or found[name]["image"] == "minigram"
            assert ends or checked


def test_instances_have_numbers_of_their_own(stage: Path) -> None:
    numbers = [
        service["environment"]["INSTANCE_ID"]
        for service in services(stage).values()
        if "INSTANCE_ID" in service.get("environment", {})
    ]
    assert len(numbers) == len(set(numbers)) >= 1


@pytest.mark.parametrize("script", ["configure", "prepare-postgres", "start-replica"])
def test_scripts_can_be_run(script: str) -> None:
    path = FOLDER / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


def test_what_the_image_copies_exists() -> None:
    text = (FOLDER / "Dockerfile").read_text()
    sources = re.findall(r"^COPY (?!--from)(\S+) ", text, re.M)
    assert "requirements/run.txt" in sources
    assert [source for source in sources if not (PROJECT / source).exists()] == []
    assert "--require-hashes" in text
    assert re.search(r"^USER minigram$", text, re.M)


def test_the_image_has_what_backups_need() -> None:
    text = (FOLDER / "Dockerfile").read_text()
    server = next(name for name in IMAGES if name.startswith("postgres:")).partition(":")[2]
    assert f"postgresql-client-{server} age" in text
    # The release of Debian that has this version of PostgreSQL.
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) == {"python:3.11-slim-bookworm"}
