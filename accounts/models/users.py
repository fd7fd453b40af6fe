"""Users and their counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.core.validators import MinLengthValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.avatars import avatar_of
from accounts.models.counting import visible_count
from accounts.models.mutes import Mute
from accounts.models.relations import Block, Follow, FollowRequest
from accounts.models.visibility import reachable, viewable
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of
from minigram_site.fields.word_filter import Matcher, matcher_of

USERNAME_RULE = RegexValidator(
    r"^[a-z0-9_](?:[a-z0-9_.]*[a-z0-9_])?\Z",
    _("Use letters a to z, digits, underscores and dots (not at either end)."),
    "invalid_username",
)


class UserQuerySet(models.QuerySet["User"]):
    """Filters and annotations of users, in the terms of the domain."""

    def named(self, username: str) -> UserQuerySet:
        """Keep the one person of that name, compared without regard to case, or nobody."""
        return self.filter(username=username.lower())

    def admitted(self) -> UserQuerySet:
        """Keep people whom a right log-in lets in: active, or about to be deleted by their wish.

        Of the latter nobody who is suspended as well.
        """
        return self.filter(Q(is_active=True) | Q(departure__is_suspended=False))

    def reachable_by(self, viewer: Viewer) -> UserQuerySet:
        """Keep people whose existence ``viewer`` may know: active, and no block between them."""
        return self.filter(reachable(viewer))

    def viewable_by(self, viewer: Viewer) -> UserQuerySet:
        """Keep people whose photos and lists ``viewer`` may see: the one visibility rule."""
        return self.filter(viewable(viewer))

    def with_stats(self) -> UserQuerySet:
        """Select the counters with each row; no further query."""
        return self.select_related("stats")

    def with_visible_counts(self, viewer: Viewer) -> UserQuerySet:
        """Annotate ``followers_seen`` and ``following_seen``: the counts without hidden people."""
        followers = Follow.objects.filter(followee=OuterRef("pk"))
        following = Follow.objects.filter(follower=OuterRef("pk"))
        return self.annotate(
            followers_seen=visible_count("stats__follower_count", followers, "follower", viewer),
            following_seen=visible_count("stats__following_count", following, "followee", viewer),
        )

    def with_counts_for(self, viewer: Viewer) -> UserQuerySet:
        """Select the counters, and annotate the lengths of the lists that ``viewer`` is shown.

        ``followers_seen`` and ``following_seen``; one's own followers include suspended ones. No
        further query.
        """
        number = models.IntegerField()
        own = When(pk=viewer.pk or 0, then=F("stats__suspended_follower_count"))
        suspended = Case(own, default=Value(0), output_field=number)
        people = self.with_stats().with_visible_counts(viewer)
        followers = ExpressionWrapper(F("followers_seen") + suspended, number)
        return people.annotate(followers_seen=followers)

    def with_relation_to(self, viewer: Viewer) -> UserQuerySet:
        """Annotate what ``viewer`` has to do with each person.

        ``you_follow``, ``you_asked``, ``follows_you``, ``you_block``, ``you_mute``.
        """
        if viewer.pk is None:
            never = Value(value=False, output_field=models.BooleanField())
            return self.annotate(
                you_follow=never,
                you_asked=never,
                follows_you=never,
                you_block=never,
                you_mute=never,
            )
        them = OuterRef("pk")
        return self.annotate(
            you_follow=Exists(Follow.objects.filter(follower=viewer.pk, followee=them)),
            you_asked=Exists(FollowRequest.objects.filter(requester=viewer.pk, target=them)),
            follows_you=Exists(Follow.objects.filter(follower=them, followee=viewer.pk)),
            you_block=Exists(Block.objects.filter(blocker=viewer.pk, blocked=them)),
            you_mute=Exists(Mute.objects.active().filter(muter=viewer.pk, muted=them)),
        )

    def with_access_of(self, viewer: Viewer) -> UserQuerySet:
        """Annotate ``you_reach`` and ``you_view``, the visibility rule's answers for ``viewer``."""
        boolean = models.BooleanField()
        return self.annotate(
            you_reach=ExpressionWrapper(reachable(viewer), boolean),
            you_view=ExpressionWrapper(viewable(viewer), boolean),
        )

    def listed_to(self, viewer: Viewer, person: User) -> UserQuerySet:
        """Keep followers of ``person`` whom ``viewer`` is shown; to ``person`` suspended ones, too.

        Whoever must not come back has to be found while they are suspended.
        """
        own = viewer.pk == person.pk
        return self.filter(reachable(viewer) | Q(is_active=False) if own else reachable(viewer))

    def followers_of(self, person: User) -> UserQuerySet:
        """Keep the followers of ``person``, annotated with ``link_id`` to page by."""
        return self.filter(follows__followee=person).annotate(link_id=F("follows__id"))

    def followed_by(self, person: User) -> UserQuerySet:
        """Keep those whom ``person`` follows, annotated with ``link_id`` to page by."""
        return self.filter(followed_by__follower=person).annotate(link_id=F("followed_by__id"))

    def not_followed_by(self, person: User) -> UserQuerySet:
        """Leave out those whom ``person`` follows."""
        return self.exclude(followed_by__follower=person)

    def not_muted_by(self, viewer: Viewer) -> UserQuerySet:
        """Leave out those whom ``viewer`` mutes now; no further query."""
        if viewer.pk is None:
            return self
        return self.exclude(pk__in=Mute.objects.active_ids(viewer.pk))

    def asking(self, person: User) -> UserQuerySet:
        """Keep those whose follow request waits for ``person``, annotated with ``link_id``."""
        return self.filter(requests_made__target=person).annotate(link_id=F("requests_made__id"))

    def muted_by(self, person: User) -> UserQuerySet:
        """Keep those whom ``person`` mutes now, annotated with ``link_id`` and ``mute_ends_at``.

        Nobody of whom ``person`` may not know.
        """
        mutes = Mute.objects.active().filter(muter=person)
        people = self.filter(reachable(person), mutes_received__in=mutes)
        return people.annotate(
            link_id=F("mutes_received__id"), mute_ends_at=F("mutes_received__ends_at")
        )

    def blocked_by(self, person: User) -> UserQuerySet:
        """Keep those whom ``person`` blocks, annotated with ``link_id`` to page by."""
        return self.filter(blocks_received__blocker=person).annotate(
            link_id=F("blocks_received__id")
        )


