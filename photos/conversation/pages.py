"""The pages of conversation: comments, replies and their likes, and the page of a tag."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from accounts.access import MemberRequest, asked_cursor, members, next_address, public
from minigram_site.fields.entities import tag_key
from minigram_site.web.throttling import limited
from photos import services
from photos.conversation import comments
from photos.conversation.cards import CommentCard, card_of_new, comment_card, replies_page
from photos.conversation.tags import spelling_of, tag_page
from photos.forms import CommentForm
from photos.models import Comment
from photos.permissions import (
    COMMENTS_OFF,
    comments_are_open,
    deletable_comment,
    own_comment,
    visible_comment,
)
from photos.previews import tag_preview
from photos.views import card_or_404, photo_page


def require_open(request: MemberRequest, photo_id: int) -> None:
    """Raise ``PermissionDenied`` where comments are off, ``Http404`` where there is no photo."""
    if not comments_are_open(request.user, photo_id):
        raise PermissionDenied(COMMENTS_OFF)


@members
@require_POST
@limited("comment")
def comment(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Write a comment."""
    require_open(request, photo_id)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return photo_page(request, photo_id, form, status=422)
    services.comment(author=request.user, photo_id=photo_id, **form.cleaned_data)
    if _is_narrow(request):
        return photo_page(request, photo_id, CommentForm())
    return redirect(reverse("photos:photo", args=[photo_id]) + "#comments")


@public
@require_safe
def thread(request: HttpRequest, photo_id: int, comment_id: int) -> HttpResponse:
    """Show a comment with the replies to it, or for htmx the further replies alone.

    A reply leads to the comment that it replies to. Raises ``Http404``.
    """
    card = card_or_404(request, photo_id)
    shown = _comment_card(request, photo_id, comment_id)
    if shown.parent_id is not None:
        address = reverse("photos:thread", args=[photo_id, shown.parent_id])
        return redirect(f"{address}#comment-{shown.code}")
    page = replies_page(photo_id, comment_id, request.user, asked_cursor(request))
    context = {"card": card, "comment": shown, "page": page}
    narrow = _is_narrow(request) and "cursor" in request.GET
    name = "photos/_replies.html" if narrow else "photos/thread.html"
    return render(request, name, context)


