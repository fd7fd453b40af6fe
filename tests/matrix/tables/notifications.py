"""What people are told of: the list, the mark, the settings, the daily mail."""

from __future__ import annotations

from typing import Any

from social.notifications.digest.service import token_of
from tests.matrix.rules import NOT_FOUND, anyone, at, get, member, owner_alone, plain, post, put
from tests.matrix.scene import Kind, Scene
from tests.matrix.tables.social import REFUSED, of_asker

MARK = {"up_to": "1"}
KINDS = {"kinds": ["like"]}
DIGEST = {"hour": 7, "zone": "UTC"}


def of_forged_link(scene: Scene) -> dict[str, Any]:
    """Return the link that ends a daily mail with another's signature."""
    return {"token": f"{token_of(1)}x"}


def desk(scene: Scene) -> int:
    """Answer who may see a queue: moderators and administrators."""
    return member(302 if scene.kind in {Kind.MODERATOR, Kind.ADMIN} else NOT_FOUND)(scene)


TABLE = {
    "social:activity": plain(get(member())),
    "social:activity-read": plain(post(member(302), MARK)),
    "social:answer-request": at(of_asker, post(owner_alone(302))),
    "social:notification-settings": plain(get(member()), post(member(302), KINDS)),
    "social:desk-mail": plain(post(desk)),
    "social:digest": plain(post(member(REFUSED), {"hour": "7", "zone": "Mars"})),
    "social:digest-end": at(of_forged_link, get(anyone(404)), post(anyone(404))),
    "api-activity": plain(get(member())),
    "api-activity-unread": plain(get(member())),
    "api-activity-read": plain(post(member(), MARK)),
    "api-activity-kinds": plain(get(member()), put(member(), KINDS)),
    "api-activity-digest": plain(get(member()), put(member(), DIGEST)),
}
