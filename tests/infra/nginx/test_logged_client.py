"""nginx's access log names networks, whole addresses or nobody: NGINX_LOG_CLIENTS."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from infra.project import free_port
from tests.infra.nginx.server import FOLDER

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
CHOICES = ("network", "whole", "none")
TABLE = re.compile(r'^map "\$\{NGINX_LOG_CLIENTS\}:\$remote_addr" .*?^\}', re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an nginx that answers with what it would log for the address in a query."""
    folder, port = tmp_path_factory.mktemp("logged"), free_port()
    table = TABLE.search((FOLDER / "http.conf").read_text())
    assert table is not None
    tables, places = [], []
    for whom in CHOICES:
        asked = table[0].replace("${NGINX_LOG_CLIENTS}:$remote_addr", f"{whom}:$arg_of")
        # A variable may be filled by one map alone, so each choice has names of its own.
        for name in ("logged_client", "whole", "four", "six", "few"):
            asked = asked.replace(f"${name}", f"$of_{whom}_{name}")
            asked = asked.replace(f"?<{name}>", f"?<of_{whom}_{name}>")
        tables.append(asked)
        places.append(f"location = /{whom} {{ return 200 $of_{whom}_logged_client; }}")
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/nginx.pid; events {{}}\nhttp {{ access_log off;\n"
        + "\n".join(tables)
        + f"\nserver {{ listen 127.0.0.1:{port}; {' '.join(places)} }} }}\n"
    )
    command = ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(config)]
    with subprocess.Popen(command) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "nginx did not start"
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize(
    ("whom", "address", "logged"),
    [
        ("network", "192.0.2.77", "192.0.2.0"),
        ("network", "2001:db8:1:2::77", "2001:db8:1::"),
        ("network", "2001:db8::77", "2001:db8::"),
        ("network", "2001::77", "2001::"),
        ("network", "::1", "-"),
        ("network", "unix:", "-"),
        ("whole", "192.0.2.77", "192.0.2.77"),
        ("whole", "2001:db8::77", "2001:db8::77"),
        ("none", "192.0.2.77", "-"),
        ("none", "2001:db8::77", "-"),
    ],
)
def test_whom_the_log_names(base: str, whom: str, address: str, logged: str) -> None:
    assert httpx.get(f"{base}/{whom}?of={address}", trust_env=False).text == logged
