"""Landing page, home feed and explore."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, asked_cursor, members, public
from accounts.doors.site import site_settings
from minigram_site.web.pagination import Page
from photos.cards import PhotoCard
from social.explore import POPULAR, RECENT, popular_page, recent_page, trending_tags
from social.feed import feed_page
from social.suggestions import suggested

WALL = 12


@public
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show popular public photos to visitors; redirect people who are logged in to their feed.

    A site for members only shows its visitors none.
    """
    if request.user.is_authenticated:
        return redirect("social:feed")
    closed = site_settings().members_only
    page = Page([], None, None) if closed else popular_page(request.user, None, WALL)
    return render(request, "social/landing.html", {"page": page})


@members
@require_safe
def feed(request: MemberRequest) -> HttpResponse:
    """Show the home feed. Two queries beside the person's."""
    page = feed_page(request.user, asked_cursor(request))
    context: dict[str, object] = {"page": page}
    if not page.items and "cursor" not in request.GET:
        context = {
            "page": page,
            "suggestions": suggested(request.user),
            "popular": popular_page(request.user, None, WALL),
        }
    return _page(request, "social/feed.html", "social/_cards.html", context)


@public
@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """Show recent or popular photos of public accounts, and first the trending tags.

    Three queries beside the person's, two for further pages. The people to follow are loaded by the
    page when somebody opens them.
    """
    popular = request.GET.get("sort") == "popular"
    keys = len(POPULAR if popular else RECENT)
    source = popular_page if popular else recent_page
    page: Page[PhotoCard] = source(request.user, asked_cursor(request, keys), 24)
    context: dict[str, object] = {"page": page, "popular": popular}
    if "cursor" not in request.GET:
        context["trending"] = trending_tags()
    return _page(request, "social/explore.html", "photos/_grid.html", context)


def _page(request: HttpRequest, wide: str, narrow: str, context: dict[str, object]) -> HttpResponse:
    """Render a page, or for htmx only its next rows."""
    more = request.headers.get("HX-Request") and "cursor" in request.GET
    response = render(request, narrow if more else wide, context)
    response.headers["Vary"] = "Cookie, HX-Request"
    return response
