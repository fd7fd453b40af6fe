"""Users as JSON-ready data of the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from accounts.models import User
from accounts.people import Person, person
from minigram_site.api.rendering import time_json
from minigram_site.web.templating.linked import entities_in, path_of


def person_json(shown: Person, base: str) -> dict[str, Any]:
    """Return the fields of a person in lists; ``base`` is the site's address, ``https://…``."""
    avatar = shown.avatar
    return {
        "id": str(shown.id),
        "username": shown.username,
        "display_name": shown.display_name,
        "avatar": base + avatar if avatar else None,
    }


def entities_json(text: str, stored: str | list[Any], base: str) -> list[dict[str, Any]]:
    """Return what ``text`` names, ``stored`` as its column holds it; ``base``: ``https://…``."""
    if stored == "[]":
        return []
    return [
        {
            "type": entity.kind,
            "start": entity.start,
            "end": entity.end,
            "value": entity.value or text[entity.start : entity.end],
            "url": urljoin(base, path_of(text, entity)),
        }
        for entity in entities_in(stored)
    ]


def profile_json(user: User, base: str) -> dict[str, Any]:
    """Return the fields of a profile. No query.

    ``user`` comes ``with_counts_for`` and ``with_relation_to`` the viewer; ``base``: ``https://…``.
    """
    relation: Any = user
    return {
        **person_json(person(user), base),
        "bio": user.bio,
        "bio_entities": entities_json(user.bio, user.bio_entities, base),
        "website": user.website,
        "is_private": user.is_private,
        "photo_count": user.stats.photo_count,
        "follower_count": relation.followers_seen,
        "following_count": relation.following_seen,
        "you_follow": bool(relation.you_follow),
        "requested": bool(relation.you_asked),
        "follows_you": bool(relation.follows_you),
        "you_block": bool(relation.you_block),
        "you_mute": bool(relation.you_mute),
        "is_suspended": not user.is_active,
    }


def account_json(user: User, base: str) -> dict[str, Any]:
    """Return the fields of a person's own account; ``user`` comes ``with_stats``. No query.

    A block ends follows, so that none of their own is hidden from them.
    """
    stats = user.stats
    return {
        **person_json(person(user), base),
        "bio": user.bio,
        "bio_entities": entities_json(user.bio, user.bio_entities, base),
        "website": user.website,
        "is_private": user.is_private,
        "photo_count": stats.photo_count,
        "follower_count": stats.follower_count + stats.suspended_follower_count,
        "following_count": stats.following_count,
        "noindex": user.noindex,
        "language": user.language,
        "email": user.email,
        "date_joined": time_json(user.date_joined),
    }
