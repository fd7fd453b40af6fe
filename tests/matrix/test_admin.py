"""Every address of the admin × every kind of viewer: nothing for those who may not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Permission
from django.urls import NoReverseMatch, reverse

from tests.matrix.scene import Account, Kind, Scene, set_up, suspend_owner
from tests.matrix.tables import PREPARE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What staff without a permission are shown: the empty index, and what has no data in it.
FOR_ALL_STAFF = {"index", "logout", "login", "jsi18n", "password_change", "password_change_done"}
# The log is for all staff (docs/moderation.md).
LOG = {f"social_moderationlogentry_{page}" for page in ("changelist", "change", "history")}
# The tables whose pages one permission opens.
OPENED = {Kind.MODERATOR: "social_moderationcase_"}


@pytest.fixture
def scene(request: pytest.FixtureRequest, settings: Any) -> Scene:
    settings.RATE_LIMITS = False
    made = set_up(Account.PRIVATE, request.param)
    for prepare in PREPARE:
        prepare(made)
    suspend_owner(made)
    return made


def addresses() -> Iterator[tuple[str, str]]:
    """Return the name and the address of each page of the admin, with a row where there is one."""
    for pattern in admin.site.urls[0]:
        patterns = getattr(pattern, "url_patterns", [pattern])
        for one in patterns:
            if one.name is None:
                continue
            for args in _candidates(one.name):
                try:
                    yield one.name, reverse(f"admin:{one.name}", args=args)
                except NoReverseMatch:
                    continue
                break
            else:
                raise AssertionError(f"no way to ask for admin:{one.name}")


def _candidates(name: str) -> Iterator[list[Any]]:
    """Return what may stand in an address: nothing, a row of its table, an app's name."""
    yield []
    for model in apps.get_models():
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            row = model._default_manager.first()
            yield [row.pk if row else 1]
    yield ["photos"]
    yield [1]
    yield [1, 1]
    yield ["photo", 1]


@pytest.mark.parametrize("scene", list(Kind), indirect=True)
def test_only_who_may_is_shown_anything(scene: Scene) -> None:
    faults = []
    asked = list(addresses())
    assert len(asked) > 50
    for name, address in asked:
        for method in ("get", "post"):
            if (name, method) == ("logout", "post"):
                continue  # nobody would be asked any more
            answer = getattr(scene.page_client(), method)(address)
            if fault := _fault(scene, name, answer):
                faults.append(f"{method} {address}: {answer.status_code} {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("scene", [Kind.STAFF], indirect=True)
def test_a_permission_opens_the_pages_of_its_table_and_no_others(scene: Scene) -> None:
    viewer, asked = scene.viewer, list(addresses())
    assert viewer is not None
    faults, opened = [], 0
    for model in admin.site._registry:
        table = f"{model._meta.app_label}_{model._meta.model_name}_"
        codename = get_permission_codename("view", model._meta)
        viewer.user_permissions.set(Permission.objects.filter(codename=codename))
        client = scene.page_client()
        for name, address in asked:
            answer = client.get(address)
            fault = _fault(scene, name, answer)
            if name.startswith(table) or name == "app_list":
                opened += name == f"{table}changelist" and answer.status_code in {200, 302}
            elif fault:
                faults.append(f"{codename}: {address}: {answer.status_code} {fault}")
    assert not faults, "\n".join(faults)
    assert opened == len(admin.site._registry)


def _fault(scene: Scene, name: str, answer: Any) -> str:
    """Return what is wrong with an answer, if anything is."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if scene.kind == Kind.ADMIN or name.startswith(OPENED.get(scene.kind, "(none)")):
        return "" if answer.status_code < 500 else "an error"
    is_staff = scene.kind in {Kind.STAFF, Kind.MODERATOR}
    if name in LOG and is_staff:
        return ""
    if shown := [secret for secret in scene.secrets if secret.encode() in body]:
        return f"shows {shown}"
    if name in FOR_ALL_STAFF and (is_staff or name in {"login", "logout", "jsi18n"}):
        return ""
    refused = answer.status_code in {302, 403, 404, 405}
    return "" if refused else "is not refused"
