"""Onboarding: whom somebody who is new here may want to follow, with photos of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from accounts.models import User
from photos.cards import PhotoCard, cards_of
from photos.models import Photo
from social.suggestions import suggested

PEOPLE = 12
PHOTOS_OF_EACH = 3
_PLACES = [f"shown_{number}" for number in range(PHOTOS_OF_EACH)]


class Introduced(NamedTuple):
    """Somebody to follow, and their newest photos: none if they have published none."""

    person: User
    cards: list[PhotoCard]


def shown_to(user: User) -> list[Introduced]:
    """Return up to ``PEOPLE`` people for ``user`` to follow, who have photos first.

    Nobody only where there is nobody. At most twelve queries, whatever there is: those of
    ``suggested``, one for the photos' ids and those of ``cards_of``.
    """
    people = [suggestion.person for suggestion in suggested(user, PEOPLE)]
    newest = _newest(user, [person.pk for person in people])
    cards = {
        card.id: card for card in cards_of([pk for ids in newest.values() for pk in ids], user)
    }
    shown = [
        Introduced(person, [cards[pk] for pk in newest.get(person.pk, []) if pk in cards])
        for person in people
    ]
    return sorted(shown, key=lambda one: not one.cards)


def _newest(user: User, authors: Iterable[int]) -> dict[int, list[int]]:
    """Return the ids of the newest photos of each author, from one query of the index alone."""
    theirs = Photo.objects.public_to(user).filter(author=OuterRef("pk")).newest_first()
    places = {
        name: Subquery(theirs.values("pk")[number : number + 1])
        for number, name in enumerate(_PLACES)
    }
    rows = User.objects.filter(pk__in=authors).annotate(**places).values_list("pk", *_PLACES)
    return {author: [pk for pk in ids if pk is not None] for author, *ids in rows}
