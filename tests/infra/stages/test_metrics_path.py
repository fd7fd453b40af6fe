"""From two running stages to the document, by the commands that ``make lab`` runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from infra.lab.records.storage import load_all

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages"), pytest.mark.timeout(400)]
DATA_SET = ("--people=30", "--follows=5", "--photos=60", "--likes=60")
LITTLE = ("--scale=0.04", "--repeats=1", "--most-people=5", "--only=mix,breaking")


def test_stages_are_collected_compared_and_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = f"--records={tmp_path}/records"
    stages = ("--stage=1", "--stage=2")
    call_command("metrics", records, "collect", *stages, *LITTLE, *DATA_SET)
    found = {(one.stage, one.kind) for one in load_all(tmp_path / "records")}
    assert found == {(1, "stress"), (1, "breaking"), (2, "stress"), (2, "breaking")}
    call_command("metrics", records, "compare")
    assert "postgres: CPU per request" in capsys.readouterr().out
    call_command("metrics", records, "export", f"--docs={tmp_path}")
    document = (tmp_path / "performance.md").read_text()
    for stage in (1, 2):
        assert f"Not measured yet: `manage.py lab collect --stage {stage}`" not in document
    assert document.count("| Concurrent Users |") == 2


def test_a_part_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There are: journey, mix, prices, reads, open"):
        call_command("metrics", "collect", "--stage=1", "--only=lunch")
