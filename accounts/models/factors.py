"""Second factors: authenticator apps, passkeys, recovery codes, and challenges to passkeys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models.users import User
from minigram_site.fields.id_field import IdField


class Totp(models.Model):
    """The authenticator app of a person: the secret that it shares with the site.

    A secret that is being set up stands beside the one in use, which goes on until the new one is
    confirmed. Both are sealed (``accounts.factors.sealing``).
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="totp")
    # Empty while none is in use.
    secret = models.CharField(max_length=255, blank=True, default="", db_default="")
    pending = models.CharField(max_length=255, blank=True, default="", db_default="")
    pending_since = models.DateTimeField(null=True)
    # Of the code that was accepted last (RFC 6238, "T"): it and those before it are refused.
    last_step = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = "authenticator app"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="totp_has_secret", condition=~Q(secret="") | ~Q(pending="")
            ),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"authenticator app of {self.user_id}"


class Passkey(models.Model):
    """A credential of WebAuthn: a key in a device or a keychain, of which the site has one half."""

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    # The credential's id, in URL-safe base64; WebAuthn allows 1023 bytes.
    credential_id = models.CharField(max_length=1400, unique=True)
    # "Attested credential data" of WebAuthn: what made it, its id, its public key.
    credential = models.BinaryField()
    # What it holds for the person: random, and one for all keys of somebody.
    user_handle = models.CharField(max_length=88)
    # The domain that it was made for: it works for no other.
    rp_id = models.CharField(max_length=253)
    sign_count = models.BigIntegerField(default=0, db_default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="passkey_has_id", condition=~Q(credential_id="")),
        ]

    def __str__(self) -> str:
        """Return the name that its owner gave it."""
        return self.name


class RecoveryCode(models.Model):
    """A code that stands for the second factor once; the row goes when it is used."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", db_index=False)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"recovery code of {self.user_id}"


class Challenge(models.Model):
    """A question to a passkey, which is answered once: to log in, or to be added.

    Without a ``user`` any passkey may answer that has seen who holds it: that logs in without a
    password.
    """

    class Purpose(models.TextChoices):
        LOG_IN = "log_in"
        ADD = "add"

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    challenge = models.CharField(max_length=64)
    # Of a passkey that is added.
    user_handle = models.CharField(max_length=88, blank=True, default="", db_default="")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="challenge_purpose_is_known", condition=Q(purpose__in=("log_in", "add"))
            ),
            models.CheckConstraint(
                name="challenge_to_add_has_user",
                condition=Q(purpose="log_in") | Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Return what it is for."""
        return f"challenge to {self.purpose}"
