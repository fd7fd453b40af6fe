"""A site for members only: visitors read nothing, whatever address they try."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts.doors import site
from accounts.doors.middleware import OPEN_TO_VISITORS
from accounts.models import SiteSettings, User
from accounts.people import person
from minigram_site.fields.snowflake import encode
from minigram_site.storage import StorageUnavailable, public_links
from photos.files import links
from photos.files.fast_path import Pictures
from photos.models import Comment, Photo
from photos.pictures import served_names
from photos.services import comment
from social import profiles
from tests.accounts.doors.scene import make_admin, site_with
from tests.factories import PASSWORD, make_photo, make_user, published, upload
from tests.social.lean import Site, bearer, sent

pytestmark = pytest.mark.django_db
As = Callable[[User | None], APIClient]
BrowserAs = Callable[[User | None], Client]
CAPTION, WORDS = "Whispering #dunes", "An unheard remark"
SECRETS = (CAPTION, WORDS, "Sibyl the Secret", "whispering", "unheard")
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


@pytest.fixture
def sibyl(db: None) -> User:
    """Return somebody with a public account, an avatar and a photo with a comment."""
    user = make_user("sibyl", password=PASSWORD)
    profiles.edit_profile(user=user, display_name="Sibyl the Secret")
    profiles.change_avatar(user=user, image=upload())
    photo = published(author=user, image=upload(), caption=CAPTION)
    comment(author=user, photo_id=photo.pk, text=WORDS)
    return user


def routes(patterns: list[Any], prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and route of every address of the site."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, route, inner)
        else:
            yield f"{space}{pattern.name}", route


def addresses(user: User) -> list[tuple[str, str]]:
    """Return name and address of everything on the site, those of ``user`` where there are any."""
    photo = Photo.objects.get(author=user)
    words = Comment.objects.get(photo=photo)
    files: dict[str, str] = {
        "photo_id": served_names(photo.pictures)[0],
        "user_id": user.avatar[0][1],
    }
    numbers: dict[str, int] = {"photo_id": photo.pk, "comment_id": words.pk, "user_id": user.pk}
    texts = {"username": user.username, "name": "dunes", "object_id": str(user.pk)}

    def filled(route: str) -> str:
        def value(found: re.Match[str]) -> str:
            kind, name = found.groups()
            if name == "file_name":
                owner = "photo_id" if "photo_id" in route else "user_id"
                return files[owner].rpartition("/")[2]
            number = numbers.get(name, photo.pk)
            if kind == "code":
                return encode(number)
            if kind == "id":
                return str(number)
            return "0" if kind == "int" else texts.get(name, "x")

        return "/" + _PARAMETER.sub(value, route).replace("\\Z", "").replace("$", "").lstrip("^")

    return [(name, filled(route)) for name, route in routes(get_resolver().url_patterns)]


def leaks(answer: Any) -> bool:
    """Tell whether an answer holds anything of somebody."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace").lower()
    return b"WEBP" in body[:16] or any(secret.lower() in text for secret in SECRETS)


def test_every_address_of_the_site_is_for_members(sibyl: User) -> None:
    walked = addresses(sibyl)
    assert len(walked) > 120
    readable = {name for name, path in walked if leaks(Client().get(path))}
    assert {"social:explore", "photos:photo", "photos:photo-file", "social:profile"} <= readable
    site_with(members_only=True)
    for name, path in walked:
        for method in ("get", "head", "post", "put"):
            answer = getattr(Client(), method)(path)
            assert not leaks(answer), (name, method, path)
            if name not in OPEN_TO_VISITORS:
                assert answer.status_code in {302, 400, 401, 403, 404, 405}, (name, method, path)
            if answer.status_code == 302 and name not in OPEN_TO_VISITORS:
                assert "/login/" in answer["Location"], (name, method, path)


def test_what_is_open_to_visitors_is_an_address_of_the_site() -> None:
    assert {name for name, _ in routes(get_resolver().url_patterns)} >= OPEN_TO_VISITORS


