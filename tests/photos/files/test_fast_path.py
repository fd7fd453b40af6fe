"""The fast path of pictures answers as Django does, and only what it may."""

from __future__ import annotations

from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.people import person
from photos.files import fast_path
from photos.files.fast_path import Pictures
from photos.models import Photo
from photos.services import delete_photo
from social import follows
from social.profiles import change_avatar, delete_account
from tests.factories import make_follow, make_user, published, upload
from tests.social.lean import Answer, Site, bearer, sent

pytestmark = pytest.mark.django_db
# What an answer is compared by: Django adds none, the fast path leaves none out.
Headers = list[tuple[str, str]]


@pytest.fixture
def site(alice: User) -> Site:
    """Return a site that has sent a picture already."""
    site = Site(Pictures)
    site.answer(url_of(published(author=alice, image=upload())))
    return site


def url_of(photo: Photo) -> str:
    """Return the address of the smallest size."""
    return f"/media/photos/{photo.code}/{photo.renditions[0][2].rpartition('/')[2]}"


def cookie(user: User) -> str:
    """Return the ``Cookie`` header of a browser that somebody is logged in at."""
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={value.value}" for name, value in client.cookies.items())


@pytest.fixture
def url(alice: User) -> str:
    """Return the address of a public picture."""
    return url_of(published(author=alice, image=upload()))


@pytest.fixture
def private_url(carol: User) -> str:
    """Return the address of a picture that carol's followers may see."""
    return url_of(published(author=carol, image=upload()))


ASKED: list[dict[str, str]] = [
    {},
    {"HTTP_RANGE": "bytes=8-11"},
    {"HTTP_RANGE": "bytes=-7"},
    {"HTTP_RANGE": "bytes=0-3", "HTTP_IF_RANGE": '"other"'},
    {"HTTP_IF_NONE_MATCH": "*"},
    {"HTTP_IF_NONE_MATCH": '"other"'},
]


@pytest.mark.parametrize("asked", ASKED)
def test_a_public_picture_is_sent_as_django_sends_it(
    site: Site, url: str, asked: dict[str, str]
) -> None:
    site.ask(url)
    answer = site.ask(url, **asked)
    assert plain(answer) == plain(site.ordinary(url, **asked))


@pytest.mark.parametrize("asked", ASKED)
def test_a_private_picture_is_sent_as_django_sends_it(
    site: Site, private_url: str, carol: User, asked: dict[str, str]
) -> None:
    for who in ({"HTTP_AUTHORIZATION": bearer(carol)}, {"HTTP_COOKIE": cookie(carol)}):
        answer = site.ask(private_url, **asked, **who)
        assert plain(answer) == plain(site.ordinary(private_url, **asked, **who))


def plain(answer: Answer) -> tuple[str, Headers, bytes]:
    """Return an answer without what Django says of an empty body."""
    left_out = {"Content-Type", "Content-Length"} if answer.status.startswith("304") else set()
    return answer.status, [one for one in answer.headers if one[0] not in left_out], answer.body


def test_a_large_picture_is_sent_from_its_file(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.ask(url)
    whole = site.ask(url)
    wrapped: list[int] = []

    def wrapper(file: FileIO, size: int) -> FileWrapper:
        wrapped.append(size)
        return FileWrapper(file, size)

    monkeypatch.setattr(fast_path, "_READ_AT_ONCE", 0)
    answer = site.ask(url, **{"wsgi.file_wrapper": wrapper})
    assert (answer, len(wrapped), site.asked) == (whole, 1, 0)


@pytest.mark.parametrize("asked", [{"HTTP_IF_NONE_MATCH": "*"}, {"REQUEST_METHOD": "HEAD"}, {}])
def test_a_link_to_a_file_that_is_gone_is_left_to_django(
    site: Site, url: str, own_media_folder: Path, asked: dict[str, str]
) -> None:
    site.ask(url)
    for file in own_media_folder.rglob(url.rpartition("/")[2]):
        if not file.is_symlink():
            file.unlink()
    site.ask(url, **asked)
    assert site.asked == 1


def test_head_is_the_head_of_the_whole(site: Site, url: str) -> None:
    site.ask(url)
    answer = site.ask(url, REQUEST_METHOD="HEAD", HTTP_RANGE="bytes=0-3")
    assert answer == (*site.ordinary(url, REQUEST_METHOD="HEAD")[:2], b"")
    assert site.asked == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"REQUEST_METHOD": "POST"},
        {"HTTP_HOST": "elsewhere.example"},
        {"CONTENT_LENGTH": "5"},
        {"HTTP_RANGE": "bytes=99999999-"},
    ],
)
def test_what_is_unusual_is_left_to_django(site: Site, url: str, asked: dict[str, str]) -> None:
    site.answer(url, **asked)
    assert site.asked == 1


def test_a_public_picture_costs_no_statement(site: Site, url: str) -> None:
    site.ask(url)
    with sent() as statements:
        answer = site.ask(url, HTTP_COOKIE="sessionid=" + "a" * 32)
    assert (answer.status, site.asked, statements) == ("200 OK", 0, [])


def test_an_avatar_costs_no_statement(site: Site, carol: User) -> None:
    change_avatar(user=carol, image=upload())
    address = str(person(carol).avatar)
    site.ask(address)
    with sent() as statements:
        answer = site.ask(address)
    assert (answer.status, site.asked, statements) == ("200 OK", 0, [])


