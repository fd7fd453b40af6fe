"""The upload page."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import MemberRequest, members
from minigram_site.throttling import limited
from photos.forms import UploadForm
from photos.images import ImageRejected
from social.publishing import publish


@members
@limited("upload")
def upload(request: MemberRequest) -> HttpResponse:
    """Publish a photo. What was typed is kept when the picture is refused."""
    form = UploadForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            photo = publish(author=request.user, **form.cleaned_data)
        except ImageRejected as error:
            form.add_error("image", error.message)
        else:
            messages.success(request, "Your photo is published.")
            return _go(request, photo.get_absolute_url())
    context = {
        "form": form,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
        "max_megapixels": settings.MAX_IMAGE_PIXELS // 1_000_000,
    }
    if request.headers.get("HX-Request") and form.errors:
        # The page keeps the chosen file and the words; only the reasons are put in.
        return render(request, "social/_upload_errors.html", context, status=422)
    return render(request, "social/upload.html", context, status=422 if form.errors else 200)


def _go(request: MemberRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
