"""A comment that somebody deletes can be brought back for 30 days by them alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos.bin import CannotRestore, comments, move_to_bin
from photos.bin.comments import deleted_comment
from photos.conversation.comments import edit_comment
from photos.models import KEPT, Comment, DeletedComment
from photos.services import comment, delete_comment
from social import follows, profiles
from social.moderation import deciding, evidence
from social.moderation.models import Verb
from tests.factories import make_photo, make_user
from tests.social.bin.test_bin import drift
from tests.social.moderation.scene import decided, make_moderator, reported

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
DELETED = "/api/v1/me/deleted/comments/"


def shown(client: Any) -> list[str]:
    """Return the words of the comments that an app can bring back."""
    return [row["text"] for row in client.get(DELETED).json()["results"]]


def test_a_comment_comes_back_at_its_place_as_it_was(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    first = comment(author=bob, photo_id=photo.pk, text="Frist @alice")
    edit_comment(comment=first, text="First @alice")
    comment(author=alice, photo_id=photo.pk, text="Reply", reply_to=first)
    comment(author=alice, photo_id=photo.pk, text="Second")
    address = f"/api/v1/photos/{photo.pk}/comments/"
    before = api_as(alice).get(address).json()
    assert api_as(bob).delete(f"{address}{first.pk}/").status_code == 204
    assert shown(api_as(bob)) == ["First @alice"]
    assert drift() == 0
    answer = api_as(bob).post(f"{DELETED}{first.pk}/restore/")
    assert (answer.status_code, answer.json()["id"]) == (200, str(first.pk))
    assert api_as(alice).get(address).json() == before
    assert shown(api_as(bob)) == []
    assert drift() == 0


def test_whoever_deleted_it_brings_it_back_and_nobody_else(
    api_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    written = comment(author=bob, photo_id=photo.pk, text="Off topic")
    api_as(alice).delete(f"/api/v1/photos/{photo.pk}/comments/{written.pk}/")
    assert shown(api_as(bob)) == []
    for person in (bob, make_user("root")):
        client = api_as(person)
        assert client.post(f"{DELETED}{written.pk}/restore/").status_code == 404
        assert client.delete(f"{DELETED}{written.pk}/").status_code == 404
    assert shown(api_as(alice)) == ["Off topic"]
    assert api_as(alice).post(f"{DELETED}{written.pk}/restore/").status_code == 200
    assert Comment.objects.get().author == bob


def test_a_reply_whose_thread_is_gone_comes_back_alone(alice: User) -> None:
    photo = make_photo(alice)
    top = comment(author=alice, photo_id=photo.pk, text="Top")
    reply = comment(author=alice, photo_id=photo.pk, text="Reply", reply_to=top)
    for one in (reply, top):
        delete_comment(comment=Comment.objects.get(pk=one.pk), by=alice)
    comments.restore(deleted=deleted_comment(alice, reply.pk))
    assert Comment.objects.get().parent_id is None
    comments.restore(deleted=deleted_comment(alice, top.pk))
    assert Comment.objects.count() == 2
    assert drift() == 0


@pytest.mark.parametrize("what", ["photo in the bin", "block", "private", "author gone"])
def test_what_its_deleter_would_not_see_is_not_offered(
    api_as: As, alice: User, bob: User, what: str
) -> None:
    photo = make_photo(alice)
    own = comment(author=bob, photo_id=photo.pk, text="Mine")
    delete_comment(comment=own, by=bob)
    other = comment(author=bob, photo_id=photo.pk, text="Theirs")
    delete_comment(comment=other, by=alice)
    assert (shown(api_as(bob)), shown(api_as(alice))) == (["Mine"], ["Theirs"])
    if what == "photo in the bin":
        move_to_bin(photo=photo)
    elif what == "block":
        follows.block(blocker=alice, blocked=bob)
    elif what == "private":
        follows.set_privacy(user=alice, private=True)
    else:
        profiles.delete_account(user=bob)
        assert not DeletedComment.objects.exists()
    if what != "author gone":
        assert shown(api_as(bob)) == []
        assert api_as(bob).post(f"{DELETED}{own.pk}/restore/").status_code == 404
    assert shown(api_as(alice)) == (["Theirs"] if what == "private" else [])


@pytest.mark.parametrize("deleted_first", [True, False])
def test_what_moderators_remove_its_author_does_not_bring_back(
    api_as: As, browser_as: As, alice: User, *, deleted_first: bool
) -> None:
    mona = make_moderator()
    written = comment(author=alice, photo_id=make_photo(alice).pk, text="Rude")
    if not deleted_first:
        decided(written, Verb.REMOVE, mona)
        delete_comment(comment=written, by=alice)
        assert shown(api_as(alice)) == []
        return
    case = reported(written)
    delete_comment(comment=written, by=alice)
    removed = deciding.decide(case=case, moderator=mona, verb=Verb.REMOVE, reason="Rude.")
    answer = api_as(alice).post(f"{DELETED}{written.pk}/restore/")
    assert (answer.status_code, answer.json()["code"]) == (409, "hidden_by_moderators")
    assert not api_as(alice).get(DELETED).json()["results"][0]["can_restore"]
    assert "moderators" in browser_as(alice).get("/settings/deleted/comments/").text
    with pytest.raises(CannotRestore):
        evidence.restore_comment(deleted=deleted_comment(alice, written.pk))
    deciding.undo(decision=removed, moderator=mona)
    assert not Comment.objects.exists()
    assert api_as(alice).post(f"{DELETED}{written.pk}/restore/").status_code == 200


def test_a_comment_that_moderators_give_back_is_still_edited(alice: User) -> None:
    mona = make_moderator()
    written = comment(author=alice, photo_id=make_photo(alice).pk, text="Rude")
    edited = edit_comment(comment=written, text="Very rude")
    removed = decided(edited, Verb.REMOVE, mona)
    deciding.undo(decision=removed, moderator=mona)
    assert Comment.objects.get().edited_at == edited.edited_at


def test_a_page_lists_comments_and_brings_them_back(browser_as: As, alice: User) -> None:
    photo, client = make_photo(alice), browser_as(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Hasty words")
    told = client.post(f"/p/{photo.code}/comments/{written.code}/delete/", follow=True).text
    address = f"/settings/deleted/comments/{written.code}/"
    assert f'<form method="post" action="{address}restore/">' in told
    assert "Hasty words" in client.get("/settings/deleted/comments/").text
    assert "restored" in client.post(f"{address}restore/", follow=True).text
    assert client.post(f"{address}restore/").status_code == 404
    delete_comment(comment=Comment.objects.get(), by=alice)
    assert "Hasty words" in client.get(f"{address}delete/").text
    assert "permanently deleted" in client.post(f"{address}delete/", follow=True).text
    assert "You haven’t deleted any comments" in client.get("/settings/deleted/comments/").text


def test_comments_leave_the_bin_after_thirty_days_in_bounded_parts(alice: User) -> None:
    photo = make_photo(alice)
    for number in range(4):
        written = comment(author=alice, photo_id=photo.pk, text=f"Number {number}")
        delete_comment(comment=written, by=alice)
    assert comments.empty_bin() == 0
    due = id_at(timezone.now() - KEPT)
    for number, row in enumerate(DeletedComment.objects.order_by("pk")[:3]):
        DeletedComment.objects.filter(pk=row.pk).update(id=due - 1 - number)
    assert [comments.empty_bin(limit=2), comments.empty_bin(limit=2)] == [2, 1]
    assert DeletedComment.objects.count() == 1


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_of_comments_costs_as_much_with_many(
    api_as: As, alice: User, count: int, django_assert_num_queries: Any
) -> None:
    photo = make_photo(alice)
    for number in range(count):
        written = comment(author=alice, photo_id=photo.pk, text=f"Number {number}")
        delete_comment(comment=written, by=alice)
    client = api_as(alice)
    with django_assert_num_queries(2):
        assert len(shown(client)) == count
    first = client.get(f"{DELETED}?limit=1").json()
    assert first["results"][0]["text"] == f"Number {count - 1}"
    assert api_as(alice).get(first["next"]).json()["results"][0]["text"] == f"Number {count - 2}"


def test_keeping_the_words_costs_one_statement(alice: User) -> None:
    photo = make_photo(alice)
    costs = []
    for by in (None, alice):
        written = comment(author=alice, photo_id=photo.pk, text="Words")
        with CaptureQueriesContext(connection) as statements:
            delete_comment(comment=written, by=by)
        costs.append(len(statements))
    assert costs[1] == costs[0] + 1
