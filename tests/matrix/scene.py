"""An owner with a photo, and one viewer of each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework.test import APIClient

from accounts.api.tokens import issue
from accounts.models import FollowRequest, User
from accounts.services import suspend
from photos import services
from photos.models import Comment, Draft, Media, Photo
from social import follows, mutes, profiles
from social.moderation import reports
from social.moderation.deciding import decide
from social.moderation.models import Decision, Verb
from tests.factories import make_follow, make_user, published, upload
from tests.social.moderation.scene import make_moderator


class Account(StrEnum):
    """What the owner's account is."""

    PUBLIC = "public"
    PRIVATE = "private"
    SUSPENDED = "suspended"


class Kind(StrEnum):
    """What the viewer is to the owner."""

    NOBODY = "nobody"
    HOLDER = "holder of a share link"
    STRANGER = "stranger"
    FOLLOWER = "follower"
    REQUESTED = "requested"
    BLOCKED = "blocked"
    BLOCKING = "blocking"
    MUTING = "follower who mutes"
    MUTED = "follower who is muted"
    OWNER = "owner"
    SUSPENDED = "suspended"
    STAFF = "staff without permission"
    MODERATOR = "staff with one permission"
    ADMIN = "administrator"


# What lets moderators do more on the site itself than any other permission: see a queue.
ONE_PERMISSION = "view_moderationcase"
# Nobody is told that they are muted: they are answered what all followers are.
FOLLOWING = (Kind.FOLLOWER, Kind.MUTING, Kind.MUTED)
# To the rest of the site whoever has a link is a visitor.
WITHOUT_ACCOUNT = (Kind.NOBODY, Kind.HOLDER)


@dataclass
class Scene:
    """The owner's account, who asks, and what there is to be asked for."""

    account: Account
    kind: Kind
    owner: User
    friend: User
    asker: User
    viewer: User | None
    photo: Photo
    comment: Comment
    draft: Draft
    media: Media
    decision: Decision
    session_key: str = ""
    token: str = ""
    # The key to a link with a password, for who was told it.
    share_key: str = ""
    # What the tables of single parts add (``tables.PREPARE``).
    things: dict[str, Any] = field(default_factory=dict)
    # Words that only some may read, and whether this viewer may.
    secrets: dict[str, bool] = field(default_factory=dict)

    @property
    def logged_out(self) -> bool:
        """Whether the viewer is nobody to the site."""
        is_suspended_owner = self.kind == Kind.OWNER and self.account == Account.SUSPENDED
        return self.kind in {*WITHOUT_ACCOUNT, Kind.SUSPENDED} or is_suspended_owner

    @property
    def holds_link(self) -> bool:
        """Whether the viewer has a link that works; the links of the suspended do not."""
        return self.kind == Kind.HOLDER and self.account != Account.SUSPENDED

    @property
    def knows(self) -> bool:
        """Whether the viewer may know of the owner: who blocks somebody must be able to end it."""
        return self.account != Account.SUSPENDED and self.kind != Kind.BLOCKED

    @property
    def sees(self) -> bool:
        """Whether the viewer may see the owner's photos and lists."""
        if self.account == Account.PRIVATE:
            return self.kind in {*FOLLOWING, Kind.OWNER}
        return self.knows and self.kind != Kind.BLOCKING

    @property
    def is_owner(self) -> bool:
        """Whether the viewer is the owner, and logged in."""
        return self.kind == Kind.OWNER and not self.logged_out

    def page_client(self) -> Client:
        """Return a browser of the viewer: new for each request, as an answer may log it out."""
        client = Client()
        if self.session_key:
            client.cookies["sessionid"] = self.session_key
        if self.share_key:
            client.cookies["share_key"] = self.share_key
        return client

    def api_client(self) -> APIClient:
        """Return an app of the viewer."""
        client = APIClient()
        if self.token:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.token}")
        if self.share_key:
            client.credentials(HTTP_X_SHARE_KEY=self.share_key)
        return client


