"""The site as a person uses it, in a real browser, with and without JavaScript."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.bin import move_to_bin
from photos.models import Comment, Like, Photo
from photos.services import comment
from tests.browser.conftest import Open
from tests.factories import PASSWORD, make_follow, make_photo, make_user, picture, published, upload
from tests.photos.image_files import detailed, encoded, exif

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture
def camera_file(tmp_path: Path) -> Path:
    """Return a photo as a camera writes it: rotated by EXIF, with a place in it."""
    path = tmp_path / "IMG_0001.JPG"
    path.write_bytes(encoded(detailed(1200, 800), exif=exif(6)))
    return path


def with_pictures(page: Page) -> None:
    """Answer with some picture for photos that have rows but no files."""
    page.route(
        "**/media/**",
        lambda route: route.fulfill(body=picture((600, 400)), content_type="image/jpeg"),
    )


def scroll_down(page: Page) -> None:
    """Go to the end of what has been loaded."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def sign_up(page: Page, name: str) -> None:
    """Make an account through the form."""
    page.goto("/signup/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Welcome, @{name}")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_sign_up_to_a_photo_in_a_followers_feed(
    open_as: Open, camera_file: Path, script: bool, alice: User
) -> None:
    page = open_as(script=script)
    sign_up(page, "dora")
    page.get_by_role("link", name="New photo").click()
    page.get_by_label("Choose photos").set_input_files(camera_file)
    page.get_by_label("Caption").fill("First light")
    page.get_by_label("Description").locator("visible=true").fill("A lake before sunrise")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Your photo is published.")).to_be_visible()
    photo = Photo.objects.get()
    assert photo.height > photo.width

    friend = open_as(alice, script=script)
    friend.goto("/@dora/")
    friend.get_by_role("button", name="Follow dora").click()
    expect(friend.get_by_role("button", name="Unfollow dora")).to_be_visible()
    friend.get_by_role("link", name="Home").click()
    shown = friend.get_by_alt_text("A lake before sunrise")
    expect(shown).to_be_visible()
    assert shown.evaluate(
        "image => image.decode().then(() => image.naturalHeight > image.naturalWidth)"
    )


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_liking_and_commenting(open_as: Open, alice: User, bob: User, script: bool) -> None:
    photo = published(author=bob, image=upload())
    page = open_as(alice, script=script)
    page.goto(f"/p/{photo.code}/")
    page.get_by_role("button", name="Like").click()
    expect(page.locator("button[aria-pressed=true]")).to_be_visible()
    page.get_by_label("Comment", exact=True).fill("Lovely light")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="1 comment")).to_be_visible()
    assert Like.objects.count() == Comment.objects.count() == 1
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Lovely light")).to_be_hidden()
    expect(page.get_by_text("No comments yet.")).to_be_visible(timeout=15_000)


def test_the_feed_goes_on_by_itself_while_scrolling(open_as: Open, alice: User) -> None:
    for _ in range(45):
        make_photo(alice)
    page = open_as(alice)
    with_pictures(page)
    page.goto("/feed/")
    cards = page.locator("article.card")
    expect(cards).to_have_count(20)
    for count in (40, 45):
        scroll_down(page)
        expect(cards).to_have_count(count)


def test_without_javascript_a_link_leads_to_older_photos(open_as: Open, alice: User) -> None:
    for _ in range(25):
        make_photo(alice)
    page = open_as(alice, script=False)
    with_pictures(page)
    page.goto("/feed/")
    page.get_by_role("link", name="Older photos").click()
    expect(page.locator("article.card")).to_have_count(5)
    expect(page.get_by_role("link", name="Newer photos")).to_be_visible()


def test_older_comments_come_below(open_as: Open, alice: User) -> None:
    photo = published(author=alice, image=upload())
    for number in range(45):
        comment(author=alice, photo_id=photo.pk, text=f"Number {number:02}")
    page = open_as(alice)
    page.goto(f"/p/{photo.code}/")
    for oldest in ("24", "04"):
        page.get_by_role("link", name="Older comments").scroll_into_view_if_needed()
        expect(page.get_by_text(f"Number {oldest}")).to_be_attached()


WIDTHS = [320, 390, 768, 1280]
PATHS = [
    "/",
    "/explore/",
    "/search/?q=alice",
    "/login/",
    "/signup/",
    "/@alice/",
    "/password-reset/",
]
MEMBER_PATHS = [
    "/feed/",
    "/upload/",
    "/drafts/",
    "/activity/",
    "/settings/notifications/",
    "/settings/",
    "/settings/privacy/",
    "/settings/deleted/",
    "/@alice/followers/",
]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(open_as: Open, alice: User, width: int) -> None:
    make_follow(make_user("a_person_with_a_rather_long_nam"[:30]), alice)
    photo = published(author=alice, image=upload(picture((300, 1800))), caption="Long" * 200)
    comment(author=alice, photo_id=photo.pk, text="w" * 400)
    move_to_bin(photo=published(author=alice, image=upload(picture((300, 900))), caption="w" * 400))
    visitor, member = open_as(width=width), open_as(alice, width=width)
    for page, paths in ((visitor, PATHS), (member, [*MEMBER_PATHS, photo.get_absolute_url()])):
        for path in paths:
            page.goto(path)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} is {wide} px too wide at {width} px"


def test_nothing_moves_while_pictures_arrive(
    open_as: Open, alice: User, layout_shift: Callable[[Page], float]
) -> None:
    for size in ((900, 600), (600, 900), (800, 800), (400, 1600)):
        published(author=alice, image=upload(picture(size)))
    page = open_as(alice, width=390)
    page.goto("/feed/")
    assert layout_shift(page) == 0


def test_the_feed_is_light(open_as: Open, alice: User) -> None:
    for _ in range(20):
        make_photo(alice, caption="A caption of an ordinary length, about one line of it.")
    page = open_as(alice)
    sizes: dict[str, int] = {}

    def weigh(response: object) -> None:
        url = response.url  # type: ignore[attr-defined]
        if "/media/" not in url and not url.endswith((".png", ".svg")):
            sizes[url] = len(gzip.compress(response.body()))  # type: ignore[attr-defined]

    with_pictures(page)
    page.on("requestfinished", lambda request: weigh(request.response()))
    page.goto("/feed/", wait_until="networkidle")
    assert len(sizes) >= 4
    assert sum(sizes.values()) < 100_000


def test_dark_people_get_a_dark_page(open_as: Open) -> None:
    shades = []
    for dark in (False, True):
        page = open_as(dark=dark)
        page.goto("/login/")
        shades.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert shades == ["rgb(255, 255, 255)", "rgb(11, 12, 13)"]


def test_the_keyboard_reaches_the_content_first(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto("/explore/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_api_documentation_works_without_the_internet(open_as: Open) -> None:
    page = open_as()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/", wait_until="networkidle")
    expect(page.get_by_text("MiniGram API").first).to_be_visible()
    # The first group; the others come as one scrolls to them.
    expect(page.get_by_text("/api/v1/auth/token/").first).to_be_visible()
    assert len(asked) > 3
    assert not [url for url in asked if not url.startswith(("http://localhost", "data:", "blob:"))]
