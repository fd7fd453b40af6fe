"""What readers notice first: clocks, small photos, right to left, refusals, swipes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from photos.services import comment
from social import follows
from social.profiles import change_avatar
from tests.browser.conftest import Open
from tests.browser.test_carousel_in_chromium import three_pictures
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_photo, picture, published, upload

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def is_of_the_readers_clock(page: Page, shown: Locator) -> bool:
    """Tell whether a time says, where it is pointed at, the hour of the browser's zone."""
    there = page.evaluate(
        "moment => new Date(moment).toLocaleTimeString('en', {hour: 'numeric', minute: '2-digit'})",
        shown.get_attribute("datetime"),
    )
    return there.split()[0] in (shown.get_attribute("title") or shown.text_content() or "")


def test_photo_and_comments_have_the_times_of_the_readers_clock(open_as: Open, alice: User) -> None:
    photo = make_photo(alice)
    comment(author=alice, photo_id=photo.pk, text="Hello")
    page = open_as(alice, zone="Asia/Kolkata")  # half an hour beside all whole hours
    with_pictures(page)
    page.goto(photo.get_absolute_url())
    times = page.locator("article.viewer time")
    expect(times).to_have_count(2)
    for number in range(2):
        assert is_of_the_readers_clock(page, times.nth(number))


def test_a_small_photo_is_not_blown_up(open_as: Open, alice: User) -> None:
    published(author=alice, image=upload(picture((200, 150))))
    page = open_as(alice)
    page.goto("/feed/")
    box = page.locator(".card .picture img").bounding_box()
    assert box
    assert box["width"] <= 200


@pytest.mark.parametrize(("words", "direction"), [("غروب الشمس", "rtl"), ("A sunset", "ltr")])
def test_a_caption_runs_as_its_language_does(
    open_as: Open, alice: User, words: str, direction: str
) -> None:
    photo = make_photo(alice, words)
    page = open_as(alice)
    with_pictures(page)
    for address in ("/feed/", photo.get_absolute_url()):
        page.goto(address)
        caption = page.locator(".caption [dir=auto], .caption[dir=auto]").first
        expect(caption).to_contain_text(words)
        assert caption.evaluate("words => getComputedStyle(words).direction") == direction


def test_a_website_needs_no_scheme(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto("/settings/")
    page.get_by_label("Website").fill("example.org")
    page.get_by_label("Website").press("Enter")
    expect(page.get_by_text("Your profile has been saved.")).to_be_visible()
    alice.refresh_from_db()
    assert alice.website == "https://example.org"


def test_blocked_people_have_their_faces(open_as: Open, alice: User, bob: User) -> None:
    change_avatar(user=bob, image=upload(picture((64, 64))))
    follows.block(blocker=alice, blocked=bob)
    page = open_as(alice)
    page.goto("/settings/blocked/")
    face = page.locator(".people > li img")
    expect(face).to_be_visible()
    assert face.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_what_is_not_ones_own_is_refused_with_a_way_out(
    open_as: Open, alice: User, bob: User, faults: list[str]
) -> None:
    photo = make_photo(bob)
    page = open_as(alice)
    answer = page.goto(f"{photo.get_absolute_url()}edit/")
    assert answer
    assert answer.status == 403
    expect(page.get_by_role("heading", name="You can’t see this page")).to_be_visible()
    expect(page.locator("main").get_by_role("link").first).to_be_visible()
    assert [fault for fault in faults if "status of 403" not in fault] == []
    faults.clear()


def test_pictures_are_swiped_in_the_feed(open_as: Open, alice: User) -> None:
    three_pictures(alice)
    page = open_as(alice, width=390, touch=True)
    page.goto("/feed/")
    strip = page.locator(".card .carousel .strip")
    box = strip.bounding_box()
    assert box
    fingers = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    places = [("touchStart", 320), *(("touchMove", x) for x in range(300, 40, -20))]
    for kind, x in places:
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_role("group", name="Picture 2 of 3")).to_be_in_viewport(ratio=0.9)
    assert page.url.endswith("/feed/")
