"""The pages of the archive: what is in it, putting a photo there and bringing it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from minigram_site.web.throttling import limited
from photos import hiding
from photos.card_pages.archive import archive_page
from photos.permissions import own_photo


@members
@require_safe
def archive(request: MemberRequest) -> HttpResponse:
    """Show what the caller has archived. Two queries beside the person's."""
    page = archive_page(request.user, asked_cursor(request), 24)
    if request.headers.get("HX-Request") and "cursor" in request.GET:
        return render(request, "photos/_grid.html", {"page": page})
    return render(request, "photos/archive.html", {"page": page})


@members
@require_POST
@limited("write")
def archive_photo(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Archive an own photo."""
    photo = own_photo(request.user, photo_id)
    hiding.archive_photo(photo=photo)
    messages.success(
        request, gettext("The photo has been archived. Only you can see it, in your archive.")
    )
    return redirect(photo)


@members
@require_POST
@limited("write")
def bring_back_photo(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Bring an own photo back from the archive."""
    photo = own_photo(request.user, photo_id)
    hiding.bring_back_photo(photo=photo)
    messages.success(request, gettext("The photo has been restored."))
    return redirect(photo)
