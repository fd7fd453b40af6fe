"""The language of the page that is being rendered, asked once for all that is on it."""

from __future__ import annotations

from django.template import Context
from django.utils.translation import get_language

_LANGUAGE = "language of the page"


def language_of(context: Context) -> str | None:
    """Return the language in which the page of ``context`` is rendered.

    A page shows dozens of fragments and words, and Django's answer costs more than finding one.
    """
    page = context.render_context.dicts[0]
    try:
        return page[_LANGUAGE]
    except KeyError:
        language = page[_LANGUAGE] = get_language()
        return language
