"""Share links: what they show, to whom, and for how long."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.models import User
from photos import hiding
from photos.bin import move_to_bin
from photos.models import Photo
from photos.services import delete_photo
from social import follows
from social.albums import contents, deleting, links
from social.albums.models import ShareLink
from social.profiles import delete_account
from tests.factories import make_follow, make_photo, make_user, published, upload
from tests.photos.files.test_views import fetch
from tests.social.albums.linked import album_link, link_to, reachable, unlocked
from tests.social.albums.scene import make_album

pytestmark = pytest.mark.django_db
ApiAs = Callable[[User | None], APIClient]
As = Callable[[User | None], Client]


def shared_photos(token: str) -> list[dict[str, Any]]:
    """Return the photos behind a link, as anybody gets them."""
    answer = APIClient().get(f"/api/v1/shared/{token}/photos/")
    assert answer.status_code == 200
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def codes(token: str) -> list[str]:
    """Return the codes of the photos behind a link."""
    return [one["url"].rstrip("/").rpartition("/")[2] for one in shared_photos(token)]


def pictures_in(html: str) -> set[str]:
    """Return the addresses of all pictures on a page."""
    return set(re.findall(r"/s/[\w-]+/media/\w+/[\w.-]+", html))


def test_a_link_shows_a_private_photo_in_all_sizes_without_an_account(
    client: Client, photo: Photo
) -> None:
    token = link_to(photo)
    page = client.get(f"/s/{token}/")
    assert page.status_code == 200
    assert "at the sea @carol" in page.text
    pictures = pictures_in(page.text)
    assert len(pictures) == len(photo.renditions)
    for address in pictures:
        answer = fetch(client, address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        assert answer.body[8:12] == b"WEBP"
    assert (
        fetch(client, f"/media/photos/{photo.code}/{address.rpartition('/')[2]}").status_code == 404
    )
    assert client.get(f"/p/{photo.code}/").status_code == 404
    assert client.cookies == {}


def test_an_album_is_shown_in_its_order_page_after_page(client: Client, carol: User) -> None:
    photos = [make_photo(carol, f"No. {number}") for number in range(3)]
    token = album_link(carol, *photos)
    assert codes(token) == [photo.code for photo in photos]
    page = client.get(f"/s/{token}/").text
    assert "3 photos" in page
    for photo in photos:
        assert f"/s/{token}/{photo.code}/" in page
        assert photo.caption in client.get(f"/s/{token}/{photo.code}/").text
    first = APIClient().get(f"/api/v1/shared/{token}/photos/?limit=2").json()
    rest = APIClient().get(first["next"]).json()
    assert len(first["results"]) + len(rest["results"]) == 3


ALLOWED = {
    *("url", "author", "caption", "created_at", "alt_text", "width", "height", "placeholder"),
    *("sources", "more", "camera", "sensitive", "caption_entities"),
}
HEAD = {"leads_to", "shared_by", "title", "text", "text_entities", "photo_count", "ends_at"}


def test_no_more_is_told_than_the_list_of_what_may_be(photo: Photo, client: Client) -> None:
    token = album_link(photo.author, photo)
    (body,) = shared_photos(token)
    assert set(body) == ALLOWED
    head = APIClient().get(f"/api/v1/shared/{token}/").json()
    assert set(head) == HEAD
    pages = [client.get(f"/s/{token}/{more}").text for more in ("", f"{photo.code}/")]
    told = f"{body}{head}{pages}"
    secrets = [photo.author.email, "originals/", "renditions/", str(photo.pk), photo.original]
    assert [secret for secret in secrets if secret in told] == []
    assert body["camera"] == {}


@pytest.mark.parametrize("shown", [False, True])
def test_the_camera_is_told_as_the_owner_has_chosen(photo: Photo, *, shown: bool) -> None:
    Photo.objects.filter(pk=photo.pk).update(camera={"camera": "A 1"}, show_camera=shown)
    (body,) = shared_photos(link_to(photo))
    assert body["camera"] == ({"camera": "A 1"} if shown else {})


def test_the_original_is_at_no_address_of_a_link(client: Client, photo: Photo) -> None:
    token = link_to(photo)
    name = photo.original.rpartition("/")[2]
    for address in (
        f"/s/{token}/media/{photo.code}/{name}",
        f"/s/{token}/media/{photo.code}/..%2f{name}",
        f"/s/{token}/{photo.code}/original/1/",
    ):
        assert fetch(client, address).status_code == 404


def test_a_link_opens_nothing_but_what_it_leads_to(client: Client, photo: Photo) -> None:
    other = published(author=photo.author, image=[upload()])
    file = other.renditions[0][2].rpartition("/")[2]
    for token in (link_to(photo), album_link(photo.author, photo)):
        assert fetch(client, f"/s/{token}/media/{other.code}/{file}").status_code == 404
        assert client.get(f"/s/{token}/{other.code}/").status_code == 404


def test_the_photos_of_others_are_shown_only_if_everybody_may_see_them(
    alice: User, bob: User, carol: User
) -> None:
    make_follow(alice, carol)
    hers, private, public = make_photo(alice), make_photo(carol), make_photo(bob)
    token = album_link(alice, hers, private, public)
    assert codes(token) == [hers.code, public.code]
    assert APIClient().get(f"/api/v1/shared/{token}/").json()["photo_count"] == 2
    follows.set_privacy(user=alice, private=True)
    assert codes(token) == [hers.code, public.code]
    follows.block(blocker=bob, blocked=alice)
    assert codes(token) == [hers.code]
    follows.unblock(blocker=bob, blocked=alice)
    follows.set_privacy(user=bob, private=True)
    assert codes(token) == [hers.code]


def revoke(token: str, photo: Photo) -> None:
    links.revoke(sharer=photo.author, link_id=links.find(token).pk)


def expire(token: str, photo: Photo) -> None:
    ShareLink.objects.update(ends_at=timezone.now() - timedelta(seconds=1))


def archive(token: str, photo: Photo) -> None:
    hiding.archive_photo(photo=photo)


def move_away(token: str, photo: Photo) -> None:
    move_to_bin(photo=photo)


def suspend(token: str, photo: Photo) -> None:
    services.suspend(user=photo.author)


def remove_photo(token: str, photo: Photo) -> None:
    delete_photo(photo=Photo.objects.get(pk=photo.pk))


def hide(token: str, photo: Photo) -> None:
    hiding.hide_photo(photo=photo)


def remove_account(token: str, photo: Photo) -> None:
    delete_account(user=photo.author)


@pytest.mark.parametrize(
    "end", [revoke, expire, archive, move_away, suspend, remove_photo, hide, remove_account]
)
@pytest.mark.parametrize("password", ["", "tell nobody"])
def test_a_link_is_dead_from_the_next_request_on(
    client: Client, photo: Photo, end: Callable[[str, Photo], None], password: str
) -> None:
    token = link_to(photo, password=password)
    key = unlocked(client, token, password)
    addresses = [(method, address) for method, address in reachable(token, photo)]
    assert {fetch(client, address, headers=key).status_code for _, address in addresses} == {200}
    end(token, photo)
    for _, address in addresses:
        assert fetch(client, address, headers=key).status_code == 404, address
    assert client.post(f"/s/{token}/unlock/", {"password": password or "x"}).status_code == 404
    answer = APIClient().post(f"/api/v1/shared/{token}/unlock/", {"password": "x"})
    assert answer.status_code == 404


def test_a_photo_leaves_the_links_of_albums_as_it_leaves_the_album(
    client: Client, photo: Photo
) -> None:
    file = photo.renditions[0][2].rpartition("/")[2]
    token = album_link(photo.author, photo)
    address = f"/s/{token}/media/{photo.code}/{file}"
    assert fetch(client, address).status_code == 200
    album = links.find(token).album
    assert album is not None
    contents.remove(user=photo.author, album_id=album.pk, photo_id=photo.pk)
    assert fetch(client, address).status_code == 404
    assert codes(token) == []
    deleting.move_to_bin(owner=photo.author, album_id=album.pk)
    assert client.get(f"/s/{token}/").status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 43, "-" * 43, "é", "a" * 5000])
def test_what_is_no_token_is_nothing(client: Client, token: str) -> None:
    assert client.get(f"/s/{token}/").status_code == 404
    assert APIClient().get(f"/api/v1/shared/{token}/").status_code == 404


def test_links_are_made_over_the_api(api_as: ApiAs, photo: Photo) -> None:
    client = api_as(photo.author)
    answer = client.post(f"/api/v1/photos/{photo.pk}/links/", {"days": 1, "password": "tell"})
    assert answer.status_code == 201
    body = answer.json()
    assert body["url"].endswith(f"/s/{body['token']}/")
    assert body["has_password"]
    assert "password" not in body
    (listed,) = client.get("/api/v1/me/links/").json()["results"]
    told_once = {"url", "token", "needs_log_in"}
    assert listed == {name: body[name] for name in body if name not in told_once}
    assert api_as(make_user()).delete(f"/api/v1/me/links/{body['id']}/").status_code == 204
    assert ShareLink.objects.exists()
    assert client.delete(f"/api/v1/me/links/{body['id']}/").status_code == 204
    assert not ShareLink.objects.exists()


@pytest.mark.parametrize("days", [0, 366, -1, "x", None])
def test_a_link_lasts_from_a_day_to_a_year(api_as: ApiAs, photo: Photo, days: Any) -> None:
    answer = api_as(photo.author).post(f"/api/v1/photos/{photo.pk}/links/", {"days": days})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["days"])


def test_only_what_is_theirs_is_shared(
    api_as: ApiAs, browser_as: As, alice: User, carol: User, photo: Photo
) -> None:
    stranger = make_user()
    assert api_as(stranger).post(f"/api/v1/photos/{photo.pk}/links/", {}).status_code == 404
    make_follow(alice, carol)
    assert api_as(alice).post(f"/api/v1/photos/{photo.pk}/links/", {}).status_code == 403
    assert browser_as(alice).get(f"/p/{photo.code}/share/").status_code == 403
    assert "/share/" not in browser_as(alice).get(f"/p/{photo.code}/").text
    assert not ShareLink.objects.exists()


def test_somebody_has_so_many_links_and_those_that_have_ended_make_room(
    api_as: ApiAs, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MAX_LINKS", 1)
    client, address = api_as(photo.author), f"/api/v1/photos/{photo.pk}/links/"
    assert client.post(address, {}).status_code == 201
    answer = client.post(address, {})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_links")
    ShareLink.objects.update(ends_at=timezone.now())
    assert client.get("/api/v1/me/links/").json()["results"] == []
    assert client.post(address, {}).status_code == 201


def test_links_are_made_and_revoked_on_pages(browser_as: As, photo: Photo, client: Client) -> None:
    browser = browser_as(photo.author)
    address = f"/p/{photo.code}/share/"
    assert address in browser.get(f"/p/{photo.code}/").text
    assert browser.post(address, {"days": "9"}).status_code == 422
    page = browser.post(address, {"days": "7", "password": "tell"})
    assert page["Cache-Control"] == "private, no-store"
    (made,) = re.findall(r'value="http[^"]+(/s/[\w-]+/)"', page.text)
    assert client.get(made).status_code == 401
    listed = browser.get("/settings/links/").text
    assert "with a password" in listed
    assert made not in listed
    (revoke_address,) = re.findall(r'action="(/settings/links/\w+/revoke/)"', listed)
    browser.post(revoke_address)
    assert client.get(made).status_code == 404


def test_a_sensitive_photo_is_blurred_behind_a_link(client: Client, photo: Photo) -> None:
    hiding.mark_sensitive(photo=photo, sensitive=True)
    assert "Sensitive: tap to view" in client.get(f"/s/{link_to(photo)}/").text


def test_the_database_refuses_a_link_to_nothing_or_to_two_things(photo: Photo) -> None:
    album = make_album(photo.author)
    for thing in ({}, {"photo": photo, "album": album}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ShareLink.objects.create(
                sharer=photo.author, token_hash="0" * 64, ends_at=timezone.now(), **thing
            )


def test_no_link_is_made_to_an_archived_photo_as_it_would_show_nothing(
    api_as: ApiAs, browser_as: As, photo: Photo
) -> None:
    browser = browser_as(photo.author)
    link_to(photo)
    hiding.archive_photo(photo=photo)
    answer = api_as(photo.author).post(f"/api/v1/photos/{photo.pk}/links/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "photo_archived")
    page = browser.post(f"/p/{photo.code}/share/", {"days": "7", "password": ""})
    assert page.status_code == 422
    assert "This photo is archived. Restore it first." in page.text
    assert "/share/" not in browser.get(f"/p/{photo.code}/").text
    assert "archived: shows nothing at the moment" in browser.get("/settings/links/").text


def test_the_link_of_a_deleted_photo_leads_nobody_into_the_void(
    browser_as: As, photo: Photo
) -> None:
    link_to(photo)
    move_to_bin(photo=photo)
    listed = browser_as(photo.author).get("/settings/links/").text
    assert photo.get_absolute_url() not in listed
    assert "deleted or hidden: shows nothing at the moment" in listed
