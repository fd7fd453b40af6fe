"""The pages of moderation that people see: reporting, decisions about them, appeals."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, asked_cursor, members, public
from minigram_site.web.throttling import limited
from social.moderation import appeals, reports, wording
from social.moderation.forms import AppealForm, ReportForm
from social.moderation.models import Decision
from social.moderation.reports import Thing

THANKS = _(
    "Thank you. The moderators will take a look, and nobody will be told that you reported this. "
    "You can also block @%(name)s if you don’t want to see them any more."
)


@members
@limited("report")
def report_photo(request: MemberRequest, photo_id: int) -> HttpResponse:
    """Show and take the form that reports a photo."""
    thing = reports.seen_photo(request.user, photo_id)
    return _report(request, thing, reverse("photos:photo", args=[photo_id]))


@members
@limited("report")
def report_comment(request: MemberRequest, photo_id: int, comment_id: int) -> HttpResponse:
    """Show and take the form that reports a comment."""
    thing = reports.seen_comment(request.user, photo_id, comment_id)
    return _report(request, thing, reverse("photos:photo", args=[photo_id]) + "#comments")


@members
@limited("report")
def report_person(request: MemberRequest, username: str) -> HttpResponse:
    """Show and take the form that reports a person."""
    thing = reports.seen_person(request.user, username)
    return _report(request, thing, reverse("social:profile", args=[username]))


@members
@require_safe
def decisions(request: MemberRequest) -> HttpResponse:
    """List what the moderators have decided about the caller."""
    page = appeals.decisions_about(request.user, asked_cursor(request))
    rows = [(_told(decision), appeals.token_of(decision)) for decision in page.items]
    return render(request, "social/moderation/decisions.html", {"page": page, "rows": rows})


@public
@limited("report")
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """Show a decision to whom it is about, by the link of their mail, and take their appeal."""
    decision = appeals.decision_of_token(token)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            decision = appeals.appeal(decision=decision, words=form.cleaned_data["words"])
        except appeals.CannotAppeal as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, gettext("Your appeal has been sent. A moderator will look at it.")
            )
        return redirect("social:appeal", token)
    context = {"told": _told(decision), "decision": decision, "form": form}
    status = 422 if form.errors else 200
    response = render(request, "social/moderation/appeal.html", context, status=status)
    # The address is a key: it must not travel to other sites, and nobody keeps the page.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(decision: Decision) -> dict[str, object]:
    return {
        "decision": decision,
        "sentence": wording.sentence(decision),
        "outcome": wording.appeal_sentence(decision),
        "about": wording.about(decision),
    }


def _report(request: MemberRequest, thing: Thing, address: str) -> HttpResponse:
    """Show and take the form; ``address`` is the page where the thing is."""
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reports.report(reporter=request.user, thing=thing, **form.cleaned_data)
        except reports.CannotReport as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(THANKS) % {"name": thing.person.username})
        return redirect(address)
    context = {"form": form, "thing": thing, "address": address}
    status = 422 if form.errors else 200
    return render(request, "social/moderation/report.html", context, status=status)
