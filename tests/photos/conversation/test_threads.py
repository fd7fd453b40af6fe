"""Replies, likes and edits of comments: who may, what is counted, what is left of the deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import restore, suspend
from photos.cards import cards_of
from photos.conversation import threads
from photos.conversation.cards import CommentCard, comments_page, replies_page
from photos.conversation.comments import edit_comment, like_comment, unlike_comment
from photos.conversation.threads import CommentGone
from photos.models import Comment, CommentLike, Mention, Photo
from photos.services import comment, delete_comment, delete_photo
from social import follows
from social.profiles import delete_account
from social.upkeep import reconcile
from tests.factories import make_photo, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.fixture
def photo(alice: User) -> Photo:
    """Return a photo of alice."""
    return make_photo(alice)


@pytest.fixture
def top(photo: Photo, bob: User) -> Comment:
    """Return a comment of bob below it."""
    return comment(author=bob, photo_id=photo.pk, text="Nice")


def answer(author: User, to: Comment, text: str = "Yes") -> Comment:
    return comment(author=author, photo_id=to.photo_id, text=text, reply_to=to)


def shown(photo: Photo, viewer: User) -> list[CommentCard]:
    return comments_page(photo.pk, viewer, None).items


def number_shown(photo: Photo, viewer: User) -> int:
    """Return how many comments and replies the viewer can read, by reading all of them."""
    tops = shown(photo, viewer)
    replies = [replies_page(photo.pk, one.id, viewer, None).items for one in tops]
    return sum(one.author is not None for one in tops) + sum(map(len, replies))


def count(photo: Photo, viewer: User) -> int:
    return cards_of([photo.pk], viewer)[0].comment_count


# ---------------------------------------------------------------- replies
def test_a_reply_to_a_reply_stands_below_the_top_comment_and_mentions_whom_it_answers(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    first = answer(alice, top)
    second = answer(bob, first, "No")
    assert (second.parent_id, second.text) == (top.pk, "@alice No")
    assert Mention.objects.filter(comment=second, user=alice).exists()
    assert answer(bob, first, "No, @alice.").text == "No, @alice."
    assert answer(alice, first, "Also").text == "Also"
    assert answer(alice, top, "Plain").text == "Plain"


def test_the_name_before_a_reply_must_fit(alice: User, bob: User, top: Comment) -> None:
    first = answer(alice, top)
    with pytest.raises(ValidationError, match="With the name in front of it"):
        answer(bob, first, "x" * 1000)
    assert len(answer(bob, top, "x" * 1000).text) == 1000


def test_lists_show_the_first_replies_and_count_the_rest(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    for number in range(5):
        answer(alice, top, str(number))
    (card,) = shown(photo, bob)
    assert [one.text for one in card.replies] == ["0", "1", "2"]
    assert (card.reply_count, card.further) == (5, 2)
    rest = replies_page(photo.pk, top.pk, bob, card.after)
    assert [one.text for one in rest.items] == ["3", "4"]
    back = replies_page(photo.pk, top.pk, bob, rest.previous)
    assert [one.text for one in back.items] == ["0", "1", "2"]
    assert count(photo, bob) == 6 == number_shown(photo, bob)


@pytest.mark.parametrize("rows", [1, 12])
def test_a_page_of_comments_takes_two_queries_however_many_replies(
    alice: User, photo: Photo, rows: int
) -> None:
    for _ in range(rows):
        written = comment(author=make_user(), photo_id=photo.pk, text="Oh")
        for _ in range(rows):
            answer(alice, written)
    with CaptureQueriesContext(connection) as queries:
        assert len(shown(photo, alice)) == rows
    assert len(queries) == 2


def test_a_reply_to_what_was_deleted_meanwhile_is_refused(
    alice: User, photo: Photo, top: Comment
) -> None:
    delete_comment(comment=Comment.objects.get(pk=top.pk))
    with pytest.raises(Http404):
        answer(alice, top)
    assert count(photo, alice) == 0
    assert not Comment.objects.exists()


# ---------------------------------------------------------------- deleting
def test_a_deleted_comment_leaves_its_replies(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    reply = answer(alice, top)
    like_comment(user=alice, comment_id=top.pk)
    delete_comment(comment=top)
    (card,) = shown(photo, bob)
    assert (card.author, card.text, card.like_count) == (None, "", 0)
    assert [one.text for one in card.replies] == ["Yes"]
    assert count(photo, bob) == 1 == number_shown(photo, bob)
    assert not CommentLike.objects.exists()
    delete_comment(comment=reply)
    assert shown(photo, bob) == []
    assert not Comment.objects.exists()
    assert count(photo, bob) == 0


def test_deleting_twice_counts_once(bob: User, photo: Photo, top: Comment) -> None:
    answer(bob, top)
    again = Comment.objects.get(pk=top.pk)
    delete_comment(comment=top)
    delete_comment(comment=again)
    assert count(photo, bob) == 1


def test_a_photo_goes_with_its_whole_conversation(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    answer(alice, top, "@bob #a")
    like_comment(user=alice, comment_id=top.pk)
    delete_photo(photo=photo)
    assert not Comment.objects.exists()
    assert not CommentLike.objects.exists()
    assert not Mention.objects.exists()


def test_an_account_takes_its_own_words_along_and_nobody_elses(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    own = comment(author=bob, photo_id=photo.pk, text="To myself")
    answer(bob, own)
    other = comment(author=alice, photo_id=photo.pk, text="Hello")
    answer(bob, other)
    like_comment(user=bob, comment_id=other.pk)
    answer(alice, top, "Stays")
    delete_account(user=bob)
    cards = shown(photo, alice)
    assert [(one.text, one.like_count, one.reply_count) for one in cards] == [
        ("Hello", 0, 0),
        ("", 0, 1),
    ]
    assert [one.text for one in cards[1].replies] == ["Stays"]
    assert count(photo, alice) == 2 == number_shown(photo, alice)
    assert Comment.objects.count() == 3


# ---------------------------------------------------------------- hidden people
def test_a_block_hides_comments_replies_and_likes_from_lists_and_counts_alike(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    dave = make_user("dave")
    answer(dave, top, "Hidden from alice later")
    answer(bob, top, "Seen")
    like_comment(user=dave, comment_id=top.pk)
    lonely = comment(author=dave, photo_id=photo.pk, text="Alone")
    answered = comment(author=dave, photo_id=photo.pk, text="Answered")
    answer(bob, answered, "Answer")
    follows.block(blocker=alice, blocked=dave)
    cards = {one.id: one for one in shown(photo, alice)}
    assert lonely.pk not in cards
    assert (cards[answered.pk].author, cards[answered.pk].text) == (None, "")
    assert [one.text for one in cards[top.pk].replies] == ["Seen"]
    assert (cards[top.pk].like_count, cards[top.pk].reply_count) == (0, 1)
    assert count(photo, alice) == 3 == number_shown(photo, alice)
    assert count(photo, bob) == 6 == number_shown(photo, bob)


def test_a_suspension_counts_replies_and_likes_out_and_its_end_counts_them_in(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    dave = make_user("dave")
    answer(dave, top)
    answer(alice, top)
    like_comment(user=dave, comment_id=top.pk)
    suspend(user=dave)
    (card,) = shown(photo, bob)
    assert (card.reply_count, card.like_count, len(card.replies)) == (1, 0, 1)
    assert count(photo, bob) == 2 == number_shown(photo, bob)
    restore(user=dave)
    (card,) = shown(photo, bob)
    assert (card.reply_count, card.like_count, len(card.replies)) == (2, 1, 2)
    suspend(user=bob)
    (card,) = shown(photo, alice)
    assert (card.author, len(card.replies)) == (None, 2)
    assert count(photo, alice) == 2 == number_shown(photo, alice)


def test_deleting_the_comment_of_a_suspended_person_leaves_the_counts(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    reply = answer(bob, top)
    suspend(user=bob)
    delete_comment(comment=reply)
    held = Comment.objects.get(pk=top.pk)
    assert held.reply_count == 0
    assert count(photo, alice) == 0


def test_counters_that_drifted_are_found_and_corrected(
    alice: User, bob: User, photo: Photo, top: Comment
) -> None:
    answer(alice, top)
    like_comment(user=alice, comment_id=top.pk)
    Comment.objects.filter(pk=top.pk).update(like_count=7, reply_count=0)
    assert reconcile(fix=False)["comments"] == (2, 1)
    assert reconcile(fix=True)["comments"] == (2, 1)
    assert reconcile(fix=True)["comments"] == (2, 0)
    held = Comment.objects.get(pk=top.pk)
    assert (held.like_count, held.reply_count) == (1, 1)
    assert threads.recount([top.pk]) == 0


# ---------------------------------------------------------------- likes
def test_liking_twice_counts_once(alice: User, bob: User, photo: Photo, top: Comment) -> None:
    for _ in range(2):
        like_comment(user=alice, comment_id=top.pk)
    (card,) = shown(photo, alice)
    assert (card.like_count, card.liked) == (1, True)
    assert shown(photo, bob)[0].liked is False
    for _ in range(2):
        unlike_comment(user=alice, comment_id=top.pk)
    assert shown(photo, alice)[0].like_count == 0


def test_a_like_of_what_is_gone_and_of_a_suspended_person_is_refused(
    alice: User, bob: User, top: Comment
) -> None:
    answer(alice, top)
    delete_comment(comment=top)
    with pytest.raises(CommentGone):
        like_comment(user=alice, comment_id=top.pk)
    reply = Comment.objects.get(parent=top.pk)
    suspend(user=bob)
    with pytest.raises(CommentGone):
        like_comment(user=bob, comment_id=reply.pk)


# ---------------------------------------------------------------- editing
def test_an_edited_comment_says_so_and_one_saved_unchanged_does_not(
    bob: User, photo: Photo, top: Comment
) -> None:
    edit_comment(comment=top, text="Nice")
    assert shown(photo, bob)[0].edited is False
    edit_comment(comment=top, text="Very nice")
    assert (shown(photo, bob)[0].text, shown(photo, bob)[0].edited) == ("Very nice", True)


@pytest.mark.parametrize("answered", [False, True])
def test_an_edit_of_what_was_deleted_meanwhile_is_refused(
    alice: User, bob: User, top: Comment, answered: bool
) -> None:
    if answered:
        answer(alice, top)
    delete_comment(comment=Comment.objects.get(pk=top.pk))
    with pytest.raises(CommentGone):
        edit_comment(comment=top, text="Too late")
    assert not Comment.objects.filter(text="Too late").exists()
