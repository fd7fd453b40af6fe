"""The pages of share links: for whoever makes them, and for whoever has one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members, public
from accounts.doors.site import last_known
from minigram_site.db import on_primary
from minigram_site.web.throttling import limited
from photos.files.views import send_unkept
from photos.permissions import own_photo
from photos.views import card_or_404
from social.albums import linked_photos, links, reading
from social.albums.models import ShareLink
from social.albums.pages.forms import LinkForm, UnlockForm

Answer = TypeVar("Answer", bound=HttpResponseBase)

COOKIE = "share_key"
GRID = 24


def link_holders(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return ``view``, guarded: open to whoever has a link, and has typed its password.

    It is given the ``link`` beside its ``token``. Others get 404, or 401 with a form.
    """

    @public
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **path: Any) -> HttpResponseBase:
        with on_primary():
            link = links.find(token)
            key = request.COOKIES.get(COOKIE) or request.headers.get("X-Share-Key", "")
            if not links.is_open(link, key):
                return _unkept(_locked(request, token, UnlockForm()))
            return _unkept(view(request, link=link, token=token, **path))

    return guarded


@require_safe
@link_holders
def shared(request: HttpRequest, *, link: ShareLink, token: str) -> HttpResponse:
    """Show what a link leads to: a photo, or an album. Four queries."""
    context: dict[str, Any] = {"sharer": link.sharer.name, "token": token, "link": link}
    if link.album is None:
        photo = linked_photos.linked_photo(link, token, link.photo_id)
        return render(request, "social/albums/shared_photo.html", context | {"photo": photo})
    cursor = asked_cursor(request, len(reading.PHOTOS))
    page = linked_photos.photos_page(link, token, cursor, GRID)
    album = link.album
    named = linked_photos.named_in(album.text_entities, link, album.owner_id)
    context |= {"album": album, "text_entities": named, "page": page}
    context["number"] = links.photos_of(link).count()
    return render(request, "social/albums/shared_album.html", context)


@require_safe
@link_holders
def shared_photo(
    request: HttpRequest, *, link: ShareLink, token: str, photo_id: int
) -> HttpResponse:
    """Show one photo behind a link. Three queries."""
    photo = linked_photos.linked_photo(link, token, photo_id)
    context = {"sharer": link.sharer.name, "token": token, "link": link, "photo": photo}
    return render(request, "social/albums/shared_photo.html", context)


@require_safe
@link_holders
def shared_file(
    request: HttpRequest, *, link: ShareLink, token: str, photo_id: int, file_name: str
) -> HttpResponseBase:
    """Send one size of a photo behind a link, never the original. Two queries."""
    return send_unkept(request, linked_photos.photo_behind(link, photo_id), file_name)


@public
@require_POST
@sensitive_post_parameters("password")
def unlock(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take the password of a link; who knows it gets a cookie for the addresses of this link."""
    with on_primary():
        link = links.find(token)
    form = UnlockForm(request.POST)
    key = links.unlock(link, form.cleaned_data["password"], request) if form.is_valid() else None
    if key is None:
        if not form.errors:
            form.add_error("password", gettext("That isn’t the password for this link."))
        return _unkept(_locked(request, token, form))
    response = redirect("social:shared", token)
    response.set_cookie(
        COOKIE,
        key,
        max_age=int(links.UNLOCKED_FOR.total_seconds()),
        path=reverse("social:shared", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return _unkept(response)


@members
@limited("write")
@sensitive_post_parameters("password")
def share_photo(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Show and take the form that makes a link to an own photo."""
    own_photo(request.user, photo_id)
    card = card_or_404(request, photo_id)
    return _share(request, {"photo_id": photo_id}, gettext("this photo"), card.url)


@members
@limited("write")
@sensitive_post_parameters("password")
def share_album(request: MemberRequest, album_id: int) -> HttpResponse:
    """Show and take the form that makes a link to an own album.

    Raises ``PermissionDenied`` for an album of somebody else.
    """
    card = reading.album_card(request.user, album_id)
    if not card.is_owner:
        raise PermissionDenied(gettext("Only the owner of the album can do this."))
    return _share(request, {"album_id": album_id}, f"“{card.title}”", card.url)


@members
@require_safe
def links_of(request: MemberRequest) -> HttpResponse:
    """List the links of the caller that work."""
    page = links.links_page(request.user, asked_cursor(request))
    context = {"page": page, "members_only": last_known().members_only}
    return render(request, "social/albums/links.html", context)


@members
@require_POST
@limited("write")
def revoke(request: MemberRequest, link_id: int) -> HttpResponse:
    """Revoke a link."""
    links.revoke(sharer=request.user, link_id=link_id)
    messages.success(request, gettext("The link has been turned off."))
    return redirect("social:links")


def _share(request: MemberRequest, thing: dict[str, Any], words: str, address: str) -> HttpResponse:
    form = LinkForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "words": words, "address": address}
    context["members_only"] = last_known().members_only
    if request.method == "POST" and form.is_valid():
        try:
            link, token = links.share(sharer=request.user, **thing, **form.cleaned_data)
        except links.CannotShare as error:
            form.add_error(None, error)
        else:
            path = reverse("social:shared", args=[token])
            context |= {"link": link, "made": f"{settings.SITE_URL}{path}"}
    status = 422 if form.errors else 200
    return _unkept(render(request, "social/albums/share.html", context, status=status))


def _locked(request: HttpRequest, token: str, form: UnlockForm) -> HttpResponse:
    """Return the form for the password of a link, and nothing of what is behind it."""
    context = {"form": form, "token": token}
    response = render(request, "social/albums/locked.html", context, status=401)
    response.headers["WWW-Authenticate"] = 'SharePassword realm="share link"'
    return response


def _unkept(response: Answer) -> Answer:
    """Add the headers of answers whose address is a key: nobody keeps, indexes or passes it on.

    What nginx sends for the site has said by itself that nobody keeps it (``send_unkept``).
    """
    if "X-Accel-Redirect" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
