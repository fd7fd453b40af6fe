"""The tables of people: users, their counters, follows, blocks and API sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.core.validators import MinLengthValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.avatars import avatar_of
from minigram_site.db import IndexProbe
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of

USERNAME_RULE = RegexValidator(
    r"^[a-z0-9_](?:[a-z0-9_.]*[a-z0-9_])?\Z",
    "Use letters a to z, digits, underscores and dots (not at either end).",
    "invalid_username",
)


class UserQuerySet(models.QuerySet["User"]):
    """Questions about people, in the words of the domain."""

    def named(self, username: str) -> UserQuerySet:
        """Return the person of that name, in whichever case it is written; none or one."""
        return self.filter(username=username.lower())

    def reachable_by(self, viewer: Viewer) -> UserQuerySet:
        """Keep people whose existence ``viewer`` may know: active, and no block between them."""
        return self.filter(reachable(viewer))

    def viewable_by(self, viewer: Viewer) -> UserQuerySet:
        """Keep people whose photos and lists ``viewer`` may see: the one visibility rule."""
        return self.filter(viewable(viewer))

    def with_stats(self) -> UserQuerySet:
        """Bring the counters along, in the same query."""
        return self.select_related("stats")

    def with_relation_to(self, viewer: Viewer) -> UserQuerySet:
        """Annotate ``you_follow``, ``you_asked``, ``follows_you``, ``you_block`` for ``viewer``."""
        if viewer.pk is None:
            never = Value(value=False, output_field=models.BooleanField())
            return self.annotate(
                you_follow=never, you_asked=never, follows_you=never, you_block=never
            )
        them = OuterRef("pk")
        return self.annotate(
            you_follow=Exists(Follow.objects.filter(follower=viewer.pk, followee=them)),
            you_asked=Exists(FollowRequest.objects.filter(requester=viewer.pk, target=them)),
            follows_you=Exists(Follow.objects.filter(follower=them, followee=viewer.pk)),
            you_block=Exists(Block.objects.filter(blocker=viewer.pk, blocked=them)),
        )

    def with_access_of(self, viewer: Viewer) -> UserQuerySet:
        """Annotate ``you_reach`` and ``you_view``: what the visibility rule says to ``viewer``."""
        boolean = models.BooleanField()
        return self.annotate(
            you_reach=ExpressionWrapper(reachable(viewer), boolean),
            you_view=ExpressionWrapper(viewable(viewer), boolean),
        )

    def followers_of(self, person: User) -> UserQuerySet:
        """Keep the followers of ``person``, with ``link_id`` to page by."""
        return self.filter(follows__followee=person).annotate(link_id=F("follows__id"))

    def followed_by(self, person: User) -> UserQuerySet:
        """Keep those whom ``person`` follows, with ``link_id`` to page by."""
        return self.filter(followed_by__follower=person).annotate(link_id=F("followed_by__id"))

    def not_followed_by(self, person: User) -> UserQuerySet:
        """Leave out those whom ``person`` follows."""
        return self.exclude(followed_by__follower=person)

    def asking(self, person: User) -> UserQuerySet:
        """Keep those whose follow request waits for ``person``, annotated with ``link_id``."""
        return self.filter(requests_made__target=person).annotate(link_id=F("requests_made__id"))

    def blocked_by(self, person: User) -> UserQuerySet:
        """Keep those whom ``person`` blocks, annotated with ``link_id`` to page by."""
        return self.filter(blocks_received__blocker=person).annotate(
            link_id=F("blocks_received__id")
        )


class UserManager(BaseUserManager["User"]):
    """Makes users; the queryset's questions are here as well."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person of that name in any case; ``User.DoesNotExist`` if there is none."""
        return self.get(username=(username or "").lower())

    def create_user(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Insert a user with their counters. Names and e-mails are kept in lower case."""
        user: User = self.model(username=username.lower(), email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        UserStats.objects.using(self._db).create(user=user)
        return user

    def create_superuser(self, username: str, email: str, password: str, **fields: Any) -> User:
        """Insert an administrator (``manage.py createsuperuser``)."""
        return self.create_user(
            username, email, password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Deleted and suspended people are invisible to everyone but the admins."""

    id = IdField()
    username = models.CharField(
        max_length=30,
        unique=True,
        validators=[USERNAME_RULE, MinLengthValidator(2)],
        error_messages={"unique": "This name is taken."},
    )
    email = models.EmailField(
        "e-mail address",
        max_length=254,
        unique=True,
        error_messages={"unique": "An account with this e-mail address exists."},
    )
    display_name = models.CharField("name", max_length=60, blank=True)
    bio = models.TextField(max_length=500, blank=True)
    website = models.URLField(
        max_length=200, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    # [[side, storage name], …], smallest first; empty without an avatar.
    avatar = models.JSONField(default=list, blank=True, editable=False)
    is_private = models.BooleanField("private account", default=False)
    is_active = models.BooleanField("active", default=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    # Part of every session and token: raising it logs the person out everywhere.
    auth_version = models.PositiveIntegerField(default=1, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="user_username_is_lower_case", condition=Q(username=Lower("username"))
            ),
            models.CheckConstraint(name="user_username_is_not_empty", condition=~Q(username="")),
            models.CheckConstraint(name="user_email_is_not_empty", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        """Return the name as people write it."""
        return f"@{self.username}"

    @property
    def name(self) -> str:
        """The name to show: the chosen one, or the username."""
        return self.display_name or self.username

    @property
    def avatar_small(self) -> str | None:
        """The address of an avatar of about 128 pixels, or nothing."""
        return avatar_of(self.pk, self.avatar, 1)

    @property
    def avatar_large(self) -> str | None:
        """The address of the largest avatar, or nothing."""
        return avatar_of(self.pk, self.avatar, -1)

    @property
    def date_joined(self) -> datetime:
        """When the account was made; the id knows it."""
        return moment_of(self.pk)

    def get_absolute_url(self) -> str:
        """Return the address of the profile page."""
        return reverse("social:profile", args=[self.username])

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to stay logged in: password and ``auth_version``."""
        return self._session_hash(secret=None)

    def get_session_auth_fallback_hash(self) -> Any:
        """Yield the hashes under former secret keys, so that a rotation logs nobody out."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret=secret)

    def remember_session_hash(self, value: str) -> None:
        """Take the hash that was computed when the account was read with its password."""
        self._known_hash = (self.auth_version, value)

    def _session_hash(self, secret: str | bytes | None) -> str:
        version, known = getattr(self, "_known_hash", (0, ""))
        if secret is None and version == self.auth_version:
            return str(known)
        return salted_hmac(
            "accounts.User.session",
            f"{self.password}:{self.auth_version}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


Viewer: TypeAlias = User | AnonymousUser


def reachable(viewer: Viewer, path: str = "") -> Q:
    """Return the condition "may know that this person exists".

    ``path`` leads from the filtered model to the person (``"author__"``; empty for ``User``).
    """
    active = Q(**{f"{path}is_active": True})
    if viewer.pk is None:
        return active
    them = OuterRef(f"{path}pk")
    by_viewer = Q(Exists(Block.objects.filter(blocker=viewer.pk, blocked=them)))
    by_them = Q(Exists(Block.objects.filter(blocker=them, blocked=viewer.pk)))
    return active & ~by_viewer & ~by_them


def viewable(viewer: Viewer, path: str = "") -> Q:
    """Return the one visibility rule: "may see this person's photos and lists".

    A person is visible to everyone while active and public; a private one to themselves and to
    accepted followers; across a block nobody sees anybody. Pages, API, counts and image bytes
    all ask here. ``path`` as in ``reachable``; costs no query of its own.
    """
    public = Q(**{f"{path}is_private": False})
    if viewer.pk is None:
        return reachable(viewer, path) & public
    own = Q(**{f"{path}pk": viewer.pk})
    followed = Q(
        IndexProbe(Follow.objects.filter(follower=viewer.pk, followee=OuterRef(f"{path}pk")))
    )
    return reachable(viewer, path) & (public | own | followed)


class UserStats(models.Model):
    """Counters beside the user: a narrow row, changed in the transaction that changes the fact.

    It is also the lock that puts publishing, following and deleting of one person in order.
    """

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="stats", editable=False
    )
    photo_count = models.PositiveIntegerField(default=0)
    follower_count = models.PositiveIntegerField(default=0)
    following_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "user stats"

    def __str__(self) -> str:
        """Return whose counters these are."""
        return f"counters of {self.user_id}"


class Follow(models.Model):
    """``follower`` sees the photos of ``followee`` in their feed."""

    id = IdField()
    follower = models.ForeignKey(User, models.CASCADE, related_name="follows", db_index=False)
    followee = models.ForeignKey(User, models.CASCADE, related_name="followed_by", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(name="follow_not_self", condition=~Q(follower=F("followee"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["followee", "-id"], name="follow_followers_newest"),
            models.Index(fields=["follower", "-id"], name="follow_following_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.follower_id} follows {self.followee_id}"


class FollowRequest(models.Model):
    """``requester`` asks to follow ``target``, whose account is private."""

    id = IdField()
    requester = models.ForeignKey(
        User, models.CASCADE, related_name="requests_made", db_index=False
    )
    target = models.ForeignKey(User, models.CASCADE, related_name="requests_got", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requester", "target"], name="follow_request_once"),
            models.CheckConstraint(
                name="follow_request_not_self", condition=~Q(requester=F("target"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["target", "-id"], name="follow_request_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.requester_id} asks {self.target_id}"


class Block(models.Model):
    """``blocker`` and ``blocked`` do not see each other at all."""

    id = IdField()
    blocker = models.ForeignKey(User, models.CASCADE, related_name="blocks_made", db_index=False)
    blocked = models.ForeignKey(User, models.CASCADE, related_name="blocks_received", db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(name="block_not_self", condition=~Q(blocker=F("blocked"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["blocker", "-id"], name="block_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.blocker_id} blocks {self.blocked_id}"


class ApiSession(models.Model):
    """One log-in of a mobile client: the refresh token in use, replaced at every refresh.

    Presenting an older refresh token of the session proves that it was copied: the session ends
    (reuse detection, RFC 9700 section 4.14.2).
    """

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="api_sessions")
    token_id = models.CharField(max_length=64, validators=[MinLengthValidator(16)])
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="api_session_has_token", condition=~Q(token_id="")),
        ]

    def __str__(self) -> str:
        """Return whose session it is."""
        return f"API session of {self.user_id}"


class IdempotencyKey(models.Model):
    """The answer to a request that a client may send twice; see ``accounts.api.idempotency``."""

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    # SHA-256 of the request: the same key for something else is a mistake of the client.
    fingerprint = models.CharField(max_length=64)
    # Null while the first request still runs.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(default=b"")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key", "path"], name="idempotency_key_once"),
        ]

    def __str__(self) -> str:
        """Return the key."""
        return self.key
