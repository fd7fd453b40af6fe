"""Links to the files that everybody may see: made here, after the visibility rule has said so.

A photo or an avatar is linked when somebody has asked for it: nothing has to be linked when it is
published, when an account becomes public again, or when a site begins to have links.
``minigram_site.storage.public_links`` has the protocol, and what takes links away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, transaction

from accounts.models import User
from minigram_site.db import primary_alias
from minigram_site.fields.snowflake import encode
from minigram_site.storage import public_links
from minigram_site.storage.public_links import AVATARS, PHOTOS
from photos.models import Photo
from photos.pictures import served_names

logger = logging.getLogger(__name__)


def link_photo(photo: Photo) -> None:
    """Link all files of a photo unless everybody may no longer see it. One query, in a transaction.

    Without a word nothing is linked where that is not possible now: the primary is down, somebody
    changes the rows, the folder cannot be written. The next request tries again.
    """

    def names() -> list[str]:
        rows = Photo.objects.using(DEFAULT_DB_ALIAS).visible_to(AnonymousUser())
        held = rows.select_related("author").select_for_update(
            skip_locked=True, no_key=True, of=("self", "author")
        )
        found = held.filter(pk=photo.pk).first()
        return [] if found is None else served_names(found.pictures)

    _link(PHOTOS, photo.author_id, photo.code, names)


def link_avatar(person: User) -> None:
    """Link all sizes of an avatar unless the person is no longer active.

    One query, in a transaction; nothing where that is not possible now.
    """

    def names() -> list[str]:
        rows = User.objects.using(DEFAULT_DB_ALIAS).reachable_by(AnonymousUser())
        held = rows.select_for_update(skip_locked=True, no_key=True)
        found = held.filter(pk=person.pk).first()
        return [] if found is None else [name for _, name in found.avatar]

    _link(AVATARS, person.pk, encode(person.pk), names)


def _link(kind: str, user_id: int, code: str, names: Callable[[], list[str]]) -> None:
    """Link what ``names`` returns: it asks and locks the rows that hide it, until the end."""
    if public_links.folder() is None or primary_alias() != DEFAULT_DB_ALIAS:
        return
    try:
        with (
            public_links.opened(kind, user_id, code) as folder,
            transaction.atomic(using=DEFAULT_DB_ALIAS),
        ):
            folder.link(names())
    except FileNotFoundError:
        # Withdrawn while it was made.
        return
    except (OSError, DatabaseError, InterfaceError) as error:
        logger.warning("The picture %s cannot be linked: %s", code, error)
