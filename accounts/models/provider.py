"""Sign-in with a provider: what the site decides of it, whose identity is whose, codes for apps."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address
from typing import ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.models.users import User
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of


class NewPeople(models.TextChoices):
    """Who may make an account by signing in with the provider."""

    NOBODY = "nobody", "nobody: it is for people who have an account, and link it"
    DOORS = "doors", "as everybody: sign-up, invitations and approval hold for them as well"
    ALL = "all", "all whom the provider lets in: neither invitation nor approval is asked for"


# A scheme of an app has a dot: it is a domain backwards (RFC 8252, 7.1), and never "javascript".
_APP = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/[\x21-\x7e]*")


def is_loopback(host: str | None) -> bool:
    """Return whether a host of an address is this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_secure(address: object) -> bool:
    """Return whether this is an address of https, or of http on this machine, without a password.

    Nobody between the site and the provider may read or change what they say to each other.
    """
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def validate_issuer(text: str) -> None:
    """Raise ``ValidationError`` unless this can be the address of a provider."""
    if not is_secure(text) or urlsplit(text).query:
        raise ValidationError(
            "Write the address that the provider calls its issuer, such as "
            "https://id.example.org/realms/club: with https, and without “?” and “#”."
        )


def validate_redirects(text: str) -> None:
    """Raise ``ValidationError`` unless each line is an address to which an app can be led back."""
    for line in text.split():
        if not _APP.fullmatch(line) and not (is_secure(line) and urlsplit(line).path):
            raise ValidationError(
                f"“{line}” leads to no app. Write one address a line: org.example.photos:/done, "
                "https://app.example.org/done, or http://127.0.0.1/done for any port."
            )


class ProviderSettings(models.Model):
    """The part of ``SiteSettings`` about signing in with a provider (OpenID Connect)."""

    provider_label = models.CharField(
        "name",
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="As the button calls it: Club ID makes “Log in with Club ID”.",
    )
    provider_issuer = models.CharField(
        "issuer",
        max_length=255,
        blank=True,
        default="",
        db_default="",
        validators=[validate_issuer],
        help_text="The provider’s address. Empty: nobody signs in with a provider.",
    )
    provider_client_id = models.CharField(
        "client id", max_length=255, blank=True, default="", db_default=""
    )
    # Sealed (``accounts.factors.sealing``).
    provider_secret = models.CharField(
        "client secret", max_length=2000, blank=True, default="", db_default="", editable=False
    )
    provider_scopes = models.CharField(
        "further scopes",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="Beside openid, profile and email, with spaces between them: groups, if the "
        "provider tells those only then.",
    )
    provider_new_people = models.CharField(
        "new people",
        max_length=6,
        choices=NewPeople.choices,
        default=NewPeople.DOORS,
        db_default=NewPeople.DOORS,
        help_text="Who may make an account by it.",
    )
    provider_claim = models.CharField(
        "required claim",
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="Only those come in of whom the provider says this: groups, or "
        "realm_access.roles for one inside another. Asked at each log-in.",
    )
    provider_claim_value = models.CharField(
        "its value",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="What it has to be, or one of what it has to hold.",
    )
    provider_vouches_for_email = models.BooleanField(
        "its e-mail addresses count as confirmed",
        default=False,
        db_default=False,
        help_text="Those that it calls verified. New people need no link, and whoever has "
        "confirmed the same address here gets into that account; the staff never do. Only for a "
        "provider that lets nobody choose an address that is not theirs.",
    )
    provider_is_second_factor = models.BooleanField(
        "it counts as the second factor, too",
        default=False,
        db_default=False,
        help_text="If it asks for one itself. Otherwise those who have one here are asked for it.",
    )
    provider_only = models.BooleanField(
        "the only way to log in",
        default=False,
        db_default=False,
        help_text="Passwords and passkeys log nobody in but the staff, for whom the log-in page "
        "has a link. Those who are logged in stay so.",
    )
    provider_app_redirects = models.TextField(
        "apps that may use it",
        blank=True,
        default="",
        db_default="",
        max_length=2_000,
        validators=[validate_redirects],
        help_text="Where apps are led back to, one address a line: org.example.photos:/done, or "
        "http://127.0.0.1/done for any port of the person’s machine.",
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Raise ``ValidationError`` by field for a provider of which only a part is known."""
        super().clean()
        faults = {}
        parts = ("provider_label", "provider_client_id")
        for field in parts if self.provider_issuer else ():
            if not getattr(self, field):
                faults[field] = "A provider needs this as well."
        if self.provider_only and not self.provider_issuer:
            faults["provider_only"] = "There is no provider yet: nobody could log in."
        if bool(self.provider_claim) != bool(self.provider_claim_value):
            faults["provider_claim_value"] = "A required claim is a name and a value."
        if faults:
            raise ValidationError(faults)

    @property
    def has_provider(self) -> bool:
        """Whether people can sign in with a provider."""
        return bool(self.provider_issuer and self.provider_client_id and self.provider_label)

    @property
    def is_provider_only(self) -> bool:
        """Whether that is how everybody but the staff has to log in."""
        return self.has_provider and self.provider_only

    @property
    def provider_to_sign_up_with(self) -> str:
        """The name of the provider with which new people can come; empty if they cannot."""
        takes = self.has_provider and self.provider_new_people != NewPeople.NOBODY
        return self.provider_label if takes else ""


class Identity(models.Model):
    """Somebody as a provider knows them: the account is theirs who signs in there.

    A provider calls a person by ``subject``, and never gives that to somebody else; names and
    addresses change hands.
    """

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="identities", db_index=False)
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_is_one_person"),
            models.UniqueConstraint(fields=["user", "issuer"], name="person_has_one_identity"),
            models.CheckConstraint(
                name="identity_is_complete", condition=~Q(issuer="") & ~Q(subject="")
            ),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"identity of {self.user_id}"

    @property
    def linked_at(self) -> datetime:
        """When it was linked, taken from the id."""
        return moment_of(self.pk)


class AppCode(models.Model):
    """A code for which an app gets its tokens once: somebody has signed in for it in a browser."""

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    # SHA-256 of the code, which is random.
    digest = models.CharField(max_length=64, unique=True)
    # Of PKCE (RFC 7636, S256): only who began can end.
    challenge = models.CharField(max_length=43)
    redirect_uri = models.CharField(max_length=500)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="app_code_has_digest", condition=~Q(digest="")),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"code of an app of {self.user_id}"
