"""A name that runs from right to left turns no line of any page around."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from accounts.models import User
from tests.matrix.scene import Account, Kind, Scene, set_up
from tests.matrix.tables import PREPARE, TABLE
from tests.matrix.test_matrix import asked

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NAME = "שירה"
# Elements without an end, those whose text the browser shows by itself, and those that isolate.
_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_PLAIN = {"title", "script", "style", "textarea", "option"}


class Names(HTMLParser):
    """Collects the lines that show the name and do not keep its direction to it."""

    def __init__(self) -> None:
        """Begin outside of everything."""
        super().__init__()
        self.found: list[str] = []
        self.seen = 0
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element."""
        if tag not in _VOID:
            isolates = tag == "bdi" or tag in _PLAIN or ("dir", "auto") in attrs
            self._open.append((tag, isolates))

    def handle_endtag(self, tag: str) -> None:
        """Go out of an element, and of those in it that were not closed."""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        """Look at a text: one that is nothing but the name may isolate the line it is alone on."""
        if NAME in data:
            self.seen += 1
            if not any(isolates for _, isolates in self._open):
                self.found.append(f"{'/'.join(tag for tag, _ in self._open[-3:])}: {data.strip()}")


def names_in(html: str) -> Names:
    """Return what a page shows of the name."""
    reader = Names()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture
def scene(request: pytest.FixtureRequest, settings: Any) -> Scene:
    settings.RATE_LIMITS = False
    made = set_up(*request.param)
    for prepare in PREPARE:
        prepare(made)
    User.objects.exclude(username="viewer").update(display_name=NAME)
    return made


@pytest.mark.parametrize(
    "scene",
    [
        (Account.PUBLIC, Kind.OWNER),
        (Account.PUBLIC, Kind.FOLLOWER),
        (Account.PUBLIC, Kind.HOLDER),
        (Account.PRIVATE, Kind.REQUESTED),
    ],
    indirect=True,
)
def test_a_name_keeps_its_direction_to_itself(scene: Scene) -> None:
    faults, seen = [], 0
    for name, address in TABLE.items():
        if name.startswith("api-"):
            continue
        for ask in address.asks:
            if ask.method == "GET":
                answer, body = asked(scene, name, address.args(scene), ask)
                if answer.headers.get("Content-Type", "").startswith("text/html"):
                    read = names_in(body.decode())
                    seen += read.seen
                    faults += [f"{name}: {one}" for one in read.found]
    assert not faults, "\n".join(faults)
    assert seen > 5


def test_a_name_without_an_element_of_its_own_is_noticed() -> None:
    assert names_in(f"<p>By {NAME}, 3 likes</p>").found == [f"p: By {NAME}, 3 likes"]
    assert names_in(f"<p>By <bdi>{NAME}</bdi>, 3 likes<br></p>").found == []
