"""``manage.py`` explains every command of ours without any configuration, ours first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import load_command_class

from infra.ops.command_line import GROUPS, OTHERS, asks_for_help, first_sentence
from infra.project import PROJECT

# So that a line of the list is no longer than 100.
MOST_CHARACTERS = 82
FILES = sorted(PROJECT.glob("[a-z]*/**/management/commands/[a-z]*.py"))
OURS = {path.stem: ".".join(path.relative_to(PROJECT).parts[:-3]) for path in FILES}
# Runs the help of each command named on its command line, in one process.
EXPLAIN = """
import sys
from manage import main
for name in sys.argv[1:]:
    sys.argv = ["manage.py", name, "--help"]
    try:
        main()
    except SystemExit as end:
        if end.code:
            sys.exit(f"{name}: {end.code}")
"""
# Lists the commands where the packages that only the lab needs are not installed.
LIST_WITHOUT_THE_LAB = """
import sys
sys.modules.update(dict.fromkeys(["locust", "matplotlib", "numpy", "rich", "scipy"]))
sys.argv = ["manage.py"]
from manage import main
main()
"""


def summary(app: str, name: str) -> str:
    """Return the sentence that the list has for a command."""
    return first_sentence(load_command_class(app, name).help)


def manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` with this environment and nothing else in it."""
    return python("manage.py", *arguments, **env)


def python(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder with this environment and nothing else in it."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=env,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["help"], ["--help"], []])
def test_the_list_needs_no_configuration_and_begins_with_our_commands(arguments: list[str]) -> None:
    shown = manage(*arguments)
    assert (shown.returncode, shown.stderr) == (0, "")
    titles = [shown.stdout.index(f"\n{title}\n") for title in (*GROUPS, OTHERS)]
    assert titles == sorted(titles)
    ours = shown.stdout[: titles[-1]]
    for name, app in OURS.items():
        assert f"\n  {name:15} {summary(app, name)}\n" in ours


@pytest.mark.slow
def test_the_list_needs_no_package_of_the_lab() -> None:
    shown = python("-c", LIST_WITHOUT_THE_LAB)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\n  stress " in shown.stdout


@pytest.mark.slow
def test_django_still_lists_bare_names_for_programs() -> None:
    assert {*OURS, "migrate"} <= set(manage("help", "--commands").stdout.split())


@pytest.mark.slow
def test_each_command_of_ours_explains_itself_without_any_configuration() -> None:
    shown = python("-c", EXPLAIN, *OURS)
    assert (shown.returncode, shown.stderr) == (0, "")
    for name in OURS:
        assert f"usage: manage.py {name} " in shown.stdout


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["help", "counters"], ["cluster", "up", "--help"]])
def test_help_makes_no_data_folder_and_minds_no_faulty_configuration(
    arguments: list[str], tmp_path: Path
) -> None:
    shown = manage(*arguments, DATA_DIR=str(tmp_path / "data"), DATABASE_URL="what?", DEBUG="maybe")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "--settings" in shown.stdout or "--replay-delay" in shown.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "runserver", "counters", "no_such_command"])
def test_whatever_needs_the_configuration_refuses_and_says_what_is_wrong(command: str) -> None:
    refused = manage(command, INSTANCE_ID="99")
    assert refused.returncode == 1
    assert "MiniGram cannot start" in refused.stderr
    assert "INSTANCE_ID" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("name", OURS)
def test_a_command_has_a_group_and_a_sentence_that_fits_a_line(name: str) -> None:
    assert [name in names for names in GROUPS.values()].count(True) == 1
    assert 20 < len(summary(OURS[name], name)) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("", True),
        ("help", True),
        ("help migrate", True),
        ("migrate -h", True),
        ("cluster up --stage 3 --help", True),
        ("cluster manage --help", True),
        ("migrate", False),
        ("cluster manage shell --help", False),
        ("cluster manage --data folder shell --help", False),
        ("dbshell -- --help", False),
    ],
)
def test_a_word_that_is_passed_on_to_another_program_asks_for_no_help(
    line: str, *, asks: bool
) -> None:
    assert asks_for_help(["manage.py", *line.split()]) is asks
