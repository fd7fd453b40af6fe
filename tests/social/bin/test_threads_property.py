"""Whatever is deleted and brought back of a conversation, in any order, its numbers stay right."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services
from accounts.models import User
from photos.bin import CannotRestore
from photos.conversation.threads import CommentGone
from photos.models import Comment, DeletedComment, Photo
from photos.services import PhotoGone, comment, delete_comment
from social.moderation import evidence
from social.upkeep import reconcile
from tests.factories import make_photo, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Who does it, below which photo, and which of its comments.
Act = Callable[[User, Photo, int], object]


def written(photo: Photo, which: int) -> Comment:
    found = Comment.objects.filter(photo=photo, author__isnull=False).select_related("author")
    rows = list(found.order_by("pk"))
    if not rows:
        raise CommentGone
    return rows[which % len(rows)]


def bring_back(photo: Photo, which: int) -> None:
    rows = list(DeletedComment.objects.filter(photo=photo).select_related("author").order_by("pk"))
    if rows:
        evidence.restore_comment(deleted=rows[which % len(rows)])


def delete_own(photo: Photo, which: int) -> None:
    mine = written(photo, which)
    delete_comment(comment=mine, by=mine.author)


ACTS: dict[str, Act] = {
    "write": lambda me, photo, which: comment(author=me, photo_id=photo.pk, text="Oh"),
    "answer": lambda me, photo, which: comment(
        author=me, photo_id=photo.pk, text="Yes", reply_to=written(photo, which)
    ),
    "delete": lambda me, photo, which: delete_own(photo, which),
    "delete by staff": lambda me, photo, which: delete_comment(
        comment=written(photo, which), by_staff=True
    ),
    "bring back": lambda me, photo, which: bring_back(photo, which),
    "suspend": lambda me, photo, which: services.suspend(user=me),
    "restore": lambda me, photo, which: services.restore(user=me),
}
acts = st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 1), st.integers(0, 5))


@given(st.lists(acts, min_size=4, max_size=14))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_order_of_deleting_and_bringing_back_makes_a_number_wrong(
    db: None, done: list[tuple[str, int, int]]
) -> None:
    User.objects.all().delete()
    people = [make_user(), make_user()]
    photo = make_photo(people[0])
    first = comment(author=people[1], photo_id=photo.pk, text="First")
    comment(author=people[0], photo_id=photo.pk, text="Yes", reply_to=first)
    for name, who, which in done:
        with suppress(CommentGone, PhotoGone, CannotRestore):
            ACTS[name](people[who], photo, which)
    assert {wrong for _, wrong in reconcile(fix=False).values()} == {0}
    # What stands empty is there for the replies to it alone.
    empty = Comment.objects.filter(author=None)
    assert not empty.filter(replies=None).exists()
    in_the_bin = DeletedComment.objects.values("comment_id")
    assert not Comment.objects.filter(pk__in=in_the_bin, author__isnull=False).exists()
