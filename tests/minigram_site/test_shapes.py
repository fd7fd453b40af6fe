"""Whatever shape a request has, no address answers it with a 5xx."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.api.tokens import issue
from accounts.models import User
from photos.models import Photo
from tests.factories import make_photo, make_user, picture

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# These belong to others, or report 503 by design.
LEFT_OUT = ("admin/", "static/", "readyz", "metrics")
METHODS = ["GET", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ODD_IDS = ["0", "00", "0123", "9" * 19, "9" * 20, "9" * 5000, "-1", "1e3", "٣", "x", ""]
ODD_TEXTS = ["", "\0", "a\0b", "\ud7ff\uffff", "🫨" * 40, "x" * 70_000, "%00", "on", "null"]
FIELDS = [
    *["username", "email", "password", "refresh", "caption", "alt_text", "alt_texts", "text"],
    *["media_ids", "media", "image", "avatar", "show_camera", "is_private", "display_name", "bio"],
    *["website", "remove", "next", "old_password", "new_password1", "new_password2"],
    *["reason", "words", "alt_0123", "alt_text_2", "csrfmiddlewaretoken"],
]
CONTENT_TYPES = [
    *["application/json", "application/json; charset=utf-8", "application/json; charset=utf-16"],
    *["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", ""],
    *["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=é"],
    *["application/x-www-form-urlencoded; charset=utf-16", "multipart/mixed; boundary=b", ";;;"],
    *["multipart/form-data; boundary=b; charset=utf-16", "application/json; charset=no-such"],
]
HEADERS = {
    "Idempotency-Key": ["k", "", "x" * 65],
    "Accept": ["*/*", "image/webp, image/*", "a/b; q*=no-such'en'x", ";,;", "text/html", "*"],
    "Authorization": [
        "Bearer",
        "Bearer a.b.c",
        "Bearer " + "W1tb" * 900 + ".e30.x",
        "é",
        "Basic x",
    ],
    "Range": ["bytes=0-", "bytes=" + "9" * 18 + "-", "bytes=-0", "bytes=x-", "lines=1-2"],
    "If-None-Match": ["*", "x", '"'],
    "If-Modified-Since": ["yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 50],
    "X-Read-After": ["1:x", "x", "é"],
    "HX-Request": ["true", "x"],
    "HX-Current-URL": ["http://[", "x"],
    "Cookie": ["sessionid=\0", "csrftoken=\0; messages=x", "sessionid=" + "a" * 31 + "\0", "=;="],
    "Referer": ["http://[", "x"],
}

queries = st.sampled_from(["", "", "?cursor=n1", "?cursor=%00", "?limit=9&cursor=p", "?sort=x"])
odd_texts = st.one_of(st.sampled_from([*ODD_TEXTS, *ODD_IDS]), st.text(max_size=20))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), odd_texts)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=8,
)
documents = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=6).map(json.dumps),
    values.map(json.dumps),
    st.sampled_from(
        ["[" * 2000 + "]" * 2000, '{"text":' * 2000 + "1" + "}" * 2000, '"\\ud800"', ""]
    ),
).map(str.encode)
parts = st.tuples(st.sampled_from(FIELDS), odd_texts | st.just("the file"))
disposition = st.sampled_from(
    [
        '; name="{}"',
        '; name="{}"; filename="a.jpg"',
        "; name*=no-such'en'{}",
        "; name={}; filename=",
        "",
    ]
)


@st.composite
def forms(draw: st.DrawFn) -> bytes:
    """Draw a multipart body, which may lack its end."""
    body = b""
    for name, text in draw(st.lists(parts, max_size=5)):
        body += b"--b\r\nContent-Disposition: form-data" + draw(disposition).format(name).encode()
        body += b"\r\n\r\n" + (picture() if text == "the file" else text.encode(errors="replace"))
        body += b"\r\n"
    return body + draw(st.sampled_from([b"--b--\r\n", b"--b", b""]))


fields = st.lists(parts, max_size=5).map(
    lambda pairs: "&".join(f"{name}={text}" for name, text in pairs).encode(errors="replace")
)
bodies = st.one_of(documents, forms(), fields, st.binary(max_size=50))


def addresses() -> list[str]:
    """Return the routes of the site, with their parameters in angle brackets."""
    found: list[str] = []

    def walk(patterns: list[Any], before: str) -> None:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern) and not route.startswith(LEFT_OUT):
                found.append("/" + route)

    walk(get_resolver().url_patterns, "")
    return found


def filled(route: str, draw: st.DataObject, photo: Photo) -> str:
    """Return the route with existing or odd values for its parameters."""
    known = {"photo_id": str(photo.pk), "username": "alice", "number": "1"}
    while "<" in route:
        parameter = route[route.index("<") : route.index(">") + 1]
        kind, _, name = parameter[1:-1].rpartition(":")
        usual = photo.code if kind == "code" else known.get(name, "1")
        value = draw.draw(st.sampled_from([usual, usual, usual, *ODD_IDS]), label=name)
        route = route.replace(parameter, value, 1)
    return route


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(draw=st.data())
@pytest.mark.parametrize("route", addresses())
def test_no_shape_of_a_request_is_an_error_of_ours(
    settings: Any, route: str, draw: st.DataObject
) -> None:
    settings.RATE_LIMITS = False
    with transaction.atomic():
        alice = make_user("alice")
        path = filled(route, draw, make_photo(alice, "A caption", "words"))
        sent = request_of(draw, alice)
        client = Client(raise_request_exception=False)
        client.force_login(alice)
        answer = client.generic(path=path + draw.draw(queries), **sent)
        transaction.set_rollback(True)
    assert answer.status_code < 500, (path, sent)


def request_of(draw: st.DataObject, user: User) -> dict[str, Any]:
    """Draw method, body, type and headers of a request; most of them with a valid token."""
    headers = {"Authorization": f"Bearer {issue(user)['access']}"}
    for name, odd in HEADERS.items():
        if draw.draw(st.integers(0, 7)) == 0:
            headers[name] = draw.draw(st.sampled_from(odd), label=name)
    method = draw.draw(st.sampled_from(METHODS))
    return {
        "method": method,
        "data": b"" if method == "GET" else draw.draw(bodies),
        "content_type": draw.draw(st.sampled_from(CONTENT_TYPES)),
        "headers": headers,
    }
