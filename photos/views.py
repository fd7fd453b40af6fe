"""The page of a photo: the picture, its likes and its comments."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members, next_address, public
from minigram_site.web.pagination import paginate
from minigram_site.web.throttling import limited
from photos import services
from photos.bin import move_to_bin
from photos.cards import PhotoCard, cards_of
from photos.conversation.cards import comments_page
from photos.files.originals import original_of
from photos.forms import CommentForm, EditForm
from photos.models import Like
from photos.permissions import own_photo, require_visible
from photos.previews import photo_preview


@public
@require_safe
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Show a photo and its comments. Three queries beside the person's."""
    return photo_page(request, photo_id, CommentForm())


@members
@require_safe
def likes(request: MemberRequest, photo_id: int) -> HttpResponse:
    """List who likes a photo."""
    card = card_or_404(request, photo_id)
    page = paginate(Like.objects.of(photo_id, request.user), asked_cursor(request))
    return render(request, "photos/likes.html", {"card": card, "page": page})


@members
@limited("write")
def edit(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Show and take the form for caption and descriptions of an own photo."""
    photo = own_photo(request.user, photo_id)
    form = EditForm(photo, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.edit_photo(photo=photo, **form.changes)
        messages.success(request, gettext("Saved."))
        return redirect(photo)
    context = {"form": form, "photo": photo, "card": card_or_404(request, photo_id)}
    return render(request, "photos/edit.html", context, status=422 if form.errors else 200)


@members
@require_safe
def original(request: MemberRequest, photo_id: int, number: int) -> FileResponse:
    """Send the file of an own photo as it was uploaded."""
    return original_of(request.user, photo_id, number)


@members
@limited("write")
def delete(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Show the question whether to delete an own photo; move it to the bin on POST.

    A script asks nothing and says itself what is done: it is answered the author's counts, which
    take one query.
    """
    photo = own_photo(request.user, photo_id)
    if request.method == "POST":
        move_to_bin(photo=photo)
        if getattr(request, "htmx", None):
            return render(request, "social/_own_counts.html")
        messages.success(
            request,
            gettext("The photo has been deleted. You can restore it in your settings for 30 days."),
        )
        return redirect(request.user)
    return render(request, "photos/delete.html", {"card": card_or_404(request, photo_id)})


@members
@require_POST
@limited("write")
def like(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Like a photo."""
    require_visible(request.user, photo_id)
    services.like(user=request.user, photo_id=photo_id)
    return _liked(request, photo_id)


@members
@require_POST
@limited("write")
def unlike(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Remove a like."""
    require_visible(request.user, photo_id)
    services.unlike(user=request.user, photo_id=photo_id)
    return _liked(request, photo_id)


def card_or_404(request: HttpRequest, photo_id: int) -> PhotoCard:
    """Return the card of a photo; raises ``Http404`` unless the viewer may see it. One query."""
    found = cards_of([photo_id], request.user)
    if not found:
        raise Http404
    return found[0]


def photo_page(
    request: HttpRequest, photo_id: int, form: CommentForm, status: int = 200
) -> HttpResponse:
    """Return the page of a photo, or for htmx its comments alone.

    Raises ``Http404`` unless the viewer may see it. Two queries, and one for replies.
    """
    card = card_or_404(request, photo_id)
    cursor = asked_cursor(request) if request.method == "GET" else None
    comments = comments_page(photo_id, request.user, cursor)
    context: dict[str, Any] = {"card": card, "page": comments, "form": form}
    if request.user.pk is None:
        context["preview"] = photo_preview(card)
    if not getattr(request, "htmx", None):
        return render(request, "photos/photo.html", context, status=status)
    narrow = "photos/_comment_list.html" if "cursor" in request.GET else "photos/_comments.html"
    return render(request, narrow, context, status=status)


def _liked(request: MemberRequest, photo_id: int) -> HttpResponse:
    card = card_or_404(request, photo_id)
    address = next_address(request, card.url)
    if getattr(request, "htmx", None):
        here, _, _ = address.partition("#")
        return render(request, "photos/_like.html", {"card": card, "here": here})
    return redirect(address)
