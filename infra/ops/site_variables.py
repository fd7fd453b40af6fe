"""The names of the environment variables that configure the site, as they are documented."""

from __future__ import annotations

import re

from infra.project import PROJECT

EXAMPLE = PROJECT / "infra" / "example.env"


def site_variables() -> set[str]:
    """Return the names in ``infra/example.env``; a test keeps them equal to those that are read."""
    return set(re.findall(r"^([A-Z][A-Z0-9_]*)=", EXAMPLE.read_text(), re.MULTILINE))
