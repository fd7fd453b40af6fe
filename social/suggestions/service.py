"""Suggestions of people to follow.

First come those whom the most of the people follow whom somebody follows ("friends of friends", the
count of common neighbours: D. Liben-Nowell, J. Kleinberg, "The Link Prediction Problem for Social
Networks", CIKM 2003), then the authors of the newest public photos, then the newest accounts. Each
source looks at a number of index entries that no number of follows, photos or people changes, and
the later ones are asked only where the ones before are too few.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from django.db import connections
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import (
    Follow,
    FollowRequest,
    HiddenSuggestion,
    Mute,
    User,
    UserQuerySet,
)
from minigram_site.db import read_alias
from photos.models import Photo

SUGGESTED = 6
# Of those followed so many are asked, the latest followed, for so many whom they follow.
ASKED = 100
FOLLOWED_BY_EACH = 50
# How many candidates are looked at whether they may be suggested, of each source.
CANDIDATES = 100
NEWEST_PHOTOS = 300
NEWEST_PEOPLE = 2_000
# Where all of them are followed, hidden or private.
OLDER_PEOPLE = 50_000

# Candidate, one of those followed who follow them, and how many of those do.
_COMMON = {
    "postgresql": """
    SELECT theirs.followee_id, MAX(mine.followee_id), COUNT(*) AS common FROM ({mine}) mine
    CROSS JOIN LATERAL (
        SELECT follow.followee_id FROM accounts_follow follow
        WHERE follow.follower_id = mine.followee_id ORDER BY follow.id DESC LIMIT {each}) theirs
    {end}
    """,
    "sqlite": """
    SELECT theirs.followee_id, MAX(mine.followee_id), COUNT(*) AS common FROM ({mine}) mine
    CROSS JOIN accounts_follow theirs
    WHERE theirs.id IN (
        SELECT follow.id FROM accounts_follow follow
        WHERE follow.follower_id = mine.followee_id ORDER BY follow.id DESC LIMIT {each})
    {end}
    """,
}
# Those who cannot be seen follow nobody, as far as anybody is told.
_MINE = """
SELECT follow.followee_id FROM accounts_follow follow
WHERE follow.follower_id = %(me)s AND EXISTS (
    SELECT 1 FROM accounts_user person
    WHERE person.id = follow.followee_id AND person.is_active LIMIT 1 OFFSET 0)
ORDER BY follow.id DESC LIMIT {asked}
"""
_END = """
GROUP BY theirs.followee_id ORDER BY common DESC, theirs.followee_id DESC LIMIT {candidates}
"""


class Suggestion(NamedTuple):
    """Somebody to follow, and why: ``known``, whom the viewer follows, follows them.

    So do ``others`` more. ``known`` is ``None`` where nobody does.
    """

    person: User
    known: User | None
    others: int


def may_be_suggested(user: User) -> UserQuerySet:
    """Return the people who may be suggested to ``user``: the one place that leaves people out.

    That is everybody public and not limited whom they may see, do not follow, have not asked, do
    not mute and have not hidden from their suggestions.
    """
    people = User.objects.viewable_by(user).filter(is_private=False, is_limited=False)
    them = OuterRef("pk")
    followed = Exists(Follow.objects.filter(follower=user.pk, followee=them))
    asked = Exists(FollowRequest.objects.filter(requester=user.pk, target=them))
    people = people.filter(~followed, ~asked).exclude(pk=user.pk)
    people = people.exclude(pk__in=Mute.objects.active_ids(user.pk))
    return people.exclude(pk__in=HiddenSuggestion.objects.hidden_ids(user.pk))


def suggested(user: User, size: int = SUGGESTED) -> list[Suggestion]:
    """Return up to ``size`` people for ``user`` to follow, the best first.

    Nobody only where there is nobody, at least among the ``OLDER_PEOPLE`` newest. Four queries, and
    three for each further source.
    """
    common = {row[0]: row for row in _common(user)}
    found = _of(user, common, size)
    known = User.objects.in_bulk({common[person.pk][1] for person in found})
    suggestions = [
        Suggestion(person, known.get(common[person.pk][1]), common[person.pk][2] - 1)
        for person in found
    ]
    for source in (_recent_authors, _newest_people, _older_people):
        if len(suggestions) < size:
            known_ids = {suggestion.person.pk for suggestion in suggestions}
            further = [pk for pk in source(user) if pk not in known_ids]
            people = _of(user, further, size - len(suggestions))
            suggestions += [Suggestion(person, None, 0) for person in people]
    return suggestions


def _of(user: User, candidates: Iterable[int], size: int) -> list[User]:
    """Return the first ``size`` of the candidates who may be suggested. Two queries."""
    order = list(candidates)
    if not order:
        return []
    people = may_be_suggested(user).filter(pk__in=order)
    chosen = set(people.values_list("pk", flat=True))
    first = [pk for pk in order if pk in chosen][:size]
    shown = User.objects.filter(pk__in=first).with_counts_for(user).with_relation_to(user)
    found = {person.pk: person for person in shown}
    return [found[pk] for pk in first if pk in found]


def _common(user: User) -> list[tuple[int, int, int]]:
    with connections[read_alias()].cursor() as cursor:
        cursor.execute(_statement(connections[read_alias()].vendor), {"me": user.pk})
        return list(cursor.fetchall())


@cache
def _statement(vendor: str) -> str:
    return _COMMON[vendor].format(
        mine=_MINE.format(asked=ASKED),
        each=FOLLOWED_BY_EACH,
        end=_END.format(candidates=CANDIDATES),
    )


def _recent_authors(user: User) -> list[int]:
    """Return the authors of the newest public photos, the latest first. One query."""
    newest = Photo.objects.public_to(user).newest_first().values_list("author_id", flat=True)
    return list(dict.fromkeys(newest[:NEWEST_PHOTOS]))[:CANDIDATES]


def _newest_people(user: User) -> list[int]:
    return _newest(user, NEWEST_PEOPLE)


def _older_people(user: User) -> list[int]:
    return _newest(user, OLDER_PEOPLE)


def _newest(user: User, number: int) -> list[int]:
    """Return those of the newest accounts who may be suggested. One query."""
    newest = User.objects.order_by("-pk").values("pk")
    oldest = Coalesce(Subquery(newest[number - 1 : number]), 0)
    people = may_be_suggested(user).filter(pk__gte=oldest).order_by("-pk")
    return list(people.values_list("pk", flat=True)[:CANDIDATES])
