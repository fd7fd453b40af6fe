"""Publishing: the upload page, its files one by one, and drafts."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from accounts.sessions import SessionStore
from minigram_site.web.pagination import paginate
from minigram_site.web.throttling import limited
from photos.formats import NAMES
from photos.forms import ArrangeForm, MediaForm, UploadForm
from photos.images import ImageRejected
from photos.models import Draft, Media, Photo
from photos.pictures import MAX_PICTURES
from social import publishing
from social.publishing import MediaUnusable, publish, publish_media

# Where the session remembers what the last arrangement became.
PUBLISHED = "published"


@members
@limited("upload")
def upload(request: MemberRequest) -> HttpResponse:
    """Publish a photo of one or several files; a refused file keeps what was typed."""
    form = UploadForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _published(request, publish(author=request.user, **form.cleaned_data))
        except ImageRejected as error:
            form.add_error("image", error.message)
    context = {
        "form": form,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
        "max_megabytes": settings.MAX_UPLOAD_BYTES // (1024 * 1024),
        "max_pixels": settings.MAX_IMAGE_PIXELS,
        "max_megapixels": settings.MAX_IMAGE_PIXELS // 1_000_000,
        "max_pictures": MAX_PICTURES,
        "formats": NAMES,
    }
    return render(request, "social/upload.html", context, status=422 if form.errors else 200)


@members
@require_POST
@limited("upload")
def upload_media(request: MemberRequest) -> JsonResponse:
    """Take one file, for the script of the upload page; answer in JSON with its id and state."""
    form = MediaForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"detail": form.errors["image"][0]}, status=422)
    try:
        media = publishing.upload(owner=request.user, image=form.cleaned_data["image"])
    except ImageRejected as error:
        status = 503 if error.code == "busy" else 422
        return JsonResponse({"detail": error.message}, status=status)
    return JsonResponse({"id": str(media.pk), "state": media.state}, status=201)


@members
@require_POST
def discard_media(request: MemberRequest, media_id: int) -> HttpResponse:
    """Delete an own upload that is part of no draft."""
    publishing.discard(Media.objects.owned_by(request.user).unattached().filter(pk=media_id))
    return HttpResponse(status=204)


@members
@require_POST
@limited("write")
def arrange(request: MemberRequest) -> HttpResponse:
    """Publish a photo of own uploads, for the script of the upload page; answer in JSON."""
    form = ArrangeForm(request.POST)
    if not form.is_valid():
        fault = next(iter(form.errors.values()))[0]
        return JsonResponse({"detail": fault}, status=422)
    try:
        with transaction.atomic():
            photo = publish_media(
                author=request.user,
                media_ids=form.media_ids,
                caption=form.cleaned_data["caption"],
                show_camera=form.cleaned_data["show_camera"],
                alt_texts=form.alt_texts,
            )
            address = _published(request, photo).headers["Location"]
            # With the photo: a second try, which waits for it, finds both.
            request.session[PUBLISHED] = {_key(form.media_ids): address}
            request.session.save()
    except MediaUnusable as error:
        return _unusable(request, form.media_ids, error)
    request.session.modified = False
    return JsonResponse({"address": address})


@members
@require_safe
def drafts(request: MemberRequest) -> HttpResponse:
    """List the own drafts: photos whose pictures are being made, or could not be."""
    mine = Draft.objects.owned_by(request.user).with_media()
    page = paginate(mine, asked_cursor(request))
    rows = [
        {"draft": draft, "media": [_shown(one) for one in draft.media.all()]}
        for draft in page.items
    ]
    return render(request, "social/drafts.html", {"page": page, "rows": rows})


@members
@require_POST
@limited("write")
def retry(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Process the failed files of a draft again."""
    draft = _own_draft(request, photo_id)
    for media in draft.media.filter(state=Media.State.FAILED):
        publishing.retry(media)
    photo = Photo.objects.filter(pk=photo_id).first()
    return _published(request, photo) if photo else redirect("social:drafts")


@members
@require_POST
def discard(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Delete a draft."""
    publishing.discard_draft(_own_draft(request, photo_id))
    messages.success(request, gettext("The draft has been deleted."))
    return redirect("social:drafts")


def _unusable(request: MemberRequest, media_ids: list[int], error: MediaUnusable) -> JsonResponse:
    """Repeat the answer to a try that published these uploads; else say why they cannot be used.

    ``gone`` are the ids of those that were thrown away: the script sends the files again.
    """
    if error.code != "media_not_found":
        return JsonResponse({"detail": str(error)}, status=422)
    session = SessionStore(request.session.session_key)
    if address := session.get(PUBLISHED, {}).get(_key(media_ids)):
        return JsonResponse({"address": address})
    mine = Media.objects.owned_by(request.user).filter(pk__in=media_ids)
    gone = set(media_ids) - set(mine.values_list("pk", flat=True))
    return JsonResponse({"detail": str(error), "gone": [str(one) for one in gone]}, status=422)


def _key(media_ids: list[int]) -> str:
    return "-".join(map(str, media_ids))


def _own_draft(request: MemberRequest, photo_id: int) -> Draft:
    return get_object_or_404(Draft.objects.owned_by(request.user), pk=photo_id)


def _shown(media: Media) -> dict[str, object]:
    failed = media.state == Media.State.FAILED
    return {"media": media, "reason": publishing.reason_of(media) if failed else ""}


def _published(request: MemberRequest, photo: Photo | Draft) -> HttpResponse:
    """Redirect to the photo or the drafts, with a message."""
    if isinstance(photo, Draft):
        messages.success(
            request, gettext("Your photo is being prepared. It will appear in a moment.")
        )
    else:
        messages.success(request, gettext("Your photo has been published."))
    return redirect(photo)
