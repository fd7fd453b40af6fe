"""What is pressed is painted at once, in a real browser, whatever the network does."""

from __future__ import annotations

import statistics

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from photos.conversation.comments import like_comment
from photos.models import CommentLike, Like
from photos.services import comment
from social.albums.models import SavedPhoto
from tests.browser.answers.conftest import scroll_y, slow, until
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_follow, make_photo, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
# From the finger on the heart to the painted frame that shows it.
MEASURE = """
button => new Promise(done => {
    let start = 0;
    button.addEventListener("pointerdown", event => { start = event.timeStamp; }, {once: true});
    new MutationObserver((_, observer) => {
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
    }).observe(button, {attributes: true, attributeFilter: ["aria-pressed"]});
})
"""
# Two taps of a finger, one right after the other, however busy the machine is.
TWICE = """
picture => {
    for (let tap = 0; tap < 2; tap++) {
        const finger = { pointerType: "touch", bubbles: true, isPrimary: true };
        picture.dispatchEvent(new PointerEvent("pointerdown", finger));
        picture.firstElementChild.click();
    }
}
"""


def heart(page: Page, number: int = 0) -> Locator:
    """Return a card's heart."""
    return page.locator(".like button").nth(number)


def posts(page: Page) -> list[str]:
    """Return a list that gets the path of every form that is sent from now on."""
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    return sent


def test_a_heart_is_painted_before_the_site_answers(page: Page, alice: User) -> None:
    for _ in range(5):
        make_photo(alice)
    page.goto("/feed/")
    slow(page, 400)
    painted = []
    for number in range(5):
        button = heart(page, number)
        button.scroll_into_view_if_needed()
        button.evaluate(f"button => {{ window.painted = ({MEASURE})(button); }}")
        button.click()
        painted.append(page.evaluate("window.painted"))
        expect(button).to_contain_text("1")
    assert statistics.median(painted) <= 50, painted
    until(page, lambda: Like.objects.count() == 5)


@pytest.mark.parametrize(("presses", "requests"), [(4, 2), (5, 1)])
def test_rapid_presses_end_as_the_last_of_them(
    page: Page, alice: User, presses: int, requests: int
) -> None:
    make_photo(alice)
    page.goto("/feed/")
    sent = posts(page)
    wanted = presses % 2
    heart(page).evaluate("(button, times) => { while (times--) button.click(); }", presses)
    expect(heart(page)).to_have_attribute("aria-pressed", "true" if wanted else "false")
    until(page, lambda: len(sent) == requests and Like.objects.count() == wanted)
    expect(heart(page)).to_contain_text(str(wanted))


def test_a_refused_like_is_taken_back_and_can_be_tried_again(page: Page, alice: User) -> None:
    for _ in range(5):
        make_photo(alice)
    page.goto("/feed/", wait_until="networkidle")
    page.evaluate("scrollTo(0, 1500)")
    before = scroll_y(page)
    card = page.locator("article.card").nth(2)
    card.scroll_into_view_if_needed()
    before = scroll_y(page)
    page.route("**/like/", lambda route: route.abort(), times=1)
    card.locator(".like button").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("No connection")
    expect(card.locator(".like button")).to_have_attribute("aria-pressed", "false")
    expect(card.locator(".like button")).to_contain_text("0")
    assert scroll_y(page) == before
    toast.get_by_role("button", name="Try again").click()
    expect(card.locator(".like button")).to_have_attribute("aria-pressed", "true")
    until(page, lambda: Like.objects.count() == 1)


