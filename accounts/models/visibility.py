"""The visibility rule: which people, and whose photos and lists, a viewer may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from accounts.models.relations import Block, Follow
from minigram_site.db import IndexProbe

if TYPE_CHECKING:
    from accounts.models.users import Viewer


def reachable(viewer: Viewer, path: str = "") -> Q:
    """Return the condition "may know that this person exists": active, and no block between.

    ``path`` leads from the filtered model to the person (``"author__"``; empty for ``User``).
    Costs no query of its own.
    """
    active = Q(**{f"{path}is_active": True})
    if viewer.pk is None:
        return active
    them = OuterRef(f"{path}pk")
    by_viewer = Q(Exists(Block.objects.filter(blocker=viewer.pk, blocked=them)))
    by_them = Q(Exists(Block.objects.filter(blocker=them, blocked=viewer.pk)))
    return active & ~by_viewer & ~by_them


def viewable(viewer: Viewer, path: str = "") -> Q:
    """Return the one visibility rule: "may see this person's photos and lists".

    A person is visible to everyone while active and public; a private one to themselves and to
    accepted followers; a block hides both sides from each other. Pages, API, counts and image
    bytes all use it. ``path`` leads from the filtered model to the person (``"author__"``; empty
    for ``User``). Costs no query of its own.
    """
    public = Q(**{f"{path}is_private": False})
    if viewer.pk is None:
        return reachable(viewer, path) & public
    own = Q(**{f"{path}pk": viewer.pk})
    followed = Q(
        IndexProbe(Follow.objects.filter(follower=viewer.pk, followee=OuterRef(f"{path}pk")))
    )
    return reachable(viewer, path) & (public | own | followed)
