"""What people do not want to be shown: whom they mute, and who is not to be suggested again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Min, Q
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from minigram_site.fields.id_field import IdField


class _Clock(Now):
    """The time by the clock of the database, in SQL that can be part of a larger statement."""

    def as_sqlite(
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return the SQL without the percent signs of ``Now``. Whole seconds."""
        return self.as_sql(compiler, connection, template="CURRENT_TIMESTAMP", **context)


class MuteQuerySet(models.QuerySet["Mute"]):
    """Filters of mutes, in the terms of the domain."""

    def active(self) -> MuteQuerySet:
        """Leave out those that have ended, by the clock of the database."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=_Clock()))

    def active_ids(self, user_id: int) -> models.QuerySet[Mute, Any]:
        """Return the query for the ids of those whom a person mutes now: one column.

        For ``exclude(author__in=…)`` and the like; in a statement it is a subquery that does not
        depend on the rows of that statement. It reads the index entries of that person alone, at
        most ``Mute.MOST`` of them.
        """
        return self.active().filter(muter=user_id).order_by().values("muted")

    def seconds_to_end(self, user_id: int) -> float | None:
        """Return in how many seconds the next mute ends, ``None`` if none does. One query."""
        ends = self.active().filter(muter=user_id).aggregate(first=Min("ends_at"))["first"]
        return None if ends is None else (ends - timezone.now()).total_seconds()


class Mute(models.Model):
    """``muter`` is not shown what ``muted`` publishes, who does not learn of it."""

    # How many people somebody can mute: the lists that leave them out stay as fast as they are.
    MOST = 1000

    id = IdField()
    muter = models.ForeignKey("User", models.CASCADE, related_name="mutes_made", db_index=False)
    muted = models.ForeignKey("User", models.CASCADE, related_name="mutes_received", db_index=True)
    # ``None``: until it is taken back.
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = MuteQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(name="mute_not_self", condition=~Q(muter=F("muted"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["muter", "-id"], name="mute_newest"),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.muter_id} mutes {self.muted_id}"


class HiddenSuggestionQuerySet(models.QuerySet["HiddenSuggestion"]):
    """Filters of hidden suggestions, in the terms of the domain."""

    def hidden_ids(self, user_id: int) -> models.QuerySet[HiddenSuggestion, Any]:
        """Return the query for the ids of those who are not suggested to a person: one column.

        For ``exclude(pk__in=…)``, as ``MuteQuerySet.active_ids``; at most
        ``HiddenSuggestion.MOST`` rows.
        """
        return self.filter(user=user_id).order_by().values("person")


class HiddenSuggestion(models.Model):
    """``person`` is not suggested to ``user`` any more, who has said so."""

    # The oldest are forgotten: who they hide may be suggested again.
    MOST = 1000

    id = IdField()
    user = models.ForeignKey(
        "User", models.CASCADE, related_name="hidden_suggestions", db_index=False
    )
    person = models.ForeignKey("User", models.CASCADE, related_name="+", db_index=True)

    objects = HiddenSuggestionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "person"], name="hidden_suggestion_once"),
            models.CheckConstraint(
                name="hidden_suggestion_not_self", condition=~Q(user=F("person"))
            ),
        ]

    def __str__(self) -> str:
        """Return the two ids."""
        return f"{self.person_id} is not suggested to {self.user_id}"
