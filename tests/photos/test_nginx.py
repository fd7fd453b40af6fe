"""``MEDIA_ACCEL_PREFIX`` with a real nginx and the very location that sites have."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from accounts import services
from accounts.api.tokens import issue
from accounts.doors import site
from accounts.models import SiteSettings, User
from photos.cards import cards_of
from photos.models import Photo
from photos.services import delete_photo
from social import follows
from social.portable import export
from social.profiles import delete_account
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
        location @site {{ proxy_pass {site}; proxy_set_header Host $host; }}
        types {{ image/webp webp; }}
        {locations}
    }}
}}
"""


def locations(folder: Path) -> str:
    """Return two locations of ``infra/nginx/site.conf``, with this folder for their pictures."""
    found = re.findall(
        r"^location /(?:media|protected)/ \{.*?\n\}\n", SITE.read_text(), re.S | re.M
    )
    assert len(found) == 2
    return "".join(found).replace("${MEDIA_ROOT}", str(folder))


def picture_kept() -> str:
    """Return the choices of how long pictures are kept in ``infra/nginx/http.conf``."""
    text = SITE.with_name("http.conf").read_text()
    found = re.findall(r"^map \$http_range \$\w*picture_kept \{.*?\n\}\n", text, re.S | re.M)
    assert len(found) == 2
    return "".join(found)


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
            locations=locations(own_media_folder),
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


def test_nginx_sends_a_visitor_nothing_of_a_site_for_members_only(
    nginx: httpx.Client, alice: User, carol: User
) -> None:
    photo = published(author=alice, image=upload(picture()))
    url = cards_of([photo.pk], alice)[0].cover.sources[0].url
    assert [nginx.get(url).status_code for _ in range(2)] == [200, 200]
    site.change(SiteSettings(members_only=True))
    assert nginx.get(url).status_code == 404
    member = {"Authorization": f"Bearer {issue(carol)['access']}"}
    seen = nginx.get(url, headers=member)
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "private, no-cache")
    assert nginx.get(url).status_code == 404
    site.change(SiteSettings())
    assert nginx.get(url).status_code == 200


HIDING: list[Callable[[User, Photo], Any]] = [
    lambda alice, _: follows.set_privacy(user=alice, private=True),
    lambda alice, _: services.suspend(user=alice),
    lambda _, photo: delete_photo(photo=Photo.objects.get(pk=photo.pk)),
    lambda alice, _: delete_account(user=alice),
]


@pytest.mark.parametrize("hide", HIDING)
def test_nginx_sends_what_is_public_by_itself_until_it_is_hidden(
    nginx: httpx.Client, alice: User, hide: Callable[[User, Photo], Any]
) -> None:
    photo = published(author=alice, image=upload(picture()))
    url = cards_of([photo.pk], alice)[0].cover.sources[0].url
    asked, alone = nginx.get(url), nginx.get(url)
    assert "Referrer-Policy" not in alone.headers
    same = ("Content-Type", "Cache-Control", "ETag", "Vary", "X-Content-Type-Options")
    assert [alone.headers[name] for name in same] == [asked.headers[name] for name in same]
    assert asked.content == alone.content
    part = nginx.get(url, headers={"Range": "bytes=8-11"})
    assert (part.status_code, part.content) == (206, b"WEBP")
    held = {"If-None-Match": alone.headers["ETag"]}
    assert nginx.get(url, headers=held).status_code == 304
    hide(alice, photo)
    for headers in ({}, held, {"Range": "bytes=0-3"}):
        answer = nginx.get(url, headers=headers)
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_nginx_asks_the_site_no_more_for_what_is_public(
    nginx: httpx.Client, alice: User, own_media_folder: Path
) -> None:
    photo = published(author=alice, image=upload(picture()))
    url = cards_of([photo.pk], alice)[0].cover.sources[0].url
    nginx.get(url)
    User.objects.filter(pk=alice.pk).update(is_private=True)  # past the verb
    assert nginx.get(url).status_code == 200
    original = photo.original.rpartition("/")[2]
    folder = f"/media/photos/{photo.code}"
    for path in (f"{folder}/{original}", folder, f"{folder}/"):
        assert nginx.get(path).status_code == 404
    inside = f"people/{alice.pk}/photos/{photo.code}/{url.rpartition('/')[2]}"
    for path in (f"/media/{inside}", f"/media/photos/..%2f..%2f{inside}"):
        assert nginx.get(path).status_code != 200


def test_nginx_sends_an_archive_to_its_owner_alone_and_goes_on_where_it_was(
    nginx: httpx.Client, alice: User, carol: User
) -> None:
    archive = export.ask(owner=alice)
    owner = {"Authorization": f"Bearer {issue(alice)['access']}"}
    path = "/api/v1/me/export/file/"
    whole = nginx.get(path, headers=owner)
    assert (whole.status_code, len(whole.content)) == (200, archive.size)
    assert whole.headers["Content-Type"] == "application/zip"
    assert whole.headers["Content-Disposition"].startswith('attachment; filename="alice-')
    assert whole.headers["Cache-Control"] == "private, no-store"
    rest = nginx.get(path, headers={**owner, "Range": "bytes=100-"})
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    other = {"Authorization": f"Bearer {issue(carol)['access']}"}
    assert nginx.get(path, headers=other).status_code == 404
    assert nginx.get(f"/protected/{archive.archive}", headers=owner).status_code == 404
