"""Publishing: the upload page, its files one by one, and drafts."""

from __future__ import annotations

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
from photos.forms import ArrangeForm, UploadForm
from photos.models import Draft, Media, Photo
from social import publishing
from social.publishing import MediaUnusable, publish_media
from social.views.publishing import compose
from social.views.publishing.compose import published

# Where the session remembers what the last arrangement became.
PUBLISHED = "published"


@members
@limited("publish", of_files="upload")
def upload(request: MemberRequest) -> HttpResponse:
    """Publish a photo of one or several files, or make a draft of them (``arrange``).

    Where some of them are refused the rest becomes a draft: nothing is lost, and nothing published
    that is not all of it. Refused alone, they keep what was typed.
    """
    form = UploadForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        return _sent(request, form)
    return compose.page(request, form)


def _sent(request: MemberRequest, form: UploadForm) -> HttpResponse:
    media, refused = publishing.upload_some(owner=request.user, images=form.cleaned_data["image"])
    if not media:
        for _name, reason in refused:
            form.add_error("image", reason)
        return compose.page(request, form)
    words = {name: form.cleaned_data[name] for name in ("caption", "show_camera")}
    media_ids = [one.pk for one in media]
    alt_texts = {media_ids[0]: form.cleaned_data["alt_text"]}
    kept = {"author": request.user, "media_ids": media_ids, "alt_texts": alt_texts, **words}
    if refused or "arrange" in request.POST:
        return compose.to_draft(request, kept, refused)
    return published(request, publish_media(**kept))


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
                draft_id=form.draft_id,
            )
            address = published(request, photo).headers["Location"]
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
    """List the own drafts: what is not sent yet, is being made, or could not be."""
    mine = Draft.objects.owned_by(request.user).with_media()
    page = paginate(mine, asked_cursor(request))
    rows = [{"draft": draft, "media": compose.shown(draft)} for draft in page.items]
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
    return published(request, photo) if photo else redirect("social:drafts")


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
