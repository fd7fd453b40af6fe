"""The page on which an author pins or archives a photo."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, members
from minigram_site.web.throttling import limited
from photos import pins
from photos.permissions import own_photo
from photos.views import card_or_404


@members
@require_safe
def place(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Show where an own photo is: pinned, archived or neither, and the buttons that change it."""
    photo = own_photo(request.user, photo_id)
    context = {"card": card_or_404(request, photo_id), "pinned": pins.is_pinned(photo)}
    return render(request, "photos/place.html", context)


@members
@require_POST
@limited("write")
def pin(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Pin an own photo to the profile, at the front."""
    photo = own_photo(request.user, photo_id)
    try:
        pins.pin(photo=photo)
    except pins.CannotPin as error:
        messages.error(request, str(error))
        return redirect("photos:place", photo_id)
    messages.success(request, gettext("The photo is now pinned to the top of your profile."))
    return redirect(request.user)


@members
@require_POST
@limited("write")
def unpin(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Take an own photo from the front of the profile."""
    pins.unpin(photo=own_photo(request.user, photo_id))
    messages.success(request, gettext("The photo is no longer pinned."))
    return redirect(request.user)
