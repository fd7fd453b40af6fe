"""Tags in templates: which one brought a photo, and the button that follows one."""

from __future__ import annotations

from typing import Any

from django import template

from minigram_site.web.templating.linked import path_of_tag
from social.tags import is_followed

register = template.Library()


@register.filter
def tag_path(key: str) -> str:
    """Return the path of a tag's page."""
    return path_of_tag(key)


@register.inclusion_tag("social/_follow_tag.html", takes_context=True)
def follow_tag_button(context: Any, key: str) -> dict[str, Any]:
    """Show members the button that follows a tag, or takes that back. One query for members."""
    user = context["user"]
    follows = user.is_authenticated and is_followed(user, key)
    return {
        "key": key,
        "follows": follows,
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }
