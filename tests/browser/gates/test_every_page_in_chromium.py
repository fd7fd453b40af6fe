"""Every page there is, at phone and desktop width, light and dark: accessible, and never too wide.

The pages come from the table of addresses (``tests/matrix``), so that a new one is looked at from
its first day. Times are measured in ``test_speed_in_chromium``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page

from tests.browser.gates.axe import complaints
from tests.browser.gates.pages import Place, Places, places
from tests.factories import picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
PHONE, DESKTOP = 360, 1280
# Addresses that lead on whoever opens them, or let nobody in, and show no page of ours.
LEAD_ON = {
    "accounts:door": "to log in, as nobody waits here",
    "accounts:provider-new": "to log in, as nobody comes from a provider",
    "social:person": "to a profile under its present name",
}
_TRIGGERS = """
SELECT name, sql FROM sqlite_master
WHERE type = 'trigger' AND tbl_name = 'social_moderationlogentry'
"""
Visit = Callable[[Place, int], Page]


@pytest.fixture
def everything(settings: Any) -> Iterator[Places]:
    settings.RATE_LIMITS = False
    yield places()
    empty_log()


def empty_log() -> None:
    """Empty the moderators' log, which refuses that: the end of a test empties all tables."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("DELETE FROM social_moderationlogentry")
        for _, statement in triggers:
            cursor.execute(statement)


@pytest.fixture
def visit(everything: Places, chromium: Browser, live_server: Any) -> Iterator[Visit]:
    """Return a function that opens a page as whoever it is for; pictures are there at once."""
    contexts = {}

    def opened(place: Place, width: int) -> Page:
        key = (place.as_member, width)
        if key not in contexts:
            contexts[key] = chromium.new_context(
                base_url=live_server.url,
                viewport={"width": width, "height": 800},
                service_workers="block",
                reduced_motion="reduce",
            )
            if place.as_member:
                value, url = everything.scene.session_key, live_server.url
                contexts[key].add_cookies(
                    [{"name": "sessionid", "value": value, "url": url, "httpOnly": True}]
                )
            page = contexts[key].new_page()
            page.route(
                "**/media/**",
                lambda route: route.fulfill(body=picture((600, 400)), content_type="image/jpeg"),
            )
        page = contexts[key].pages[0]
        page.emulate_media(color_scheme="light")
        page.goto(place.path, wait_until="load")
        if page.locator("[hx-trigger~=intersect], [hx-trigger~=load]").count():
            page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts.values():
        context.close()


def test_no_address_is_left_out(everything: Places) -> None:
    """What is not looked at answers files or data, or leads on whoever opens it, as is known."""
    looked_at = {place.name for place in everything.pages}
    assert len(looked_at) > 50
    lead_on = {
        name
        for name, answers in everything.others.items()
        if all(answer.startswith("3") for answer in answers.split(", "))
    }
    assert lead_on == set(LEAD_ON)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_every_page_is_accessible_light_and_dark_and_a_phone_cannot_scroll_it_sideways(
    everything: Places, visit: Visit, width: int
) -> None:
    faults = []
    for place in everything.pages:
        page = visit(place, width)
        found = complaints(page)
        if width == PHONE:
            for direction in ("ltr", "rtl"):
                page.evaluate("way => { document.documentElement.dir = way; }", direction)
                beyond = page.evaluate(_BEYOND)
                found += [f"in {direction}, {beyond} out of the window"] if beyond else []
        faults += [f"{place.name}: {fault}" for fault in found]
    assert not faults, f"{len(faults)} at {width} px:\n" + "\n".join(faults)


# What reaches out of the window, if the page can be scrolled to it.
_BEYOND = """() => {
    const root = document.documentElement, most = root.clientWidth;
    const before = scrollX;
    scrollTo({left: 1e6, behavior: "instant"});
    const right = scrollX;
    scrollTo({left: -1e6, behavior: "instant"});
    const left = scrollX;
    scrollTo({left: before, behavior: "instant"});
    if (!left && !right) return "";
    const wide = [...document.body.querySelectorAll("*")].filter(one => {
        const box = one.getBoundingClientRect();
        return box.width && (box.right > most + 1 || box.left < -1);
    });
    const named = wide.slice(0, 3).map(one => [one.tagName, ...one.classList].join("."));
    return `${right - left} px, ${named.join(" ")}`;
}"""
