"""All pages there are, from the table of addresses: a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.test import Client
from django.urls import reverse

from social import publishing
from tests.factories import upload
from tests.matrix.scene import Account, Kind, Scene, set_up
from tests.matrix.tables import PREPARE, TABLE

# Files that browsers load into pages, and pieces of pages, which are looked at where they are.
PIECES = {
    "photos:photo-file",
    "photos:avatar-file",
    "social:shared-file",
    "social:media-file",
    "social:feed-side",
    "social:some-photos",
}


class Place(NamedTuple):
    """A page: the name of its address, where it is, and whether a member looks at it."""

    name: str
    path: str
    as_member: bool


class Places(NamedTuple):
    """The pages of a scene, and the addresses that are none, with what they answered."""

    scene: Scene
    pages: list[Place]
    others: dict[str, str]


def places() -> Places:
    """Make a scene, and ask for all that can be read in it: as its owner, else as a visitor.

    What is no page of HTML for either of them is told with its answers. Inserts rows.
    """
    scene = set_up(Account.PUBLIC, Kind.OWNER)
    for prepare in PREPARE:
        prepare(scene)
    begin_draft(scene)
    found = Places(scene, [], {})
    for name, path in _read(scene):
        answers = []
        for as_member in (True, False):
            client = scene.page_client() if as_member else Client()
            answer = client.get(path)
            answer.close()
            kind = answer.headers.get("Content-Type", "")
            answers.append(f"{answer.status_code} {kind}".strip())
            if kind.startswith("text/html") and not 300 <= answer.status_code < 400:
                found.pages.append(Place(name, path, as_member))
                break
        else:
            found.others[name] = ", ".join(answers)
    return found


def begin_draft(scene: Scene) -> None:
    """Have the owner begin a photo: the draft of the table of addresses is sent already."""
    begun = publishing.upload(owner=scene.owner, image=upload())
    scene.draft = publishing.save_draft(author=scene.owner, media_ids=[begun.pk])


def _read(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield name and path of what is read by people, and not by programs."""
    for name, address in TABLE.items():
        reads = any(ask.method == "GET" for ask in address.asks)
        if reads and not name.startswith("api-") and name not in PIECES:
            yield name, reverse(name, kwargs=address.args(scene))
