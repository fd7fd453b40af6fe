"""Sitemaps and robots.txt: what search engines are told to look at."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import suspend
from photos import hiding
from photos.services import delete_photo
from social import profiles
from social.reach import sitemaps
from tests.accounts.doors.scene import site_with
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
SITE = "https://photos.example"
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def address_of_the_site(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.ALLOWED_HOSTS = ["*"]


def locations(path: str) -> list[str]:
    """Return the addresses that a sitemap, or the index, lists."""
    answer = Client().get(path, HTTP_HOST="other.example")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml"
    root = ET.fromstring(answer.content)  # noqa: S314 - written by the site itself
    return [str(one.text) for one in root.iter(f"{NAMESPACE}loc")]


def listed() -> list[str]:
    """Return the addresses of all sitemaps that the index lists."""
    maps = [one.removeprefix(SITE) for one in locations("/sitemap.xml")]
    return [one.removeprefix(SITE) for path in maps for one in locations(path)]


def test_public_people_and_photos_are_listed(alice: User) -> None:
    photo = make_photo(alice)
    assert listed() == ["/", "/explore/", "/@alice/", f"/p/{photo.code}/"]


def test_an_empty_site_has_a_sitemap(db: None) -> None:
    assert listed() == ["/", "/explore/"]


def test_what_is_not_for_search_engines_is_not_listed(alice: User, bob: User, carol: User) -> None:
    people = [make_user(name) for name in ("gone", "shy", "limited")]
    for person in (*people, carol):
        make_photo(person)
    hiding.hide_photo(photo=make_photo(alice))
    suspend(user=people[0])
    profiles.set_noindex(user=people[1], noindex=True)
    User.objects.filter(pk=people[2].pk).update(is_limited=True)
    assert listed() == ["/", "/explore/", "/@alice/", "/@bob/"]


def test_windows_hold_every_photo_once(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "WINDOW", 3)
    photos = [make_photo(alice) for _ in range(7)]
    paths = [path for path in locations("/sitemap.xml") if "/sitemap-photos" in path]
    assert [path.partition("?p=")[2] for path in paths] == [
        str(photos[number].pk) for number in (0, 3, 6)
    ]
    assert [path for path in listed() if path.startswith("/p/")] == [
        f"/p/{photo.code}/" for photo in photos
    ]


def test_no_photo_is_missed_that_a_deletion_moves(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "WINDOW", 3)
    photos = [make_photo(alice) for _ in range(7)]
    listed()
    delete_photo(photo=photos[1])
    shown = {path for path in listed() if path.startswith("/p/")}
    assert shown == {f"/p/{photo.code}/" for photo in photos if photo.pk}


@pytest.mark.parametrize("path", ["/sitemap-photos.xml?p=x", "/sitemap-photos.xml?p=-1"])
def test_what_is_no_page_is_not_found(db: None, path: str) -> None:
    assert Client().get(path).status_code == 404
    assert Client().get("/sitemap-nothing.xml").status_code == 404


@pytest.mark.parametrize("count", [2, 20])
def test_a_sitemap_costs_two_queries_however_many_rows(
    alice: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        make_photo(alice)
    with django_assert_num_queries(2):
        assert len(locations("/sitemap-photos.xml")) == count
    locations("/sitemap.xml")
    with django_assert_num_queries(0):
        locations("/sitemap.xml")


def test_robots_are_told_where_to_look() -> None:
    answer = Client().get("/robots.txt", HTTP_HOST="other.example")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Sitemap: {SITE}/sitemap.xml\n" in answer.text
    assert "Disallow: /settings/" in answer.text


def test_nothing_of_a_site_for_members_only_is_for_robots(db: None) -> None:
    site_with(members_only=True)
    assert Client().get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
