"""Typed text: normal form, nothing invisible, never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigram_site.fields.text import clean, clean_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Hello \r\n world ", "Hello \n world"),
        ("e\u0301", "é"),
        ("a\0b", "ab"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\ud800lone", "lone"),
        ("tab\there", "tab here"),
        ("👩\u200d👩\u200d👧 ❤\ufe0f", "👩\u200d👩\u200d👧 ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200b\u2060\ufeff", ""),
        ("\u200d \ufe0f", ""),
        ("\u3164\u2800\u00ad", ""),
        ("a\u2066b\u2069c\ufff9d\U000e0001e", "abcde"),
        ("a\ufdd0b\uffffc\x7fd\x85e", "abcde"),
        ("e\u202e\u0301", "é"),
    ],
)
def test_what_is_kept_of_what_is_typed(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "\U0001fa77",  # Unicode 15: pink heart
        "\U0001fae8",  # 15: shaking face
        "\U0001fae9",  # 16: face with bags under eyes
        "\U0002ebf0",  # 15.1: a Han character of extension I
        "\U0001faff",  # not assigned in Unicode 16
        "\u06dd",  # visible format characters: Arabic end of ayah, Kaithi number sign
        "\U000110bd",
        "\uf8ff",  # private use, with a picture in many fonts
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",  # a flag in tags
        "ក\u200bខ",  # Khmer words are parted by a space without width
        "שלום\u200f!",
    ],
)
def test_what_unicode_has_or_will_have_is_kept(typed: str) -> None:
    assert clean(typed) == typed


def test_a_line_has_no_line_breaks() -> None:
    assert clean_line(" Ada\n  Lovelace ") == "Ada Lovelace"


@pytest.mark.slow
@given(st.text())
def test_cleaning_again_changes_nothing_and_can_always_be_stored(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\0" not in once
    once.encode()
