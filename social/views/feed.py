"""What the home feed asks for once it is open: how much is new, and what stands beside it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, asked_cursor, members
from accounts.models import UserStats
from minigram_site.web.pagination import PAGE_SIZE, Cursor
from photos.models import Draft
from social.explore import trending_tags
from social.feed import news_of
from social.suggestions import suggested

# Whoever follows so many people is suggested no more of them beside the feed.
ENOUGH_FOLLOWED = 10
BESIDE = 5
# So many drafts are counted.
MOST_DRAFTS = 10


@members
@require_safe
def news(request: MemberRequest) -> HttpResponse:
    """Tell a script how many photos came into the feed after ``?cursor=p…``, a page at the most.

    The answer is a few bytes, or 304 where nothing has come since it was asked last. One query
    beside the person's, two for people who follow tags.
    """
    cursor = asked_cursor(request) or Cursor((0,))
    found = news_of(request.user, cursor.position[0], PAGE_SIZE + 1)
    etag = f'"{len(found)}-{found[-1] if found else 0}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers=headers)
    counts = {"count": min(len(found), PAGE_SIZE), "more": len(found) > PAGE_SIZE}
    return JsonResponse(counts, headers=headers)


@members
@require_safe
def side(request: MemberRequest) -> HttpResponse:
    """Show what stands beside the feed where there is room: people to follow, and own drafts.

    Nobody is suggested to whoever follows ``ENOUGH_FOLLOWED``; where nobody is, trending tags stand
    instead. Three queries then, seven to fourteen before that, once for a page that is shown.
    """
    followed = UserStats.objects.values_list("following_count", flat=True).get(user=request.user)
    drafts = Draft.objects.owned_by(request.user).values_list("pk", flat=True)[:MOST_DRAFTS]
    found = suggested(request.user, BESIDE) if followed < ENOUGH_FOLLOWED else []
    trending = () if found else trending_tags()
    context = {"suggestions": found, "drafts": len(drafts), "trending": trending}
    return render(request, "social/_side.html", context)
