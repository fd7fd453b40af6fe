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
    ],
)
def test_what_is_kept_of_what_is_typed(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_a_line_has_no_line_breaks() -> None:
    assert clean_line(" Ada\n  Lovelace ") == "Ada Lovelace"


@pytest.mark.slow
@given(st.text())
def test_cleaning_again_changes_nothing_and_can_always_be_stored(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\0" not in once
    once.encode()
