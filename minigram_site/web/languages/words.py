"""The words of the scripts: Django's catalog of a language, made once, under an address for ever.

English has none: what scripts say stands in them.
"""

from __future__ import annotations

import hashlib
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation.trans_real import DjangoTranslation
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from minigram_site.languages import LANGUAGE_CODE, NAMES


@cache
def words_of(language: str) -> tuple[bytes, str]:
    """Return the script that defines ``gettext`` and its like for a language, and its hash."""
    catalog = JavaScriptCatalog()
    # The words of the site alone; without folders Django adds those of the admin.
    catalog.translation = DjangoTranslation(
        language, domain="djangojs", localedirs=[str(path) for path in settings.LOCALE_PATHS]
    )
    with translation.override(language):
        content = catalog.render_to_response(catalog.get_context_data()).content
    return content, hashlib.sha256(content).hexdigest()[:12]


def words_address(language: str) -> str:
    """Return the path of the script with the words of a language; empty for English."""
    if language == LANGUAGE_CODE or language not in NAMES:
        return ""
    return reverse("words", args=[language, words_of(language)[1]])


@require_safe
def words(request: HttpRequest, language: str, fingerprint: str) -> HttpResponse:
    """Return the script with the words of a language. Raises ``Http404`` for an unknown one.

    For the hash of another release the words are the present ones, and are not kept.
    """
    if not words_address(language):
        raise Http404
    content, current = words_of(language)
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    lasting = "public, max-age=31536000, immutable"
    response.headers["Cache-Control"] = lasting if fingerprint == current else "no-cache"
    return response


# As pages say who may open them (``accounts.access``).
words.access = "public"  # type: ignore[attr-defined]
