"""The admin's site: nobody logs in there, and whoever needs a second factor has proved it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import next_address
from accounts.factors import half_done, service
from accounts.logins.service import has_stepped_up
from accounts.models import User


class FactorAdminSite(AdminSite):
    """Django's admin, behind the site's own log-in."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this is one of the staff, with a second factor if the site asks for it.

        No query of its own, one every two seconds for the settings.
        """
        return super().has_permission(request) and not _lacks_factor(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the site's own log-in, or to the second factor that is missing.

        Raises ``PermissionDenied`` (403) for members who are not of the staff.
        """
        address = next_address(request, reverse("admin:index"))
        user = request.user
        if not isinstance(user, User) or not user.is_authenticated:
            return redirect_to_login(address)
        if not (user.is_active and user.is_staff):
            raise PermissionDenied
        if not _lacks_factor(request):
            return redirect(address)
        if service.is_on(user):
            return redirect(half_done.step_address(address))
        return redirect("accounts:factors")


def _lacks_factor(request: HttpRequest) -> bool:
    user: Any = request.user
    return service.is_required(user) and not has_stepped_up(request)
