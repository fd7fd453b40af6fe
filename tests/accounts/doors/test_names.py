"""Changing one's name: the old one leads to the new for a while and is nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.doors import names
from accounts.models import Block, FormerName, User
from photos.services import comment
from social.upkeep import delete_expired
from tests.accounts.doors.scene import NEW, make_admin
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
BrowserAs = Callable[[User | None], Client]
NAME = "/api/v1/me/username/"


def test_the_old_name_leads_to_the_new_on_every_page(browser_as: BrowserAs, alice: User) -> None:
    form = {"username": "Lena"}
    answer = browser_as(alice).post("/settings/name/", form, follow=True)
    assert "You’re now @lena." in answer.text
    for path in ("/@alice/", "/@ALICE/?cursor=n5"):
        moved = Client().get(path)
        assert moved.status_code == 307
        assert moved["Location"] == path.lower().replace("alice", "lena")
    bob = browser_as(make_user("bob"))
    assert bob.get("/@alice/followers/")["Location"] == "/@lena/followers/"
    assert bob.post("/@alice/follow/", follow=True).status_code == 200
    assert alice.followed_by.count() == 1


def test_the_api_redirects_as_well_and_keeps_the_method(api_as: As, alice: User) -> None:
    assert api_as(alice).put(NAME, {"username": "lena"}).json()["username"] == "lena"
    bob = api_as(make_user("bob"))
    moved = bob.get("/api/v1/users/alice/")
    assert (moved.status_code, moved["Location"]) == (307, "/api/v1/users/lena/")
    followed = bob.put("/api/v1/users/alice/follow/", follow=True)
    assert followed.status_code == 200
    assert alice.followed_by.count() == 1
    assert bob.get("/api/v1/users/lena/").json()["username"] == "lena"


def test_a_chain_of_changes_leads_to_the_last(client: Client, alice: User) -> None:
    for name in ("lena", "mira"):
        names.rename(user=alice, username=name)
    for former in ("alice", "lena"):
        assert client.get(f"/@{former}/")["Location"] == "/@mira/"


def test_one_can_take_ones_own_name_back(client: Client, alice: User) -> None:
    names.rename(user=alice, username="lena")
    names.rename(user=alice, username="alice")
    assert client.get("/@alice/").status_code == 200
    assert client.get("/@lena/")["Location"] == "/@alice/"


def test_nobody_else_can_take_it_for_ninety_days(api_as: As, alice: User, bob: User) -> None:
    names.rename(user=alice, username="lena")
    taken = api_as(bob).put(NAME, {"username": "Alice"})
    assert taken.json()["errors"]["username"][0]["detail"] == "This username is taken."
    body = {**NEW, "username": "alice"}
    assert api_as(None).post("/api/v1/auth/register/", body).status_code == 400
    page = Client().post("/signup/", body)
    assert (page.status_code, "This username is taken." in page.text) == (422, True)
    FormerName.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert Client().get("/@alice/").status_code == 404
    assert api_as(bob).put(NAME, {"username": "alice"}).status_code == 200
    assert Client().get("/@alice/").status_code == 200
    assert api_as(alice).get("/api/v1/me/").json()["username"] == "lena"


@pytest.mark.parametrize("name", ["bob", "BOB", "admin", "a", "a b", ".x", "x" * 31, ""])
def test_what_cannot_be_a_name_is_refused_and_nothing_is_spent(
    api_as: As, browser_as: BrowserAs, alice: User, bob: User, name: str
) -> None:
    for _ in range(4):
        answer = api_as(alice).put(NAME, {"username": name})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["username"])
        assert browser_as(alice).post("/settings/name/", {"username": name}).status_code == 422
    assert not FormerName.objects.exists()
    assert api_as(alice).put(NAME, {"username": "lena"}).status_code == 200


def test_taking_back_and_forth_counts_as_changes(api_as: As, alice: User) -> None:
    for name in ("lena", "alice"):
        assert api_as(alice).put(NAME, {"username": name}).status_code == 200
    third = api_as(alice).put(NAME, {"username": "lena"})
    fault = third.json()["errors"]["username"][0]
    assert (third.status_code, fault["code"]) == (400, "too_many_changes")
    assert "in 30 days" in fault["detail"]
    assert api_as(alice).put(NAME, {"username": "alice"}).status_code == 200


def test_a_block_and_a_suspension_hide_the_new_name(
    browser_as: BrowserAs, api_as: As, alice: User, bob: User
) -> None:
    names.rename(user=alice, username="lena")
    Block.objects.create(blocker=alice, blocked=bob)
    assert browser_as(bob).get("/@alice/").status_code == 404
    assert api_as(bob).get("/api/v1/users/alice/").status_code == 404
    services.suspend(user=alice)
    assert Client().get("/@alice/").status_code == 404


def test_a_mention_leads_to_whom_it_meant(client: Client, alice: User, bob: User) -> None:
    photo = make_photo(bob)
    comment(author=bob, photo_id=photo.pk, text="Look, @alice!")
    names.rename(user=alice, username="lena")
    FormerName.objects.all().delete()
    impostor = make_user("mallory")
    names.rename(user=impostor, username="alice")
    html = client.get(f"/p/{photo.code}/").text
    link = html[html.index("/people/") :].split('"')[0]
    assert client.get(link)["Location"] == "/@lena/"


def test_the_admin_renames_without_limits_and_the_old_name_leads_on(
    browser_as: BrowserAs, alice: User
) -> None:
    admin = browser_as(make_admin())
    page = f"/admin/accounts/user/{alice.pk}/change/"
    form = {"email": alice.email, "display_name": "", "bio": "", "website": ""}
    for name in ("lena", "mira", "official"):
        assert admin.post(page, {**form, "username": name}).status_code == 302
    assert Client().get("/@alice/")["Location"] == "/@official/"
    bob = make_user("bob")
    form["email"] = bob.email
    refused = admin.post(f"/admin/accounts/user/{bob.pk}/change/", {**form, "username": "mira"})
    assert "This username is taken." in refused.text


def test_names_that_ran_out_are_swept(alice: User) -> None:
    names.rename(user=alice, username="lena")
    assert delete_expired()["reservations of names"] == 0
    FormerName.objects.update(ends_at=timezone.now() - timedelta(days=1))
    assert delete_expired()["reservations of names"] == 1


def test_the_same_name_is_no_change(alice: User) -> None:
    for _ in range(5):
        names.rename(user=alice, username="Alice")
    assert not FormerName.objects.exists()


@pytest.mark.parametrize("name", ["explore", "api", "ex.plore", "healthz", "signup", "moderator"])
def test_addresses_and_offices_are_nobodys_name(name: str) -> None:
    with pytest.raises(ValidationError, match="reserved"):
        names.refuse_reserved(name)


@pytest.mark.parametrize("name", ["lena", "administrata", "exploreme", "sup.porter"])
def test_other_names_are_free(name: str) -> None:
    names.refuse_reserved(name)
