"""The words of a person: kept with their account, so that no page pays a query for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts import account_cache
from accounts.models import User
from minigram_site.fields.word_filter import Matcher, checked


def filtered_words(user: User) -> list[str]:
    """Return the words of a person, as they typed them. No query for the person of a request."""
    return list(user.filtered_words)


@transaction.atomic
def set_words(*, user: User, words: Sequence[str]) -> list[str]:
    """Replace the words of a person; return them as they are kept. One statement.

    Raises ``InvalidWords``, which says why.
    """
    kept = checked(words)
    User.objects.filter(pk=user.pk).update(filtered_words=kept)
    user.filtered_words = kept
    account_cache.invalidate_account(user.pk)
    return kept


def matcher(user: User) -> Matcher:
    """Return what finds the words of a person in texts, by its ``matches``.

    For whatever would bring a text to somebody who has not asked for it: a notification, a mail, a
    preview. No query for a person who was read whole, or of a request.
    """
    return user.word_filter
