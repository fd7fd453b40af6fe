"""The shell in a browser: places, menu, theme, toasts, the page for a lost connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.browser.conftest import Open
from tests.factories import make_follow, make_photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
WIDTHS = pytest.mark.parametrize("width", [360, 768, 1280, 1920])


def box(page: Page, selector: str) -> dict[str, float]:
    """Return where an element is."""
    found = page.locator(selector).first.bounding_box()
    assert found
    return {name: float(value) for name, value in dict[str, Any](found).items()}


@WIDTHS
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_places_are_at_the_bottom_of_phones_and_at_the_side_of_desktops(
    open_as: Open, alice: User, width: int, language: str
) -> None:
    User.objects.filter(pk=alice.pk).update(language=language)
    page = open_as(alice, width=width)
    page.goto("/settings/")
    nav, main = box(page, ".nav"), box(page, "#main")
    if width < 1024:
        assert nav["y"] + nav["height"] == 800
        assert nav["height"] <= 60
    else:
        bar = box(page, ".bar")
        assert bar["width"] == (240 if width >= 1440 else 72)
        assert bar["height"] == 800
        if language == "en":
            assert bar["x"] == 0
            assert main["x"] >= bar["width"]
        else:
            assert bar["x"] + bar["width"] == width
            assert main["x"] + main["width"] <= bar["x"]
    for place in page.locator(".nav a").all():
        size = place.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 48
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_header_and_bar_leave_two_thirds_of_a_window_at_200_percent(
    open_as: Open, alice: User
) -> None:
    page = open_as(alice)
    page.set_viewport_size({"width": 640, "height": 400})
    page.goto("/settings/")
    nav, main = box(page, ".nav"), box(page, "#main")
    assert nav["y"] - main["y"] >= 400 * 2 / 3


def test_the_menu_closes_by_escape_and_by_a_click_beside_it(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto("/settings/")
    menu, more = page.locator("#you"), page.get_by_role("button", name="More", exact=True)
    ways: list[Callable[[], None]] = [
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(900, 20),
    ]
    for close in ways:
        more.click()
        expect(menu).to_be_visible()
        close()
        expect(menu).to_be_hidden()
    more.click()
    inside = menu.bounding_box()
    assert inside
    assert inside["x"] >= 72
    assert inside["y"] + inside["height"] <= 800


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_theme_is_chosen_and_kept(open_as: Open, alice: User, script: bool) -> None:
    page = open_as(alice, script=script)
    page.goto("/settings/")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/settings/")
    ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert ground == "rgb(11, 12, 13)"


def test_the_servers_messages_are_toasts(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto("/settings/")
    before = box(page, "#main")
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator("#toasts .toast")).to_be_visible()
    expect(page.locator("#messages")).to_have_count(0)
    assert box(page, "#main")["y"] == before["y"]


SAY = """async (options) => {
    const source = document.querySelector('script[type=module]').src;
    const {toast} = await import(source.replace("app.js", "toast.js"));
    if (options.action) options.action.run = () => { document.title = "undone"; };
    toast("Gone", options);
}"""


def test_a_toast_waits_while_the_pointer_is_on_it(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.clock.install(time=0)
    page.goto("/settings/")
    page.clock.pause_at(3_600_000)
    page.evaluate(SAY, {})
    toast = page.locator(".toast")
    page.clock.run_for(3000)
    toast.hover()
    page.clock.run_for(60_000)
    expect(toast).to_be_visible()
    page.mouse.move(900, 20)
    page.clock.run_for(6000)
    expect(toast).to_have_count(0)


def test_without_a_script_messages_are_notices_that_can_be_closed(
    open_as: Open, alice: User
) -> None:
    page = open_as(alice, script=False)
    page.goto("/settings/")
    page.get_by_role("button", name="Save profile").click()
    notice = page.locator(".message")
    expect(notice).to_be_visible()
    page.get_by_role("checkbox", name="Close").check()
    expect(notice).to_be_hidden()


def test_a_failure_says_so_and_moves_nothing(
    open_as: Open, alice: User, bob: User, faults: list[str]
) -> None:
    make_follow(alice, bob)
    for _ in range(6):
        make_photo(bob)
    page = open_as(alice)
    page.goto("/feed/")
    page.locator(".card").nth(3).scroll_into_view_if_needed()
    page.route("**/like/", lambda route: route.abort())
    button = page.locator(".card").nth(3).get_by_role("button", name="Like")
    button.scroll_into_view_if_needed()
    there = page.evaluate("scrollY")
    assert there > 500
    button.click()
    expect(page.locator("#toasts")).to_be_visible()
    expect(page.locator(".toast")).to_be_in_viewport()
    assert page.evaluate("scrollY") == there
    faults.clear()


def test_a_toast_can_be_pressed_over_a_dialog(open_as: Open, alice: User) -> None:
    page = open_as(alice)
    page.goto("/settings/")
    page.evaluate(
        """() => {
        const dialog = document.createElement("dialog");
        document.body.append(dialog);
        dialog.showModal();
        }"""
    )
    page.evaluate(SAY, {"action": {"label": "Undo"}})
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_title("undone")
    expect(page.locator(".toast")).to_have_count(0)


@pytest.fixture
def installed(chromium: Browser, live_server: Any, alice: User) -> Iterator[Page]:
    """Open a browser of a member that has installed the service worker."""
    context = chromium.new_context(base_url=live_server.url)
    client = Client()
    client.force_login(alice)
    value = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": value, "url": live_server.url, "httpOnly": True}]
    )
    page = context.new_page()
    page.goto("/settings/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    yield page
    context.close()


def test_the_page_for_a_lost_connection_goes_on_by_itself(installed: Page) -> None:
    installed.context.set_offline(True)
    installed.goto("/settings/")
    expect(installed.get_by_role("heading", name="No connection")).to_be_visible()
    expect(installed.get_by_role("link", name="Home")).to_be_visible()
    shift = installed.locator(".nav svg").first.bounding_box()
    assert shift
    assert shift["width"] > 0
    installed.context.set_offline(False)
    expect(installed.get_by_role("heading", name="Your profile")).to_be_visible(timeout=20_000)


def test_a_device_keeps_nothing_of_a_member_after_the_log_out(installed: Page, alice: User) -> None:
    make_photo(alice, caption="For friends")
    installed.goto(alice.get_absolute_url())
    installed.goto("/feed/")
    expect(installed.get_by_text("For friends")).to_be_visible()
    installed.get_by_role("banner").get_by_role("button", name="More").click()
    installed.get_by_role("button", name="Log out").click()
    expect(installed.get_by_role("link", name="Log in").first).to_be_visible()
    kept = installed.evaluate(
        """async () => {
        const found = [];
        for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) {
                found.push(new URL(request.url).pathname);
            }
        }
        return found;
        }"""
    )
    assert kept
    assert [path for path in kept if not path.startswith(("/static/", "/offline/"))] == []
    installed.context.set_offline(True)
    installed.goto("/feed/")
    expect(installed.get_by_role("heading", name="No connection")).to_be_visible()
    assert "alice" not in installed.content()


def test_an_address_without_a_page_shows_photos(
    open_as: Open, alice: User, faults: list[str]
) -> None:
    for _ in range(4):
        make_photo(alice)
    page = open_as()
    page.goto("/nothing/")
    expect(page.locator(".some .tile")).to_have_count(4)
    page.get_by_role("searchbox").fill("alice")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=alice"))
    faults.clear()
