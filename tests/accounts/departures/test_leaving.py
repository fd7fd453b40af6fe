"""Whoever asks for the deletion of the account is hidden at once and deleted after some days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.departures.leaving import come_back, depart
from accounts.doors import site
from accounts.models import Departure, SiteSettings, User
from photos.models import Photo
from photos.services import comment, like
from social import people
from social.profiles import delete_departed
from social.upkeep import delete_expired, reconcile
from tests.accounts.departures.conftest import days_left
from tests.factories import PASSWORD, make_follow, make_photo

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
DELETION = "/api/v1/me/deletion/"
PLAIN = {"password": PASSWORD}


def by_page(browser_as: As, api_as: As, user: User) -> None:
    response = browser_as(user).post("/settings/delete/", PLAIN, follow=True)
    assert "hidden now" in response.text


def by_post(browser_as: As, api_as: As, user: User) -> None:
    answer = api_as(user).post(DELETION, PLAIN)
    assert answer.status_code == 202
    assert answer.json()["leaves_at"] > timezone.now().isoformat()


def by_delete(browser_as: As, api_as: As, user: User) -> None:
    assert api_as(user).delete("/api/v1/me/", PLAIN).status_code == 204


@pytest.mark.parametrize("way", [by_page, by_post, by_delete])
def test_every_way_to_ask_for_the_deletion_means_the_same(
    browser_as: As,
    api_as: As,
    dora: User,
    way: Any,
    django_capture_on_commit_callbacks: Any,
    days_pass: Callable[[int], None],
) -> None:
    make_photo(dora)
    app, browser = api_as(dora), browser_as(dora)
    with django_capture_on_commit_callbacks(execute=True):
        way(browser_as, api_as, dora)
    assert (app.get("/api/v1/me/").status_code, browser.get("/settings/").status_code) == (401, 302)
    assert days_left(dora) == 30
    days_pass(29)
    assert delete_expired()["accounts whose owners have left"] == 0
    assert Photo.objects.exists()
    days_pass(1)
    assert delete_expired()["accounts whose owners have left"] == 1
    assert not User.objects.exists()
    assert not Photo.objects.exists()
    (message,) = mail.outbox
    assert message.to == ["dora@example.org"]
    assert "https://photos.example.org/login/" in message.body


@pytest.mark.parametrize("body", [{}, {"password": "wrong"}])
def test_the_password_is_asked_for_again(api_as: As, dora: User, body: dict[str, str]) -> None:
    assert api_as(dora).post(DELETION, body).status_code == 400
    assert not Departure.objects.exists()


def test_the_site_says_after_how_many_days(api_as: As, browser_as: As, dora: User) -> None:
    site.change(SiteSettings(deletion_days=1))
    assert api_as(None).get("/api/v1/instance/").json()["deletion_days"] == 1
    assert "After 1 day " in browser_as(dora).get("/settings/delete/").text
    depart(user=dora)
    assert days_left(dora) == 1
    for days in (0, 31):
        with pytest.raises(ValidationError):
            SiteSettings(deletion_days=days).full_clean()


def test_who_leaves_is_hidden_at_once_and_comes_back_whole(
    api_as: As, dora: User, alice: User, bob: User
) -> None:
    hers, his = make_photo(dora), make_photo(alice)
    for one, other in ((dora, alice), (alice, dora)):
        make_follow(one, other)
    like(user=dora, photo_id=his.pk)
    comment(author=dora, photo_id=his.pk, text="Oh")

    def seen() -> list[Any]:
        client, visitor = api_as(alice), Client()
        shown = client.get(f"/api/v1/photos/{his.pk}/").json()
        profile = api_as(bob).get("/api/v1/users/alice/").json()
        return [
            client.get("/api/v1/users/dora/").status_code,
            client.get(f"/api/v1/photos/{hers.pk}/").status_code,
            visitor.get("/@dora/").status_code,
            visitor.get(hers.get_absolute_url()).status_code,
            [
                one["username"]
                for one in client.get("/api/v1/users/alice/following/").json()["results"]
            ],
            len(client.get("/api/v1/feed/").json()["results"]),
            (shown["like_count"], shown["comment_count"]),
            (profile["follower_count"], profile["following_count"]),
        ]

    before = seen()
    depart(user=dora)
    assert seen() == [404, 404, 404, 404, [], 1, (0, 0), (0, 0)]
    assert come_back(user=User.objects.get(pk=dora.pk))
    assert seen() == before
    assert before[-2:] == [(1, 1), (1, 1)]
    assert all(wrong == 0 for _, wrong in reconcile(fix=False).values())


def test_the_owner_of_a_list_of_followers_still_sees_who_leaves(dora: User, alice: User) -> None:
    make_follow(dora, alice)
    depart(user=dora)
    (row,) = people.followers(alice, alice, None).items
    assert (row.username, row.is_active) == ("dora", False)


def test_the_name_stays_theirs_until_the_end(dora: User, days_pass: Callable[[int], None]) -> None:
    depart(user=dora)
    words = {"username": "Dora", "email": "new@example.org", "password": "battery-staple-8"}
    sign_up = "/api/v1/auth/register/"
    assert APIClient().post(sign_up, words).status_code == 400
    days_pass(30)
    delete_expired()
    assert APIClient().post(sign_up, words).status_code == 201


def test_asked_again_the_first_time_counts(dora: User, days_pass: Callable[[int], None]) -> None:
    depart(user=dora)
    days_pass(10)
    depart(user=dora)
    assert days_left(dora) == 20


def test_a_suspension_in_the_same_moment_is_not_escaped_by_leaving(
    api_as: As, browser_as: As, dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm(*_args: Any, **_options: Any) -> bool:
        services.suspend(user=User.objects.get(pk=dora.pk))
        return True

    monkeypatch.setattr("accounts.authentication.passwords.confirm", confirm)
    assert api_as(dora).post(DELETION, PLAIN).status_code == 401
    services.restore(user=dora)
    dora.refresh_from_db()
    assert browser_as(dora).post("/settings/delete/", PLAIN)["Location"] == "/login/"
    assert not Departure.objects.exists()
    with pytest.raises(PermissionDenied):
        depart(user=dora)


def test_who_came_back_in_the_last_moment_is_not_deleted(
    dora: User, days_pass: Callable[[int], None]
) -> None:
    depart(user=dora)
    days_pass(30)
    assert come_back(user=dora)
    # The upkeep has listed them before.
    assert not delete_departed(user=dora)
    assert User.objects.filter(is_active=True).exists()
