"""The pages of conversation, with htmx and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from photos.models import Comment, Photo
from photos.services import comment
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


@pytest.fixture
def top(photo: Photo, bob: User) -> Comment:
    """Return a comment of bob below it."""
    return comment(author=bob, photo_id=photo.pk, text="Nice")


def address(one: Comment, further: str = "") -> str:
    return f"/p/{Photo(pk=one.photo_id).code}/comments/{one.code}/{further}"


def test_replying_without_javascript(
    browser_as: As, alice: User, photo: Photo, top: Comment
) -> None:
    client = browser_as(alice)
    assert f'href="{address(top, "reply/")}"' in client.get(f"/p/{photo.code}/").text
    assert "Nice" in client.get(address(top, "reply/")).text
    response = client.post(address(top, "reply/"), {"text": "Thanks"})
    reply = Comment.objects.get(parent=top)
    assert response["Location"] == f"{address(top)}#comment-{reply.code}"
    assert "Thanks" in client.get(address(top)).text
    assert client.get(address(reply))["Location"] == f"{address(top)}#comment-{reply.code}"
    # The form of a reply to a reply begins with the name.
    answered = comment(author=top.author or alice, photo_id=photo.pk, text="Oh", reply_to=top)
    assert "\n@bob </textarea>" in client.get(address(answered, "reply/")).text


def test_replying_with_htmx_answers_with_the_comment_and_all_that_is_new(
    browser_as: As, alice: User, photo: Photo, top: Comment
) -> None:
    client = browser_as(alice)
    form = client.get(address(top, "reply/"), headers=HTMX)
    assert "<html" not in form.text
    for number in range(5):
        html = client.post(address(top, "reply/"), {"text": f"Reply {number}"}, headers=HTMX).text
    assert html.startswith(f'<li id="comment-{top.code}">')
    assert "Reply 2" in html
    assert "Reply 3" not in html
    assert "Reply 4" in html
    assert "1 more reply" in html
    assert f'data-live="comments-{photo.code}">6</span>' in html


def test_a_reply_that_is_refused_comes_back_in_its_form(
    browser_as: As, alice: User, bob: User, top: Comment
) -> None:
    client = browser_as(alice)
    refused = client.post(address(top, "reply/"), {"text": " "}, headers=HTMX)
    assert refused.status_code == 422
    assert refused["HX-Retarget"] == f"#answer-{top.code}"
    assert "Write something first." in refused.text
    reply = comment(author=bob, photo_id=top.photo_id, text="x", reply_to=top)
    long = client.post(address(reply, "reply/"), {"text": "y" * 1000})
    assert long.status_code == 422
    assert "With the name in front of it" in long.text


def test_further_replies_are_a_page_further(
    browser_as: As, alice: User, photo: Photo, top: Comment
) -> None:
    for number in range(25):
        comment(author=alice, photo_id=photo.pk, text=f"Reply {number:02}", reply_to=top)
    client = browser_as(None)
    html = client.get(f"/p/{photo.code}/").text
    assert "22 more replies" in html
    more = html.split('data-more="pressed" href="')[1].split('"')[0]
    narrow = client.get(more, headers=HTMX).text
    assert narrow.startswith("<li")
    assert "Reply 02" not in narrow
    assert "Reply 03" in narrow
    assert "Reply 22" in narrow
    assert "More replies" in narrow
    assert "Reply 03" in client.get(more).text


def test_editing_a_comment(browser_as: As, alice: User, bob: User, top: Comment) -> None:
    assert browser_as(alice).get(address(top, "edit/")).status_code == 403
    client = browser_as(bob)
    assert "Nice" in client.get(address(top, "edit/")).text
    assert client.post(address(top, "edit/"), {"text": ""}).status_code == 422
    assert client.post(address(top, "edit/"), {"text": "Nicer"})["Location"] == address(top)
    html = client.get(address(top)).text
    assert "Nicer" in html
    assert "<span>edited</span>" in html


def test_liking_a_comment(browser_as: As, alice: User, top: Comment) -> None:
    client = browser_as(alice)
    narrow = client.post(address(top, "like/"), headers=HTMX).text
    assert 'aria-pressed="true"' in narrow
    assert f'data-live="comment-like-{top.code}"' in narrow
    assert '<span class="count quiet">1</span>' in narrow
    assert client.post(address(top, "unlike/"))["Location"] == address(top)
    assert '<span class="count quiet">1</span>' not in client.get(address(top)).text
    assert '<span class="count quiet"></span>' in client.get(address(top)).text


def test_a_deleted_comment_with_replies_says_that_it_is_not_there(
    browser_as: As, alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    comment(author=alice, photo_id=photo.pk, text="Thanks", reply_to=top)
    html = browser_as(bob).post(address(top, "delete/"), headers=HTMX).text
    assert "This comment isn’t available." in html
    assert "Thanks" in html
    assert ">1</span>" in html
    for further in ("reply/", "edit/", "like/", "delete/"):
        assert browser_as(bob).post(address(top, further), {"text": "x"}).status_code == 404


def test_comments_are_switched_off_on_the_page_for_editing(
    browser_as: As, alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    client = browser_as(alice)
    client.post(f"/p/{photo.code}/edit/", {"caption": "", "comments_off": "on"})
    html = browser_as(bob).get(f"/p/{photo.code}/").text
    assert "Comments are turned off for this photo." in html
    assert "Nice" in html
    assert "<textarea" not in html
    assert address(top, "reply/") not in html
    refused = browser_as(bob).post(f"/p/{photo.code}/comments/", {"text": "Hi"})
    assert refused.status_code == 403
    client.post(f"/p/{photo.code}/edit/", {"caption": ""})
    assert "<textarea" in browser_as(bob).get(f"/p/{photo.code}/").text


@pytest.mark.parametrize("further", ["", "reply/", "edit/", "like/", "delete/"])
def test_what_is_private_is_not_there(
    browser_as: As, carol: User, alice: User, further: str
) -> None:
    hidden = comment(author=carol, photo_id=make_photo(carol).pk, text="Secret")
    for ask in (browser_as(alice).get, browser_as(alice).post):
        assert ask(address(hidden, further), {"text": "x"}).status_code in {404, 405}
    assert browser_as(None).get(address(hidden)).status_code == 404


def test_a_card_links_what_its_caption_names(browser_as: As, alice: User, bob: User) -> None:
    make_photo(alice, caption="#sea with @bob, https://example.org")
    html = browser_as(alice).get("/feed/").text
    assert '<a href="/tags/sea/">#sea</a>' in html
    assert ">@bob</a>" in html
    assert 'rel="nofollow noopener ugc">https://example.org</a>' in html


def test_a_comment_below_another_photo_is_not_found(
    browser_as: As, alice: User, top: Comment
) -> None:
    other = make_photo(make_user())
    path = f"/p/{other.code}/comments/{top.code}/"
    assert browser_as(alice).get(path).status_code == 404
