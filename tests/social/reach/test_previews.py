"""The heads of pages: previews, canonical addresses, and nothing that visitors cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from accounts.models import User
from accounts.services import suspend
from minigram_site.fields.snowflake import encode, new_id
from photos import hiding
from photos.cards import cards_of
from photos.models import Photo
from photos.previews import preview_size
from photos.services import comment
from social import follows, profiles
from tests.factories import make_follow, make_photo, make_user, picture, published

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
SITE = "https://photos.example"


@pytest.fixture(autouse=True)
def address_of_the_site(settings: Any) -> None:
    settings.SITE_URL = SITE


def head_of(page: str) -> str:
    """Return the head of a page."""
    found = re.search(r"<head>(.*)</head>", page, re.S)
    assert found
    return found[1]


def said(page: str) -> dict[str, str]:
    """Return what the meta elements of a page say, by name or property."""
    rows = re.findall(r'<meta (?:name|property)="([^"]+)"\s+content="([^"]*)"', head_of(page))
    return dict(rows)


def links(page: str) -> dict[str, str]:
    """Return the addresses of the link elements that concern programs, by relation and type."""
    found = {}
    for element in re.findall(r"<link [^>]+>", head_of(page)):
        parts = dict(re.findall(r'(\w+)="([^"]*)"', element))
        found[parts["rel"] + parts.get("type", "")] = parts["href"]
    return found


def test_a_photo_says_what_it_is(browser_as: As, alice: User) -> None:
    photo = make_photo(alice, 'Words & "more"', "A boat")
    facts = said(browser_as(None).get(f"/p/{photo.code}/", HTTP_HOST="testserver").text)
    assert facts["og:type"] == "article"
    assert facts["og:url"] == f"{SITE}/p/{photo.code}/"
    assert facts["og:title"] == "alice"
    assert facts["og:description"] == "Words &amp; &quot;more&quot;"
    assert facts["og:image"].startswith(f"{SITE}/media/photos/{photo.code}/")
    assert facts["og:image:alt"] == "A boat"
    assert facts["twitter:card"] == "summary_large_image"
    assert "robots" not in facts


@pytest.mark.parametrize("size", [(400, 300), (2400, 1000), (700, 2200)])
def test_the_size_of_a_preview_is_that_of_its_file(alice: User, size: tuple[int, int]) -> None:
    photo = published(author=alice, image=BytesIO(picture(size)))
    with default_storage.open(photo.preview) as file:
        true = Image.open(file).size
    assert preview_size(cards_of([photo.pk], alice)[0]) == true


def test_members_get_no_preview(browser_as: As, alice: User, bob: User, carol: User) -> None:
    """What a member sees may not be for everybody."""
    make_follow(bob, carol)
    for author in (alice, carol):
        page = browser_as(bob).get(f"/p/{make_photo(author, 'Words').code}/")
        assert page.status_code == 200
        assert "og:" not in head_of(page.text)


def test_a_sensitive_photo_has_a_card_without_picture_and_caption(
    browser_as: As, alice: User
) -> None:
    photo = make_photo(alice, "Secret words #odd", "Secret picture")
    hiding.mark_sensitive(photo=photo, sensitive=True)
    for path in (f"/p/{photo.code}/", "/tags/odd/"):
        page = browser_as(None).get(path).text
        assert said(page)["twitter:card"] == "summary"
        assert "og:image" not in said(page)
        assert "Secret" not in head_of(page)


def hidden_photos(alice: User, carol: User) -> list[Photo]:
    """Return photos that exist and that no visitor sees."""
    gone = make_user("gone")
    of_gone, hidden = make_photo(gone, "Words"), make_photo(alice, "Words")
    suspend(user=gone)
    hiding.hide_photo(photo=hidden)
    return [make_photo(carol, "Words"), of_gone, hidden]


def test_what_a_visitor_cannot_see_looks_like_what_is_not_there(
    browser_as: As, alice: User, carol: User
) -> None:
    """Pitfall O2: neither picture nor text, nor that there is something."""
    visitor = browser_as(None)
    missing = visitor.get(f"/p/{encode(new_id())}/")
    assert missing.status_code == 404
    photos = hidden_photos(alice, carol)
    for photo in photos:
        answer = visitor.get(f"/p/{photo.code}/")
        assert answer.status_code == 404
        assert head_of(answer.text) == head_of(missing.text)
    nothing = visitor.get("/@nobody/")
    assert head_of(visitor.get("/@gone/").text) == head_of(nothing.text)


def test_a_tag_of_hidden_photos_looks_like_one_that_nobody_uses(
    browser_as: As, carol: User
) -> None:
    make_photo(carol, "Words #hidden")
    visitor = browser_as(None)
    used, unused = visitor.get("/tags/hidden/").text, visitor.get("/tags/unused/").text
    assert head_of(used).replace("hidden", "unused") == head_of(unused)


def test_a_profile_says_who_it_is(browser_as: As, alice: User) -> None:
    profiles.edit_profile(user=alice, display_name="Alice A.", bio="I take photos.")
    profiles.change_avatar(user=alice, image=BytesIO(picture()))
    page = browser_as(None).get("/@ALICE/?cursor=n1").text
    facts = said(page)
    assert facts["og:type"] == "profile"
    assert facts["og:title"] == "Alice A. (@alice)"
    assert facts["profile:username"] == "alice"
    assert facts["og:description"] == "I take photos."
    assert facts["og:image"].startswith(f"{SITE}/media/avatars/")
    assert facts["og:image:width"] == facts["og:image:height"]
    assert links(page)["canonical"] == f"{SITE}/@alice/"
    assert links(page)["alternateapplication/atom+xml"] == f"{SITE}/@alice/feed.atom"


def test_a_private_profile_has_no_preview_and_no_feed(browser_as: As, carol: User) -> None:
    page = browser_as(None).get("/@carol/").text
    assert said(page)["robots"] == "noindex"
    assert "og:" not in head_of(page)
    assert "atom" not in head_of(page)


def test_a_tag_shows_a_photo(browser_as: As, alice: User) -> None:
    photo = make_photo(alice, "At the #Sea", "Waves")
    page = browser_as(None).get("/tags/sea/").text
    assert said(page)["og:title"] == "#Sea"
    assert photo.code in said(page)["og:image"]
    assert links(page)["alternateapplication/atom+xml"] == f"{SITE}/tags/sea/feed.atom"


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/p/{code}/?cursor=n1", "/p/{code}/"),
        ("/@alice/?cursor=n1", "/@alice/"),
        ("/tags/sea/?cursor=n1", "/tags/sea/"),
        ("/explore/?cursor=n1", "/explore/"),
        ("/explore/?sort=popular&x=1", "/explore/?sort=popular"),
        ("/?x=1", "/"),
        ("/p/{code}/comments/{comment}/?cursor=n1", "/p/{code}/comments/{comment}/"),
    ],
)
def test_all_variants_of_a_page_name_one_address(
    browser_as: As, alice: User, path: str, canonical: str
) -> None:
    photo = make_photo(alice, "The #sea")
    written = comment(author=alice, photo_id=photo.pk, text="Hi")
    names = {"code": photo.code, "comment": encode(written.pk)}
    answer = browser_as(None).get(path.format(**names))
    assert answer.status_code == 200
    assert links(answer.text)["canonical"] == SITE + canonical.format(**names)


def test_who_wishes_it_is_left_out_by_search_engines(
    browser_as: As, api_as: As, alice: User
) -> None:
    photo = make_photo(alice, "Words #mine")
    written = comment(author=alice, photo_id=photo.pk, text="Hi")
    thread = f"/p/{photo.code}/comments/{encode(written.pk)}/"
    member, visitor = browser_as(alice), browser_as(None)
    paths = (f"/p/{photo.code}/", "/@alice/", thread)
    assert "noindex" not in "".join(visitor.get(path).text for path in paths)
    member.post("/settings/privacy/", {"noindex": "on"})
    assert "checked" in member.get("/settings/privacy/").text
    assert api_as(alice).get("/api/v1/me/").json()["noindex"] is True
    for path in paths:
        assert said(visitor.get(path).text)["robots"] == "noindex"
    assert "og:image" not in visitor.get("/tags/mine/").text
    body = api_as(alice).patch("/api/v1/me/", {"noindex": False}).json()
    assert body["noindex"] is False
    assert "noindex" not in "".join(visitor.get(path).text for path in paths)


def test_the_wish_is_kept_beside_the_privacy(alice: User) -> None:
    profiles.set_noindex(user=alice, noindex=True)
    follows.set_privacy(user=alice, private=True)
    follows.set_privacy(user=alice, private=False)
    assert User.objects.get(pk=alice.pk).noindex
