"""A log-in that ends or changes while a page is open, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from photos.models import Comment, Like, Photo
from tests.browser.conftest import Open
from tests.browser.hands import hold
from tests.browser.test_pages_in_chromium import scroll_down
from tests.factories import PASSWORD, make_photo, make_user, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
THERE = "#pictures .there"
OUT = "You are logged out. Log in in another tab"


@pytest.fixture(autouse=True)
def refusals_are_no_faults(faults: list[str]) -> Iterator[None]:
    """Leave out what browser and htmx say of the failures that these tests are about."""
    yield
    expected = re.compile(r"403|console: htmx:|net::ERR_FAILED")
    faults[:] = [line for line in faults if not expected.search(line)]


@pytest.fixture
def alice(db: None) -> User:
    """Return a person who can log in."""
    return make_user("alice", password=PASSWORD)


@pytest.fixture
def bob(db: None) -> User:
    """Return another person who can log in."""
    return make_user("bob", password=PASSWORD)


@pytest.fixture
def page(open_as: Open, alice: User) -> Page:
    """Return a page of Alice's browser, without the files of pictures."""
    page = open_as(alice)
    with_pictures(page)
    return page


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a picture."""
    path = tmp_path / "one.jpg"
    path.write_bytes(picture())
    return path


def with_pictures(page: Page) -> None:
    """Answer with a picture of the right shape for photos that have rows but no files."""
    page.route(
        "**/media/photos/**",
        lambda route: route.fulfill(body=picture((600, 400)), content_type="image/jpeg"),
    )


def end_session(page: Page) -> None:
    """End the session on this browser's side."""
    page.context.clear_cookies(name="sessionid")


def log_in(tab: Page, name: str = "alice") -> None:
    """Log in in a tab that shows the log-in page, and close it."""
    tab.locator("[name=username]").fill(name)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Log in").click()
    expect(tab.locator(f"body[data-viewer={name}]")).to_be_attached()
    tab.close()


def log_in_elsewhere(page: Page, name: str = "alice") -> None:
    """Log in in another tab, which changes the CSRF token."""
    end_session(page)
    tab = page.context.new_page()
    tab.goto("/login/")
    log_in(tab, name)


def test_a_comment_outlives_the_session(page: Page, alice: User) -> None:
    page.goto(make_photo(alice).get_absolute_url())
    end_session(page)
    page.get_by_label("Comment", exact=True).fill("A long story")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#toasts")).to_contain_text(OUT)
    expect(page.get_by_label("Comment", exact=True)).to_have_value("A long story")
    with page.expect_popup() as tab:
        page.locator("#toasts").get_by_role("link", name="Log in").click()
    log_in(tab.value)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(page.locator("#toasts > *")).to_have_count(0)
    assert Comment.objects.get().text == "A long story"


def test_a_log_in_in_another_tab_is_not_noticed(page: Page, alice: User, bob: User) -> None:
    page.goto(make_photo(bob).get_absolute_url())
    log_in_elsewhere(page)
    with page.expect_response(lambda answer: answer.url.endswith("/like/") and answer.ok):
        page.get_by_role("button", name="Like").click()
    expect(page.locator("button[aria-pressed=true]")).to_be_visible()
    log_in_elsewhere(page)
    page.get_by_label("Comment", exact=True).fill("Lovely")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="1 comment")).to_be_visible()
    page.goto("/@bob/")
    log_in_elsewhere(page)
    with page.expect_response(lambda answer: answer.url.endswith("/follow/") and answer.ok):
        page.get_by_role("button", name="Follow bob").click()
    expect(page.get_by_role("button", name="Unfollow bob")).to_be_visible()
    expect(page.locator("#toasts > *")).to_have_count(0)


def test_nothing_is_done_as_somebody_else(page: Page, alice: User, bob: User) -> None:
    page.goto(make_photo(alice).get_absolute_url())
    log_in_elsewhere(page, "bob")
    page.get_by_role("button", name="Like").click()
    expect(page.locator("#toasts")).to_contain_text("You’re logged in as @bob now.")
    assert not Like.objects.exists()


