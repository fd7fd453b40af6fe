"""What a text names: addresses, tags and mentions, after what went wrong elsewhere."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigram_site.fields.entities import Entity, address_of, find, names_of, tag_key, tags_of


def found(text: str, kind: str) -> list[str]:
    """Return the parts of ``text`` of one kind."""
    return [text[one.start : one.end] for one in find(text) if one.kind == kind]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://example.org/a?x=1&y=2#z, please", ["https://example.org/a?x=1&y=2#z"]),
        ("(www.example.org/x_(y))", ["www.example.org/x_(y)"]),
        ("„https://example.org/“.", ["https://example.org/"]),
        ("HTTPS://Example.org:8000/", ["HTTPS://Example.org:8000/"]),
        ("見てhttps://münchen.de/ä", ["https://münchen.de/ä"]),
        ("https://a.example/ https://b.example", ["https://a.example/", "https://b.example"]),
        ("javascript:alert(1) ftp://example.org data:text/html,x", []),
        ("https://evil.example@bank.example/", []),
        ("https://localhost/ https://nothing http:// www. www.x", []),
        ("xhttps://example.org a.www.example.org", []),
        ('https://example.org/"onmouseover=x', ["https://example.org/"]),
    ],
)
def test_addresses_are_those_of_web_pages_without_the_punctuation_around_them(
    text: str, addresses: list[str]
) -> None:
    assert found(text, "link") == addresses


def test_an_address_without_a_scheme_leads_to_https() -> None:
    text = "www.example.org and http://example.org"
    assert [address_of(text, one) for one in find(text)] == [
        "https://www.example.org",
        "http://example.org",
    ]


@pytest.mark.parametrize(
    "text", ["https://x.example/a#b", "https://x.example/?p=#1a", "www.x.de/@bob"]
)
def test_an_address_holds_no_tag_and_no_mention(text: str) -> None:
    assert [one.kind for one in find(text)] == ["link"]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Été #zürich", ["#Été", "#zürich"]),
        ("#東京タワー。 #서울 #หิมะ", ["#東京タワー", "#서울", "#หิมะ"]),
        ("#नमस्ते #می\u200cخواهم", ["#नमस्ते", "#می\u200cخواهم"]),
        ("#a\u200c #\u200db", ["#a"]),
        ("#2024 #1 #٣ #½ #_", []),
        ("#2024年 #90s #_a", ["#2024年", "#90s", "#_a"]),
        ("a#b &#39; /#c ##d @#e 写真#空", []),
        ("#a#b#c", ["#a", "#b", "#c"]),
        ("(#dawn, #dusk.) #c++ #it's", ["#dawn", "#dusk", "#c", "#it"]),
        ("#http://example.org", []),
        ("#love❤️ #️⃣ #\u0301x", ["#love"]),
        ("＃東京", ["＃東京"]),
        ("#" + "x" * 100 + " #" + "y" * 101, ["#" + "x" * 100]),
    ],
)
def test_tags_are_of_any_script_and_not_of_digits_alone(text: str, tags: list[str]) -> None:
    assert found(text, "tag") == tags


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("Été", "été", "ÉTÉ", unicodedata.normalize("NFD", "Été")), "été"),
        (("Straße", "STRASSE", "strasse"), "strasse"),
        (("ﬁnn", "Finn"), "finn"),
        (("ＴＯＫＹＯ", "tokyo"), "tokyo"),
        (("İzmir",), "i̇zmir"),
        (("ΣΊΣΥΦΟΣ", "σίσυφος"), "σίσυφοσ"),
        (("می\u200cخواهم",), "میخواهم"),
    ],
)
def test_all_spellings_of_a_tag_have_one_key(spellings: tuple[str, ...], key: str) -> None:
    assert {tag_key(one) for one in spellings} == {key}
    assert tag_key(key) == key


def test_accents_are_kept_apart_in_the_key() -> None:
    assert tag_key("Zähler") != tag_key("Zahler")


@pytest.mark.parametrize(
    "name", ["", "12", "a b", "a-b", "#a", "é" * 101, "\u0301", "a/b", "ﷺ" * 10]
)
def test_what_is_no_tag_has_no_key(name: str) -> None:
    assert tag_key(name) == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@bob (@bob) hi,@bob “@bob”", ["bob"] * 4),
        ("a@bob.example mail@bob x.@bob _@bob -@bob /@bob", []),
        ("@bob@example.org @bobé @bob\u0301", []),
        ("@bobは @bob。", ["bob", "bob"]),
        ("@lee_dohm", ["lee_dohm"]),
        ("@Bob.", ["bob"]),
        ("＠bob", ["bob"]),
        ("@ @. @.bob @@bob", []),
    ],
)
def test_mentions_begin_and_end_where_a_name_can(text: str, names: list[str]) -> None:
    assert [one.value for one in find(text) if one.kind == "mention"] == names


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("bob", ["bob"]),
        ("bob_", ["bob_", "bob"]),
        ("bob._", ["bob._", "bob"]),
        ("sam.w", ["sam.w"]),
        ("x", []),
        ("x_", ["x_"]),
        ("x" * 31, []),
        ("bob" + "_" * 1000, [f"bob{'_' * number}" for number in range(27, -1, -1)]),
    ],
)
def test_a_mention_may_mean_the_longest_name_or_one_without_the_end_of_the_sentence(
    value: str, names: list[str]
) -> None:
    assert names_of(Entity("mention", 0, len(value) + 1, value)) == names


def test_tags_count_once_and_up_to_thirty() -> None:
    assert tags_of(find("#b #a #B")) == ["b", "a"]
    assert len(tags_of(find(" ".join(f"#t{number}" for number in range(99))))) == 30


PIECES = [
    "@",
    "#",
    "_",
    ".",
    "a",
    "é",
    "\u0301",
    "\u200c",
    "https://",
    "www.",
    "/",
    "(",
    ")",
    " ",
    "1",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_parts_are_in_order_inside_the_text_and_never_overlap(text: str) -> None:
    position = 0
    for one in find(text):
        assert position <= one.start < one.end <= len(text)
        position = one.end
        if one.kind == "tag":
            assert tag_key(one.value) == one.value


def steps(text: str) -> int:
    """Return how many lines of Python the search for entities runs."""
    count = 0

    def trace(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        find(text)
    finally:
        sys.settrace(None)
    return count


@pytest.mark.parametrize(
    "piece",
    ["@", "#", "#a", "@a.", "@a_", "#\u200c", "https://", "https://a.b/((", "www.a.b)", "a-"],
)
def test_the_search_takes_steps_in_proportion_to_the_text(piece: str) -> None:
    once, tenfold = steps(piece * 40), steps(piece * 400)
    assert tenfold <= 11 * once + 50
