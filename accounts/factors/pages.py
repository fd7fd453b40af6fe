"""The pages of the settings about second factors: each change asks for the password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, members
from accounts.doors.site import site_settings
from accounts.factors import passkeys, service, totp
from accounts.factors.forms import CodeForm, PasskeyForm
from accounts.forms import PasswordConfirmForm
from accounts.logins.service import step_up
from minigram_site.web.throttling import limited

# In the session in which the password was asked for: nobody else is shown the new secret.
_SETTING_UP = "sets_up_app"


@members
@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """Show which second factors there are."""
    site = site_settings()
    context = {
        "factors": service.factors_of(request.user),
        "has_passkeys": passkeys.is_available(),
        "is_required": service.is_required(request.user),
        "provider": site.provider_label if site.has_provider else "",
    }
    return render(request, "accounts/factors/overview.html", context)


@members
@sensitive_post_parameters("password", "code")
@limited("write")
def app(request: MemberRequest) -> HttpResponse:
    """Ask for the password, then show a new app's secret and take a code that it shows."""
    secret = totp.pending_secret(request.user) if request.session.get(_SETTING_UP) else None
    if secret is None:
        return _begin(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        service.take_guess(request.user, form.cleaned_data["code"])
        code = totp.code_in(form.cleaned_data["code"])
        codes = service.confirm_app(request.user, code) if code else None
        if codes is not None:
            del request.session[_SETTING_UP]
            return _added(request, service.APP, codes)
        sentence = gettext("This code isn’t right. Is the clock of your device right?")
        form.add_error("code", sentence)
    address = totp.address_of(request.user, secret)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"form": form, "secret": groups, "picture": totp.picture_of(address)}
    context["address"] = address
    return _show(request, "app", context, form)


@members
@sensitive_post_parameters("password")
@limited("write")
def app_off(request: MemberRequest) -> HttpResponse:
    """Forget the app."""

    def act() -> str:
        service.turn_app_off(request.user)
        return gettext("You’ll no longer be asked for a code from the app.")

    context = {
        "title": gettext("Turn off the app"),
        "sentence": gettext("You’ll no longer be asked for its codes when you log in."),
        "button": gettext("Turn off"),
    }
    return _confirmed(request, context, act)


@members
@sensitive_post_parameters("password")
@limited("write")
def new_codes(request: MemberRequest) -> HttpResponse:
    """Show new recovery codes, once."""
    form = PasswordConfirmForm(request)
    if request.method == "POST" and form.is_valid():
        try:
            return _show(request, "codes", {"codes": service.new_codes(request.user)})
        except ValidationError as error:
            form.add_error(None, error)
    context = {
        "title": gettext("New recovery codes"),
        "sentence": gettext("The codes that you have will no longer work."),
        "button": gettext("Show new codes"),
        "form": form,
    }
    return _show(request, "confirm", context, form)


@members
@limited("write")
def add_passkey(request: MemberRequest) -> HttpResponse:
    """Show the form that adds a passkey, and take what the device has answered to its script."""
    form = PasskeyForm(request) if request.method == "GET" else None
    if form is not None:
        return _show(request, "passkey", {"form": form, "has_passkeys": passkeys.is_available()})
    given = {name: request.POST.get(name, "") for name in ("state", "answer")}
    try:
        _, codes = service.add_passkey(request.user, **given, name=_name_in(request))
    except passkeys.RefusedPasskey as error:
        messages.error(request, str(error))
        return redirect("accounts:passkey-add")
    return _added(request, service.PASSKEY, codes)


@members
@require_POST
@sensitive_post_parameters("password")
@limited("write")
def question_to_add(request: MemberRequest) -> HttpResponse:
    """Return what a script asks a device that is to hold a passkey, as JSON; the password first."""
    form = PasskeyForm(request)
    try:
        if form.is_valid():
            service.refuse_unconfirmed(request.user)
            return JsonResponse(passkeys.ask_to_add(request.user)._asdict())
        sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
    except ValidationError as error:
        sentences = error.messages
    except passkeys.RefusedPasskey as error:
        sentences = [str(error)]
    return JsonResponse({"sentence": " ".join(sentences)}, status=422)


@members
@sensitive_post_parameters("password")
@limited("write")
def remove_passkey(request: MemberRequest, passkey_id: int) -> HttpResponse:
    """Forget a passkey. Raises ``Http404`` for somebody else's."""
    passkey = request.user.passkeys.filter(pk=passkey_id).first()
    if passkey is None:
        raise Http404

    def act() -> str:
        service.remove_passkey(request.user, passkey_id)
        return gettext("The passkey has been removed. You can delete it on your device.")

    context = {
        "title": gettext("Remove “%(name)s”") % {"name": passkey.name},
        "sentence": gettext("You’ll no longer be able to log in with this passkey."),
        "button": gettext("Remove"),
    }
    return _confirmed(request, context, act)


def _begin(request: MemberRequest) -> HttpResponse:
    """Ask for the password, then begin to set an app up."""
    form = PasswordConfirmForm(request)
    if request.method == "POST" and form.is_valid():
        try:
            service.refuse_unconfirmed(request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            totp.begin(request.user)
            request.session[_SETTING_UP] = True
            return redirect("accounts:app")
    context = {
        "title": gettext("Authenticator app"),
        "sentence": gettext("An app on your phone shows a code that you type when you log in."),
        "button": gettext("Continue"),
        "form": form,
    }
    return _show(request, "confirm", context, form)


def _confirmed(
    request: MemberRequest, context: dict[str, Any], act: Callable[[], str]
) -> HttpResponse:
    """Ask for the password, then do what the page is about and say so."""
    form = PasswordConfirmForm(request)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("accounts:factors")
    return _show(request, "confirm", {**context, "form": form}, form)


def _added(request: MemberRequest, factor: str, codes: list[str]) -> HttpResponse:
    """Show the recovery codes that come with the first factor; the session has proved it."""
    step_up(request, factor)
    messages.success(request, gettext("Done: you’ll be asked for it when you log in."))
    return _show(request, "codes", {"codes": codes}) if codes else redirect("accounts:factors")


def _name_in(request: MemberRequest) -> str:
    field = PasskeyForm(request).fields["name"]
    return str(field.to_python(request.POST.get("name", "")))[:60]


def _show(
    request: MemberRequest, name: str, context: dict[str, Any], form: Any = None
) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    response = render(request, f"accounts/factors/{name}.html", context, status=status)
    # Secrets, and who changes them: for nobody's cache.
    response.headers["Cache-Control"] = "no-store"
    return response
