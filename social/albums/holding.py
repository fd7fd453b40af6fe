"""Locks that keep a person and a photo from being deleted while a row is written that names them.

In the order of all verbs of the site: the person first, then the photo's counters, which deleting a
photo takes first. Without them a row could be written just after those that a deletion takes along.
"""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext

from accounts.models import User
from photos.models import PhotoStats
from photos.services import PhotoGone


def hold_person(user: User) -> None:
    """Keep the account of ``user`` until the end of the transaction. One query.

    Raises ``Http404`` if it is gone or was suspended meanwhile.
    """
    people = User.objects.filter(pk=user.pk, is_active=True).select_for_update(no_key=True)
    if not people.values_list("pk").first():
        raise Http404


def hold_photo(photo_id: int) -> None:
    """Keep a photo until the end of the transaction. One query. Raises ``PhotoGone``."""
    stats = PhotoStats.objects.filter(pk=photo_id).select_for_update(no_key=True)
    if not stats.values_list("pk").first():
        raise PhotoGone(gettext("This photo was deleted."))
