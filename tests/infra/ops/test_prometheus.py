"""The files for Prometheus and Grafana ask for metrics that there are, and are well-formed."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from infra.project import PROJECT
from minigram_site import counters
from minigram_site.web import metrics

FOLDER = PROJECT / "infra" / "prometheus"
NAME = re.compile(r"minigram_\w+")


def known() -> set[str]:
    """Return the names of all samples that instances and the edge show."""
    names = set()
    for metric in (counters.STATEMENTS, counters.CACHE, counters.ANSWERS):
        names |= {f"{each.name}_total" for each in metric.describe()}
    (requests,) = counters.REQUESTS.describe()
    names |= {f"{requests.name}_{part}" for part in ("bucket", "count", "sum")}
    source = inspect.getsource(metrics)
    names |= set(re.findall(r'GaugeMetricFamily\(\s*"(\w+)"', source))
    edge = (PROJECT / "infra/nginx/edge/counts.lua").read_text()
    return names | set(NAME.findall(edge))


def expressions() -> list[str]:
    board: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return [*shown, *re.findall(r"expr: (?:>\n)?(.+?)\n +(?:for|labels):", _alerts(), re.DOTALL)]


def _alerts() -> str:
    return (FOLDER / "alerts.yml").read_text()


def test_what_is_asked_for_is_shown() -> None:
    asked = set(NAME.findall(" ".join(expressions())))
    assert len(asked) >= 7
    assert asked <= known()


def test_every_alert_says_what_to_do() -> None:
    alerts = _alerts().split("- alert:")[1:]
    assert alerts
    assert [alert for alert in alerts if "summary:" not in alert or "action:" not in alert] == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Debian's package prometheus")
@pytest.mark.parametrize("arguments", [("config", "prometheus.yml"), ("rules", "alerts.yml")])
def test_prometheus_reads_the_files(arguments: tuple[str, str]) -> None:
    checked = subprocess.run(
        ["promtool", "check", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
