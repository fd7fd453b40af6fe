"""Fill the placeholders of a configuration file, in the form that ``envsubst`` has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from infra.cluster.errors import ClusterError

# Upper case only: nginx's own variables ($host, ${remote_addr}) are left alone.
_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


def rendered(template: Path, values: Mapping[str, object]) -> str:
    """Return the text of ``template`` with every ``${NAME}`` filled in.

    Raises ``ClusterError`` if a value is missing: half a configuration must not be used.
    """
    text = template.read_text()
    if missing := sorted(set(_PLACEHOLDER.findall(text)) - set(values)):
        raise ClusterError(f"{template.name} needs values for {', '.join(missing)}.")
    return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)
