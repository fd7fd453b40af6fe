"""Whatever an administrator asks of the admin, or a script in their name, is no error of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Follow, User
from photos.services import comment
from social.moderation import reports
from tests.factories import make_follow, make_photo, make_user
from tests.minigram_site.test_shapes import ODD_IDS, ODD_TEXTS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

METHODS = ["GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE"]
ODD_VALUES = [
    *[
        *ODD_TEXTS,
        *ODD_IDS,
        "1",
        "True",
        "2026-01-01",
        "9999-99-99",
        "é" * 300,
        '"',
        "\\",
        "%",
        "_",
    ],
    *[
        "ärger",
        "@alice",
        "-id",
        "1.2.3",
        "-1.-2",
        "__all__",
        "id",
        "0.",
        "--1",
        "1,2",
        "NaN",
        "1e400",
    ],
]
# Of the lists: Django's own parameters, our filters, and lookups that nobody offers.
PARAMETERS = [
    *["q", "o", "p", "all", "e", "_popup", "_to_field", "_facets", "_changelist_filters", "next"],
    *["is_active__exact", "is_private__exact", "author__is_active__exact", "id__exact", "id__in"],
    *["author__username", "password__startswith", "author__password__regex", "username__isnull"],
    *["id__gt", "id__date", "caption__regex", "no_such_field", "avatar__0", "term", "app_label"],
    *["model_name", "field_name", "stats__like_count__lt", "last_login__date", "object_id"],
]
FIELDS = [
    *["action", "index", "select_across", "_selected_action", "_selected_action", "post"],
    *["_save", "_continue", "_addanother", "_saveasnew", "form-TOTAL_FORMS", "username", "email"],
    *["password1", "password2", "usable_password", "set-password", "unset-password", "website"],
    *[
        "display_name",
        "bio",
        "is_staff",
        "groups",
        "user_permissions",
        "caption",
        "alt_text",
        "name",
    ],
    *[
        "act",
        "verb",
        "reason",
        "days",
        "decision",
        "permissions",
        "_popup",
        "old_password",
        "new_password1",
        "new_password2",
        "initial-id",
    ],
]
ACTIONS = ["delete_selected", "suspend", "restore", "no_such_action", ""]

odd = st.one_of(st.sampled_from([*ODD_VALUES, *ACTIONS]), st.text(max_size=20))


def addresses() -> list[str]:
    """Return the routes of the admin, with their parameters in angle brackets."""
    found: list[str] = []

    def walk(patterns: list[Any], before: str) -> None:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern) and route.startswith("admin/"):
                found.append("/" + route.replace("(?P<url>.*)$", "<url>"))

    walk(get_resolver().url_patterns, "")
    return found


def desk() -> tuple[Client, list[str]]:
    """Return a browser of an administrator, and the ids of a row of each kind."""
    root = User.objects.create_user("root", "r@example.org", is_staff=True, is_superuser=True)
    alice = make_user("alice")
    make_follow(alice, root)
    photo = make_photo(alice, "A caption", "words")
    written = comment(author=alice, photo_id=photo.pk, text="A comment")
    group = Group.objects.create(name="helpers")
    client = Client(raise_request_exception=False)
    client.force_login(root)
    case = reports.open_case(reports.thing_of(photo))
    rows = [root, alice, photo, written, Follow.objects.get(), group, case]
    return client, [str(row.pk) for row in rows]


def request_of(draw: st.DataObject, rows: list[str]) -> dict[str, Any]:
    """Draw the method, the query and the form of a request."""
    value = st.one_of(st.sampled_from(rows), odd)
    pairs = st.lists(st.tuples(st.sampled_from(FIELDS), value), max_size=8)
    query = draw.draw(st.lists(st.tuples(st.sampled_from(PARAMETERS), value), max_size=3))
    form = draw.draw(pairs)
    if draw.draw(st.booleans()):
        ticked = draw.draw(st.sampled_from(rows))
        form += [("action", draw.draw(st.sampled_from(ACTIONS))), ("_selected_action", ticked)]
    return {
        "method": draw.draw(st.sampled_from(METHODS)),
        "data": urlencode(form, errors="replace"),
        "QUERY_STRING": urlencode(query, errors="replace"),
        "content_type": "application/x-www-form-urlencoded",
    }


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(draw=st.data())
@pytest.mark.parametrize("route", addresses())
def test_no_shape_of_a_request_to_the_admin_is_an_error_of_ours(
    settings: Any, route: str, draw: st.DataObject
) -> None:
    settings.RATE_LIMITS = False
    with transaction.atomic():
        client, rows = desk()
        path = route
        while "<" in path:
            parameter = path[path.index("<") : path.index(">") + 1]
            value = draw.draw(st.sampled_from([*rows, *rows, *ODD_IDS]), label=parameter)
            path = path.replace(parameter, value, 1)
        sent = request_of(draw, rows)
        answer = client.generic(path=path, **sent)
        transaction.set_rollback(True)
    assert answer.status_code < 500, (path, sent)
