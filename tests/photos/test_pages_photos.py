"""The photo pages: seeing, liking, commenting, editing, deleting."""

from __future__ import annotations

import re
from collections.abc import Callable
from logging import LogRecord

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from minigram_site.fields.snowflake import encode
from photos.models import Comment, Like, Photo
from photos.services import comment
from tests.factories import make_follow, make_photo, make_user
from tests.social.lean import ONE_LESS

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
Errors = Callable[[], list[LogRecord]]
HTMX = {"HX-Request": "true"}


def test_a_public_photo_is_shown_to_visitors_with_a_preview_for_links(
    browser_as: As, alice: User
) -> None:
    photo = make_photo(alice, caption="Boats <b>at dawn</b>", alt_text="Three boats")
    html = browser_as(None).get(f"/p/{photo.code}/").content.decode()
    assert "Boats &lt;b&gt;at dawn" in html
    assert 'alt="Three boats"' in html
    assert f'property="og:url" content="http://testserver/p/{photo.code}/"' in html
    assert "Log in" in html


def test_a_private_photo_is_not_there_for_strangers(
    browser_as: As, alice: User, carol: User
) -> None:
    photo = make_photo(carol)
    for viewer in (None, alice):
        assert browser_as(viewer).get(f"/p/{photo.code}/").status_code == 404
        assert browser_as(alice).post(f"/p/{photo.code}/like/").status_code == 404
    make_follow(alice, carol)
    assert browser_as(alice).get(f"/p/{photo.code}/").status_code == 200


def test_liking_without_javascript_leads_back(browser_as: As, alice: User, bob: User) -> None:
    photo, client = make_photo(alice), browser_as(bob)
    response = client.post(f"/p/{photo.code}/like/", {"next": "/feed/"})
    assert response["Location"] == "/feed/"
    assert Like.objects.filter(user=bob, photo=photo).exists()
    client.post(f"/p/{photo.code}/unlike/")
    assert not Like.objects.exists()


def test_liking_with_htmx_answers_with_the_button_alone(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    response = browser_as(alice).post(f"/p/{photo.code}/like/", headers=HTMX)
    html = response.content.decode()
    assert "<html" not in html
    assert 'aria-pressed="true"' in html
    assert f"/p/{photo.code}/unlike/" in html


def test_a_visitor_who_presses_like_comes_back_to_the_photo(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    page = f"http://testserver/p/{photo.code}/"
    like = f"/p/{photo.code}/like/"
    plain = browser_as(None).post(like, headers={"Referer": page})
    assert plain["Location"] == f"/login/?next=/p/{photo.code}/"
    # The script follows the link, unless the page was a member's: that stays, and says so.
    narrow = browser_as(None).post(like, headers={"Referer": page, **HTMX})
    assert narrow.status_code == 403
    assert f'href="/login/?next=/p/{photo.code}/"' in narrow.content.decode()


def test_likes_and_comments_of_what_is_not_there_are_404(
    browser_as: As, alice: User, site_errors: Errors
) -> None:
    client = browser_as(alice)
    for path in ("2/like/", "2/unlike/", "2/comments/", "zzzzzzzzzzz/like/", "2/", "0/"):
        for ask in (client.get, client.post):
            assert ask(f"/p/{path}", {"text": "x"}).status_code in {404, 405}
    assert not site_errors()


def test_writing_a_comment(browser_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    response = browser_as(bob).post(f"/p/{photo.code}/comments/", {"text": " Lovely\0 "})
    assert response["Location"] == f"/p/{photo.code}/#comments"
    assert Comment.objects.get().text == "Lovely"


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "x" * 1001])
def test_a_comment_that_is_refused_says_why(browser_as: As, alice: User, text: str) -> None:
    photo = make_photo(alice)
    response = browser_as(alice).post(f"/p/{photo.code}/comments/", {"text": text})
    assert response.status_code == 422
    assert 'class="errors"' in response.content.decode()
    assert not Comment.objects.exists()


def test_comments_are_deleted_by_their_author_and_the_owner_only(
    browser_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    for who, status in ((make_user("dave"), 403), (alice, 302), (bob, 302)):
        written = comment(author=bob, photo_id=photo.pk, text="Hm")
        path = f"/p/{photo.code}/comments/{encode(written.pk)}/delete/"
        assert browser_as(who).post(path).status_code == status


def test_editing_and_deleting_are_the_owners_alone(browser_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice, caption="Before")
    for path in ("edit/", "delete/"):
        assert browser_as(bob).post(f"/p/{photo.code}/{path}").status_code == 403
    words = {"caption": "After", "alt_text": "A hill"}
    assert browser_as(alice).post(f"/p/{photo.code}/edit/", words).status_code == 302
    photo.refresh_from_db()
    assert (photo.caption, photo.alt_text) == ("After", "A hill")
    assert (
        "Delete this photo?" in browser_as(alice).get(f"/p/{photo.code}/delete/").content.decode()
    )
    assert browser_as(alice).post(f"/p/{photo.code}/delete/")["Location"] == "/@alice/"
    assert not Photo.objects.visible_to(alice).exists()


def test_older_comments_are_a_page_further(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    for number in range(25):
        comment(author=alice, photo_id=photo.pk, text=f"Comment {number:02}")
    client = browser_as(None)
    first = client.get(f"/p/{photo.code}/")
    assert "Comment 24" in first.content.decode()
    assert "Comment 04" not in first.content.decode()
    address = f"/p/{photo.code}/?cursor={first.context['page'].next}"
    assert "Comment 04" in client.get(address).content.decode()
    narrow = client.get(address, headers=HTMX).content.decode()
    assert "Comment 04" in narrow
    assert "<html" not in narrow


@pytest.mark.parametrize("rows", [3, 19])
def test_the_page_costs_the_same_however_many_comments(
    browser_as: As, alice: User, rows: int
) -> None:
    photo = make_photo(alice)
    for _ in range(rows):
        comment(author=make_user(), photo_id=photo.pk, text="Hello")
    client = browser_as(alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/p/{photo.code}/").status_code == 200
    assert len(queries) == 6 - ONE_LESS


def test_who_likes_a_photo(browser_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    browser_as(bob).post(f"/p/{photo.code}/like/")
    assert "@bob" in browser_as(alice).get(f"/p/{photo.code}/likes/").content.decode()


def test_a_broken_page_address_says_so(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    response = browser_as(None).get(f"/p/{photo.code}/?cursor=nonsense")
    assert response.status_code == 400
    assert "Start again from the first page" in response.content.decode()


def test_what_people_write_runs_in_its_own_direction(
    browser_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice, caption="שלום לכולם")
    comment(author=bob, photo_id=photo.pk, text="مرحبا")
    html = browser_as(bob).get(f"/p/{photo.code}/").text
    assert '<p class="caption" dir="auto">שלום' in html
    assert "<bdi>bob</bdi>" in html
    assert html.index('<div dir="auto">') < html.index("مرحبا")
    assert re.search('<textarea name="text"[^>]* dir="auto"', html)


def test_times_say_that_they_are_utc(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    comment(author=alice, photo_id=photo.pk, text="Late")
    html = browser_as(None).get(f"/p/{photo.code}/").text
    assert len(re.findall(r"[0-9]{2}:[0-9]{2} UTC</time>", html)) == 2