def test_members_read_as_ever(browser_as: BrowserAs, api_as: As, sibyl: User, bob: User) -> None:
    site_with(members_only=True)
    photo = Photo.objects.get()
    for path in ("/explore/", "/@sibyl/", f"/p/{photo.code}/"):
        assert browser_as(bob).get(path).status_code == 200
        assert unquote(Client().get(path)["Location"]) == f"/login/?next={path}"
    assert api_as(bob).get("/api/v1/explore/").status_code == 200
    refused = api_as(None).get(f"/api/v1/photos/{photo.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("closed", [True, False])
def test_visitors_are_shown_no_way_to_what_is_closed_to_them(closed: bool, bob: User) -> None:
    site_with(members_only=closed)
    make_photo(bob)
    for path in ("/", "/login/"):
        assert ('href="/search/"' in Client().get(path).text) is not closed
    assert ('href="/explore/"' in Client().get("/").text) is not closed


def test_apps_can_still_log_in(sibyl: User) -> None:
    site_with(members_only=True)
    client = APIClient()
    assert client.get("/api/v1/instance/").json()["members_only"] is True
    pair = client.post("/api/v1/auth/token/", {"username": "sibyl", "password": PASSWORD}).json()
    assert client.post("/api/v1/auth/token/refresh/", {"refresh": pair["refresh"]}).data["access"]
    assert Client().post("/login/", {"username": "sibyl", "password": PASSWORD}).status_code == 302


def picture_of(photo: Photo) -> str:
    """Return the address of the smallest size of a photo."""
    return f"/media/photos/{photo.code}/{photo.renditions[0][2].rpartition('/')[2]}"


def test_pictures_leave_their_addresses_before_the_commit(sibyl: User) -> None:
    photo = Photo.objects.get()
    links.link_photo(photo)
    links.link_avatar(sibyl)
    avatar = str(person(sibyl).avatar).split("/")[2:]
    assert public_links.names_at("photos", photo.code)
    assert public_links.is_linked(*avatar)
    with transaction.atomic():
        site_with(members_only=True)
        assert public_links.names_at("photos", photo.code) == []
        assert not public_links.is_linked(*avatar)


def test_a_link_that_is_made_late_is_at_no_address_and_none_is_made_after(sibyl: User) -> None:
    photo = Photo.objects.get()
    with public_links.opened("photos", sibyl.pk, photo.code) as folder:
        site_with(members_only=True)
        with suppress(FileNotFoundError):
            folder.link(served_names(photo.pictures))
    assert public_links.names_at("photos", photo.code) == []
    links.link_photo(photo)
    links.link_avatar(sibyl)
    assert public_links.names_at("photos", photo.code) == []


@pytest.mark.django_db(transaction=True)
def test_an_open_site_links_again(sibyl: User) -> None:
    photo = Photo.objects.get()
    for closed in (True, False, True, True, False):
        site_with(members_only=closed)
        links.link_photo(photo)
        assert bool(public_links.names_at("photos", photo.code)) != closed


def test_nothing_is_closed_in_name_only(sibyl: User, monkeypatch: pytest.MonkeyPatch) -> None:
    links.link_photo(Photo.objects.get())

    def refuse(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    with pytest.raises(StorageUnavailable):
        site_with(members_only=True)
    assert not SiteSettings.objects.filter(members_only=True).exists()


def test_the_admin_says_when_the_pictures_stay(
    browser_as: BrowserAs, sibyl: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StorageUnavailable

    monkeypatch.setattr(public_links, "close", refuse)
    form = {"sign_up": "open", "email_check": "none", "provider_new_people": "doors"}
    form |= {"deletion_days": "30", "import_gigabytes": "10", "members_only": "on"}
    page = "/admin/accounts/sitesettings/1/change/"
    answer = browser_as(make_admin()).post(page, form, follow=True)
    assert "Nothing was changed" in answer.text
    assert not SiteSettings.objects.exists()


def test_members_are_sent_pictures_that_nobody_keeps(
    browser_as: BrowserAs, sibyl: User, bob: User
) -> None:
    photo = Photo.objects.get()
    avatar = str(person(sibyl).avatar)
    assert "immutable" in asked(Client(), picture_of(photo))[1]
    site_with(members_only=True)
    for path in (picture_of(photo), avatar):
        assert asked(browser_as(bob), path) == (200, "private, no-cache")
        token = Client(headers={"Authorization": bearer(bob)})
        assert asked(token, path)[0] == 200
        assert Client().get(path).status_code == 404
        assert Client(headers={"Authorization": "Bearer x"}).get(path).status_code == 404
    assert public_links.names_at("photos", photo.code) == []


def asked(client: Client, path: str) -> tuple[int, str]:
    """Return how a picture is answered: status, and how long it may be kept."""
    answer: Any = client.get(path)
    b"".join(answer.streaming_content)
    return answer.status_code, answer["Cache-Control"]


def test_the_fast_path_sends_to_members_alone(sibyl: User, bob: User) -> None:
    fast, path = Site(Pictures), picture_of(Photo.objects.get())
    assert fast.answer(path).status.startswith("200")
    site_with(members_only=True)
    assert fast.ask(path).status.startswith("404")
    answer = fast.ask(path, HTTP_AUTHORIZATION=bearer(bob))
    assert (answer.status, fast.asked) == ("200 OK", 0)
    assert ("Cache-Control", "private, no-cache") in answer.headers


def test_the_settings_cost_a_page_no_query(browser_as: BrowserAs, bob: User) -> None:
    client = browser_as(bob)
    site_with(members_only=False)
    client.get("/feed/")
    with sent() as statements:
        client.get("/feed/")
    assert [sql for sql in statements if "sitesettings" in sql] == []


def test_a_process_keeps_the_settings_for_a_while_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(site, "KEPT_SECONDS", 2.0)
    monkeypatch.setattr(site, "monotonic", lambda: now[0])
    site.forget()
    assert not site.site_settings().members_only
    # As another process does it.
    SiteSettings.objects.create(members_only=True)
    now[0] += 2.0
    assert not site.site_settings().members_only
    now[0] += 0.1
    assert site.site_settings().members_only


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fields", "waits"),
    [({"members_only": True}, [2.0]), ({"sign_up": "closed"}, [2.0]), ({"about": "x"}, [])],
)
def test_who_closes_a_door_waits_until_no_process_has_it_open(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], waits: list[float]
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(site, "KEPT_SECONDS", 2.0)
    monkeypatch.setattr(site, "sleep", waited.append)
    site_with(**fields)
    assert waited == waits
