"""The pages of the albums that one has deleted: brought back, or deleted for good."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from minigram_site.web.throttling import limited
from social.albums import deleting


@members
@require_safe
def albums(request: MemberRequest) -> HttpResponse:
    """List the albums that the caller can bring back. Two queries beside the person's."""
    page = deleting.deleted_albums(request.user, asked_cursor(request))
    return render(request, "social/bin/albums.html", {"page": page})


@members
@require_POST
@limited("write")
def bring_back(request: MemberRequest, album_id: int) -> HttpResponse:
    """Bring an album back as it was; a script is answered 204."""
    deleting.restore(owner=request.user, album_id=album_id)
    if getattr(request, "htmx", None):
        return HttpResponse(status=204)
    messages.success(request, gettext("The album has been restored."))
    return redirect("social:album", album_id)


@members
@limited("write")
def for_good(request: MemberRequest, album_id: int) -> HttpResponse:
    """Show the question whether to delete an album for good; do it on POST."""
    album = deleting.deleted_album(request.user, album_id)
    if request.method == "POST":
        deleting.delete_for_good(owner=request.user, album_id=album_id)
        messages.success(request, gettext("The album has been permanently deleted."))
        return redirect("social:deleted-albums")
    return render(request, "social/bin/delete_album.html", {"album": album})
