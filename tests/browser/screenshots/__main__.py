"""Take all pictures: ``python -m tests.browser.screenshots``.

It runs a site with demo data of its own (``build/screenshots/site``, made once), and stops when
``--minutes`` have passed, saying what is missing. ``--readme`` takes those of README as well, and
those that browsers show of the site before it is installed (the manifest's).
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE
from tests.browser.screenshots import sheet, site

if TYPE_CHECKING:
    from tests.browser.screenshots.shots import Shot

SIZES = {360: (360, 740), 768: (768, 1024), 1280: (1280, 800), 1920: (1920, 1080)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Pages are also taken from right to left, in light, at these widths.
ARABIC, IN_ARABIC = "ar", (360, 1280)
PASSWORDS = {"demo": "demo-minigram", "newcomer": "a-quiet-evening-42"}
# An act that has found nothing after so long is said to be missing.
LONGEST_ACT_MS = 4000
README_SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
# Those of README: the picture's name, its size and scheme, and the name of what is shown.
README: tuple[tuple[str, str, Literal["light", "dark"], str], ...] = (
    ("explore", "desktop", "light", "state-popular"),
    ("photo", "desktop", "light", "photos-photo"),
    ("feed", "phone", "light", "social-feed"),
    ("feed", "phone", "dark", "social-feed"),
    ("profile", "phone", "light", "social-profile"),
    ("upload", "phone", "light", "upload-2-ready"),
)
# Those of the manifest: the name of the file, its size, and the name of what is shown.
STATIC = Path("minigram_site/static/minigram_site")
MANIFEST = (
    ("screenshot-feed.webp", "phone", "social-feed"),
    ("screenshot-photo.webp", "phone", "photos-photo"),
    ("screenshot-explore.webp", "desktop", "state-popular"),
)


def main() -> int:
    """Take the pictures; return 0 if all were taken in time."""
    options = _arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    folder = options.site or options.out / "site"
    with site.running(folder) as url, sync_playwright() as playwright:
        os.environ.update(site.variables(folder), DJANGO_ALLOW_ASYNC_UNSAFE="true")
        every = _every(folder)
        shots = [shot for shot in every if re.search(options.only, shot.name)]
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        camera = Camera(browser, url, options.out, time.monotonic() + options.minutes * 60)
        for width in options.widths:
            camera.take(shots, width)
            if width in IN_ARABIC:
                camera.take([shot for shot in shots if not shot.act], width, ARABIC)
        if options.readme:
            camera.take_readme(every, Path("docs/images"))
            camera.take_manifest(every, STATIC)
        browser.close()
    page = sheet.write(options.out, [shot.name for shot in shots], options.widths, camera.faults)
    print(f"{camera.taken} pictures in {options.out}; look at them in {page}")
    for fault in camera.faults.values():
        print(f"  {fault}")
    return 1 if camera.missing else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--site", type=Path, help="the folder of the site, if not in --out")
    parser.add_argument("--only", default="", help="names of pictures: a regular expression")
    parser.add_argument("--widths", type=int, nargs="+", default=list(SIZES), choices=SIZES)
    parser.add_argument("--minutes", type=float, default=60, help="stop after so many (60)")
    parser.add_argument("--readme", action="store_true", help="those of docs/images as well")
    return parser.parse_args()


def _every(folder: Path) -> Sequence[Shot]:
    """Return all that can be photographed; Django is set up for the site's database before."""
    import django

    secret = (folder / "data/secret").read_text().strip()
    os.environ |= {"SECRET_KEY": secret, "DJANGO_SETTINGS_MODULE": "minigram_site.settings"}
    django.setup()
    from tests.browser.screenshots.shots import shots

    return shots()


