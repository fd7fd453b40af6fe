"""The first steps after sign-up: a name and a portrait, people to follow; each can be skipped."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, members
from minigram_site.web.throttling import limited
from photos.refusals import ImageRejected
from social import onboarding, profiles
from social.forms import WelcomeForm


@members
@limited("write")
def welcome(request: MemberRequest) -> HttpResponse:
    """Ask for a name and a portrait; both are optional."""
    user = request.user
    if request.method != "POST":
        return _first_step(request, WelcomeForm(initial={"display_name": user.display_name}))
    form = WelcomeForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            # The portrait first: it is what may be refused.
            if form.cleaned_data["avatar"]:
                profiles.change_avatar(user=user, image=form.cleaned_data["avatar"])
        except ImageRejected as error:
            form.add_error("avatar", error.message)
        else:
            profiles.edit_profile(
                user=user,
                display_name=form.cleaned_data["display_name"],
                bio=user.bio,
                website=user.website,
            )
            return redirect("social:welcome-people")
    return _first_step(request, form)


@members
@require_safe
def people(request: MemberRequest) -> HttpResponse:
    """Show people to follow, each with a few of their photos."""
    context = {"people": onboarding.shown_to(request.user)}
    return render(request, "social/welcome/people.html", context)


def _first_step(request: HttpRequest, form: WelcomeForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "social/welcome/profile.html", {"form": form}, status=status)
