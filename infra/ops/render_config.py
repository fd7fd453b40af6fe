"""``python -m infra.ops.render_config FOLDER TEMPLATE…``: configuration for a real host.

Every ``${NAME}`` is replaced by the environment variable of that name; a missing one is named and
nothing is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from infra.cluster.errors import ClusterError
from infra.cluster.rendering import rendered


def main(folder: str, *templates: str) -> None:
    """Write the filled-in templates side by side into ``folder``, under their own names."""
    try:
        texts = {Path(each).name: rendered(Path(each), os.environ) for each in templates}
    except ClusterError as error:
        sys.exit(str(error))
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (Path(folder) / name).write_text(text)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("Usage: python -m infra.ops.render_config FOLDER TEMPLATE...")
    main(*sys.argv[1:])
