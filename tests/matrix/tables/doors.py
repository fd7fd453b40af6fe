"""The ways in, addresses to confirm, invitations, names, and the pages of the site."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Invitation
from tests.matrix.rules import (
    LOGIN,
    Rule,
    anyone,
    at,
    delete,
    get,
    member,
    owner_alone,
    plain,
    post,
    put,
    visitors,
)
from tests.matrix.scene import Scene


def prepare(scene: Scene) -> None:
    """Let the owner have an invitation."""
    scene.things["invitation"] = Invitation.objects.create(
        inviter=scene.owner,
        code="secret-code-of-owner",
        note="secret-note",
        expires_at=timezone.now() + timedelta(days=1),
    )
    for secret in ("secret-code-of-owner", "secret-note"):
        scene.secrets[secret] = scene.is_owner


def staff_may(status: int) -> Rule:
    """Answer members of the staff; others may not invite on this site."""

    def rule(scene: Scene) -> int:
        if scene.logged_out or scene.viewer is None:
            return LOGIN
        return status if scene.viewer.is_staff else 403

    return rule


def invitation(scene: Scene) -> dict[str, int]:
    """Return what names the owner's invitation in an address."""
    return {"invitation_id": scene.things["invitation"].pk}


WRONG = {"username": "owner", "password": "wrong"}
TABLE = {
    # Who has neither signed up nor typed a password in this browser stands at no door.
    "accounts:door": plain(get(anyone(LOGIN))),
    "accounts:door-correct": plain(post(anyone(LOGIN))),
    "accounts:invited": at(lambda scene: {"code": "none"}, get(visitors(410, members=302))),
    "accounts:confirm-email": at(
        lambda scene: {"token": "none"}, get(anyone(410)), post(anyone(410))
    ),
    "accounts:site-page": at(lambda scene: {"name": "rules"}, get(anyone(404))),
    "accounts:email-link": plain(post(member(302))),
    "accounts:name": plain(get(member()), post(member(422), {"username": "?"})),
    "accounts:invitations": plain(get(member()), post(member(422))),
    "accounts:revoke-invitation": at(invitation, post(owner_alone(302))),
    "api-unconfirmed": plain(post(anyone(401), WRONG)),
    "api-confirm-email": plain(post(anyone(410), {"token": "none"})),
    "api-address": plain(get(member())),
    "api-address-link": plain(post(member(202))),
    "api-name": plain(put(member(400), {"username": "?"})),
    "api-invitations": plain(get(member()), post(staff_may(201), {})),
    "api-invitation": at(invitation, delete(owner_alone(204))),
    "api-site-page": at(lambda scene: {"name": "rules"}, get(anyone(404))),
}
