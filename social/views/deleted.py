"""Recently deleted: what one has deleted, brought back or deleted for good."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from minigram_site.web.throttling import limited
from photos.bin import CannotRestore, deleted_photo, deleted_photos, picture_of, restore
from photos.bin.comments import deleted_comment, forget_comment
from social.moderation.evidence import delete_for_good, deleted_comments, restore_comment


@members
@require_safe
def photos(request: MemberRequest) -> HttpResponse:
    """List what the caller has deleted and can bring back. One query beside the person's."""
    page = deleted_photos(request.user, asked_cursor(request))
    return render(request, "social/deleted.html", {"page": page})


@members
@require_safe
def picture(request: MemberRequest, photo_id: int) -> FileResponse:
    """Send the smallest size of a photo that the caller has deleted: it has no other address."""
    return picture_of(deleted_photo(request.user, photo_id))


@members
@require_POST
@limited("write")
def bring_back(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Bring a photo back to where it was.

    A script is answered the author's counts, which take one query, or 409 where that cannot be.
    """
    removal = deleted_photo(request.user, photo_id)
    by_script = bool(getattr(request, "htmx", None))
    try:
        restore(removal=removal)
    except CannotRestore as error:
        if by_script:
            return HttpResponse(status=409)
        messages.error(request, str(error))
        return redirect("social:deleted")
    if by_script:
        return render(request, "social/_own_counts.html")
    messages.success(request, gettext("The photo has been restored."))
    return redirect("photos:photo", photo_id)


@members
@limited("write")
def for_good(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Show the question whether to delete a photo for good; do it on POST."""
    removal = deleted_photo(request.user, photo_id)
    if request.method == "POST":
        delete_for_good(removal=removal)
        messages.success(request, gettext("The photo has been permanently deleted."))
        return redirect("social:deleted")
    return render(request, "social/delete_for_good.html", {"removal": removal})


@members
@require_safe
def comments(request: MemberRequest) -> HttpResponse:
    """List the comments that the caller can bring back. One query beside the person's."""
    page = deleted_comments(request.user, asked_cursor(request))
    return render(request, "social/bin/comments.html", {"page": page})


@members
@require_POST
@limited("write")
def bring_comment_back(request: MemberRequest, comment_id: int) -> HttpResponse:
    """Bring a comment back to its place; a script is answered 204, or 409 if it cannot be."""
    deleted = deleted_comment(request.user, comment_id)
    by_script = bool(getattr(request, "htmx", None))
    try:
        restore_comment(deleted=deleted)
    except CannotRestore as error:
        if by_script:
            return HttpResponse(status=409)
        messages.error(request, str(error))
        return redirect("social:deleted-comments")
    if by_script:
        return HttpResponse(status=204)
    messages.success(request, gettext("The comment has been restored."))
    return redirect("photos:thread", deleted.photo_id, comment_id)


@members
@limited("write")
def comment_for_good(request: MemberRequest, comment_id: int) -> HttpResponse:
    """Show the question whether to delete a comment for good; do it on POST."""
    deleted = deleted_comment(request.user, comment_id)
    if request.method == "POST":
        forget_comment(deleted=deleted)
        messages.success(request, gettext("The comment has been permanently deleted."))
        return redirect("social:deleted-comments")
    return render(request, "social/bin/delete_comment.html", {"deleted": deleted})