@pytest.mark.parametrize("way", [bearer, cookie])
def test_a_private_picture_costs_one_statement(
    site: Site, private_url: str, carol: User, way: Callable[[User], str]
) -> None:
    who = {"HTTP_AUTHORIZATION" if way is bearer else "HTTP_COOKIE": way(carol)}
    site.ask(private_url, **who)
    with sent() as statements:
        answer = site.ask(private_url, **who)
    assert (answer.status, site.asked, len(statements)) == ("200 OK", 0, 1)
    assert dict(answer.headers)["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("who", ["nobody", "stranger", "follower", "owner", "blocked"])
def test_a_private_picture_goes_to_its_people_only(
    site: Site, private_url: str, carol: User, who: str
) -> None:
    people = {name: make_user(name) for name in ("stranger", "follower", "blocked")}
    for name in ("follower", "blocked"):
        make_follow(people[name], carol)
    follows.block(blocker=carol, blocked=people["blocked"])
    people["owner"] = carol
    expected = "200 OK" if who in {"follower", "owner"} else "404 Not Found"
    for way, header in ((bearer, "HTTP_AUTHORIZATION"), (cookie, "HTTP_COOKIE")):
        known = {header: way(people[who])} if who in people else {}
        assert site.answer(private_url, **known).status == expected


HIDING: list[Callable[[User, Photo], Any]] = [
    lambda alice, _: follows.set_privacy(user=alice, private=True),
    lambda alice, _: services.suspend(user=alice),
    lambda _, photo: delete_photo(photo=Photo.objects.get(pk=photo.pk)),
    lambda alice, _: delete_account(user=alice),
]


@pytest.mark.parametrize("hide", HIDING)
def test_what_is_hidden_is_hidden_at_once(
    site: Site, alice: User, hide: Callable[[User, Photo], Any]
) -> None:
    photo = published(author=alice, image=upload())
    etag = dict(site.answer(url_of(photo)).headers)["ETag"]
    hide(alice, photo)
    for asked in ({}, {"HTTP_IF_NONE_MATCH": etag}, {"HTTP_RANGE": "bytes=0-3"}):
        answer = site.answer(url_of(photo), **asked)
        assert answer.status == "404 Not Found"
        assert "immutable" not in dict(answer.headers).get("Cache-Control", "")


def test_what_was_hidden_can_be_shown_again(site: Site, alice: User, url: str) -> None:
    for private, expected in ((True, "404 Not Found"), (False, "200 OK")):
        follows.set_privacy(user=alice, private=private)
        assert site.answer(url).status == expected


ENDING: list[Callable[[User], Any]] = [
    lambda carol: services.end_sessions(user=carol),
    lambda carol: services.change_password(user=carol, password="another-horse-8"),
    lambda carol: services.suspend(user=carol),
    lambda carol: delete_account(user=carol),
]


@pytest.mark.parametrize("way", [bearer, cookie])
@pytest.mark.parametrize("act", ENDING)
def test_a_session_that_has_ended_opens_nothing(
    site: Site, private_url: str, carol: User, act: Callable[[User], Any], way: Callable[..., str]
) -> None:
    who = {"HTTP_AUTHORIZATION" if way is bearer else "HTTP_COOKIE": way(carol)}
    assert site.answer(private_url, **who).status == "200 OK"
    act(carol)
    assert site.answer(private_url, **who).status == "404 Not Found"


def test_an_unfollow_takes_effect_at_once(
    site: Site, private_url: str, carol: User, bob: User
) -> None:
    make_follow(bob, carol)
    who = {"HTTP_COOKIE": cookie(bob)}
    assert site.answer(private_url, **who).status == "200 OK"
    follows.remove_follower(owner=carol, follower=bob)
    assert site.answer(private_url, **who).status == "404 Not Found"


def test_a_key_that_now_belongs_to_somebody_else_is_theirs(
    site: Site, private_url: str, carol: User, bob: User
) -> None:
    client = Client()
    client.force_login(carol)
    session = client.session
    who = {"HTTP_COOKIE": f"sessionid={session.session_key}"}
    assert site.answer(private_url, **who).status == "200 OK"
    for name, value in (("_auth_user_id", str(bob.pk)), ("_auth_user_hash", hash_of(bob))):
        session[name] = value
    session.save()
    assert site.answer(private_url, **who).status == "404 Not Found"


def hash_of(user: User) -> str:
    """Return what a session of this person holds."""
    return user.get_session_auth_hash()


@pytest.mark.parametrize(
    "path",
    [
        "/media/photos/{code}/../{code}/{name}",
        "/media/photos/../../people/{author}/photos/{code}/{name}",
        "/media/people/{author}/photos/{code}/{name}",
        "/media/photos/{code}/{original}",
        "/media/photos/{code}/",
        "/media/photos/{code}",
        "/media/photos/./{code}/{name}",
        "/media/avatars/{code}/{name}",
    ],
)
def test_no_other_path_leads_to_a_file(site: Site, alice: User, path: str) -> None:
    photo = published(author=alice, image=upload())
    site.answer(url_of(photo))
    original = photo.original.rpartition("/")[2]
    name = url_of(photo).rpartition("/")[2]
    other = path.format(code=photo.code, author=alice.pk, name=name, original=original)
    assert not site.ask(other).status.startswith("200")
    assert site.asked == 1


def test_behind_nginx_the_site_names_a_private_file(
    site: Site, private_url: str, carol: User, settings: Any
) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/protected/"
    who = {"HTTP_AUTHORIZATION": bearer(carol)}
    answer = site.ask(private_url, **who)
    assert site.asked == 0
    assert answer == site.ordinary(private_url, **who)
    assert dict(answer.headers)["X-Picture-Cache-Control"] == "private, no-cache"
