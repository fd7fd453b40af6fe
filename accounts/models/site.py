"""What administrators decide for the whole site, in one row that the admin edits."""

from __future__ import annotations

import re
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models.provider import NewPeople, ProviderSettings


class SignUp(models.TextChoices):
    """By which door new people come."""

    OPEN = "open", "open: everybody may sign up"
    INVITATION = "invitation", "by invitation: with the link of somebody who may invite"
    APPROVAL = "approval", "by approval: everybody may ask, somebody of the staff decides"
    CLOSED = "closed", "closed: nobody may sign up"


class EmailCheck(models.TextChoices):
    """Whether people have to prove that they read what is sent to their address."""

    NONE = "none", "not asked for: addresses are taken as they are typed"
    OPTIONAL = "optional", "asked for: a link is sent, nothing is withheld"
    REQUIRED = "required", "required: new people come in once they have confirmed"


_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def validate_origins(text: str) -> None:
    """Raise ``ValidationError`` unless each line is an origin as browsers send it, or ``*``."""
    for line in text.lower().split():
        if line != "*" and not _ORIGIN.fullmatch(line):
            raise ValidationError(
                f"“{line}” is no origin. Write one a line, like https://app.example.org, "
                "without a path."
            )


class SiteSettings(ProviderSettings):
    """The one row. Without it, as long as nobody has saved it, the site is as its fields begin.

    ``accounts.doors.site`` reads and changes it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    sign_up = models.CharField(
        "sign-up",
        max_length=10,
        choices=SignUp.choices,
        default=SignUp.OPEN,
        db_default=SignUp.OPEN,
    )
    question = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text='What people answer who ask to come in, such as "Who do you know here?"',
    )
    members_may_invite = models.BooleanField(
        default=False,
        db_default=False,
        help_text="All members, as staff may. Otherwise invitations are made in this admin.",
    )
    invited_skip_approval = models.BooleanField(
        "invited people need no approval",
        default=False,
        db_default=False,
        help_text="The only thing that an invitation spares; a closed site stays closed to it.",
    )
    email_check = models.CharField(
        "confirmation of e-mail addresses",
        max_length=10,
        choices=EmailCheck.choices,
        default=EmailCheck.NONE,
        db_default=EmailCheck.NONE,
        help_text="Needs a mail server (EMAIL_URL).",
    )
    staff_second_factor = models.BooleanField(
        "second factor for staff",
        default=False,
        db_default=False,
        help_text="Nobody uses this admin without an authenticator app or a passkey. Set up yours "
        "first, at Settings, Two-step log-in.",
    )
    members_only = models.BooleanField(
        "for members only",
        default=False,
        db_default=False,
        help_text="Nothing can be seen without a log-in, pictures included. In force everywhere "
        "when this page says that it is saved, which takes some seconds.",
    )
    sign_ups_an_hour = models.PositiveIntegerField(
        "sign-ups from one address, an hour",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text="In a day twice that. A class of thirty behind one address needs at least 60, as "
        "forms that were refused count as well. Empty: as RATE_LIMITS says (100).",
    )
    deletion_days = models.PositiveSmallIntegerField(
        "days until an account is deleted",
        default=30,
        db_default=30,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text="From when its owner asks for it. It is hidden at once, and kept by whoever logs "
        "in to it until then.",
    )
    import_gigabytes = models.PositiveSmallIntegerField(
        "largest archive that may be imported, in GB",
        default=10,
        db_default=10,
        validators=[MaxValueValidator(1000)],
        help_text="Of photos that members bring along from other sites. It needs that room in the "
        "storage until it is imported. 0: nobody may import.",
    )
    api_origins = models.TextField(
        "web apps that may use the API",
        blank=True,
        default="",
        db_default="",
        max_length=2_000,
        validators=[validate_origins],
        help_text="Web apps of other sites: one origin a line, such as https://app.example.org. "
        "* stands for all; people have to log in there either way.",
    )
    reserved_names = models.TextField(
        blank=True,
        default="",
        db_default="",
        max_length=10_000,
        help_text="Names that nobody may take, beside those that are always reserved. One a line.",
    )
    about = models.TextField(
        blank=True, default="", db_default="", max_length=50_000, help_text="Markdown."
    )
    rules = models.TextField(
        blank=True, default="", db_default="", max_length=50_000, help_text="Markdown."
    )
    imprint = models.TextField(
        blank=True, default="", db_default="", max_length=50_000, help_text="Markdown."
    )

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints: ClassVar = [
            models.CheckConstraint(name="site_settings_are_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="site_settings_sign_up_is_known", condition=Q(sign_up__in=SignUp.values)
            ),
            models.CheckConstraint(
                name="site_settings_email_check_is_known",
                condition=Q(email_check__in=EmailCheck.values),
            ),
            models.CheckConstraint(
                name="site_settings_deletion_days", condition=Q(deletion_days__range=(1, 30))
            ),
            models.CheckConstraint(
                name="site_settings_import_gigabytes",
                condition=Q(import_gigabytes__range=(0, 1000)),
            ),
            models.CheckConstraint(
                name="site_settings_new_people_is_known",
                condition=Q(provider_new_people__in=NewPeople.values),
            ),
        ]

    def __str__(self) -> str:
        """Return what it is."""
        return "site settings"
