"""Rules for text that people type: normal form, nothing harmful, never cut silently.

What is removed is named here, character by character, and all else is kept: the tables of a Python
are years behind what people type (an emoji of next year is "unassigned" to it).
"""

from __future__ import annotations

import re
import unicodedata

# "https:", "mailto:"; not the colon before a port.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)


def _characters(*ranges: int | tuple[int, int]) -> frozenset[str]:
    """Return the characters of these code points and ranges, both ends included."""
    pairs = (one if isinstance(one, tuple) else (one, one) for one in ranges)
    return frozenset(chr(point) for first, last in pairs for point in range(first, last + 1))


# Control characters but for line feed and tab; surrogates, which no encoding has; embeddings,
# overrides and isolates, which turn the direction of what stands beside them, and their deprecated
# kin; the marks of annotations and the tag of a language, which are not for plain text (The Unicode
# Standard 23.3 and 23.8); noncharacters, which are not for interchange (23.7).
_HARMFUL = _characters(
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0xD800, 0xDFFF),
    (0x202A, 0x202E),
    (0x2066, 0x206F),
    (0xFFF9, 0xFFFB),
    0xE0001,
    (0xFDD0, 0xFDEF),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
)
# Kept between others, as scripts and emoji are spelled with them, but nothing by themselves: what
# Unicode calls "default ignorable" and is not harmful, and the two blanks that are no white space.
_INVISIBLE = _characters(
    0x00AD,
    0x034F,
    0x061C,
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2060, 0x2065),
    0x2800,
    0x3164,
    (0xFE00, 0xFE0F),
    0xFEFF,
    0xFFA0,
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
_REMOVED = str.maketrans(dict.fromkeys(_HARMFUL, "") | {"\t": " "})


def clean(text: str) -> str:
    r"""Return ``text`` in NFC without the characters that harm the texts around it.

    Line breaks become ``\n``, a tab becomes a space. A text that has only invisible characters
    comes out empty, so that a required field cannot look empty.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_REMOVED)
    text = unicodedata.normalize("NFC", text).strip()
    return text if _is_visible(text) else ""


def clean_line(text: str) -> str:
    """Return ``clean(text)`` on one line, with each run of white space made one space."""
    return " ".join(clean(text).split())


def _is_visible(text: str) -> bool:
    return any(not character.isspace() and character not in _INVISIBLE for character in text)


def with_scheme(address: str) -> str:
    """Return an address of a web page as it is kept: ``https://`` before "example.org".

    What names a scheme keeps it, and empty stays empty.
    """
    return address if not address or _SCHEME.match(address) else f"https://{address}"
