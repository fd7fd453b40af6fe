"""The pages of followed tags: the list, and the buttons."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members, next_address
from minigram_site.fields.entities import tag_key
from minigram_site.web.templating.linked import path_of_tag
from minigram_site.web.throttling import limited
from social import tags


@members
@require_safe
def followed(request: MemberRequest) -> HttpResponse:
    """List the tags that the member follows. One query beside the person's."""
    page = tags.followed_tags(request.user, asked_cursor(request))
    return render(request, "social/followed_tags.html", {"page": page})


@members
@require_POST
@limited("write")
def follow(request: MemberRequest, name: str) -> HttpResponse:
    """Follow a tag. Raises ``Http404`` for what is no tag."""
    return _change(request, name, tags.follow_tag)


@members
@require_POST
@limited("write")
def unfollow(request: MemberRequest, name: str) -> HttpResponse:
    """Stop following a tag. Raises ``Http404`` for what is no tag."""
    return _change(request, name, tags.unfollow_tag)


def _change(request: MemberRequest, name: str, verb: Callable[..., None]) -> HttpResponse:
    """Answer with the new button (htmx), or redirect to the page that holds it."""
    key = tag_key(name)
    if not key:
        raise Http404
    try:
        verb(user=request.user, key=key)
    except tags.CannotFollowTag as error:
        messages.error(request, str(error))
        if request.headers.get("HX-Request"):
            # The page is loaded again, with the sentence.
            return HttpResponse(headers={"HX-Redirect": next_address(request, path_of_tag(key))})
    if request.headers.get("HX-Request"):
        return render(request, "social/_followed_tag.html", {"key": key})
    return redirect(next_address(request, path_of_tag(key)))
