"""The bytes of pictures. Every one is asked for by the person who wants to see it.

The address names the photo (or person) and the file; the one visibility rule decides, and only
then is the file opened. Files never change under their name, so what was public may be kept by
browsers for good; what was private must be asked for again each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from rest_framework.exceptions import AuthenticationFailed

from accounts.access import public
from accounts.api.authentication import TokenAuthentication
from accounts.models import User, Viewer
from photos.models import Photo

A_YEAR = 365 * 24 * 3600


@public
@require_safe
def photo_file(request: HttpRequest, photo_id: int, file_name: str) -> HttpResponseBase:
    """Send one size of a photo to whoever may see the photo; 404 to everyone else.

    One query beside the session's. Anonymous visitors, sessions and bearer tokens alike.
    """
    photos = Photo.objects.visible_to(_viewer(request)).select_related("author")
    photo = photos.filter(pk=photo_id).first()
    if photo is None:
        raise Http404
    names = (name for picture in photo.pictures for name in picture.served_names)
    return _send(request, _named(file_name, names), public=not photo.author.is_private)


@public
@require_safe
def avatar_file(request: HttpRequest, user_id: int, file_name: str) -> HttpResponseBase:
    """Send one size of an avatar to whoever may know the person; 404 to everyone else."""
    person = User.objects.reachable_by(_viewer(request)).filter(pk=user_id).first()
    if person is None:
        raise Http404
    names = (name for _, name in person.avatar)
    return _send(request, _named(file_name, names), public=True)


def _viewer(request: HttpRequest) -> Viewer:
    """Return who asks: mobile clients send their token, browsers their session."""
    if "Authorization" in request.headers:
        try:
            authenticated = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
        except AuthenticationFailed:
            raise Http404 from None
        if authenticated is not None:
            return cast(User, authenticated[0])
    return request.user


def _named(file_name: str, names: Iterable[str]) -> str:
    """Return the storage name that ends in ``file_name``: nothing else is ever opened."""
    for name in names:
        if name.rpartition("/")[2] == file_name:
            return name
    raise Http404


def _send(request: HttpRequest, name: str, *, public: bool) -> HttpResponseBase:
    etag = f'"{name.rpartition("/")[2]}"'
    response: HttpResponse | FileResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        try:
            response = FileResponse(default_storage.open(name), content_type="image/webp")
        except FileNotFoundError:
            raise Http404 from None
    response.headers["ETag"] = etag
    # A shared cache may keep neither: a public account can go private at any moment.
    if public:
        patch_cache_control(response, private=True, max_age=A_YEAR, immutable=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response
