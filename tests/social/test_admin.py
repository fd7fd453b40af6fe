"""The admin's pages about people and follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import ApiSession, Follow, User, UserStats
from photos.services import comment
from social import feed
from tests.factories import PASSWORD, make_follow, make_photo, make_user
from tests.social.lean import sent

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
FOLLOWS = "/admin/accounts/follow/"


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


@pytest.fixture
def desk(admin: User) -> Client:
    """Return a browser in which the administrator is logged in."""
    client = Client()
    client.force_login(admin)
    return client


def staff(*permissions: str) -> User:
    """Return someone who may open the admin and has these rights in it."""
    user = make_user("helper")
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def act(client: Client, page: str, action: str, *rows: Any, **more: str) -> Any:
    """Tick rows in a list and run an action on them."""
    ticked = [str(row.pk) for row in rows]
    return client.post(page, {"action": action, "_selected_action": ticked, **more}, follow=True)


def log() -> list[str]:
    """Return what the admin's log says, newest first."""
    return [str(entry) for entry in LogEntry.objects.all()]


def test_people_are_found_by_name_and_filtered(desk: Client, alice: User, carol: User) -> None:
    assert "alice@example.org" in desk.get(PEOPLE, {"q": "ALI"}).text
    assert "carol@example.org" not in desk.get(PEOPLE, {"q": "ali"}).text
    assert "alice@example.org" not in desk.get(PEOPLE, {"is_private__exact": "1"}).text


@pytest.mark.parametrize("asked", ["ärger", "ÄRGER", '"ärger mit"', "Ärger @AL", "ё ärger"])
def test_the_search_is_blind_to_case_beyond_ascii(desk: Client, alice: User, asked: str) -> None:
    photo = make_photo(alice, "GROẞER ÄRGER MIT Ёлка (100 %)")
    make_photo(alice, "Ruhe")
    comment(author=alice, photo_id=photo.pk, text="Schon wieder Ärger mit ЁЛКА?")
    for page in ("/admin/photos/photo/", "/admin/photos/comment/"):
        answer = desk.get(page, {"q": asked})
        assert len(answer.context["cl"].result_list) == 1


@pytest.mark.parametrize("asked", ["@ALICE", "ålice", "Ålice", "alice@EXAMPLE.org", "'w. Å'"])
def test_people_are_found_by_their_names_in_any_case(desk: Client, alice: User, asked: str) -> None:
    User.objects.filter(pk=alice.pk).update(display_name="W. ÅLICE")
    make_user("bob")
    assert list(desk.get(PEOPLE, {"q": asked}).context["cl"].result_list) == [alice]


@pytest.mark.parametrize("asked", ["ä" * 1500, "ä(", "ä\\", "ä[^", '"', "@", "ß*", "ä{9}", "é***:"])
def test_a_search_for_odd_characters_finds_nothing_or_something(desk: Client, asked: str) -> None:
    make_photo(make_user("alice"), "Ä")
    assert desk.get("/admin/photos/photo/", {"q": asked}).status_code == 200


LISTS = [PEOPLE, FOLLOWS, *(f"/admin/{name}/" for name in ("photos/photo", "photos/comment"))]
LISTS.append("/admin/auth/group/")


@pytest.mark.parametrize("page", LISTS)
@pytest.mark.parametrize("field", ["id__in", "id__gt", "pk__lt", "caption__regex", "password__gt"])
def test_a_list_takes_no_conditions_but_the_filters_that_it_shows(
    desk: Client, page: str, field: str
) -> None:
    assert desk.get(page, {field: "[9999999999999999999"}).status_code == 400


@pytest.mark.parametrize("page", LISTS)
def test_an_id_that_no_database_holds_can_be_ticked(desk: Client, page: str) -> None:
    form = {"action": "delete_selected", "_selected_action": ["9" * 30], "post": "yes"}
    assert desk.post(page, form).status_code in {302, 400}


def test_suspending_hides_logs_out_and_is_recorded(
    desk: Client, alice: User, browser_as: Callable[[User], Client]
) -> None:
    browser = browser_as(alice)
    ApiSession.objects.create(user=alice, token_id="t" * 32, expires_at=datetime.now(UTC))
    act(desk, PEOPLE, "suspend", alice)
    alice.refresh_from_db()
    assert not alice.is_active
    assert not ApiSession.objects.exists()
    assert not browser.get("/").wsgi_request.user.is_authenticated
    assert "Suspended: hidden and logged out everywhere." in log()[0]


def test_restoring_is_recorded_as_well(desk: Client, alice: User) -> None:
    act(desk, PEOPLE, "suspend", alice)
    act(desk, PEOPLE, "restore", alice)
    alice.refresh_from_db()
    assert alice.is_active
    assert "Restored" in log()[0]


