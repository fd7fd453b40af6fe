"""Photos that leave all lists and come back: what follows for counts, addresses, feeds and cache.

Whatever takes a photo out of sight goes through ``change``, so that nothing of it is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from django.db.models import F

from accounts.models import UserStats
from minigram_site.storage import public_links
from photos import photo_cache
from photos.conversation.tag_cache import PUBLISHED
from photos.models import Photo

State = Literal["hidden", "archived"]


class Listener(NamedTuple):
    """What another app does when a photo leaves all lists, and when it is back in them.

    Both run in that transaction, in which the counters of the author are locked. ``back`` returns
    the names of what is invalid then, beside the photo.
    """

    left: Callable[[Photo], None]
    back: Callable[[Photo], Iterable[str]]


_listeners: list[Listener] = []


def on_listing(listener: Listener) -> None:
    """Call functions of another app whenever a photo leaves all lists, or is back in them."""
    _listeners.append(listener)


def lock(photo: Photo) -> None:
    """Lock the counters of the author, as deleting the photo does first. One statement.

    Nobody follows them, publishes or deletes until the transaction ends.
    """
    UserStats.objects.select_for_update().filter(user=photo.author_id).first()


def change(photo: Photo, state: State, *, to: bool) -> bool:
    """Set one of the states that take a photo out of lists; tell whether it was another.

    Five statements, and those of the listeners, as long as that changes whether it is listed. In
    a transaction. Raises ``StorageUnavailable`` if its pictures stay at their public addresses.
    """
    lock(photo)
    held = Photo.objects.filter(pk=photo.pk)
    was_listed = held.listed().exists()
    if not held.filter(**{state: not to}).update(**{state: to}):
        return False
    is_listed = held.listed().exists()
    if was_listed and not is_listed:
        _leave(photo)
    elif is_listed and not was_listed:
        _come_back(photo)
    else:
        photo_cache.invalidate_photo(photo.pk, photo.author_id)
    return True


def _leave(photo: Photo) -> None:
    _count(photo, -1)
    for listener in _listeners:
        listener.left(photo)
    public_links.withdraw_photo(photo.author_id, photo.code)
    photo_cache.invalidate_deleted(photo.pk, photo.author_id)


def _come_back(photo: Photo) -> None:
    _count(photo, 1)
    names = [name for listener in _listeners for name in listener.back(photo)]
    photo_cache.invalidate_created(photo.pk, photo.author_id, [PUBLISHED, *names])


def _count(photo: Photo, change: int) -> None:
    UserStats.objects.filter(user=photo.author_id).update(photo_count=F("photo_count") + change)
