"""An album that its owner deletes is nowhere at once, and comes back as it was for 30 days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.http import Http404
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos.models import KEPT
from social.albums import deleting, editing, links, members
from social.models import Album, AlbumEntry, AlbumMember, ShareLink
from tests.factories import make_follow, make_photo, make_user
from tests.matrix.tables import TABLE
from tests.social.albums.scene import make_album, make_member, order_of

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]

BIN = {
    "social:restore-album",
    "social:delete-album-for-good",
    "api-deleted-album",
    "api-restore-album",
}


def of_an_album(patterns: list[Any], space: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield all addresses that lead to something of one album: the name and the variable parts."""
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                inside = f"{space}{one.namespace}:" if one.namespace else space
                yield from of_an_album(one.url_patterns, inside)
        elif "album_id" in one.pattern.converters and f"{space}{one.name}" not in BIN:
            yield f"{space}{one.name}", set(one.pattern.converters)


def test_no_address_of_an_album_in_the_bin_leads_anywhere(
    browser_as: As, api_as: As, alice: User, bob: User, carol: User, settings: Any
) -> None:
    settings.RATE_LIMITS = False
    photo = make_photo(alice)
    album = make_album(alice, photo)
    make_member(album, bob)
    make_follow(carol, alice)
    members.invite(owner=alice, album_id=album.pk, person=carol)
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    args = {"album_id": album.pk, "photo_id": photo.pk, "username": bob.username}
    walked = dict(of_an_album(get_resolver().url_patterns))
    assert {"social:album", "api-album", "social:album-move", "api-album-links"} <= set(walked)
    for name, parts in walked.items():
        address = reverse(name, kwargs={part: args[part] for part in parts})
        for ask, person in product(TABLE[name].asks, (alice, bob, carol)):
            client = api_as(person) if name.startswith("api-") else browser_as(person)
            answer = getattr(client, ask.method.lower())(address, ask.body or {})
            assert answer.status_code == 404, (ask.method, name, person)
    assert AlbumMember.objects.count() == 2


def test_no_list_has_an_album_that_is_in_the_bin(
    browser_as: As, api_as: As, alice: User, bob: User, carol: User
) -> None:
    album = make_album(alice, make_photo(alice), title="Once upon a time")
    make_member(album, bob)
    make_follow(carol, alice)
    members.invite(owner=alice, album_id=album.pk, person=carol)
    _, token = links.share(sharer=alice, album_id=album.pk, days=1)
    lists = ("me/albums/", "users/alice/albums/", "me/album-invitations/", "me/links/")
    people = (alice, bob, carol)

    def rows() -> int:
        found = [api_as(one).get(f"/api/v1/{path}").json() for one in people for path in lists]
        return sum(len(page["results"]) for page in found)

    assert rows() == 7
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    assert rows() == 0
    pages = (
        "/albums/",
        "/@alice/albums/",
        "/settings/links/",
        f"/p/{make_photo(alice).code}/save/",
    )
    for page in pages:
        assert "Once upon a time" not in browser_as(alice).get(page).text
    assert browser_as(None).get(f"/s/{token}/").status_code == 404
    assert APIClient().get(f"/api/v1/shared/{token}/photos/").status_code == 404
    assert "Once upon a time" in browser_as(alice).get("/settings/deleted/albums/").text


def test_an_album_comes_back_as_it_was(api_as: As, alice: User, bob: User) -> None:
    photos = [make_photo(alice) for _ in range(3)]
    album = make_album(alice, *photos)
    make_member(album, bob)
    editing.edit_album(owner=alice, album_id=album.pk, cover=photos[1].pk)
    _, token = links.share(sharer=alice, album_id=album.pk, days=1)
    before = api_as(bob).get(f"/api/v1/albums/{album.pk}/").json()
    order = order_of(api_as(bob), album)
    assert api_as(alice).delete(f"/api/v1/albums/{album.pk}/").status_code == 204
    shown = api_as(alice).get("/api/v1/me/deleted/albums/").json()["results"][0]
    assert (shown["title"], shown["photo_count"], shown["is_shared"]) == ("Summer", 3, True)
    assert shown["cover"]["id"] == str(photos[1].pk)
    assert shown["deleted_at"] < shown["purge_at"]
    answer = api_as(alice).post(f"/api/v1/me/deleted/albums/{album.pk}/restore/")
    assert (answer.status_code, answer.json()["id"]) == (200, str(album.pk))
    assert api_as(bob).get(f"/api/v1/albums/{album.pk}/").json() == before
    assert order_of(api_as(bob), album) == order
    assert links.find(token).album == album


