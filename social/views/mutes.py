"""The pages for what somebody does not want to be shown: people, words, suggestions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, asked_cursor, members, next_address
from minigram_site.web.throttling import limited
from social import filters, mutes, people
from social.forms import MuteForm, WordsForm


@members
@limited("write")
def mute(request: MemberRequest, username: str) -> HttpResponse:
    """Show and take the form that asks for how long a person is to be muted."""
    muted = people.profile(request.user, username)
    form = MuteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            mutes.mute(muter=request.user, muted=muted, ends_at=form.ends_at)
        except mutes.CannotMute as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request,
                gettext("You’ve muted %(muted)s. They won’t be told.") % {"muted": muted},
                extra_tags=reverse("social:unmute", args=[muted.username]),
            )
        return redirect(muted)
    status = 422 if form.errors else 200
    return render(request, "social/mute.html", {"form": form, "person": muted}, status=status)


@members
@require_POST
@limited("write")
def unmute(request: MemberRequest, username: str) -> HttpResponse:
    """End a mute."""
    muted = people.profile(request.user, username)
    mutes.unmute(muter=request.user, muted=muted)
    messages.success(request, gettext("%(muted)s is no longer muted.") % {"muted": muted})
    return redirect(next_address(request, muted.get_absolute_url()))


@members
@require_safe
def muted(request: MemberRequest) -> HttpResponse:
    """List the people whom the caller mutes."""
    page = people.muted(request.user, asked_cursor(request))
    return render(request, "social/muted.html", {"page": page})


@members
@limited("write")
def words(request: MemberRequest) -> HttpResponse:
    """Show and take the words that the caller does not want to read."""
    held = "\n".join(filters.filtered_words(request.user))
    form = WordsForm(request.POST if request.method == "POST" else None, initial={"words": held})
    if request.method == "POST" and form.is_valid():
        filters.set_words(user=request.user, words=form.cleaned_data["words"])
        messages.success(request, gettext("Your hidden words have been saved."))
        return redirect("social:words")
    status = 422 if form.errors else 200
    return render(request, "social/words.html", {"form": form}, status=status)


@members
@require_POST
@limited("write")
def hide_suggestion(request: MemberRequest, username: str) -> HttpResponse:
    """Do not suggest a person again."""
    person = people.profile(request.user, username)
    try:
        mutes.hide_suggestion(user=request.user, person=person)
    except mutes.CannotMute as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, gettext("%(person)s won’t be suggested to you any more.") % {"person": person}
        )
    return redirect(next_address(request, reverse("social:feed")))
