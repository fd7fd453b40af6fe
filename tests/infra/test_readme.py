"""The way in ``infra/README.md`` holds together: commands can be read, values are complete."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from infra.project import PROJECT
from infra.setup.answers import collect
from infra.setup.layout import Layout
from infra.setup.variables import of_servers, of_site

README = (PROJECT / "infra" / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.S)
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text()


def values_of(file: str) -> set[str]:
    """Return the names that the page writes into a file of variables."""
    written = re.findall(rf"{re.escape(file)}[^\n]*<<END\n(.*?)\nEND", README, re.S)
    return set(re.findall(r"^([A-Z_]+)=", "\n".join(written), re.M))


@pytest.mark.parametrize(
    "block",
    [*BLOCKS, *re.findall(r"```sh\n(.*?)```", OPERATIONS, re.S)],
    ids=lambda block: block.splitlines()[0][:38],
)
def test_a_shell_can_read_what_is_pasted(block: str) -> None:
    read = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    # A prompt would be a command, and a gap to fill in a redirection.
    assert not re.search(r"^\$ |<[a-z]+ [a-z ]+>", block, re.M)


def test_everything_that_is_to_be_typed_can_be_pasted() -> None:
    assert len(BLOCKS) > 10
    assert README.count("```") == 2 * len(BLOCKS)


def test_whatever_reads_the_terminal_comes_last_in_its_block() -> None:
    asking = re.compile(r"createsuperuser|manage\.py setup(?! --no-input)")
    blocks = [block for block in BLOCKS if asking.search(block)]
    assert len(blocks) == 2
    assert [block for block in blocks if not asking.search(block.splitlines()[-1])] == []


def test_every_folder_beside_it_is_named() -> None:
    lies_here = README.partition("## What lies here")[2]
    folders = [
        path.name for path in (PROJECT / "infra").iterdir() if (path / "__init__.py").exists()
    ]
    assert "cluster" in folders
    assert [name for name in folders if f"`{name}/`" not in lies_here] == []


def test_every_placeholder_has_a_value() -> None:
    text = ""
    for folder in ("nginx", "postgres", "redis"):
        for path in (PROJECT / "infra" / folder).iterdir():
            if path.suffix in {".conf", ".sql"}:
                lines = path.read_text().splitlines()
                text += "\n".join(line for line in lines if line[:1] not in {"#", "-"})
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", text))
    # Each server of PostgreSQL gets its own, beside the command.
    assert wanted - of_servers(Layout(), {}, {}).keys() == {"POSTGRES_NAME", "POSTGRES_PORT"}


def test_the_site_gets_only_variables_that_exist() -> None:
    example = (PROJECT / "infra" / "example.env").read_text()
    known = set(re.findall(r"^([A-Z_]+)=", example, re.M)) | {"INSTANCES", "ACCESS_LOG"}
    written = values_of("site.env")
    assert {"DATABASE_URL", "DATABASE_REPLICA_URLS"} <= written <= known
    answers = collect({"domain": "a.example", "stage": "5"}, {}, None)
    site = of_site(answers, Layout(), {}, of_servers(Layout(), {}, {}), {})
    assert {"SECRET_KEY", *written} <= site.keys() <= known


def test_every_file_that_it_names_exists() -> None:
    names = re.findall(r"(?<![\w/.])infra/[\w./-]+", README)
    gone = [name for name in names if not (PROJECT / name.rstrip("./")).exists()]
    assert [name for name in gone if not name.endswith("/.env")] == []
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert Path(PROJECT / "infra" / link).exists(), link
