"""The maintenance commands: counters, stored feeds, expired rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command

from accounts.models import ApiSession, IdempotencyKey, User, UserStats
from minigram_site.fields.snowflake import id_at
from photos import services
from photos.models import PhotoStats
from social import feed
from social.feed import service
from social.models import Feed, FeedEntry
from tests.factories import make_follow, make_photo

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str) -> str:
    """Run a command; return what it prints."""
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_true_counters_are_left_alone(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    services.like(user=alice, photo_id=make_photo(bob).pk)
    out = run("reconcile")
    assert "Counters of 2 people: 0 wrong." in out
    assert "Counters of 1 photos: 0 wrong." in out


def test_drift_is_reported_and_left_as_it_is(alice: User) -> None:
    make_photo(alice)
    PhotoStats.objects.update(like_count=3)
    with pytest.raises(SystemExit) as ended:
        run("reconcile")
    assert ended.value.code == 1
    assert PhotoStats.objects.get().like_count == 3


def test_drift_is_corrected_when_asked(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    make_photo(bob)
    PhotoStats.objects.update(like_count=3, comment_count=4)
    UserStats.objects.update(photo_count=7, follower_count=8, following_count=9)
    out = run("reconcile", "--fix")
    assert "2 people: 2 corrected" in out
    assert "1 photos: 1 corrected" in out
    assert PhotoStats.objects.get().like_count == 0
    stats = UserStats.objects.get(user=bob)
    assert (stats.photo_count, stats.follower_count, stats.following_count) == (1, 1, 0)
    run("reconcile")


def test_missing_counters_are_drift_and_come_back(alice: User) -> None:
    photo = make_photo(alice)
    services.like(user=alice, photo_id=photo.pk)
    PhotoStats.objects.all().delete()
    UserStats.objects.all().delete()
    with pytest.raises(SystemExit):
        run("reconcile")
    assert "1 photos: 1 corrected" in run("reconcile", "--fix")
    assert PhotoStats.objects.get().like_count == 1
    assert UserStats.objects.get().photo_count == 1


def test_a_feed_is_rebuilt_by_name(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    photo = make_photo(bob)
    FeedEntry.objects.filter(owner=alice).delete()
    assert "Rebuilt 1 feed." in run("rebuild_feeds", "Alice")
    assert [card.id for card in feed.feed_page(alice, None).items] == [photo.pk]


def test_all_feeds_are_rebuilt(alice: User, bob: User) -> None:
    make_photo(alice)
    FeedEntry.objects.all().delete()
    Feed.objects.all().delete()
    assert "Rebuilt 2 feeds." in run("rebuild_feeds", "--all")
    assert FeedEntry.objects.filter(owner=alice).count() == 1
    assert Feed.objects.count() == 2


@pytest.mark.parametrize("arguments", [[], ["alice", "--all"], ["nobody"]])
def test_whose_feed_must_be_clear(alice: User, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("rebuild_feeds", *arguments)


def test_long_feeds_are_trimmed(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.rebuild(alice)
    photos = [make_photo(alice) for _ in range(5)]
    monkeypatch.setattr(service, "KEPT_ENTRIES", 3)
    assert "Trimmed 1 feeds." in run("maintain")
    assert FeedEntry.objects.count() == 3
    assert Feed.objects.get(owner=alice).complete_from == photos[2].pk
    assert len(feed.feed_page(alice, None).items) == 5


def test_expired_sessions_go_and_valid_ones_stay(alice: User) -> None:
    now = datetime.now(UTC)
    for age in (-1, 1):
        expires = now + timedelta(days=age)
        ApiSession.objects.create(user=alice, token_id="t" * 32, expires_at=expires)
        session = SessionStore()
        session.set_expiry(expires)
        session.create()
    run("maintain")
    assert ApiSession.objects.get().expires_at > now
    assert Session.objects.get().expire_date > now


def test_keys_go_after_a_day(alice: User) -> None:
    now = datetime.now(UTC)
    for key, hours in (("old", 25), ("young", 23)):
        identifier = id_at(now - timedelta(hours=hours))
        IdempotencyKey.objects.create(id=identifier, user=alice, key=key, path="/", fingerprint="")
    assert "Deleted 1 expired idempotency keys." in run("maintain")
    assert IdempotencyKey.objects.get().key == "young"
