"""Filtered words in pages and API: what is folded up, for whom, and at what cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from photos.services import comment, edit_photo
from social import filters
from tests.factories import make_follow, make_photo

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
FOLDED = "Hidden by your filter: show"
FOLDED_COMMENT = "Contains one of your hidden words"


@pytest.fixture
def reader(alice: User, bob: User) -> User:
    """Return alice, who follows bob and does not want to read of ice."""
    make_follow(alice, bob)
    filters.set_words(user=alice, words=["ice", "🍕"])
    return alice


@pytest.mark.parametrize("path", ["/feed/", "/explore/", "/explore/?sort=popular", "/tags/lake/"])
def test_photos_with_a_filtered_word_are_folded_up_in_every_list(
    browser_as: As, reader: User, bob: User, path: str
) -> None:
    make_photo(bob, "ICE on the #lake")
    make_photo(bob, "Juice at the #lake")
    page = browser_as(reader).get(path).content.decode()
    assert page.count(FOLDED) == 1
    folded = page.partition('<details class="folded')[2].partition("</details>")[0]
    assert FOLDED in folded
    # Opened, it shows the photo.
    assert "/p/" in folded


@pytest.mark.parametrize("where", ["caption", "tag", "description"])
def test_captions_tags_and_descriptions_count(
    browser_as: As, reader: User, bob: User, where: str
) -> None:
    words = {"caption": "No ice", "tag": "#ice", "description": ""}[where]
    make_photo(bob, words, alt_text="Much ice" if where == "description" else "")
    assert FOLDED in browser_as(reader).get("/feed/").content.decode()


def test_an_edit_counts_at_once(browser_as: As, reader: User, bob: User) -> None:
    photo = make_photo(bob, "Snow")
    browser = browser_as(reader)
    assert FOLDED not in browser.get("/feed/").content.decode()
    edit_photo(photo=photo, caption="Ice")
    assert FOLDED in browser.get("/feed/").content.decode()


def test_the_filter_is_that_of_the_viewer_and_spares_their_own(
    browser_as: As, reader: User, bob: User
) -> None:
    make_photo(bob, "ice")
    make_photo(reader, "my ice")
    assert browser_as(reader).get("/feed/").content.decode().count(FOLDED) == 1
    for viewer in (bob, None):
        assert FOLDED not in browser_as(viewer).get("/explore/").content.decode()


def test_the_page_of_a_photo_shows_it_and_folds_comments(
    browser_as: As, reader: User, bob: User
) -> None:
    photo = make_photo(bob, "ice")
    comment(author=bob, photo_id=photo.pk, text="Pizza🍕!")
    comment(author=reader, photo_id=photo.pk, text="my ice")
    page = browser_as(reader).get(f"/p/{photo.code}/").content.decode()
    assert page.count(FOLDED_COMMENT) == 1
    assert "Pizza" in page.partition(FOLDED_COMMENT)[2].partition("</details>")[0]


def test_no_page_pays_a_statement_for_filters(
    browser_as: As, alice: User, bob: User, reader: User
) -> None:
    make_follow(bob, alice)
    make_photo(alice, "ice")
    make_photo(bob, "ice")
    counts = []
    for viewer in (reader, bob):
        browser = browser_as(viewer)
        browser.get("/feed/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/feed/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_words_are_kept_and_changed_on_a_page(browser_as: As, alice: User) -> None:
    browser: Client = browser_as(alice)
    page = browser.post("/settings/words/", {"words": " Ice\r\n\r\nnew  year\r\nICE"}, follow=True)
    assert "Your hidden words have been saved." in page.content.decode()
    alice.refresh_from_db()
    assert alice.filtered_words == ["ICE", "new year"]
    assert "new year" in browser.get("/settings/words/").content.decode()
    browser.post("/settings/words/", {"words": ""})
    alice.refresh_from_db()
    assert alice.filtered_words == []


def test_words_that_cannot_be_kept_are_refused_and_not_lost(browser_as: As, alice: User) -> None:
    filters.set_words(user=alice, words=["ice"])
    response = browser_as(alice).post("/settings/words/", {"words": "fine\n..."})
    page = response.content.decode()
    assert response.status_code == 422
    assert "has no letter, digit or symbol" in page
    assert "fine" in page
    alice.refresh_from_db()
    assert alice.filtered_words == ["ice"]


def test_the_api_reads_and_replaces_the_words(api_as: As, alice: User) -> None:
    client: APIClient = api_as(alice)
    assert client.get("/api/v1/me/filters/").json() == {"words": []}
    kept = client.put("/api/v1/me/filters/", {"words": ["Ice ", "🍕", "ice"]}, format="json")
    assert (kept.status_code, kept.json()) == (200, {"words": ["ice", "🍕"]})
    assert client.get("/api/v1/me/filters/").json() == {"words": ["ice", "🍕"]}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "required"),
        ({"words": "ice"}, "not_a_list"),
        ({"words": [["ice"]]}, "invalid"),
        ({"words": ["—"]}, "no_word"),
        ({"words": ["x" * 61]}, "too_long"),
        ({"words": [str(number) for number in range(101)]}, "too_many"),
    ],
)
def test_the_api_refuses_what_cannot_be_kept(
    api_as: As, alice: User, sent: dict[str, Any], code: str
) -> None:
    response = api_as(alice).put("/api/v1/me/filters/", sent, format="json")
    assert response.status_code == 400
    faults = response.json()["errors"]["words"]
    assert [fault["code"] for fault in faults] == [code]


def test_whoever_brings_texts_to_people_asks_the_matcher(alice: User, bob: User) -> None:
    filters.set_words(user=alice, words=["ice"])
    for person in (alice, User.objects.get(pk=alice.pk)):
        assert filters.matcher(person).matches("", "much ice")
        assert not filters.matcher(person).matches("juice")
    assert not filters.matcher(bob)
