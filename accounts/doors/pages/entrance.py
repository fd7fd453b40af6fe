"""The pages of the doors: sign up, wait at the door, confirm an address."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import public
from accounts.authentication import attempts, password_rules
from accounts.doors import admissions, confirmations, free_names, invitations, site_pages
from accounts.doors.confirmations import BrokenLink
from accounts.doors.pages import visitors
from accounts.doors.pages.forms import CorrectionForm, DoorForm
from accounts.doors.signing_up import require_open, sign_up
from accounts.doors.site import read, site_settings
from accounts.logins.service import How, enter
from accounts.models import User
from minigram_site.web.languages.middleware import language_to_keep
from minigram_site.web.throttling import limited


@public
@sensitive_post_parameters("password")
@limited("write")
def sign_up_page(request: HttpRequest) -> HttpResponse:
    """Make an account and log in, or wait at the door.

    Raises ``DoorClosed`` (403) where nobody can sign up in this way, ``TooManyRequests`` beyond
    the limit.
    """
    if request.user.is_authenticated:
        return redirect("social:feed")
    site = read()
    code = request.POST.get("invitation", "")
    if site.is_provider_only:
        return _by_provider(code)
    require_open(site, code)
    if request.method != "POST":
        return _form(request, DoorForm(None, site=site, invitation=""))
    attempts.take_sign_up(request)
    form = DoorForm(request.POST, site=site, invitation=code)
    if form.is_valid():
        try:
            user = sign_up(**form.cleaned_data, language=language_to_keep())
        except ValidationError as error:
            form.add_fault(error)
        else:
            return _welcome(request, user)
    return _form(request, form)


@public
@require_POST
@limited("name")
def check_name(request: HttpRequest) -> HttpResponse:
    """Tell a script whether a name is free: what sign-up would say, to whoever could sign up.

    Raises ``DoorClosed`` (403) where that is nobody. Up to four queries.
    """
    if request.user.is_authenticated:
        return redirect("social:feed")
    require_open(read(), request.POST.get("invitation", ""))
    state = free_names.state_of(request.POST.get("username", ""))
    return JsonResponse(state._asdict(), headers={"Cache-Control": "no-store"})


@public
@require_safe
def invited(request: HttpRequest, code: str) -> HttpResponse:
    """Show the form to somebody with the link of an invitation; nothing is spent by that."""
    if request.user.is_authenticated:
        messages.info(
            request, gettext("You already have an account. This link is for someone else.")
        )
        return redirect("social:feed")
    site = read()
    require_open(site, code, by_provider=site.is_provider_only)
    invitation = invitations.usable(code)
    if invitation is None:
        response = render(request, "accounts/doors/spent.html", {"site": site}, status=410)
    elif site.is_provider_only:
        response = _by_provider(code)
    else:
        form = DoorForm(None, site=site, invitation=code)
        response = _form(request, form, inviter=invitation.inviter)
    return _unkept(response)


@public
@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """Tell somebody who is not in yet where they stand, and let them correct their address."""
    user = visitors.person_at(request)
    if user is None:
        return redirect("accounts:login")
    return _door(request, user, CorrectionForm())


@public
@require_POST
@limited("write")
def correct(request: HttpRequest) -> HttpResponse:
    """Send another link, to another address if one was typed. ``TooManyRequests`` for too many."""
    user = visitors.person_at(request)
    if user is None:
        return redirect("accounts:login")
    form = CorrectionForm(request.POST)
    if "email" in request.POST and not form.is_valid():
        return _door(request, user, form)
    try:
        confirmations.refuse_unconfirmed_sign_up(user)
        if "email" in request.POST:
            confirmations.change_address(user=user, email=form.cleaned_data["email"])
            email = form.cleaned_data["email"]
        else:
            email = confirmations.resend(user=user)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _door(request, user, form)
    messages.success(
        request,
        gettext("We’ve sent a new link to %(email)s. Older links no longer work.")
        % {"email": email},
    )
    return redirect("accounts:door")


@public
@limited("write")
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button that confirms an address, and take it. Opening the link changes nothing."""
    try:
        held = confirmations.find(token)
        if request.method == "POST":
            return _confirm(request, token)
    except BrokenLink:
        return _unkept(render(request, "accounts/doors/broken_link.html", status=410))
    context = {"email": held.email, "done": held.confirmed_at is not None}
    return _unkept(render(request, "accounts/doors/confirm.html", context))


@public
@require_safe
def site_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show the rules, the imprint or what the site is about. Raises ``Http404`` without a text."""
    page = site_pages.page(name)
    if page is None:
        raise Http404
    return render(request, "accounts/doors/site_page.html", {"page": page})


def _confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm, and lead on: who waited in this browser is logged in if they are in now."""
    waited = visitors.person_at(request)
    try:
        user, _ = confirmations.confirm(token)
    except ValidationError as error:
        context = {"sentence": " ".join(error.messages)}
        return render(request, "accounts/doors/broken_link.html", context, status=409)
    if waited is not None and waited.pk == user.pk and user.is_active:
        return _welcome(request, user)
    if waited is not None and waited.pk == user.pk:
        return redirect("accounts:door")
    return redirect("accounts:confirm-email", token)


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    """Log somebody in who is in; lead others to the door."""
    if not user.is_active:
        visitors.remember(request, user)
        return redirect("accounts:door")
    visitors.forget(request)
    response = redirect("social:welcome")
    enter(request, response, user, how=How.SIGN_UP)
    return response


def _door(request: HttpRequest, user: User, form: CorrectionForm) -> HttpResponse:
    admission = admissions.admission_of(user)
    context = {
        "person": user,
        "admission": admission,
        "address": confirmations.address_of(user),
        "form": form,
    }
    status = 422 if form.errors else 200
    return _unkept(render(request, "accounts/doors/door.html", context, status=status))


def _by_provider(code: str) -> HttpResponse:
    """Lead on to the provider, where that is the only way in."""
    query = "?" + urlencode({"invitation": code}) if code else ""
    return redirect(reverse("accounts:provider-start") + query)


def _form(request: HttpRequest, form: DoorForm, inviter: User | None = None) -> HttpResponse:
    context: dict[str, object] = {
        "form": form,
        "inviter": inviter,
        "rules": password_rules.rules(),
        "shortest": password_rules.shortest(),
        "provider": site_settings().provider_to_sign_up_with,
        "invitation": form["invitation"].value() or "",
    }
    if form.has_error("username", "unique"):
        context["free_names"] = free_names.suggestions_for(str(form["username"].value()))
    return render(request, "accounts/sign_up.html", context, status=422 if form.errors else 200)


def _unkept(response: HttpResponse) -> HttpResponse:
    """Return a page whose address is a key: it travels to no other site, and nobody keeps it."""
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
