"""The large data set: exact, consistent, reproducible."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Count

from accounts.models import Follow, User, UserStats
from minigram_site.web.pagination import Cursor
from photos.models import Like, Photo, PhotoStats
from photos.services import delete_photo, recount
from social import feed
from social.demo import populate, samples
from social.models import Feed, FeedEntry
from tests.factories import make_user

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SIZES = {"users": 12, "follows": 5, "photos": 40, "likes": 90, "dormant": 2}


@pytest.fixture(autouse=True)
def one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one of the sample pictures instead of all, which saves time."""
    monkeypatch.setattr(samples, "PICTURES", samples.PICTURES[:1])


def load(**options: Any) -> str:
    """Run the command with small sizes; return what it prints."""
    out = StringIO()
    call_command("populate", **{**SIZES, **options}, stdout=out)
    return out.getvalue()


def user(name: str) -> User:
    return User.objects.get(username=name)


def test_there_is_exactly_as_much_as_asked_for() -> None:
    load()
    assert User.objects.count() == 12 + 2
    assert Follow.objects.count() == 12 * (5 + 2)
    assert Photo.objects.count() == 40 + 2 * 2
    assert Like.objects.count() == 90


def test_everyone_follows_equally_many_and_all_the_dormant() -> None:
    load()
    counts = Follow.objects.values("follower").annotate(rows=Count("id"))
    assert {row["rows"] for row in counts} == {7}
    assert Follow.objects.filter(followee=user("dormant2")).count() == 12


def test_the_counters_are_true() -> None:
    load()
    assert recount(Photo.objects.values_list("id", flat=True)) == 0
    for stats in UserStats.objects.select_related("user"):
        assert stats.photo_count == stats.user.photos.count()
        assert stats.follower_count == stats.user.followed_by.count()
        assert stats.following_count == stats.user.follows.count()


def test_likes_and_followers_are_unevenly_spread() -> None:
    load(users=60, follows=10, likes=600)
    likes = sorted(PhotoStats.objects.values_list("like_count", flat=True))
    assert likes[-1] > 3 * likes[len(likes) // 2]
    followers = list(UserStats.objects.order_by("user").values_list("follower_count", flat=True))
    assert sum(followers[:10]) > sum(followers[-12:-2])


@pytest.mark.parametrize("name", ["user1", "user12", "dormant1"])
def test_feeds_are_complete(name: str) -> None:
    load()
    owner = user(name)
    page = feed.feed_page(owner, None, 50)
    assert [card.id for card in page.items] == feed.pulled_ids(owner, None, 50)
    assert Feed.objects.get(owner=owner).complete_from == 0


def test_long_feeds_keep_the_newest_and_know_where_they_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(populate, "KEPT_ENTRIES", 10)
    load()
    owner = user("user1")
    assert FeedEntry.objects.filter(owner=owner).count() == 10
    tenth = feed.pulled_ids(owner, None, 10)[-1]
    assert Feed.objects.get(owner=owner).complete_from == tenth
    below = feed.feed_page(owner, Cursor((tenth,)), 5)
    assert [card.id for card in below.items] == feed.pulled_ids(owner, Cursor((tenth,)), 5)


def test_equal_sizes_again_change_nothing() -> None:
    load()
    before = list(Photo.objects.order_by("id").values_list("id", flat=True))
    assert "nothing to do" in load()
    assert list(Photo.objects.order_by("id").values_list("id", flat=True)) == before


def test_the_data_set_is_reproducible() -> None:
    load()
    likes = set(Like.objects.values_list("id", "user", "photo"))
    follows = set(Follow.objects.values_list("id", "follower", "followee"))
    User.objects.all().delete()
    load()
    assert set(Like.objects.values_list("id", "user", "photo")) == likes
    assert set(Follow.objects.values_list("id", "follower", "followee")) == follows


def test_other_sizes_are_refused() -> None:
    load()
    with pytest.raises(CommandError, match="Another data set is there"):
        load(likes=91)
    assert Like.objects.count() == 90


def test_a_name_that_is_taken_is_refused() -> None:
    make_user("user7")
    with pytest.raises(CommandError, match="user7"):
        load()
    assert User.objects.count() == 1


def test_everybody_shares_the_password() -> None:
    out = load(password="load-test-7")
    assert "user1 to user12 log in with the password load-test-7" in out
    assert user("user1").password == user("user12").password
    assert user("user3").check_password("load-test-7")


def test_without_a_password_nobody_can_log_in() -> None:
    assert "nobody can log in" in load()
    assert not user("user1").has_usable_password()


def test_the_password_can_be_given_later() -> None:
    load()
    load(password="load-test-7")
    assert user("user3").check_password("load-test-7")


def test_deleting_a_photo_leaves_the_files_of_the_others(
    django_capture_on_commit_callbacks: Any,
) -> None:
    load()
    photo = Photo.objects.first()
    assert photo is not None
    with django_capture_on_commit_callbacks(execute=True):
        delete_photo(photo=photo)
    assert all(default_storage.exists(name) for name in photo.file_names)


def test_the_pictures_are_written_once(own_media_folder: Path) -> None:
    load()
    files = sorted(path for path in own_media_folder.rglob("*") if path.is_file())
    User.objects.all().delete()
    load()
    assert sorted(path for path in own_media_folder.rglob("*") if path.is_file()) == files
    assert {path.parent.name for path in files} == {"samples"}


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"users": 0}, "--users"),
        ({"photos": -1}, "--photos"),
        ({"follows": 12}, "--follows"),
        ({"likes": 12 * 40 + 1}, "--likes"),
        ({"dormant": 10**10}, "--dormant"),
        ({"password": ""}, "--password"),
    ],
)
def test_impossible_arguments_are_refused(sizes: dict[str, Any], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        load(**sizes)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "sizes",
    [
        {"users": 1, "follows": 0, "photos": 0, "likes": 0, "dormant": 0},
        {"users": 4, "follows": 3, "photos": 3, "likes": 12, "dormant": 0},
    ],
)
def test_the_edges_of_what_is_possible(sizes: dict[str, int]) -> None:
    load(**sizes)
    assert Follow.objects.count() == sizes["users"] * sizes["follows"]
    assert Like.objects.count() == sizes["likes"]
