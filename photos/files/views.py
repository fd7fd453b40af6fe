"""The bytes of pictures. The address names the photo (or person) and the file.

What everybody may see is linked when it is first asked for, and from then on sent without asking
(``photos.files.links``). All else is asked for by the person who wants to see it: the one
visibility rule decides, and only then is the file opened. Files never change under their name, so
what was public may be kept by browsers for good; what was private must be asked for again each
time.

Who moves the bytes depends on where they lie (ADR 0012): this process, nginx in front of it, or
the bucket that the person is sent to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from rest_framework.exceptions import AuthenticationFailed

from accounts.access import public
from accounts.api.authentication import TokenAuthentication
from accounts.doors.site import site_settings
from accounts.models import User, Viewer
from minigram_site.fields.snowflake import encode
from minigram_site.storage import public_links
from photos.files import http, links
from photos.models import Media, Photo
from photos.pictures import served_names

# Seconds that a browser may use a redirect to a signed address again: less than that is valid.
REDIRECT_KEPT = 240
# Bytes of a part that is read before it is sent: the largest size of a photo is a megabyte or two.
READ_AT_ONCE = 4 * 1024 * 1024


@public
@require_safe
def photo_file(request: HttpRequest, photo_id: int, file_name: str) -> HttpResponseBase:
    """Send one size of a photo to a viewer who may see it, or to anybody if everybody may.

    ``Http404`` for all others. One query beside the session's, one more to link the photo.
    Anonymous visitors, sessions and bearer tokens alike.
    """
    photos = Photo.objects.sent_to(_viewer(request)).select_related("author")
    photo = photos.filter(pk=photo_id).first()
    if photo is None:
        raise Http404
    name = _named(file_name, served_names(photo.pictures))
    hidden_from_visitors = photo.author.is_private or photo.archived
    is_public = not (hidden_from_visitors or site_settings().members_only)
    if is_public and not public_links.is_linked(public_links.PHOTOS, photo.code, file_name):
        links.link_photo(photo)
    return _send(request, name, public=is_public)


@public
@require_safe
def avatar_file(request: HttpRequest, user_id: int, file_name: str) -> HttpResponseBase:
    """Send one size of the avatar of an active person to anybody; ``Http404`` if there is none.

    One query, one more to link the avatar. Of a site for members only visitors get none, which is
    asked before all views (``accounts.doors.middleware``), and nothing is linked.
    """
    person = User.objects.reachable_by(AnonymousUser()).filter(pk=user_id).first()
    if person is None:
        raise Http404
    name = _named(file_name, (name for _, name in person.avatar))
    is_public = not site_settings().members_only
    if is_public and not public_links.is_linked(public_links.AVATARS, encode(user_id), file_name):
        links.link_avatar(person)
    return _send(request, name, public=is_public)


def send_unkept(request: HttpRequest, photo: Photo, file_name: str) -> HttpResponseBase:
    """Send one size of a photo to somebody of whom it was asked already whether they may see it.

    Nobody keeps the answer: the address may be taken back, and has no account that could be asked.
    Raises ``Http404`` for a name that is not of one of its sizes. No query.
    """
    response = _send(request, _named(file_name, served_names(photo.pictures)), public=False)
    accelerated = "X-Accel-Redirect" in response.headers
    header = "X-Picture-Cache-Control" if accelerated else "Cache-Control"
    response.headers[header] = "private, no-store"
    return response


def send_upload(request: HttpRequest, media: Media, file_name: str) -> HttpResponseBase:
    """Send one size of an upload to its owner, of whom it was asked already. No query.

    Raises ``Http404`` for a name that is not of one of its sizes; the original is none.
    """
    names = [name for _, _, name in media.preview_sizes]
    return _send(request, _named(file_name, [*names, media.whole]), public=False)


def send_download(request: HttpRequest, name: str, file_name: str) -> HttpResponseBase:
    """Send a stored file as a download to somebody of whom it was asked before if it is theirs.

    Nobody keeps the answer. A download that was broken off goes on where it was (``Range``). Raises
    ``Http404`` if the storage does not have the file. No query.
    """
    disposition = content_disposition_header(as_attachment=True, filename=file_name)
    if hasattr(default_storage, "signed_url"):
        address = default_storage.signed_url(name, ResponseContentDisposition=disposition)
        response: HttpResponseBase = HttpResponseRedirect(address)
        response.headers["Cache-Control"] = "private, no-store"
        return response
    response = _send(request, name, public=False)
    header = (
        "X-Picture-Cache-Control" if "X-Accel-Redirect" in response.headers else "Cache-Control"
    )
    response.headers[header] = "private, no-store"
    if response.status_code < 300:
        response.headers["Content-Disposition"] = disposition or "attachment"
    return response


def _viewer(request: HttpRequest) -> Viewer:
    """Return who asks: mobile clients send their token, browsers their session.

    Whoever sends a token that is not valid is nobody.
    """
    if "Authorization" in request.headers:
        try:
            authenticated = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
        except AuthenticationFailed:
            return AnonymousUser()
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
    etag = http.etag_of(name)
    response: HttpResponseBase
    if http.has_it(request.headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=304)
    elif hasattr(default_storage, "signed_url"):
        return _redirect(name, public=public)
    elif settings.MEDIA_ACCEL_PREFIX:
        response = HttpResponse(content_type=http.content_type(name))
        response.headers["X-Accel-Redirect"] = settings.MEDIA_ACCEL_PREFIX + quote(name)
    else:
        response = _file(request, name, etag)
    if response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.headers["ETag"] = etag
    patch_vary_headers(response, http.VARY.split(", "))
    # nginx gives it to the picture, and not to an error of its own (infra/nginx/site.conf).
    accelerated = "X-Accel-Redirect" in response.headers
    header = "X-Picture-Cache-Control" if accelerated else "Cache-Control"
    response.headers[header] = http.PUBLIC if public else http.PRIVATE
    return response


def _redirect(name: str, *, public: bool) -> HttpResponse:
    """Redirect the person to the bucket, to a signed address that is valid for some minutes.

    The visibility check is not repeated for that address. Hence a redirect to a private picture is
    never cached, and one to a public picture for less time than its address is valid.
    """
    cache_control = http.PUBLIC if public else "private, no-store"
    address = cast(Any, default_storage).signed_url(
        name, ResponseContentType=http.content_type(name), ResponseCacheControl=cache_control
    )
    response = HttpResponseRedirect(address)
    if public:
        patch_cache_control(response, private=True, max_age=REDIRECT_KEPT)
    else:
        patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, http.VARY.split(", "))
    return response


def _file(request: HttpRequest, name: str, etag: str) -> HttpResponseBase:
    """Return the file, or the part of it that is asked for (RFC 9110, section 14)."""
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        raise Http404 from None
    response: HttpResponseBase
    asked = request.headers.get("Range", "") if request.method == "GET" else ""
    part = http.asked_part(asked, request.headers.get("If-Range", ""), etag, file.size)
    if part is None:
        response = FileResponse(file, content_type=http.content_type(name))
    else:
        response = _part(file, part, http.content_type(name))
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _part(file: File[bytes], part: range, content_type: str) -> HttpResponseBase:
    """Return a part of a file, which is closed here or with the answer."""
    if not part:
        size = file.size
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response: HttpResponse | FileResponse
    if len(part) <= READ_AT_ONCE:
        with file:
            file.seek(part.start)
            response = HttpResponse(file.read(len(part)), content_type=content_type, status=206)
    else:
        response = FileResponse(_Portion(file, part), content_type=content_type, status=206)
    response.headers["Content-Length"] = str(len(part))
    response.headers["Content-Range"] = f"bytes {part[0]}-{part[-1]}/{file.size}"
    return response


class _Portion:
    """A part of a file, read as it is sent: an archive may be larger than the memory."""

    def __init__(self, file: File[bytes], part: range) -> None:
        file.seek(part.start)
        self._file, self._left = file, len(part)
        self.close = file.close

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = bytes(self._file.read(wanted))
        self._left -= len(data)
        return data
