"""Template tags for what is folded up: comments of the muted, and what a filter of words finds."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Viewer
from photos.cards import PhotoCard
from photos.conversation.cards import CommentCard

register = template.Library()

MUTED = _("A comment by someone you muted")
FILTERED = _("Contains one of your hidden words")


@register.simple_tag
def folded_photos(viewer: Viewer, cards: Iterable[PhotoCard]) -> frozenset[int]:
    """Return the ids of those photos whose words the viewer does not want to read, not their own.

    No query; nothing is looked at for viewers without a filter.
    """
    if not isinstance(viewer, User) or not viewer.filtered_words:
        return frozenset()
    matches = viewer.word_filter.matches
    return frozenset(
        card.id for card in cards if card.author.id != viewer.pk and matches(*card.words)
    )


@register.simple_tag
def folded_comment(viewer: Viewer, comment: CommentCard) -> str:
    """Return why a comment is folded up, ``""`` if it is not. No query."""
    if comment.muted:
        return str(MUTED)
    if not isinstance(viewer, User) or not viewer.filtered_words:
        return ""
    own = comment.author is not None and comment.author.id == viewer.pk
    return str(FILTERED) if not own and viewer.word_filter.matches(comment.text) else ""
