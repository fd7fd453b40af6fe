"""Composing a photo: uploads one by one, drafts, and what other programs share."""

from __future__ import annotations

from typing import Any

from tests.matrix.rules import at, get, member, owner_alone, plain, post
from tests.matrix.scene import Scene
from tests.matrix.tables.social import of_media


def of_file(scene: Scene) -> dict[str, Any]:
    """Return a file of the owner's upload, which has none: it failed."""
    return {"media_id": scene.media.pk, "file_name": "none.webp"}


def of_composed(scene: Scene) -> dict[str, Any]:
    """Return the owner's draft, which is sent already."""
    return {"draft_id": scene.draft.pk}


TABLE = {
    "social:draft": at(of_composed, get(owner_alone(302)), post(owner_alone(302))),
    "social:save-draft": plain(post(member(), {"caption": "Begun"})),
    "social:share-target": plain(post(member(302), {"text": "Nothing to see"})),
    "social:media-state": at(of_media, get(owner_alone())),
    "social:media-file": at(of_file, get(owner_alone(404))),
    "social:adjust-media": at(of_media, post(owner_alone(422), {"turn": "x"})),
}
