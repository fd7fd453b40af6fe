"""Pictures of the main pages for README: ``python -m tests.browser.screenshots``.

They are taken from a running site with demo data (``make run``), at phone and desktop width.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
VISITOR_PAGES = {"landing": "/"}
MEMBER_PAGES = {
    "feed": "/feed/",
    "explore": "/explore/",
    "profile": "/@{name}/",
    "upload": "/upload/",
    "settings": "/settings/",
}


def main() -> None:
    """Take all pictures."""
    options = _arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        for size in SIZES:
            _take_all(browser, options, size, "light")
        _take_all(browser, options, "phone", "dark", only={"feed", "photo"})
        browser.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--name", default="demo")
    parser.add_argument("--password", default="demo-minigram")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    return parser.parse_args()


def _take_all(
    browser: Browser,
    options: argparse.Namespace,
    size: str,
    scheme: str,
    only: set[str] | None = None,
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=options.url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()

    def take(name: str, address: str) -> None:
        if only is None or name in only:
            _take(page, address, options.out / f"{name}-{size}-{scheme}.jpg")

    for name, address in VISITOR_PAGES.items():
        take(name, address)
    _log_in(page, options.name, options.password)
    for name, address in MEMBER_PAGES.items():
        take(name, address.format(name=options.name))
    page.goto("/explore/?sort=popular")
    take("photo", page.locator("a.tile").first.get_attribute("href") or "/")
    context.close()


def _log_in(page: Page, name: str, password: str) -> None:
    page.goto("/login/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.click("main button")
    page.wait_for_url("**/feed/")


def _take(page: Page, address: str, path: Path) -> None:
    page.goto(address, wait_until="networkidle")
    page.screenshot(path=path, type="jpeg", quality=82)
    print(path)


if __name__ == "__main__":
    main()
