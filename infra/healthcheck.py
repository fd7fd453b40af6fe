"""``python -m infra.healthcheck``: exit status 0 if the instance in this environment is alive.

For containers, which have no other client. It asks where gunicorn listens (``BIND``), under the
site's own name.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from infra.cluster.parts import http_status


def main() -> None:
    """Ask ``/healthz``."""
    bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
    where = bind.removeprefix("unix:") if bind.startswith("unix:") else bind.rpartition(":")[2]
    host = urlsplit(os.environ.get("SITE_URL") or "http://127.0.0.1").netloc
    sys.exit(0 if http_status(where, "/healthz", host) == 200 else 1)


if __name__ == "__main__":
    main()
