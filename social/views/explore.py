"""Explore: the wall of public photos below the field of search, and people to follow."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import asked_cursor, public
from minigram_site.web.pagination import PAGE_SIZE, Page
from photos.cards import PhotoCard
from social.explore import POPULAR, RECENT, popular_page, recent_page, trending_tags
from social.suggestions import suggested

# What the page shows: values of ``?sort=``.
NEWEST, MOST_LIKED, PEOPLE = "recent", "popular", "people"
TILES = 24


@public
@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """Show recent or popular photos of public accounts, or to members people to follow.

    Three queries beside the person's, two for further pages. The first page of photos has the
    trending tags, too.
    """
    return explore_page(request)


def explore_page(request: HttpRequest) -> HttpResponse:
    """Answer with the page of explore that ``request`` asks for; also at the address of search."""
    sort = request.GET.get("sort")
    if sort == PEOPLE and request.user.is_authenticated:
        found = suggested(request.user, PAGE_SIZE)
        context: dict[str, object] = {"section": PEOPLE, "suggestions": found}
        return render(request, "social/explore.html", context)
    popular = sort == MOST_LIKED
    keys = len(POPULAR if popular else RECENT)
    source = popular_page if popular else recent_page
    page: Page[PhotoCard] = source(request.user, asked_cursor(request, keys), TILES)
    context = {"section": MOST_LIKED if popular else NEWEST, "page": page}
    if popular:
        context["query"] = "sort=popular"
    first = "cursor" not in request.GET
    if first:
        context["trending"] = trending_tags()
    more = request.headers.get("HX-Request") and not first
    response = render(request, "photos/_grid.html" if more else "social/explore.html", context)
    response.headers["Vary"] = "Cookie, HX-Request"
    return response
