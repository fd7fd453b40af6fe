"""Who is invited to an album hears of it, once, for as long as there is something to answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.services import suspend
from social import follows, mutes
from social.albums import deleting, members
from social.albums.models import Album
from social.models import Notification
from social.notifications import inbox
from social.notifications.kinds import Kind
from social.notifications.statements import WINDOW
from tests.factories import make_follow
from tests.social.albums.scene import make_album

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.fixture
def album(alice: User, bob: User) -> Album:
    """Return an album of alice, whom bob follows."""
    make_follow(bob, alice)
    return make_album(alice)


def invite(album: Album, person: User) -> None:
    members.invite(owner=album.owner, album_id=album.pk, person=person)


def told(client: Any) -> list[str]:
    """Return the sentences about albums that somebody is shown; the badge says as many."""
    rows = client.get("/api/v1/me/activity/").json()["results"]
    shown = [row["sentence"] for row in rows if row["kind"] == "album"]
    assert client.get("/api/v1/me/activity/unread/").json() == {"unread": len(shown)}
    return shown


def test_an_invitation_is_news_and_leads_to_where_it_is_answered(
    api_as: As, browser_as: As, album: Album, bob: User
) -> None:
    invite(album, bob)
    (row,) = api_as(bob).get("/api/v1/me/activity/").json()["results"]
    assert row["sentence"] == "alice invites you to add photos to an album"
    assert [person["username"] for person in row["people"]] == ["alice"]
    page = browser_as(bob).get("/activity/").text
    assert "invites you to add photos to an album" in page
    assert 'href="/albums/"' in page
    assert "Summer" in browser_as(bob).get(row["url"]).text


@pytest.mark.parametrize(
    "answer",
    [
        lambda album, bob: members.accept(user=bob, album_id=album.pk),
        lambda album, bob: members.leave(user=bob, album_id=album.pk),
        lambda album, bob: members.remove_member(owner=album.owner, album_id=album.pk, person=bob),
        lambda album, bob: deleting.move_to_bin(owner=album.owner, album_id=album.pk),
        lambda album, bob: album.delete(),
        lambda album, bob: follows.block(blocker=album.owner, blocked=bob),
        lambda album, bob: suspend(user=album.owner),
        lambda album, bob: mutes.mute(muter=bob, muted=album.owner),
        lambda album, bob: inbox.set_wanted(user=bob, kinds=[Kind.LIKE]),
    ],
    ids=[
        *("accepted", "declined", "withdrawn", "in the bin", "deleted", "blocked", "suspended"),
        *("muted", "not wanted"),
    ],
)
def test_it_is_no_news_when_there_is_nothing_to_answer(
    api_as: As, album: Album, bob: User, answer: Callable[[Album, User], None]
) -> None:
    invite(album, bob)
    assert len(told(api_as(bob))) == 1
    answer(album, bob)
    assert told(api_as(bob)) == []


def test_an_album_that_comes_back_from_the_bin_has_its_invitations(
    api_as: As, album: Album, bob: User
) -> None:
    invite(album, bob)
    deleting.move_to_bin(owner=album.owner, album_id=album.pk)
    deleting.restore(owner=album.owner, album_id=album.pk)
    assert len(told(api_as(bob))) == 1


def test_whoever_mutes_the_owner_is_not_told(api_as: As, album: Album, bob: User) -> None:
    mutes.mute(muter=bob, muted=album.owner)
    invite(album, bob)
    assert not Notification.objects.filter(kind=Kind.ALBUM).exists()


def test_inviting_again_and_again_is_news_once_a_day(album: Album, bob: User) -> None:
    def latest() -> int:
        return Notification.objects.get(recipient=bob, kind=Kind.ALBUM).latest

    invite(album, bob)
    first = latest()
    for _ in range(3):
        members.remove_member(owner=album.owner, album_id=album.pk, person=bob)
        invite(album, bob)
    assert latest() == first
    Notification.objects.filter(recipient=bob).update(latest=first - WINDOW - 1)
    members.remove_member(owner=album.owner, album_id=album.pk, person=bob)
    invite(album, bob)
    assert latest() > first
