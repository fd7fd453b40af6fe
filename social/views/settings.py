"""Settings: profile, avatar, privacy, blocked people, deleting the account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members
from accounts.departures.leaving import depart
from accounts.doors.site import site_settings
from accounts.forms import PasswordConfirmForm
from minigram_site.web.throttling import limited
from photos.refusals import ImageRejected
from social import follows, people, profiles
from social.forms import AvatarForm, PrivacyForm, ProfileForm


@members
@limited("write")
def profile(request: MemberRequest) -> HttpResponse:
    """Show and take the form of the profile."""
    user = request.user
    held = {field: getattr(user, field) for field in profiles.PROFILE_FIELDS}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=held)
    if request.method == "POST" and form.is_valid():
        profiles.edit_profile(user=user, **form.cleaned_data)
        messages.success(request, gettext("Your profile has been saved."))
        return redirect("social:settings")
    context = {"form": form, "avatar_form": AvatarForm()}
    return render(request, "social/settings.html", context, status=422 if form.errors else 200)


@members
@require_POST
@limited("upload")
def avatar(request: MemberRequest) -> HttpResponse:
    """Replace or remove the own avatar."""
    if "remove" in request.POST:
        profiles.remove_avatar(user=request.user)
        messages.success(request, gettext("Your picture has been removed."))
        return redirect("social:settings")
    form = AvatarForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            profiles.change_avatar(user=request.user, image=form.cleaned_data["avatar"])
        except ImageRejected as error:
            form.add_error("avatar", error.message)
        else:
            messages.success(request, gettext("Your picture has been changed."))
            return redirect("social:settings")
    held = {field: getattr(request.user, field) for field in profiles.PROFILE_FIELDS}
    context = {"form": ProfileForm(initial=held), "avatar_form": form}
    return render(request, "social/settings.html", context, status=422)


@members
@limited("write")
def privacy(request: MemberRequest) -> HttpResponse:
    """Make the account private or public, and keep it out of search engines or not."""
    user = request.user
    form = PrivacyForm(
        request.POST if request.method == "POST" else None,
        initial={"is_private": user.is_private, "noindex": user.noindex},
    )
    if request.method == "POST" and form.is_valid():
        private = form.cleaned_data["is_private"]
        follows.set_privacy(user=user, private=private)
        profiles.set_noindex(user=user, noindex=form.cleaned_data["noindex"])
        now_private = gettext("Your account is private. New followers have to ask first.")
        messages.success(request, now_private if private else gettext("Your account is public."))
        return redirect("social:privacy")
    return render(request, "social/privacy.html", {"form": form})


@members
@require_safe
def blocked(request: MemberRequest) -> HttpResponse:
    """List the people whom the caller blocks."""
    page = people.blocked(request.user, asked_cursor(request))
    return render(request, "social/blocked.html", {"page": page})


@members
@sensitive_post_parameters("password")
@limited("write")
def delete_account(request: MemberRequest) -> HttpResponse:
    """Have the own account deleted after some days, once the password is confirmed."""
    form = PasswordConfirmForm(request)
    if request.method == "POST" and form.is_valid():
        return _leave(request)
    context = {"form": form, "days": site_settings().deletion_days}
    status = 422 if form.errors else 200
    return render(request, "social/delete_account.html", context, status=status)


def _leave(request: MemberRequest) -> HttpResponse:
    user = request.user
    logout(request)
    try:
        departure = depart(user=user)
    except PermissionDenied:
        # Suspended in this moment: there they are told why.
        return redirect("accounts:login")
    day = date_format(departure.leaves_at, "DATE_FORMAT")
    messages.success(
        request,
        gettext(
            "Your account is hidden now, and will be deleted on %(day)s. To keep it, log in before "
            "then."
        )
        % {"day": day},
    )
    return redirect("social:landing")
