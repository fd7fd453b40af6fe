"""The photos that somebody has archived, page by page: for them alone."""

from __future__ import annotations

from accounts.models import User
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from photos.cards import PhotoCard, cards_of
from photos.models import Photo


def archive_page(owner: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[PhotoCard]:
    """Return a page of what ``owner`` has archived, newest first. Two queries.

    What moderators hide is not among them.
    """
    archived = Photo.objects.visible_to(owner).by(owner).filter(archived=True)
    page = paginate(archived.only("pk"), cursor, size)
    return page.with_items(cards_of([photo.pk for photo in page.items], owner))
