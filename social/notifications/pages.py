"""The pages of notifications: the list, the mark of what is read, the settings."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from minigram_site.fields.snowflake import parse_id
from minigram_site.web.throttling import limited
from social import follows, people
from social.context_processors import navigation
from social.moderation.desk import waiting
from social.notifications import inbox, wording
from social.notifications.activity import Activity, activity_page
from social.notifications.digest import service
from social.notifications.forms import DigestForm, WantedForm
from social.notifications.push.pages import switch_of

# So many of those who ask to follow stand above the list.
WAITING_SHOWN = 3


@members
@require_safe
def activity(request: MemberRequest) -> HttpResponse:
    """List what happened, the newest first. Seven queries at most beside the person's."""
    page = activity_page(request.user, asked_cursor(request))
    rows = [_row(shown) for shown in page.items]
    newest = max((shown.latest for shown in page.items), default=0)
    context = {"page": page, "rows": rows, "newest": newest}
    if request.headers.get("HX-Request") and "cursor" in request.GET:
        return render(request, "social/activity/_rows.html", context)
    context["unread"] = any(shown.unread for shown in page.items)
    if request.user.is_private and "cursor" not in request.GET:
        context["waiting"] = people.requests(request.user, None, WAITING_SHOWN)
    return render(request, "social/activity/activity.html", context)


@members
@require_POST
@limited("write")
def mark_read(request: MemberRequest) -> HttpResponse:
    """Mark as read what a page has shown, up to ``up_to``; for htmx, answer with the navigation.

    Raises ``BadRequest`` for a number that no page gives.
    """
    up_to = parse_id(request.POST.get("up_to", ""))
    try:
        if up_to is None:
            raise ValidationError(gettext("This isn’t the place of a notification."))
        inbox.mark_read(user=request.user, up_to=up_to)
    except ValidationError as error:
        raise BadRequest(error.messages[0]) from None
    page = reverse("social:activity")
    if not request.headers.get("HX-Request"):
        return redirect(page)
    return render(request, "_nav.html", {"nav": navigation(request)["nav"]()._replace(here=page)})


@members
@require_POST
@limited("write")
def answer_request(request: MemberRequest, username: str) -> HttpResponse:
    """Accept the request of a person, or with ``decline`` delete it.

    Raises ``Http404`` if they have not asked.
    """
    requester = people.profile(request.user, username)
    verb = follows.decline if "decline" in request.POST else follows.accept
    if not verb(owner=request.user, requester=requester):
        raise Http404
    if verb is follows.accept:
        messages.success(
            request, gettext("%(requester)s now follows you.") % {"requester": requester}
        )
    else:
        messages.success(
            request, gettext("You declined %(requester)s’s request.") % {"requester": requester}
        )
    return redirect("social:activity")


@members
@limited("write")
def settings(request: MemberRequest) -> HttpResponse:
    """Show and take the form of what somebody wants to be told of."""
    sent = request.POST if request.method == "POST" else None
    form = WantedForm(sent, initial=_wanted(request))
    if request.method == "POST" and form.is_valid():
        inbox.set_wanted(user=request.user, kinds=form.cleaned_data["kinds"])
        messages.success(request, gettext("Your notification settings have been saved."))
        return redirect("social:notification-settings")
    return _settings(request, form, DigestForm(initial=_digest(request)))


@members
@require_POST
@limited("write")
def digest(request: MemberRequest) -> HttpResponse:
    """Turn the daily mail on, or off."""
    form = DigestForm(request.POST)
    if not form.is_valid():
        return _settings(request, WantedForm(initial=_wanted(request)), form)
    hour = form.cleaned_data["hour"]
    if hour is None:
        service.turn_off(request.user.pk)
        messages.success(request, gettext("You won’t get a daily e-mail."))
    else:
        held = service.turn_on(user=request.user, **form.cleaned_data)
        messages.success(
            request,
            gettext("You’ll get an e-mail every day at %(hour)s:00 (%(zone)s).")
            % {"hour": f"{held.hour:02}", "zone": held.zone},
        )
    return redirect("social:notification-settings")


@members
@require_POST
@limited("write")
def desk_mail(request: MemberRequest) -> HttpResponse:
    """Turn the mails to the staff on, or off; raises ``Http404`` for who can have none."""
    if not waiting.may_have(request.user):
        raise Http404
    waiting.set_on(user=request.user, on="on" in request.POST)
    messages.success(request, gettext("Your e-mail settings have been saved."))
    return redirect("social:notification-settings")


def _settings(request: MemberRequest, form: WantedForm, digest_form: DigestForm) -> HttpResponse:
    context = {"form": form, "digest_form": digest_form} | switch_of(request)
    if waiting.may_have(request.user):
        context |= {"has_desk": True, "desk_mail_is_on": waiting.is_on(request.user)}
    status = 422 if form.errors or digest_form.errors else 200
    return render(request, "social/activity/settings.html", context, status=status)


def _wanted(request: MemberRequest) -> dict[str, object]:
    return {"kinds": [kind.code for kind in inbox.wanted(request.user)]}


def _digest(request: MemberRequest) -> dict[str, object]:
    held = service.digest_of(request.user)
    return {"hour": held.hour, "zone": held.zone} if held else {"zone": "UTC"}


def _row(shown: Activity) -> dict[str, object]:
    """Return what the template of a row shows."""
    return {"shown": shown, "sentence": wording.sentence_html(shown)}
