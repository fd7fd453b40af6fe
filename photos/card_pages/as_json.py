"""Pages of photos as the API shows them: each as JSON, of which the process keeps what lasts."""

from __future__ import annotations

from minigram_site.web.pagination import Cursor, Page
from photos.api.json_fragments import fragments_of, keep
from photos.card_pages import Fetch, visible_page
from photos.cards import with_seen_counts


def json_page(
    fetch: Fetch,
    cursor: Cursor | None,
    size: int,
    viewer_id: int,
    base: str,
    *,
    keys: int = 1,
    further: int = 0,
    whole: bool = False,
) -> Page[bytes]:
    """Return a page of photos as JSON; ``base`` is what addresses begin with.

    It is a ``visible_page``, of ``whole`` rows or not. Its queries; one more where this process
    does not know a photo, and one for viewers with blocks.
    """
    page = visible_page(fetch, cursor, size, viewer_id, keys=keys, further=further)
    if whole:
        keep(page.items, base)
    seen = with_seen_counts([photo for photo, _ in page.items], viewer_id)
    return page.with_items([shown.json() for shown in fragments_of(seen, viewer_id, base)])
