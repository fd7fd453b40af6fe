"""The bytes of pictures. Every one is asked for by the person who wants to see it.

The address names the photo (or person) and the file; the one visibility rule decides, and only
then is the file opened. Files never change under their name, so what was public may be kept by
browsers for good; what was private must be asked for again each time.

Who moves the bytes depends on where they lie (ADR 0012): this process, nginx in front of it, or
the bucket that the person is sent to. The question is asked here in each case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe
from rest_framework.exceptions import AuthenticationFailed

from accounts.access import public
from accounts.api.authentication import TokenAuthentication
from accounts.models import User, Viewer
from photos.models import Photo

A_YEAR = 365 * 24 * 3600
# Seconds that a browser may use a redirect to a signed address again: less than that is valid.
REDIRECT_KEPT = 240
# All that is ever sent. The name's end decides, and names are ours, never an uploader's.
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
# The number of digits is bounded because Python refuses to convert very long ones.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


@public
@require_safe
def photo_file(request: HttpRequest, photo_id: int, file_name: str) -> HttpResponseBase:
    """Send one size of a photo to a viewer who may see the photo; ``Http404`` for all others.

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
    """Send one size of an avatar; ``Http404`` unless the viewer may know of the person."""
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
    """Answer with the file, or say where it is: nginx's folder or a signed address of a bucket."""
    etag = f'"{name.rpartition("/")[2]}"'
    held = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    response: HttpResponse | FileResponse
    if held & {etag, "*"}:
        response = HttpResponse(status=304)
    elif hasattr(default_storage, "signed_url"):
        return _redirect(name, public=public)
    elif settings.MEDIA_ACCEL_PREFIX:
        response = HttpResponse(content_type=_type(name))
        response.headers["X-Accel-Redirect"] = settings.MEDIA_ACCEL_PREFIX + quote(name)
    else:
        response = _file(request, name, etag)
    if response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.headers["ETag"] = etag
    # A shared cache may keep neither: a public account can go private at any moment.
    if public:
        patch_cache_control(response, private=True, max_age=A_YEAR, immutable=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Authorization"])
    if "X-Accel-Redirect" in response.headers:
        # nginx gives it to the picture, and not to an error of its own (infra/nginx/site.conf).
        response.headers["X-Picture-Cache-Control"] = response.headers["Cache-Control"]
        del response.headers["Cache-Control"]
    return response


def _type(name: str) -> str:
    return TYPES[name.rpartition(".")[2]]


def _redirect(name: str, *, public: bool) -> HttpResponse:
    """Redirect the person to the bucket, to a signed address that is valid for some minutes.

    The visibility check is not repeated for that address. Hence a redirect to a private picture is
    never cached, and one to a public picture for less time than its address is valid.
    """
    cache_control = f"private, max-age={A_YEAR}, immutable" if public else "private, no-store"
    address = cast(Any, default_storage).signed_url(
        name, ResponseContentType=_type(name), ResponseCacheControl=cache_control
    )
    response = HttpResponseRedirect(address)
    if public:
        patch_cache_control(response, private=True, max_age=REDIRECT_KEPT)
    else:
        patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response


def _file(request: HttpRequest, name: str, etag: str) -> HttpResponse | FileResponse:
    """Return the file, or the part of it that is asked for (RFC 9110, section 14)."""
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        raise Http404 from None
    response: HttpResponse | FileResponse
    part = _asked_part(request, etag, file.size)
    if part is None:
        response = FileResponse(file, content_type=_type(name))
    else:
        with file:
            response = _part(file, part, _type(name))
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _part(file: File[bytes], part: range, content_type: str) -> HttpResponse:
    if not part:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    file.seek(part.start)
    # Read at once: the largest size of a photo is a megabyte or two.
    response = HttpResponse(file.read(len(part)), content_type=content_type, status=206)
    response.headers["Content-Range"] = f"bytes {part[0]}-{part[-1]}/{file.size}"
    return response


def _asked_part(request: HttpRequest, etag: str, size: int) -> range | None:
    """Return which bytes are asked for: none of them if that part does not exist.

    ``None`` is the whole file: no range, several (which a server may ignore), one that cannot be
    understood, or one of an earlier file (``If-Range``).
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or asked is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if not first:
        return range(max(size - int(last), 0), size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
