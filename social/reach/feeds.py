"""Atom feeds (RFC 4287) of a public account and of a tag, on Django's syndication framework.

The id of an entry follows from the ids of the photo and its author alone: no edit of a caption, no
other name and no other host makes an entry look new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from accounts.models import User
from photos.card_pages.by_author import author_page
from photos.cards import PhotoCard
from photos.conversation.tags import tag_page
from photos.files import http
from photos.files.shown import CardPicture
from social import people
from social.reach.previews import address_of

# Photos in a feed.
ENTRIES = 20
TITLE_LENGTH = 80
# What an empty feed says of its last change: there was none.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_PHOTOS = UUID("5f1c1d43-6f0e-4a55-9c39-7a0f5b0f3f2d")
_PEOPLE = UUID("c2f0a7f4-0d5d-4b0e-8f0b-2f4d9f8a6c11")


class MediaAtom(Atom1Feed):
    """Atom with the pictures of each entry: as enclosures, and in the words of Media RSS."""

    def root_attributes(self) -> dict[str, str]:
        """Return the attributes of the root, the namespace of Media RSS among them."""
        attributes: dict[str, str] = super().root_attributes()
        return {**attributes, "xmlns:media": "http://search.yahoo.com/mrss/"}

    def latest_post_date(self) -> datetime:
        """Return when the newest entry was published; without one, what the feed brings.

        Never the present time: each request would find the feed changed.
        """
        began: datetime = self.feed["began"]
        return max((item["pubdate"] for item in self.items), default=began)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Write an entry, and a link to each of its pictures.

        The length of a file would have to be asked of the storage, and RFC 4287 needs none.
        """
        super().add_item_elements(handler, item)
        for picture in item["pictures"]:
            largest = picture.sources[-1]
            address = address_of(largest.url)
            kind = http.content_type(largest.url)
            handler.addQuickElement("link", "", {"rel": "enclosure", "href": address, "type": kind})
            size = {"width": str(largest.width), "height": str(largest.height)}
            handler.startElement(
                "media:content", {"url": address, "type": kind, "medium": "image", **size}
            )
            if picture.alt_text:
                handler.addQuickElement("media:description", picture.alt_text, {"type": "plain"})
            handler.endElement("media:content")


class PhotoFeed(Feed[PhotoCard, Any]):
    """A feed of photos; subclasses say of what."""

    feed_type = MediaAtom

    def item_title(self, item: PhotoCard) -> str:
        """Return the beginning of the caption, or whose photo it is."""
        if item.sensitive or not item.caption:
            return item.fallback_alt
        return str(Truncator(" ".join(item.caption.split())).chars(TITLE_LENGTH))

    def item_description(self, item: PhotoCard) -> SafeString:
        """Return the pictures and the caption as HTML; neither of a sensitive photo."""
        if item.sensitive:
            return format_html("<p>{}</p>", "Marked as sensitive: open the page to see it.")
        pictures = format_html_join(
            "",
            '<p><img src="{}" alt="{}" width="{}" height="{}"></p>',
            (
                (address_of(picture.src), _alt(item, picture), picture.width, picture.height)
                for picture in item.pictures
                if picture.sources
            ),
        )
        return pictures + SafeString(linebreaks(item.caption, autoescape=True))

    def item_link(self, item: PhotoCard) -> str:
        """Return the address of the photo's page."""
        return address_of(item.url)

    def item_guid(self, item: PhotoCard) -> str:
        """Return the id of the entry: for ever this photo's, and no other photo's anywhere."""
        return uuid5(_PHOTOS, f"{item.author.id}/{item.id}").urn

    def item_pubdate(self, item: PhotoCard) -> datetime:
        """Return when the photo was published."""
        return item.created_at

    def item_updateddate(self, item: PhotoCard) -> datetime:
        """Return when the photo was published: nobody is told of an edit."""
        return item.created_at

    def item_author_name(self, item: PhotoCard) -> str:
        """Return the name of the photo's author."""
        return item.author.name

    def item_author_link(self, item: PhotoCard) -> str:
        """Return the address of the author's profile."""
        return address_of(item.author.url)

    def item_extra_kwargs(self, item: PhotoCard) -> dict[str, Any]:
        """Return what ``MediaAtom`` needs beside: the pictures, none of a sensitive photo."""
        pictures: Sequence[CardPicture] = [] if item.sensitive else item.pictures
        return {"pictures": [picture for picture in pictures if picture.sources]}

    def feed_extra_kwargs(self, obj: Any) -> dict[str, Any]:
        """Return when the feed began: what an empty one says of its last change."""
        return {"began": NEVER}


class PersonFeed(PhotoFeed):
    """The newest photos of a public account. Three queries, two of them on PostgreSQL."""

    def get_object(self, request: HttpRequest, *_: Any, **path: Any) -> User:
        """Return the person named by ``username`` in the path; ``Http404`` unless all see them."""
        person = people.profile(AnonymousUser(), path["username"])
        if not people.is_viewable(person):
            raise Http404
        return person

    def title(self, obj: User) -> str:
        """Return the title of the feed."""
        return f"{obj.name} (@{obj.username})"

    def subtitle(self, obj: User) -> str:
        """Return what the person says of themself."""
        return obj.bio

    def link(self, obj: User) -> str:
        """Return the address of the profile."""
        return address_of(obj.get_absolute_url())

    def feed_url(self, obj: User) -> str:
        """Return the address of the feed itself."""
        return address_of(reverse("social:person-feed", args=[obj.username]))

    def feed_guid(self, obj: User) -> str:
        """Return the id of the feed, which outlives other names and hosts."""
        return uuid5(_PEOPLE, str(obj.pk)).urn

    def feed_extra_kwargs(self, obj: User) -> dict[str, Any]:
        """Return when the feed began: with the account."""
        return {"began": obj.date_joined}

    def items(self, obj: User) -> list[PhotoCard]:
        """Return the newest photos."""
        return author_page(obj, AnonymousUser(), None, ENTRIES).items


class TagFeed(PhotoFeed):
    """The newest photos of a tag that everybody may see; empty for a tag that nobody uses."""

    def get_object(self, request: HttpRequest, *_: Any, **path: Any) -> str:
        """Return the tag of the path in its one form, ``name``."""
        return str(path["name"])

    def title(self, obj: str) -> str:
        """Return the title of the feed."""
        return f"#{obj} on {settings.SITE_NAME}"

    def link(self, obj: str) -> str:
        """Return the address of the tag's page."""
        return address_of(reverse("photos:tag", args=[obj]))

    def feed_url(self, obj: str) -> str:
        """Return the address of the feed itself."""
        return address_of(reverse("social:tag-feed", args=[obj]))

    def feed_guid(self, obj: str) -> str:
        """Return the id of the feed: that of the tag on this site."""
        return uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/tags/{quote(obj)}/").urn

    def items(self, obj: str) -> list[PhotoCard]:
        """Return the newest photos. Two queries."""
        return tag_page(obj, AnonymousUser(), None, ENTRIES).items


def _alt(card: PhotoCard, picture: CardPicture) -> str:
    return picture.alt_text or card.fallback_alt
