"""The tables of moderation: cases, reports, decisions, banned pictures, and the log.

What is reported can be deleted; a case goes on without it. So a case names the thing by kind and
id, keeps its words as they were (``snapshot``), and refers to nobody by a foreign key that would
take it along.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from minigram_site.fields.id_field import IdField
from minigram_site.fields.snowflake import moment_of
from photos.models import KEPT

WORDS_LENGTH = 1000
NAME_LENGTH = 30


class Kind(models.TextChoices):
    """What can be reported."""

    PHOTO = "photo"
    COMMENT = "comment"
    PERSON = "person"


class Reason(models.TextChoices):
    """Why something is reported: a code for programs and the words that people choose."""

    SPAM = "spam", _("Spam or advertising")
    HARASSMENT = "harassment", _("Harassment or hate")
    VIOLENCE = "violence", _("Violence or threats")
    NUDITY = "nudity", _("Nudity or sexual content")
    CHILD = "child", _("Harm to a child")
    SELF_HARM = "self_harm", _("Self-harm")
    PRIVACY = "privacy", _("Shows me or something private without consent")
    RIGHTS = "rights", _("Someone else’s work")
    IMPERSONATION = "impersonation", _("Pretends to be someone else")
    OTHER = "other", _("Something else")
    # Found by the site (``social.moderation.bans``): nobody can give it.
    ALIKE = "alike", _("Looks like a banned picture")

    @classmethod
    def for_people(cls) -> list[tuple[str, Any]]:
        """Return the reasons that people can give, with the words for each."""
        return [(one.value, one.label) for one in cls if one is not cls.ALIKE]


class Verb(models.TextChoices):
    """What moderators decide; the words say what it does."""

    DISMISS = "dismiss", "Dismiss: nothing is wrong"
    WARN = "warn", "Warn the person"
    SENSITIVE = "sensitive", "Mark the photo as sensitive: blurred until tapped"
    HIDE = "hide", "Hide the photo: nobody sees it"
    REMOVE = "remove", "Remove: hidden now, deleted after 30 days"
    BAN_PICTURE = "ban_picture", "Remove, and refuse these files from now on"
    REMOVE_AVATAR = "remove_avatar", "Remove the person's picture"
    LIMIT = "limit", "Limit the person: followers only, not in explore or suggestions"
    SUSPEND = "suspend", "Suspend the person"


class ModerationCase(models.Model):
    """One reported thing with all its reports, from the first of them until it is decided."""

    class State(models.TextChoices):
        """Where a case stands; the first two wait for a moderator."""

        OPEN = "open"
        APPEALED = "appealed"
        DECIDED = "decided"

    id = IdField()
    kind = models.CharField(max_length=10, choices=Kind)
    target_id = models.BigIntegerField()
    # Whom the decision is about: the author of the thing, or the reported person.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="cases",
        db_index=False,
    )
    person_name = models.CharField(max_length=NAME_LENGTH)
    # {"text": …, "photo": id of a comment's photo}: as it was when it was reported first.
    snapshot = models.JSONField(default=dict, db_default={}, blank=True)
    state = models.CharField(max_length=10, choices=State, default="open", db_default="open")

    class Meta:
        verbose_name = "case"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "target_id"], name="case_open_once", condition=Q(state="open")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="case_state_newest"),
            models.Index(fields=["kind", "target_id"], name="case_target"),
            models.Index(fields=["person", "-id"], name="case_person_newest"),
        ]

    def __str__(self) -> str:
        """Return what was reported, and whose it is."""
        if self.kind == Kind.PERSON:
            return f"person @{self.person_name}"
        return f"{self.kind} of @{self.person_name}"

    @property
    def created_at(self) -> datetime:
        """When it was reported first, taken from the id."""
        return moment_of(self.pk)


class Report(models.Model):
    """``reporter`` says what is wrong with the thing of a case; once for each case."""

    id = IdField()
    case = models.ForeignKey(ModerationCase, models.CASCADE, related_name="reports", db_index=False)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reports_made"
    )
    reason = models.CharField(max_length=20, choices=Reason)
    words = models.TextField(max_length=WORDS_LENGTH, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "reporter"], name="report_once"),
        ]

    def __str__(self) -> str:
        """Return the reason in words."""
        return str(Reason(self.reason).label)

    @property
    def created_at(self) -> datetime:
        """When it was sent, taken from the id."""
        return moment_of(self.pk)


class Decision(models.Model):
    """What a moderator decided in a case, why, and what the person says to it.

    ``person`` is told of all but dismissals, and may appeal once.
    """

    class Appeal(models.TextChoices):
        """Where an appeal stands."""

        NONE = "none"
        OPEN = "open"
        REJECTED = "rejected"
        ACCEPTED = "accepted"

    id = IdField()
    case = models.ForeignKey(ModerationCase, models.CASCADE, related_name="decisions")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="decisions",
        db_index=False,
    )
    # Not a key: the account of a moderator may go, the decision stays.
    moderator_id = models.BigIntegerField()
    moderator_name = models.CharField(max_length=NAME_LENGTH)
    verb = models.CharField(max_length=20, choices=Verb)
    reason = models.TextField(max_length=WORDS_LENGTH)
    # When it ends by itself: suspensions only.
    ends_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # What is needed to take it back.
    kept = models.JSONField(default=dict, db_default={}, blank=True)
    appeal = models.CharField(max_length=10, choices=Appeal, default="none", db_default="none")
    appeal_words = models.TextField(max_length=WORDS_LENGTH, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="decision_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="decision_only_suspensions_end",
                condition=Q(ends_at=None) | Q(verb="suspend"),
            ),
            models.CheckConstraint(
                name="decision_appeal_has_words", condition=Q(appeal="none") | ~Q(appeal_words="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="decision_person_newest"),
            # What ends by itself, and what has been in the bin for long enough.
            models.Index(
                fields=["verb", "id"], name="decision_standing", condition=Q(undone_at=None)
            ),
        ]

    def __str__(self) -> str:
        """Return what was decided, in words."""
        return str(Verb(self.verb).label)

    @property
    def created_at(self) -> datetime:
        """When it was decided, taken from the id."""
        return moment_of(self.pk)

    @property
    def stands(self) -> bool:
        """Whether it has not been taken back and has not ended."""
        return self.undone_at is None

    @property
    def may_be_appealed(self) -> bool:
        """Whether the person can still appeal; it comes with its case. No query."""
        return self.appeal == self.Appeal.NONE and self.stands and not self.is_past_undoing

    @property
    def is_past_undoing(self) -> bool:
        """Whether it has removed a photo, and the bin's days are over; it comes with its case."""
        removed = self.verb in {Verb.REMOVE, Verb.BAN_PICTURE} and self.case.kind == Kind.PHOTO
        return removed and self.created_at + KEPT <= timezone.now()


