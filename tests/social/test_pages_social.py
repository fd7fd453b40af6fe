"""Feed, explore, upload, profiles, follow requests and settings as pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Block, Follow, User
from photos.models import Photo
from photos.services import like
from social import follows
from tests.factories import PASSWORD, make_follow, make_photo, make_user, upload
from tests.social.lean import ONE_LESS, sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}

MEMBERS_ONLY = [
    "/feed/",
    "/upload/",
    "/requests/",
    "/activity/",
    "/settings/notifications/",
    "/settings/",
    "/settings/privacy/",
    "/settings/blocked/",
    "/settings/delete/",
    "/settings/password/",
    "/settings/email/",
    "/@alice/followers/",
]


def text(response: Any) -> str:
    """Return the page."""
    return str(response.content.decode())


@pytest.mark.parametrize("path", MEMBERS_ONLY)
def test_visitors_are_asked_to_log_in_and_members_are_let_in(
    browser_as: As, alice: User, path: str
) -> None:
    assert browser_as(None).get(path)["Location"] == f"/login/?next={quote(path)}"
    assert browser_as(alice).get(path).status_code == 200


def test_the_landing_page_greets_visitors_and_sends_members_to_their_feed(
    browser_as: As, alice: User
) -> None:
    make_photo(alice, alt_text="A quiet harbour")
    assert "A quiet harbour" in text(browser_as(None).get("/"))
    assert browser_as(alice).get("/")["Location"] == "/feed/"


def test_the_landing_page_shows_the_newest_first(browser_as: As, alice: User, bob: User) -> None:
    older, newer = make_photo(alice), make_photo(alice)
    like(user=bob, photo_id=older.pk)
    html = text(browser_as(None).get("/"))
    assert html.index(newer.code) < html.index(older.code)


def test_the_feed_shows_whom_one_follows_page_by_page(
    browser_as: As, alice: User, bob: User
) -> None:
    make_follow(alice, bob)
    photos = [make_photo(bob) for _ in range(23)]
    client = browser_as(alice)
    first = client.get("/feed/")
    assert text(first).count("<article") == 20
    address = f"/feed/?cursor={first.context['page'].next}"
    assert f"/p/{photos[0].code}/" in text(client.get(address))
    narrow = text(client.get(address, headers=HTMX))
    assert narrow.count("<article") == 3
    assert "<html" not in narrow


def test_an_empty_feed_says_what_to_do(browser_as: As, alice: User, bob: User) -> None:
    make_photo(bob)
    html = text(browser_as(alice).get("/feed/"))
    assert "Your feed is empty so far" in html
    assert "@bob" in html


@pytest.mark.parametrize("rows", [3, 20])
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # A feed that is not stored asks for what is saved in a statement of its own.
        ("/feed/", 6),
        ("/explore/", 5),
        ("/explore/?sort=popular", 5),
        ("/@bob/", 7),
        ("/@bob/followers/", 5),
        ("/@bob/following/", 5),
    ],
)
def test_a_page_costs_the_same_however_long_the_list(
    browser_as: As, alice: User, bob: User, path: str, expected: int, rows: int
) -> None:
    make_follow(alice, bob)
    for _ in range(rows):
        friend = make_user()
        make_follow(friend, bob)
        make_follow(bob, friend)
        make_photo(bob)
    client = browser_as(alice)
    client.get(path)
    with sent() as statements:
        assert client.get(path).status_code == 200
    assert len(statements) == expected - ONE_LESS


def test_explore_shows_public_photos_only(browser_as: As, alice: User, carol: User) -> None:
    public, private = make_photo(alice), make_photo(carol)
    for path in ("/explore/", "/explore/?sort=popular"):
        html = text(browser_as(None).get(path))
        assert public.code in html
        assert private.code not in html


@pytest.mark.parametrize("path", ["/feed/", "/explore/", "/explore/?sort=popular", "/@alice/"])
def test_a_broken_cursor_is_told(browser_as: As, alice: User, path: str) -> None:
    sign = "&" if "?" in path else "?"
    response = browser_as(alice).get(f"{path}{sign}cursor=n99999999999999999999")
    assert response.status_code == 400
    assert "Start again" in text(response)


def test_uploading_leads_to_the_photo_which_followers_see_at_once(
    browser_as: As, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    form = {"image": upload(), "caption": "Lake", "alt_text": "A lake at dawn"}
    response = browser_as(alice).post("/upload/", form)
    photo = Photo.objects.get()
    assert response["Location"] == f"/p/{photo.code}/"
    html = text(browser_as(bob).get("/feed/"))
    assert 'alt="A lake at dawn"' in html
    assert f"/media/photos/{photo.code}/" in html


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"not a picture at all", "x.jpg", "This isn’t a picture"),
        (b"", "x.jpg", "empty"),
        (None, "../../etc/passwd\u202egpj.exe", None),
    ],
)
def test_a_refused_picture_says_why_and_keeps_the_words(
    browser_as: As,
    alice: User,
    own_media_folder: Path,
    content: bytes | None,
    name: str,
    sentence: str | None,
) -> None:
    form = {"image": upload(content, name), "caption": "Kept words"}
    response = browser_as(alice).post("/upload/", form)
    if sentence is None:
        assert response.status_code == 302
        assert all(
            name.startswith(("originals/", "renditions/", "previews/"))
            for name in Photo.objects.get().file_names
        )
        return
    assert response.status_code == 422
    assert sentence in text(response)
    assert "Kept words" in text(response)
    assert not Photo.objects.exists()
    assert not [path for path in own_media_folder.rglob("*") if path.is_file()]


def test_an_upload_without_a_file_or_with_endless_words_is_refused(
    browser_as: As, alice: User
) -> None:
    client = browser_as(alice)
    assert "Choose a picture." in text(client.post("/upload/", {"caption": "x"}))
    response = client.post("/upload/", {"image": upload(), "caption": "x" * 2201})
    assert response.status_code == 422
    assert not Photo.objects.exists()


def test_a_profile_shows_counts_and_photos(browser_as: As, alice: User, bob: User) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice)
    html = text(browser_as(None).get("/@Alice/"))
    assert "<strong>1</strong> photo" in html
    assert "<strong>1</strong> follower" in html
    assert photo.code in html


def test_a_private_profile_shows_its_head_only(browser_as: As, alice: User, carol: User) -> None:
    photo = make_photo(carol)
    html = text(browser_as(alice).get("/@carol/"))
    assert "This account is private" in html
    assert photo.code not in html
    assert browser_as(alice).get("/@carol/followers/").status_code == 403


@pytest.mark.parametrize("name", ["nobody", "a" * 30, "a" * 31, "%00", "..", "ä"])
def test_a_person_who_is_not_there_is_404(browser_as: As, alice: User, name: str) -> None:
    assert browser_as(alice).get(f"/@{name}/").status_code == 404


def test_the_follow_button_follows_asks_and_withdraws(
    browser_as: As, alice: User, bob: User, carol: User
) -> None:
    client = browser_as(alice)
    assert "Following" in text(client.post("/@bob/follow/", headers=HTMX))
    assert "Requested" in text(client.post("/@carol/follow/", headers=HTMX))
    assert ">Follow<" in text(client.post("/@carol/unfollow/", headers=HTMX))
    assert client.post("/@bob/unfollow/", {"next": "/explore/"})["Location"] == "/explore/"
    assert not Follow.objects.exists()


def test_requests_are_accepted_and_declined(
    browser_as: As, alice: User, bob: User, carol: User
) -> None:
    for person in (alice, bob):
        follows.follow(follower=person, followee=carol)
    client = browser_as(carol)
    assert '<b class="dot" data-live="badge"><bdi dir="ltr">2<' in text(client.get("/feed/"))
    assert "@alice" in text(client.get("/requests/"))
    assert client.post("/requests/alice/accept/").status_code == 302
    assert client.post("/requests/bob/decline/").status_code == 302
    assert client.post("/requests/bob/accept/").status_code == 404
    assert [f.follower for f in Follow.objects.all()] == [alice]
    assert "Nobody is waiting" in text(client.get("/requests/"))


def test_blocking_hides_both_from_each_other_until_it_is_taken_back(
    browser_as: As, alice: User, bob: User
) -> None:
    photo, client = make_photo(bob), browser_as(alice)
    client.post("/@bob/block/")
    assert Block.objects.exists()
    assert "You have blocked this person" in text(client.get("/@bob/"))
    assert client.get(f"/p/{photo.code}/").status_code == 404
    assert browser_as(bob).get("/@alice/").status_code == 404
    assert "@bob" in text(client.get("/settings/blocked/"))
    client.post("/@bob/unblock/")
    assert client.get(f"/p/{photo.code}/").status_code == 200


def test_a_follower_can_be_removed(browser_as: As, alice: User, bob: User) -> None:
    make_follow(bob, alice)
    browser_as(alice).post("/@bob/remove/")
    assert not Follow.objects.exists()


def test_editing_the_profile(browser_as: As, alice: User) -> None:
    form = {"display_name": " Alice \n A. ", "bio": "Hi\0", "website": "https://example.org"}
    assert browser_as(alice).post("/settings/", form).status_code == 302
    alice.refresh_from_db()
    assert (alice.display_name, alice.bio) == ("Alice A.", "Hi")


@pytest.mark.parametrize("website", ["javascript:alert(1)", "ftp://example.org", "nonsense"])
def test_a_website_that_is_none_is_refused(browser_as: As, alice: User, website: str) -> None:
    assert browser_as(alice).post("/settings/", {"website": website}).status_code == 422


def test_changing_and_removing_the_own_picture(browser_as: As, alice: User) -> None:
    client = browser_as(alice)
    assert client.post("/settings/avatar/", {"avatar": upload()}).status_code == 302
    alice.refresh_from_db()
    assert alice.avatar_small
    assert alice.avatar_small in text(client.get("/@alice/")) or alice.avatar_large
    bad = client.post("/settings/avatar/", {"avatar": upload(b"no picture")})
    assert bad.status_code == 422
    client.post("/settings/avatar/", {"remove": "1"})
    alice.refresh_from_db()
    assert alice.avatar == []


def test_switching_to_private_and_back(browser_as: As, alice: User, bob: User) -> None:
    client = browser_as(alice)
    client.post("/settings/privacy/", {"is_private": "on"})
    alice.refresh_from_db()
    assert alice.is_private
    follows.follow(follower=bob, followee=alice)
    client.post("/settings/privacy/", {})
    assert Follow.objects.filter(follower=bob, followee=alice).exists()


def test_deleting_the_account_takes_the_password(browser_as: As) -> None:
    user = make_user("dave", password=PASSWORD)
    make_photo(user)
    client = browser_as(user)
    assert client.post("/settings/delete/", {"password": "wrong"}).status_code == 422
    response = client.post("/settings/delete/", {"password": PASSWORD}, follow=True)
    assert "Your account is hidden now, and will be deleted on" in text(response)
    assert not User.objects.filter(is_active=True).exists()


def test_the_site_can_be_installed(browser_as: As) -> None:
    client = browser_as(None)
    assert client.get("/manifest.webmanifest").json()["start_url"] == "/feed/"
    worker = client.get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "/offline/" in text(worker)
    assert "No connection" in text(client.get("/offline/"))
