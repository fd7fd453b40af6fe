"""Every address of site and API × every kind of viewer × every kind of account.

Each cell holds the status, that no word shows which the viewer may not read, and, where there is
nothing for the viewer, that the answer is the one that would be given if there really were nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from social.albums import links
from social.models import ShareLink
from tests.matrix.rules import LOGIN, NOT_FOUND, Ask
from tests.matrix.scene import Account, Kind, Scene, set_up, suspend_owner
from tests.matrix.tables import PREPARE, TABLE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MISSING = {
    "username": "nobody_here",
    "photo_id": 1,
    "comment_id": 1,
    "user_id": 1,
    "media_id": 1,
    "decision_id": 1,
    "invitation_id": 1,
    "log_in_id": 1,
    "passkey_id": 1,
}
# Standing answers that need no view of ours: Django's redirect, which has no name.
UNNAMED = {"admin/password_change/"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
# What differs between two equal answers: the masked token of forms, the number of the request.
CHANGING = re.compile(rb'[A-Za-z0-9]{64}|"request_id":"[^"]+"')


@pytest.fixture
def scene(request: pytest.FixtureRequest, settings: Any) -> Scene:
    account, kind = request.param
    settings.RATE_LIMITS = False
    made = set_up(account, kind)
    for prepare in PREPARE:
        prepare(made)
    suspend_owner(made)
    return made


def cells() -> list[Any]:
    """Return each account with each kind of viewer that it can have."""
    return [
        pytest.param((account, kind), id=f"{account}-{kind}".replace(" ", "-"))
        for account in Account
        for kind in Kind
        # Whoever asks to follow a public account follows it.
        if kind != Kind.REQUESTED or account == Account.PRIVATE
    ]


def names(patterns: list[Any], space: str = "") -> Iterator[str]:
    """Return the names of the URL map, the admin's aside; an address without one by its route."""
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from names(
                    one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space
                )
        elif isinstance(one, URLPattern):
            yield f"{space}{one.name}" if one.name else str(one.pattern)


def test_every_address_is_in_a_table() -> None:
    there = set(names(get_resolver().url_patterns)) - UNNAMED
    assert there == set(TABLE)


@pytest.mark.parametrize("scene", [(Account.PUBLIC, Kind.OWNER)], indirect=True)
def test_every_method_is_in_a_table(scene: Scene) -> None:
    """The owner's request of an unknown method is answered with those there are."""
    faults = []
    for name, address in TABLE.items():
        refused = _client(scene, name).generic(
            "PROPFIND", reverse(name, kwargs=address.args(scene))
        )
        allowed = refused.headers.get("Allow", "GET, POST")
        there = {one.strip() for one in allowed.split(",")} & METHODS
        if "POST" in there and not name.startswith("api-"):
            there.discard("PUT")  # Django's form views treat it as POST
        if there != {ask.method for ask in address.asks}:
            faults.append(f"{name}: {sorted(there)}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("scene", cells(), indirect=True)
def test_everybody_is_answered_what_is_theirs(scene: Scene) -> None:
    faults = [
        f"{ask.method} {name}: {fault}"
        for name, address in TABLE.items()
        for ask in address.asks
        for fault in _faults(scene, name, address.args(scene), ask)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("spent", ["ended", "revoked", "password changed"])
@pytest.mark.parametrize("account", Account)
def test_a_link_that_works_no_more_opens_nothing(account: Account, spent: str) -> None:
    scene = set_up(account, Kind.HOLDER)
    for prepare in PREPARE:
        prepare(scene)
    link = ShareLink.objects.filter(pk=scene.things["link"])
    if spent == "ended":
        link.update(ends_at=timezone.now())
    elif spent == "revoked":
        link.delete()
    else:
        link.update(password=make_password("another-password"))
    suspend_owner(scene)
    expected = 401 if spent == "password changed" and account != Account.SUSPENDED else NOT_FOUND
    for name, address in TABLE.items():
        if address.shows:
            for ask in address.asks:
                answer, body = asked(scene, name, address.args(scene), ask)
                assert answer.status_code == expected, name
                assert not [secret for secret in scene.secrets if secret.encode() in body], name


def test_a_link_opens_no_other_link() -> None:
    """The key of one link, given with the token of another, is asked for the password."""
    scene = set_up(Account.PRIVATE, Kind.HOLDER)
    for prepare in PREPARE:
        prepare(scene)
    _, scene.things["token"] = links.share(
        sharer=scene.owner, photo_id=scene.photo.pk, days=1, password="another-password"
    )
    for name, address in TABLE.items():
        if address.shows:
            answer, _ = asked(scene, name, address.args(scene), address.asks[0])
            assert answer.status_code == 401, name


def _faults(scene: Scene, name: str, args: dict[str, Any], ask: Ask) -> Iterator[str]:
    """Return what is wrong with the answer to one request."""
    expected = ask.rule(scene)
    answer, body = asked(scene, name, args, ask)
    if not _is_expected(answer, expected):
        to = answer.headers.get("Location", "")
        yield f"{answer.status_code} {to} instead of {'log in' if expected == LOGIN else expected}"
    public = TABLE[name].as_visitor and scene.account == Account.PUBLIC
    for secret, may_read in scene.secrets.items():
        shared = scene.holds_link and secret in TABLE[name].shows
        if not (may_read or public or shared) and secret.encode() in body:
            yield f"shows {secret}"
    missing = {key: MISSING.get(key, value) for key, value in args.items()}
    if expected == NOT_FOUND and missing != args:
        other, other_body = asked(scene, name, missing, ask)
        if _comparable(answer, body, name, args) != _comparable(other, other_body, name, missing):
            yield f"is not what is answered if there is nothing ({other.status_code})"


def asked(
    scene: Scene, name: str, args: dict[str, Any], ask: Ask
) -> tuple[HttpResponseBase, bytes]:
    """Send the request and take back what it has changed; return the answer with its body."""
    cache.clear()
    client, address = _client(scene, name), reverse(name, kwargs=args)
    words = ask.body(scene) if callable(ask.body) else ask.body
    with transaction.atomic():
        if name.startswith("api-") and words is not None and ask.method != "GET":
            content = json.dumps(words)
            answer = client.generic(ask.method, address, content, content_type="application/json")
        else:
            answer = getattr(client, ask.method.lower())(address, words or {})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer, body


def _client(scene: Scene, name: str) -> Any:
    return scene.api_client() if name.startswith("api-") else scene.page_client()


def _is_expected(answer: HttpResponseBase, expected: int) -> bool:
    to_log_in = answer.headers.get("Location", "").startswith(reverse("accounts:login"))
    if expected == LOGIN:
        return to_log_in or answer.status_code in {401, 403}
    return answer.status_code == expected and not to_log_in


def _comparable(
    answer: HttpResponseBase, body: bytes, name: str, args: dict[str, Any]
) -> tuple[int, bytes]:
    """Return status and body without what names the address or changes each time."""
    address = reverse(name, kwargs=args).encode()
    return answer.status_code, CHANGING.sub(b"", body.replace(address, b"ADDRESS"))
