"""Cached and asked anew, everything is the same, whatever people do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest
from django.http import Http404
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import accounts.services
import photos.services
from accounts.models import ApiSession, User
from minigram_site.web.pagination import Cursor
from photos import hiding
from photos.api.json import photo_json
from photos.bin import move_to_bin, restore
from photos.card_pages.by_author import author_page
from photos.cards import cards_of
from photos.models import Comment, Photo, Removal
from social import feed, follows, mutes, people, profiles, tags
from social.feed.fast_feed import FeedAnswer
from social.feed.fast_reads import Caller
from social.feed.page import FeedPage
from tests.factories import make_photo, make_user
from tests.redis_server import RedisServer

PEOPLE = 3
BASE = "http://testserver"
Act = Callable[[User, User, Photo], Any]


def brought_by(page: FeedPage, photo_id: int) -> dict[str, str]:
    """Return the member of the JSON of a photo that a tag has brought, if one has."""
    tag = page.tags.get(photo_id)
    return {"followed_tag": tag} if tag else {}


def uncomment(photo: Photo) -> None:
    if comment := Comment.objects.filter(photo=photo).first():
        photos.services.delete_comment(comment=comment)


def bring_back(photo: Photo) -> None:
    for removal in Removal.objects.filter(photo=photo):
        restore(removal=removal)


ACTS: dict[str, Act] = {
    "publish": lambda me, you, photo: make_photo(me),
    "like": lambda me, you, photo: photos.services.like(user=me, photo_id=photo.pk),
    "unlike": lambda me, you, photo: photos.services.unlike(user=me, photo_id=photo.pk),
    "comment": lambda me, you, photo: photos.services.comment(
        author=me, photo_id=photo.pk, text="Oh"
    ),
    "uncomment": lambda me, you, photo: uncomment(photo),
    "tag": lambda me, you, photo: photos.services.edit_photo(photo=photo, caption="At the #sea"),
    "follow a tag": lambda me, you, photo: tags.follow_tag(user=me, key="sea"),
    "unfollow a tag": lambda me, you, photo: tags.unfollow_tag(user=me, key="sea"),
    "publish with a tag": lambda me, you, photo: make_photo(me, "#sea"),
    "edit": lambda me, you, photo: photos.services.edit_photo(photo=photo, caption=f"by {me.pk}"),
    "bin": lambda me, you, photo: move_to_bin(photo=photo),
    "unbin": lambda me, you, photo: bring_back(photo),
    "delete": lambda me, you, photo: photos.services.delete_photo(photo=photo),
    "follow": lambda me, you, photo: follows.follow(follower=me, followee=you),
    "unfollow": lambda me, you, photo: follows.unfollow(follower=me, followee=you),
    "accept": lambda me, you, photo: follows.accept(owner=me, requester=you),
    "decline": lambda me, you, photo: follows.decline(owner=me, requester=you),
    "remove": lambda me, you, photo: follows.remove_follower(owner=me, follower=you),
    "hide": lambda me, you, photo: follows.set_privacy(user=me, private=True),
    "show": lambda me, you, photo: follows.set_privacy(user=me, private=False),
    "block": lambda me, you, photo: follows.block(blocker=me, blocked=you),
    "unblock": lambda me, you, photo: follows.unblock(blocker=me, blocked=you),
    "suspend": lambda me, you, photo: accounts.services.suspend(user=me),
    "restore": lambda me, you, photo: accounts.services.restore(user=me),
    "mute": lambda me, you, photo: mutes.mute(muter=me, muted=you),
    "unmute": lambda me, you, photo: mutes.unmute(muter=me, muted=you),
    "archive": lambda me, you, photo: hiding.archive_photo(photo=photo),
    "bring back": lambda me, you, photo: hiding.bring_back_photo(photo=photo),
    "moderate": lambda me, you, photo: hiding.hide_photo(photo=photo),
    "forgive": lambda me, you, photo: hiding.show_photo(photo=photo),
    "rename": lambda me, you, photo: profiles.edit_profile(user=me, display_name=f"{photo.pk}"),
}
acts = st.tuples(
    st.sampled_from(sorted(ACTS)),
    st.integers(0, PEOPLE - 1),
    st.integers(1, PEOPLE - 1),
    st.integers(0, 9),
)


class Site:
    """Some people and their photos."""

    def __init__(self) -> None:
        self.people = [make_user() for _ in range(PEOPLE)]
        for person in self.people:
            make_photo(person)
            follows.follow(follower=person, followee=self.people[0]) if person.pk != (
                self.people[0].pk
            ) else None

    def photos(self) -> list[Photo]:
        return list(Photo.objects.filter(author__in=self.people).order_by("pk"))

    def act(self, name: str, who: int, distance: int, which: int) -> None:
        me = self.people[who]
        found = self.photos()
        if not found:
            return
        you = self.people[(who + distance) % PEOPLE]
        with suppress(follows.CannotFollow, photos.services.PhotoGone):
            ACTS[name](me, you, found[which % len(found)])

    def seen(self) -> list[Any]:
        """Return all that everybody sees."""
        identifiers = [photo.pk for photo in self.photos()]
        return [
            [self.feed(viewer), cards_of(identifiers, viewer), *self.profiles(viewer)]
            for viewer in self.people
        ]

    def feed(self, viewer: User) -> list[Any]:
        """Return two pages as pages and API show them, which must be alike."""
        first = feed.feed_page(viewer, None, 2)
        second = feed.feed_page(viewer, first.next, 2)
        if (caller := self.caller(viewer)) is not None:
            self.compare(first, FeedAnswer(caller, "", "2", BASE))
            # One below the first is stored when it is asked for again.
            for _ in range(2 if first.next else 0):
                self.compare(second, FeedAnswer(caller, str(first.next), "2", BASE))
        return [first, second, self.back(viewer, first.next)]

    def compare(self, page: FeedPage, answer: FeedAnswer) -> None:
        ready = orjson.loads(answer.lookup() or answer.read())
        shown = [photo_json(card, BASE, **brought_by(page, card.id)) for card in page.items]
        assert ready["results"] == shown
        assert bool(ready["next"]) == bool(page.next)

    def caller(self, viewer: User) -> Caller | None:
        """Return whom a token names that was issued just now; ``None`` for the suspended."""
        account = User.objects.get(pk=viewer.pk)
        if not account.is_active:
            return None
        session = account.api_sessions.first() or ApiSession.objects.create(
            user=account, token_id=f"{account.pk:032}", expires_at=timezone.now()
        )
        return Caller(account.pk, account.auth_version, session.pk)

    def back(self, viewer: User, cursor: Cursor | None) -> Any:
        return cursor and feed.feed_page(viewer, Cursor(cursor.position, backward=True), 2)

    def profiles(self, viewer: User) -> list[Any]:
        found = []
        for person in self.people:
            with suppress(Http404):
                shown = people.profile(viewer, person.username)
                state = {name: value for name, value in vars(shown).items() if name != "_state"}
                state["stats"] = vars(shown.stats) | {"_state": None}
                found.append([state, author_page(shown, viewer, None, 2)])
        return found


@given(st.lists(acts, min_size=1, max_size=10))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_people_do_the_cache_shows_what_the_database_holds(
    cached: RedisServer, settings: Any, done: list[tuple[str, int, int, int]]
) -> None:
    url = settings.REDIS_URL
    site = Site()
    for act in done:
        site.act(*act)
        answers = [site.seen(), site.seen()]
        settings.REDIS_URL = ""
        truth = site.seen()
        settings.REDIS_URL = url
        assert answers == [truth, truth]


pytestmark = pytest.mark.slow
