"""The language of a page: the member's own, else the cookie's, else what the browser asks for.

Answers to programs (the API, feeds, sitemaps, logs) and the admin stay in English. Every page says
in ``Content-Language`` and ``Vary`` what it is written in and what that depends on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from minigram_site.languages import LANGUAGE_CODE, NAMES
from minigram_site.web import outages

# What is for programs, or has no words at all.
_IN_ENGLISH = (
    "/api/",
    "/admin/",
    "/media/",
    "/static/",
    "/words/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/oembed/",
    "/robots.txt",
    "/sitemap",
)
# What is no page of a member's: nobody is looked up for it.
_OF_NOBODY = {"social:manifest", "social:offline", "social:service-worker"}
_WRITTEN = ("text/html", "text/javascript", "application/manifest+json")


class LanguageMiddleware:
    """Has each page rendered in the language of who reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response of the next handler, which works in the reader's language."""
        if _is_for_programs(request):
            return self.get_response(request)
        with translation.override(asked_language(request)):
            response = self.get_response(request)
            language = str(translation.get_language())
        kind = str(response.headers.get("Content-Type", ""))
        if kind.startswith(_WRITTEN):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            response.headers["Content-Language"] = language
            _remember(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Change over to the language that the account of a member names.

        Costs nothing for visitors, and for members what their page costs anyway: who they are.
        """
        name = request.resolver_match.view_name if request.resolver_match else ""
        is_of_nobody = settings.SESSION_COOKIE_NAME not in request.COOKIES or name in _OF_NOBODY
        if is_of_nobody or _is_for_programs(request):
            return None
        try:
            language = getattr(request.user, "language", "")
        except (DatabaseError, InterfaceError) as error:
            if answer := outages.answer_to(request, error):
                return answer
            raise
        if language in NAMES:
            request.member_language = language  # type: ignore[attr-defined]
            translation.activate(language)
        return None


def _is_for_programs(request: HttpRequest) -> bool:
    path = request.path_info
    return path.startswith(_IN_ENGLISH) or path.endswith(".atom")


def asked_language(request: HttpRequest) -> str:
    """Return what a browser asks for: what its cookie says, else its ``Accept-Language``."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in NAMES:
        return chosen
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return LANGUAGE_CODE


def remember_language(response: HttpResponse, language: str) -> None:
    """Have the browser ask for ``language`` from now on; for none of its own if that is empty."""
    if not language:
        response.delete_cookie(
            settings.LANGUAGE_COOKIE_NAME, samesite=settings.LANGUAGE_COOKIE_SAMESITE
        )
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
    )


def _remember(request: HttpRequest, response: HttpResponse) -> None:
    """Copy the language of a member into their cookie, for pages that look nobody up."""
    language = getattr(request, "member_language", "")
    name = settings.LANGUAGE_COOKIE_NAME
    is_new = bool(language) and request.COOKIES.get(name) != language
    if is_new and name not in response.cookies:
        remember_language(response, language)
