"""The pages of signing in with a provider: going there, coming back, and a new person's name."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import next_address, public
from accounts.authentication import attempts, suspensions
from accounts.doors import free_names
from accounts.doors.pages import visitors
from accounts.doors.signing_up import require_open
from accounts.doors.site import read, site_settings
from accounts.factors import half_done, service
from accounts.logins.service import How, enter
from accounts.models import NewPeople, SiteSettings, User
from accounts.provider import apps, identities, linking
from accounts.provider.client import (
    Answer,
    Provider,
    ProviderUnavailable,
    SignInRefused,
    begin,
    finish,
    provider_of,
)
from accounts.provider.forms import NewcomerForm
from minigram_site.web.languages.middleware import language_to_keep
from minigram_site.web.throttling import limited

NEW_SECONDS = 1800
# In a session: whom the provider knows, who has no account yet.
_NEW = "provider_new"
# What is kept of the provider's words until the account is made.
_KEPT = ("email", "email_verified", "preferred_username", "name")
# A browser is led to the provider, and remembers it: a GET that writes.
_WAYS = ("GET",)


@public
@require_GET
@limited("write", _WAYS)
def start(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the provider. Raises ``Http404`` where there is none.

    By a link, as it is the provider that asks for a password; and as the Content-Security-Policy
    lets no form of the site lead to another one.
    """
    provider = _provider()
    address = next_address(request, reverse("social:feed"))
    if request.user.is_authenticated:
        return redirect(address)
    invitation = request.GET.get("invitation", "")[:32]
    return sent(request, provider, {"for": "log_in", "next": address, "invitation": invitation})


@public
@require_GET
@limited("write", _WAYS)
def start_app(request: HttpRequest) -> HttpResponse:
    """Send the browser that an app has opened to the provider, whoever is logged in there.

    Raises ``Http404`` without a provider, ``BadRequest`` for an app that may not do that.
    """
    provider = _provider()
    asked = apps.asked_for(request, site_settings())
    return sent(request, provider, {"for": "app", "app": list(asked), "invitation": ""})


