"""What was typed into the field: its terms, and how each database is asked for them.

A term is what stands between blanks. It finds texts that have its words one after the other, in any
case and without regard to the accents of Latin letters: ``don't`` finds "don't", ``a-b`` finds
"a b". Scripts that do without blanks are read character by character, so that a term is found
inside of what is written in them. Punctuation separates words and means nothing by itself: there
are no operators, so nothing that anybody types can be wrong.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.translation import gettext

from minigram_site.fields.text import clean_line

MAX_LENGTH = 100
# Of fewer letters than these no index finds the inside of words.
LETTERS = 3
# Scripts without blanks between words, and Hangul, in which people look for parts of words: Thai
# and Lao, Myanmar, Khmer, the marks and letters of Chinese and Japanese, Han, Hangul.
UNSPACED = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3005", "\u3007"),
    ("\u3040", "\u30ff"),
    ("\u3105", "\u312f"),
    ("\u31f0", "\u31ff"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\uac00", "\ud7a3"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)
_UNSPACED = re.compile("[{}]".format("".join(f"{first}-{last}" for first, last in UNSPACED)))
_SIGNS = "@＠#＃"
_WORD = re.compile(r"[^\W_]+")


class InvalidQuery(ValueError):
    """What was typed cannot be searched for; the message says why."""


class Query(NamedTuple):
    """What was typed, without harmful characters, and its terms that hold a letter or digit."""

    text: str
    terms: tuple[str, ...]

    @property
    def name(self) -> str:
        """The text as a name or tag is kept: in lower case, without the sign before it."""
        return self.text.lstrip(_SIGNS).lower()

    @property
    def inside(self) -> str:
        """What is looked for inside of names and tags; empty for a text that is too short."""
        return self.name if self.terms and len(self.name) >= LETTERS else ""

    @property
    def for_postgresql(self) -> str:
        """The terms for the function ``social_search_query`` (``social.search.schema``)."""
        return " ".join(self.terms)

    def for_sqlite(self, *, beginnings: bool) -> str:
        """Return the terms as an expression of FTS5, each in quotes, all of them required.

        With ``beginnings`` the last word of a term need only be the beginning of one.
        """
        return " AND ".join(_phrase(term, beginnings=beginnings) for term in self.terms)

    @property
    def inside_for_sqlite(self) -> str:
        """``inside`` as an expression of FTS5."""
        return _quoted(self.inside)

    @property
    def inside_for_postgresql(self) -> str:
        """``inside`` as a pattern of ``LIKE``, in which nothing of it is a wildcard."""
        escaped = re.sub(r"([\\%_])", r"\\\1", self.inside)
        return f"%{escaped}%"


def parse(text: str) -> Query:
    """Return what ``text`` asks for; without terms it finds nothing. No query.

    Raises ``InvalidQuery`` for a text of more than ``MAX_LENGTH`` characters.
    """
    line = clean_line(text)
    if len(line) > MAX_LENGTH:
        sentence = gettext("Search for up to %(limit)d characters: these are %(number)d.")
        raise InvalidQuery(sentence % {"limit": MAX_LENGTH, "number": len(line)})
    terms = (term for term in line.split() if any(map(_is_of_word, term)))
    return Query(line, tuple(dict.fromkeys(terms)))


def _is_of_word(character: str) -> bool:
    """Tell whether both databases make words of a character: not of ``²`` or ``½``."""
    return character.isalpha() or character.isdecimal()


def _phrase(term: str, *, beginnings: bool) -> str:
    spaced = _UNSPACED.sub(r" \g<0> ", term)
    words = _WORD.findall(spaced)
    # A single letter begins too many words to be of use: it is the word.
    open_ended = beginnings and words and len(words[-1]) > 1
    return _quoted(spaced) + (" *" if open_ended else "")


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))
