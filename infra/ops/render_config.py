"""``python -m infra.ops.render_config FOLDER TEMPLATE…``: configuration files for a real host.

Every ``${NAME}`` in a template is replaced by the environment variable of that name, in the form
that ``envsubst`` has. Unlike there, a variable that is missing is an error, and then nothing is
written.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

# Upper case only: nginx's own variables ($host, ${remote_addr}) are left alone.
_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_COMMENT = ("#", "--")


class MissingValues(Exception):
    """A template has placeholders without a value; the message names the file and all of them."""


def render(template: Path, values: Mapping[str, object]) -> str:
    """Return the text of ``template`` with every ``${NAME}`` outside of comments replaced.

    Raises ``MissingValues`` if ``values`` lacks a name: half a configuration must not be used.
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
        raise MissingValues(f"{template.name} needs values for {', '.join(sorted(missing))}.")
    return "".join(lines)


def main(folder: str, *templates: str) -> None:
    """Write the rendered templates into ``folder``, which is made, under their own names."""
    try:
        texts = {Path(each).name: render(Path(each), os.environ) for each in templates}
    except MissingValues as error:
        sys.exit(str(error))
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (Path(folder) / name).write_text(text)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("Usage: python -m infra.ops.render_config FOLDER TEMPLATE...")
    main(*sys.argv[1:])
