"""The counts of the viewer's own profile, for answers to scripts that have changed them."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.models import User
from social.people import profile, profile_head

register = template.Library()


@register.inclusion_tag("social/_counts.html")
def own_counts(user: User) -> dict[str, Any]:
    """Show a member their photos, followers and followed people, counted. One query."""
    return {"person": profile_head(profile(user, user.username), user)}
