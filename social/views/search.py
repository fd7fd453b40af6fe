"""The page of search, and the suggestions that a script asks for while somebody types."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.access import asked_cursor, public
from minigram_site.web.throttling import limited
from social.search import (
    InvalidQuery,
    Query,
    parse,
    people_page,
    photos_page,
    suggested_people,
    suggested_tags,
    tags_page,
)
from social.views.explore import explore_page

EVERYTHING, PEOPLE, TAGS, PHOTOS = "", "people", "tags", "photos"
# What the page of everything shows of each kind, and what a script is told.
FEW_PEOPLE, FEW_TAGS, SUGGESTED = 3, 12, 6
_READS = ("GET", "HEAD")


@public
@require_safe
@limited("search", _READS)
def search(request: HttpRequest) -> HttpResponse:
    """Show what ``?q=`` finds: of everything, or of one ``?kind=``; explore where nothing is typed.

    Up to nine queries beside the person's. Raises ``BadRequest`` for a kind that there is not.
    """
    kind, text = request.GET.get("kind", EVERYTHING), request.GET.get("q", "")
    if kind not in {EVERYTHING, PEOPLE, TAGS, PHOTOS}:
        raise BadRequest(gettext("You can’t search for that."))
    if not text.strip():
        return explore_page(request)
    try:
        query = parse(text)
    except InvalidQuery as error:
        refusal = {"error": str(error), "text": text, "kind": kind}
        return render(request, "social/search.html", refusal, status=400)
    found: dict[str, Any] = _found(request, query)
    context = {"text": query.text, "kind": kind, "terms": query.terms, **found}
    narrow = request.headers.get("HX-Request") and "cursor" in request.GET
    template = "photos/_grid.html" if narrow and "photos" in context else "social/search.html"
    response = render(request, template, context)
    response.headers["Vary"] = "Cookie, HX-Request"
    return response


@public
@require_safe
@limited("search", _READS)
def suggestions(request: HttpRequest) -> JsonResponse:
    """Answer a script with people and tags for what is being typed (``?q=``). Two queries.

    One for what begins with a "#": that is a tag. Raises ``BadRequest`` if that is too long.
    """
    try:
        query = parse(request.GET.get("q", ""))
    except InvalidQuery as error:
        raise BadRequest(str(error)) from None
    is_tag = query.text.startswith(("#", "＃"))
    people = [] if is_tag else suggested_people(query, request.user, SUGGESTED)
    found = {
        "people": [
            {
                "name": one.name,
                "detail": f"@{one.username}",
                "url": one.url,
                "avatar": one.avatar_small,
            }
            for one in people
        ],
        "tags": [
            {"name": f"#{tag.key}", "url": tag.url}
            for tag in suggested_tags(query, request.user, SUGGESTED)
        ],
    }
    return JsonResponse(found, headers={"Cache-Control": "private, no-store"})


def _found(request: HttpRequest, query: Query) -> dict[str, Any]:
    """Return the lists that the page shows, by name."""
    kind, viewer = request.GET.get("kind", EVERYTHING), request.user
    cursor = asked_cursor(request, 2)
    found: dict[str, Any] = {}
    if kind in {EVERYTHING, PEOPLE}:
        size = 20 if kind else FEW_PEOPLE
        found["people"] = people_page(query, viewer, cursor if kind else None, size)
    if kind in {EVERYTHING, TAGS}:
        size = 50 if kind else FEW_TAGS
        found["tags"] = tags_page(query, viewer, cursor if kind else None, size)
    if kind in {EVERYTHING, PHOTOS}:
        found["photos"] = found["page"] = photos_page(query, viewer, cursor, 24)
    nothing = not any(page.items for page in found.values())
    return {
        **found,
        "nothing": nothing,
        "query": urlencode({"q": query.text, "kind": kind or PHOTOS}),
    }
