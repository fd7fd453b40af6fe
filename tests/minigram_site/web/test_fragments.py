"""Rendered fragments: found again by all that they show, bounded, with each viewer's own token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.template import Context, Engine
from django.test import Client

from accounts.models import User
from minigram_site.web.templating import fragments
from minigram_site.web.templating.fragments import rendered_fragments
from photos.services import like
from tests.factories import make_photo
from tests.minigram_site.test_memory_cache import kept_by

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture(autouse=True)
def none_rendered() -> Iterator[None]:
    rendered_fragments.clear()
    yield
    rendered_fragments.clear()


def rendered(page: str, templates: dict[str, str], **context: Any) -> str:
    """Return ``page``, rendered by an engine that has these templates."""
    loader = ("django.template.loaders.locmem.Loader", templates)
    engine = Engine(loaders=[loader], libraries={"fragments": fragments.__name__})
    return engine.from_string("{% load fragments %}" + page).render(Context(context))


def test_a_fragment_sees_its_values_and_nothing_else() -> None:
    html = rendered('{% fragment "f" a=a %}', {"f": "{{ a }}{{ b }}"}, a="<one>", b="two")
    assert html == "&lt;one&gt;"


def test_equal_values_find_it_again_and_others_do_not() -> None:
    page = '{% fragment "f" a=a %}'
    assert rendered(page, {"f": "old {{ a }}"}, a=(1, "x")) == "old (1, &#x27;x&#x27;)"
    assert rendered(page, {"f": "new"}, a=(1, "x")) == "old (1, &#x27;x&#x27;)"
    assert rendered(page, {"f": "new"}, a=(1, "y")) == "new"


def test_values_that_can_change_are_refused() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        rendered('{% fragment "f" a=a %}', {"f": ""}, a=[1])


def test_the_token_is_each_viewers_own() -> None:
    page, form = '{% fragment "f" %}', {"f": "{% csrf_token %}"}
    for token in ("one", "two"):
        assert TOKEN.findall(rendered(page, form, csrf_token=token)) == [token]


def test_the_values_that_a_fragment_is_found_by_are_counted_too() -> None:
    def add_cards() -> None:
        for number in range(200):
            caption = f"{number} " + "words " * 100
            rendered_fragments.put(("card.html", ("card", (number, caption))), f"<p>{caption}</p>")

    assert kept_by(add_cards) <= rendered_fragments.bytes


def test_cards_in_the_feed_show_what_is_true_for_each_viewer(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    like(user=alice, photo_id=photo.pk)
    pages = []
    for user in (alice, bob):
        client = Client()
        client.force_login(user)
        client.post(f"/@{alice.username}/follow/")
        pages.append(client.get("/feed/").text)
    assert ['aria-pressed="true"' in page for page in pages] == [True, False]
    tokens = [set(TOKEN.findall(page)) for page in pages]
    assert [len(one) for one in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
