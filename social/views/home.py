"""Landing page and home feed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, asked_cursor, members, public
from accounts.doors.site import site_settings
from minigram_site.web.pagination import Page
from social.albums.saved import saved_ids
from social.explore import popular_page, recent_page
from social.feed import feed_page
from social.feed.rows import rows_of
from social.suggestions import suggested

# Photos on the landing page, and below a feed that is empty.
TILES = 18
WALL = 12
FEW = 4


@public
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show the newest public photos to visitors; redirect people who are logged in to their feed.

    A site for members only shows its visitors none.
    """
    if request.user.is_authenticated:
        return redirect("social:feed")
    closed = site_settings().members_only
    page = Page([], None, None) if closed else recent_page(request.user, None, TILES)
    return render(request, "social/landing.html", {"page": page})


@members
@require_safe
def feed(request: MemberRequest) -> HttpResponse:
    """Show the home feed. Three queries beside the person's, on PostgreSQL one."""
    page = feed_page(request.user, asked_cursor(request))
    saved = page.saved
    if saved is None:
        saved = saved_ids(request.user.pk, [card.id for card in page.items])
    rows = rows_of(page, request.user, saved, request.path, eager=not _is_more(request))
    context: dict[str, object] = {"page": page, "rows": rows}
    if not page.items and "cursor" not in request.GET:
        context |= {
            "suggestions": suggested(request.user),
            "popular": popular_page(request.user, None, WALL),
        }
    return _page(request, "social/feed.html", "social/_cards.html", context)


@public
@require_safe
def some_photos(request: HttpRequest) -> HttpResponse:
    """Send four popular photos, which a page without photos of its own shows below its words."""
    page = popular_page(request.user, None, FEW)
    return render(request, "photos/_some.html", {"page": page})


def _page(request: HttpRequest, wide: str, narrow: str, context: dict[str, object]) -> HttpResponse:
    """Render a page, or for htmx only its next rows."""
    response = render(request, narrow if _is_more(request) else wide, context)
    response.headers["Vary"] = "Cookie, HX-Request"
    return response


def _is_more(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request")) and "cursor" in request.GET