class UserManager(BaseUserManager["User"]):
    """Inserts users; has the methods of ``UserQuerySet``."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person of that name in any case; raises ``User.DoesNotExist``."""
        return self.get(username=(username or "").lower())

    def create_user(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Insert a user with their counters; ``fields`` are further columns. Two inserts.

        Names and e-mails are kept in lower case; without ``password`` the user cannot log in.
        Raises ``IntegrityError`` if name or e-mail is taken.
        """
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
        error_messages={"unique": _("This username is taken.")},
    )
    email = models.EmailField(
        "e-mail address",
        max_length=254,
        unique=True,
        error_messages={"unique": _("There is already an account with this e-mail address.")},
    )
    display_name = models.CharField("name", max_length=60, blank=True)
    bio = models.TextField(max_length=500, blank=True)
    website = models.URLField(
        max_length=200, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    # [[side, storage name], …], smallest first; empty without an avatar.
    avatar = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    # Words whose photos and comments are collapsed for this person: always read whole.
    filtered_words = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    is_private = models.BooleanField("private account", default=False, db_default=False)
    is_active = models.BooleanField("active", default=True, db_default=True)
    # Their photos reach followers as ever, but are not shown to strangers who look around.
    is_limited = models.BooleanField("limited", default=False, db_default=False, editable=False)
    is_staff = models.BooleanField("may use the admin", default=False, db_default=False)
    # Of pages and mails; empty: as the browser asks, and English in mails.
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    # Part of every session and token: raising it logs the person out everywhere.
    auth_version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    # What the bio names (``minigram_site.fields.entities``): written with it, never searched.
    bio_entities = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    # Search engines are asked to leave out the profile and the photos, whoever may see these.
    noindex = models.BooleanField("not in search engines", default=False, db_default=False)

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
    def file_names(self) -> list[str]:
        """The storage names of the portrait's files."""
        return [name for _, name in self.avatar]

    @property
    def avatar_small(self) -> str | None:
        """The path of an avatar of about 128 pixels, or ``None``."""
        return avatar_of(self.pk, self.avatar, 1)

    @property
    def avatar_large(self) -> str | None:
        """The path of the largest avatar, or ``None``."""
        return avatar_of(self.pk, self.avatar, -1)

    @property
    def date_joined(self) -> datetime:
        """When the account was made, taken from the id."""
        return moment_of(self.pk)

    @property
    def word_filter(self) -> Matcher:
        """What finds their filtered words in texts. No query; kept for the next page."""
        return matcher_of(tuple(self.filtered_words))

    def get_absolute_url(self) -> str:
        """Return the address of the profile page."""
        return reverse("social:profile", args=[self.username])

    def get_session_auth_hash(self) -> str:
        """Return the keyed hash of password and ``auth_version`` that a session must hold."""
        return self._session_hash(secret=None)

    def get_session_auth_fallback_hash(self) -> Any:
        """Yield the hashes under former secret keys, so that sessions outlive a rotation."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret=secret)

    def has_session_hash(self, held: str) -> bool:
        """Tell whether this is the account's session hash, under the present key or a former."""
        present = constant_time_compare(held, self.get_session_auth_hash())
        former = self.get_session_auth_fallback_hash()
        return present or any(constant_time_compare(held, one) for one in former)

    def remember_session_hash(self, value: str) -> None:
        """Keep ``value``, the session hash computed when the password was read last."""
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


class UserStats(models.Model):
    """Counters beside the user: a narrow row, changed in the transaction that changes the fact.

    It is also the lock that puts publishing, following and deleting of one person in order.
    """

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="stats", editable=False
    )
    photo_count = models.PositiveIntegerField(default=0, db_default=0)
    follower_count = models.PositiveIntegerField(default=0, db_default=0)
    following_count = models.PositiveIntegerField(default=0, db_default=0)
    # Not part of ``follower_count``, which leaves suspended people out as all counts do; their
    # owner's list of followers shows them.
    suspended_follower_count = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "user stats"

    def __str__(self) -> str:
        """Return whose counters these are."""
        return f"counters of {self.user_id}"
