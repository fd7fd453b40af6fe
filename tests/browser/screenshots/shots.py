"""What is photographed: every page of the table of addresses, and states that have none.

A state is brought about as a person would. What cannot be found is said on the contact sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import NoReverseMatch, get_resolver, reverse
from playwright.sync_api import Page

from photos.models import Comment, Photo
from social.albums.models import Album
from social.demo.people import DEMO
from social.demo.photographs import FOLDER
from tests.matrix.tables import TABLE

Act = Callable[[Page], None]
# Files, and what programs read.
NO_PAGES = (
    *("healthz", "readyz", "metrics", "schema", "words"),
    *("social:manifest", "social:service-worker", "social:mentions", "social:search-suggestions"),
    *("social:robots", "social:sitemap-index", "social:sitemap", "social:oembed"),
    *("social:person-feed", "social:tag-feed", "social:shared-file", "social:deleted-picture"),
    *("photos:original", "photos:photo-file", "photos:avatar-file"),
    *("social:media-state", "social:media-file"),
    # Parts of pages.
    *("social:some-photos", "social:feed-news", "social:feed-side"),
)
# Seen before somebody has logged in.
OF_VISITORS = (
    *("social:landing", "accounts:signup", "accounts:login", "accounts:invited"),
    *("accounts:reset", "accounts:reset-sent", "accounts:reset-done", "accounts:reset-confirm"),
    "accounts:confirm-email",
)
NEW = "newcomer"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take: where, as whom (``None``: a visitor), and what is done there before."""

    name: str
    path: str
    viewer: str | None = DEMO
    act: Act | None = None


def shots() -> list[Shot]:
    """Return all that is photographed. Reads the database of the site."""
    examples = _examples()
    return [*_pages(examples), *_states(examples)]


def _examples() -> dict[str, Any]:
    """Return a value for each variable part of an address; tokens are of links that have ended."""
    own = Photo.objects.filter(author__username=DEMO).order_by("-stats__comment_count").first()
    comment = Comment.objects.filter(photo=own, author__username=DEMO).first()
    album = Album.objects.filter(owner__username=DEMO).first()
    return {
        "photo_id": own and own.pk,
        "comment_id": comment and comment.pk,
        "album_id": album and album.pk,
        "user_id": own and own.author_id,
        "username": "kofi",
        "name": "goldenhour",
        "code": "none",
        "token": "none",
        "uidb64": "MQ",
    }


def _pages(examples: dict[str, Any]) -> Iterator[Shot]:
    parts = dict(_parts(get_resolver().url_patterns))
    for name, address in TABLE.items():
        if name.startswith("api-") or name in NO_PAGES:
            continue
        if not any(ask.method == "GET" for ask in address.asks):
            continue
        # The demo has no draft: its page is that of uploading, which is taken with pictures below.
        if not examples.keys() >= set(parts[name]):
            continue
        kwargs = {part: examples[part] for part in parts[name]}
        if name == "accounts:site-page":
            kwargs["name"] = "about"
        try:
            path = reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            path = "/"
        yield Shot(name.replace(":", "-"), path, None if name in OF_VISITORS else DEMO)


def _parts(patterns: list[Any], space: str = "") -> Iterator[tuple[str, list[str]]]:
    for one in patterns:
        if hasattr(one, "url_patterns"):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _parts(one.url_patterns, inner)
        elif one.name:
            yield f"{space}{one.name}", list(one.pattern.converters)


