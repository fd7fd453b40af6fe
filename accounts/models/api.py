"""What the API keeps: sessions of mobile clients, and answers to repeated requests."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from accounts.models.users import User
from minigram_site.fields.id_field import IdField


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
