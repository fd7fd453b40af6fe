"""Share links for tests, and all that can be reached through one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from photos.models import Photo
from social.albums import links
from tests.minigram_site.test_shapes import addresses
from tests.social.albums.scene import make_album


def link_to(photo: Photo, **options: Any) -> str:
    """Return the token of a new link to a photo."""
    made = links.share(sharer=photo.author, photo_id=photo.pk, **{"days": 7, **options})
    return made[1]


def album_link(owner: User, *photos: Photo, **options: Any) -> str:
    """Return the token of a new link to a new album."""
    album = make_album(owner, *photos, visibility="me")
    return links.share(sharer=owner, album_id=album.pk, **{"days": 7, **options})[1]


def reachable(token: str, photo: Photo) -> Iterator[tuple[str, str]]:
    """Yield route and address of all that can be read through a link, from the map of URLs."""
    values = {"token": token, "photo_id": photo.code, "file_name": ""}
    values["file_name"] = photo.renditions[0][2].rpartition("/")[2]
    for route in routes():
        address = re.sub(r"<\w+:(\w+)>", lambda found: values[found[1]], route)
        if not address.endswith("/unlock/"):
            yield route, address


def routes() -> list[str]:
    """Return the routes that begin with the token of a link."""
    found = [route for route in addresses() if "<slug:token>" in route]
    assert len(found) == 7
    return found


def unlocked(client: Client, token: str, password: str) -> dict[str, str]:
    """Unlock a link for a browser; return the header with which programs read it."""
    if not password:
        return {}
    assert client.post(f"/s/{token}/unlock/", {"password": password}).status_code == 302
    answer = APIClient().post(f"/api/v1/shared/{token}/unlock/", {"password": password})
    return {"X-Share-Key": answer.json()["key"]}
