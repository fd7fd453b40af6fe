"""Renders the templates in ``infra/`` for one cluster."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.ops.render_config import MissingValues, render
from infra.project import PROJECT

INFRA = PROJECT / "infra"


def rendered(template: Path, values: Mapping[str, object]) -> str:
    """Return the text of ``template`` with each ``${NAME}`` replaced by its value.

    Raises ``ClusterError`` if a value is missing.
    """
    try:
        return render(template, values)
    except MissingValues as error:
        raise ClusterError(str(error)) from error
