"""``manage.py lab`` is one tool; its six old names do what its subcommands do."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.core.management.base import CommandParser

from infra.lab.commands.subcommands import SUBCOMMANDS

ALIASES = ("stress", "drill", "breaking", "bench", "diagnostic")
OF_METRICS = ("collect", "compare", "export", "plan")


def helped(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what ``manage.py`` prints for ``--help``."""
    command = load_command_class("infra", arguments[0])
    with pytest.raises(SystemExit) as left:
        command.run_from_argv(["manage.py", *arguments, "--help"])
    assert left.value.code == 0
    return capsys.readouterr().out


def own_options(parser: ArgumentParser) -> Iterator[tuple[Any, ...]]:
    """Yield names, defaults and choices of the options that a command declares itself."""
    common = {option for action in CommandParser()._actions for option in action.option_strings}
    for action in parser._actions:
        if not common.intersection(action.option_strings):
            yield tuple(action.option_strings), action.default, action.choices, action.nargs


def test_the_help_lists_every_subcommand_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = helped(capsys, "lab").splitlines()
    for name, one in SUBCOMMANDS.items():
        assert f"    {name:<20}{one.summary}" in lines


def test_the_subcommands_are_those_of_the_original_plan_and_the_soak() -> None:
    assert {*ALIASES, *OF_METRICS, "soak"} == SUBCOMMANDS.keys()


@pytest.mark.parametrize("name", ALIASES)
def test_an_old_name_takes_the_options_of_its_subcommand(name: str) -> None:
    alias, lone = load_command_class("infra", name), CommandParser()
    parser = alias.create_parser("manage.py", name)
    common = load_command_class("infra", "lab").create_parser("manage.py", "lab")._actions
    named = {option for action in common for option in action.option_strings}
    SUBCOMMANDS[name].add_arguments(lone)
    found = [one for one in own_options(parser) if not named.intersection(one[0])]
    assert found == [one for one in own_options(lone) if not named.intersection(one[0])]
    assert alias.help == SUBCOMMANDS[name].help


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_a_subcommand_is_a_module_with_its_arguments_and_what_it_does(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = import_module(f"infra.lab.commands.{name}")
    assert callable(module.run)
    assert f"manage.py lab {name} [-h]" in helped(capsys, "lab", name)


def test_the_folder_of_records_may_be_named_before_or_after_the_subcommand(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = f"--records={tmp_path}"
    for arguments in (("metrics", folder, "export"), ("lab", "export", folder)):
        call_command(*arguments, f"--docs={tmp_path}")
        assert "Wrote performance.md" in capsys.readouterr().out
        assert "No records yet" in (tmp_path / "performance.md").read_text()


def test_a_package_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_locust(name: str, *_: Any) -> None:
        raise ModuleNotFoundError(name="locust")

    monkeypatch.setattr("infra.lab.commands.subcommands.import_module", without_locust)
    with pytest.raises(CommandError, match="stress needs locust"):
        call_command("stress", "--stage=1")


def test_an_unknown_subcommand_is_refused() -> None:
    with pytest.raises(CommandError, match="lunch"):
        call_command("lab", "lunch")
