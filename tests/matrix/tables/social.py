"""Feed, explore, profiles, follows, publishing, settings, reports."""

from __future__ import annotations

from typing import Any

from social.moderation import appeals
from tests.matrix.rules import (
    anyone,
    at,
    delete,
    get,
    list_of_owner,
    member,
    member_but_owner,
    member_who_holds,
    member_who_knows,
    member_who_sees,
    owner_alone,
    patch,
    plain,
    post,
    put,
    visitors,
    who_knows,
    who_reaches,
)
from tests.matrix.scene import Scene
from tests.matrix.tables.photos import of_comment, of_photo


def of_owner(scene: Scene) -> dict[str, Any]:
    """Return the owner's name."""
    return {"username": "owner"}


def of_asker(scene: Scene) -> dict[str, Any]:
    """Return who asks to follow the owner."""
    return {"username": "asker"}


def of_friend(scene: Scene) -> dict[str, Any]:
    """Return a follower of the owner."""
    return {"username": "friend"}


def of_media(scene: Scene) -> dict[str, Any]:
    """Return the owner's upload."""
    return {"media_id": scene.media.pk}


def of_draft(scene: Scene) -> dict[str, Any]:
    """Return the owner's draft."""
    return {"photo_id": scene.draft.pk}


def of_decision(scene: Scene) -> dict[str, Any]:
    """Return a decision about the owner."""
    return {"decision_id": scene.decision.pk}


def of_forged_link(scene: Scene) -> dict[str, Any]:
    """Return the link of a decision with another's signature."""
    return {"token": appeals.token_of(scene.decision) + "x"}


REFUSED = 422
REPORT = {"reason": "spam", "words": "It is."}
PROFILE = {"display_name": "Other", "bio": "", "website": ""}
WRONG_PASSWORD = {"password": "not-the-password"}

TABLE = {
    "social:feed-news": plain(get(member())),
    "social:feed-side": plain(get(member())),
    "social:landing": plain(get(visitors(200, members=302))),
    "social:feed": plain(get(member())),
    "social:explore": plain(get(anyone())),
    "social:profile": at(of_owner, get(who_knows())),
    "social:offline": plain(get(anyone())),
    "social:manifest": plain(get(anyone())),
    "social:service-worker": plain(get(anyone())),
    "social:upload": plain(get(member()), post(member(REFUSED), {"caption": "No file"})),
    "social:upload-media": plain(post(member(REFUSED), {"image": "no file"})),
    "social:discard-media": at(of_media, post(member(204))),
    "social:upload-arrange": plain(post(member(REFUSED), {"media": "1"})),
    "social:drafts": plain(get(member())),
    "social:draft-retry": at(of_draft, post(owner_alone(302))),
    "social:draft-discard": at(of_draft, post(owner_alone(302))),
    "social:requests": plain(get(member())),
    "social:accept": at(of_asker, post(owner_alone(302))),
    "social:decline": at(of_asker, post(owner_alone(302))),
    "social:settings": plain(get(member()), post(member(302), PROFILE)),
    "social:avatar": plain(post(member(302), {"remove": "1"})),
    "social:privacy": plain(get(member()), post(member(302), {})),
    "social:blocked": plain(get(member())),
    "social:delete-account": plain(get(member()), post(member(REFUSED), WRONG_PASSWORD)),
    "social:decisions": plain(get(member())),
    "social:appeal": at(of_forged_link, get(anyone(404)), post(anyone(404), {"words": "Please"})),
    "social:report-photo": at(of_photo, get(member_who_sees()), post(member_who_sees(302), REPORT)),
    "social:report-comment": at(
        of_comment, get(member_who_sees()), post(member_who_sees(302), REPORT)
    ),
    "social:report-person": at(
        of_owner, get(member_who_knows()), post(member_who_knows(302), REPORT)
    ),
    "social:person": at(lambda scene: {"user_id": scene.owner.pk}, get(who_reaches(302))),
    "social:mentions": plain(get(member())),
    "social:followers": at(of_owner, get(list_of_owner())),
    "social:following": at(of_owner, get(list_of_owner())),
    "social:follow": at(of_owner, post(member_who_knows(302))),
    "social:unfollow": at(of_owner, post(member_who_knows(302))),
    "social:block": at(of_owner, post(member_who_holds(302))),
    "social:unblock": at(of_owner, post(member_who_holds(302))),
    "social:remove-follower": at(of_friend, post(member(302))),
    "api-instance": plain(get(anyone())),
    "api-feed": plain(get(member())),
    "api-explore": plain(get(member())),
    "api-media-list": plain(post(member(415), {})),
    "api-media": at(
        of_media,
        # It could not be made: so says its state.
        get(owner_alone(422)),
        patch(owner_alone(), {"alt_text": "Other"}),
        delete(owner_alone(204)),
    ),
    "api-media-retry": at(of_media, post(owner_alone(202))),
    "api-drafts": plain(get(member()), post(member(201), {"caption": "Soon"})),
    # It was sent: it waits for its pictures, and nothing else.
    "api-draft": at(
        of_draft,
        get(owner_alone()),
        patch(owner_alone(409), {"caption": "Other"}),
        delete(owner_alone(204)),
    ),
    "api-publish-draft": at(of_draft, post(owner_alone(409))),
    "api-publish": plain(post(member(400), {})),
    "api-publish-media": plain(post(member(400), {})),
    "api-avatar": plain(put(member(415), {}), delete(member(204))),
    "api-me": plain(
        get(member()), patch(member(), {"bio": ""}), delete(member(400), WRONG_PASSWORD)
    ),
    "api-blocks": plain(get(member())),
    "api-follower": at(of_friend, delete(member(204))),
    "api-requests": plain(get(member())),
    "api-request": at(of_asker, put(owner_alone(204)), delete(owner_alone(204))),
    "api-profile": at(of_owner, get(member_who_knows())),
    "api-profile-photos": at(of_owner, get(list_of_owner())),
    "api-followers": at(of_owner, get(list_of_owner())),
    "api-following": at(of_owner, get(list_of_owner())),
    "api-follow": at(
        of_owner, put(member_who_knows(200, owner=409, blocking=409)), delete(member_who_knows(204))
    ),
    "api-report-person": at(of_owner, put(member_who_knows(201, owner=409), REPORT)),
    "api-report-photo": at(of_photo, put(member_but_owner(201, owner=409), REPORT)),
    "api-report-comment": at(of_comment, put(member_who_sees(201), REPORT)),
    "api-decisions": plain(get(member())),
    "api-appeal": at(of_decision, put(owner_alone(), {"words": "Please"})),
    "api-block": at(of_owner, put(member_who_holds(204, owner=409)), delete(member_who_holds(204))),
}
