"""Files on their way to a photo, one by one: for the script of the upload page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, members
from minigram_site.web.throttling import limited
from photos.files.views import send_upload
from photos.forms import MediaForm
from photos.models import Media
from photos.refusals import ImageRejected
from social import publishing

# In pixels: what a picture is shown by until it is published.
SHOWN_WIDTH = 1080


@members
@require_POST
@limited("upload")
def upload_media(request: MemberRequest) -> JsonResponse:
    """Take one file; answer in JSON with what ``media_shown`` says of it."""
    form = MediaForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"detail": form.errors["image"][0]}, status=422)
    try:
        media = publishing.upload(owner=request.user, image=form.cleaned_data["image"])
    except ImageRejected as error:
        return _refused(error)
    return JsonResponse(media_shown(media), status=201)


@members
@require_safe
def media_state(request: MemberRequest, media_id: int) -> JsonResponse:
    """Tell how far an own upload is."""
    return JsonResponse(media_shown(_own(request, media_id)))


@members
@require_safe
def media_file(request: MemberRequest, media_id: int, file_name: str) -> HttpResponseBase:
    """Send one size of an own upload."""
    return send_upload(request, _own(request, media_id), file_name)


@members
@require_POST
@limited("write")
def adjust_media(request: MemberRequest, media_id: int) -> JsonResponse:
    """Turn and crop an own upload: ``turn`` in quarters, ``crop`` as four fractions or nothing."""
    media = _own(request, media_id)
    try:
        turn = int(request.POST.get("turn", ""))
        crop = [float(number) for number in request.POST.get("crop", "").split(",") if number]
        publishing.adjust(media, turn=turn, crop=crop)
    except ImageRejected as error:
        return _refused(error)
    except ValueError as error:
        return JsonResponse({"detail": str(error)}, status=422)
    return JsonResponse(media_shown(_own(request, media_id)))


@members
@require_POST
def discard_media(request: MemberRequest, media_id: int) -> HttpResponse:
    """Delete an own upload that is on its way to no photo yet."""
    publishing.discard(Media.objects.owned_by(request.user).editable().filter(pk=media_id))
    return HttpResponse(status=204)


def media_shown(media: Media) -> dict[str, Any]:
    """Return an upload as the upload page needs it. No query.

    ``whole`` is the address of a picture of all of it, not turned, ``shown`` that of what is left;
    empty until they are made. Equal files have an equal ``digest``.
    """
    failed = media.state == Media.State.FAILED
    sizes = [size for size in media.preview_sizes if size[0] <= SHOWN_WIDTH]
    shown = (sizes or media.preview_sizes[:1] or [(0, 0, "")])[-1]
    return {
        "id": str(media.pk),
        "state": media.state,
        "reason": publishing.reason_of(media) if failed else "",
        "alt_text": media.alt_text,
        "turn": media.turn,
        "crop": media.crop,
        "digest": media.original.rpartition("/")[2][:24],
        "shown": _address(media, shown[2]),
        "width": shown[0],
        "height": shown[1],
        "whole": _address(media, media.whole or ("" if media.is_adjusted else shown[2])),
    }


def _address(media: Media, name: str) -> str:
    if not name:
        return ""
    return reverse("social:media-file", args=[media.pk, name.rpartition("/")[2]])


def _own(request: MemberRequest, media_id: int) -> Media:
    return get_object_or_404(Media.objects.owned_by(request.user), pk=media_id)


def _refused(error: ImageRejected) -> JsonResponse:
    status = 503 if error.code == "busy" else 422
    return JsonResponse({"detail": error.message}, status=status)