def test_without_cookies_a_request_is_not_repeated_for_ever(page: Page, alice: User) -> None:
    page.goto(make_photo(alice).get_absolute_url())
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    refused = '<p data-detail>It had expired.</p><div data-session="alice">{}</div>'
    body = refused.format('<input name="csrfmiddlewaretoken" value="x">')
    page.route("**/like/", lambda route: route.fulfill(status=403, body=body))
    page.get_by_role("button", name="Like").click()
    expect(page.locator("#toasts")).to_contain_text("It had expired.")
    assert sent.count("POST") == 2


def test_a_silent_site_is_told(page: Page, alice: User) -> None:
    page.goto(make_photo(alice).get_absolute_url())
    assert page.evaluate("htmx.config.timeout") == 30_000
    page.evaluate("htmx.config.timeout = 100")
    hold(page, "**/comments/")
    page.get_by_label("Comment", exact=True).fill("A long story")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#toasts")).to_contain_text("The site doesn’t answer.")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("A long story")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#toasts > *")).to_have_count(0)


def test_the_next_rows_are_asked_for_again(page: Page, alice: User) -> None:
    for _ in range(25):
        make_photo(alice)
    page.clock.install()
    page.goto("/feed/")
    page.route("**/feed/?cursor=*", lambda route: route.abort(), times=1)
    scroll_down(page)
    expect(page.locator(".more.failed")).to_contain_text("More couldn’t be loaded.")
    page.clock.fast_forward("00:06")
    expect(page.locator("article.card")).to_have_count(25)


def test_a_visitor_who_presses_like_is_led_to_the_log_in(page: Page, alice: User) -> None:
    address = make_photo(alice).get_absolute_url()
    page.context.clear_cookies()
    page.goto(address)
    page.get_by_role("button", name="Like").click()
    expect(page).to_have_url(re.compile(f"/login/\\?next={address}$"))


@pytest.mark.parametrize("when", ["before a file is chosen", "before it is published"])
def test_an_upload_goes_on_after_the_session(
    page: Page, alice: User, file: Path, when: str
) -> None:
    page.goto("/upload/")
    if when == "before a file is chosen":
        end_session(page)
    page.get_by_label("Choose photos").set_input_files(file)
    page.get_by_label("Caption").fill("A long story")
    if when == "before a file is chosen":
        expect(page.locator("#fault")).to_contain_text(OUT)
        log_in_elsewhere(page)
        page.get_by_role("button", name="Try again").click()
    expect(page.locator(THERE)).to_have_count(1)
    end_session(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#upload-errors")).to_contain_text(OUT)
    log_in_elsewhere(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Your photo is published.")).to_be_visible()
    assert Photo.objects.get().caption == "A long story"


def test_an_upload_goes_on_after_a_log_in_in_another_tab(
    page: Page, alice: User, file: Path
) -> None:
    page.goto("/upload/")
    log_in_elsewhere(page)
    page.get_by_label("Choose photos").set_input_files(file)
    expect(page.locator(THERE)).to_have_count(1)
    expect(page.locator("#fault")).to_be_empty()
    log_in_elsewhere(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Your photo is published.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_plain_form_outlives_the_session(open_as: Open, alice: User, script: bool) -> None:
    photo = make_photo(alice)
    page = open_as(alice, script=script)
    with_pictures(page)
    page.goto(f"{photo.get_absolute_url()}edit/")
    page.get_by_label("Caption").fill("A long story\nof two lines")
    end_session(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="You’ve been logged out")).to_be_visible()
    with page.expect_popup() as tab:
        page.locator("main").get_by_role("link", name="Log in").click()
    log_in(tab.value)
    page.get_by_role("button", name="Continue").click()
    # The log-in has changed the token: once more.
    expect(page.get_by_text("of two lines")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    photo.refresh_from_db()
    assert photo.caption == "A long story\nof two lines"
