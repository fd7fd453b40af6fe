"""The pages of the settings that link an account to one at the provider, and end that."""

from __future__ import annotations

import time

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, members
from accounts.doors.site import site_settings
from accounts.forms import PasswordConfirmForm
from accounts.provider import identities
from accounts.provider.client import Answer, ProviderUnavailable, begin, provider_of
from minigram_site.web.throttling import limited

# In a session: when the password was asked for. That lets it begin to link, for a while.
_SURE = "links_provider"
SURE_SECONDS = 600


@members
@sensitive_post_parameters("password")
@limited("write")
def overview(request: MemberRequest) -> HttpResponse:
    """Show whether the account is linked; after the password, the link that begins it.

    Raises ``Http404`` where there is no provider. One query.
    """
    label = _label()
    form = PasswordConfirmForm(request)
    is_sure = request.method == "POST" and form.is_valid()
    if is_sure:
        request.session[_SURE] = int(time.time())
    context = {
        "form": form,
        "is_sure": is_sure,
        "provider": label,
        "identity": identities.identity_of(request.user),
    }
    return _show(request, "accounts/provider/link.html", context, form)


@members
@require_GET
@limited("write", ("GET",))
def start(request: MemberRequest) -> HttpResponse:
    """Send somebody to the provider whose password was asked for lately; others to the page.

    Raises ``Http404`` where there is none.
    """
    provider = provider_of(site_settings())
    if provider is None:
        raise Http404
    if time.time() - request.session.get(_SURE, 0) > SURE_SECONDS:
        return redirect("accounts:provider")
    try:
        return begin(request, provider, {"for": "link", "user": request.user.pk})
    except ProviderUnavailable:
        messages.error(request, gettext("%(provider)s can’t be reached.") % {"provider": _label()})
        return redirect("accounts:provider")


@members
@sensitive_post_parameters("password")
@limited("write")
def unlink(request: MemberRequest) -> HttpResponse:
    """End the link, after the password."""
    form = PasswordConfirmForm(request)
    if request.method == "POST" and form.is_valid():
        try:
            identities.unlink(user=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, gettext("The link is gone."))
            return redirect("accounts:provider")
    context = {
        "form": form,
        "title": gettext("End the link"),
        "sentence": gettext("You’ll no longer be able to log in with %(provider)s.")
        % {"provider": _label()},
        "button": gettext("End the link"),
    }
    return _show(request, "accounts/factors/confirm.html", context, form)


def end(request: HttpRequest, found: Answer) -> HttpResponse:
    """Link the account of whoever has begun that in this browser, and is still logged in."""
    user = request.user
    if user.pk is None or user.pk != found.purpose["user"]:
        messages.error(request, gettext("Someone else is logged in here now. Nothing was linked."))
        return redirect("accounts:provider")
    request.session.pop(_SURE, None)
    try:
        identities.link(user=user, answer=found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        sentence = gettext("Done: you can now log in with %(provider)s.")
        messages.success(request, sentence % {"provider": _label()})
    return redirect("accounts:provider")


def _label() -> str:
    site = site_settings()
    if not site.has_provider:
        raise Http404
    return site.provider_label


def _show(
    request: MemberRequest, template: str, context: dict[str, object], form: PasswordConfirmForm
) -> HttpResponse:
    response = render(request, template, context, status=422 if form.errors else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
