"""Reporting a photo, a comment or a person, on pages and over the API."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connections
from django.test import Client

from accounts.models import User
from accounts.services import suspend
from minigram_site.fields.snowflake import encode
from photos.models import Comment
from photos.services import comment
from social import follows
from social.models import ModerationCase, Report
from social.moderation import reports
from tests.factories import make_follow, make_photo, make_user
from tests.social.api.test_visibility import VIEWERS, scene

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
BrowserAs = Callable[[User | None], Client]


def test_the_first_report_is_new_and_the_second_changes_it(
    api_as: As, alice: User, bob: User
) -> None:
    path = f"/api/v1/photos/{make_photo(alice).pk}/report/"
    first = api_as(bob).put(path, {"reason": "spam"})
    again = api_as(bob).put(path, {"reason": "nudity", "words": "Look."})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    (row,) = Report.objects.all()
    assert (row.reason, row.words, row.case.kind) == ("nudity", "Look.", "photo")


def test_reports_of_several_people_are_one_case(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice, "The words")
    for person in (bob, make_user("carl")):
        api_as(person).put(f"/api/v1/photos/{photo.pk}/report/", {"reason": "spam"})
    case = ModerationCase.objects.get()
    assert case.reports.count() == 2
    assert case.snapshot["text"] == "The words"


def test_comments_and_people_can_be_reported(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Rude")
    client = api_as(bob)
    below = f"/api/v1/photos/{photo.pk}/comments/{written.pk}/report/"
    assert client.put(below, {"reason": "harassment"}).json()["kind"] == "comment"
    assert client.put("/api/v1/users/alice/report/", {"reason": "spam"}).json()["kind"] == "person"
    kinds = ModerationCase.objects.order_by("pk").values_list("kind", "person")
    assert list(kinds) == [("comment", alice.pk), ("person", alice.pk)]


@pytest.mark.parametrize(
    "body", [{}, {"reason": "no such"}, {"reason": "spam", "words": "x" * 1001}]
)
def test_a_report_needs_a_known_reason_and_few_words(
    api_as: As, alice: User, bob: User, body: dict[str, str]
) -> None:
    answer = api_as(bob).put(f"/api/v1/photos/{make_photo(alice).pk}/report/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Report.objects.exists()


@pytest.mark.parametrize("how", ["private", "blocked", "suspended"])
def test_only_what_one_may_see_can_be_reported(
    api_as: As, browser_as: BrowserAs, alice: User, bob: User, how: str
) -> None:
    photo = make_photo(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Hi")
    if how == "private":
        follows.set_privacy(user=alice, private=True)
    elif how == "blocked":
        follows.block(blocker=alice, blocked=bob)
    else:
        suspend(user=alice)
    things = [f"photos/{photo.pk}/report/", f"photos/{photo.pk}/comments/{written.pk}/report/"]
    # The profile of a private account is seen by everybody.
    things += [] if how == "private" else ["users/alice/report/"]
    for thing in things:
        answer = api_as(bob).put(f"/api/v1/{thing}", {"reason": "spam"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert browser_as(bob).get(f"/p/{photo.code}/report/").status_code == 404
    assert not ModerationCase.objects.exists()


def test_a_follower_reports_a_private_photo(api_as: As, carol: User, bob: User) -> None:
    make_follow(bob, carol)
    path = f"/api/v1/photos/{make_photo(carol).pk}/report/"
    assert api_as(bob).put(path, {"reason": "privacy"}).status_code == 201


def test_nobody_reports_themself(api_as: As, browser_as: BrowserAs, alice: User) -> None:
    photo = make_photo(alice)
    for thing in (f"photos/{photo.pk}", "users/alice"):
        answer = api_as(alice).put(f"/api/v1/{thing}/report/", {"reason": "spam"})
        assert (answer.status_code, answer.json()["code"]) == (409, "cannot_report_yourself")
    page = browser_as(alice).post(f"/p/{photo.code}/report/", {"reason": "spam"}, follow=True)
    assert "You can’t report yourself" in page.text
    assert not ModerationCase.objects.exists()


def test_a_flood_of_reports_is_stopped(api_as: As, settings: Any, alice: User, bob: User) -> None:
    settings.RATE_LIMITS = True
    client = api_as(bob)
    statuses = [
        client.put(f"/api/v1/photos/{make_photo(alice).pk}/report/", {"reason": "spam"}).status_code
        for _ in range(21)
    ]
    assert statuses == [201] * 20 + [429]


def test_the_page_says_what_happens_next_without_a_script(
    browser_as: BrowserAs, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    browser = browser_as(bob)
    page = browser.get(f"/p/{photo.code}/")
    assert f'href="/p/{photo.code}/report/"' in page.text
    assert browser.post(f"/p/{photo.code}/report/", {}).status_code == 422
    done = browser.post(f"/p/{photo.code}/report/", {"reason": "spam"}, follow=True)
    assert done.redirect_chain == [(f"/p/{photo.code}/", 302)]
    assert "The moderators will take a look" in done.text
    assert Report.objects.get().reporter == bob


def test_menus_lead_to_a_report_of_comments_and_people(
    browser_as: BrowserAs, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Hi")
    browser = browser_as(bob)
    address = f"/p/{photo.code}/comments/{encode(written.pk)}/report/"
    assert f'href="{address}"' in browser.get(f"/p/{photo.code}/").text
    assert 'href="/@alice/report/"' in browser.get("/@alice/").text
    for one in (address, "/@alice/report/"):
        assert browser.post(one, {"reason": "other"}).status_code == 302
    assert Report.objects.count() == 2


def test_one_s_own_has_no_report(browser_as: BrowserAs, alice: User) -> None:
    photo = make_photo(alice)
    comment(author=alice, photo_id=photo.pk, text="Mine")
    assert "/report/" not in browser_as(alice).get(f"/p/{photo.code}/").text
    assert "/report/" not in browser_as(alice).get("/@alice/").text


def test_a_report_outlives_the_thing_and_its_reporter(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice, "Gone soon")
    api_as(bob).put(f"/api/v1/photos/{photo.pk}/report/", {"reason": "spam"})
    bob.delete()
    alice.delete()
    case = ModerationCase.objects.get()
    assert (case.person, case.person_name, case.snapshot["text"]) == (None, "alice", "Gone soon")
    assert case.reports.get().reporter is None


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_are_one_case(alice: User) -> None:
    thing = reports.thing_of(make_photo(alice))
    people = [make_user(), make_user()]
    start, failures = Barrier(2), []

    def send(person: User) -> None:
        try:
            start.wait(10)
            reports.report(reporter=person, thing=thing, reason="spam")
        except (DatabaseError, BrokenBarrierError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=send, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert ModerationCase.objects.count() == 1
    assert Report.objects.count() == 2


# Who may report what: of a public account, of a private one. Viewers as in the visibility table.
MATRIX = {
    "photos/{photo}/report/": ([401, 201, 201, 201, 404, 409], [401, 404, 404, 201, 404, 409]),
    "photos/{photo}/comments/{comment}/report/": (
        [401, 201, 201, 201, 404, 409],
        [401, 404, 404, 201, 404, 409],
    ),
    "users/olga/report/": ([401, 201, 201, 201, 404, 409], [401, 201, 201, 201, 404, 409]),
}


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("address", MATRIX)
def test_every_viewer_reports_what_they_see_and_nothing_else(
    api_as: As, browser_as: BrowserAs, address: str, private: bool
) -> None:
    people, photo = scene(private=private)
    written = Comment.objects.get()
    path = address.format(photo=photo.pk, comment=written.pk)
    statuses = [
        api_as(people[name]).put(f"/api/v1/{path}", {"reason": "spam"}).status_code
        for name in VIEWERS
    ]
    assert statuses == MATRIX[address][private]
    page = address.replace("photos/", "/p/").replace("users/olga", "/@olga")
    page = page.format(photo=photo.code, comment=written.code)
    seen = [browser_as(people[name]).get(page).status_code for name in VIEWERS]
    assert seen == [{401: 302, 404: 404}.get(status, 200) for status in statuses]
