"""Profiles, followers and following, follow requests, blocking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members, next_address, public
from accounts.models import User
from minigram_site.web.pagination import PAGE_SIZE
from minigram_site.web.throttling import limited
from photos.card_pages.by_author import author_page
from photos.models import Draft
from photos.pins import wall_of
from social import follows, people
from social.reach.previews import profile_preview
from social.suggestions import SUGGESTED, suggested


@public
@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show a person and, to those who may see them, their photos."""
    person = people.profile(request.user, username)
    viewable = people.is_viewable(person)
    context: dict[str, object] = {"person": person, "viewable": viewable}
    if viewable and "cursor" in request.GET:
        context["page"] = author_page(person, request.user, asked_cursor(request), 24, pinned=False)
        if request.headers.get("HX-Request"):
            return render(request, "photos/_grid.html", context)
    elif viewable:
        context["pinned"], context["page"] = wall_of(person, request.user, 24)
    return render(request, "social/profile.html", context | _head_of(request, person))


def _head_of(request: HttpRequest, person: User) -> dict[str, object]:
    """Return what the page of a person shows beside photos. One query for their own."""
    own, visitor = person.pk == request.user.pk, request.user.pk is None
    return {
        "head": people.profile_head(person, request.user),
        "is_member": not visitor,
        # Other sites ask as visitors.
        "preview": profile_preview(person) if visitor else None,
        "drafts": own and Draft.objects.filter(author=person).exists(),
    }


@public
@require_safe
def by_id(request: HttpRequest, user_id: int) -> HttpResponse:
    """Redirect to the profile of whom a text mentions, under the name that they have now.

    Raises ``Http404`` where the viewer may not know of them. One query.
    """
    return redirect(get_object_or_404(User.objects.reachable_by(request.user), pk=user_id))


@members
@require_safe
def mentions(request: MemberRequest) -> JsonResponse:
    """Answer a script with the people whose names begin with ``?q=``. One query, or none."""
    found = people.named_like(request.user, request.GET.get("q", ""))
    rows = [{"username": one.username, "name": one.name} for one in found]
    return JsonResponse({"people": rows}, headers={"Cache-Control": "private, no-store"})


@members
@require_safe
def suggestions(request: MemberRequest) -> HttpResponse:
    """Show people to follow, or for htmx the list alone."""
    narrow = bool(request.headers.get("HX-Request"))
    found = suggested(request.user, SUGGESTED if narrow else PAGE_SIZE)
    name = "social/_suggestions.html" if narrow else "social/suggestions.html"
    response = render(request, name, {"suggestions": found})
    response.headers["Vary"] = "Cookie, HX-Request"
    return response


@members
@require_safe
def followers(request: MemberRequest, username: str) -> HttpResponse:
    """List the followers of a person."""
    person = people.profile(request.user, username)
    context = {
        "person": person,
        "list": "followers",
        "title": gettext("Followers of %s") % person.name,
    }
    return _people(request, context, people.followers)


@members
@require_safe
def following(request: MemberRequest, username: str) -> HttpResponse:
    """List those whom a person follows."""
    person = people.profile(request.user, username)
    title = gettext("People %s follows") % person.name
    context = {"person": person, "list": "following", "title": title}
    return _people(request, context, people.following)


@members
@require_POST
@limited("write")
def follow(request: MemberRequest, username: str) -> HttpResponse:
    """Follow a person, or ask to."""
    followee = people.profile(request.user, username)
    try:
        follows.follow(follower=request.user, followee=followee)
    except follows.CannotFollow as error:
        messages.error(request, str(error))
    return _relation(request, username)


@members
@require_POST
@limited("write")
def unfollow(request: MemberRequest, username: str) -> HttpResponse:
    """Stop following a person, or withdraw the request."""
    followee = people.profile(request.user, username)
    follows.unfollow(follower=request.user, followee=followee)
    return _relation(request, username)


@members
@require_POST
@limited("write")
def block(request: MemberRequest, username: str) -> HttpResponse:
    """Block a person."""
    blocked = people.held(request.user, username)
    try:
        follows.block(blocker=request.user, blocked=blocked)
    except follows.CannotFollow as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            gettext("You and %(blocked)s no longer see each other.") % {"blocked": blocked},
            extra_tags=reverse("social:unblock", args=[blocked.username]),
        )
    return redirect(blocked if blocked.is_active else "social:blocked")


@members
@require_POST
@limited("write")
def unblock(request: MemberRequest, username: str) -> HttpResponse:
    """End a block."""
    blocked = people.held(request.user, username)
    follows.unblock(blocker=request.user, blocked=blocked)
    messages.success(request, gettext("You can see %(blocked)s again.") % {"blocked": blocked})
    page = blocked.get_absolute_url() if blocked.is_active else reverse("social:blocked")
    return redirect(next_address(request, page))


@members
@require_POST
@limited("write")
def remove_follower(request: MemberRequest, username: str) -> HttpResponse:
    """Make a person stop following oneself; a script is answered what that has changed."""
    follower = people.held(request.user, username)
    follows.remove_follower(owner=request.user, follower=follower)
    if request.headers.get("HX-Request"):
        if follower.is_active:
            return _relation(request, username)
        return render(request, "social/_own_counts.html")
    messages.success(
        request, gettext("%(follower)s no longer follows you.") % {"follower": follower}
    )
    return redirect("social:followers", request.user.username)


@members
@require_safe
def requests(request: MemberRequest) -> HttpResponse:
    """List those who ask to follow."""
    page = people.requests(request.user, asked_cursor(request))
    return render(request, "social/requests.html", {"page": page})


@members
@require_POST
@limited("write")
def accept(request: MemberRequest, username: str) -> HttpResponse:
    """Accept the follow request of a person; raises ``Http404`` if they have not asked."""
    requester = people.profile(request.user, username)
    if not follows.accept(owner=request.user, requester=requester):
        raise Http404
    messages.success(request, gettext("%(requester)s now follows you.") % {"requester": requester})
    return redirect("social:requests")


@members
@require_POST
@limited("write")
def decline(request: MemberRequest, username: str) -> HttpResponse:
    """Delete the follow request of a person; raises ``Http404`` if they have not asked."""
    requester = people.profile(request.user, username)
    if not follows.decline(owner=request.user, requester=requester):
        raise Http404
    messages.success(
        request, gettext("You declined %(requester)s’s request.") % {"requester": requester}
    )
    return redirect("social:requests")


def _people(
    request: MemberRequest, context: dict[str, Any], source: Callable[..., object]
) -> HttpResponse:
    person = context["person"]
    viewable = people.is_viewable(person)
    context |= {"viewable": viewable}
    if viewable:
        context["page"] = source(request.user, person, asked_cursor(request))
    return render(request, "social/people.html", context, status=200 if viewable else 403)


def _relation(request: MemberRequest, username: str) -> HttpResponse:
    """Answer a script with all that the act has changed, or redirect to the page of the button.

    For a script two queries: the counts of the person, and of the viewer.
    """
    person = people.profile(request.user, username)
    if request.headers.get("HX-Request"):
        own = people.profile(request.user, request.user.username)
        context = {
            "head": people.profile_head(person, request.user),
            "own": people.profile_head(own, request.user),
            "viewable": people.is_viewable(person),
            "here": person.get_absolute_url(),
        }
        return render(request, "social/_followed.html", context)
    return redirect(next_address(request, person.get_absolute_url()))
