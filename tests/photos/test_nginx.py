"""``MEDIA_ACCEL_PREFIX`` with a real nginx and the very location that sites have."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from accounts.api.tokens import issue
from accounts.models import User
from photos.cards import cards_of
from tests.factories import picture, published, upload

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]
SITE = Path(__file__).parents[2] / "infra/nginx/site.conf"
CONFIGURATION = """
daemon off; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off; map $uri $error_form {{ default html; }}
    {kept}
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass {site}; proxy_set_header Host $host; }}
        {location}
    }}
}}
"""


def picture_kept() -> str:
    """Return the choice of how long pictures are kept in ``infra/nginx/http.conf``."""
    text = SITE.with_name("http.conf").read_text()
    found = re.search(r"^map \$http_range \$picture_kept \{.*?\n\}\n", text, re.S | re.M)
    assert found is not None
    return found[0]


def protected_location(folder: Path) -> str:
    """Return the location in ``infra/nginx/site.conf``, with this folder for its pictures."""
    found = re.search(r"^location /protected/ \{.*?\n\}\n", SITE.read_text(), re.S | re.M)
    assert found is not None
    return found[0].replace("${MEDIA_ROOT}", str(folder))


def free_port() -> int:
    """Return a port of this machine that nothing listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def nginx(
    tmp_path: Path, own_media_folder: Path, live_server: Any, settings: Any
) -> Iterator[httpx.Client]:
    """Run nginx in front of the site; return a client that asks it."""
    settings.MEDIA_ACCEL_PREFIX = "/protected/"
    port, configuration = free_port(), tmp_path / "nginx.conf"
    # The folders of tests are closed to other users, nginx's own among them.
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    configuration.write_text(
        CONFIGURATION.format(
            user=user,
            kept=picture_kept(),
            folder=tmp_path,
            port=port,
            site=live_server.url,
            location=protected_location(own_media_folder),
        )
    )
    command = ["nginx", "-p", str(tmp_path), "-e", str(tmp_path / "error.log")]
    with subprocess.Popen([*command, "-c", str(configuration)]) as server:
        try:
            wait_for(port)
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, trust_env=False, timeout=20) as client:
                yield client
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    """Wait until something listens at the port."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("nginx did not start.")


def test_nginx_sends_what_the_site_allows(
    nginx: httpx.Client, own_media_folder: Path, alice: User, carol: User
) -> None:
    shown, hidden = (published(author=one, image=upload(picture())) for one in (alice, carol))
    name = shown.renditions[0][2]
    content = (own_media_folder / name).read_bytes()
    url = cards_of([shown.pk], alice)[0].cover.sources[0].url
    whole = nginx.get(url)
    assert whole.content == content
    assert whole.headers["Content-Type"] == "image/webp"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in whole.headers["Cache-Control"]
    assert "Cookie" in whole.headers["Vary"]
    assert "X-Accel-Redirect" not in whole.headers
    assert "X-Picture-Cache-Control" not in whole.headers
    part = nginx.get(url, headers={"Range": "bytes=8-11"})
    assert (part.status_code, part.content) == (206, b"WEBP")
    assert nginx.get(url, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert nginx.get(f"/protected/{name}").status_code == 404

    url = cards_of([hidden.pk], carol)[0].cover.sources[0].url
    assert nginx.get(url).status_code == 404
    token = {"Authorization": f"Bearer {issue(carol)['access']}"}
    seen = nginx.get(url, headers=token)
    assert seen.status_code == 200
    assert "no-cache" in seen.headers["Cache-Control"]
