"""The pages of the doors for members: their invitations, their name, their address."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, asked_cursor, members
from accounts.doors import confirmations, names
from accounts.doors.invitations import invite, made_by, may_invite, revoke
from accounts.doors.pages.forms import InvitationForm, NameForm
from accounts.doors.site import site_settings
from accounts.forms import EmailForm
from accounts.models import EmailCheck
from minigram_site.web.throttling import limited


@members
@limited("write")
def invitations(request: MemberRequest) -> HttpResponse:
    """List the caller's invitations, and take the form that makes one."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            invite(user=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, gettext("Your link is ready. Send it to the person it’s for.")
            )
            return redirect("accounts:invitations")
    page = made_by(request.user, asked_cursor(request))
    context = {"form": form, "page": page, "may_invite": may_invite(request.user)}
    status = 422 if form.errors else 200
    return render(request, "accounts/doors/invitations.html", context, status=status)


@members
@require_POST
@limited("write")
def revoke_invitation(request: MemberRequest, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation. Raises ``Http404`` for somebody else's."""
    if not revoke(user=request.user, invitation_id=invitation_id):
        raise Http404
    messages.success(
        request, gettext("The invitation has been withdrawn, and its link no longer works.")
    )
    return redirect("accounts:invitations")


@members
@limited("write")
def change_name(request: MemberRequest) -> HttpResponse:
    """Change the caller's name."""
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            names.rename(user=request.user, username=form.cleaned_data["username"])
        except ValidationError as error:
            form.add_error("username", error)
        else:
            messages.success(request, gettext("You’re now %(user)s.") % {"user": request.user})
            return redirect("accounts:name")
    status = 422 if form.errors else 200
    return render(request, "accounts/doors/name.html", {"form": form}, status=status)


@members
@sensitive_post_parameters("password")
@limited("write")
def change_email(request: MemberRequest) -> HttpResponse:
    """Change the e-mail address; the password is asked again, and the new address if need be."""
    form = EmailForm(request)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            waits = confirmations.change_address(user=request.user, email=email)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            sentence = gettext(
                "We’ve sent a link to %(email)s. Your address won’t change until you open it."
            ) % {"email": email}
            messages.success(
                request, sentence if waits else gettext("Your e-mail address has been changed.")
            )
            return redirect("accounts:email" if waits else "social:settings")
    context = {
        "form": form,
        "address": confirmations.address_of(request.user),
        "is_checked": site_settings().email_check != EmailCheck.NONE,
    }
    return render(request, "accounts/email.html", context, status=422 if form.errors else 200)


@members
@require_POST
@limited("write")
def resend_link(request: MemberRequest) -> HttpResponse:
    """Send another link to confirm the caller's address. ``TooManyRequests`` for too many."""
    email = confirmations.resend(user=request.user)
    messages.success(
        request,
        gettext("We’ve sent a new link to %(email)s. Older links no longer work.")
        % {"email": email},
    )
    return redirect("accounts:email")
