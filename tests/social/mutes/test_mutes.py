"""Muting people and hiding suggestions: the verbs and what lists ask of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Follow, HiddenSuggestion, Mute, User
from social import mutes
from social.mutes import CannotMute
from tests.factories import make_follow, make_user

pytestmark = pytest.mark.django_db


def muted_by(user: User) -> set[int]:
    """Return the ids of those whom somebody mutes now."""
    return set(Mute.objects.active_ids(user.pk).values_list("muted", flat=True))


def test_a_mute_lasts_until_it_is_taken_back(alice: User, bob: User) -> None:
    mutes.mute(muter=alice, muted=bob)
    assert muted_by(alice) == {bob.pk}
    assert muted_by(bob) == set()
    mutes.unmute(muter=alice, muted=bob)
    mutes.unmute(muter=alice, muted=bob)
    assert muted_by(alice) == set()


def test_a_mute_ends_no_follow(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    make_follow(bob, alice)
    mutes.mute(muter=alice, muted=bob)
    assert Follow.objects.count() == 2


def test_a_mute_with_an_end_is_over_then(alice: User, bob: User) -> None:
    mutes.mute(muter=alice, muted=bob, ends_at=timezone.now() + timedelta(days=1))
    assert muted_by(alice) == {bob.pk}
    Mute.objects.update(ends_at=timezone.now() - timedelta(days=1))
    assert muted_by(alice) == set()


def test_muting_again_changes_the_end_and_nothing_else(alice: User, bob: User) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    mutes.mute(muter=alice, muted=bob)
    mutes.mute(muter=alice, muted=bob, ends_at=tomorrow)
    assert Mute.objects.get().ends_at == tomorrow
    mutes.mute(muter=alice, muted=bob)
    assert Mute.objects.get().ends_at is None


def test_nobody_mutes_themself(alice: User) -> None:
    with pytest.raises(CannotMute, match="yourself"):
        mutes.mute(muter=alice, muted=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mute.objects.create(muter=alice, muted=alice)


def test_an_end_that_has_passed_is_refused(alice: User, bob: User) -> None:
    with pytest.raises(CannotMute, match="later"):
        mutes.mute(muter=alice, muted=bob, ends_at=timezone.now())
    assert not Mute.objects.exists()


def test_the_list_of_a_person_is_bounded_and_what_has_ended_makes_room(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mute, "MOST", 1)
    mutes.mute(muter=alice, muted=bob)
    with pytest.raises(CannotMute, match="Unmute someone first"):
        mutes.mute(muter=alice, muted=carol)
    mutes.mute(muter=alice, muted=bob, ends_at=timezone.now() + timedelta(days=1))
    Mute.objects.update(ends_at=timezone.now() - timedelta(days=1))
    mutes.mute(muter=alice, muted=carol)
    assert muted_by(alice) == {carol.pk}


def test_a_hidden_suggestion_stays_hidden_until_it_is_taken_back(alice: User, bob: User) -> None:
    mutes.hide_suggestion(user=alice, person=bob)
    mutes.hide_suggestion(user=alice, person=bob)
    hidden = HiddenSuggestion.objects.hidden_ids(alice.pk)
    assert list(hidden.values_list("person", flat=True)) == [bob.pk]
    assert not HiddenSuggestion.objects.hidden_ids(bob.pk).exists()
    mutes.show_suggestion(user=alice, person=bob)
    assert not hidden.exists()


def test_nobody_hides_themself_from_their_suggestions(alice: User) -> None:
    with pytest.raises(CannotMute):
        mutes.hide_suggestion(user=alice, person=alice)


def test_past_the_limit_the_oldest_hidden_suggestion_is_forgotten(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HiddenSuggestion, "MOST", 2)
    people = [make_user() for _ in range(3)]
    for person in people:
        mutes.hide_suggestion(user=alice, person=person)
    hidden = HiddenSuggestion.objects.hidden_ids(alice.pk).values_list("person", flat=True)
    assert set(hidden) == {person.pk for person in people[1:]}
