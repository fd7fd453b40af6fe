"""oEmbed: what a site that is given the address of a photo may show of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User
from minigram_site.fields.snowflake import encode, new_id
from photos import hiding
from photos.models import Photo
from tests.factories import make_follow, make_photo
from tests.social.reach.test_previews import hidden_photos, links

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
SITE = "https://photos.example"


@pytest.fixture(autouse=True)
def address_of_the_site(settings: Any) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def photo(alice: User) -> Photo:
    photo = make_photo(alice, "Words")
    sizes = [(320, 213), (640, 427), (1200, 800)]
    photo.renditions = [(w, h, f"renditions/1-{w}.webp") for w, h in sizes]
    photo.save()
    return photo


def ask(url: str, client: Client | None = None, **values: Any) -> Any:
    """Return the answer to an address."""
    return (client or Client()).get("/oembed/", {"url": url, **values})


def test_a_photo_can_be_shown_elsewhere(photo: Photo) -> None:
    answer = ask(f"{SITE}/p/{photo.code}/")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json() == {
        "version": "1.0",
        "type": "photo",
        "title": "Words",
        "author_name": "alice",
        "author_url": f"{SITE}/@alice/",
        "provider_name": "MiniGram",
        "provider_url": f"{SITE}/",
        "url": f"{SITE}/media/photos/{photo.code}/1-1200.webp",
        "width": 1200,
        "height": 800,
    }


def test_the_page_of_a_photo_names_the_answer(photo: Photo) -> None:
    page = Client().get(f"/p/{photo.code}/").text
    address = links(page)["alternateapplication/json+oembed"]
    assert address == f"{SITE}/oembed/?url={quote(f'{SITE}/p/{photo.code}/', safe='')}"
    assert Client().get(address.removeprefix(SITE)).json()["type"] == "photo"


@pytest.mark.parametrize(
    ("limits", "width"),
    [
        ({}, 1200),
        ({"maxwidth": "1199"}, 640),
        ({"maxwidth": "640"}, 640),
        ({"maxheight": "426"}, 320),
        ({"maxwidth": "5000", "maxheight": "800"}, 1200),
        ({"maxwidth": "5000", "maxheight": "213"}, 320),
    ],
)
def test_the_limits_of_the_asker_are_kept(photo: Photo, limits: Any, width: int) -> None:
    answer = ask(f"{SITE}/p/{photo.code}/", **limits).json()
    assert answer["width"] == width
    assert f"-{width}.webp" in answer["url"]


def test_where_no_size_is_small_enough_it_is_a_link(photo: Photo) -> None:
    answer = ask(f"{SITE}/p/{photo.code}/", maxwidth="100").json()
    assert answer["type"] == "link"
    assert not {"url", "width", "height"} & answer.keys()


def test_a_sensitive_photo_is_a_link_without_its_words(photo: Photo) -> None:
    hiding.mark_sensitive(photo=photo, sensitive=True)
    answer = ask(f"{SITE}/p/{photo.code}/").json()
    assert answer["type"] == "link"
    assert not {"title", "url"} & answer.keys()


@pytest.mark.parametrize(
    ("variant", "status"),
    [
        ("{site}/p/{code}/?cursor=n1#comments", 200),
        ("{site}/p/{code}", 200),
        ("http://photos.example/p/{code}/", 200),
        ("https://PHOTOS.example/p/{code}/", 200),
        ("https://elsewhere.example/p/{code}/", 404),
        ("https://photos.example:8443/p/{code}/", 404),
        ("ftp://photos.example/p/{code}/", 404),
        ("{site}/p/{code}/likes/", 404),
        ("{site}/@alice/", 404),
        ("{site}/p/0OIl/", 404),
        ("{site}/p/zzzzzzzzzzz/", 404),
        ("http://[/p/{code}/", 404),
        ("no address", 404),
        ("/p/{code}/", 404),
    ],
)
def test_addresses_of_photos_are_known_and_no_others(
    photo: Photo, variant: str, status: int
) -> None:
    assert ask(variant.format(site=SITE, code=photo.code)).status_code == status


def test_what_nobody_may_see_is_answered_as_what_is_not_there(
    browser_as: As, alice: User, bob: User, carol: User
) -> None:
    """Pitfall O2; also for somebody who is logged in and sees it."""
    make_follow(bob, carol)
    missing = ask(f"{SITE}/p/{encode(new_id())}/")
    assert missing.status_code == 404
    for hidden in hidden_photos(alice, carol):
        for client in (None, browser_as(bob)):
            answer = ask(f"{SITE}/p/{hidden.code}/", client)
            assert (answer.status_code, answer.content) == (404, missing.content)


@pytest.mark.parametrize(
    ("query", "status", "word"),
    [
        ("", 400, "`url`"),
        ("url=", 400, "`url`"),
        ("url=https://photos.example/p/{code}/&format=xml", 501, "JSON"),
        ("url=https://photos.example/p/{code}/&format=json", 200, "photo"),
        ("url=https://photos.example/p/{code}/&maxwidth=wide", 400, "`maxwidth`"),
        ("url=https://photos.example/p/{code}/&maxwidth=0", 400, "`maxwidth`"),
        ("url=https://photos.example/p/{code}/&maxheight=-5", 400, "`maxheight`"),
        ("url=https://photos.example/p/{code}/&maxheight=%C2%B2", 400, "`maxheight`"),
        ("url=" + 10_000 * "a", 404, "no photo"),
        ("url=%00", 404, "no photo"),
    ],
)
def test_bad_requests_are_answered_with_a_sentence(
    photo: Photo, query: str, status: int, word: str
) -> None:
    answer = Client().get("/oembed/?" + query.format(code=photo.code))
    assert answer.status_code == status
    assert word in answer.text


def test_it_costs_one_query(photo: Photo, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert ask(f"{SITE}/p/{photo.code}/").status_code == 200
