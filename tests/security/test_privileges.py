"""Fields that are nobody's to set (mass assignment), over pages and API.

Every call of the matrix is sent again with the names of all columns beside its own fields: nobody
becomes staff, nothing changes its owner, no number changes. And no form and no serializer may
declare a field for what only the site or its staff decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from accounts.models import User
from photos.models import Comment, Photo, PhotoStats
from social.models import Album
from tests.factories import make_user
from tests.matrix.scene import Scene
from tests.security.surface import answer_to, calls

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OURS = {"accounts", "photos", "social", "minigram_site"}
PRIVILEGED = {
    "is_staff",
    "is_superuser",
    "is_active",
    "groups",
    "user_permissions",
    "permissions",
    "role",
    "auth_version",
    "last_login",
    "created_at",
    "pk",
    "owner",
    "owner_id",
    "author",
    "author_id",
    "user",
    "user_id",
    "follower_count",
    "following_count",
    "photo_count",
    "like_count",
    "comment_count",
    "likes",
    "hidden",
    "suspended_until",
    "moderator",
    "sid",
    "ver",
}
# Forms that staff alone are shown.
OF_STAFF = {"accounts.admin", "accounts.doors.admin", "social.moderation.forms.DecisionForm"}


def forms_of_pages(base: type = forms.BaseForm) -> Iterator[Any]:
    """Return the forms of this project but those of staff, all pages being loaded."""
    assert get_resolver().url_patterns
    one: Any
    for one in base.__subclasses__():
        full = f"{one.__module__}.{one.__qualname__}"
        if full.split(".", maxsplit=1)[0] in OURS and not {one.__module__, full} & OF_STAFF:
            yield one
        yield from forms_of_pages(one)


def test_no_form_has_a_field_for_what_is_not_ones_own() -> None:
    found = {one: set(one.base_fields) & PRIVILEGED for one in forms_of_pages()}
    assert len(found) > 25
    assert not {one: fields for one, fields in found.items() if fields}


def test_no_call_has_a_field_for_what_is_not_ones_own() -> None:
    """What the API takes is in its document, which is made from its serializers."""
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    schemas = document["components"]["schemas"]
    faults, seen = [], 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                fields = _fields(content.get("schema", {}), schemas)
                seen += bool(fields)
                faults += [f"{method} {path}: {name}" for name in fields & PRIVILEGED]
    assert seen > 30
    assert not faults, "\n".join(faults)


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """Return the names of what may be sent, in all variants of a body."""
    if reference := schema.get("$ref"):
        schema = schemas[reference.rpartition("/")[2]]
    fields = {name for name, one in schema.get("properties", {}).items() if not one.get("readOnly")}
    for variant in (word for key in ("oneOf", "anyOf", "allOf") for word in schema.get(key, [])):
        fields |= _fields(variant, schemas)
    return fields


def state(scene: Scene) -> dict[str, Any]:
    """Return what no call below may change, whatever else it does."""
    people = User.objects.order_by("pk").values_list("pk", "is_staff", "is_superuser")
    photos = Photo.objects.order_by("pk").values_list("pk", "author_id")
    comments = Comment.objects.order_by("pk").values_list("pk", "author_id")
    albums = Album.objects.order_by("pk").values_list("pk", "owner_id")
    likes = PhotoStats.objects.order_by("pk").values_list("pk", "like_count")
    return {
        "people": list(people),
        "photos": dict(photos),
        "comments": dict(comments),
        "albums": dict(albums),
        "likes": dict(likes),
    }


def test_what_is_sent_beside_the_fields_changes_nothing(scene: Scene) -> None:
    """A call may do what it does; with more fields it must not do more."""
    thief = make_user("thief")
    numbers = dict.fromkeys((name for name in PRIVILEGED if name.endswith(("count", "likes"))), 99)
    people = dict.fromkeys(
        ("owner", "owner_id", "author", "author_id", "user", "user_id"), thief.pk
    )
    more = {"is_staff": True, "is_superuser": True, **numbers, **people}
    faults, sent = [], 0
    for call in calls(scene):
        if call.method == "GET":
            continue
        client = scene.api_client() if call.is_api else scene.page_client()
        with answer_to(client, call):
            alone = state(scene)
        client = scene.api_client() if call.is_api else scene.page_client()
        with answer_to(client, call, body={**more, **call.body}):
            sent += 1
            beside = state(scene)
        for name, rows in beside.items():
            if name == "people":
                faults += [f"{call}: {row}" for row in rows if row not in alone[name]]
            elif gained := set(rows.items()) - set(alone[name].items()):
                faults += [f"{call}: {name} {row}" for row in gained if row[1] in {99, thief.pk}]
    assert sent > 100
    assert not faults, "\n".join(faults)
