"""What a text names: web addresses, hashtags and mentions, found in one pass over it.

Every place that shows a text, and every table that says what texts name, goes by ``find``: there is
no second reading. Offsets are in code points (those of a Python string), from ``start`` up to and
without ``end``. The pass is linear: no character is looked at more than a few times.

Rules, after the mistakes that others have made before:

- Addresses come first, so that ``https://example.org/a#b`` holds no tag and no mention.
- A mention begins where no word, address or e-mail address could go on, so ``a@b.example`` is none,
  and its name ends where no name could go on: ``@lee_dohm`` is never ``lee``.
- A tag is letters, marks, digits and underscores of any script, not digits alone. Joiners count
  between letters, as Persian and the scripts of India are written with them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

LINK, TAG, MENTION = "link", "tag", "mention"
TAG_LENGTH = 100
NAME_LENGTH, MIN_NAME_LENGTH = 30, 2
# Different tags of one text that count, as on the large sites.
MAX_TAGS = 30

_ADDRESS = r"(?i:https?://|www\.)[\w-]+(?:\.[\w-]+)*(?::[0-9]{1,5})?(?:[/?\#][^\s<>\"]*)?"
_START = re.compile(rf"(?P<address>{_ADDRESS})|[#＃@＠]")
_NAME = re.compile(r"[A-Za-z0-9_.]+")
_JOINERS = "\u200c\u200d"
# Before an "@" or "#" these belong to an e-mail address, another address or another mark.
_NOT_BEFORE_NAME = frozenset("_.-+/@＠#＃&%=$^`")
_NOT_BEFORE_TAG = frozenset("_&/@＠#＃")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_TRAILING = frozenset(".,;:!?'*_~…»”’‘“。、，！？；：」』）") | _CLOSING.keys()


class Entity(NamedTuple):
    """A part of a text that leads somewhere: a list of these is stored beside the text as JSON.

    ``value`` is the key of a tag, the id of a mentioned person (of what ``find`` returns: the
    name), and empty for an address, which the text itself says.
    """

    kind: str
    start: int
    end: int
    value: str


def find(text: str) -> list[Entity]:
    """Return the addresses, tags and possible mentions of ``text`` in their order."""
    return list(_find(text))


def tag_key(name: str) -> str:
    """Return by what a tag is known: NFKC, case folded, accents kept, joiners left out.

    ``name`` is without its "#". Returns an empty text for what is no tag.
    """
    if not name or _tag_end(name, 0) != len(name):
        return ""
    return _key(name)


def names_of(entity: Entity) -> list[str]:
    """Return the names that a possible mention can mean, the longest first.

    A full stop or underscore at the end may belong to the sentence.
    """
    longest, least = entity.value, len(entity.value.rstrip("._"))
    lengths = range(min(len(longest), NAME_LENGTH), max(least, MIN_NAME_LENGTH) - 1, -1)
    return [longest[:length] for length in lengths if longest[length - 1] != "."]


def tags_of(entities: list[Entity]) -> list[str]:
    """Return the different tags among ``entities`` in their order, at most ``MAX_TAGS``."""
    return list(dict.fromkeys(one.value for one in entities if one.kind == TAG))[:MAX_TAGS]


def address_of(text: str, entity: Entity) -> str:
    """Return where an address leads: ``https://`` is added where only ``www.`` was written."""
    written = text[entity.start : entity.end]
    return written if written[:4].lower() == "http" else f"https://{written}"


def _find(text: str) -> Iterator[Entity]:
    position = tag_ended = 0
    while match := _START.search(text, position):
        start = match.start()
        found: Entity | None
        if match["address"]:
            end = match.end()
            found = _address(text, start, end)
            # What looked like an address and is none holds no tag either.
            position = end
        elif match[0] in "#＃":
            found = _tag(text, start, after_tag=0 < start == tag_ended)
            position = found.end if found else start + 1
            tag_ended = found.end if found else 0
        else:
            found = _mention(text, start)
            position = found.end if found else start + 1
        if found:
            yield found


def _address(text: str, start: int, end: int) -> Entity | None:
    before = text[start - 1 : start]
    host = text[start:end].partition("://")[2]
    if (
        (before.isascii() and before.isalnum())
        or before in {"@", "_"}
        or text[end : end + 1] == "@"
    ):
        return None
    if not host and before in {".", "-"}:
        return None
    host = host or text[start:end]
    end = _trimmed(text, start, end)
    host = re.split(r"[/?#:]", host, maxsplit=1)[0]
    dotted = "." in host.removeprefix("www.") and ".." not in host
    return Entity(LINK, start, end, "") if dotted and end > start + len("www.") else None


def _trimmed(text: str, start: int, end: int) -> int:
    """Return the end without the punctuation of the sentence around an address."""
    held = Counter(text[start:end])
    while end > start and text[end - 1] in _TRAILING:
        last = text[end - 1]
        if last in _CLOSING and held[last] <= held[_CLOSING[last]]:
            break
        held[last] -= 1
        end -= 1
    return end


def _tag(text: str, start: int, *, after_tag: bool) -> Entity | None:
    before = text[start - 1 : start]
    if not after_tag and before and (before in _NOT_BEFORE_TAG or _is_of_word(before)):
        return None
    end = _tag_end(text, start + 1)
    # A mark needs a letter to stand on, and "#http://" is no tag.
    marked = unicodedata.category(text[start + 1 : start + 2] or " ").startswith("M")
    key = "" if marked or text.startswith("://", end) else _key(text[start + 1 : end])
    return Entity(TAG, start, end, key) if key else None


def _tag_end(text: str, position: int) -> int:
    """Return where the letters, marks, digits and underscores from ``position`` on end."""
    end = position
    while end < len(text):
        joined = text[end] in _JOINERS and end > position and _is_of_word(text[end + 1 : end + 2])
        if not joined and not _is_of_word(text[end]):
            break
        end += 1
    return end


def _key(name: str) -> str:
    """Return the key of a tag; empty if it has no letter or is too long."""
    if len(name) > TAG_LENGTH or not any(character.isalpha() for character in name):
        return ""
    bare = name.translate(dict.fromkeys(map(ord, _JOINERS)))
    # Folding can undo the normal form, which is why that comes twice (Unicode 16.0, 3.13, D147).
    key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())
    key = unicodedata.normalize("NFKC", key.casefold())
    proper = key and _tag_end(key, 0) == len(key) <= TAG_LENGTH
    return key if proper else ""


def _mention(text: str, start: int) -> Entity | None:
    before = text[start - 1 : start]
    if before and (before in _NOT_BEFORE_NAME or _is_of_word(before)):
        return None
    match = _NAME.match(text, start + 1)
    if match is None or match[0].startswith("."):
        return None
    after = text[match.end() : match.end() + 1]
    if after in {"@", "＠"} or _goes_on(after):
        return None
    name = match[0].rstrip(".").lower()
    return Entity(MENTION, start, start + 1 + len(name), name) if name else None


def _goes_on(after: str) -> bool:
    """Tell whether a Latin word goes on here, with a letter that no name has, or an accent."""
    if not after or after.isascii():
        return False
    latin = after.isalpha() and unicodedata.name(after, "").startswith("LATIN")
    return latin or unicodedata.category(after).startswith("M")


def _is_of_word(character: str) -> bool:
    """Tell whether a character can be part of a tag: letter, mark, digit or underscore."""
    if not character:
        return False
    if character.isalnum() or character == "_":
        return True
    # Not the selectors that make an emoji of what stands before them.
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return unicodedata.category(character) in {"Mn", "Mc"} and not selector
