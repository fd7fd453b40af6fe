"""What the API keeps: sessions of mobile clients, and answers to repeated requests."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User
from minigram_site.fields.id_field import IdField


class ApiSession(models.Model):
    """One log-in of a mobile client: the refresh token in use, replaced at every refresh.

    Presenting an older refresh token of the session proves that it was copied: the session ends
    (reuse detection, RFC 9700 section 4.14.2). For ``REPEAT_SECONDS`` the one before is no proof:
    a client that loses the answer, or refreshes twice at once, sends it again. Tokens name their
    session, and are worth nothing without its row.
    """

    # Clocks of instances may differ by half of it.
    REPEAT_SECONDS = 60

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="api_sessions")
    # How it began; gone with it.
    log_in = models.OneToOneField(
        "accounts.LogIn", models.CASCADE, null=True, related_name="api_session"
    )
    token_id = models.CharField(max_length=64, validators=[MinLengthValidator(16)])
    previous_token_id = models.CharField(max_length=64, blank=True, db_default="", default="")
    replaced_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="api_session_has_token", condition=~Q(token_id="")),
        ]

    def __str__(self) -> str:
        """Return whose session it is."""
        return f"API session of {self.user_id}"

    def repeats(self, token_id: str) -> bool:
        """Return whether this refresh token was in use until a moment ago."""
        if token_id != self.previous_token_id or self.replaced_at is None:
            return False
        return timezone.now() - self.replaced_at < timedelta(seconds=self.REPEAT_SECONDS)


class IdempotencyKey(models.Model):
    """The stored answer to a repeatable request; see ``accounts.api.idempotency``."""

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    # SHA-256 of the request: the same key for something else is a mistake of the client.
    fingerprint = models.CharField(max_length=64)
    # Null while the first request still runs.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(default=b"", db_default=b"")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key", "path"], name="idempotency_key_once"),
        ]

    def __str__(self) -> str:
        """Return the key."""
        return self.key
