"""Composing: what somebody writes, chooses and arranges is kept until they publish it.

A draft that is not sent has the words, the uploads and their order. It is saved as one types, and
taken up again on any device. Turns and crops are kept with each upload (``photos.uploads``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from photos import uploads
from photos.models import Draft, Media
from photos.pictures import MAX_PICTURES
from photos.uploads import MediaUnusable

# Drafts that nobody has changed for so long are thrown away, with their pictures.
UNSENT_LIFETIME = timedelta(days=30)
# Of one person at a time.
MAX_DRAFTS = 50


@transaction.atomic
def save_draft(
    *,
    author: User,
    draft_id: int | None = None,
    media_ids: Sequence[int] = (),
    caption: str = "",
    show_camera: bool = False,
    alt_texts: Mapping[int, str] | None = None,
) -> Draft:
    """Keep what ``author`` has composed so far, in the draft ``draft_id`` or in a new one.

    The uploads come in the order of ``media_ids``; those that the draft has beside them stay,
    behind: another device may have added them. Uploads that are gone, or part of something else,
    are left out. Raises ``MediaUnusable`` for more than ten, and for too many drafts. A draft that
    is gone is made anew. Three statements, and one for each upload that changes.
    """
    draft = locked_draft(author, draft_id) if draft_id else None
    if draft is None:
        draft = _new_draft(author)
    draft.caption, draft.show_camera, draft.saved_at = caption, show_camera, timezone.now()
    draft.save()
    named = Q(pk__in=media_ids) & uploads.usable_for(draft)
    rows = Media.objects.owned_by(author).filter(named | Q(draft=draft))
    rows = rows.select_for_update().order_by("pk")
    _arrange(draft, {one.pk: one for one in rows}, media_ids, alt_texts or {})
    return draft


@transaction.atomic
def compose(
    *,
    author: User,
    draft_id: int | None = None,
    media_ids: Sequence[int] | None = None,
    caption: str | None = None,
    show_camera: bool | None = None,
) -> Draft:
    """Make a draft, or change what is given of the draft ``draft_id``; return it.

    ``media_ids`` arrange as in ``save_draft``, but none may be missing. Raises ``MediaUnusable``
    for uploads that are gone, named twice or part of something else, for more than ten, for too
    many drafts, and for a draft that is gone or was sent. Two statements beside ``save_draft``'s.
    """
    held = locked_draft(author, draft_id) if draft_id else None
    if draft_id and held is None:
        raise not_unsent()
    named = list(media_ids or ())
    draft = save_draft(
        author=author,
        draft_id=draft_id,
        media_ids=named,
        caption=(held.caption if held else "") if caption is None else caption,
        show_camera=bool(held and held.show_camera) if show_camera is None else show_camera,
    )
    if draft.media.filter(pk__in=named).count() != len(named):
        raise uploads.not_found()
    return draft


def not_unsent() -> MediaUnusable:
    """Return the refusal of a draft that is gone or was sent."""
    return MediaUnusable("draft_sent", gettext("This draft is gone, or already being published."))


def locked_draft(author: User, draft_id: int) -> Draft | None:
    """Return an unsent draft of ``author``, its row locked; ``None`` if there is none. One query.

    Lock it before its uploads.
    """
    return Draft.objects.owned_by(author).unsent().select_for_update().filter(pk=draft_id).first()


def expired() -> QuerySet[Draft]:
    """Return the unsent drafts that nobody has changed for ``UNSENT_LIFETIME``."""
    return Draft.objects.unsent().filter(saved_at__lt=timezone.now() - UNSENT_LIFETIME)


def _new_draft(author: User) -> Draft:
    if Draft.objects.owned_by(author).unsent().count() >= MAX_DRAFTS:
        raise MediaUnusable(
            "too_many_drafts",
            gettext("You have %(number)d drafts. Publish or delete one of them first.")
            % {"number": MAX_DRAFTS},
        )
    return Draft.objects.create(author=author, sent=False)


def _arrange(
    draft: Draft, found: dict[int, Media], order: Sequence[int], alt_texts: Mapping[int, str]
) -> None:
    """Give the uploads their place in the draft and their words. Raises ``MediaUnusable``."""
    named = [found.pop(identifier) for identifier in order if identifier in found]
    others = sorted(found.values(), key=lambda one: (one.position, one.pk))
    if len(named) + len(others) > MAX_PICTURES:
        raise MediaUnusable("media_count", gettext("A photo has up to %d pictures.") % MAX_PICTURES)
    for position, one in enumerate([*named, *others]):
        before = (one.draft_id, one.position, one.alt_text)
        one.draft, one.position = draft, position
        one.alt_text = alt_texts.get(one.pk, one.alt_text)
        if (one.draft_id, one.position, one.alt_text) != before:
            one.save(update_fields=["draft", "position", "alt_text"])
