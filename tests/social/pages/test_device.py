"""The site on a device: theme, manifest, offline page, the error page with a way on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from accounts.models import User
from tests.factories import make_photo

As = Callable[[User | None], Client]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_kept(client: Client, theme: str) -> None:
    answer = client.post(
        "/theme/", {"theme": theme}, headers={"Referer": "http://testserver/login/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/login/")
    assert f'data-theme="{theme}"' in client.get("/login/").content.decode()
    assert f'data-theme="{theme}"' in client.get("/offline/").content.decode()
    client.post("/theme/", {"theme": ""})
    assert "data-theme" not in client.get("/login/").content.decode()


def test_a_theme_that_does_not_exist_is_none(client: Client) -> None:
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/login/").content.decode()
    assert not client.post("/theme/", {"theme": "pink"}).cookies["theme"].value


def test_the_way_back_stays_on_the_site(client: Client) -> None:
    elsewhere = {"Referer": "https://evil.example/"}
    assert client.post("/theme/", {"theme": "dark"}, headers=elsewhere)["Location"] == "/"


def test_the_icons_of_the_manifest_are_as_large_as_it_says(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest").json()
    assert manifest["id"] == "/"
    assert {icon.get("purpose", "any") for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in [*manifest["icons"], *manifest.get("screenshots", [])]:
        path = Path(str(finders.find(icon["src"].removeprefix("/static/"))))
        if path.suffix != ".svg":
            with Image.open(path) as image:
                assert icon["sizes"] == f"{image.width}x{image.height}"
    for shortcut in manifest["shortcuts"]:
        assert client.get(shortcut["url"]).status_code in {200, 302}


def test_other_apps_share_photos_to_the_site(client: Client) -> None:
    target = client.get("/manifest.webmanifest").json()["share_target"]
    assert target["method"] == "POST"
    assert target["params"]["files"][0]["name"] == "files"


def test_what_is_kept_for_offline_belongs_to_nobody(browser_as: As, alice: User) -> None:
    make_photo(alice)
    page = browser_as(alice).get("/offline/").content.decode()
    assert "alice" not in page
    assert "/media/" not in page
    worker = browser_as(alice).get("/sw.js").content.decode()
    kept = re.findall(r'"(/[^"]+)"', worker.partition("addEventListener")[0])
    assert len(kept) > 4
    assert [each for each in kept if not each.startswith(("/static/", "/offline/"))] == []


def test_an_address_without_a_page_leads_on(browser_as: As, alice: User, bob: User) -> None:
    for number in range(5):
        make_photo(alice, caption=f"Number {number}")
    for client in (browser_as(None), browser_as(bob)):
        page = client.get("/nothing/").content.decode()
        assert 'name="q"' in page
        assert "/explore/some/" in page
        assert client.get("/explore/some/").content.decode().count('class="tile"') == 4
