"""Rendered fragments: found again by all that they show, bounded, with each viewer's own token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Engine, Library, TemplateSyntaxError, engines
from django.test import Client
from django.utils.safestring import mark_safe

from accounts.models import User
from minigram_site.web.templating import fragments
from minigram_site.web.templating.fragments import FragmentNode, rendered_fragments
from minigram_site.web.templating.given_values import require_given
from photos.services import like
from tests.factories import make_photo
from tests.minigram_site.test_memory_cache import kept_by

register = Library()


@register.simple_tag(takes_context=True)
def of_the_page(context: Context) -> str:
    """Show something of the page around."""
    return str(context.get("b"))


TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture(autouse=True)
def none_rendered() -> Iterator[None]:
    rendered_fragments.clear()
    yield
    rendered_fragments.clear()


def rendered(page: str, templates: dict[str, str], **context: Any) -> str:
    """Return ``page``, rendered by an engine that has these templates."""
    loader = ("django.template.loaders.locmem.Loader", templates)
    libraries = {"fragments": fragments.__name__}
    engine = Engine(loaders=[loader], libraries=libraries, builtins=[__name__])
    return engine.from_string("{% load fragments %}" + page).render(Context(context))


def test_a_fragment_shows_the_values_that_it_is_given() -> None:
    assert rendered('{% fragment "f" a=a %}', {"f": "{{ a }}"}, a="<one>") == "&lt;one&gt;"


READING = [
    "{{ b }}",
    "{{ b.c }}",
    "{{ a|default:b }}",
    "{% if a %}{% if not b %}x{% endif %}{% endif %}",
    "{% if a == 1 or b %}x{% endif %}",
    "{% for x in b %}{% endfor %}",
    "{% for x in a %}{{ b }}{% empty %}{% endfor %}",
    "{% for x in a %}{% endfor %}{% if x == b %}{% endif %}",
    "{% with c=b %}{{ c }}{% endwith %}",
    "{% with b=a %}{% endwith %}{{ b }}",
    '{% include "reads_b" %}',
    '{% include "reads_b" with c=b %}',
    '{% include "reads_a" with a=b %}',
    '{% include "reads_b" only %}',
    '{% fragment "reads_b" b=b %}',
    "{% firstof a b %}",
    "{{ forloop.first }}",
]


@pytest.mark.parametrize("source", READING)
def test_a_fragment_that_reads_what_it_is_not_given_is_refused(source: str) -> None:
    templates = {"f": "{% load fragments %}" + source, "reads_a": "{{ a }}", "reads_b": "{{ b }}"}
    with pytest.raises(TemplateSyntaxError, match=r"reads .*(b|forloop)"):
        rendered('{% fragment "f" a=a %}', templates, a="x", b="of the page")


CONTENT = [
    "{% for x in a %}{{ forloop.counter }}{{ x }}{% endfor %}",
    "{% with b=a %}{{ b }}{% endwith %}",
    "{% cycle 'one' 'two' as b %}{{ b }}",
    "{% if a %}{% firstof a as b %}{% endif %}{{ b }}",
    '{% include "reads_b" with b=a %}',
    '{% include "reads_b" with b=a only %}',
    '{% fragment "reads_b" b=a %}{% csrf_token %}',
]


@pytest.mark.parametrize("source", CONTENT)
def test_a_fragment_may_name_what_it_makes_of_its_values(source: str) -> None:
    templates = {"f": "{% load fragments %}" + source, "reads_b": "{{ b }}"}
    assert rendered('{% fragment "f" a=a %}', templates, a="x")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ a|timesince }}", "passes with time"),
        ('{% now "H:i" %}', "passes with time"),
        ('{% extends "f2" %}', "extend"),
        ("{% include a %}", "by their names"),
        ("{% of_the_page %}", "of_the_page"),
    ],
)
def test_what_values_do_not_decide_is_refused(source: str, reason: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=reason):
        rendered('{% fragment "f" a=a %}', {"f": source, "f2": ""}, a=datetime.now(UTC))


@pytest.mark.parametrize("written", ["", "f", "name a=1", '"f" a', '"f" "g"', '"" a=1'])
def test_a_fragment_is_written_in_one_way(written: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="Write"):
        rendered("{% fragment " + written + " %}", {"f": ""})


@pytest.mark.parametrize("written", ["", '"f"', '"f" a', "f a in b", '"f" a of b', '"f" a.b in c'])
def test_a_list_of_fragments_is_written_in_one_way(written: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="Write"):
        rendered("{% fragments " + written + " %}", {"f": ""})


def test_each_item_of_a_list_is_a_fragment_of_its_own() -> None:
    page = '{% fragments "f" a in all %}'
    assert rendered(page, {"f": "<{{ a }}>"}, all=["x", "&"]) == "<x><&amp;>"
    assert rendered(page, {"f": "new {{ a }},"}, all=["y", "x"]) == "new y,<x>"
    with pytest.raises(TemplateSyntaxError, match="reads b"):
        rendered(page, {"f": "{{ a }}{{ b }}"}, all=["z"], b=1)


def test_every_fragment_of_the_site_is_given_all_that_it_reads() -> None:
    engine = engines["django"].engine  # type: ignore[attr-defined]
    checked = set()
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        name = str(path.relative_to(settings.BASE_DIR / "templates"))
        template = engine.get_template(name)
        for node in template.nodelist.get_nodes_by_type(FragmentNode):
            require_given(engine.get_template(node.name), node.values, engine)
            checked.add(node.name)
    assert checked >= {"_nav.html", "social/_row.html", "photos/_tile.html"}


def test_equal_values_find_it_again_and_others_do_not() -> None:
    page = '{% fragment "f" a=a %}'
    assert rendered(page, {"f": "old {{ a }}"}, a=(1, "x")) == "old (1, &#x27;x&#x27;)"
    assert rendered(page, {"f": "new"}, a=(1, "x")) == "old (1, &#x27;x&#x27;)"
    assert rendered(page, {"f": "new"}, a=(1, "y")) == "new"


def test_values_that_are_equal_and_look_different_are_kept_apart() -> None:
    page, form = '{% fragment "f" a=a %}', {"f": "{{ a }}"}
    assert [rendered(page, form, a=a) for a in (1, True, 1.0)] == ["1", "True", "1.0"]


@pytest.mark.parametrize(
    "value",
    [
        [1],
        {"a": 1},
        (1, [2]),
        User(pk=1, username="one"),
        (User(pk=1),),
        mark_safe("<b>"),
        (1, ("x", mark_safe("<b>"))),
        object(),
    ],
)
def test_values_that_can_change_or_look_different_when_equal_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"unhashable|found again"):
        rendered('{% fragment "f" a=a %}', {"f": ""}, a=value)


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
