"""How people came in: invitations, admissions, addresses to confirm, names they had before."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.users import User
from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters of invitations, in the terms of the domain."""

    def usable(self, now: datetime) -> InvitationQuerySet:
        """Keep those with which somebody can sign up at ``now``."""
        return self.filter(is_revoked=False, uses__lt=F("max_uses"), expires_at__gt=now)


class Invitation(models.Model):
    """A link with which a number of people can sign up, until a day.

    ``uses`` only grows: an account that is deleted gives none back.
    """

    MAX_USES = 1000

    id = IdField()
    inviter = models.ForeignKey(User, models.CASCADE, related_name="invitations", db_index=False)
    code = models.CharField(max_length=32, unique=True, editable=False)
    note = models.CharField(max_length=60, blank=True, default="", db_default="")
    max_uses = models.PositiveIntegerField(
        "people",
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_USES)],
        help_text="How many can sign up with it.",
    )
    uses = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    expires_at = models.DateTimeField("valid until")
    is_revoked = models.BooleanField("revoked", default=False, db_default=False, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="invitation_has_code", condition=~Q(code="")),
            models.CheckConstraint(
                name="invitation_uses_at_most", condition=Q(uses__lte=F("max_uses"))
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["inviter", "-id"], name="invitation_newest")]

    def __str__(self) -> str:
        """Return its id and how far it is used up."""
        return f"invitation {self.pk}: {self.uses} of {self.max_uses}"

    @property
    def has_run_out(self) -> bool:
        """Whether its last day is over."""
        return self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        """Whether somebody could sign up with it now, as far as the row says (``usable``)."""
        return not self.is_revoked and self.uses < self.max_uses and not self.has_run_out

    @property
    def made_at(self) -> datetime:
        """When it was made, taken from the id."""
        return moment_of(self.pk)


class Admission(models.Model):
    """How far somebody is on their way in; those who came through an open door have none.

    Until they are in, an account is not active: nobody sees it, and it has no session or token.
    """

    class State(models.TextChoices):
        """Where they stand."""

        UNCONFIRMED = "unconfirmed", "has to confirm the e-mail address"
        WAITING = "waiting", "waits for approval"
        REFUSED = "refused", "refused"
        ADMITTED = "admitted", "admitted"

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="admission")
    state = models.CharField(max_length=12, choices=State.choices)
    needs_approval = models.BooleanField(default=False, db_default=False)
    invitation = models.ForeignKey(
        Invitation, models.SET_NULL, null=True, blank=True, related_name="admissions"
    )
    # Beside the invitation, which may be gone.
    inviter = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="invited"
    )
    question = models.CharField(max_length=200, blank=True, default="", db_default="")
    answer = models.TextField(max_length=1000, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="admission_state_is_known",
                condition=Q(state__in=("unconfirmed", "waiting", "refused", "admitted")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "user"], name="admission_queue")]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"admission of {self.user_id}"


class EmailConfirmation(models.Model):
    """The address that somebody was last sent a link to, to prove that it is theirs.

    Until it is used the account has the address it had before. The link holds ``nonce``, signed:
    a newer link makes an older one worthless.
    """

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="email_confirmation"
    )
    email = models.EmailField("e-mail address", max_length=254)
    nonce = models.CharField(max_length=32)
    sent_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="email_confirmation_has_nonce", condition=~Q(nonce="")),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"confirmation of the address of {self.user_id}"


class FormerName(models.Model):
    """A name that somebody had: it leads to them, and nobody else can take it, until a day."""

    username = models.CharField(max_length=30, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="former_names")
    ends_at = models.DateTimeField("reserved until", db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="former_name_is_not_empty", condition=~Q(username="")),
        ]

    def __str__(self) -> str:
        """Return the name as people write it."""
        return f"@{self.username}"
