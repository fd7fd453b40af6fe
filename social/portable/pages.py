"""The page of the settings on which people get what is theirs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, members
from minigram_site.web.throttling import limited
from photos.files.views import send_download
from social.portable import export
from social.portable.export import service


@members
@limited("write")
def export_page(request: MemberRequest) -> HttpResponse:
    """Show how far the archive of the caller is; let one be made, or go on with it, on POST.

    One query beside the person's; htmx is answered with what changes.
    """
    if request.method == "POST":
        export.ask(owner=request.user)
        return redirect("social:export")
    found = export.export_of(request.user)
    context = {
        "export": found,
        "reason": export.reason_of(found) if found else "",
        "by_worker": settings.BACKGROUND_WORKER,
        "lifetime": export.LIFETIME.days,
    }
    template = "_export.html" if getattr(request, "htmx", None) else "export.html"
    return render(request, f"social/portable/{template}", context)


@members
@require_safe
def export_file(request: MemberRequest) -> HttpResponseBase:
    """Send the caller their archive; ``Http404`` while there is none. One query."""
    try:
        return send_download(request, *service.archive_of(request.user))
    except export.NotReady:
        raise Http404 from None


@members
@require_POST
@limited("write")
def delete_export(request: MemberRequest) -> HttpResponse:
    """Delete the caller's archive, or stop making it."""
    if export.forget(owner=request.user):
        messages.success(request, gettext("The file has been deleted."))
    return redirect("social:export")
