"""What drf-spectacular is told of the document as a whole.

This module is read by the settings and imports nothing of Django.
"""

from __future__ import annotations

from typing import Any

_TAGS = {
    "auth": "Making an account, logging in, tokens.",
    "me": "Your account, and lists that only you have.",
    "people": "Other people: profiles, follows, blocks, mutes.",
    "photos": "Photos, likes, and the lists that show photos.",
    "comments": "Comments below photos, and replies to them.",
    "uploads": "Files on their way to a photo.",
    "collections": "Saved photos, albums, and links that share them.",
    "search": "People, tags and photos by words.",
    "activity": "Notifications, and how you are told of them.",
    "moderation": "Reports, and what was decided about you.",
    "site": "The site itself: what it is, what it accepts, its pages.",
}
# Enumerations that more than one field or no good name has; names become types of clients.
_ENUMS = {
    "AppealState": "social.api.moderation_json.APPEAL_STATES",
    "DecisionVerb": "social.api.moderation_json.TOLD",
    "DraftState": "social.api.serializers.DRAFT_STATES",
    "EntityType": "accounts.api.serializers.ENTITY_TYPES",
    "FollowResult": "social.api.serializers.FOLLOW_RESULTS",
    "MediaState": "social.api.serializers.MEDIA_STATES",
    "NewPhotoState": "social.api.serializers.NEW_PHOTO_STATES",
    "WaitingCode": "accounts.api.door_serializers.WAITING_CODES",
}


def document_settings(*, version: str, site_name: str, site_url: str) -> dict[str, Any]:
    """Return ``SPECTACULAR_SETTINGS`` of a site."""
    return {
        "TITLE": "MiniGram API",
        "DESCRIPTION": "Photos, people and feeds for mobile clients. See docs/api.md.",
        "VERSION": version,
        "CONTACT": {"name": site_name, "url": site_url},
        "LICENSE": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        "SERVERS": [{"url": site_url, "description": site_name}],
        "TAGS": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "SERVE_INCLUDE_SCHEMA": False,
        "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
        "SERVE_AUTHENTICATION": [],
        "SCHEMA_PATH_PREFIX": "/api/v1/",
        "COMPONENT_SPLIT_REQUEST": True,
        "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
        "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
        "ENUM_NAME_OVERRIDES": _ENUMS,
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "minigram_site.api.openapi.schema.finished",
        ],
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    }
