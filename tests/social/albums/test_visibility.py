"""Who opens an album, and what they see in it: decided for each photo, never by the way to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.models import User
from photos import hiding
from photos.services import delete_photo
from social import follows
from social.albums import editing
from social.albums.models import Visibility
from tests.factories import make_follow, make_photo, make_user
from tests.social.albums.scene import make_album, make_member, order_of, seen_of
from tests.social.lean import sent

pytestmark = pytest.mark.django_db
ApiAs = Callable[[User | None], APIClient]
As = Callable[[User | None], Client]

VIEWERS = ["nobody", "stranger", "requester", "follower", "member", "blocked", "blocking", "owner"]
# Whether each of them opens an album of a public account, and of a private one.
TABLE = {
    Visibility.ME: ("----m--o", "----m--o"),
    Visibility.FOLLOWERS: ("---fm--o", "---fm--o"),
    Visibility.EVERYBODY: ("nsrfm--o", "---fm--o"),
}
CASES = [
    (visibility, private, viewer, rows[private][place] != "-")
    for visibility, rows in TABLE.items()
    for private in (False, True)
    for place, viewer in enumerate(VIEWERS)
]


@pytest.mark.parametrize(("visibility", "private", "viewer", "opens"), CASES)
def test_an_album_is_open_to_those_whom_its_owner_chose(
    browser_as: As, api_as: ApiAs, visibility: str, private: bool, viewer: str, opens: bool
) -> None:
    owner = make_user("olga", private=private)
    people: dict[str, User] = {name: make_user(name) for name in VIEWERS[1:7]}
    album = make_album(owner, make_photo(owner), visibility=visibility)
    make_follow(people["follower"], owner)
    make_member(album, people["member"])
    follows.follow(follower=people["requester"], followee=owner)
    if not private:
        follows.unfollow(follower=people["requester"], followee=owner)
    follows.block(blocker=owner, blocked=people["blocked"])
    follows.block(blocker=people["blocking"], blocked=owner)
    someone = owner if viewer == "owner" else people.get(viewer)
    browser = browser_as(someone)
    page = browser.get(f"/albums/{album.code}/")
    assert page.status_code == (200 if opens else 404)
    listed = browser.get("/@olga/albums/")
    assert (album.code in listed.text) is opens
    if someone is not None:
        client = api_as(someone)
        for address in (f"albums/{album.pk}/", f"albums/{album.pk}/photos/"):
            assert client.get(f"/api/v1/{address}").status_code == (200 if opens else 404)
        answer = client.get("/api/v1/users/olga/albums/")
        assert (str(album.pk) in answer.content.decode()) is opens


def test_a_suspended_owner_has_no_albums(browser_as: As, alice: User, bob: User) -> None:
    album = make_album(alice)
    make_member(album, bob)
    services.suspend(user=alice)
    assert browser_as(bob).get(f"/albums/{album.code}/").status_code == 404
    services.restore(user=alice)
    assert browser_as(bob).get(f"/albums/{album.code}/").status_code == 200


def test_each_viewer_sees_the_photos_that_they_may_see_and_their_number(
    api_as: ApiAs, browser_as: As, alice: User, bob: User, carol: User
) -> None:
    make_follow(alice, carol)
    private, public = make_photo(carol), make_photo(alice)
    album = make_album(alice, private, public)
    assert order_of(api_as(alice), album) == [private.pk, public.pk]
    assert seen_of(api_as(alice), album) == (2, private.pk)
    assert order_of(api_as(bob), album) == [public.pk]
    assert seen_of(api_as(bob), album) == (1, public.pk)
    page = browser_as(None).get(f"/albums/{album.code}/").text
    assert "1 photo" in page
    assert private.code not in page
    assert private.code not in browser_as(None).get("/@alice/albums/").text


def test_a_photo_in_two_albums_is_decided_once(api_as: ApiAs, alice: User, bob: User) -> None:
    photo, other = make_photo(alice), make_photo(alice)
    shown = make_album(alice, photo, other)
    kept = make_album(alice, photo, other, visibility=Visibility.FOLLOWERS)
    make_follow(bob, alice)
    hiding.hide_photo(photo=photo)
    for album in (shown, kept):
        assert order_of(api_as(bob), album) == [other.pk]
        assert seen_of(api_as(bob), album) == (1, other.pk)


def test_hiding_the_cover_changes_it_at_once_and_for_others_only(
    api_as: ApiAs, alice: User, bob: User, carol: User
) -> None:
    make_follow(alice, carol)
    first, chosen = make_photo(alice), make_photo(carol)
    follows.set_privacy(user=carol, private=False)
    album = make_album(alice, first, chosen)
    editing.edit_album(owner=alice, album_id=album.pk, cover=chosen.pk)
    assert seen_of(api_as(bob), album) == (2, chosen.pk)
    follows.set_privacy(user=carol, private=True)
    assert seen_of(api_as(bob), album) == (1, first.pk)
    assert seen_of(api_as(alice), album) == (2, chosen.pk)


def test_a_cover_that_is_deleted_or_taken_out_gives_way(api_as: ApiAs, alice: User) -> None:
    photos = [make_photo(alice) for _ in range(3)]
    album, client = make_album(alice, *photos), api_as(alice)
    editing.edit_album(owner=alice, album_id=album.pk, cover=photos[1].pk)
    client.delete(f"/api/v1/albums/{album.pk}/photos/{photos[1].pk}/")
    assert seen_of(client, album) == (2, photos[0].pk)
    editing.edit_album(owner=alice, album_id=album.pk, cover=photos[2].pk)
    delete_photo(photo=photos[2])
    assert seen_of(client, album) == (1, photos[0].pk)


def test_a_cover_is_a_photo_of_the_album_that_one_sees(
    api_as: ApiAs, alice: User, bob: User
) -> None:
    hers, others = make_photo(alice), make_photo(bob)
    album = make_album(alice, hers, others)
    follows.block(blocker=bob, blocked=alice)
    for number in (others.pk, make_photo(alice).pk, 1):
        answer = api_as(alice).patch(f"/api/v1/albums/{album.pk}/", {"cover": str(number)})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cover"])


def test_an_album_tells_others_not_whom_it_is_open_to(
    api_as: ApiAs, alice: User, bob: User
) -> None:
    album = make_album(alice)
    answers = {
        user: api_as(user).get(f"/api/v1/albums/{album.pk}/").json() for user in (alice, bob)
    }
    assert answers[alice]["visibility"] == "everybody"
    assert answers[bob]["visibility"] is None
    assert "Everyone who" not in str(answers[bob])


def statements_for(act: Callable[[], Any]) -> int:
    """Return how many statements an act sends."""
    with sent() as statements:
        assert act().status_code == 200
    return len(statements)


def test_lists_cost_the_same_however_much_is_in_them(
    api_as: ApiAs, browser_as: As, alice: User, bob: User
) -> None:
    album = make_album(alice, make_photo(alice))
    client, browser = api_as(bob), browser_as(bob)
    browser.get("/feed/")
    addresses = [f"/api/v1/albums/{album.pk}/photos/", "/api/v1/users/alice/albums/"]
    pages = [f"/albums/{album.code}/", "/@alice/albums/"]
    first = [statements_for(partial(client.get, at)) for at in addresses]
    first += [statements_for(partial(browser.get, at)) for at in pages]
    for _ in range(8):
        make_album(alice, make_photo(alice))
    for _ in range(12):
        photo = make_photo(alice)
        client_of_owner = api_as(alice)
        client_of_owner.put(f"/api/v1/albums/{album.pk}/photos/{photo.pk}/")
    then = [statements_for(partial(client.get, at)) for at in addresses]
    then += [statements_for(partial(browser.get, at)) for at in pages]
    assert then == first
    # The account, the album with its cover, the photos and their cards; the profile and its albums.
    assert first[:2] == [5, 4]
