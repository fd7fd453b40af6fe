"""Options that make no sense are refused with a sentence, before a stage starts."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from infra.lab.commands.options import data_set_from, load_from


@pytest.mark.parametrize(
    "change", [{"users": 0}, {"duration": 0}, {"rate": -1}, {"think": -1}, {"mix": "fly=1"}]
)
def test_options_without_sense_are_refused(change: dict[str, Any]) -> None:
    options = {"users": 1, "duration": 1, "rate": 0, "think": 1, "mix": "", "profile": "mix"}
    target: Any = None
    with pytest.raises(CommandError):
        load_from(target, {**options, "seed": 1, **change})


def test_the_people_of_the_data_set_are_not_those_who_use_the_site() -> None:
    sizes = data_set_from({"people": 5, "follows": 2, "photos": 9, "likes": 3, "users": 700})
    assert "--users=5" in sizes.arguments()


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("breaking", ["--stage=1", "--steps=1,two"]),
        ("breaking", ["--stage=1", "--steps=0"]),
        ("drill", ["--stage=1", "--fault=replica killed"]),
    ],
)
def test_commands_refuse_what_they_cannot_do_before_a_stage_starts(
    command: str, arguments: list[str]
) -> None:
    with pytest.raises(CommandError, match=r"steps|has no"):
        call_command("lab", command, *arguments)