class BannedPicture(models.Model):
    """A file that nobody can upload any more, by the SHA-256 of its bytes (64 hex digits).

    Photos that look alike are shown to the moderators: by ``look``, which is empty for what has no
    detail to compare.
    """

    id = IdField()
    sha256 = models.CharField(max_length=64)
    look = models.CharField(max_length=32, blank=True, default="", db_default="")
    # Stays banned when the account goes that the decision was about.
    decision = models.ForeignKey(Decision, models.SET_NULL, null=True, related_name="banned")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sha256", "decision"], name="banned_once"),
        ]

    def __str__(self) -> str:
        """Return the beginning of the hash."""
        return self.sha256[:12]


class ModerationLogEntry(models.Model):
    """What a moderator did or looked at: written once, changed and deleted by nobody.

    Triggers in the database refuse it (``social.moderation.triggers``). So it has no foreign keys,
    and names people as they were called.
    """

    id = IdField()
    moderator_id = models.BigIntegerField(null=True)
    moderator_name = models.CharField(max_length=NAME_LENGTH)
    # A ``Verb``, or "opened", "looked", "alike", "undone", "appealed", "rejected", "ended",
    # "deleted".
    act = models.CharField(max_length=20)
    # 0 for a look at a photo in the admin's lists.
    case_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    target_id = models.BigIntegerField()
    person_name = models.CharField(max_length=NAME_LENGTH)
    words = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "moderation log"
        indexes: ClassVar = [
            models.Index(fields=["case_id", "-id"], name="log_case_newest"),
        ]

    def __str__(self) -> str:
        """Return who did what to what."""
        return f"{self.moderator_name}: {self.act}, {self.kind} of @{self.person_name}"

    @property
    def created_at(self) -> datetime:
        """When it happened, taken from the id."""
        return moment_of(self.pk)

    def save(self, *args: Any, **options: Any) -> None:
        """Insert the entry; raises ``TypeError`` for one that is there already."""
        if not self._state.adding:
            raise TypeError("Entries of the moderation log are not changed.")
        super().save(*args, **options)


class DeskMail(models.Model):
    """``owner``, of the staff, is sent a mail of what waits, once an hour at most."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="desk_mail"
    )
    # Not before then: whoever moves it on has claimed the mail.
    due_at = models.DateTimeField(db_index=True)
    # What waited at the last mail ("case 12", "person 34"): told once.
    told = models.JSONField(default=list, db_default=[], blank=True)

    def __str__(self) -> str:
        """Return whose it is."""
        return f"desk mail of {self.owner_id}"


class FailureCount(models.Model):
    """How many times something failed on a day; no row for a day on which nothing did."""

    class Kind(models.TextChoices):
        """What can fail: the answer to a request, or tasks, mails and push messages."""

        REQUEST = "request", "Requests that failed (500)"
        BACKGROUND = "background", "Tasks, mails and push messages that failed"

    pk = models.CompositePrimaryKey("day", "kind")
    # As UTC has it.
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.PositiveIntegerField()

    def __str__(self) -> str:
        """Return what, when and how many."""
        return f"{self.number} × {self.kind} on {self.day}"
