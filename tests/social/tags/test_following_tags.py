"""Following tags: the verbs, the list, their limit, and what people are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from photos.models import Tag
from social import feed, tags
from social.models import Feed, FollowedTag
from social.profiles import delete_account
from social.tags import service
from tests.factories import make_photo, make_user
from tests.social.test_concurrency import at_once

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def followed(user: User) -> list[str]:
    return [row.tag.key for row in tags.followed_tags(user, None).items]


def test_following_twice_is_following_once_and_so_is_unfollowing(alice: User) -> None:
    for _ in range(2):
        tags.follow_tag(user=alice, key="sea")
    tags.follow_tag(user=alice, key="hills")
    assert followed(alice) == ["hills", "sea"]
    for _ in range(2):
        tags.unfollow_tag(user=alice, key="sea")
    assert followed(alice) == ["hills"]
    assert Feed.objects.get(owner=alice).follows_tags
    tags.unfollow_tag(user=alice, key="hills")
    assert not Feed.objects.get(owner=alice).follows_tags


def test_past_the_limit_a_sentence_says_what_to_do(
    alice: User, api_as: As, browser_as: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_FOLLOWED", 2)
    client, browser = api_as(alice), browser_as(alice)
    for name in ("sea", "hills", "sea"):
        assert client.put(f"/api/v1/tags/{name}/follow/").status_code == 204
    answer = client.put("/api/v1/tags/woods/follow/")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_tags")
    page = browser.post("/tags/woods/follow/", follow=True)
    assert "You already follow 2 tags, which is the limit. Unfollow one first." in page.text
    narrow = browser.post("/tags/woods/follow/", headers={"HX-Request": "true"})
    assert narrow.headers["HX-Redirect"] == "/tags/woods/"
    assert not Tag.objects.filter(key="woods").exists()
    assert followed(alice) == ["hills", "sea"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_who_follows_many_at_once_does_not_get_past_the_limit(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_FOLLOWED", 3)

    def follow(key: str) -> bool:
        try:
            tags.follow_tag(user=alice, key=key)
        except tags.CannotFollowTag:
            return False
        return True

    done = at_once([partial(follow, f"tag{number}") for number in range(10)], workers=5)
    assert sum(done) == FollowedTag.objects.count() == 3
    assert Feed.objects.get(owner=alice).follows_tags


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_follow_a_new_tag_at_once_follow_one_tag(alice: User, bob: User) -> None:
    at_once([partial(tags.follow_tag, user=user, key="sea") for user in (alice, bob)] * 3)
    assert Tag.objects.count() == 1
    assert FollowedTag.objects.count() == 2


@pytest.mark.parametrize("spelling", ["Été", "ÉTÉ", "E\u0301te\u0301", "été"])
def test_any_spelling_names_the_one_tag(api_as: As, alice: User, spelling: str) -> None:
    assert api_as(alice).put(f"/api/v1/tags/{spelling}/follow/").status_code == 204
    assert followed(alice) == ["été"]
    assert api_as(alice).delete(f"/api/v1/tags/{spelling}/follow/").status_code == 204
    assert followed(alice) == []


@pytest.mark.parametrize("name", ["2026", "a b", "-", "x" * 300, "%00"])
def test_what_is_no_tag_is_not_found(api_as: As, browser_as: As, alice: User, name: str) -> None:
    for verb in ("put", "delete"):
        assert getattr(api_as(alice), verb)(f"/api/v1/tags/{name}/follow/").status_code == 404
    assert browser_as(alice).post(f"/tags/{name}/follow/").status_code == 404


def test_an_unused_tag_and_one_of_private_photos_are_alike(
    browser_as: As, api_as: As, alice: User, bob: User
) -> None:
    make_photo(make_user(private=True), "#kept")
    answers = []
    for name in ("kept", "unused"):
        page = browser_as(alice).get(f"/tags/{name}/")
        put = api_as(alice).put(f"/api/v1/tags/{name}/follow/")
        text = re.sub(r"[A-Za-z0-9]{64}", "", page.text.replace(name, "…"))
        answers.append((text, put.status_code))
    assert answers[0] == answers[1]


def test_the_button_follows_and_unfollows_with_and_without_scripts(
    browser_as: As, alice: User
) -> None:
    client = browser_as(alice)
    assert 'action="/tags/sea/follow/"' in client.get("/tags/sea/").text
    answer = client.post("/tags/sea/follow/", {"next": "/tags/sea/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tags/sea/")
    assert 'action="/tags/sea/unfollow/"' in client.get("/tags/sea/").text
    button = client.post("/tags/sea/unfollow/", headers={"HX-Request": "true"}).text
    assert 'hx-post="/tags/sea/follow/"' in button
    assert "<html" not in button
    assert followed(alice) == []


def test_visitors_see_no_button_and_members_pay_one_query_for_it(
    browser_as: As, alice: User
) -> None:
    assert "/follow/" not in browser_as(None).get("/tags/sea/").text
    assert browser_as(None).post("/tags/sea/follow/").status_code == 302
    assert browser_as(None).get("/tags/").status_code == 302


def test_the_list_is_paged_and_costs_the_same_for_many(
    api_as: As, browser_as: As, alice: User
) -> None:
    client = api_as(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as sent:
            assert client.get("/api/v1/me/tags/").status_code == 200
        return len(sent)

    tags.follow_tag(user=alice, key="sea")
    client.get("/api/v1/me/tags/")
    before = queries()
    for number in range(24):
        tags.follow_tag(user=alice, key=f"tag{number}")
    assert queries() == before
    body = client.get("/api/v1/me/tags/?limit=20").json()
    rest = client.get(body["next"]).json()
    names = [tag["name"] for tag in body["results"] + rest["results"]]
    assert names == [f"tag{number}" for number in range(23, -1, -1)] + ["sea"]
    assert body["results"][0]["url"] == "http://testserver/tags/tag23/"
    page = browser_as(alice).get("/tags/").text
    assert 'href="/tags/tag23/"' in page
    assert "More tags" in page


def test_nobody_is_told_what_others_follow_and_it_goes_with_the_account(
    api_as: As, alice: User, bob: User
) -> None:
    tags.follow_tag(user=alice, key="sea")
    assert api_as(bob).get("/api/v1/me/tags/").json()["results"] == []
    delete_account(user=alice)
    assert not FollowedTag.objects.exists()


def test_a_rebuilt_feed_says_whether_its_owner_follows_tags(alice: User, bob: User) -> None:
    photo = make_photo(bob, "#sea")
    tags.follow_tag(user=alice, key="sea")
    Feed.objects.filter(owner=alice).delete()
    feed.rebuild(alice)
    assert [card.id for card in feed.feed_page(alice, None).items] == [photo.pk]
