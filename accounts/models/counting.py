"""Counts as a viewer sees them: stored counts leave out the suspended, these leave out the blocked.

Blocks differ from viewer to viewer, so nothing is stored for them: queries that read counts also
say whether the viewer has a block at all, and only for those who have is more asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from accounts.models.relations import Block

if TYPE_CHECKING:
    from accounts.models.users import Viewer


def counts_are_shared(viewer: Viewer) -> Value | ExpressionWrapper[Any]:
    """Return the expression "no block hides anybody from ``viewer``": they see everybody's counts.

    Two looks into an index for each statement, however many rows it reads.
    """
    if viewer.pk is None:
        return Value(value=True, output_field=BooleanField())
    return ExpressionWrapper(_without_blocks(viewer), BooleanField())


def hidden_count(rows: QuerySet[Any], person: str, viewer: Viewer) -> Subquery:
    """Return the number of ``rows`` whose people are active and hidden from ``viewer`` by a block.

    ``rows`` are a subquery with an ``OuterRef``, ``person`` is the path from a row to its person.
    """
    blocked = Block.objects.filter(blocker=viewer.pk).values("blocked")
    blocking = Block.objects.filter(blocked=viewer.pk).values("blocker")
    hidden = rows.filter(
        **{f"{person}__is_active": True, f"{person}__in": blocked.union(blocking)}
    ).order_by()
    count = Func("pk", function="COUNT", output_field=IntegerField())
    return Subquery(hidden.annotate(count=count).values("count"))


def visible_count(stored: str, rows: QuerySet[Any], person: str, viewer: Viewer) -> F | Case:
    """Return the stored count at the path ``stored`` without the ``rows`` of hidden people.

    ``rows``, ``person`` and ``viewer`` are those of ``hidden_count``. No query of its own.
    """
    if viewer.pk is None:
        return F(stored)
    return Case(
        When(_without_blocks(viewer), then=F(stored)),
        default=F(stored) - hidden_count(rows, person, viewer),
        output_field=IntegerField(),
    )


def _without_blocks(viewer: Viewer) -> Q:
    given = Exists(Block.objects.filter(blocker=viewer.pk))
    received = Exists(Block.objects.filter(blocked=viewer.pk))
    return ~Q(given) & ~Q(received)
