"""Markup in text (stored XSS): whatever somebody has typed is shown as they typed it.

Every column of text of every row in the scene is given the same hostile text, by the database and
past all checks, and every page is read as a browser reads it: the text must be in it, and make no
element and no attribute. A new column is attacked unless it is named here.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db.models import CharField, Model, TextField

from tests.matrix.scene import Scene
from tests.security.surface import answer_to, calls, content_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

APPS = {"accounts", "photos", "social"}
# Ends a quoted attribute of either kind, and an element's text; short enough for every column.
HOSTILE = """x'"><xss-e xss-a>"""
# Columns that nobody types: what the site computes, by a name that other columns may have too.
COMPUTED = {
    "placeholder",
    "original",
    "preview",
    "look",
    "whole",
    "mime",
    "reason",
    "archive",
    "sha256",
    "zone",
    "p256dh",
    "auth",
    "act",
    "nonce",
    "password",
    "language",
    "network",
    "token_id",
    "previous_token_id",
    "fingerprint",
    "path",
    "secret",
    "pending",
    "digest",
    "challenge",
    "user_handle",
    "rp_id",
    "api_origins",
    "reserved_names",
    "moderator_name",
    "person_name",
    "email",
    "key",
}
# "reason" is a code where a file failed, and words of a person here.
TYPED = {"social.Decision.reason", "accounts.Admission.reason"}
# Attributes whose value a browser runs or follows.
RUN = ("javascript:", "vbscript:", "data:text/html")
# The database refuses changes of it.
APPEND_ONLY = "social.ModerationLogEntry"


class Reader(HTMLParser):
    """Collects what a page has of the hostile text other than as text."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs if name.startswith("xss-") or "<xss" in name]
        runs = [value for _, value in attrs if (value or "").strip().lower().startswith(RUN)]
        scripted = [name for name, value in attrs if name.startswith("on")]
        if tag.startswith("xss-") or names or runs or scripted:
            self.faults.append(f"<{tag} {names} {runs} {scripted}>")


def typed_columns() -> list[tuple[type[Model], str]]:
    """Return the columns of text that hold what somebody has typed."""
    return [
        (model, field.name)
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.get_fields()
        if isinstance(field, CharField | TextField)
        and not (field.choices or field.unique)
        and (field.name not in COMPUTED or f"{model._meta.label}.{field.name}" in TYPED)
    ]


def attack() -> None:
    """Put the hostile text into every typed column of every row."""
    for model, column in typed_columns():
        if model._meta.label != APPEND_ONLY:
            model._default_manager.update(**{column: HOSTILE})


def test_typed_text_makes_no_markup(scene: Scene) -> None:
    attack()
    faults, shown = [], set()
    for call in calls(scene):
        client = scene.api_client() if call.is_api else scene.page_client()
        with answer_to(client, call) as answer:
            body = content_of(answer).decode(errors="replace")
            if answer.headers.get("Content-Type", "").startswith(("text/html", "image/svg")):
                reader = Reader()
                reader.feed(body)
                faults += [f"{call}: {fault}" for fault in reader.faults]
                if "&lt;xss-e" in body:
                    shown.add(call.name)
            elif "xml" in answer.headers.get("Content-Type", "") and "<xss-e" in body:
                faults.append(f"{call}: an element of XML")
            if answer.status_code >= 500:
                faults.append(f"{call}: {answer.status_code}")
    assert not faults, "\n".join(faults)
    assert len(shown) > 10, shown


def test_the_columns_that_people_fill_are_attacked() -> None:
    attacked = {f"{model._meta.label}.{column}" for model, column in typed_columns()}
    assert {
        "photos.Photo.caption",
        "photos.Photo.alt_text",
        "photos.Comment.text",
        "social.Album.title",
        "social.Album.text",
        "social.Report.words",
        "social.Decision.reason",
        "social.Decision.appeal_words",
        "accounts.User.display_name",
        "accounts.User.bio",
        "accounts.User.website",
        "accounts.Passkey.name",
        "accounts.Invitation.note",
        "accounts.SiteSettings.rules",
    } <= attacked


@pytest.mark.parametrize("address", ["javascript:x", "data:text/html,x", "vbscript:x", "//x"])
def test_a_website_is_an_address_of_the_web(scene: Scene, address: str) -> None:
    answers: list[Any] = [
        scene.api_client().patch(
            "/api/v1/me/", json.dumps({"website": address}), content_type="application/json"
        ),
        scene.page_client().post("/settings/", {"display_name": "Olga", "website": address}),
    ]
    scene.owner.refresh_from_db()
    assert [answer.status_code for answer in answers] == [400, 422]
    assert scene.owner.website == ""
