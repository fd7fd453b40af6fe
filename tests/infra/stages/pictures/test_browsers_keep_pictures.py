"""A browser asks for a picture once: its second view of a page is without one request for them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from infra.cluster import Cluster
from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.infra.client import PASSWORD
from tests.infra.stages.conftest import Stages
from tests.infra.stages.pictures.published import author_on

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
STAGES = (1, 3, 5)
# Every picture is loaded at once, in one size: a lazy one is measured when it comes near.
AT_ONCE = """new MutationObserver(records => {
    for (const { addedNodes } of records)
        for (const picture of addedNodes)
            if (picture instanceof HTMLImageElement) {
                picture.sizes = picture.sizes.replace(/^auto, */, "");
                picture.loading = "eager";
            }
}).observe(document, {childList: true, subtree: true})"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium for these tests; its event loop is not for the ones after them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield browser
        browser.close()


class PictureRequests:
    """What Chromium says it has asked the network for, of ``/media/``."""

    def __init__(self, page: Page) -> None:
        """Listen to the page's network events (Chrome DevTools Protocol, domain Network)."""
        self._asked: dict[str, str] = {}
        self._from_cache: set[str] = set()
        self.statuses: dict[str, int] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.requestServedFromCache", self._served)
        session.on("Network.responseReceived", self._received)
        session.on("Network.responseReceivedExtraInfo", self._told)
        session.send("Network.enable")
        # What other pages have shown so far is forgotten.
        session.send("Network.clearBrowserCache")

    def _sent(self, event: dict) -> None:  # type: ignore[type-arg]
        path = urlsplit(event["request"]["url"]).path
        if path.startswith("/media/"):
            self._asked[event["requestId"]] = path

    def _served(self, event: dict) -> None:  # type: ignore[type-arg]
        self._from_cache.add(event["requestId"])

    def _received(self, event: dict) -> None:  # type: ignore[type-arg]
        if event["response"].get("fromDiskCache"):
            self._from_cache.add(event["requestId"])

    def _told(self, event: dict) -> None:  # type: ignore[type-arg]
        self.statuses[event["requestId"]] = event["statusCode"]

    def taken(self) -> tuple[list[str], list[int]]:
        """Return paths and statuses of what went over the network since the last call."""
        sent = {key: path for key, path in self._asked.items() if key not in self._from_cache}
        statuses = sorted(self.statuses[key] for key in sent if key in self.statuses)
        self._asked, self._from_cache = {}, set()
        return sorted(sent.values()), statuses


def log_in(page: Page, name: str) -> None:
    """Log in by the form."""
    page.goto("/login/")
    page.get_by_label("Username or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/feed/")


def look_at_everything(page: Page, path: str) -> int:
    """Open a page, and wait until every picture on it is there; return how many there are."""
    page.goto(path, wait_until="networkidle")
    page.wait_for_function(
        "() => [...document.images].every(picture => picture.complete && picture.naturalWidth)"
    )
    return int(page.evaluate("[...document.images].filter(p => p.src.includes('/media/')).length"))


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest, stages: Stages) -> Iterator[Page]:
    """Return a page of a browser that has seen nothing yet, on the stage of the test."""
    cluster: Cluster = stages.get(request.getfixturevalue("stage"))
    context = chromium.new_context(base_url=cluster.url, service_workers="block")
    context.add_init_script(AT_ONCE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("stage", STAGES)
def test_a_public_picture_is_asked_for_once(stage: int, page: Page) -> None:
    requests = PictureRequests(page)
    count = look_at_everything(page, "/explore/")
    first, _ = requests.taken()
    assert count >= 20
    assert len(first) == len(set(first)) >= 20
    page.goto("/login/")
    for _ in range(2):
        assert look_at_everything(page, "/explore/") == count
    page.reload(wait_until="networkidle")
    assert requests.taken() == ([], [])


@pytest.mark.parametrize("stage", STAGES)
def test_a_private_picture_is_asked_for_each_time_and_sent_once(
    stage: int, page: Page, stages: Stages
) -> None:
    """What can be taken back at any moment is asked about; its bytes are not sent again."""
    with author_on(stages.get(stage)) as author:
        author.go_private()
        log_in(page, author.name)
        requests = PictureRequests(page)
        where = f"/@{author.name}/"
        assert look_at_everything(page, where) == 1
        sent, statuses = requests.taken()
        assert (len(sent), statuses) == (1, [200])
        page.goto("/settings/password/")
        assert look_at_everything(page, where) == 1
        assert requests.taken() == (sent, [304])
