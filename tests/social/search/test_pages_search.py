"""The page of search, without a script, and what a script asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_follow, make_photo, make_user
from tests.social.lean import ONE_LESS, sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def page(client: Client, query: str, status: int = 200, *, htmx: bool = False) -> str:
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.get(f"/search/{query}", headers=headers)
    assert response.status_code == status
    return response.content.decode()


def scene(number: int = 1) -> None:
    for place in range(number):
        make_photo(make_user(f"night{place}"), f"night #night{place}", alt_text="Stars")


def test_the_page_has_a_field_and_the_navigation_leads_there(browser_as: As, alice: User) -> None:
    text = page(browser_as(alice), "")
    assert 'type="search"' in text
    assert 'href="/search/" aria-current="page"' in text
    assert "Recent" in text
    for viewer in (alice, None):
        assert 'href="/search/"' in browser_as(viewer).get("/explore/").content.decode()


@pytest.mark.parametrize("member", [True, False])
def test_everything_is_found_at_once(browser_as: As, alice: User, *, member: bool) -> None:
    scene()
    text = page(browser_as(alice if member else None), "?q=night")
    assert 'value="night"' in text
    for found in ('href="/@night0/"', 'href="/tags/night0/"', 'class="tile lead"', "Stars"):
        assert found in text
    assert ("/@night0/follow/" in text) is member


@pytest.mark.parametrize(
    ("kind", "found"), [("people", "/@night0/"), ("tags", "/tags/night0/"), ("photos", "Stars")]
)
def test_one_kind_is_found_alone(browser_as: As, alice: User, kind: str, found: str) -> None:
    scene()
    text = page(browser_as(alice), f"?q=night&kind={kind}")
    shown = [name for name in ("people", "tags", "photos") if f'id="found-{name}"' in text]
    assert (shown, found in text) == ([kind], True)
    assert re.search(rf'kind={kind}"\s+aria-current="page"', text)


def test_links_lead_to_further_people_tags_and_photos(browser_as: As, alice: User) -> None:
    scene(60)
    client = browser_as(alice)
    everything = page(client, "?q=night")
    assert 'href="?q=night&amp;kind=people"' in everything
    assert 'href="?q=night&amp;kind=tags"' in everything
    for kind, size in (("people", 20), ("tags", 50), ("photos", 24)):
        text = page(client, f"?q=night&kind={kind}")
        link = re.search(r'href="(\?q=night&amp;kind=\w+&amp;cursor=[\w-]+)"', text)
        assert link
        second = page(client, link[1].replace("&amp;", "&"))
        marks = {"people": 'class="who"', "tags": "dir=", "photos": '<a class="tile'}
        assert text.count(marks[kind]) >= size
        assert second.count(marks[kind]) >= min(size, 60 - size)
        assert set(re.findall(r"/p/\w+/", text)).isdisjoint(re.findall(r"/p/\w+/", second))
    more = re.search(r'data-more href="(\?q=night&amp;kind=photos&amp;cursor=[\w-]+)"', everything)
    assert more
    rows = page(client, more[1].replace("&amp;", "&"), htmx=True)
    assert "<html" not in rows
    assert rows.count('class="tile"') == 24


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?q=nothing", "Nothing found for"),
        ("?q=nothing", "just the beginning of the word"),
        ("?q=night+nothing", 'href="?q=night"'),
        ("?q=nothing&kind=tags", 'href="?q=nothing">search for everything'),
        ("?q=%F0%9F%8C%8A", "There’s nothing to search for in"),
        ("?q=%25", "Type at least one"),
        ("?q=%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("?q=a%26kind%3Dtags%22", "?q=a%26kind%3Dtags%22&amp;kind=people"),
        ("?q=nothing", "/explore/"),
    ],
)
def test_where_nothing_is_found_something_is_said(browser_as: As, query: str, said: str) -> None:
    scene()
    assert said in page(browser_as(None), query)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?q=" + "x" * 10_000, "Search for up to 100 characters: these are 10000."),
        ("?q=night&kind=planets", "You can’t search for that"),
        ("?q=night&cursor=x", "isn’t valid"),
    ],
)
def test_what_cannot_be_answered_is_refused(browser_as: As, query: str, said: str) -> None:
    assert said in page(browser_as(None), query, 400)


def test_a_script_is_told_people_and_tags(browser_as: As, alice: User) -> None:
    scene()
    client = browser_as(alice)
    assert client.get("/search/suggestions/?q=NI").json() == {
        "people": [{"name": "night0", "detail": "@night0", "url": "/@night0/", "avatar": None}],
        "tags": [{"name": "#night0", "url": "/tags/night0/"}],
    }
    with sent() as statements:
        tagged = client.get("/search/suggestions/?q=%23NI").json()
    assert tagged == {"people": [], "tags": [{"name": "#night0", "url": "/tags/night0/"}]}
    assert sum("photos_tag" in one for one in statements) == 1
    for nothing in ("", "?q=", "?q=%25"):
        answer = client.get(f"/search/suggestions/{nothing}")
        assert answer.json() == {"people": [], "tags": []}
        assert answer["Cache-Control"] == "private, no-store"
    assert client.get("/search/suggestions/?q=" + "x" * 101).status_code == 400


@pytest.mark.parametrize("number", [2, 30])
def test_costs_do_not_grow_with_what_is_found(browser_as: As, alice: User, number: int) -> None:
    scene(number)
    make_follow(alice, User.objects.get(username="night0"))
    client = browser_as(alice)
    costs = []
    for address in ("/search/?q=night", "/search/suggestions/?q=night"):
        client.get(address)
        with sent() as statements:
            client.get(address)
        costs.append(len(statements))
    # Session and person; people 2, tags 1, photos with their keys; on PostgreSQL the newest photos
    # and the index, for words and for beginnings, where no page is full. Cards and the badge.
    full = number > 24
    keys = (1 if full else 4) if ONE_LESS else (1 if full else 2)
    assert costs == [2 - ONE_LESS + 3 + keys + 2, 2 - ONE_LESS + 2]


def test_searches_are_limited(browser_as: As, settings: Any) -> None:
    settings.RATE_LIMITS, settings.THROTTLE_RATES = True, {"search": (2, 60)}
    settings.THROTTLE_FACTORS = {}
    client = browser_as(None)
    assert client.get("/search/?q=night").status_code == 200
    assert client.head("/search/?q=night").status_code == 200
    refused = client.get("/search/suggestions/?q=night")
    assert refused.status_code == 429
    assert "Retry-After" in refused
