"""Undo, requests, the reader's clock, "Back" and the look of cards, in a real browser."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import FloatRect, Page, expect

from accounts.models import User
from photos.models import Photo, Removal
from social import follows, mutes
from tests.browser.answers.conftest import until
from tests.browser.conftest import Open
from tests.browser.test_back_in_chromium import go_back
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import blocked_between, make_follow, make_photo, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def test_an_unblocked_person_is_blocked_again_by_undo(page: Page, alice: User, bob: User) -> None:
    follows.block(blocker=alice, blocked=bob)
    page.goto("/settings/blocked/")
    row = page.locator(".people > li")
    row.get_by_role("button", name="Unblock bob").click()
    expect(row).to_be_hidden()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("@bob unblocked")
    expect(page.locator("body")).not_to_be_focused()
    toast.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    expect(row.get_by_role("button", name="Unblock bob")).to_be_focused()
    assert blocked_between(alice, bob)


def test_what_is_not_undone_is_done_when_the_page_is_left(
    page: Page, alice: User, bob: User
) -> None:
    mutes.mute(muter=alice, muted=bob)
    page.goto("/settings/muted/")
    page.get_by_role("button", name="Unmute bob").click()
    expect(page.locator(".toast")).to_contain_text("@bob")
    page.goto("/settings/")
    until(page, lambda: not alice.mutes_made.exists())


def test_without_a_script_the_button_sends_its_form(open_as: Open, alice: User, bob: User) -> None:
    follows.block(blocker=alice, blocked=bob)
    page = open_as(alice, script=False)
    page.goto("/settings/blocked/")
    page.get_by_role("button", name="Unblock bob").click()
    expect(page.get_by_text("You haven’t blocked anyone.")).to_be_visible()


def open_menu(page: Page) -> None:
    """Open the menu of a profile."""
    page.locator("[popovertarget=profile-menu]").first.click()


def test_a_removed_follower_stays_after_undo(page: Page, alice: User, bob: User) -> None:
    make_follow(bob, alice)
    page.goto("/@bob/")
    open_menu(page)
    page.get_by_role("button", name="Remove from followers").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("@bob no longer follows you")
    expect(page.locator("body")).not_to_be_focused()
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_have_count(0)
    page.goto("/settings/")
    assert bob.follows.filter(followee=alice).exists()
    page.goto("/@bob/")
    open_menu(page)
    page.get_by_role("button", name="Remove from followers").click()
    expect(toast).to_contain_text("@bob no longer follows you")
    page.goto("/settings/")
    until(page, lambda: not bob.follows.filter(followee=alice).exists())


def test_a_removed_follower_is_gone_from_words_and_counts(
    page: Page, alice: User, bob: User
) -> None:
    make_follow(bob, alice)
    page.goto("/@bob/")
    expect(page.get_by_text("Follows you")).to_be_visible()
    expect(page.locator("[data-live='counts-bob']")).to_contain_text("1 following")
    open_menu(page)
    page.get_by_role("button", name="Remove from followers").click()
    page.route("**/remove/", lambda route: route.abort(), times=1)
    page.locator(".toast").get_by_role("button", name="Close").click()
    page.locator(".toast").get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Follows you")).to_have_count(0)
    expect(page.locator("[data-live='counts-bob']")).to_contain_text("0 following")
    expect(page.get_by_role("button", name="Follow bob")).to_have_text("Follow")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("what", ["block", "mute"])
def test_blocks_and_mutes_are_taken_back_where_they_are_told(
    open_as: Open, alice: User, bob: User, what: str, script: bool
) -> None:
    page = open_as(alice, script=script)
    page.goto("/@bob/")
    open_menu(page)
    if what == "block":
        page.get_by_role("button", name="Block").first.click()
        page.locator("#profile-block").get_by_role("button", name="Block").click()
    else:
        page.get_by_role("link", name="Mute").click()
        page.get_by_role("button", name="Mute").click()
    told = page.locator(".toast" if script else ".message")
    expect(told).to_be_visible()

    def is_made() -> bool:
        return alice.blocks_made.exists() if what == "block" else alice.mutes_made.exists()

    assert is_made()
    told.get_by_role("button", name="Undo").click()
    expect(told.get_by_role("button", name="Undo")).to_have_count(0)
    until(page, lambda: not is_made())


def test_a_photo_of_the_feed_is_deleted_at_once_and_brought_back(page: Page, alice: User) -> None:
    make_photo(alice, alt_text="A hill")
    photo = make_photo(alice, alt_text="A boat")
    page.goto("/feed/")
    card = page.locator(f"#photo-{photo.code}")
    more = card.get_by_role("button", name="More actions")

    def delete() -> None:
        more.click()
        card.get_by_role("link", name="Delete").click()
        expect(card).to_be_hidden()
        expect(page.locator("body")).not_to_be_focused()

    delete()
    expect(page).to_have_url(re.compile("/feed/"))
    assert Removal.objects.get().photo == photo
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Photo deleted")
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Photo restored")
    expect(card).to_be_visible()
    expect(more).to_be_focused()
    assert not Removal.objects.exists()
    delete()
    page.reload()
    expect(page.locator("article.card")).to_have_count(1)


def test_without_a_script_a_page_asks_before_a_photo_of_the_feed_is_deleted(
    open_as: Open, alice: User
) -> None:
    make_photo(alice)
    page = open_as(alice, script=False)
    with_pictures(page)
    page.goto("/feed/")
    page.locator("article.card [popovertarget]").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("article.card")).to_have_count(0)
    assert Removal.objects.exists()


def test_requests_stand_above_the_activity(open_as: Open, alice: User) -> None:
    clara = make_user("clara", private=True)
    follows.follow(follower=alice, followee=clara)
    page = open_as(clara, width=390)
    page.goto("/activity/")
    waiting = page.get_by_role("region", name="Follow requests")
    expect(waiting).to_contain_text("alice")
    expect(waiting.get_by_role("button", name="Accept")).to_be_visible()


def test_a_time_is_that_of_the_readers_clock(open_as: Open, alice: User) -> None:
    photo = make_photo(alice)
    page = open_as(alice, zone="America/New_York")
    with_pictures(page)
    page.goto("/feed/")
    shown = page.locator("article.card time")
    there = page.evaluate(
        "moment => new Date(moment).toLocaleTimeString('en', {hour: 'numeric', minute: '2-digit'})",
        shown.get_attribute("datetime"),
    )
    assert there.split()[0] in (shown.get_attribute("title") or "")
    assert photo.created_at.strftime("%H:%M") not in there


def test_back_shows_what_was_done_meanwhile(
    open_with_bfcache: Open, alice: User, bob: User
) -> None:
    photo = make_photo(bob)
    make_follow(alice, bob)
    page = open_with_bfcache(alice)
    with_pictures(page)
    page.goto("/feed/")
    page.goto("/suggestions/")
    page.goto(photo.get_absolute_url())
    page.locator("form.like button").click()
    page.locator("form.save button").click()
    until(page, Photo.objects.get(pk=photo.pk).saved_by.exists)
    for address in ("/suggestions/", "/feed/"):
        go_back(page)
        expect(page).to_have_url(re.compile(address))
        page.wait_for_load_state()
    expect(page.locator("form.like button")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("form.like button")).to_contain_text("1")
    expect(page.locator("form.save button")).to_have_attribute("aria-pressed", "true")


def test_a_long_caption_is_folded_at_two_lines(open_as: Open, alice: User) -> None:
    make_photo(alice, "A long story of many words. " * 12)
    page = open_as(alice, width=390)
    with_pictures(page)
    page.goto("/feed/")
    words = page.locator(".caption > p")
    folded = words.bounding_box()
    assert folded
    assert folded["height"] < 60
    page.locator(".caption summary").click()
    unfolded = words.bounding_box()
    assert unfolded
    assert unfolded["height"] > 2 * folded["height"]


# Without the clipping of cards nothing else is painted: what differs is a ring that was cut off.
@pytest.mark.parametrize("name", ["More actions", "Like", "Save"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_ring_of_the_focus_is_whole_at_the_edge_of_a_card(
    open_as: Open, alice: User, name: str, width: int
) -> None:
    make_photo(alice)
    page = open_as(alice, width=width)
    with_pictures(page)
    page.emulate_media(reduced_motion="reduce")
    page.goto("/feed/")
    page.locator(".card .picture img").evaluate("image => image.decode()")
    button = page.locator(".card").get_by_role("button", name=name)
    page.keyboard.press("Tab")  # the focus is shown to those who use keys
    button.focus()
    expect(button).to_be_focused()
    assert button.evaluate("button => button.matches(':focus-visible')")
    box = button.bounding_box()
    assert box
    around: FloatRect = {
        "x": max(0, box["x"] - 8),
        "y": box["y"] - 8,
        "width": box["width"] + 16,
        "height": box["height"] + 16,
    }
    shown = Image.open(BytesIO(page.screenshot(clip=around))).convert("L")
    page.locator(".card").evaluate("card => { card.style.contentVisibility = 'visible'; }")
    whole = Image.open(BytesIO(page.screenshot(clip=around))).convert("L")
    # Edges are smoothed a little otherwise.
    assert not any(ImageChops.difference(shown, whole).histogram()[16:])
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_photos_reach_the_edges_of_a_phone_and_have_no_box(
    open_as: Open, alice: User, width: int
) -> None:
    make_photo(alice)
    page = open_as(alice, width=width)
    with_pictures(page)
    page.goto("/feed/")
    box = page.locator(".card .picture img").bounding_box()
    assert box
    assert box["width"] == (360 if width == 360 else 680)
    assert page.locator(".card").evaluate("card => getComputedStyle(card).borderStyle") == "none"
