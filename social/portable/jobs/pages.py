"""The pages of the settings on which people bring an archive along."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from accounts.doors.site import site_settings
from minigram_site.web.pagination import PAGE_SIZE
from minigram_site.web.throttling import limited
from social.portable import jobs
from social.portable.jobs.forms import ArchiveForm, BeginForm, PartForm, StartForm
from social.portable.jobs.refusals import JobRefused, WrongOffset
from social.portable.models import Import

# What the person, or the site, has to change before it is sent again.
_STATUS = {"no_room": 507, "import_running": 409, "wrong_offset": 409, "not_receiving": 409}


@members
@limited("write")
def import_page(request: MemberRequest) -> HttpResponse:
    """Show how far the caller's import is; on POST go on with it where there is no worker.

    One query beside the person's; htmx is answered with what changes.
    """
    job = jobs.import_of(request.user)
    if request.method == "POST":
        if job is not None:
            jobs.proceed(job)
        if not getattr(request, "htmx", None):
            return redirect("social:import")
    return _page(request, job)


@members
@require_POST
@limited("import")
def import_file(request: MemberRequest) -> HttpResponse:
    """Take a whole archive, for browsers without scripts; larger ones have to be sent in parts."""
    form = ArchiveForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["archive"]
        try:
            jobs.receive_file(owner=request.user, name=file.name, content=file, size=file.size)
        except JobRefused as error:
            form.add_error("archive", str(error))
        else:
            return redirect("social:import")
    return _page(request, jobs.import_of(request.user), form=form, status=422)


@members
@require_POST
@limited("import")
def begin_import(request: MemberRequest) -> JsonResponse:
    """Expect the parts of an archive; answer a script with where to go on."""
    form = BeginForm(request.POST)
    if not form.is_valid():
        return _faulty(form)
    try:
        job = jobs.begin(owner=request.user, **form.cleaned_data)
    except JobRefused as error:
        return _refused(error)
    return JsonResponse(_progress(job))


@members
@require_POST
@limited("part")
def import_part(request: MemberRequest) -> JsonResponse:
    """Take a part of an archive; answer a script with where to go on, also if it was another."""
    form = PartForm(request.POST, request.FILES)
    if not form.is_valid():
        return _faulty(form)
    part = form.cleaned_data["part"]
    try:
        job = jobs.receive(
            owner=request.user,
            offset=form.cleaned_data["offset"],
            content=part,
            length=part.size,
        )
    except JobRefused as error:
        return _refused(error)
    return JsonResponse(_progress(job))


@members
@require_POST
@limited("write")
def start_import(request: MemberRequest) -> HttpResponse:
    """Bring along what the caller has looked at."""
    form = StartForm(request.POST)
    if not form.is_valid():
        return _page(request, jobs.import_of(request.user), choices=form, status=422)
    try:
        jobs.start(owner=request.user, **form.cleaned_data)
    except JobRefused:
        # Stopped, or not looked through, in another tab: the page says how it is.
        return redirect("social:import")
    return redirect("social:import")


@members
@require_POST
@limited("write")
def stop_import(request: MemberRequest) -> HttpResponse:
    """Stop the caller's import, or take note of what became of it; photos that are here stay."""
    jobs.forget(owner=request.user)
    return redirect("social:import")


@members
@require_safe
def refused_files(request: MemberRequest) -> HttpResponse:
    """List the files that are not taken, and why; ``Http404`` without an import. Two queries."""
    job = jobs.import_of(request.user)
    if job is None:
        raise Http404
    page = jobs.refusals_page(job, asked_cursor(request), PAGE_SIZE)
    rows = page.with_items([(one.name, jobs.sentence_of(one)) for one in page.items])
    context = {"page": rows, "job": job, "listed": jobs.LISTED}
    return render(request, "social/portable/refused.html", context)


def _page(
    request: MemberRequest,
    job: Import | None,
    *,
    form: ArchiveForm | None = None,
    choices: StartForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_part = bool(getattr(request, "htmx", None))
    context = {
        "job": job,
        "form": form or ArchiveForm(),
        "choices": choices or StartForm(),
        "reason": jobs.reason_of(job) if job else "",
        "by_worker": settings.BACKGROUND_WORKER,
        "gigabytes": site_settings().import_gigabytes,
        "megabytes": settings.MAX_UPLOAD_BYTES // 1024**2,
    }
    template = "_import.html" if is_part else "import.html"
    return render(request, f"social/portable/{template}", context, status=status)


def _progress(job: Import) -> dict[str, Any]:
    return {
        "received": job.received,
        "size": job.size,
        "part_size": job.part_size,
        "state": job.state,
    }


def _refused(error: JobRefused) -> JsonResponse:
    body: dict[str, Any] = {"code": error.code, "detail": str(error)}
    if isinstance(error, WrongOffset):
        body["received"] = error.received
    return JsonResponse(body, status=_STATUS.get(error.code, 422))


def _faulty(form: BeginForm | PartForm) -> JsonResponse:
    (errors, *_) = form.errors.values()
    return JsonResponse({"detail": errors[0]}, status=422)