@public
@require_GET
@limited("write", _WAYS)
def answer(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer: log in, ask for a second factor, link, or ask for a name.

    Raises ``DoorClosed`` (403) where a new person cannot come in.
    """
    provider = _provider()
    try:
        found = finish(request, provider)
    except SignInRefused as refusal:
        messages.error(request, str(refusal))
        is_in = request.user.is_authenticated
        return redirect("accounts:provider" if is_in else "accounts:login")
    except ProviderUnavailable:
        return unavailable(request)
    site = read()
    if not identities.fulfils(found.claims, site):
        return _shut(request, site, "not_for_you")
    if found.purpose["for"] == "link":
        return linking.end(request, found)
    user = identities.person_of(found) or identities.adopt(found)
    if user is None:
        return _as_new(request, site, found)
    return _known(request, site, user, found.purpose)


@public
@limited("write")
def new_person(request: HttpRequest) -> HttpResponse:
    """Ask somebody whom the provider knows for a name, and make their account.

    Raises ``DoorClosed`` (403) where that is not possible, ``TooManyRequests`` for too many.
    """
    found = _remembered(request)
    if found is None or request.user.is_authenticated:
        return redirect("social:feed" if request.user.is_authenticated else "accounts:login")
    site = read()
    email = identities.trusted_email(found, site)
    code = found.purpose["invitation"]
    data = request.POST if request.method == "POST" else None
    form = NewcomerForm(data, site=site, invitation=code, has_email=bool(email))
    if request.method == "POST":
        attempts.take_sign_up(request)
    if request.method == "POST" and form.is_valid():
        try:
            user = _made(found, form.cleaned_data)
        except ValidationError as error:
            form.add_fault(error)
        else:
            return _welcome(request, user, found.purpose)
    if data is None:
        form.initial.update(_suggested(found))
    context = {"form": form, "provider": site.provider_label, "email": email}
    response = render(
        request, "accounts/provider/new.html", context, status=422 if form.errors else 200
    )
    return _unkept(response)


def sent(request: HttpRequest, provider: Provider, purpose: Mapping[str, Any]) -> HttpResponse:
    """Return the answer that sends a browser to the provider, or says that it is out of order."""
    try:
        return _unkept(begin(request, provider, purpose))
    except ProviderUnavailable:
        return unavailable(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the page (503) that says so where the provider cannot be asked. No query."""
    context = {"provider": site_settings().provider_label}
    response = render(request, "accounts/provider/unavailable.html", context, status=503)
    response.headers["Retry-After"] = "60"
    return _unkept(response)


def _provider() -> Provider:
    provider = provider_of(site_settings())
    if provider is None:
        raise Http404
    return provider


def _known(
    request: HttpRequest, site: SiteSettings, user: User, purpose: Mapping[str, Any]
) -> HttpResponse:
    """Log somebody in who has an account, or lead their app back with a code."""
    if not suspensions.lets_in(user):
        request.shut_out = user  # type: ignore[attr-defined]
        return visitors.refusal_of(request) or redirect("accounts:login")
    if purpose["for"] == "app":
        return _back_to_app(request, user, purpose)
    if request.user.is_authenticated:
        # In another tab, meanwhile.
        return redirect(purpose["next"])
    factor = service.PROVIDER if site.provider_is_second_factor else ""
    address = purpose["next"]
    return _unkept(half_done.go_on(request, user, address, how=How.PROVIDER, factor=factor))


def _as_new(request: HttpRequest, site: SiteSettings, found: Answer) -> HttpResponse:
    """Lead somebody who has no account to where they choose a name, if they can come in."""
    if site.provider_new_people == NewPeople.NOBODY:
        return _shut(request, site, "no_account")
    if site.provider_new_people == NewPeople.DOORS:
        require_open(site, found.purpose["invitation"], by_provider=True)
    # Another browser that had this session has not signed in.
    request.session.cycle_key()
    known = {name: found.claims[name] for name in _KEPT if name in found.claims}
    request.session[_NEW] = [int(time.time()), *found._replace(claims=known)]
    return redirect("accounts:provider-new")


def _remembered(request: HttpRequest) -> Answer | None:
    """Return whom the provider knows who chooses a name in this browser, or ``None``."""
    at, *parts = request.session.get(_NEW) or (0,)
    return Answer(*parts) if parts and time.time() - at < NEW_SECONDS else None


def _made(found: Answer, values: Mapping[str, Any]) -> User:
    return identities.come_in(
        found,
        username=values["username"],
        email=values.get("email", ""),
        invitation=values["invitation"],
        reply=values.get("answer", ""),
        language=language_to_keep(),
    )


def _welcome(request: HttpRequest, user: User, purpose: Mapping[str, Any]) -> HttpResponse:
    """Log somebody in whose account was made, if they are in; lead their app back."""
    del request.session[_NEW]
    if not user.is_active:
        visitors.remember(request, user)
        return redirect("accounts:door")
    if purpose["for"] == "app":
        return _back_to_app(request, user, purpose)
    response = redirect("social:welcome")
    enter(request, response, user, how=How.SIGN_UP)
    return response


def _back_to_app(request: HttpRequest, user: User, purpose: Mapping[str, Any]) -> HttpResponse:
    """Show the link back to the app, with a code. A click, so that people see who logs in where."""
    address = apps.address_with_code(user, apps.AskedFor(*purpose["app"]))
    context = {"person": user, "address": address}
    return _unkept(render(request, "accounts/provider/app.html", context))


def _suggested(found: Answer) -> dict[str, str]:
    """Return what the form begins with: a free name like theirs, and the address."""
    said = (found.claims.get("preferred_username"), found.claims.get("email"))
    wanted = next((one for one in said if isinstance(one, str) and one), "")
    name = wanted.partition("@")[0].lower()
    if not free_names.state_of(name).is_free:
        name = next(iter(free_names.suggestions_for(name)), "")
    return {"username": name, "email": found.email}


def _shut(request: HttpRequest, site: SiteSettings, why: str) -> HttpResponse:
    context = {"provider": site.provider_label, "why": why}
    return _unkept(render(request, "accounts/provider/shut.html", context, status=403))


def _unkept(response: HttpResponse) -> HttpResponse:
    """Return a page whose address holds what nobody else may have."""
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
