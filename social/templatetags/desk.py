"""The template tag for the admin's first page: how many cases wait for a moderator."""

from __future__ import annotations

from django import template

from social.moderation.evidence import WAITING
from social.moderation.models import ModerationCase

register = template.Library()


@register.simple_tag
def waiting_cases() -> int:
    """Return how many cases are open or appealed. One query, of the index by state."""
    return ModerationCase.objects.filter(state__in=WAITING).count()
