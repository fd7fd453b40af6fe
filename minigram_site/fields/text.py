"""One rule for text that people type: normal form, no invisible trouble, never cut silently."""

from __future__ import annotations

import unicodedata

# Kept although they are of a format category: emoji are joined and coloured by them, and several
# scripts (Persian, the Indic ones) are spelled with them.
_JOINERS = {"\u200c", "\u200d", "\ufe0e", "\ufe0f"}
_REMOVED = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Emoji flags of regions are spelled in invisible tag characters.
_TAGS = range(0xE0020, 0xE0080)


def clean(text: str) -> str:
    r"""Return ``text`` in NFC without control, direction-changing and unassigned characters.

    Line breaks survive as ``\n``, and so does a tab, as a space. A text of nothing but
    invisible characters comes out empty, so that "required" means readable.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(_kept(character) for character in text).strip()
    return text if any(_visible(character) for character in text) else ""


def clean_line(text: str) -> str:
    """Return ``clean(text)`` on one line, with runs of white space made one space."""
    return " ".join(clean(text).split())


def _kept(character: str) -> str:
    if character == "\n" or character in _JOINERS or ord(character) in _TAGS:
        return character
    if character == "\t":
        return " "
    return "" if unicodedata.category(character) in _REMOVED else character


def _visible(character: str) -> bool:
    return character not in _JOINERS and not character.isspace()
