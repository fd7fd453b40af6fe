"""The mark of what is read, and of what somebody wants to be told: pages and API agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos.models import Photo
from photos.services import like
from social import follows
from social.notifications import inbox
from social.notifications.kinds import KINDS, Kind
from social.notifications.models import Inbox
from tests.factories import make_photo, make_user
from tests.social.notifications.scene import read_all, said, sentences, shown_to

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
ApiAs = Callable[[User | None], APIClient]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


def test_what_comes_after_a_page_was_shown_stays_unread(
    alice: User, bob: User, carol: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    newest = shown_to(alice)[0].latest
    said(carol, photo)
    inbox.mark_read(user=alice, up_to=newest)
    assert [one.unread for one in shown_to(alice)] == [True, False]


def test_the_mark_only_moves_forward(alice: User, bob: User, photo: Photo) -> None:
    like(user=bob, photo_id=photo.pk)
    read_all(alice)
    inbox.mark_read(user=alice, up_to=1)
    assert inbox.unread(alice.pk) == 0


def test_a_mark_in_the_future_is_refused(alice: User) -> None:
    with pytest.raises(ValidationError):
        inbox.mark_read(user=alice, up_to=id_at(timezone.now() + timedelta(hours=1)))
    assert not Inbox.objects.exists()


def test_a_kind_that_is_off_is_neither_listed_nor_counted(
    alice: User, bob: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    said(bob, photo)
    inbox.set_wanted(user=alice, kinds=[kind for kind in Kind if kind != Kind.LIKE])
    assert sentences(alice) == ["bob commented on your photo"]
    inbox.set_wanted(user=alice, kinds=list(Kind))
    assert len(sentences(alice)) == 2
    inbox.set_wanted(user=alice, kinds=[])
    assert sentences(alice) == []


def test_the_page_lists_marks_and_its_badge_goes(
    browser_as: As, alice: User, bob: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    client = browser_as(alice)
    assert (
        '<b class="dot" data-live="badge"><bdi dir="ltr">1</bdi><i class="hidden"> new</i></b>'
        in _text(client.get("/feed/"))
    )
    page = _text(client.get("/activity/"))
    assert "likes your photo" in page
    assert "news unread" in page
    newest = shown_to(alice)[0].latest
    assert f'name="up_to" value="{newest}"' in page
    answer = client.post("/activity/read/", {"up_to": newest}, headers=HTMX)
    assert 'aria-current="page"' in _text(answer)
    assert '<b class="dot" data-live="badge"></b>' in _text(answer)
    assert client.post("/activity/read/", {"up_to": newest})["Location"] == "/activity/"
    page = _text(client.get("/activity/"))
    assert "news unread" not in page
    assert "Mark all as read" not in page


@pytest.mark.parametrize("up_to", ["", "0", "-1", "x", str(2**63 - 1)])
def test_a_mark_that_no_page_gives_is_refused_in_words(
    browser_as: As, api_as: ApiAs, alice: User, up_to: str
) -> None:
    assert browser_as(alice).post("/activity/read/", {"up_to": up_to}).status_code == 400
    answer = api_as(alice).post("/api/v1/me/activity/read/", {"up_to": up_to})
    assert answer.status_code == 400
    assert "up_to" in answer.json()["errors"]


def test_a_request_is_answered_where_it_is_told(browser_as: As, alice: User, bob: User) -> None:
    clara = make_user("clara", private=True)
    for person in (alice, bob):
        follows.follow(follower=person, followee=clara)
    client = browser_as(clara)
    assert 'action="/activity/requests/alice/"' in _text(client.get("/activity/"))
    assert client.post("/activity/requests/alice/").status_code == 302
    assert client.post("/activity/requests/bob/", {"decline": "1"}).status_code == 302
    assert client.post("/activity/requests/bob/").status_code == 404
    assert sentences(clara) == []
    assert sentences(alice) == ["clara accepted your request"]


def test_the_settings_turn_kinds_off_and_on(browser_as: As, alice: User) -> None:
    client, address = browser_as(alice), "/settings/notifications/"
    assert _text(client.get(address)).count(" checked") == len(Kind)
    client.post(address, {"kinds": ["like", "mention"]})
    assert inbox.wanted(alice) == [Kind.LIKE, Kind.MENTION]
    answer = client.post(address, {"kinds": ["like", "nonsense"]})
    assert answer.status_code == 422
    assert "nonsense is not one of the available choices" in _text(answer)
    assert inbox.wanted(alice) == [Kind.LIKE, Kind.MENTION]


def test_the_api_lists_counts_marks_and_chooses(
    api_as: ApiAs, alice: User, bob: User, photo: Photo
) -> None:
    like(user=bob, photo_id=photo.pk)
    said(bob, photo, "Nice.")
    client = api_as(alice)
    first, second = client.get("/api/v1/me/activity/").json()["results"]
    assert [first["kind"], second["kind"]] == ["comment", "like"]
    assert first["sentence"] == "bob commented on your photo"
    assert first["comment"]["text"] == "Nice."
    assert first["people"][0]["username"] == "bob"
    assert second["photo"]["id"] == str(photo.pk)
    assert second["url"].endswith(photo.get_absolute_url())
    assert client.get("/api/v1/me/activity/unread/").json() == {"unread": 2}
    marked = client.post("/api/v1/me/activity/read/", {"up_to": second["up_to"]})
    assert marked.json() == {"unread": 1}
    chosen = client.put("/api/v1/me/activity/kinds/", {"kinds": ["like"]}, format="json")
    assert chosen.json() == client.get("/api/v1/me/activity/kinds/").json() == {"kinds": ["like"]}
    assert [one["kind"] for one in client.get("/api/v1/me/activity/").json()["results"]] == ["like"]


def test_the_api_refuses_unknown_kinds(api_as: ApiAs, alice: User) -> None:
    answer = api_as(alice).put("/api/v1/me/activity/kinds/", {"kinds": ["x"]}, format="json")
    assert answer.status_code == 400
    assert set(KINDS) == {kind.code for kind in inbox.wanted(alice)}


@pytest.mark.parametrize("address", ["", "unread/", "kinds/", "digest/"])
def test_the_api_asks_who_it_is(api_as: ApiAs, address: str) -> None:
    assert api_as(None).get(f"/api/v1/me/activity/{address}").status_code == 401


def test_what_somebody_wrote_is_no_markup_in_the_list(
    browser_as: As, alice: User, bob: User, photo: Photo
) -> None:
    bob.display_name = "<b hx-get=/x>\u202e"
    bob.save()
    said(bob, photo, "<img src=x onerror=alert(1)>")
    page = _text(browser_as(alice).get("/activity/"))
    assert "<img src=x" not in page
    assert "<bdi>&lt;b hx-get" in page


def _text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]
