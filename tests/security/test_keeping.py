"""What browsers and proxies may keep: nothing of a member's, under no address.

This is what is against a page that comes with "Back" after the log-out, and against a cache before
the site that takes a page for a file (cache deception) or is given one for all (poisoning). That a
browser really asks again: tests/browser/test_back_in_chromium.py.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.matrix.scene import Scene
from tests.security.surface import answer_to, calls, content_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What an address gets so that a cache takes it for a file.
LIKE_A_FILE = ["x.css", "/x.css", "%2Fx.css", ";x.css", "%00x.css", "%3Fx.css", "/..%2Fx.css"]
SHARED = re.compile(r"\bpublic\b|\bs-maxage\b")
# What headers that no cache looks at would put into an answer.
POISON = {
    "X-Forwarded-Host": "poison.example",
    "X-Host": "poison.example",
    "X-Forwarded-Server": "poison.example",
    "X-Original-URL": "/poison.example",
    "X-Rewrite-URL": "/poison.example",
    "X-Forwarded-Prefix": "/poison.example",
    "X-Forwarded-Scheme": "poison.example",
    "X-HTTP-Method-Override": "poison.example",
    "Forwarded": "host=poison.example",
}


def client_of(scene: Scene, name: str) -> Client:
    """Return what the owner asks with."""
    return scene.api_client() if name.startswith("api-") else scene.page_client()


def test_pages_of_members_are_stored_nowhere(scene: Scene) -> None:
    faults, seen = [], 0
    for call in calls(scene):
        with answer_to(client_of(scene, call.name), call) as answer:
            kept = answer.headers.get("Cache-Control", "")
            is_page = answer.headers.get("Content-Type", "").startswith("text/html")
            seen += is_page
            if not call.is_api and is_page and "no-store" not in kept:
                faults.append(f"{call}: {kept!r}")
    assert seen > 50
    assert not faults, "\n".join(faults)


def test_what_is_somebodys_is_for_no_shared_cache(scene: Scene) -> None:
    faults, seen = [], 0
    for call in calls(scene):
        with answer_to(client_of(scene, call.name), call) as answer:
            body, kept = content_of(answer), answer.headers.get("Cache-Control", "")
            shown = [secret for secret in scene.secrets if secret.encode() in body]
            seen += bool(shown)
            if shown and SHARED.search(kept):
                faults.append(f"{call}: {kept!r} shows {shown}")
    assert seen > 20
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("ending", LIKE_A_FILE)
def test_a_page_is_no_file(scene: Scene, ending: str) -> None:
    """An address that looks like a file's shows nothing of a member that a cache might keep."""
    faults = []
    for call in calls(scene):
        if call.method == "GET":
            with answer_to(client_of(scene, call.name), call, path=call.path + ending) as answer:
                body = content_of(answer)
                shown = [secret for secret in scene.secrets if secret.encode() in body]
                if shown or answer.status_code >= 500:
                    faults.append(f"{call}: {answer.status_code} shows {shown}")
    assert not faults, "\n".join(faults)


def test_headers_of_proxies_change_no_answer(scene: Scene) -> None:
    faults = []
    for call in calls(scene):
        # Counts are meant to be shown to nobody who comes through a proxy.
        if call.method == "GET" and call.name != "metrics":
            with answer_to(client_of(scene, call.name), call) as plain:
                expected = plain.status_code
            with answer_to(client_of(scene, call.name), call, headers=POISON) as answer:
                head, body = str(answer.headers), content_of(answer)
                if "poison.example" in head or b"poison.example" in body:
                    faults.append(f"{call}: shows what the header said")
                if answer.status_code != expected:
                    faults.append(f"{call}: {answer.status_code} instead of {expected}")
    assert not faults, "\n".join(faults)
