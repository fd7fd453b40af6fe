"""Log in, log out, change or reset the password; ``accounts.doors`` has the ways in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.access import MemberRequest, came_from, members, next_address, public
from accounts.doors.pages import visitors
from accounts.doors.site import site_settings
from accounts.factors import half_done, passkeys
from accounts.forms import LanguageForm, LoginForm, PasswordForm
from accounts.mails import ResetForm
from accounts.models import User
from minigram_site.web.languages.middleware import remember_language
from minigram_site.web.throttling import limited


@public
@sensitive_post_parameters("password")
@limited("write")
def log_in(request: HttpRequest) -> HttpResponse:
    """Log in by name or e-mail address; whoever has a second factor is asked for it next.

    Who is not in yet is led to the door, and who is suspended told why.
    """
    address = next_address(request, reverse("social:feed"))
    if request.user.is_authenticated:
        return redirect(address)
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return half_done.go_on(request, form.get_user(), address)
    if refusal := visitors.refusal_of(request):
        return refusal
    site = site_settings()
    # The staff's way in where the provider logs everybody else in, and is out of order perhaps.
    is_asked = request.method == "POST" or "password" in request.GET
    context = {
        "form": form,
        "next": address,
        "has_passkeys": passkeys.is_available(),
        "provider": site.provider_label if site.has_provider else "",
        "provider_only": site.is_provider_only and not is_asked,
    }
    return render(request, "accounts/log_in.html", context, status=422 if form.errors else 200)


@public
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Log out of this browser."""
    logout(request)
    return redirect("social:landing")


@public
@limited("write")
def choose_language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages: of an account if somebody is logged in, else by a cookie.

    A visitor comes back to the page that they came from.
    """
    user = request.user
    held = user.language if isinstance(user, User) else translation.get_language()
    form = LanguageForm(request.POST or None, initial={"language": held})
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        if isinstance(user, User):
            services.set_language(user=user, language=language)
            response = redirect("accounts:language")
        else:
            response = redirect(next_address(request, reverse("social:landing")))
        remember_language(response, language)
        return response
    layout = "social/_settings.html" if user.is_authenticated else "accounts/_plain.html"
    context = {"form": form, "layout": layout, "next": next_address(request, came_from(request))}
    return render(request, "accounts/language.html", context, status=422 if form.errors else 200)


@members
@sensitive_post_parameters()
@limited("write")
def change_password(request: MemberRequest) -> HttpResponse:
    """Change the password; every other session and token ends."""
    form = PasswordForm(request)
    if request.method == "POST" and form.is_valid():
        services.change_password(user=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.success(
            request,
            gettext("Your password has been changed, and you’ve been logged out everywhere else."),
        )
        return redirect("social:settings")
    status = 422 if form.errors else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """Django's form, which saves through our verb, so that sessions and tokens end."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Set the password."""
        user: User = self.user
        services.change_password(user=user, password=self.cleaned_data["new_password1"])
        return user


_forgot = auth_views.PasswordResetView.as_view(
    template_name="accounts/reset.html",
    form_class=ResetForm,
    success_url=reverse_lazy("accounts:reset-sent"),
)
_choose = auth_views.PasswordResetConfirmView.as_view(
    template_name="accounts/reset_confirm.html",
    form_class=NewPasswordForm,
    success_url=reverse_lazy("accounts:reset-done"),
)


@public
@limited("reset")
def forgot_password(request: HttpRequest) -> HttpResponseBase:
    """Send a link to choose a new password; the answer does not tell whether an account exists."""
    return _forgot(request)


@public
@require_safe
def reset_sent(request: HttpRequest) -> HttpResponse:
    """Say that a link is on its way."""
    return render(request, "accounts/reset_sent.html")


@public
@sensitive_post_parameters()
def choose_password(request: HttpRequest, **link: Any) -> HttpResponseBase:
    """Show and take the form for a new password, for the ``link`` from an e-mail."""
    return _choose(request, **link)


@public
@require_safe
def reset_done(request: HttpRequest) -> HttpResponse:
    """Say that the password is changed."""
    return render(request, "accounts/reset_done.html")
