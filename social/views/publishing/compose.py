"""The page on which a photo is composed, and the draft that keeps what is there of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, members, public
from minigram_site.web.throttling import limited
from photos.formats import NAMES
from photos.forms import ArrangeForm, UploadForm
from photos.models import ALT_TEXT_LENGTH, CAPTION_LENGTH, Draft, Photo
from photos.pictures import MAX_PICTURES
from photos.refusals import ImageRejected
from social import publishing
from social.publishing import MediaUnusable, publish_media
from social.publishing.forms import ComposeForm
from social.views.publishing.media import media_shown


def page(request: MemberRequest, form: UploadForm, draft: Draft | None = None) -> HttpResponse:
    """Answer with the page: empty, or with what a draft holds. 422 if the form has errors."""
    media = shown(draft) if draft else []
    rows = (
        [{**one, **row} for one, row in zip(media, form.rows, strict=True)]
        if isinstance(form, ComposeForm)
        else []
    )
    unfinished = None if draft else Draft.objects.owned_by(request.user).unsent()
    context = {
        "form": form,
        "draft": draft,
        "rows": rows,
        "kept": {
            "id": str(draft.pk) if draft else "",
            "media": media,
        },
        "unfinished": unfinished and unfinished.order_by("-saved_at").with_media().first(),
        "max_pictures": MAX_PICTURES,
        "limits": {
            "bytes": settings.MAX_UPLOAD_BYTES,
            "pixels": settings.MAX_IMAGE_PIXELS,
            "pictures": MAX_PICTURES,
            "caption": CAPTION_LENGTH,
            "alt_text": ALT_TEXT_LENGTH,
        },
        "max_megabytes": settings.MAX_UPLOAD_BYTES // (1024 * 1024),
        "max_megapixels": settings.MAX_IMAGE_PIXELS // 1_000_000,
        "formats": NAMES,
    }
    return render(request, "social/upload.html", context, status=422 if form.errors else 200)


@members
@limited("publish", of_files="upload")
def draft(request: MemberRequest, draft_id: int) -> HttpResponse:
    """Go on with an own draft; without JavaScript the form holds all of it and sends it at once."""
    mine = Draft.objects.owned_by(request.user)
    held = get_object_or_404(mine, pk=draft_id)
    if held.sent:
        return redirect("social:drafts")
    media = sorted(held.media.all(), key=lambda one: one.position)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ComposeForm(held, media, data, files)
    if data is None or not form.is_valid():
        return page(request, form, held)
    return _changed(request, held, form)


def _changed(request: MemberRequest, draft: Draft, form: ComposeForm) -> HttpResponse:
    """Do what the form says: adjust, remove, add and arrange; then publish, if that was pressed."""
    publishing.discard(draft.media.filter(pk__in=form.removed))
    try:
        for one in form.uploads:
            turn, crop = form.adjustment(one)
            publishing.adjust(one, turn=turn, crop=crop)
    except ImageRejected as error:
        messages.error(request, error.message)
    added, refused = publishing.upload_some(owner=request.user, images=form.cleaned_data["image"])
    kept = {
        "author": request.user,
        "draft_id": draft.pk,
        "media_ids": [*form.order, *(one.pk for one in added)],
        "alt_texts": form.alt_texts,
        "caption": form.cleaned_data["caption"],
        "show_camera": form.cleaned_data["show_camera"],
    }
    if added or refused or "publish" not in request.POST:
        return to_draft(request, kept, refused)
    try:
        return published(request, publish_media(**kept))
    except MediaUnusable as error:
        return to_draft(request, kept, [("", str(error))])


def to_draft(
    request: HttpRequest, kept: Mapping[str, Any], refused: Sequence[tuple[str, str]]
) -> HttpResponse:
    """Save a draft and go there; a sentence says of each refused file why."""
    for name, reason in refused:
        messages.error(request, f"{name}: {reason}" if name else reason)
    try:
        return redirect(publishing.save_draft(**kept))
    except MediaUnusable as error:
        messages.error(request, str(error))
        return redirect("social:drafts" if error.code == "too_many_drafts" else "social:upload")


@members
@require_POST
@limited("write")
def save(request: MemberRequest) -> JsonResponse:
    """Save the draft, for the script of the upload page; answer in JSON with its id."""
    form = ArrangeForm(request.POST)
    if not form.is_valid():
        fault = next(iter(form.errors.values()))[0]
        return JsonResponse({"detail": fault}, status=422)
    try:
        draft = publishing.save_draft(
            author=request.user,
            draft_id=form.draft_id,
            media_ids=form.media_ids,
            caption=form.cleaned_data["caption"],
            show_camera=form.cleaned_data["show_camera"],
            alt_texts=form.alt_texts,
        )
    except MediaUnusable as error:
        return JsonResponse({"detail": str(error)}, status=422)
    return JsonResponse({"id": str(draft.pk), "address": draft.get_absolute_url()})


@csrf_exempt
@public
@require_POST
@limited("upload")
def share(request: HttpRequest) -> HttpResponse:
    """Make a draft of what another program shares with this one (the manifest's share target).

    The system sends it without the token of a form. What comes from another site is refused, and a
    draft is all that comes of it. Visitors are asked to log in: their files are not kept.
    """
    if not _from_here(request):
        messages.error(request, _("Nothing was added, because another site had sent it."))
        return redirect("social:upload")
    if not request.user.is_authenticated:
        messages.info(request, _("Log in first, and then share your photos again."))
        return redirect("accounts:login")
    words = [request.POST.get(name, "").strip() for name in ("title", "text")]
    caption = "\n".join(dict.fromkeys(word for word in words if word))[:CAPTION_LENGTH]
    files = request.FILES.getlist("files")
    media, refused = publishing.upload_some(owner=request.user, images=files[:MAX_PICTURES])
    if len(files) > MAX_PICTURES:
        refused.append(("", _("A photo has up to %d pictures.") % MAX_PICTURES))
    if not (media or caption):
        return _nothing_shared(request, refused)
    kept = {"author": request.user, "media_ids": [one.pk for one in media], "caption": caption}
    return to_draft(request, kept, refused)


def _nothing_shared(request: HttpRequest, refused: Sequence[tuple[str, str]]) -> HttpResponse:
    for name, reason in refused or [("", _("What you shared had no photo in it."))]:
        messages.error(request, f"{name}: {reason}" if name else reason)
    return redirect("social:upload")


def _from_here(request: HttpRequest) -> bool:
    """Tell whether a browser has sent this by itself, or from a page of this site.

    A browser that says neither sends no cookie of ours with a form of another site either.
    """
    origin = request.headers.get("Origin", "null")
    own = f"{request.scheme}://{request.get_host()}"
    sent_by = request.headers.get("Sec-Fetch-Site", "none")
    return sent_by in {"none", "same-origin"} and origin in {"null", own}


def shown(draft: Draft) -> list[dict[str, Any]]:
    """Return the uploads of a draft in their order. No query if it has them."""
    media = sorted(draft.media.all(), key=lambda one: one.position)
    return [media_shown(one) for one in media]


def published(request: MemberRequest, photo: Photo | Draft) -> HttpResponse:
    """Redirect to the photo or the drafts, with a message."""
    if isinstance(photo, Draft):
        messages.success(
            request, _("Your photo is being prepared. It will appear by itself in a moment.")
        )
    else:
        messages.success(request, _("Your photo is published."))
    return redirect(photo)
