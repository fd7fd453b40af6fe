"""The lists of deleted albums and comments in Chromium: found, marked in the menu, brought back."""

from __future__ import annotations

from io import BytesIO

import pytest
from playwright.sync_api import expect

from photos.models import Comment
from photos.services import comment, delete_comment
from social.albums import deleting
from social.models import Album
from tests.browser.conftest import Open
from tests.factories import make_user, picture, published
from tests.social.albums.scene import make_album

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_album_and_a_comment_are_brought_back_from_their_lists(open_as: Open) -> None:
    alice = make_user("alice")
    photo = published(author=alice, image=BytesIO(picture()))
    album = make_album(alice, photo, title="Summer")
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    written = comment(author=alice, photo_id=photo.pk, text="Hasty words")
    delete_comment(comment=written, by=alice)
    page = open_as(alice, width=1280)
    page.goto("/settings/deleted/")
    tabs = page.get_by_role("navigation", name="What was deleted")
    menu = page.get_by_role("navigation", name="Settings", exact=True)
    for tab, words, back in (
        ("Albums", "Summer", "The album is back"),
        ("Comments", "Hasty words", "The comment is back"),
    ):
        tabs.get_by_role("link", name=tab).click()
        expect(tabs.locator("[aria-current=page]")).to_have_text(tab)
        expect(menu.locator("[aria-current]")).to_have_text("Recently deleted")
        row = page.get_by_role("article")
        expect(row).to_contain_text(words)
        row.get_by_role("button", name="Restore").click()
        expect(row).to_be_hidden()
        expect(page.get_by_role("status")).to_contain_text(back)
        with page.expect_response("**/restore/"):
            page.locator("#toasts").get_by_role("button", name="Close").click()
    assert Album.objects.get() == album
    assert Comment.objects.get().text == "Hasty words"
