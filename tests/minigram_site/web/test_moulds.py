"""Moulds: fragments whose values are filled in look as if the engine had rendered them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.template import Context, TemplateSyntaxError, engines
from django.utils.translation import override
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from minigram_site.web.templating.fragments import rendered_fragments
from minigram_site.web.templating.moulds import SHOWN, moulds
from photos.cards import Tile
from photos.files.shown import CardPicture
from photos.templatetags.walls import BEGINS_COLUMNS, LATE, LEADS
from social.people import ProfileHead
from tests.minigram_site.web.test_fragments import rendered


class Item(NamedTuple):
    """What a fragment of these tests shows."""

    name: str
    note: str = ""
    number: int = 0

    @property
    def decisive(self) -> dict[str, Any]:
        """What the templates decide by."""
        return {"note": SHOWN if self.note else ""}


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    for kept in (rendered_fragments, moulds):
        kept.clear()
    yield
    for kept in (rendered_fragments, moulds):
        kept.clear()


PAGE = '{% fragment "f" item=item %}'


def shown(source: str, *items: Item, **values: Any) -> list[str]:
    """Return the fragment of each item, the first from the engine and all others from a mould."""
    return [rendered(PAGE, {"f": source}, item=item, **values) for item in items]


def test_a_mould_is_made_once_and_filled_for_others() -> None:
    source = "<p>{{ item.name }}, 100%s: {{ item.number }}"
    source += "{% if item.note %} ({{ item.note }}){% endif %}</p>"
    items = [Item("<Ann>"), Item("Bob & %s", number=3), Item("Cy", "n%o"), Item("Di", '"yes"')]
    assert shown(source, *items) == [
        "<p>&lt;Ann&gt;, 100%s: 0</p>",
        "<p>Bob &amp; %s, 100%s: 3</p>",
        "<p>Cy, 100%s: 0 (n%o)</p>",
        "<p>Di, 100%s: 0 (&quot;yes&quot;)</p>",
    ]
    assert len(moulds) == 2


@pytest.mark.parametrize(
    "source",
    [
        "{{ item.note }}{% if item.name %}x{% endif %}",
        "{{ item.note }}{{ item.name|upper }}",
        "{% if item.number > 0 %}many{% else %}none{% endif %}",
    ],
)
def test_a_template_that_decides_by_what_is_open_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="decides by"):
        shown(source, Item("Ann", number=1))


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
SIDES = st.integers(1, 6000)
PICTURES = st.builds(
    CardPicture,
    code=st.just("abc"),
    alt_text=TEXTS,
    width=SIDES,
    height=SIDES,
    placeholder=TEXTS,
    renditions=st.lists(st.tuples(SIDES, SIDES, TEXTS), max_size=4).map(tuple),
)
TILES = st.builds(
    Tile,
    code=TEXTS,
    url=TEXTS,
    cover=PICTURES,
    by=TEXTS,
    sensitive=st.booleans(),
    pictures=st.integers(1, 3),
    likes=TEXTS,
    comments=TEXTS,
)
HEADS = st.builds(
    ProfileHead,
    username=st.text("abc_.1", min_size=2, max_size=30),
    name=TEXTS.filter(bool),
    bio=TEXTS,
    bio_entities=st.just("[]"),
    website=st.sampled_from(["", "https://example.org/?a=1&b=2", "http://é.example"]),
    avatar=st.sampled_from([None, "/media/avatars/1/a.webp"]),
    photo_count=st.integers(0, 300),
    followers_seen=st.integers(0, 300),
    following_seen=st.integers(0, 300),
    is_private=st.booleans(),
    is_viewer=st.booleans(),
    you_follow=st.booleans(),
    you_asked=st.booleans(),
    follows_you=st.booleans(),
    you_block=st.booleans(),
    you_mute=st.booleans(),
)


def both(source: str, name: str, values: dict[str, Any]) -> tuple[str, str]:
    """Return a page with one fragment, and what the engine makes of that fragment's template."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    page = engine.from_string("{% load fragments %}" + source)
    given_values = {**values, "csrf_token": "token"}
    plain = engine.get_template(name).render(Context(given_values, use_l10n=False))
    return page.render(Context(given_values)), plain


@pytest.mark.parametrize("language", ["en", "ar"])
@hypothesis_settings(deadline=None, max_examples=50)
@given(tile=TILES, eager=st.sampled_from([LATE, LEADS, BEGINS_COLUMNS]), pinned=st.booleans())
def test_any_tile_looks_as_its_template_says(
    language: str, tile: Tile, eager: int, pinned: bool
) -> None:
    source = '{% fragment "photos/_tile.html" card=card eager=eager pinned=pinned %}'
    with override(language):
        page, plain = both(
            source, "photos/_tile.html", {"card": tile, "eager": eager, "pinned": pinned}
        )
    assert page == plain


@hypothesis_settings(deadline=None, max_examples=50)
@given(head=HEADS, is_member=st.booleans())
def test_the_head_of_any_profile_looks_as_its_template_says(
    head: ProfileHead, is_member: bool
) -> None:
    source = '{% fragment "social/_profile_head.html" person=head is_member=is_member'
    source += " site_url=site_url theme=theme %}"
    values = {"head": head, "person": head, "is_member": is_member}
    values |= {"site_url": "https://x.org", "theme": "dark"}
    page, plain = both(source, "social/_profile_head.html", values)
    assert page == plain