def test_nobody_suspends_or_deletes_themselves(desk: Client, admin: User) -> None:
    answer = act(desk, PEOPLE, "suspend", admin)
    assert "cannot be suspended by you" in answer.text
    assert act(desk, PEOPLE, "delete_selected", admin, post="yes").status_code == 403
    assert desk.post(f"{PEOPLE}{admin.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.refresh_from_db()
    assert admin.is_active
    assert log() == []


def test_superusers_are_out_of_the_reach_of_others(
    admin: User, browser_as: Callable[[User], Client]
) -> None:
    client = browser_as(staff("view_user", "change_user", "delete_user"))
    act(client, PEOPLE, "suspend", admin)
    act(client, PEOPLE, "delete_selected", admin, post="yes")
    answer = client.post(f"{PEOPLE}{admin.pk}/password/", {"password1": "x", "password2": "x"})
    assert answer.status_code == 403
    admin.refresh_from_db()
    assert admin.is_active


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_who_may_change_people_cannot_become_somebody_with_rights(
    browser_as: Callable[[User], Client], alice: User, right: str
) -> None:
    setattr(alice, right, True)
    alice.save()
    helper = browser_as(staff("view_user", "change_user", "delete_user"))
    password = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    person = {"username": "alice", "email": "helper@example.org"}
    for path, form in (("password/", password), ("change/", person), ("delete/", {"post": "yes"})):
        assert helper.post(f"{PEOPLE}{alice.pk}/{path}", form).status_code == 403
    act(helper, PEOPLE, "suspend", alice)
    alice.refresh_from_db()
    assert (alice.has_usable_password(), alice.email) == (False, "alice@example.org")
    assert alice.is_active


def test_staff_cannot_make_themselves_superuser(browser_as: Callable[[User], Client]) -> None:
    helper = staff("view_user", "change_user")
    form = {"username": "helper", "email": "helper@example.org", "is_superuser": "on"}
    browser_as(helper).post(f"{PEOPLE}{helper.pk}/change/", form)
    helper.refresh_from_db()
    assert not helper.is_superuser


@pytest.mark.parametrize("bulk", [True, False])
def test_deleting_a_person_keeps_all_counters_true(
    desk: Client, alice: User, bob: User, bulk: bool
) -> None:
    make_follow(alice, bob)
    make_follow(bob, alice)
    make_photo(alice)
    if bulk:
        act(desk, PEOPLE, "delete_selected", alice, post="yes")
    else:
        desk.post(f"{PEOPLE}{alice.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(username="alice").exists()
    stats = UserStats.objects.get(user=bob)
    assert (stats.follower_count, stats.following_count) == (0, 0)
    assert "@alice" in log()[0]


def test_a_confirmation_page_comes_before_deleting(desk: Client, alice: User) -> None:
    assert "Are you sure" in act(desk, PEOPLE, "delete_selected", alice).text
    assert "Are you sure" in desk.get(f"{PEOPLE}{alice.pk}/delete/").text
    assert User.objects.filter(pk=alice.pk).exists()


def test_a_new_person_has_counters_and_a_name_in_lower_case(desk: Client) -> None:
    form = {"username": "Dora", "email": "Dora@Example.org", "usable_password": "true"}
    desk.post(f"{PEOPLE}add/", {**form, "password1": PASSWORD, "password2": PASSWORD})
    dora = User.objects.get(username="dora")
    assert dora.stats.photo_count == 0
    assert dora.email == "dora@example.org"
    assert dora.check_password(PASSWORD)
    assert "Added" in log()[0]


def test_a_taken_name_is_an_error_in_the_form(desk: Client, alice: User) -> None:
    form = {"username": "ALICE", "email": "other@example.org", "usable_password": "true"}
    answer = desk.post(f"{PEOPLE}add/", {**form, "password1": PASSWORD, "password2": PASSWORD})
    assert "This username is taken." in answer.text


def test_a_profile_is_corrected(desk: Client, alice: User) -> None:
    form = {"username": "alice", "email": "New@example.org", "display_name": "Al", "bio": ""}
    answer = desk.post(f"{PEOPLE}{alice.pk}/change/", form)
    assert answer.status_code == 302
    alice.refresh_from_db()
    assert (alice.email, alice.display_name) == ("new@example.org", "Al")
    assert alice.is_active
    assert "Changed" in log()[0]


@pytest.mark.parametrize("usable", [True, False])
def test_a_password_set_by_an_admin_logs_the_person_out(
    desk: Client, browser_as: Callable[[User], Client], usable: bool
) -> None:
    alice = make_user("alice", password=PASSWORD)
    browser = browser_as(alice)
    form = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    if not usable:
        form = {"usable_password": "false", "unset-password": "yes"}
    desk.post(f"{PEOPLE}{alice.pk}/password/", form)
    alice.refresh_from_db()
    assert alice.has_usable_password() == usable
    assert alice.auth_version == 2
    assert not browser.get("/").wsgi_request.user.is_authenticated
    assert "Changed password" in log()[0]


@pytest.mark.parametrize("bulk", [True, False])
def test_ending_a_follow_changes_counters_and_feed(
    desk: Client, alice: User, bob: User, bulk: bool
) -> None:
    make_follow(alice, bob)
    make_photo(bob)
    row = Follow.objects.get()
    if bulk:
        act(desk, FOLLOWS, "delete_selected", row, post="yes")
    else:
        desk.post(f"{FOLLOWS}{row.pk}/delete/", {"post": "yes"})
    assert not Follow.objects.exists()
    assert UserStats.objects.get(user=bob).follower_count == 0
    assert feed.feed_page(alice, None).items == []
    assert "follows" in log()[0]


@pytest.mark.parametrize("page", [PEOPLE, FOLLOWS])
def test_lists_cost_the_same_however_long(desk: Client, alice: User, page: str) -> None:
    costs = []
    desk.get(page)
    for more in (3, 27):
        for _ in range(more):
            make_follow(make_user(), alice)
        with sent() as statements:
            assert desk.get(page).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6


@pytest.mark.parametrize("page", [PEOPLE, FOLLOWS])
def test_staff_without_the_right_are_refused(
    browser_as: Callable[[User], Client], alice: User, page: str
) -> None:
    assert browser_as(staff()).get(page).status_code == 403
    assert browser_as(alice).get(page).status_code == 302


def test_viewing_is_not_suspending(browser_as: Callable[[User], Client], alice: User) -> None:
    act(browser_as(staff("view_user")), PEOPLE, "suspend", alice)
    alice.refresh_from_db()
    assert alice.is_active