def test_a_photo_that_goes_meanwhile_is_not_in_it(api_as: As, alice: User) -> None:
    photo, kept = make_photo(alice), make_photo(alice)
    album = make_album(alice, photo, kept)
    editing.edit_album(owner=alice, album_id=album.pk, cover=photo.pk)
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    photo.delete()
    deleting.restore(owner=alice, album_id=album.pk)
    assert order_of(api_as(alice), album) == [kept.pk]


def test_the_page_offers_to_undo(browser_as: As, alice: User) -> None:
    album, client = make_album(alice), browser_as(alice)
    told = client.post(f"/albums/{album.code}/delete/", follow=True).text
    address = f"/settings/deleted/albums/{album.code}/restore/"
    assert f'<form method="post" action="{address}">' in told
    answer = client.post(address, follow=True)
    assert "The album has been restored." in answer.text
    assert answer.redirect_chain[-1][0] == f"/albums/{album.code}/"
    assert client.post(address).status_code == 404


def test_an_album_is_deleted_for_good_by_its_owner_alone(
    browser_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    album = make_album(alice, photo)
    make_member(album, bob)
    links.share(sharer=alice, album_id=album.pk, days=1)
    address = f"/settings/deleted/albums/{album.code}/delete/"
    assert browser_as(alice).post(address).status_code == 404
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    assert browser_as(bob).post(address).status_code == 404
    assert "permanently?" in browser_as(alice).get(address).text
    assert "permanently deleted" in browser_as(alice).post(address, follow=True).text
    for rows in (Album.with_deleted, AlbumEntry.objects, AlbumMember.objects, ShareLink.objects):
        assert not rows.exists()
    photo.refresh_from_db()


def test_albums_leave_the_bin_after_thirty_days_in_bounded_parts(alice: User) -> None:
    for _ in range(4):
        deleting.move_to_bin(owner=alice, album_id=make_album(alice).pk)
    assert deleting.empty_bin() == 0
    due = id_at(timezone.now() - KEPT)
    for number, album in enumerate(Album.with_deleted.order_by("pk")[:3]):
        Album.with_deleted.filter(pk=album.pk).update(bin_id=due - 1 - number)
    assert [deleting.empty_bin(limit=2), deleting.empty_bin(limit=2)] == [2, 1]
    assert Album.with_deleted.count() == 1


def test_what_was_brought_back_is_not_purged(alice: User) -> None:
    album = make_album(alice)
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    Album.with_deleted.update(bin_id=1)
    deleting.restore(owner=alice, album_id=album.pk)
    assert deleting.empty_bin() == 0
    with pytest.raises(Http404):
        deleting.delete_for_good(owner=alice, album_id=album.pk)


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_of_albums_costs_as_much_with_many(
    api_as: As, alice: User, count: int, django_assert_num_queries: Any
) -> None:
    photo = make_photo(alice)
    for _ in range(count):
        deleting.move_to_bin(owner=alice, album_id=make_album(alice, photo).pk)
    client = api_as(alice)
    with django_assert_num_queries(3):
        page = client.get("/api/v1/me/deleted/albums/").json()
    assert len(page["results"]) == count


def test_the_list_of_albums_is_paged_latest_deleted_first(
    api_as: As, browser_as: As, alice: User
) -> None:
    albums = [make_album(alice, title=f"Number {number}.") for number in range(13)]
    for album in reversed(albums):
        deleting.move_to_bin(owner=alice, album_id=album.pk)
    first = api_as(alice).get("/api/v1/me/deleted/albums/?limit=10").json()
    rest = api_as(alice).get(first["next"]).json()
    shown = [int(row["id"]) for row in (*first["results"], *rest["results"])]
    assert shown == [album.pk for album in albums]
    page = browser_as(alice).get("/settings/deleted/albums/").text
    address = page.partition('rel="next" href="')[2].partition('"')[0]
    assert "Number 12." in browser_as(alice).get(f"/settings/deleted/albums/{address}").text


def test_staff_see_that_an_album_was_deleted(browser_as: As, alice: User) -> None:
    root = make_user("root")
    root.is_staff = root.is_superuser = True
    root.save()
    album = make_album(alice, title="Gone")
    deleting.move_to_bin(owner=alice, album_id=album.pk)
    desk = browser_as(root)
    assert 'class="field-deleted nowrap"' in desk.get("/admin/social/album/").text
    assert desk.get(f"/admin/social/album/{album.pk}/change/").status_code == 200


def test_links_of_albums_in_the_bin_do_not_count_as_working(alice: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(links, "MAX_LINKS", 1)
    first, second = make_album(alice), make_album(alice)
    links.share(sharer=alice, album_id=first.pk, days=1)
    deleting.move_to_bin(owner=alice, album_id=first.pk)
    links.share(sharer=alice, album_id=second.pk, days=1)
