"""The API keeps what its OpenAPI document says: statuses, types and bodies; no input is a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core import signals
from django.db import close_old_connections, transaction
from django.utils import timezone
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import settings as bounds

from accounts.api.tokens import issue
from accounts.models import FollowRequest, LogIn, Passkey
from minigram_site.wsgi import application
from photos.models import Comment, Media, PhotoStats
from photos.pictures import Picture
from photos.services import create_photo
from social.albums.models import Album, AlbumEntry, ShareLink
from social.moderation.models import Decision, Kind, ModerationCase, Verb
from tests.factories import make_user
from tests.openapi import ELSEWHERE

# That of a photo, a comment, a failed upload, a decision, an album and a share link, and the
# parameters of paths that name them.
ID = 1_000_000_000
TOKEN = "a-token"
ROWS = (
    *("invitation_id", "photo_id", "comment_id", "media_id", "decision_id"),
    *("album_id", "link_id", "passkey_id", "log_in_id"),
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

BOUNDS = bounds(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations() -> list[tuple[str, str]]:
    """Return method and path of each operation of the API."""
    endpoints = EndpointEnumerator().get_api_endpoints()  # type: ignore[no-untyped-call]
    return [(method, path) for path, _, method, _ in endpoints if path.startswith("/api/v1/")]


@pytest.fixture(scope="module")
def contract() -> Any:
    """Return the OpenAPI document as schemathesis reads it, whose import takes a second."""
    import schemathesis

    document = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document)))
    schema.app = application
    return schema


@pytest.fixture(autouse=True)
def kept_connection(settings: Any) -> Iterator[None]:
    """Keep the test's connection open after a request, as Django's test client does."""
    settings.RATE_LIMITS = False
    events = (signals.request_started, signals.request_finished)
    for event in events:
        event.disconnect(close_old_connections)
    yield
    for event in events:
        event.connect(close_old_connections)


@pytest.mark.parametrize("who", ["a member", "nobody"])
@pytest.mark.parametrize(("method", "path"), operations())
def test_an_operation_answers_as_its_document_says(
    contract: Any, method: str, path: str, who: str
) -> None:
    from schemathesis import GenerationMode

    operation = contract[path][method.lower()]
    valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    invalid = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @BOUNDS
    @given(case=valid.map(at_known_rows) | valid | invalid)
    def hold(case: Any) -> None:
        answer = asked(case, who)
        case.validate_response(answer, checks=promised())
        if answer.status_code not in ELSEWHERE:
            assert str(answer.status_code) in operation.definition.raw["responses"]

    hold()


def at_known_rows(case: Any) -> Any:
    """Return the case for a person, photo, comment and upload that exist."""
    known = {
        "username": "bob",
        "number": "1",
        "name": "sea",
        "token": TOKEN,
        **dict.fromkeys(ROWS, str(ID)),
    }
    case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
    return case


def asked(case: Any, who: str) -> Any:
    """Send a request of ``alice``, who has the known rows, or of nobody; nothing of it is kept."""
    if case.media_type == "multipart/form-data":
        # A form is named parts: a number or a list cannot be sent as one.
        assume(not isinstance(case.body, str | int | float | list | None))
        # werkzeug's client ends an empty part of a form without a line end: nobody can read it.
        assume(not (isinstance(case.body, dict) and "" in case.body.values()))
    with transaction.atomic():
        alice, bob = make_user("alice"), make_user("bob")
        create_photo(author=alice, pictures=[Picture(1200, 800, "")], identifier=ID)
        Comment.objects.create(id=ID, author=alice, photo_id=ID, text="A comment")
        PhotoStats.objects.update(comment_count=1)
        Media.objects.create(id=ID, owner=alice, state="failed", reason="busy", original="none")
        FollowRequest.objects.create(requester=bob, target=alice)
        case_of = ModerationCase.objects.create(
            kind=Kind.PHOTO, target_id=ID, person=alice, person_name="alice"
        )
        Decision.objects.create(
            id=ID,
            case=case_of,
            person=alice,
            verb=Verb.WARN,
            reason="Rude",
            moderator_id=bob.pk,
            moderator_name="bob",
        )
        Album.objects.create(id=ID, owner=alice, title="An album")
        AlbumEntry.objects.create(album_id=ID, photo_id=ID, added_by=alice, rank=0)
        ShareLink.objects.create(
            id=ID,
            sharer=alice,
            album_id=ID,
            token_hash=sha256(TOKEN.encode()).hexdigest(),
            ends_at=timezone.now() + timedelta(days=1),
        )
        LogIn.objects.create(id=ID, user=alice, how=LogIn.How.PASSWORD)
        Passkey.objects.create(id=ID, user=alice, credential_id="a", rp_id="elsewhere.example")
        token = issue(alice)["access"]
        answer = case.call(headers={"Authorization": f"Bearer {token}"} if who != "nobody" else {})
        transaction.set_rollback(True)
    return answer


def promised() -> list[Any]:
    """Return what is checked of each answer."""
    from schemathesis import checks

    names = ["not_a_server_error", "content_type_conformance", "response_headers_conformance"]
    names += ["response_schema_conformance", "negative_data_rejection"]
    return checks.CHECKS.get_by_names(names)
