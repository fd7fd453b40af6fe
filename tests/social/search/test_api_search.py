"""Search over the API: shapes, refusals, limits and costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from social import search
from tests.factories import make_follow, make_photo, make_user
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
LISTS = ("people", "tags", "photos")


def scene(alice: User, number: int) -> None:
    """Let so many people publish, whom a search for "night" finds with their tags."""
    for place in range(number):
        person = make_user(f"night{place}")
        make_photo(person, f"night #night{place}")
        make_photo(person, f"nights {place}")
        make_follow(alice, person)


def test_people_tags_and_photos_have_the_shapes_of_other_lists(api_as: As, alice: User) -> None:
    scene(alice, 1)
    client = api_as(alice)
    (person,) = client.get("/api/v1/search/people/?q=night").json()["results"]
    assert person == client.get("/api/v1/users/night0/").json()
    (tag,) = client.get("/api/v1/search/tags/?q=night").json()["results"]
    assert tag == {"name": "night0", "url": "http://testserver/tags/night0/"}
    assert client.get(f"/api/v1/tags/{tag['name']}/photos/").status_code == 200
    photos = client.get("/api/v1/search/photos/?q=night").json()["results"]
    assert [one["caption"] for one in photos] == ["night #night0", "nights 0"]
    assert photos[0] == client.get(f"/api/v1/photos/{photos[0]['id']}/").json()
    suggested = client.get("/api/v1/search/suggestions/?q=ni").json()
    assert [one["username"] for one in suggested["people"]] == ["night0"]
    assert suggested["tags"] == [tag]


@pytest.mark.parametrize("kind", LISTS)
def test_lists_are_walked_page_by_page_and_back(api_as: As, alice: User, kind: str) -> None:
    scene(alice, 5)
    client, url, pages = api_as(alice), f"/api/v1/search/{kind}/?q=night&limit=2", []
    while url:
        body = client.get(url).json()
        pages.append([str(row) for row in body["results"]])
        url, back = body["next"], body["previous"]
    rows = [row for page in pages for row in page]
    assert len(rows) == len(set(rows)) == (10 if kind == "photos" else 5)
    before = client.get(back).json()
    assert [str(row) for row in before["results"]] == pages[-2]


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "q", "required"),
        ("q=", "q", "required"),
        ("q=%20%E2%80%8B", "q", "required"),
        ("q=" + "x" * 10_000, "q", "max_length"),
        ("q=x&cursor=n5", "cursor", "invalid_cursor"),
        ("q=x&limit=0", "limit", "invalid_limit"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(
    api_as: As, alice: User, kind: str, query: str, field: str, code: str
) -> None:
    response = api_as(alice).get(f"/api/v1/search/{kind}/?{query}")
    assert response.status_code == 400
    assert [fault["code"] for fault in response.json()["errors"][field]] == [code]


@pytest.mark.parametrize("typed", ["%25", "%22", "-", "%F0%9F%8C%8A", "%00", "%FF"])
def test_what_has_no_words_finds_nothing(api_as: As, alice: User, typed: str) -> None:
    make_photo(alice, "night")
    client = api_as(alice)
    for kind in LISTS:
        if typed != "%00":
            assert client.get(f"/api/v1/search/{kind}/?q={typed}").json()["results"] == []
    nothing: dict[str, list[Any]] = {"people": [], "tags": []}
    if typed != "%00":
        assert client.get(f"/api/v1/search/suggestions/?q={typed}").json() == nothing
    assert client.get("/api/v1/search/suggestions/").status_code == 400


def test_only_members_search_over_the_api(api_as: As) -> None:
    for path in (*LISTS, "suggestions"):
        assert api_as(None).get(f"/api/v1/search/{path}/?q=night").status_code == 401


def test_searches_are_limited(api_as: As, alice: User, settings: Any) -> None:
    settings.RATE_LIMITS, settings.THROTTLE_RATES = True, {"search": (2, 60)}
    client = api_as(alice)
    paths = ("people/", "suggestions/", "photos/")
    statuses = [client.get(f"/api/v1/search/{path}?q=night").status_code for path in paths]
    assert statuses == [200, 200, 429]
    assert client.get("/api/v1/feed/").status_code == 200


@pytest.mark.parametrize(
    ("path", "queries"), [("people/", 2), ("tags/", 1), ("photos/", 3), ("suggestions/", 2)]
)
@pytest.mark.parametrize("number", [2, 9])
def test_costs_do_not_grow_with_what_is_found(
    api_as: As, alice: User, path: str, queries: int, number: int
) -> None:
    scene(alice, number)
    client, address = api_as(alice), f"/api/v1/search/{path}?q=night"
    client.get(address)
    with sent() as statements:
        assert client.get(address).status_code == 200
    if path == "photos/" and connection.vendor == "postgresql":
        # The newest photos, and where these fill no page the index; for words, and for beginnings.
        queries += 2
    assert len(statements) == queries + 1  # and one for the account


def test_a_word_that_fills_the_page_costs_one_query_for_its_keys(api_as: As, alice: User) -> None:
    scene(alice, 4)
    client, address = api_as(alice), "/api/v1/search/photos/?q=night&limit=3"
    client.get(address)
    with sent() as statements:
        assert len(client.get(address).json()["results"]) == 3
    assert len(statements) == 3


def test_no_terms_cost_no_query(alice: User) -> None:
    query = search.parse("🌊")
    with sent() as statements:
        search.people_page(query, alice, None)
        search.tags_page(query, alice, None)
        search.photos_page(query, alice, None)
        search.suggested_people(query, alice, 5)
        search.suggested_tags(query, alice, 5)
    assert statements == []
