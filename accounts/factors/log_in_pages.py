"""The pages of a log-in that has a second factor, or a passkey instead of the password."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import next_address, public
from accounts.authentication import suspensions
from accounts.doors.pages import visitors
from accounts.factors import half_done, mails, passkeys, service
from accounts.factors.forms import CodeForm
from accounts.logins.service import How, enter, step_up
from accounts.models import User
from minigram_site.web.throttling import limited


@public
@sensitive_post_parameters("code")
@limited("write")
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the app or a recovery code, or for a passkey; then the log-in is done.

    Raises ``TooManyRequests`` for too many codes.
    """
    address = next_address(request, reverse("social:feed"))
    user = half_done.person_at(request)
    if user is None:
        return redirect(address if request.user.is_authenticated else "accounts:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        service.take_guess(user, code)
        with transaction.atomic():
            if factor := service.prove(user, code):
                return _done(request, user, address, half_done.how_of(request), factor)
        form.add_error("code", gettext("This code isn’t right, or it was used before."))
    held = service.factors_of(user)
    context = {"form": form, "next": address, "factors": held, "person": user}
    status = 422 if form.errors else 200
    return _unkept(render(request, "accounts/factors/second_step.html", context, status=status))


@public
@require_POST
@limited("write")
def passkey_question(request: HttpRequest) -> HttpResponse:
    """Return what a script asks a passkey, as JSON: of whoever is half in, or of anybody."""
    try:
        question = passkeys.ask_to_log_in(half_done.person_at(request))
    except passkeys.RefusedPasskey as error:
        return JsonResponse({"sentence": str(error)}, status=422)
    return _unkept(JsonResponse(question._asdict()))


@public
@require_POST
@limited("write")
def passkey_log_in(request: HttpRequest) -> HttpResponse:
    """Take the answer of a passkey: it is the second factor, or all of the log-in."""
    address = next_address(request, reverse("social:feed"))
    half = half_done.person_at(request)
    if request.user.is_authenticated and half is None:
        return redirect(address)
    try:
        with transaction.atomic():
            found = passkeys.identify(
                user=half,
                state=request.POST.get("state", ""),
                answer=request.POST.get("answer", ""),
            )
            if found.is_copy:
                mails.tell_on_commit(found.user, mails.PASSKEY_COPIED)
            if suspensions.lets_in(found.user):
                how = half_done.how_of(request) if half else How.PASSKEY
                return _done(request, found.user, address, how, service.PASSKEY)
    except passkeys.RefusedPasskey as error:
        messages.error(request, str(error))
        return redirect(half_done.step_address(address) if half else "accounts:login")
    request.shut_out = found.user  # type: ignore[attr-defined]
    return visitors.refusal_of(request) or redirect("accounts:login")


def _done(request: HttpRequest, user: User, address: str, how: How, factor: str) -> HttpResponse:
    response = redirect(address)
    if request.user.is_authenticated:
        step_up(request, factor)
        return response
    half_done.forget(request)
    enter(request, response, user, how=how, factor=factor)
    return response


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
