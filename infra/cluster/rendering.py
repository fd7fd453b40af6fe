"""Fill the placeholders of a configuration file, in the form that ``envsubst`` has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from infra.cluster.errors import ClusterError

# Upper case only: nginx's own variables ($host, ${remote_addr}) are left alone.
_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_COMMENT = ("#", "--")


def rendered(template: Path, values: Mapping[str, object]) -> str:
    """Return the text of ``template`` with every ``${NAME}`` filled in.

    Raises ``ClusterError`` if a value is missing: half a configuration must not be used.
    """
    missing: set[str] = set()

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            missing.add(match[1])
        return str(values.get(match[1]))

    lines = [
        line if line.lstrip().startswith(_COMMENT) else _PLACEHOLDER.sub(value, line)
        for line in template.read_text().splitlines(keepends=True)
    ]
    if missing:
        raise ClusterError(f"{template.name} needs values for {', '.join(sorted(missing))}.")
    return "".join(lines)
