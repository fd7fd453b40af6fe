"""Templates are written for people and trimmed for browsers; icons and links come from tags."""

from __future__ import annotations

import pytest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.test import Client

from accounts.models import User
from minigram_site.web.templating.icons import icon
from minigram_site.web.templating.loader import trim
from minigram_site.web.templating.navigation import nav_link
from tests.factories import make_photo


@pytest.mark.parametrize(
    ("source", "trimmed"),
    [
        ("<b>\n  <i>x</i>\n</b>\n", "<b>\n<i>x</i>\n</b>"),
        (
            "<b>\n  {% if a %}\n    <i>x</i>\n  {% endif %}\n</b>",
            "<b>\n{% if a %}<i>x</i>\n{% endif %}</b>",
        ),
        ("{% load x %}\n{# Why. #}\n<b></b>", "{% load x %}{# Why. #}<b></b>"),
        ("{% url 'a' as b %}\n{{ b }}", "{% url 'a' as b %}{{ b }}"),
        ("<div>\n  <p>\n    One\n    two.\n  </p>\n</div>\n", "<div><p>One\ntwo.</p></div>"),
        ("<ul>\n{% for a in b %}\n<li>\n", "<ul>{% for a in b %}<li>"),
        ("{% for a in b %}\n<i></i>\n{% endfor %}\n", "{% for a in b %}<i></i>\n{% endfor %}"),
    ],
)
def test_white_space_without_meaning_is_removed(source: str, trimmed: str) -> None:
    assert trim(source) == trimmed


@pytest.mark.parametrize(
    "source",
    [
        "<i>a</i>\n<i>b</i>",
        "{{ one }}\n{{ other }}",
        "one\n{% include 'a' %}\nother",
        "a  b",
        "<i>{% if a %}x{% endif %}</i>\n{{ b }}",
        "{% if a %}x{% endif %}\n<i></i>",
        "<small></small>\n<form>",
    ],
)
def test_white_space_between_words_and_inline_elements_stays(source: str) -> None:
    assert trim(source) == source


def test_what_people_write_is_never_trimmed(alice: User) -> None:
    photo = make_photo(alice, caption="One\n  two   three")
    assert "One<br>  two   three</p>" in Client().get(photo.get_absolute_url()).content.decode()


def test_only_html_of_the_site_is_trimmed() -> None:
    assert "\n\n" in render_to_string("accounts/reset_email.txt", {"uid": "a", "token": "b"})
    with pytest.raises(TemplateDoesNotExist):
        get_template("nowhere.html")
    assert get_template("admin/base.html").template.source.count("\n") > 20  # type: ignore[attr-defined]


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert str(icon("heart")) == (
        '<svg aria-hidden="true"><use href="/static/minigram_site/icons.svg#heart"></use></svg>'
    )
    assert 'role="img"' in icon("lock", label="<Private>")
    assert 'aria-label="&lt;Private&gt;"' in icon("lock", label="<Private>")


def test_a_link_of_a_navigation_marks_the_page_that_is_open() -> None:
    assert nav_link("/a/", "A & B") == '<a href="/a/">A &amp; B</a>'
    assert nav_link("/a/", "A", here="/b/") == '<a href="/a/">A</a>'
    assert nav_link("/a/", "A", here="/a/") == '<a href="/a/" aria-current="page">A</a>'
    assert nav_link("/a/", "A", here="/a/b/") == '<a href="/a/">A</a>'
    assert nav_link("/a/", "A", here="/a/b/", has_more=True) == (
        '<a href="/a/" aria-current="true">A</a>'
    )
    assert nav_link("/a/", "A", here="/ab/", has_more=True) == '<a href="/a/">A</a>'


def test_a_link_of_a_navigation_shows_an_icon_and_a_badge() -> None:
    html = nav_link("/a/", "A", symbol="bell", news="3")
    assert html.startswith('<a href="/a/"><svg ')
    assert html.endswith(
        '<span>A</span> <b class="dot" data-live="badge"><bdi dir="ltr">3</bdi>'
        '<i class="hidden"> new</i></b></a>'
    )
