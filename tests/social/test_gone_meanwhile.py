"""Verbs that name somebody whose account is deleted at that moment, on either database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.http import Http404
from rest_framework.test import APIClient

from accounts.models import Block, Follow, FollowRequest, HiddenSuggestion, Mute, User
from minigram_site.db import hold_rows
from photos.conversation import texts
from photos.models import Comment, CommentLike, Like, Mention
from photos.services import comment, edit_photo, like
from social import follows, mutes, profiles
from social.albums import editing, members, saved
from social.models import AlbumMember, Report, SavedPhoto
from social.moderation import reports
from tests.factories import make_follow, make_photo, make_user
from tests.social.test_deletion import Meanwhile, before

pytestmark = pytest.mark.django_db(transaction=True)

# What a verb does with two people, the second of whom goes, and the rows that it writes.
Verb = Callable[[User, User], Any]


def _invite(owner: User, person: User) -> None:
    album = editing.create_album(owner=owner, title="Ours")
    members.invite(owner=owner, album_id=album.pk, person=person)


def _report(reporter: User, person: User) -> None:
    reports.report(reporter=reporter, thing=reports.thing_of(person), reason="spam")


VERBS: dict[str, tuple[Verb, type[Any]]] = {
    "follow": (lambda one, other: follows.follow(follower=one, followee=other), Follow),
    "block": (lambda one, other: follows.block(blocker=one, blocked=other), Block),
    "mute": (lambda one, other: mutes.mute(muter=one, muted=other), Mute),
    "hide": (lambda one, other: mutes.hide_suggestion(user=one, person=other), HiddenSuggestion),
    "report": (_report, Report),
    "invite": (_invite, AlbumMember),
}
NAMED = pytest.mark.parametrize("name", VERBS)


@NAMED
def test_who_was_deleted_before_is_not_found(name: str, alice: User, bob: User) -> None:
    verb, model = VERBS[name]
    make_follow(bob, alice)
    profiles.delete_account(user=User.objects.get(pk=bob.pk))
    with pytest.raises((Http404, ObjectDoesNotExist)):
        verb(alice, bob)
    assert not model.objects.exists()


@NAMED
def test_who_does_it_and_was_deleted_is_not_found(name: str, alice: User, bob: User) -> None:
    verb, model = VERBS[name]
    profiles.delete_account(user=User.objects.get(pk=alice.pk))
    # An album of one's own is refused by the database itself, which is answered with 404 as well.
    with pytest.raises((Http404, ObjectDoesNotExist, IntegrityError)):
        verb(alice, bob)
    assert not model.objects.exists()


@NAMED
def test_who_is_deleted_meanwhile_goes_with_what_was_written(
    name: str, alice: User, bob: User
) -> None:
    verb, model = VERBS[name]
    make_follow(bob, alice)
    going = Meanwhile(lambda: profiles.delete_account(user=User.objects.get(pk=bob.pk)))
    with transaction.atomic():
        verb(alice, bob)
        going.start()
        assert model.objects.exists()
    assert going.end() is None
    assert not User.objects.filter(pk=bob.pk).exists()
    if model is not Report:
        # What was said of somebody stays for the moderators.
        assert not model.objects.exists()


def test_a_request_that_meets_a_deleted_account_is_asked_of_nobody(alice: User) -> None:
    private = make_user("priya", private=True)
    profiles.delete_account(user=User.objects.get(pk=private.pk))
    with pytest.raises(User.DoesNotExist):
        follows.follow(follower=alice, followee=private)
    assert not FollowRequest.objects.exists()


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_a_comment_stays_when_somebody_it_mentions_goes(
    alice: User, bob: User, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names are read, then an account goes, then the mentions are written."""
    make_user("carol")
    photo = make_photo(alice)
    gone = User.objects.get(username="carol")
    delete = Meanwhile(lambda: profiles.delete_account(user=gone))
    before(monkeypatch, texts, "save_comment", delete.start if person == "carol" else list)
    words = "@alice @carol look"
    written = comment(author=bob, photo_id=photo.pk, text=words)
    if person == "carol":
        delete.end()
    assert Comment.objects.get(pk=written.pk).text == words
    mentioned = set(Mention.objects.values_list("user__username", flat=True))
    assert mentioned == ({"alice"} if person == "carol" else {"alice", "carol"})


def test_a_caption_that_mentions_somebody_who_goes_is_saved(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    carol, photo = make_user("carol"), make_photo(alice)
    monkeypatch.setattr(
        texts, "hold_rows", lambda model, keys: hold_rows(model, set(keys) - {carol.pk})
    )
    edit_photo(photo=photo, caption="with @carol")
    photo.refresh_from_db()
    assert photo.caption == "with @carol"
    assert not Mention.objects.exists()


def test_likes_and_saves_of_a_photo_whose_author_was_deleted_are_not_found(
    alice: User, bob: User
) -> None:
    photo = make_photo(bob)
    profiles.delete_account(user=User.objects.get(pk=bob.pk))
    for verb in (like, saved.save):
        with pytest.raises(Http404):
            verb(user=alice, photo_id=photo.pk)
    assert not Like.objects.exists()
    assert not SavedPhoto.objects.exists()
    assert not CommentLike.objects.exists()


@pytest.mark.parametrize("path", ["mute", "hide-suggestion", "block", "follow", "report"])
def test_over_the_api_it_is_a_plain_404(
    alice: User,
    bob: User,
    path: str,
    api_as: Callable[[User], APIClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The account goes after the request was allowed, and before its verb runs."""
    gone: list[int] = []

    def going() -> None:
        profiles.delete_account(user=User.objects.get(pk=bob.pk))
        gone.append(bob.pk)

    if path in {"mute", "hide-suggestion"}:
        before(monkeypatch, mutes, "_take", going)
    elif path == "report":
        before(monkeypatch, reports, "hold_rows", going)
    else:
        before(monkeypatch, follows, "_take", going)
    client = api_as(alice)
    address = f"/api/v1/users/bob/{path}/"
    body = {"reason": "spam"} if path == "report" else {}
    answer = client.put(address, body, format="json")
    assert answer.status_code == 404, answer.content
    assert gone == [bob.pk]
    assert answer.json()["status"] == 404


def test_rows_that_are_there_are_held_and_named(alice: User, bob: User) -> None:
    with transaction.atomic():
        assert hold_rows(User, [bob.pk, alice.pk, 1]) == {alice.pk, bob.pk}
        assert hold_rows(User, []) == set()
