"""A real nginx with the project's own configuration, filled in for a test."""

from __future__ import annotations

import getpass
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.cluster.servers.http_probe import http_status
from infra.ops.render_config import render
from infra.project import PROJECT, free_port

FOLDER = PROJECT / "infra" / "nginx"
VARIANTS = ("nginx.conf", "nginx-tls.conf")


def values(folder: Path, **others: object) -> dict[str, object]:
    """Return a value for every placeholder: everything lies below ``folder``."""
    return {
        "NGINX_USER": getpass.getuser(),
        "NGINX_RUN_DIR": folder,
        "NGINX_LOG_DIR": folder,
        "NGINX_LOG_CLIENTS": "network",
        "NGINX_TEMP_DIR": folder,
        "NGINX_LISTEN": f"127.0.0.1:{free_port()}",
        "NGINX_HTTP_LISTEN": f"127.0.0.1:{free_port()}",
        "TLS_CERTIFICATE": folder / "certificate.pem",
        "TLS_KEY": folder / "key.pem",
        "SOCKET_DIR": folder,
        "DATA_DIR": folder,
        "MEDIA_ROOT": folder / "media",
        "ERRORS_DIR": FOLDER / "errors",
        "MAX_UPLOAD_MB": 1,
        "UPLOAD_LIMIT_KB": 1024 + 256,
        "EDGE_LUA_DIR": FOLDER,
        "EDGE_REDIS": f"unix:{folder}/redis.sock",
        "EDGE_REDIS_PASSWORD_FILE": "",
        **others,
    }


def write(folder: Path, filled: dict[str, object], *, edge: bool = False) -> None:
    """Fill in all files, those of the edge or not, side by side in ``folder``."""
    for template in [*FOLDER.glob("*.conf"), *(FOLDER.glob("edge/*.conf") if edge else [])]:
        (folder / template.name).write_text(render(template, filled))


def make_certificate(folder: Path) -> None:
    """Make a key, and a certificate that it signs itself."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    options = ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, *options, *files], check=True, capture_output=True)


def check(folder: Path, variant: str) -> subprocess.CompletedProcess[str]:
    """Let nginx read the configuration (``nginx -t``)."""
    command = ["nginx", "-t", "-e", "stderr", "-p", str(folder), "-c", str(folder / variant)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@contextmanager
def nginx(folder: Path, variant: str = "nginx.conf", **others: object) -> Iterator[str]:
    """Run it for the body of the ``with``; give the address and port where it listens.

    It has the edge where a Redis is named (``EDGE_REDIS``).
    """
    filled = values(folder, **others)
    write(folder, filled, edge="EDGE_REDIS" in others)
    command = ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c"]
    with subprocess.Popen([*command, str(folder / variant), "-g", "daemon off;"]) as server:
        try:
            plain = "NGINX_LISTEN" if variant == "nginx.conf" else "NGINX_HTTP_LISTEN"
            _wait_for(str(filled[plain]))
            yield str(filled["NGINX_LISTEN"])
        finally:
            server.terminate()


def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    end = time.monotonic() + 10
    while http_status(port, "/healthz", host) == 0:
        if time.monotonic() > end:
            raise RuntimeError("nginx did not start.")
        time.sleep(0.05)
