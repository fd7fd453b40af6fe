"""The pages of shared albums: who adds to one, and invitations."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, asked_cursor, members
from accounts.models import User
from minigram_site.web.throttling import limited
from social.albums import reading
from social.albums.members import (
    CannotInvite,
    accept,
    invite,
    leave,
    members_page,
    remove_member,
)
from social.albums.pages.forms import InviteForm


@members
@limited("write")
def members_of(request: MemberRequest, album_id: int) -> HttpResponse:
    """List who adds to an album; its owner invites further people (POST).

    Raises ``Http404`` for those who do not add to it.
    """
    card = reading.album_card(request.user, album_id)
    if not card.may_add:
        raise Http404
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _invited(request, album_id, form):
        return redirect("social:album-members", album_id)
    cursor = asked_cursor(request) if request.method == "GET" else None
    page = members_page(album_id, request.user, cursor, invited=card.is_owner)
    context = {"album": card, "page": page, "form": form}
    status = 422 if form.errors else 200
    return render(request, "social/albums/members.html", context, status=status)


@members
@require_POST
@limited("write")
def remove(request: MemberRequest, album_id: int, username: str) -> HttpResponse:
    """End the membership or invitation of a person."""
    person = get_object_or_404(User, username=username)
    remove_member(owner=request.user, album_id=album_id, person=person)
    messages.success(
        request, gettext("%(person)s is no longer a member of this album.") % {"person": person}
    )
    return redirect("social:album-members", album_id)


@members
@require_POST
@limited("write")
def answer(request: MemberRequest, album_id: int) -> HttpResponse:
    """Accept an invitation, decline it, or leave an album, by the button that was pressed."""
    if "accept" in request.POST:
        accept(user=request.user, album_id=album_id)
        return redirect("social:album", album_id)
    leave(user=request.user, album_id=album_id)
    messages.success(
        request, gettext("You’ve left this album. The photos you added are still there.")
    )
    return redirect("social:albums")


def _invited(request: MemberRequest, album_id: int, form: InviteForm) -> bool:
    """Invite whom the form names; what is wrong is said in the form."""
    name = form.cleaned_data["username"]
    person = User.objects.reachable_by(request.user).filter(username=name).first()
    if person is None:
        form.add_error("username", gettext("There is nobody called @%(name)s.") % {"name": name})
        return False
    try:
        invite(owner=request.user, album_id=album_id, person=person)
    except CannotInvite as error:
        form.add_error("username", error)
        return False
    messages.success(request, gettext("%(person)s has been invited.") % {"person": person})
    return True
