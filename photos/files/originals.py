"""Originals: the unchanged uploaded files, sent to their owner only."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from accounts.models import User
from photos.permissions import own_photo


def original_of(user: User, photo_id: int, number: int) -> FileResponse:
    """Return picture ``number`` (from 1) of the user's own photo as a download. One query.

    Raises ``Http404`` if there is none, ``PermissionDenied`` if another person's photo.
    """
    photo = own_photo(user, photo_id)
    pictures = photo.pictures
    if not 1 <= number <= len(pictures) or not pictures[number - 1].original:
        raise Http404
    name = pictures[number - 1].original
    try:
        content = default_storage.open(name)
    except FileNotFoundError:
        raise Http404 from None
    suffix = name.rpartition(".")[2]
    return FileResponse(
        content,
        as_attachment=True,
        filename=f"{photo.code}-{number}.{suffix}",
        headers={"Cache-Control": "private, no-store"},
    )
