"""Share links: one photo or album, shown without an account to whoever has the address.

The address is the key. Of its token only the SHA-256 is kept, so that nobody reads links out of
the database or a backup. A link opens what its sharer could show by themselves: their own photos,
and those that everybody may see. Each request asks again (``find``, ``photos_of``), on the primary:
a link that was revoked or has ended, a sharer who was suspended, an album in the bin, a photo that
is gone, hidden or behind a block are nothing from the next request on.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.db.models import BigIntegerField, F, Value
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from accounts.authentication import attempts
from accounts.models import User, reachable
from minigram_site.web.pagination import PAGE_SIZE, Cursor, Page, paginate
from photos.models import Photo, PhotoQuerySet
from photos.permissions import own_photo
from social.albums.editing import own_album
from social.albums.holding import hold_person, hold_photo
from social.albums.models import ShareLink

# Of one person, those that work.
MAX_LINKS = 100
MAX_DAYS = 365
PASSWORD_LENGTH = 128
# How long a password that was given once opens a link.
UNLOCKED_FOR = timedelta(hours=12)
_SALT = "social.albums.links"


class CannotShare(ValidationError):
    """No link is made; ``code`` and the sentence say why."""


class PhotoArchived(CannotShare):
    """The photo is archived, and a link to it would show nothing."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(gettext("This photo is archived. Restore it first."), "photo_archived")


class TooManyLinks(CannotShare):
    """Somebody has ``MAX_LINKS`` links."""

    def __init__(self) -> None:
        """Say so."""
        words = gettext("You have %(most)s active links. Turn one off first.") % {"most": MAX_LINKS}
        super().__init__(words, "too_many_links")


@transaction.atomic
def share(
    *,
    sharer: User,
    photo_id: int | None = None,
    album_id: int | None = None,
    days: int,
    password: str = "",
) -> tuple[ShareLink, str]:
    """Make a link to an own photo or album that works for ``days``; return it with its token.

    Five statements, six for a photo. Raises ``Http404`` and ``PermissionDenied`` for what is not
    theirs, ``PhotoArchived``, ``TooManyLinks``, and what ``hold_person`` and ``hold_photo`` do.
    The token cannot be had again.
    """
    hold_person(sharer)
    if photo_id is not None:
        if own_photo(sharer, photo_id).archived:
            raise PhotoArchived
        hold_photo(photo_id)
    else:
        own_album(sharer, album_id or 0)
    theirs, now = ShareLink.objects.filter(sharer=sharer), timezone.now()
    theirs.filter(ends_at__lte=now).delete()
    if theirs.working().count() >= MAX_LINKS:
        raise TooManyLinks
    token = secrets.token_urlsafe(32)
    link = ShareLink.objects.create(
        sharer=sharer,
        photo_id=photo_id,
        album_id=album_id,
        token_hash=_hash(token),
        password=make_password(password) if password else "",
        ends_at=now + timedelta(days=days),
    )
    return link, token


@transaction.atomic
def revoke(*, sharer: User, link_id: int) -> None:
    """Delete a link, which stops at once; again changes nothing. One statement."""
    ShareLink.objects.filter(sharer=sharer, pk=link_id).delete()


def links_page(sharer: User, cursor: Cursor | None, size: int = PAGE_SIZE) -> Page[ShareLink]:
    """Return a page of a person's links that work, newest first. One query."""
    working = ShareLink.objects.working().filter(sharer=sharer)
    return paginate(working.select_related("photo", "album"), cursor, size)


def find(token: str) -> ShareLink:
    """Return the link with this token, with its sharer and album. One query, two for a photo.

    Raises ``Http404`` if there is none (any more), its sharer is suspended, or the photo cannot be
    shown any more.
    """
    links = ShareLink.objects.filter(reachable(AnonymousUser(), "sharer__"))
    working = links.working().filter(token_hash=_hash(token))
    link = working.select_related("sharer", "album").first()
    if link is None or (link.album is None and not photos_of(link).exists()):
        raise Http404
    return link


def photos_of(link: ShareLink) -> PhotoQuerySet:
    """Return the query for the photos that a link shows, with their ``rank``: its order."""
    shown = Photo.objects.shown_by(link.sharer)
    if link.album is None:
        rank = Value(0, BigIntegerField())
        return shown.filter(pk=link.photo_id).annotate(rank=rank)
    inside = shown.filter(album_entries__album=link.album)
    return inside.annotate(rank=F("album_entries__rank"))


def is_open(link: ShareLink, key: str) -> bool:
    """Tell whether a link has no password, or ``key`` was got for it (``unlock``). No query."""
    if not link.password:
        return True
    try:
        signed = TimestampSigner(salt=_SALT).unsign(key, max_age=UNLOCKED_FOR)
    except BadSignature:
        return False
    keys = (None, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(signed, _proof(link, secret)) for secret in keys)


def unlock(link: ShareLink, password: str, request: HttpRequest) -> str | None:
    """Return a key to a link for its password; ``None`` for another.

    Guesses are limited as those of a log-in are, for each link. Raises ``TooManyRequests``.
    """
    name = f"share link {link.pk}"
    attempts.take_guess(name, request)
    right = check_password(password, link.password)
    attempts.note_result(name, request, right=right)
    return TimestampSigner(salt=_SALT).sign(_proof(link)) if right else None


def _proof(link: ShareLink, secret: str | bytes | None = None) -> str:
    text = f"{link.pk} {link.password}"
    return salted_hmac(_SALT, text, secret=secret, algorithm="sha256").hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
