"""Word filters: whether a text holds one of the words that somebody does not want to read.

Text and words are compared in one form: NFKC, case folded, without the characters that only say
how others are drawn. A word counts as a whole word on each side where it ends in a letter, mark or
digit of a script that sets words apart ("ice" is not in "juice"). Scripts that do not (Chinese,
Japanese, Thai …), Korean, whose particles cling to words, and emoji are found anywhere. The edges
of words are those of Unicode's letters, marks and digits (Unicode Standard Annex 29, rules WB5 to
WB13b) without its dictionaries, which Python does not have.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.utils.translation import gettext

from minigram_site.fields.text import clean_line

# Words of one person, and characters of one word.
MOST_WORDS = 100
WORD_LENGTH = 60

# Scripts whose words are found anywhere: first and last code point of their blocks.
_UNSPACED = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x11FF),  # Korean, by its letters
    (0x1780, 0x17FF),  # Khmer
    (0x1980, 0x19FF),  # New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x9FFF),  # Chinese, Japanese and their marks
    (0xA960, 0xA97F),  # Korean
    (0xAC00, 0xD7FF),  # Korean
    (0xF900, 0xFAFF),  # Chinese
    (0x16FE0, 0x18DFF),  # Tangut and others
    (0x1AFF0, 0x1B16F),  # Kana
    (0x20000, 0x3FFFF),  # Chinese
)
_JOINERS = "\u200c\u200d"
# What only says how the characters beside it are drawn.
_UNSEEN = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10)))


class InvalidWords(ValueError):
    """A list of words is not accepted; the message says why, ``code`` is for programs."""

    def __init__(self, message: str, code: str) -> None:
        """Take the sentence for people and the code for programs."""
        super().__init__(message)
        self.code = code


class Matcher:
    """Finds the words of one person in texts. Without words it finds nothing, at no cost."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words as they were typed."""
        self._words = [
            (word, _is_bounded(word[0]), _is_bounded(word[-1]))
            for word in dict.fromkeys(map(folded, words))
            if word
        ]

    def __bool__(self) -> bool:
        """Return whether there is any word to look for."""
        return bool(self._words)

    def matches(self, *texts: str) -> bool:
        """Return whether one of the texts holds one of the words.

        No query. At most a few microseconds for each of ``MOST_WORDS`` words and text.
        """
        return bool(self._words) and any(self._is_in(folded(text)) for text in texts if text)

    def _is_in(self, text: str) -> bool:
        return any(_holds(text, *word) for word in self._words)


@lru_cache(maxsize=512)
def matcher_of(words: tuple[str, ...]) -> Matcher:
    """Return the matcher of these words; that of the last persons is kept."""
    return Matcher(words)


def folded(text: str) -> str:
    """Return the form in which text and words are compared."""
    # Folding can undo the normal form, which is why that comes twice (Unicode 16.0, 3.13, D147).
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold()
    return " ".join(unicodedata.normalize("NFKC", text).split())


def checked(words: Sequence[str]) -> list[str]:
    """Return the words cleaned, each once, in their order; empty ones are left out.

    Raises ``InvalidWords`` for too many, for one that is too long, and for one without a letter,
    digit or symbol, which would be found nearly everywhere.
    """
    lines = filter(None, map(clean_line, words))
    cleaned = list({folded(word): word for word in lines}.values())
    if len(cleaned) > MOST_WORDS:
        raise InvalidWords(
            gettext("You can hide up to %(most_words)s words.") % {"most_words": MOST_WORDS},
            "too_many",
        )
    for word in cleaned:
        if len(word) > WORD_LENGTH or len(folded(word)) > WORD_LENGTH:
            raise InvalidWords(
                gettext("A word has at most %(word_length)s characters: shorten “%(value)s…”.")
                % {"word_length": WORD_LENGTH, "value": word[:20]},
                "too_long",
            )
        if not any(unicodedata.category(character)[0] in "LNS" for character in folded(word)):
            raise InvalidWords(
                gettext("“%(word)s” has no letter, digit or symbol, so it would match everything.")
                % {"word": word},
                "no_word",
            )
    return cleaned


def _holds(text: str, word: str, bounded_left: bool, bounded_right: bool) -> bool:  # noqa: FBT001
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        left = bounded_left and start > 0 and _goes_on(text, start - 1, -1)
        right = bounded_right and end < len(text) and _goes_on(text, end, 1)
        if not left and not right:
            return True
        start = text.find(word, start + 1)
    return False


def _goes_on(text: str, place: int, step: int) -> bool:
    """Return whether the character at ``place`` belongs to the word that stands before it."""
    if text[place] in _JOINERS:
        return 0 <= place + step < len(text) and _is_bounded(text[place + step])
    return _is_bounded(text[place])


def _is_bounded(character: str) -> bool:
    """Return whether this is part of a word in a script that sets words apart."""
    point = ord(character)
    if point < 128:
        return character.isalnum() or character == "_"
    if any(first <= point <= last for first, last in _UNSPACED):
        return False
    # A mark that encloses what stands before it makes a symbol of it, as in keycaps.
    category = unicodedata.category(character)
    return category[0] in "LN" or category in {"Mn", "Mc"}