def test_a_finger_that_scrolls_has_pressed_nothing(page: Page, alice: User) -> None:
    make_photo(alice)
    page.goto("/feed/")
    box = heart(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    expect(heart(page)).to_have_attribute("aria-pressed", "true")
    page.mouse.move(box["x"] + 10, box["y"] - 200)
    page.mouse.up()
    expect(heart(page)).to_have_attribute("aria-pressed", "false")
    assert not Like.objects.exists()


@pytest.mark.parametrize("what", ["like", "save", "follow", "comment like"])
def test_the_focus_stays_on_what_the_keyboard_pressed(
    page: Page, alice: User, bob: User, what: str
) -> None:
    photo = make_photo(bob)
    written = comment(author=bob, photo_id=photo.pk, text="Hello")
    like_comment(user=bob, comment_id=written.pk)
    page.goto("/@bob/" if what == "follow" else photo.get_absolute_url())
    forms = {"like": "form.like", "save": "form.save", "follow": "form.follow"}
    form = forms.get(what, "[data-live^=comment-like-]")
    button = page.locator(f"{form} button").first
    button.focus()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    expect(button).to_be_focused()
    if what != "follow":
        expect(button).to_have_attribute("aria-pressed", "true")
    if what == "comment like":
        expect(button).to_contain_text("2")
        assert CommentLike.objects.count() == 2


def test_a_double_tap_likes_and_a_single_one_opens(open_as: Open, alice: User) -> None:
    photo = make_photo(alice)
    page = open_as(alice, width=390, touch=True)
    with_pictures(page)
    page.goto("/feed/")
    picture = page.locator("a.picture")
    picture.evaluate(TWICE)
    expect(page.locator(".burst")).to_be_visible()
    expect(heart(page)).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("/feed/")
    expect(page.locator(".burst")).to_have_count(0)
    picture.tap()
    page.wait_for_url(f"**{photo.get_absolute_url()}")
    assert Like.objects.count() == 1


def test_a_follow_brings_new_counts_and_new_words(page: Page, alice: User, bob: User) -> None:
    clara = make_user("clara", private=True)
    page.goto("/@bob/")
    page.get_by_role("button", name="Follow bob").click()
    expect(page.get_by_role("button", name="Unfollow bob")).to_have_text("Following")
    expect(page.locator("[data-live='counts-bob']")).to_contain_text("1 follower")
    page.goto(clara.get_absolute_url())
    page.get_by_role("button", name="Follow clara").click()
    expect(page.get_by_role("button", name="withdraw your request")).to_have_text("Requested")
    expect(page.get_by_text("Your request has been sent")).to_be_visible()


def test_a_bookmark_is_shown_at_once_and_after_a_reload(page: Page, alice: User) -> None:
    photo = make_photo(alice)
    page.goto("/feed/")
    bookmark = page.locator("form.save button")
    bookmark.click()
    expect(bookmark).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".toast")).to_contain_text("Saved")
    for address in ("/feed/", photo.get_absolute_url()):
        page.goto(address)
        expect(bookmark).to_have_attribute("aria-pressed", "true")
    bookmark.click()
    until(page, lambda: not SavedPhoto.objects.exists())
    page.goto("/feed/")
    expect(bookmark).to_have_attribute("aria-pressed", "false")
    assert not SavedPhoto.objects.exists()


def test_without_a_script_heart_and_bookmark_are_forms(open_as: Open, alice: User) -> None:
    make_photo(alice)
    page = open_as(alice, script=False)
    with_pictures(page)
    page.goto("/feed/")
    heart(page).click()
    expect(heart(page)).to_have_attribute("aria-pressed", "true")
    page.locator("form.save button").click()
    expect(page.get_by_text("This is one of your saved photos.")).to_be_visible()
    page.goto("/feed/")
    expect(page.locator("form.save button")).to_have_attribute("aria-pressed", "true")


def test_what_one_tab_does_the_other_shows(open_as: Open, alice: User, bob: User) -> None:
    photo = make_photo(bob)
    make_follow(alice, bob)
    page = open_as(alice)
    other = page.context.new_page()
    for tab, address in ((page, "/feed/"), (other, photo.get_absolute_url())):
        with_pictures(tab)
        tab.goto(address)
    heart(other).click()
    other.locator("form.save button").click()
    expect(heart(page)).to_have_attribute("aria-pressed", "true")
    expect(heart(page)).to_contain_text("1")
    expect(page.locator("form.save button")).to_have_attribute("aria-pressed", "true")