def set_up(account: Account, kind: Kind) -> Scene:
    """Make an owner, their photo with all that can be on it, and the viewer."""
    owner, friend, asker = make_user("owner"), make_user("friend"), make_user("asker")
    owner.email = "secret-address@example.org"
    owner.save()
    profiles.edit_profile(user=owner, display_name="Olga", bio="secret-bio", website="")
    viewer = None if kind in WITHOUT_ACCOUNT else owner
    if kind not in {*WITHOUT_ACCOUNT, Kind.OWNER}:
        viewer = make_user("viewer")
    follows.set_privacy(user=owner, private=account == Account.PRIVATE)
    make_follow(friend, owner)
    FollowRequest.objects.create(requester=asker, target=owner)
    photo = published(
        author=owner, image=upload(), caption="secret-caption #lighthouse", alt_text="secret-alt"
    )
    comment = services.comment(author=friend, photo_id=photo.pk, text="secret-comment")
    services.like(user=friend, photo_id=photo.pk)
    draft = Draft.objects.create(author=owner, caption="secret-draft")
    media = Media.objects.create(owner=owner, state="failed", reason="busy", original="none")
    scene = Scene(
        account,
        kind,
        owner,
        friend,
        asker,
        viewer,
        photo,
        comment,
        draft,
        media,
        _decide(owner, photo),
    )
    _relate(scene)
    if viewer is not None:
        client = Client()
        client.force_login(viewer)
        scene.session_key = client.cookies["sessionid"].value
        scene.token = issue(viewer)["access"]
    if kind == Kind.SUSPENDED and viewer is not None:
        suspend(user=viewer)
    scene.secrets = _secrets(scene)
    return scene


def suspend_owner(scene: Scene) -> None:
    """Suspend the owner: last, after the tables of all parts have added their things."""
    if scene.account == Account.SUSPENDED:
        suspend(user=scene.owner)


def _decide(owner: User, photo: Photo) -> Decision:
    """Report the photo and warn its owner."""
    report, _ = reports.report(
        reporter=make_user("reporter"),
        thing=reports.seen_photo(owner, photo.pk),
        reason="spam",
        words="secret-report",
    )
    return decide(
        case=report.case,
        moderator=make_moderator("moderator"),
        verb=Verb.WARN,
        reason="secret-decision",
    )


def _relate(scene: Scene) -> None:
    """Make the viewer to the owner what the kind says."""
    viewer, owner = scene.viewer, scene.owner
    if viewer is None or viewer == owner:
        return
    if scene.kind in {*FOLLOWING, Kind.SUSPENDED}:
        make_follow(viewer, owner)
    if scene.kind == Kind.REQUESTED:
        follows.follow(follower=viewer, followee=owner)
    elif scene.kind == Kind.BLOCKED:
        follows.block(blocker=owner, blocked=viewer)
    elif scene.kind == Kind.BLOCKING:
        follows.block(blocker=viewer, blocked=owner)
    elif scene.kind == Kind.MUTING:
        mutes.mute(muter=viewer, muted=owner)
    elif scene.kind == Kind.MUTED:
        mutes.mute(muter=owner, muted=viewer)
    elif scene.kind in {Kind.STAFF, Kind.MODERATOR, Kind.ADMIN}:
        viewer.is_staff = True
        viewer.is_superuser = scene.kind == Kind.ADMIN
        viewer.save()
    if scene.kind == Kind.MODERATOR:
        viewer.user_permissions.set(Permission.objects.filter(codename=ONE_PERMISSION))


def _secrets(scene: Scene) -> dict[str, bool]:
    return {
        "secret-caption": scene.sees,
        "secret-alt": scene.sees,
        "secret-comment": scene.sees,
        # Whom one blocks is in one's list, suspended or not.
        "secret-bio": scene.knows or scene.kind == Kind.BLOCKING,
        "secret-draft": scene.is_owner,
        "secret-address": scene.is_owner,
        "secret-decision": scene.is_owner,
        "secret-report": False,
    }


Prepare = Callable[[Scene], None]
