"""The demo: complete, consistent, loaded once."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path
from unicodedata import name

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client

from accounts.models import FollowRequest, User
from photos.models import Comment, Like, Photo
from social import explore, feed, profiles
from social.demo import load
from social.demo.painter.scenes import Scene, scenes
from social.demo.people import DEMO, PEOPLE
from social.demo.photographs import PHOTOGRAPHS
from social.demo.posts import MOST, posts
from social.demo.render import Picture, render_avatar, render_photo
from social.notifications.models import Inbox, Notification
from tests.factories import make_photo, make_user

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def painted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use one small picture for all photos and one for all portraits: painting takes time."""
    monkeypatch.setattr(load, "render_photo", lambda _scene: picture())
    monkeypatch.setattr(load, "render_avatar", lambda _number: face())


_made: dict[str, Picture] = {}


def picture() -> Picture:
    if "photo" not in _made:
        _made["photo"] = render_photo(Scene(0, "facade", scenes(11)[10].colors, (500, 400), "", ""))
    return _made["photo"]


def face() -> Picture:
    if "face" not in _made:
        _made["face"] = render_avatar(1)
    return _made["face"]


def run_demo(photos: int = 16) -> str:
    """Run the command without further processes; return what it prints."""
    out = StringIO()
    call_command("demo", photos=photos, workers=0, stdout=out)
    return out.getvalue()


def test_it_prints_a_login_that_works() -> None:
    assert "Log in as demo with the password demo-minigram" in run_demo()
    assert Client().login(username="demo", password="demo-minigram")


def test_the_feed_the_profile_and_explore_are_full() -> None:
    run_demo()
    user = User.objects.get(username="demo")
    page = feed.feed_page(user, None, 50)
    assert len(page.items) > 5
    of_people = [card.id for card in page.items if card.id not in page.tags]
    assert of_people == feed.pulled_ids(user, None, 50)
    assert user.photos.exists()
    assert explore.popular_page(user, None).items[0].like_count > 1
    assert Comment.objects.exists()


def test_everybody_has_an_avatar_and_every_file_is_there() -> None:
    run_demo()
    for user in User.objects.all():
        assert user.avatar
        assert all(default_storage.exists(name) for _, name in user.avatar)
    for photo in Photo.objects.all():
        assert all(default_storage.exists(name) for name in photo.file_names)


def test_photos_are_spread_over_the_weeks_before() -> None:
    run_demo()
    times = [photo.created_at for photo in Photo.objects.order_by("id")]
    assert (times[-1] - times[0]).days > 14
    assert all(like.photo_id < like.pk for like in Like.objects.all())


def test_two_people_wait_at_the_private_account_that_demo_follows() -> None:
    run_demo()
    assert FollowRequest.objects.filter(target__is_private=True).count() == 2
    clara = User.objects.get(is_private=True)
    assert follows("demo", clara)


def follows(name: str, person: User) -> bool:
    return User.objects.get(username=name).follows.filter(followee=person).exists()


def test_nobody_reacts_to_what_they_cannot_see() -> None:
    run_demo(32)
    for like in Like.objects.filter(photo__author__is_private=True).select_related("user"):
        assert follows(like.user.username, like.photo.author)


def test_the_counters_are_true() -> None:
    run_demo()
    call_command("reconcile", stdout=StringIO())


def test_popular_and_recent_show_other_photos() -> None:
    """So do their first screens: those who compare them see that they are two lists."""
    run_demo(MOST)
    recent = [card.id for card in explore.recent_page(AnonymousUser(), None, 9).items]
    popular = [card.id for card in explore.popular_page(AnonymousUser(), None, 9).items]
    assert len(set(recent) & set(popular)) <= 3


def test_everybody_but_the_private_one_has_three_photos_to_be_shown_with() -> None:
    counted = Counter(post.author for post in posts(MOST))
    assert all(counted[person.username] >= 3 for person in PEOPLE if not person.private)


def test_demo_has_news_of_many_kinds_and_read_ones() -> None:
    run_demo(MOST)
    user = User.objects.get(username=DEMO)
    told = Notification.objects.filter(recipient_id=user.pk)
    assert len(set(told.values_list("kind", flat=True))) >= 4
    read = Inbox.objects.get(owner=user.pk).read_up_to
    assert told.filter(latest__gt=read).exists()
    assert told.filter(latest__lte=read).exists()


def test_words_of_the_demo_are_in_many_scripts_and_some_run_from_right_to_left() -> None:
    run_demo(MOST)
    words = "".join(Photo.objects.values_list("caption", flat=True))
    assert any("HEBREW" in name(one, "") or "ARABIC" in name(one, "") for one in words)
    assert any("HIRAGANA" in name(one, "") for one in words)


def test_whoever_took_a_photograph_is_named_below_it() -> None:
    run_demo(MOST)
    captions = "".join(Photo.objects.values_list("caption", flat=True))
    assert all(one.credit in captions for one in PHOTOGRAPHS.values())


def test_some_posts_have_several_pictures_and_some_comments_are_answered() -> None:
    run_demo(MOST)
    assert sum(bool(photo.more) for photo in Photo.objects.all()) >= 3
    assert Comment.objects.filter(parent__isnull=False).count() >= 5


def test_again_it_is_kept() -> None:
    run_demo()
    user = User.objects.get(username="demo")
    mine = make_photo(user, "my own")
    before = Photo.objects.count()
    assert "kept" in run_demo()
    assert Photo.objects.count() == before
    assert Photo.objects.filter(pk=mine.pk).exists()


def test_an_interrupted_run_leaves_nothing_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, own_media_folder: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(load, "react", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_demo()
    assert not User.objects.exists()
    assert not [path for path in own_media_folder.rglob("*") if path.is_file()]
    run_demo()
    assert Photo.objects.count() == 16


def test_without_demo_the_others_are_made_anew() -> None:
    run_demo()
    profiles.delete_account(user=User.objects.get(username="demo"))
    run_demo()
    assert User.objects.count() == len(PEOPLE)
    assert Photo.objects.count() == 16


def test_a_name_that_is_taken_is_left_to_its_owner() -> None:
    make_user("mira")
    assert "An account has the name mira" in run_demo()
    assert User.objects.count() == 1
