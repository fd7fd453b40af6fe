"""What was typed is never wrong: it has terms, has none, or is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.search import MAX_LENGTH, InvalidQuery, parse


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("%", ()),
        ("-", ()),
        ("🌊", ()),
        ('"', ()),
        ("@", ()),
        ("sea", ("sea",)),
        ("  Sea\n side ", ("Sea", "side")),
        ("sea sea", ("sea",)),
        ("sea % -", ("sea",)),
        ("-sea", ("-sea",)),
        ("a@b.example", ("a@b.example",)),
        ("don't", ("don't",)),
        ("\x00sea\u202e", ("sea",)),
        ("京都", ("京都",)),
        ("بحر", ("بحر",)),
    ],
)
def test_terms_are_what_has_a_letter_or_digit(typed: str, terms: tuple[str, ...]) -> None:
    assert parse(typed).terms == terms


def test_what_is_too_long_is_refused_with_a_sentence() -> None:
    assert parse("x" * MAX_LENGTH).terms == ("x" * MAX_LENGTH,)
    assert parse(" " * 10_000).terms == ()
    with pytest.raises(InvalidQuery, match="up to 100 characters: these are 10000"):
        parse("x" * 10_000)


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("sea", '"sea" *'),
        ("s", '"s"'),
        ("sea side", '"sea" * AND "side" *'),
        ('say"so"', '"say""so""" *'),
        ("don't", '"don\'t"'),
        ("京都", '" 京  都 "'),
        ("-sea:x*", '"-sea:x*"'),
    ],
)
def test_each_term_is_quoted_for_fts5(typed: str, expression: str) -> None:
    assert parse(typed).for_sqlite(beginnings=True) == expression


@given(st.text(max_size=MAX_LENGTH))
def test_the_quotes_of_a_term_cannot_be_left(typed: str) -> None:
    expression = parse(typed).for_sqlite(beginnings=True)
    assert expression.count('"') % 2 == 0
    bare = "".join(expression.split('"')[::2])
    assert set(bare) <= set(" *AND")


def test_a_pattern_of_like_has_no_wildcards_but_at_its_ends() -> None:
    assert parse("50%_\\x").inside_for_postgresql == "%50\\%\\_\\\\x%"
