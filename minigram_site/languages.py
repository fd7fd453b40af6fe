"""The languages of the site's pages, and the settings of Django that follow from them.

Another language is a line here and two files below ``locale``: docs/languages.md.
"""

from __future__ import annotations

from pathlib import Path

# By their codes, each under the name that its speakers give it.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
# What the code says, what the API answers, and what logs and the admin are written in.
LANGUAGE_CODE = "en"
LOCALE_PATHS = [Path(__file__).parent / "locale"]
# What a visitor has chosen; of a member, a copy of what their account says.
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
NAMES = dict(LANGUAGES)
