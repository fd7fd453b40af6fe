"""Numbers as each language writes them: 1,234 in English, 1.234 in German.

Only for what people read: numbers in attributes, addresses and JSON are for programs. Digits are
those of this text in every language, as dates have them; scripts write numbers alike
(``js/words.js``).
"""

from __future__ import annotations

from django.utils.formats import get_format
from django.utils.translation import get_language

# Django's Arabic is that of the Maghreb. With these digits, all others write as English does.
_SEPARATORS = {"ar": ","}


def grouped(number: int) -> str:
    """Return a whole number with the separator that the language of the page has for thousands."""
    if -1000 < number < 1000:
        return str(number)
    language = get_language() or ""
    separator = _SEPARATORS.get(language) or str(get_format("THOUSAND_SEPARATOR", language))
    return f"{number:,}".replace(",", separator)
