"""Word filters: what counts as a word, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigram_site.fields.word_filter import (
    MOST_WORDS,
    WORD_LENGTH,
    InvalidWords,
    Matcher,
    checked,
    folded,
    matcher_of,
)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("ice", "Ice cream"),
        ("ice", "No ICE, please"),
        ("ice", "#ice on the lake"),
        ("alice", "Alice's garden"),
        ("new year", "Happy  New\nYear!"),
        ("café", "Cafe\u0301 am Eck"),
        ("straße", "In der STRASSE"),
        ("ﬁn", "the fin"),
        ("2026", "In 2026."),
        ("#spoiler", "Beware: #spoiler"),
        # Scripts without word boundaries: anywhere.
        ("日本", "私は日本人です"),
        ("カメラ", "新しいｶﾒﾗを買った"),
        ("커피", "커피를 마신다"),
        ("แมว", "ฉันรักแมวมาก"),
        # Beside such a script a word stands alone.
        ("cat", "私のcatです"),
        # Emoji: anywhere, drawn in colour or not.
        ("🍕", "tonight🍕!"),
        ("❤", "so much ❤️"),
        ("❤️", "so much ❤"),
        ("👍", "yes👍🏽yes"),
        # Soft hyphens are not seen.
        ("spoiler", "spoi\u00adler"),
        ("кот", "Мой КОТ спит"),
        ("سگ", "یک سگ بزرگ"),
    ],
)
def test_a_word_is_found(word: str, text: str) -> None:
    assert Matcher([word]).matches(text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("ice", "juice"),
        ("ice", "iced"),
        ("ice", "#ice_cream"),
        ("ice", "rice and spices"),
        ("5", "15 of 50"),
        ("cafe", "cafe\u0301"),
        ("кот", "который"),
        # A vowel sign goes on with the word, and so does what a joiner connects.
        ("हिन", "हिन्दी"),
        ("می", "می\u200cخواهم"),
        ("zahler", "Zähler"),
    ],
)
def test_a_part_of_another_word_is_not_found(word: str, text: str) -> None:
    assert not Matcher([word]).matches(text)


def test_the_second_place_counts_where_the_first_is_part_of_a_word() -> None:
    assert Matcher(["ice"]).matches("juice with ice")


def test_any_word_in_any_text_is_enough() -> None:
    matcher = Matcher(["ice", "snow"])
    assert matcher.matches("", "a lake", "fresh snow")
    assert not matcher.matches("", "a lake")


def test_without_words_nothing_is_found() -> None:
    assert not Matcher([])
    assert not Matcher([]).matches("anything")


def test_words_are_kept_as_they_were_typed_and_each_once() -> None:
    assert checked(["  Ice\tCream ", "", "ICE cream", "🍕"]) == ["ICE cream", "🍕"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([f"word{number}" for number in range(MOST_WORDS + 1)], "too_many"),
        (["x" * (WORD_LENGTH + 1)], "too_long"),
        # Short as it was typed, long once it is unfolded.
        (["ﷺ" * 10], "too_long"),
        (["..."], "no_word"),
        (["—"], "no_word"),
    ],
)
def test_what_cannot_be_a_filter_is_refused(words: list[str], code: str) -> None:
    with pytest.raises(InvalidWords) as refused:
        checked(words)
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


def test_as_many_and_as_long_words_as_allowed_are_accepted() -> None:
    words = [f"{number:0{WORD_LENGTH}}" for number in range(MOST_WORDS)]
    assert checked(words) == words


def test_the_matcher_of_a_list_is_made_once() -> None:
    assert matcher_of(("ice",)) is matcher_of(("ice",))


@given(st.text(max_size=40), st.text(max_size=40))
def test_folding_is_stable_and_no_text_breaks_it(word: str, text: str) -> None:
    assert folded(folded(word)) == folded(word)
    Matcher([word]).matches(text)


@given(st.text(min_size=1, max_size=20))
def test_a_text_that_is_the_word_matches(word: str) -> None:
    assert Matcher([word]).matches(word) == bool(folded(word))