def _states(examples: dict[str, Any]) -> Iterator[Shot]:
    photo = reverse("photos:photo", kwargs={"photo_id": examples["photo_id"]})
    yield Shot("state-not-found", "/there-is-nothing/")
    yield Shot("state-photo-for-visitors", photo, None)
    yield Shot("state-profile-for-visitors", "/@oriol/", None)
    yield Shot("state-own-profile", f"/@{DEMO}/")
    yield Shot("state-private-profile", "/@clara/", NEW)
    yield Shot("state-popular", "/explore/?sort=popular")
    yield Shot("state-search-found", "/search/?q=mountains")
    yield Shot("state-search-nothing", "/search/?q=qqqqqqqq")
    for name, path in EMPTY.items():
        yield Shot(f"empty-{name}", path, NEW)
    yield Shot("state-sign-up-helps", "/signup/", None, _typed)
    yield Shot("state-sign-up-refused", "/signup/", None, _refused)
    yield Shot("state-log-in-refused", "/login/", None, _wrong_password)
    yield Shot("open-menu-of-you", "/feed/", DEMO, lambda page: page.click("[popovertarget=you]"))
    yield Shot("open-menu-of-photo", photo, DEMO, _menu)
    yield Shot("open-menu-of-profile", "/@mira/", DEMO, _menu)
    yield Shot("open-photo-over-explore", "/explore/", DEMO, _open_tile)
    yield Shot("open-photo-over-feed", "/feed/", DEMO, _open_card)
    yield Shot("open-comments", photo, DEMO, _comments)
    yield Shot("loading-next-page", "/explore/", DEMO, _held)
    yield Shot("failed-next-page", "/explore/", DEMO, _failed)
    yield Shot("failed-like", "/feed/", DEMO, _failed_like)
    yield Shot("upload-1-chosen", "/upload/", DEMO, _chosen)
    yield Shot("upload-2-ready", "/upload/", DEMO, _uploaded)
    yield Shot("upload-3-refused", "/upload/", DEMO, _refused_file)


EMPTY = {
    "feed": "/feed/",
    "activity": "/activity/",
    "saved": "/saved/",
    "albums": "/albums/",
    "drafts": "/drafts/",
    "profile": f"/@{NEW}/",
    "bin": "/settings/deleted/",
    "blocked": "/settings/blocked/",
}


def _typed(page: Page) -> None:
    page.fill("[name=username]", "mira")
    page.fill("[name=email]", "mira@example.org")
    page.locator("[name=password]").press_sequentially("morning42")
    page.locator("button.free-name").first.wait_for()


def _refused(page: Page) -> None:
    page.fill("[name=username]", "mira")
    page.fill("[name=password]", "12345678")
    page.locator("main form button:not([type=button])").last.click()
    page.locator(".errors").first.wait_for()


def _wrong_password(page: Page) -> None:
    page.fill("[name=username]", "mira")
    page.fill("[name=password]", "not it")
    page.locator("main form button:not([type=button])").last.click()
    page.locator(".errors").first.wait_for()


def _menu(page: Page) -> None:
    page.locator("main [popovertarget], main details.menu summary").first.click()


def _open_tile(page: Page) -> None:
    page.locator("main a[href^='/p/']").nth(3).click()
    page.wait_for_timeout(800)


def _open_card(page: Page) -> None:
    page.locator("main a[href^='/p/']:has(img)").first.click()
    page.wait_for_timeout(800)


def _comments(page: Page) -> None:
    # On phones they are a sheet, beside the photo else.
    sheet = page.locator(".to-sheet")
    if sheet.is_visible():
        sheet.click()
    page.locator(".say textarea").last.scroll_into_view_if_needed()


def _held(page: Page) -> None:
    # Never answered: what is shown is what stands there meanwhile.
    page.route("**/*cursor=*", lambda route: None)
    _to_the_end(page)


def _failed(page: Page) -> None:
    page.route("**/*cursor=*", lambda route: route.abort())
    _to_the_end(page)


def _failed_like(page: Page) -> None:
    page.route("**/like/**", lambda route: route.abort())
    page.locator("main form[action*='/like/'] button").first.click()
    page.wait_for_timeout(600)


def _to_the_end(page: Page) -> None:
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(600)


def _choose(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(list(files))


def _chosen(page: Page) -> None:
    page.route("**/upload/media/**", lambda route: None)
    _choose(page, FOLDER / "cat.jpg", FOLDER / "coffee.jpg", FOLDER / "fig-close.jpg")
    page.wait_for_timeout(800)


def _uploaded(page: Page) -> None:
    _choose(page, FOLDER / "cat.jpg", FOLDER / "coffee.jpg", FOLDER / "rocket.jpg")
    page.get_by_text("Saved in your drafts").wait_for()


def _refused_file(page: Page) -> None:
    _choose(page, FOLDER / "cat.jpg", FOLDER / "CREDITS.md")
    page.wait_for_load_state("networkidle")
