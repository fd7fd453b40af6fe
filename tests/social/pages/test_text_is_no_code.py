"""What people write is text on every page: no tag, and no attribute that htmx would act on."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import User
from minigram_site.fields.snowflake import encode
from photos.services import comment
from social import profiles
from social.albums import contents, editing, links
from social.albums.models import Visibility
from tests.accounts.doors.test_site_pages import HTMX
from tests.factories import make_photo

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
# Attributes whose values are shown or read out, never carried out.
_SHOWN = {"alt", "aria-label", "content", "data-title", "placeholder", "title", "value"}


class Acts(HTMLParser):
    """Collects attributes that hold what somebody wrote, but for those that are shown."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.found: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take those of a tag."""
        self.found += [
            (name, value)
            for name, value in attrs
            if "evil" in f"{name}{value}" and name not in _SHOWN
        ]


def acts(html: str) -> list[tuple[str, str | None]]:
    """Return the attributes of a page that hold what somebody wrote."""
    reader = Acts()
    reader.feed(html)
    reader.close()
    return reader.found


@pytest.mark.parametrize("prefix", ["", "data-"])
def test_no_attribute_comes_out_of_a_text(
    browser_as: As, alice: User, bob: User, prefix: str
) -> None:
    attack = " ".join(f'{prefix}{name}="evil()"' for name in HTMX)
    text = f"<b {attack}>x</b> \"'> <i {attack}>"
    profiles.edit_profile(user=alice, bio=text[:500], display_name=f'"><b {prefix}hx-get="evil()"')
    photo = make_photo(alice, caption=text[:2000], alt_text=f'"><b {prefix}hx-get="evil()"')
    comment(author=bob, photo_id=photo.pk, text=text[:1000])
    title = f'"><b {prefix}hx-get="evil()"'
    album = editing.create_album(
        owner=alice, title=title, text=text[:500], visibility=Visibility.EVERYBODY
    )
    contents.add(user=alice, album_id=album.pk, photo_id=photo.pk)
    _, token = links.share(sharer=alice, album_id=album.pk, days=1)
    pages = ["/explore/", "/feed/", *(f"/@alice/{more}" for more in ("", "albums/"))]
    pages += [f"/s/{token}/", f"/s/{token}/{photo.code}/", f"/albums/{encode(album.pk)}/"]
    for path in (f"/p/{photo.code}/", *pages):
        for viewer in (alice, bob):
            answer = browser_as(viewer).get(path)
            assert answer.status_code == 200, path
            html = answer.text
            assert acts(html) == [], path
            assert "<b hx" not in html
    assert acts('<b hx-get="evil()">')