@members
@limited("comment")
def reply(request: MemberRequest, photo_id: int, comment_id: int) -> HttpResponse:
    """Show and take the form of a reply; for htmx the form, then the comment with its replies."""
    require_open(request, photo_id)
    answered = visible_comment(request.user, photo_id, comment_id)
    form = CommentForm(
        request.POST if request.method == "POST" else None, auto_id=f"reply-{answered.code}-%s"
    )
    form.fields["text"].widget.attrs |= {"placeholder": gettext("Write a reply"), "autofocus": True}
    if request.method != "POST":
        form.initial["text"] = _beginning(request, answered)
    elif form.is_valid():
        try:
            written = services.comment(
                author=request.user, photo_id=photo_id, reply_to=answered, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error("text", error.messages[0])
        else:
            return _replied(request, written)
    return _reply_form(request, answered, form)


@members
@limited("comment")
def edit_comment(request: MemberRequest, photo_id: int, comment_id: int) -> HttpResponse:
    """Show and take the form for the text of an own comment."""
    held = own_comment(request.user, photo_id, comment_id)
    require_open(request, photo_id)
    form = CommentForm(
        request.POST if request.method == "POST" else None, initial={"text": held.text}
    )
    if request.method == "POST" and form.is_valid():
        comments.edit_comment(comment=held, text=form.cleaned_data["text"])
        return redirect("photos:thread", photo_id, comment_id)
    form.fields["text"].widget.attrs["rows"] = 4
    context = {"form": form, "card": card_or_404(request, photo_id), "comment": held}
    status = 422 if form.errors else 200
    return render(request, "photos/edit_comment.html", context, status=status)


@members
@require_POST
@limited("write")
def delete_comment(request: MemberRequest, photo_id: int, comment_id: int) -> HttpResponse:
    """Move an own comment, or one below an own photo, to the bin."""
    held = deletable_comment(request.user, photo_id, comment_id)
    services.delete_comment(comment=held, by=request.user)
    if _is_narrow(request):
        return photo_page(request, photo_id, CommentForm())
    messages.success(
        request,
        gettext("The comment has been deleted."),
        extra_tags=reverse("social:restore-comment", args=[comment_id]),
    )
    return redirect(reverse("photos:photo", args=[photo_id]) + "#comments")


@members
@require_POST
@limited("write")
def like_comment(request: MemberRequest, photo_id: int, comment_id: int) -> HttpResponse:
    """Like a comment."""
    visible_comment(request.user, photo_id, comment_id)
    comments.like_comment(user=request.user, comment_id=comment_id)
    return _liked(request, photo_id, comment_id)


@members
@require_POST
@limited("write")
def unlike_comment(request: MemberRequest, photo_id: int, comment_id: int) -> HttpResponse:
    """Take the like of a comment back."""
    visible_comment(request.user, photo_id, comment_id)
    comments.unlike_comment(user=request.user, comment_id=comment_id)
    return _liked(request, photo_id, comment_id)


@public
@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """Show the photos with a tag; any spelling leads to the address of its one form.

    Raises ``Http404`` for what is no tag. Two queries beside the person's, three for members.
    """
    key = tag_key(name)
    if not key:
        raise Http404
    if key != name:
        return redirect("photos:tag", key)
    page = tag_page(key, request.user, asked_cursor(request), 24)
    name = spelling_of(key, page.items)
    context: dict[str, Any] = {"page": page, "key": key, "name": name}
    if request.user.pk is None:
        context["preview"] = tag_preview(reverse("photos:tag", args=[key]), name, page.items)
    if _is_narrow(request) and "cursor" in request.GET:
        return render(request, "photos/_grid.html", context)
    return render(request, "photos/tag.html", context)


def _is_narrow(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", None))


def _comment_card(request: HttpRequest, photo_id: int, comment_id: int) -> CommentCard:
    card = comment_card(photo_id, comment_id, request.user)
    if card is None:
        raise Http404
    return card


def _beginning(request: MemberRequest, answered: Comment) -> str:
    """Return what a reply to a reply begins with: the name of whom it answers."""
    to_oneself = answered.author_id == request.user.pk
    return "" if answered.parent_id is None or to_oneself else f"{answered.author} "


def _reply_form(request: MemberRequest, answered: Comment, form: CommentForm) -> HttpResponse:
    top = Comment(pk=answered.parent_id or answered.pk)
    context = {"form": form, "answered": answered, "top": top, "photo_id": answered.photo_id}
    status = 422 if form.errors else 200
    if not _is_narrow(request):
        context["card"] = card_or_404(request, answered.photo_id)
        return render(request, "photos/reply.html", context, status=status)
    response = render(request, "photos/_reply.html", context, status=status)
    return reswap(retarget(response, f"#answer-{top.code}"), "innerHTML")


def _replied(request: MemberRequest, written: Comment) -> HttpResponse:
    photo_id, top_id = written.photo_id, written.parent_id or written.pk
    if not _is_narrow(request):
        address = reverse("photos:thread", args=[photo_id, top_id])
        return redirect(f"{address}#comment-{card_of_new(written).code}")
    top = _comment_card(request, photo_id, top_id)
    if all(one.id != written.pk for one in top.replies):
        # The one just written is shown, however many there are before it.
        top = top._replace(replies=(*top.replies, card_of_new(written)))
    context = {"card": card_or_404(request, photo_id), "comment": top, "written": True}
    return render(request, "photos/_thread.html", context)


def _liked(request: MemberRequest, photo_id: int, comment_id: int) -> HttpResponse:
    shown = _comment_card(request, photo_id, comment_id)
    if _is_narrow(request):
        context = {"comment": shown, "path": shown.path}
        return render(request, "photos/_comment_like.html", context)
    page = reverse("photos:thread", args=[photo_id, shown.parent_id or shown.id])
    return redirect(next_address(request, page))
