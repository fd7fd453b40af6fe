"""Log-ins: where and when somebody has logged in, and what of it goes on."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone

from accounts.models.api import ApiSession
from accounts.models.users import User
from minigram_site.db import IndexProbe
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of


class LogInQuerySet(models.QuerySet["LogIn"]):
    """Filters and annotations of log-ins."""

    def of(self, user: User) -> LogInQuerySet:
        """Keep the log-ins of a person, annotated with ``is_open``."""
        return self.filter(user=user).with_state()

    def with_state(self) -> LogInQuerySet:
        """Annotate ``is_open``: whether what was begun by the log-in goes on."""
        now = timezone.now()
        browsers = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
        apps = ApiSession.objects.filter(log_in=OuterRef("pk"), expires_at__gt=now)
        return self.annotate(is_open=Q(IndexProbe(browsers)) | Q(IndexProbe(apps)))

    def open(self) -> LogInQuerySet:
        """Keep those that go on; they come ``with_state``."""
        return self.filter(Q(is_open=True))


class LogIn(models.Model):
    """One log-in of a person, by a browser or an app: a session goes on for as long as it is open.

    The browser is kept in two words, the address without its last part.
    """

    class How(models.TextChoices):
        PASSWORD = "password"  # noqa: S105 - a way, no password
        PASSKEY = "passkey"
        SIGN_UP = "sign_up"
        PROVIDER = "provider"

    class Factor(models.TextChoices):
        NONE = ""
        APP = "totp"
        PASSKEY = "passkey"
        RECOVERY = "recovery"
        PROVIDER = "provider"

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="log_ins", db_index=False)
    how = models.CharField(max_length=8, choices=How.choices)
    factor = models.CharField(
        max_length=8, choices=Factor.choices, blank=True, default="", db_default=""
    )
    # Of the browser's session, until it is ended by another password and the like.
    session_key = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001 - unique
    # "Firefox" and "Windows"; of an app its name, and no system.
    program = models.CharField(max_length=40, blank=True, default="", db_default="")
    system = models.CharField(max_length=40, blank=True, default="", db_default="")
    # 203.0.113.0/24
    network = models.CharField(max_length=45, blank=True, default="", db_default="")

    objects = LogInQuerySet.as_manager()

    class Meta:
        verbose_name = "log-in"
        indexes: ClassVar = [models.Index(fields=["user", "-id"], name="log_in_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="log_in_how_is_known",
                condition=Q(how__in=("password", "passkey", "sign_up", "provider")),
            ),
            models.CheckConstraint(
                name="log_in_factor_is_known",
                condition=Q(factor__in=("", "totp", "passkey", "recovery", "provider")),
            ),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"log-in of {self.user_id}"

    @property
    def at(self) -> datetime:
        """When it was, taken from the id."""
        return moment_of(self.pk)