class Camera:
    """Opens pages in a browser and takes pictures of them."""

    def __init__(self, browser: Browser, url: str, out: Path, end: float) -> None:
        """Take the browser, the site, the folder of the pictures, and when to stop."""
        self.browser, self.url, self.out, self.end = browser, url, out, end
        self.taken, self.missing = 0, 0
        # By picture: what could not be done there.
        self.faults: dict[str, str] = {}

    def take(self, shots: Sequence[Shot], width: int, language: str = "") -> None:
        """Take the pictures of one width, light and dark, or in a language in light alone."""
        contexts: dict[str | None, BrowserContext] = {}
        for number, shot in enumerate(shots):
            if time.monotonic() > self.end:
                self.missing += len(shots) - number
                missing = f"{len(shots) - number} at {width} px {language}".strip()
                self.faults[f"time-{width}{language}"] = f"No time for {missing}."
                break
            if shot.viewer not in contexts:
                contexts[shot.viewer] = self._context(shot.viewer, SIZES[width], language)
            self._take(contexts[shot.viewer], shot, width, language)
        for context in contexts.values():
            context.close()

    def take_readme(self, shots: Sequence[Shot], folder: Path) -> None:
        """Take the pictures of README."""
        for name, size, scheme, shown in README:
            picture = self._picture(shots, shown, size, scheme)
            picture.save(folder / f"{name}-{size}-{scheme}.jpg", quality=80, optimize=True)

    def take_manifest(self, shots: Sequence[Shot], folder: Path) -> None:
        """Take the pictures of the manifest, which are part of the site's static files."""
        for name, size, shown in MANIFEST:
            self._picture(shots, shown, size, "light").save(folder / name, quality=70, method=6)

    def _picture(
        self, shots: Sequence[Shot], name: str, size: str, scheme: Literal["light", "dark"]
    ) -> Image.Image:
        shot = next(shot for shot in shots if shot.name == name)
        context = self._context(shot.viewer, README_SIZES[size])
        page = context.new_page()
        page.emulate_media(color_scheme=scheme)
        _open(page, shot.path)
        if shot.act:
            shot.act(page)
        _settle(page)
        taken = page.screenshot(type="png")
        context.close()
        return Image.open(BytesIO(taken)).convert("RGB")

    def _take(self, context: BrowserContext, shot: Shot, width: int, language: str) -> None:
        page = context.new_page()
        page.set_default_timeout(LONGEST_ACT_MS)
        try:
            page.emulate_media(color_scheme="light")
            _open(page, shot.path)
            if shot.act:
                shot.act(page)
        except Error as error:
            reason = str(error).splitlines()[0]
            self.faults[f"{shot.name}-{width}"] = f"{shot.name} at {width} px: {reason}"
        for scheme in SCHEMES[:1] if language else SCHEMES:
            page.emulate_media(color_scheme=scheme)
            _settle(page)
            file = self.out / f"{shot.name}-{width}-{language or scheme}.jpg"
            page.screenshot(path=file, type="jpeg", quality=72, timeout=30_000)
            self.taken += 1
        page.close()

    def _context(
        self, viewer: str | None, size: tuple[int, int], language: str = ""
    ) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 768,
            service_workers="block",
            reduced_motion="reduce",
            locale=language or "en",
        )
        if viewer:
            _log_in(context, viewer)
        return context


def _log_in(context: BrowserContext, name: str) -> None:
    """Log in; somebody who is not there yet signs up."""
    page = context.new_page()
    page.goto("/login/", timeout=30_000)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORDS[name])
    page.locator("input[name=password]").press("Enter")
    page.wait_for_load_state()
    if "/login/" in page.url:
        page.goto("/signup/")
        page.fill("input[name=username]", name)
        page.fill("input[name=email]", f"{name}@minigram.example")
        page.fill("input[name=password]", PASSWORDS[name])
        page.locator("input[name=password]").press("Enter")
        page.wait_for_load_state()
    page.close()


def _open(page: Page, path: str) -> None:
    """Open a page from another one of the site: it has the site's face at once."""
    page.goto("/healthz", timeout=30_000)
    with page.expect_navigation(timeout=30_000):
        page.evaluate("path => { location.assign(path); }", path)


def _settle(page: Page) -> None:
    """Wait until what is in the window is there, but not for what never comes."""
    try:
        page.wait_for_function(
            """() => document.fonts.status === "loaded" && [...document.images].every(one =>
                one.complete || one.getBoundingClientRect().top > innerHeight)""",
            timeout=LONGEST_ACT_MS,
        )
    except Error:
        return


if __name__ == "__main__":
    sys.exit(main())
